//! The machine: which action is possible in which state, and where it leads.

use ehb_contract::{Machine, kinds, names};

use crate::types::State;

kinds! {
    /// The kind of item that a dispute is in refusals.
    pub enum Kind {
        /// A dispute, by its number in the module that stores it.
        Dispute = "dispute",
    }
}

names!(State {
    Open: "open",
    Evidence: "evidence",
    Settlement: "settlement",
    Arbitration: "arbitration",
    Ruled: "ruled",
    Appealed: "appealed",
    Final: "final",
});

names! {
    /// What can be done in a dispute.
    pub enum Action {
        /// The other party answers the claim with an offer.
        Respond = "respond",
        /// A party hands in a document.
        AddEvidence = "add-evidence",
        /// A party offers a split.
        Offer = "offer",
        /// A party accepts the other's latest offer.
        Accept = "accept",
        /// A party has nothing more to bring in this phase.
        Rest = "rest",
        /// The second party to rest does so, after the first did.
        RestLast = "rest-last",
        /// An arbiter rules.
        Rule = "rule",
        /// A party appeals.
        Appeal = "appeal",
        /// The deadline has passed, and anyone triggers the default.
        Lapse = "lapse",
    }
}

/// Every transition. What is not here is refused with `wrong-state`.
pub const DISPUTE: Machine<State, Action> = Machine::new(&[
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
]);
