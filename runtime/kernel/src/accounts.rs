//! Accounts and their lanes.

use ehb_state::{Changes, Overlay, StoreError};
use ehb_types::{Account, Address};

use crate::{keys, record};

/// The account at an address.
pub fn account(overlay: &Overlay, address: &Address) -> Result<Option<Account>, StoreError> {
    record::read(overlay, &keys::account(address))
}

/// Writes an account.
pub fn put_account(overlay: &mut Overlay, address: &Address, account: &Account) {
    record::write(overlay, keys::account(address), account);
}

/// The accounts that a block's changes registered or changed.
pub fn changed(changes: &Changes) -> impl Iterator<Item = Address> {
    let from = changes.entries.partition_point(|(key, _)| key.as_slice() < keys::ACCOUNTS);
    changes.entries[from..]
        .iter()
        .map_while(|(key, _)| key.strip_prefix(keys::ACCOUNTS))
        .filter_map(|address| Some(Address(address.try_into().ok()?)))
}

/// The sequence that the lane's next transaction must have, from 0.
pub fn next_sequence(overlay: &Overlay, address: &Address, lane: u32) -> Result<u64, StoreError> {
    Ok(record::read(overlay, &keys::lane(address, lane))?.unwrap_or(0))
}

/// Sets the sequence that the lane's next transaction must have.
pub fn set_next_sequence(overlay: &mut Overlay, address: &Address, lane: u32, sequence: u64) {
    record::write(overlay, keys::lane(address, lane), &sequence);
}
