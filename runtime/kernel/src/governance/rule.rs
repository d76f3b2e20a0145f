//! The rule by which a proposal is decided, by what it changes.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::GovernanceParameters;

use super::Action;
use super::action::Kind;

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

/// The rule for actions that are decided together: the highest percentage and the longest lock of any of them.
pub fn rule(actions: &[Action], parameters: &GovernanceParameters) -> Rule {
    let strictest = |rule: Rule, action: &Action| {
        let (percent, lock_ms) = match action.kind() {
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
