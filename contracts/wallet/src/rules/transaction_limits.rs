//! Transaction limits: the most that a transaction may take of its sender's money.

use alloc::string::String;

use ehb_contract::common::LimitUsage;
use ehb_contract::{Address, Host};

use super::flags;
use crate::bindings::ehb::wallet::types::Error;
use crate::checks;
use crate::keys::{ASSETS, AssetId, TRANSACTION_LIMITS};
use crate::records::{TRANSACTION_LIMITED, TransactionLimit};

/// See `transaction-limits.limit-transaction-spending`.
pub fn limit_transaction_spending(
    host: &mut Host,
    asset: String,
    amount_max: u64,
) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    if !ASSETS.contains(host, &id) {
        return Err(Error::UnknownAsset(asset));
    }
    let (account, transaction) = (host.caller(), host.transaction_id());
    // A module that is called later, and calls as itself, does not reach the sender's limit; nor does a second one
    // loosen the first.
    if let Some(first) = in_force(host, account, id) {
        let left = first.amount_max - first.taken;
        if amount_max > left {
            let usage = LimitUsage::new(first.amount_max, first.taken, amount_max);
            return Err(Error::OverTransactionLimit(usage));
        }
    }
    TRANSACTION_LIMITS.set(
        host,
        &(account, id),
        &TransactionLimit { transaction, amount_max, taken: 0 },
    );
    flags::set(host, account, id, TRANSACTION_LIMITED, true);
    Ok(())
}

/// Counts what is taken of a balance with a limit. False when the limit's transaction is over.
pub(super) fn take(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
) -> Result<bool, Error> {
    let Some(mut limit) = in_force(host, account, asset) else {
        TRANSACTION_LIMITS.remove(host, &(account, asset));
        return Ok(false);
    };
    let taken = limit.taken.checked_add(amount).filter(|taken| *taken <= limit.amount_max);
    let Some(taken) = taken else {
        return Err(Error::OverTransactionLimit(LimitUsage::new(
            limit.amount_max,
            limit.taken,
            amount,
        )));
    };
    limit.taken = taken;
    TRANSACTION_LIMITS.set(host, &(account, asset), &limit);
    Ok(true)
}

/// The limit of a balance in this transaction.
fn in_force(host: &Host, account: Address, asset: AssetId) -> Option<TransactionLimit> {
    let limit = TRANSACTION_LIMITS.get(host, &(account, asset));
    limit.filter(|limit| limit.transaction == host.transaction_id())
}
