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
    /// The percentage that accepts a proposal that changes these parameters, or that removes something for good.
    pub critical_percent: u32,
    /// The percentage that pauses a module for a limited time.
    pub emergency_percent: u32,
    /// How long organisations vote on a proposal. An accepted proposal can be executed for as long after its lock.
    pub voting_ms: u64,
    /// How long an accepted proposal waits before it can be executed, unless it is urgent.
    pub lock_ms: u64,
    /// The longest pause of a module that [`Self::emergency_percent`] decides.
    pub emergency_ms: u64,
    /// Whether an account with the role `deployer` installs modules without a vote: 0 or 1.
    pub deployer_installs: u32,
}

/// Governance of networks for tests and demonstrations: nobody waits a day there.
pub const TEST_GOVERNANCE: GovernanceParameters = GovernanceParameters {
    ordinary_percent: 51,
    critical_percent: 66,
    emergency_percent: 34,
    voting_ms: 3_600_000,
    lock_ms: 3_000,
    emergency_ms: 3_600_000,
    deployer_installs: 0,
};

impl Default for GovernanceParameters {
    fn default() -> Self {
        Self {
            ordinary_percent: 51,
            critical_percent: 66,
            emergency_percent: 34,
            voting_ms: 7 * DAY_MS,
            lock_ms: DAY_MS,
            emergency_ms: 3 * DAY_MS,
            deployer_installs: 0,
        }
    }
}

impl GovernanceParameters {
    /// The highest percentage. The validators that can decide a block have more than two thirds of the power, so they can
    /// always govern too; with a higher percentage, the loss of some validators would end governance for good.
    pub const PERCENT_MAX: u32 = 66;

    /// The bounds of each value.
    pub(super) fn limits(&self) -> [Limits; 7] {
        let percent_max = u64::from(Self::PERCENT_MAX);
        let (ordinary, critical) = (self.ordinary_percent.into(), self.critical_percent.into());
        [
            ("governance.ordinary_percent", ordinary, 51, percent_max),
            ("governance.critical_percent", critical, ordinary, percent_max),
            ("governance.emergency_percent", self.emergency_percent.into(), 10, ordinary),
            ("governance.voting_ms", self.voting_ms, 1_000, 90 * DAY_MS),
            ("governance.lock_ms", self.lock_ms, 0, 90 * DAY_MS),
            ("governance.emergency_ms", self.emergency_ms, 1_000, 90 * DAY_MS),
            ("governance.deployer_installs", self.deployer_installs.into(), 0, 1),
        ]
    }
}
