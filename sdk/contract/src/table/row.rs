//! Rows that call a rule: a row's words are read by the types of the rule's parameters, so a table cannot
//! mean by a word what the rule does not have.

use std::fmt::Debug;

use super::{Cast, maybe, small, text};
use crate::{Address, Host, Named};

/// A parameter of a rule as a word. Of an enum, the words are the names of its cases.
pub trait Word: Sized {
    /// The value that a word means.
    ///
    /// # Panics
    /// When it means nothing of this type.
    fn of_word(cast: &Cast, word: &str) -> Self;

    /// The value for a row that ends before this word; none where the word is needed.
    fn left_out() -> Option<Self> {
        None
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Word for $type {
            fn of_word(_cast: &Cast, word: &str) -> Self {
                small(word)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64);

/// `yes` or `no`.
impl Word for bool {
    fn of_word(_cast: &Cast, word: &str) -> Self {
        super::one_of(word, &[("yes", true), ("no", false)])
    }
}

impl Word for String {
    fn of_word(_cast: &Cast, word: &str) -> Self {
        text(word)
    }

    fn left_out() -> Option<Self> {
        Some(Self::new())
    }
}

impl Word for Address {
    fn of_word(cast: &Cast, word: &str) -> Self {
        cast.address(word)
    }
}

impl<T: Word> Word for Option<T> {
    fn of_word(cast: &Cast, word: &str) -> Self {
        maybe(word).map(|word| T::of_word(cast, word))
    }

    fn left_out() -> Option<Self> {
        Some(None)
    }
}

impl<T: Named> Word for T {
    #[expect(clippy::panic, reason = "a test fails by panic")]
    fn of_word(_cast: &Cast, word: &str) -> Self {
        Self::of_name(word).unwrap_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(_, name)| *name).collect();
            panic!("{word:?} is none of {names:?}")
        })
    }
}

/// A rule or a query that takes the host and parameters: `P` says which.
pub trait Rule<P> {
    /// The result of the call.
    type Output;

    /// Calls it with the words of a row.
    fn call(self, cast: &Cast, host: &mut Host, words: &[&str]) -> Self::Output;
}

/// Marks a function that changes the host.
pub struct Changes;

/// Marks a function that only reads.
pub struct Reads;

/// The parameter at a place of a row.
#[expect(clippy::panic, reason = "a test fails by panic")]
fn parameter<T: Word>(cast: &Cast, words: &[&str], place: usize) -> T {
    match words.get(place) {
        Some(word) => T::of_word(cast, word),
        None => T::left_out().unwrap_or_else(|| panic!("{words:?} ends too early")),
    }
}

macro_rules! rules {
    ($($count:literal: $($type:ident $place:literal),*;)*) => {$(
        rules! { @of Changes, &mut Host, $count: $($type $place),* }
        rules! { @of Reads, &Host, $count: $($type $place),* }
    )*};
    (@of $kind:ident, $host:ty, $count:literal: $($type:ident $place:literal),*) => {
        impl<F, R, $($type: Word),*> Rule<($kind, $($type,)*)> for F
        where
            F: FnOnce($host, $($type),*) -> R,
        {
            type Output = R;

            fn call(self, cast: &Cast, host: &mut Host, words: &[&str]) -> R {
                assert!(words.len() <= $count, "{words:?} has more words than {} parameters", $count);
                self(host, $(parameter::<$type>(cast, words, $place)),*)
            }
        }
    };
}

rules! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, G 5;
    7: A 0, B 1, C 2, D 3, E 4, G 5, H 6;
    8: A 0, B 1, C 2, D 3, E 4, G 5, H 6, I 7;
}

impl Cast {
    /// Runs a rule with the words of a row, as the chain runs a call; the result is text.
    ///
    /// # Panics
    /// When a word means nothing of its parameter's type, or there are too few or too many.
    pub fn run<P, T: Debug, E: Debug>(
        &self,
        host: &mut Host,
        rule: impl Rule<P, Output = Result<T, E>>,
        words: &[&str],
    ) -> String {
        self.outcome(&host.call(|host| rule.call(self, host, words)))
    }
}

#[cfg(test)]
mod tests {
    use super::Cast;
    use crate::{Address, Host, Named};

    const CAST: Cast = Cast(&["alice", "bob"]);

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
    enum Colour {
        Red,
        DarkBlue,
    }

    type Painted = (Address, Colour, Option<u16>, String);

    fn paint(
        _host: &mut Host,
        whom: Address,
        colour: Colour,
        coats: Option<u16>,
        key: String,
    ) -> Result<Painted, u64> {
        if coats == Some(0) { Err(7) } else { Ok((whom, colour, coats, key)) }
    }

    fn run(words: &[&str]) -> String {
        CAST.run(&mut Host::new(), paint, words)
    }

    #[test]
    fn words_are_read_by_the_rule_s_types() {
        assert_eq!(run(&["bob", "dark-blue", "2", "key"]), "(bob, DarkBlue, Some(2), \"key\")");
        assert_eq!(run(&["bob", "red", "-"]), "(bob, Red, None, \"\")");
        assert_eq!(run(&["bob", "red", "0"]), "7");
    }

    #[test]
    fn what_is_no_word_of_the_type_fails_the_test() {
        for (words, message) in [
            (&["carol", "red"][..], "\"carol\" is none of"),
            (&["bob", "green"], "\"green\" is none of [\"red\", \"dark-blue\"]"),
            (&["bob", "red", "70000"], "too large"),
            (&["bob", "red", "two"], "no number"),
            (&["bob"], "ends too early"),
            (&["bob", "red", "-", "-", "more"], "more words than 4 parameters"),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let failed = std::thread::spawn(move || {
                run(&words.iter().map(String::as_str).collect::<Vec<_>>())
            });
            let failure = failed.join().unwrap_err();
            let text = failure.downcast_ref::<String>().map_or("", String::as_str);
            assert!(text.contains(message), "{text}");
        }
    }
}
