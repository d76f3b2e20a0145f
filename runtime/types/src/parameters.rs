//! The parameters of a chain, their defaults, and the bounds that keep the chain operable.

mod governance;
mod named;
mod quotas;

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{KEYS_MAX, Name};

pub use governance::{GovernanceParameters, TEST_GOVERNANCE};
pub use named::SetError;
pub use quotas::QuotaParameters;

/// The maximum of [`Parameters::transaction_bytes_max`]: a larger transaction would not fit into a gossip
/// message, and would wait at one validator forever.
pub const TRANSACTION_BYTES_MAX: u32 = 384 << 10;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// The chain's limits and prices, the same on all nodes. Genesis sets the first values.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// The largest encoded block, bytes.
    pub block_bytes_max: u32,
    /// The maximum sum of the gas limits of a block's transactions.
    pub block_gas_max: u64,
    /// The largest encoded transaction, bytes: at most half a block and [`TRANSACTION_BYTES_MAX`].
    pub transaction_bytes_max: u32,
    /// The highest gas limit of a transaction.
    pub transaction_gas_max: u64,
    /// How far beyond the block's time a transaction's validity can reach, milliseconds.
    pub validity_ms_max: u64,
    /// The gas schedule.
    pub gas: GasSchedule,
    /// The timing of consensus.
    pub consensus: ConsensusParameters,
    /// What organisations decide about their own accounts.
    pub accounts: AccountParameters,
    /// The rules that all modules share.
    pub modules: ModuleParameters,
    /// How proposals are decided.
    pub governance: GovernanceParameters,
    /// How much each organisation can have.
    pub quotas: QuotaParameters,
}

/// The gas schedule: the costs of execution. One gas is about a nanosecond of one core.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GasSchedule {
    /// Each transaction, before anything else.
    pub transaction: u64,
    /// Each byte of an encoded transaction.
    pub transaction_byte: u64,
    /// Each signature.
    pub signature: u64,
    /// Each call of a function in a fresh instance, from a transaction or from a module.
    pub call: u64,
    /// Each read of a storage entry.
    pub storage_read: u64,
    /// Each write or removal of a storage entry.
    pub storage_write: u64,
    /// Each byte of keys and values read.
    pub storage_read_byte: u64,
    /// Each stored byte: of keys and values written, and of events and results in receipts.
    pub storage_write_byte: u64,
    /// Each entry that a scan finds. Removed ones are paid by their removal, because a scan skips each only
    /// once.
    pub scan_entry: u64,
    /// Each event, hash or other call of the host.
    pub host_call: u64,
    /// Each byte hashed, logged or inspected.
    pub host_byte: u64,
    /// Each byte of a module's code, paid at the upload, for checking and compiling it.
    pub code_byte: u64,
}

/// The timing of consensus. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsensusParameters {
    /// The interval between empty blocks of an idle chain.
    pub heartbeat_ms: u64,
    /// How long the chain waits after a block for further transactions, before it builds an empty block that
    /// commits to the roots. Until then the block's receipts cannot be proven.
    pub seal_ms: u64,
    /// How long round 0 waits for a proposal.
    pub timeout_propose_ms: u64,
    /// How long round 0 waits for votes once more than two thirds have voted differently.
    pub timeout_vote_ms: u64,
    /// The increase of both with each further round.
    pub timeout_growth_ms: u64,
    /// How far a block's time can be ahead of a validator's clock.
    pub drift_max_ms: u64,
    /// The number of heights for which a proposer that was silent in its turn is skipped.
    pub silent_heights: u64,
}

/// What organisations decide about their own accounts.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountParameters {
    /// The roles that organisations grant to their own accounts, besides `administrator` and `manager`. Other roles
    /// count for the whole network: genesis and governance grant them.
    pub organisation_roles: BTreeSet<Name>,
    /// How long an account can object before a new policy replaces its own one, milliseconds.
    pub recovery_notice_ms: u64,
}

/// The rules that all modules share. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModuleParameters {
    /// The shortest window in which a party can act before a deadline ends it. A proposer can move the block's
    /// time ahead by `consensus.drift_max_ms`, so a window has at least twice that.
    pub window_min_ms: u64,
    /// 1: an account with the role `deployer` installs modules without a vote. 0: only proposals install modules.
    pub deployers_install: u32,
}

/// The name of a parameter, its value, and the least and the greatest value that it can have.
type Limits = (&'static str, u64, u64, u64);

/// The value would stop the chain or make it unsafe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {name} is {value}; it must be between {min} and {max}")]
pub struct ParameterError {
    name: &'static str,
    value: u64,
    min: u64,
    max: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            block_bytes_max: 4 << 20,
            block_gas_max: 100_000_000,
            transaction_bytes_max: 256 << 10,
            transaction_gas_max: 50_000_000,
            validity_ms_max: 7 * DAY_MS,
            gas: GasSchedule::default(),
            consensus: ConsensusParameters::default(),
            accounts: AccountParameters::default(),
            modules: ModuleParameters::default(),
            governance: GovernanceParameters::default(),
            quotas: QuotaParameters::default(),
        }
    }
}

