//! Flags of a balance, kept beside it so that a payment reads one entry: whether it is frozen, and
//! whether a policy limits it.

use ehb_contract::{Address, Host};

use crate::keys::{AssetId, BALANCES};

/// Sets or clears flags of a balance.
pub(super) fn set(host: &mut Host, account: Address, asset: AssetId, flag: u8, on: bool) {
    let entry = BALANCES.entry(&(account, asset));
    let mut parts = entry.get(host).unwrap_or_default();
    parts.flags = if on { parts.flags | flag } else { parts.flags & !flag };
    entry.set(host, &parts);
}
