//! The machine: which action is possible in which state, and where it leads.

use crate::types::{Action, Error, State, WrongState};

/// Every transition. What is not here is refused with `wrong-state`.
pub const TRANSITIONS: &[(State, Action, State)] = &[
    (State::Open, Action::Respond, State::Evidence),
    (State::Open, Action::AddEvidence, State::Open),
    (State::Open, Action::Accept, State::Final),
    (State::Open, Action::Lapse, State::Ruled),
    (State::Evidence, Action::AddEvidence, State::Evidence),
    (State::Evidence, Action::Accept, State::Final),
    (State::Evidence, Action::Rest, State::Evidence),
    (State::Evidence, Action::RestLast, State::Settlement),
    (State::Evidence, Action::Lapse, State::Settlement),
    (State::Settlement, Action::Offer, State::Settlement),
    (State::Settlement, Action::Accept, State::Final),
    (State::Settlement, Action::Rest, State::Arbitration),
    (State::Settlement, Action::Lapse, State::Arbitration),
    (State::Arbitration, Action::Rule, State::Ruled),
    (State::Arbitration, Action::Lapse, State::Final),
    (State::Ruled, Action::Rest, State::Ruled),
    (State::Ruled, Action::RestLast, State::Final),
    (State::Ruled, Action::Appeal, State::Appealed),
    (State::Ruled, Action::Lapse, State::Final),
    (State::Appealed, Action::AddEvidence, State::Appealed),
    (State::Appealed, Action::Rule, State::Final),
    (State::Appealed, Action::Lapse, State::Final),
];

/// Every state, in the order of the way through them.
pub const STATES: [State; 7] = [
    State::Open,
    State::Evidence,
    State::Settlement,
    State::Arbitration,
    State::Ruled,
    State::Appealed,
    State::Final,
];

/// Every action.
pub const ACTIONS: [Action; 9] = [
    Action::Respond,
    Action::AddEvidence,
    Action::Offer,
    Action::Accept,
    Action::Rest,
    Action::RestLast,
    Action::Rule,
    Action::Appeal,
    Action::Lapse,
];

/// Where an action leads.
///
/// # Errors
/// `wrong-state` where the state does not know the action.
pub fn next(state: State, action: Action) -> Result<State, Error> {
    let found = TRANSITIONS.iter().find(|(from, by, _)| (*from, *by) == (state, action));
    match found {
        Some((_, _, to)) => Ok(*to),
        None => Err(Error::WrongState(WrongState { state, action })),
    }
}
