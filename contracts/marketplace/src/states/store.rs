//! Stores: whether they take orders. Nothing waits in these states and no money is in them, so they
//! have no deadlines.

use super::{lookup, name_of, refused};
use crate::bindings::ehb::marketplace::errors::{Error, Kind};
use crate::bindings::ehb::marketplace::types::StoreState as State;

/// What an organisation does with its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Take orders again.
    Open,
    /// Take no orders for the time being.
    Pause,
    /// Take no orders any more.
    Close,
}

/// Every transition.
pub const TRANSITIONS: &[(State, Action, State)] = &[
    (State::Open, Action::Pause, State::Paused),
    (State::Open, Action::Close, State::Closed),
    (State::Paused, Action::Open, State::Open),
    (State::Paused, Action::Close, State::Closed),
];

/// Every state and its name.
pub const STATES: &[(State, &str)] =
    &[(State::Open, "open"), (State::Paused, "paused"), (State::Closed, "closed")];

/// Every action and its name.
pub const ACTIONS: &[(Action, &str)] =
    &[(Action::Open, "open"), (Action::Pause, "pause"), (Action::Close, "close")];

/// Where an action leads.
///
/// # Errors
/// `wrong-state`.
pub fn next(store: u64, state: State, action: Action) -> Result<State, Error> {
    let to = lookup(TRANSITIONS, state, action);
    to.ok_or_else(|| refused(Kind::Store, store, name_of(STATES, state), name_of(ACTIONS, action)))
}

/// The action that leads to a state.
pub fn toward(target: State) -> Action {
    match target {
        State::Open => Action::Open,
        State::Paused => Action::Pause,
        State::Closed => Action::Close,
    }
}
