//! Announced replacements of accounts' policies, for accounts whose keys are lost.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Address, Policy};

use crate::{keys, record};

/// A policy that replaces the account's own one unless the account objects.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Recovery {
    /// The policy.
    pub policy: Policy,
    /// The block time from which it can replace the old one, milliseconds since 1970.
    pub from_ms: u64,
    /// The administrator that announced it.
    pub by: Address,
}

/// The announced recovery of an account.
pub fn get(overlay: &Overlay, account: &Address) -> Result<Option<Recovery>, StoreError> {
    record::read(overlay, &keys::recovery(account))
}

/// Announces a recovery, instead of an earlier one.
pub fn put(overlay: &mut Overlay, account: &Address, recovery: &Recovery) {
    record::write(overlay, keys::recovery(account), recovery);
}

/// Ends a recovery.
pub fn remove(overlay: &mut Overlay, account: &Address) {
    overlay.remove(keys::recovery(account));
}
