//! The ratings of a sub-order, which begin with a side's first commitment.

use super::{lookup, name_of, refused};
use crate::bindings::ehb::marketplace::errors::{Error, Kind};
use crate::bindings::ehb::marketplace::types::RatingState as State;

/// What can happen to ratings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The first side commits.
    Commit,
    /// The other side commits too.
    CommitLast,
    /// A side reveals, and the other has not.
    Reveal,
    /// Every side that committed has revealed.
    RevealLast,
    /// The deadline passed.
    Expire,
}

/// Every transition.
pub const TRANSITIONS: &[(State, Action, State)] = &[
    (State::Committing, Action::Commit, State::Committing),
    (State::Committing, Action::CommitLast, State::Revealing),
    (State::Committing, Action::Expire, State::Revealing),
    (State::Revealing, Action::Reveal, State::Revealing),
    (State::Revealing, Action::RevealLast, State::Published),
    (State::Revealing, Action::Expire, State::Published),
];

/// Every state and its name.
pub const STATES: &[(State, &str)] = &[
    (State::Committing, "committing"),
    (State::Revealing, "revealing"),
    (State::Published, "published"),
];

/// Every action and its name.
pub const ACTIONS: &[(Action, &str)] = &[
    (Action::Commit, "commit"),
    (Action::CommitLast, "commit-last"),
    (Action::Reveal, "reveal"),
    (Action::RevealLast, "reveal-last"),
    (Action::Expire, "expire"),
];

/// Where an action leads.
///
/// # Errors
/// `wrong-state`.
pub fn next(sub_order: u64, state: State, action: Action) -> Result<State, Error> {
    let to = lookup(TRANSITIONS, state, action);
    to.ok_or_else(|| {
        refused(Kind::Rating, sub_order, name_of(STATES, state), name_of(ACTIONS, action))
    })
}
