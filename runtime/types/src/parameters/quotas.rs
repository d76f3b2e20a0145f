//! The quotas of organisations: how much each of them can have, unless governance sets another limit for it.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::Limits;

/// How much each organisation can have. Governance can set another limit for one of them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaParameters {
    /// The number of its accounts, closed ones included.
    pub accounts: u64,
    /// The number of its nodes that are no validators.
    pub observers: u64,
    /// The size of the code that its accounts are uploading, or have uploaded and not installed, bytes.
    pub code_bytes: u64,
}

impl Default for QuotaParameters {
    fn default() -> Self {
        Self { accounts: 1_000_000, observers: 32, code_bytes: 32 << 20 }
    }
}

impl QuotaParameters {
    /// The highest limits of each kind, also of one that is set for an organisation.
    pub const ACCOUNTS_MAX: u64 = 100_000_000;
    /// The maximum of [`Self::observers`].
    pub const OBSERVERS_MAX: u64 = 1_024;
    /// The maximum of [`Self::code_bytes`].
    pub const CODE_BYTES_MAX: u64 = 1 << 30;

    /// The bounds of each value. An organisation has an account, which administers it; and where each can upload the
    /// largest module, upgrades stay possible.
    pub(super) fn limits(&self) -> [Limits; 3] {
        [
            ("quotas.accounts", self.accounts, 1, Self::ACCOUNTS_MAX),
            ("quotas.observers", self.observers, 0, Self::OBSERVERS_MAX),
            ("quotas.code_bytes", self.code_bytes, 1 << 20, Self::CODE_BYTES_MAX),
        ]
    }
}
