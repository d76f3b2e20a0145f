//! Turns the four numbers of a step into a call, which can depend on the current state.

use ehb_invariants::ModuleReader;
use serde_json::{Value, json};

use super::arguments::{CALLS, DISPUTE, arguments, commitment};
use super::going_on::{THINGS, Thing};
use super::numbers::Numbers;
use super::{Call, PEOPLE, SIDE_ASSET, set_up};

/// Somebody's next call: any call at all, or one that a party to an order, a milestone, a bill and so on
/// might make in its state.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The kind of step, below [`Step::KINDS`].
    pub kind: usize,
    /// Who calls, where somebody else acts in another's place: one in four does. Another one in four is by a party to an
    /// item whose state the call fits, if there is one.
    pub who: usize,
    /// The number of the order, milestone, grant and so on, from 1.
    pub id: u64,
    /// A number from which amounts, quantities and choices of the call follow.
    pub amount: u64,
}

/// The number of kinds of steps for each sort of items.
const KINDS_OF_A_THING: usize = 6;

/// The number of items of a sort among which a call finds one in a state that it fits.
const AIMED_ITEMS: u64 = 12;

/// The number of choices that a party has in a state, at most.
const CHOICES: u64 = 8;

/// The number of calls that can be made in any state.
const CALLS_COUNT: usize = CALLS.len() + set_up::CALLS.len();

/// The functions that steps call, with their modules.
pub fn functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    CALLS.iter().chain(set_up::CALLS).map(|(_, module, function)| (*module, *function))
}

impl Step {
    /// The number of kinds of steps.
    pub const KINDS: usize = CALLS_COUNT + THINGS.len() * KINDS_OF_A_THING;

    /// The call that the step is at the block time of `reads`, which must name people by their names. None where
    /// there is nothing to do. Errors: those of `reads`.
    pub fn call<R: ModuleReader>(self, reads: &mut R) -> Result<Option<Call>, R::Error> {
        let now_ms = reads.time_ms();
        let mut numbers = Numbers { id: self.id, amount: self.amount, now_ms };
        let (mut who, module, function) = match CALLS.iter().chain(set_up::CALLS).nth(self.kind) {
            Some((_, module, function)) if self.who.is_multiple_of(4) => {
                (PEOPLE[self.who / 4 % PEOPLE.len()].name, *module, *function)
            }
            Some(call) => *call,
            None => match self.goes_on(reads)? {
                Some(call) => call,
                None => return Ok(None),
            },
        };
        let mut arguments = arguments(module, function, numbers);
        if self.who % 4 == 1
            && let Some((party, id)) = self.aimed(reads, module, function, &arguments)?
        {
            (who, numbers.id) = (party, id);
            arguments = self::arguments(module, function, numbers);
        }
        match function {
            "advance" => {
                if let Some(due) = self.due(reads, module)? {
                    let about_dispute = arguments["item"]["kind"] == DISPUTE;
                    arguments["item"] = due;
                    if about_dispute && module == "marketplace" {
                        name_dispute(reads, &mut arguments["item"])?;
                    }
                }
            }
            "commit-rating" => {
                let of = commitment(module, who, numbers);
                if let Ok(commitment) = reads.read(module, "rating-commitment", &of)? {
                    arguments["commitment"] = commitment;
                }
            }
            "place-order" => self.agree(reads, &mut arguments)?,
            "set-issuer" if !self.who.is_multiple_of(4) => {
                let side = reads.read(module, "get-asset", &json!({"asset": SIDE_ASSET}))?;
                who = side.ok().and_then(|asset| named_by(&asset, "issuer")).unwrap_or(who);
            }
            _ => {}
        }
        Ok(Some(Call { who, module, function, arguments }))
    }

    /// Lets an order agree to the terms and the settings that are in force; at times its goods are at the second location.
    fn agree<R: ModuleReader>(self, reads: &mut R, order: &mut Value) -> Result<(), R::Error> {
        if let Ok(settings) = reads.read("marketplace", "get-settings", &json!({}))? {
            order["settings-version"] = settings["version"].clone();
        }
        if let Ok(store) = reads.read("marketplace", "get-store", &json!({"store": "1"}))? {
            order["terms"][0]["version"] = store["terms-version"].clone();
        }
        if self.amount.is_multiple_of(8) {
            order["lines"][0]["location"] = "2".into();
        }
        Ok(())
    }

    /// The first item from this step's number on in whose state a party might make this call, and the party.
    fn aimed<R: ModuleReader>(
        self,
        reads: &mut R,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Option<(&'static str, u64)>, R::Error> {
        let fits = |it: &&Thing| it.module == module && arguments[it.parameter].is_string();
        for thing in THINGS.iter().filter(fits) {
            for place in 0..AIMED_ITEMS {
                let id = 1 + self.id.wrapping_add(place) % AIMED_ITEMS;
                let named = json!({ thing.parameter: id.to_string() });
                let Ok(found) = reads.read(thing.module, thing.get, &named)? else { continue };
                let Some(state) = found["state"].as_str() else { continue };
                let first = self.amount % CHOICES;
                let mut next = (first..first + CHOICES)
                    .filter_map(|choice| (thing.next)(state, choice % CHOICES));
                if let Some((party, _)) = next.find(|(_, called)| *called == function)
                    && let Some(party) = named_by(&found, party)
                {
                    return Ok(Some((party, id)));
                }
            }
        }
        Ok(None)
    }

    /// An item of a module whose deadline has passed.
    fn due<R: ModuleReader>(self, reads: &mut R, module: &str) -> Result<Option<Value>, R::Error> {
        let first = json!({"after": null, "limit": 10});
        let Ok(page) = reads.read(module, "list-due", &first)? else { return Ok(None) };
        let due = page["due"].as_array().map_or(&[][..], Vec::as_slice);
        let place = self.id.checked_rem(due.len() as u64).and_then(|at| usize::try_from(at).ok());
        Ok(place.and_then(|at| due.get(at)).map(|it| it["item"].clone()))
    }

    /// The call for the item that the step selects, if there is one and somebody can do something with it.
    fn goes_on<R: ModuleReader>(
        self,
        reads: &mut R,
    ) -> Result<Option<(&'static str, &'static str, &'static str)>, R::Error> {
        let place = (self.kind - CALLS_COUNT) / KINDS_OF_A_THING;
        let thing = &THINGS[place % THINGS.len()];
        let named = json!({ thing.parameter: self.id.to_string() });
        let Ok(found) = reads.read(thing.module, thing.get, &named)? else { return Ok(None) };
        let next = found["state"].as_str().and_then(|state| (thing.next)(state, self.amount));
        Ok(next.and_then(|(who, function)| Some((named_by(&found, who)?, thing.module, function))))
    }
}

/// Names a due sub-order by its dispute, if it has one.
fn name_dispute<R: ModuleReader>(reads: &mut R, due: &mut Value) -> Result<(), R::Error> {
    if due["kind"] == "sub-order"
        && reads.read("marketplace", "get-dispute", &json!({"dispute": due["id"]}))?.is_ok()
    {
        due["kind"] = DISPUTE.into();
    }
    Ok(())
}

/// A person by the name, or by the field of a record that holds it.
fn named_by(record: &Value, who: &str) -> Option<&'static str> {
    let name = record[who].as_str().map_or(Some(who), |address| address.strip_prefix('@'))?;
    PEOPLE.iter().find(|person| person.name == name).map(|person| person.name)
}