impl Default for GasSchedule {
    fn default() -> Self {
        Self {
            transaction: 5_000,
            transaction_byte: 10,
            signature: 12_000,
            call: 5_000,
            storage_read: 2_000,
            storage_write: 6_000,
            storage_read_byte: 2,
            storage_write_byte: 10,
            scan_entry: 1_000,
            host_call: 100,
            host_byte: 2,
            code_byte: 2_500,
        }
    }
}

impl GasSchedule {
    /// The most gas that a transaction uses which proposes other parameters, votes for them, or executes them: with the
    /// size and signatures of the largest account. Prices at which it does not fit into a transaction could never be
    /// lowered again.
    fn of_a_vote(&self) -> u64 {
        let each = [
            (self.transaction, 1),
            (self.transaction_byte, 4_096),
            (self.signature, KEYS_MAX as u64),
            (self.call, 1),
            (self.storage_read, 300),
            (self.storage_write, 8),
            (self.storage_read_byte, 64 << 10),
            (self.storage_write_byte, 32 << 10),
            (self.scan_entry, 16),
            (self.host_call, 16),
            (self.host_byte, 16 << 10),
        ];
        each.iter()
            .fold(0, |sum: u64, (price, count)| sum.saturating_add(price.saturating_mul(*count)))
    }
}

impl Default for ConsensusParameters {
    fn default() -> Self {
        Self {
            heartbeat_ms: 10_000,
            seal_ms: 100,
            timeout_propose_ms: 500,
            timeout_vote_ms: 300,
            timeout_growth_ms: 200,
            drift_max_ms: 5_000,
            silent_heights: 100,
        }
    }
}

/// The roles for which the modules of this release ask within an organisation.
const ORGANISATION_ROLES: [&str; 9] = [
    "buyer",
    "certifier",
    "clerk",
    "contractor",
    "owner",
    "receiver",
    "seller",
    "treasurer",
    "warehouse",
];

impl Default for AccountParameters {
    fn default() -> Self {
        Self {
            organisation_roles: ORGANISATION_ROLES
                .iter()
                .filter_map(|it| Name::new(*it).ok())
                .collect(),
            recovery_notice_ms: 3 * DAY_MS,
        }
    }
}

/// The maximum number of roles that organisations can grant.
const ORGANISATION_ROLES_MAX: u64 = 256;

/// The shortest windows of networks for tests and demonstrations: twice the default drift, so that nobody waits an
/// hour there.
pub const TEST_WINDOWS: ModuleParameters =
    ModuleParameters { window_min_ms: 10_000, deployers_install: 0 };

impl Default for ModuleParameters {
    fn default() -> Self {
        Self { window_min_ms: 60 * MINUTE_MS, deployers_install: 0 }
    }
}

impl Parameters {
    /// Checks that the chain can operate with these values.
    pub fn check(&self) -> Result<(), ParameterError> {
        let c = &self.consensus;
        let (accounts, roles) = (&self.accounts, &self.accounts.organisation_roles);
        let bounds: [Limits; 15] = [
            ("block_bytes_max", self.block_bytes_max.into(), 64 << 10, 32 << 20),
            (
                "transaction_bytes_max",
                self.transaction_bytes_max.into(),
                4 << 10,
                (u64::from(self.block_bytes_max) / 2).min(TRANSACTION_BYTES_MAX.into()),
            ),
            ("block_gas_max", self.block_gas_max, 10_000_000, 100_000_000_000),
            ("transaction_gas_max", self.transaction_gas_max, 1_000_000, self.block_gas_max),
            ("validity_ms_max", self.validity_ms_max, MINUTE_MS, 90 * DAY_MS),
            ("consensus.heartbeat_ms", c.heartbeat_ms, 100, 600_000),
            ("consensus.seal_ms", c.seal_ms, 0, 10_000),
            ("consensus.timeout_propose_ms", c.timeout_propose_ms, 50, 60_000),
            ("consensus.timeout_vote_ms", c.timeout_vote_ms, 50, 60_000),
            ("consensus.timeout_growth_ms", c.timeout_growth_ms, 10, 60_000),
            ("consensus.drift_max_ms", c.drift_max_ms, 100, 600_000),
            ("accounts.recovery_notice_ms", accounts.recovery_notice_ms, 1_000, 90 * DAY_MS),
            (
                "number of accounts.organisation_roles",
                roles.len() as u64,
                0,
                ORGANISATION_ROLES_MAX,
            ),
            (
                "modules.window_min_ms",
                self.modules.window_min_ms,
                c.drift_max_ms.saturating_mul(2),
                DAY_MS,
            ),
            ("modules.deployers_install", self.modules.deployers_install.into(), 0, 1),
        ];
        let governing = ("gas of a vote", self.gas.of_a_vote(), 0, self.transaction_gas_max);
        let groups = self.governance.limits().into_iter().chain(self.quotas.limits());
        for (name, value, min, max) in bounds.into_iter().chain(groups).chain([governing]) {
            if value < min || value > max {
                return Err(ParameterError { name, value, min, max });
            }
        }
        if c.silent_heights > 100_000 {
            let (value, min, max) = (c.silent_heights, 0, 100_000);
            return Err(ParameterError { name: "consensus.silent_heights", value, min, max });
        }
        Ok(())
    }
}
