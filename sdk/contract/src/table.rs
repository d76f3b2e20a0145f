//! Tests that are tables: a row is an action by someone, its result is in the last column.
//!
//! A row is `WHO ACTION ARGUMENT... => RESULT`; `WHO` is an account, or `MODULE/ACCOUNT` for a module
//! that is called in a transaction of the account. Words in quotes hold spaces, `-` stands for nothing,
//! `65*x` for a text of 65 letters, `max` for the largest number. Rows without `WHO` set the scene:
//! `at MS`, `transaction NUMBER` (0 to 255), `freeze WHO`, `thaw WHO`. Rows that begin with a bar are results of several lines.
//!
//! A module's test passes [`fill`] the table and its own actions, and compares what comes back with
//! the table, so that `UPDATE_EXPECT=1` fills in the results:
//!
//! ```
//! use ehb_contract::table::{self, Cast};
//! use ehb_contract::{Address, Host};
//!
//! const CAST: Cast = Cast(&["alice", "bob"]);
//!
//! /// A rule; a row's words are read by the types of its parameters.
//! fn greet(host: &mut Host, whom: Address) -> Result<(Address, u64), ()> {
//!     Ok((whom, host.time_ms()))
//! }
//!
//! let table = "
//!     at 2000
//!     alice greet bob => (bob, 2000)
//! ";
//! let mut host = Host::new();
//! let filled = table::fill(table, |words| {
//!     if CAST.set_scene(&mut host, words) {
//!         return None;
//!     }
//!     let [who, action, arguments @ ..] = words else { return None };
//!     CAST.act_as(&mut host, who);
//!     Some(match *action {
//!         "greet" => CAST.run(&mut host, greet, arguments),
//!         _ => format!("no action: {action}"),
//!     })
//! });
//! assert_eq!(filled, "at 2000\nalice greet bob => (bob, 2000)\n");
//! ```

use std::collections::BTreeSet;
use std::fmt::Debug;

use crate::calendar::{DAY_MS, HOUR_MS};
use crate::{Address, Hash, Host, Machine, Named, Pack};

mod row;

pub use row::{Changes, Reads, Rule, Word};

/// Everybody in a module's tables, by name. Names that end in `!` are modules', and are written
/// without it; all others are accounts'.
pub struct Cast(pub &'static [&'static str]);

impl Cast {
    /// Somebody's address. That of a module is the one that it has on the chain.
    ///
    /// # Panics
    /// When nobody has the name.
    #[expect(clippy::panic, reason = "a test fails by panic")]
    pub fn address(&self, name: &str) -> Address {
        let Some(place) = self.0.iter().position(|person| person.trim_end_matches('!') == name)
        else {
            panic!("{name:?} is none of {:?}", self.0)
        };
        self.address_at(place)
    }

    fn address_at(&self, place: usize) -> Address {
        match self.0[place].strip_suffix('!') {
            Some(module) => crate::module_address(module),
            None => Address::from_bytes(&[u8::try_from(place + 1).unwrap_or(u8::MAX); 32]),
        }
    }

    /// A value as text, with people by name and without the names of types that go without saying.
    pub fn named(&self, value: &impl Debug) -> String {
        let mut text = format!("{value:?}")
            .replace("Error::", "")
            .replace("Event::", "")
            .replace("Refusal::", "");
        for (place, person) in self.0.iter().enumerate() {
            let address = format!("{:?}", self.address_at(place));
            text = text.replace(&address, person.trim_end_matches('!'));
        }
        text
    }

    /// A call's result as text; `ok` for one that returns nothing.
    pub fn outcome<T: Debug, E: Debug>(&self, result: &Result<T, E>) -> String {
        match result {
            Ok(value) => match self.named(value) {
                unit if unit == "()" => "ok".to_owned(),
                value => value,
            },
            Err(error) => self.named(error),
        }
    }

