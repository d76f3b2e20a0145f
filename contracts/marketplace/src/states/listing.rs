//! Products and variants: whether they are offered. Nothing waits in these states and no money is in
//! them, so they have no deadlines.

use super::{lookup, name_of, refused};
use crate::bindings::ehb::marketplace::errors::{Error, Kind};
use crate::bindings::ehb::marketplace::types::Listing as State;

/// What a store does with a product or a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Describe it, price it, or add variants to it.
    Edit,
    /// Offer it.
    List,
    /// Do not offer it for the time being.
    Withdraw,
    /// Do not offer it any more.
    Retire,
}

/// Every transition.
pub const TRANSITIONS: &[(State, Action, State)] = &[
    (State::Draft, Action::Edit, State::Draft),
    (State::Draft, Action::List, State::Listed),
    (State::Draft, Action::Retire, State::Retired),
    (State::Listed, Action::Edit, State::Listed),
    (State::Listed, Action::Withdraw, State::Withdrawn),
    (State::Listed, Action::Retire, State::Retired),
    (State::Withdrawn, Action::Edit, State::Withdrawn),
    (State::Withdrawn, Action::List, State::Listed),
    (State::Withdrawn, Action::Retire, State::Retired),
];

/// Every state and its name.
pub const STATES: &[(State, &str)] = &[
    (State::Draft, "draft"),
    (State::Listed, "listed"),
    (State::Withdrawn, "withdrawn"),
    (State::Retired, "retired"),
];

/// Every action and its name.
pub const ACTIONS: &[(Action, &str)] = &[
    (Action::Edit, "edit"),
    (Action::List, "list"),
    (Action::Withdraw, "withdraw"),
    (Action::Retire, "retire"),
];

/// Where an action leads, for a product or a variant.
///
/// # Errors
/// `wrong-state`.
pub fn next(kind: Kind, id: u64, state: State, action: Action) -> Result<State, Error> {
    let to = lookup(TRANSITIONS, state, action);
    to.ok_or_else(|| refused(kind, id, name_of(STATES, state), name_of(ACTIONS, action)))
}

/// The action that leads to a state.
///
/// # Errors
/// `wrong-state` for `draft`, to which nothing leads.
pub fn toward(product: u64, state: State, target: State) -> Result<Action, Error> {
    match target {
        State::Listed => Ok(Action::List),
        State::Withdrawn => Ok(Action::Withdraw),
        State::Retired => Ok(Action::Retire),
        State::Draft => Err(refused(Kind::Product, product, name_of(STATES, state), "draft")),
    }
}
