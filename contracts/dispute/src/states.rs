//! The machine: which action is possible in which state, and where it leads.

use ehb_contract::{Machine, Named};

use crate::types::State;

/// The kind of item that a dispute is in refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
pub enum Kind {
    /// A dispute, by its number in the module that stores it.
    Dispute,
}

/// Actions in a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum Action {
    /// The other party answers the claim with an offer.
    Respond,
    /// A party hands in a document.
    AddEvidence,
    /// A party offers a split.
    Offer,
    /// A party accepts the other's latest offer.
    Accept,
    /// A party asks for arbitration, and deposits the costs.
    Request,
    /// A party asks for arbitration, which costs nothing.
    Refer,
    /// The other party deposits the costs too.
    Join,
    /// A party has nothing more to bring in this phase.
    FinishPhase,
    /// The party that finishes this phase last does so.
    FinishPhaseLast,
    /// An arbiter rules.
    Rule,
    /// A party appeals.
    Appeal,
    /// The deadline has passed, and anyone triggers the default.
    Expire,
    /// The deadline has passed, and the next arbiter is assigned.
    Reassign,
}

impl State {
    /// Whether the dispute waits for an arbiter.
    pub const fn awaits_arbiter(self) -> bool {
        matches!(self, Self::Arbitration | Self::Appealed)
    }
}

/// Every transition. Any other is refused with `wrong-state`.
pub const DISPUTE: Machine<State, Action> = Machine::new(&[
    (State::Open, Action::Respond, State::Evidence),
    (State::Open, Action::AddEvidence, State::Open),
    (State::Open, Action::Accept, State::Final),
    (State::Open, Action::Expire, State::Ruled),
    (State::Evidence, Action::AddEvidence, State::Evidence),
    (State::Evidence, Action::Accept, State::Final),
    (State::Evidence, Action::FinishPhase, State::Evidence),
    (State::Evidence, Action::FinishPhaseLast, State::Settlement),
    (State::Evidence, Action::Expire, State::Settlement),
    (State::Settlement, Action::Offer, State::Settlement),
    (State::Settlement, Action::Accept, State::Final),
    (State::Settlement, Action::Request, State::ArbitrationRequested),
    (State::Settlement, Action::Refer, State::Arbitration),
    (State::Settlement, Action::Expire, State::Final),
    (State::ArbitrationRequested, Action::Accept, State::Final),
    (State::ArbitrationRequested, Action::Join, State::Arbitration),
    (State::ArbitrationRequested, Action::Expire, State::Ruled),
    (State::Arbitration, Action::Rule, State::Ruled),
    (State::Arbitration, Action::Reassign, State::Arbitration),
    (State::Arbitration, Action::Expire, State::Final),
    (State::Ruled, Action::FinishPhase, State::Ruled),
    (State::Ruled, Action::FinishPhaseLast, State::Final),
    (State::Ruled, Action::Appeal, State::Appealed),
    (State::Ruled, Action::Expire, State::Final),
    (State::Appealed, Action::AddEvidence, State::Appealed),
    (State::Appealed, Action::Rule, State::Final),
    (State::Appealed, Action::Reassign, State::Appealed),
    (State::Appealed, Action::Expire, State::Final),
]);