    /// The events after the first `seen`, each on a line after a bar, as the result of a row
    /// that asks for them; counts them into `seen`.
    pub fn news<E: Debug>(&self, events: &[E], seen: &mut usize) -> String {
        let new = events.iter().skip(*seen).map(|event| format!("\n  | {}", self.named(event)));
        let text = new.collect();
        *seen = events.len();
        text
    }

    /// The following calls come from `WHO`: an account, or `MODULE/ACCOUNT`.
    pub fn act_as(&self, host: &mut Host, who: &str) {
        match who.split_once('/') {
            Some((module, who)) => {
                host.act_through(module, self.address(module), self.address(who));
            }
            None => host.act_as(self.address(who)),
        }
    }

    /// Does what a row asks for that sets the scene: `at MS`, `transaction NUMBER`, `freeze WHO`, `thaw WHO`; false
    /// when it is another row.
    pub fn set_scene(&self, host: &mut Host, words: &[&str]) -> bool {
        match words {
            ["at", time_ms] => host.set_block(host.height() + 1, number(time_ms)),
            ["transaction", number] => {
                host.set_transaction_id(Hash::from_bytes(&[self::number(number) as u8; 32]));
            }
            ["freeze", who] => host.set_frozen(self.address(who), true),
            ["thaw", who] => host.set_frozen(self.address(who), false),
            _ => return false,
        }
        true
    }
}

/// Runs each row of a table and returns the table with the results as they are. `run` gets a row's
/// words without its result, and returns the result; `None` for a row that has none. A result that
/// begins with a new line is written below the row.
pub fn fill(table: &str, mut run: impl FnMut(&[&str]) -> Option<String>) -> String {
    let rows = table.lines().map(str::trim);
    let rows = rows.filter(|row| !row.is_empty() && !row.starts_with('|'));
    let actions: Vec<&str> =
        rows.map(|row| row.split(" =>").next().unwrap_or_default().trim()).collect();
    let width = actions.iter().map(|action| action.chars().count()).max().unwrap_or(0);
    let mut filled = String::new();
    for action in actions {
        let words = words(action);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match run(&words) {
            None => filled.push_str(action),
            Some(lines) if lines.is_empty() || lines.starts_with('\n') => {
                filled.push_str(action);
                filled.push_str(&lines);
            }
            Some(result) => filled.push_str(&format!("{action:width$} => {result}")),
        }
        filled.push('\n');
    }
    filled
}

/// The cases of a variant in WIT, by their names in Rust: of `hold-placed(hold)` it is `HoldPlaced`. With
/// them a test can ask for all events of a module.
pub fn cases(wit: &str, variant: &str) -> BTreeSet<String> {
    let lines = wit.lines().map(str::trim).skip_while(|line| {
        line.strip_prefix("variant ").and_then(|it| it.strip_suffix(" {")) != Some(variant)
    });
    let cases = lines.skip(1).take_while(|line| *line != "}");
    let cases = cases.filter(|line| !line.starts_with("//"));
    let names = cases.filter_map(|line| line.split(['(', ',']).next());
    names.filter(|name| !name.is_empty()).map(in_rust).collect()
}

/// A name of WIT as Rust writes it.
fn in_rust(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect()
}

/// The words of a row, those in quotes as one.
fn words(row: &str) -> Vec<String> {
    let pieces = row.split('"').enumerate();
    pieces
        .flat_map(|(place, piece)| match place % 2 {
            0 => piece.split_whitespace().map(str::to_owned).collect(),
            _ => vec![piece.to_owned()],
        })
        .collect()
}

/// All states of a machine that are stored, by their numbers: a test that compares them with its machine's
/// table cannot miss a new one. Only of enums whose cases carry nothing.
pub fn stored<S: Pack>() -> Vec<S> {
    (0..=u8::MAX).filter_map(|number| S::unpack(&mut &[number][..])).collect()
}

/// A text: `-` is the empty one, `65*x` one of 65 letters.
pub fn text(word: &str) -> String {
    match word.split_once('*') {
        Some((times, letter)) => letter.repeat(small(times)),
        None if word == "-" => String::new(),
        None => word.to_owned(),
    }
}

