//! The parameters of governance: how many votes a proposal needs, and the times that it takes.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::{DAY_MS, Limits};

/// How proposals are decided. A percentage is that of the power of all validators. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GovernanceParameters {
    /// The percentage that accepts a proposal.
    pub ordinary_percent: u32,
    /// The percentage that accepts a proposal that changes these parameters or the validators, or that removes something for
    /// good.
    pub critical_percent: u32,
    /// How long organisations vote on a proposal. An accepted proposal can be executed for as long after its lock.
    pub voting_ms: u64,
    /// How long an accepted proposal waits before it can be executed, unless it is urgent.
    pub lock_ms: u64,
}

/// Governance of networks for tests and demonstrations: nobody waits a day there.
pub const TEST_GOVERNANCE: GovernanceParameters = GovernanceParameters {
    ordinary_percent: 51,
    critical_percent: 66,
    voting_ms: 3_600_000,
    lock_ms: 3_000,
};

impl Default for GovernanceParameters {
    fn default() -> Self {
        Self { ordinary_percent: 51, critical_percent: 66, voting_ms: 7 * DAY_MS, lock_ms: DAY_MS }
    }
}

impl GovernanceParameters {
    /// The highest percentage. The validators that can decide a block have more than two thirds of the power, so they can
    /// always govern too; with a higher percentage, the loss of some validators would end governance for good.
    pub const PERCENT_MAX: u32 = 66;

    /// The bounds of each value.
    pub(super) fn limits(&self) -> [Limits; 4] {
        let percent_max = u64::from(Self::PERCENT_MAX);
        let (ordinary, critical) = (self.ordinary_percent.into(), self.critical_percent.into());
        [
            ("governance.ordinary_percent", ordinary, 51, percent_max),
            ("governance.critical_percent", critical, ordinary, percent_max),
            ("governance.voting_ms", self.voting_ms, 1_000, 90 * DAY_MS),
            ("governance.lock_ms", self.lock_ms, 0, 90 * DAY_MS),
        ]
    }
}
