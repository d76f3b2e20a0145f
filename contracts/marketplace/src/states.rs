//! The state machines, each as one table: which action is possible in which state, and where it leads.
//! What is not in a table is refused with `wrong-state`. The README shows them as diagrams.

use alloc::string::String;

use crate::bindings::ehb::marketplace::errors::{Error, Kind, Thing, WrongState};

pub mod listing;
pub mod rating;
pub mod store;
pub mod sub_order;

/// Where an action leads from a state, by a table.
fn lookup<S: Copy + Eq, A: Copy + Eq>(table: &[(S, A, S)], state: S, action: A) -> Option<S> {
    table.iter().find(|(from, by, _)| (*from, *by) == (state, action)).map(|(_, _, to)| *to)
}

/// What a state or an action is called.
fn name_of<T: Copy + Eq>(names: &[(T, &'static str)], value: T) -> &'static str {
    names.iter().find(|(named, _)| *named == value).map_or("", |(_, name)| name)
}

/// The refusal of an action by the state that a thing is in.
pub(crate) fn refused(kind: Kind, id: u64, state: &str, action: &str) -> Error {
    let (state, action) = (String::from(state), String::from(action));
    Error::WrongState(WrongState { thing: Thing { kind, id }, state, action })
}
