//! The money of purchases and bills: what goes into the wallet's holds, and out of them.

use alloc::string::String;

use ehb_contract::calendar::HOUR_MS;
use ehb_contract::{Address, Host};

use crate::bindings::ehb::credit::types::{Error, WalletError};
use crate::wallet;

/// How long the hold of a payment lasts that is paid out in the same call, milliseconds.
const PAYMENT_MS: u64 = HOUR_MS;

/// Sets an amount of the sender's money aside under this module's control; returns the hold's number.
pub(super) fn set_aside(
    host: &mut Host,
    asset: &str,
    amount: u64,
    expires_ms: u64,
    reference: &str,
) -> Result<u64, Error> {
    let (asset, reference) = (String::from(asset), String::from(reference));
    Ok(wallet::place_hold(host, asset, amount, None, None, expires_ms, reference)?)
}

/// Returns the rest of an expired hold to its payer, unless somebody did so before.
pub(super) fn expire(host: &mut Host, hold: u64) -> Result<(), Error> {
    match wallet::expire_hold(host, hold) {
        Ok(()) | Err(WalletError::WrongState(_)) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Pays an amount of the sender's money to somebody at once.
pub(super) fn pay(
    host: &mut Host,
    asset: &str,
    amount: u64,
    to: Address,
    reference: &str,
) -> Result<(), Error> {
    let expires_ms = host.time_ms() + PAYMENT_MS;
    let hold = set_aside(host, asset, amount, expires_ms, reference)?;
    Ok(wallet::pay_out(host, hold, to, amount)?)
}
