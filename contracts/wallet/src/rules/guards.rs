//! Guards: the most that a transaction may take of its sender's money.

use alloc::string::String;

use ehb_contract::common::LimitUsage;
use ehb_contract::{Address, Host};

use super::flags;
use crate::bindings::ehb::wallet::types::Error;
use crate::checks;
use crate::keys::{ASSETS, AssetId, GUARDS};
use crate::records::{GUARDED, Guard};

/// See `guards.require-spent-at-most`.
pub fn require_spent_at_most(host: &mut Host, asset: String, amount_max: u64) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    if !ASSETS.contains(host, &id) {
        return Err(Error::UnknownAsset(asset));
    }
    let (account, transaction) = (host.caller(), host.transaction_id());
    // A module that is called later, and calls as itself, does not reach the sender's guard; nor does a second one
    // loosen the first.
    if let Some(first) = in_force(host, account, id) {
        let left = first.amount_max - first.taken;
        if amount_max > left {
            let usage = LimitUsage::new(first.amount_max, first.taken, amount_max);
            return Err(Error::OverGuard(usage));
        }
    }
    GUARDS.set(host, &(account, id), &Guard { transaction, amount_max, taken: 0 });
    flags::set(host, account, id, GUARDED, true);
    Ok(())
}

/// Counts what is taken of a guarded balance. False when the guard's transaction is over.
pub(super) fn take(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
) -> Result<bool, Error> {
    let Some(mut guard) = in_force(host, account, asset) else {
        GUARDS.remove(host, &(account, asset));
        return Ok(false);
    };
    let taken = guard.taken.checked_add(amount).filter(|taken| *taken <= guard.amount_max);
    let Some(taken) = taken else {
        return Err(Error::OverGuard(LimitUsage::new(guard.amount_max, guard.taken, amount)));
    };
    guard.taken = taken;
    GUARDS.set(host, &(account, asset), &guard);
    Ok(true)
}

/// The guard of a balance in this transaction.
fn in_force(host: &Host, account: Address, asset: AssetId) -> Option<Guard> {
    let guard = GUARDS.get(host, &(account, asset));
    guard.filter(|guard| guard.transaction == host.transaction_id())
}
