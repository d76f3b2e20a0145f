//! The rule by which a proposal is decided, by what it changes.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::GovernanceParameters;

use super::Action;

/// How a proposal is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rule {
    /// The percentage of the power of all validators that accepts it.
    pub percent: u32,
    /// How long it waits between its acceptance and its execution, milliseconds.
    pub lock_ms: u64,
    /// How long organisations vote on it, and how long it can be executed after the lock, milliseconds.
    pub voting_ms: u64,
}

/// The kinds of actions, by how they are decided.
enum Kind {
    /// With the usual percentage, and a lock, in which those who do not agree can prepare.
    Ordinary,
    /// With the higher percentage and the lock.
    Critical,
    /// With the usual percentage, at once: it stops something harmful, or lifts that.
    Urgent,
}

/// The rule for actions that are decided together: the highest percentage and the longest lock of any of them.
pub fn rule(actions: &[Action], parameters: &GovernanceParameters) -> Rule {
    let strictest = |rule: Rule, action: &Action| {
        let (percent, lock_ms) = match kind(action) {
            Kind::Ordinary => (parameters.ordinary_percent, parameters.lock_ms),
            Kind::Critical => (parameters.critical_percent, parameters.lock_ms),
            Kind::Urgent => (parameters.ordinary_percent, 0),
        };
        Rule { percent: rule.percent.max(percent), lock_ms: rule.lock_ms.max(lock_ms), ..rule }
    };
    let voting_ms = parameters.voting_ms;
    let least = Rule { percent: parameters.ordinary_percent, lock_ms: 0, voting_ms };
    actions.iter().fold(least, strictest)
}

fn kind(action: &Action) -> Kind {
    match action {
        Action::SetParameter(parameter) if parameter.name.starts_with("governance.") => {
            Kind::Critical
        }
        Action::RemoveOrganisation(_) => Kind::Critical,
        Action::SetParameter(_)
        | Action::AddOrganisationRole(_)
        | Action::RemoveOrganisationRole(_)
        | Action::InviteOrganisation(_)
        | Action::GrantNetworkRole(_)
        | Action::RevokeNetworkRole(_) => Kind::Ordinary,
        Action::SuspendOrganisation(_)
        | Action::ReinstateOrganisation(_)
        | Action::FreezeAccount(_)
        | Action::UnfreezeAccount(_) => Kind::Urgent,
    }
}