/// A word, or nothing: `-`.
pub fn maybe(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}

/// The meaning of a word, of the words that are known.
///
/// # Panics
/// When the word is unknown.
#[expect(clippy::panic, reason = "a test fails by panic")]
pub fn one_of<T: Copy>(word: &str, known: &[(&str, T)]) -> T {
    let found = known.iter().find(|(name, _)| *name == word);
    found.map(|(_, meaning)| *meaning).unwrap_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        panic!("{word:?} is none of {names:?}")
    })
}

/// Whether a word says `yes` or `no`.
///
/// # Panics
/// When it says neither.
pub fn is_yes(word: &str) -> bool {
    one_of(word, &[("yes", true), ("no", false)])
}

/// A number; `max` is the largest. A time is a sum such as `30d+2h+5`: days, hours, milliseconds.
///
/// # Panics
/// When the word is no number.
pub fn number(word: &str) -> u64 {
    let part = |part: &str| match (part.strip_suffix('d'), part.strip_suffix('h')) {
        (Some(days), _) => plain(days) * DAY_MS,
        (_, Some(hours)) => plain(hours) * HOUR_MS,
        _ => plain(part),
    };
    word.split('+').map(part).sum()
}

#[expect(clippy::panic, reason = "a test fails by panic")]
fn plain(word: &str) -> u64 {
    match word {
        "max" => u64::MAX,
        _ => word.parse().unwrap_or_else(|_| panic!("no number: {word:?}")),
    }
}

/// A number of a smaller type.
///
/// # Panics
/// When the word is no number of that type.
#[expect(clippy::panic, reason = "a test fails by panic")]
pub fn small<T: TryFrom<u64>>(word: &str) -> T {
    T::try_from(number(word)).unwrap_or_else(|_| panic!("too large: {word:?}"))
}

/// A machine as a Mermaid diagram. It begins in the first state of its type, and what nothing leads out of
/// is an end. Names there have no hyphens.
pub fn diagram<S: Named, A: Named>(machine: &Machine<S, A>) -> String {
    let shown = |state: S| state.name().replace('-', "_");
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    lines.extend(S::ALL.first().map(|(start, _)| format!("    [*] --> {}", shown(*start))));
    for (from, by, to) in machine.transitions {
        lines.push(format!("    {} --> {}: {}", shown(*from), shown(*to), by.name()));
    }
    let ends = S::ALL.iter().filter(|(state, _)| machine.is_end(*state));
    lines.extend(ends.map(|(end, _)| format!("    {} --> [*]", shown(*end))));
    lines.join("\n") + "\n"
}

/// A README with the diagrams of machines as they are in the code, each after the mark
/// `<!-- diagram: NAME -->`: a test compares it with the README, and `UPDATE_EXPECT=1` draws it again.
///
/// # Panics
/// When the README has no such mark, or no diagram after it.
#[expect(clippy::panic, reason = "a test fails by panic")]
pub fn with_diagrams(readme: &str, diagrams: &[(&str, String)]) -> String {
    let mut drawn = readme.to_owned();
    for (name, diagram) in diagrams {
        let start = format!("<!-- diagram: {name} -->\n```mermaid\n");
        let place = drawn.split_once(&start);
        let place = place.and_then(|(before, rest)| Some((before, rest.split_once("```")?.1)));
        let Some((before, after)) = place else { panic!("the README has no place for {name:?}") };
        drawn = format!("{before}{start}{diagram}```{after}");
    }
    drawn
}

/// How a refusal by a state is shown in a table.
pub fn shown_wrong_state(kind: &str, id: u64, state: &str, action: &str) -> String {
    let item = format!("Item {{ kind: {kind:?}, id: {id} }}");
    format!("WrongState(WrongState {{ item: {item}, state: {state:?}, action: {action:?} }})")
}
