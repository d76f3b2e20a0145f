//! The way to the wallet module, and the only file that knows it.
//!
//! In a component these are imports. Natively they are the wallet's own rules, run as the wallet module
//! inside the same chain in memory, so that tests show the real wallet.

use alloc::string::String;

use ehb_contract::calendar::HOUR_MS;
use ehb_contract::{Address, Host};

use crate::bindings::ehb::credit::types::Error;
use crate::bindings::ehb::credit::types::WalletError as Refusal;

#[cfg(target_arch = "wasm32")]
use component as imports;
#[cfg(not(target_arch = "wasm32"))]
use memory as imports;

/// How long the hold of a payment lasts that is paid out in the same call, milliseconds.
const PAYMENT_MS: u64 = HOUR_MS;

/// Refuses an asset that does not exist.
pub(crate) fn check_asset(host: &mut Host, asset: &str) -> Result<(), Error> {
    imports::get_asset(host, String::from(asset)).map_err(Error::Wallet)
}

/// Sets an amount of the sender's money aside under this module's control; returns the hold's number.
pub(crate) fn set_aside(
    host: &mut Host,
    asset: &str,
    amount: u64,
    expires_ms: u64,
    reference: &str,
) -> Result<u64, Error> {
    let (asset, reference) = (String::from(asset), String::from(reference));
    imports::place_hold(host, asset, amount, expires_ms, reference).map_err(Error::Wallet)
}

/// Pays out of a hold.
pub(crate) fn pay_out(host: &mut Host, hold: u64, to: Address, amount: u64) -> Result<(), Error> {
    imports::pay_out(host, hold, to, amount).map_err(Error::Wallet)
}

/// Gives a hold's rest back to its payer.
pub(crate) fn release(host: &mut Host, hold: u64) -> Result<(), Error> {
    imports::release_hold(host, hold).map_err(Error::Wallet)
}

/// Gives the rest of a hold whose time is over back to its payer, unless somebody did so before.
pub(crate) fn expire(host: &mut Host, hold: u64) -> Result<(), Error> {
    match imports::expire_hold(host, hold) {
        Ok(()) | Err(Refusal::WrongState(_)) => Ok(()),
        Err(refusal) => Err(Error::Wallet(refusal)),
    }
}

/// Pays an amount of the sender's money to somebody at once.
pub(crate) fn pay(
    host: &mut Host,
    asset: &str,
    amount: u64,
    to: Address,
    reference: &str,
) -> Result<(), Error> {
    let expires_ms = host.time_ms() + PAYMENT_MS;
    let hold = set_aside(host, asset, amount, expires_ms, reference)?;
    pay_out(host, hold, to, amount)
}

#[cfg(target_arch = "wasm32")]
mod component {
    use alloc::string::String;

    use ehb_contract::{Address, Host};

    use super::Refusal;
    use crate::bindings::ehb::wallet::{holds, queries};

    pub(super) fn get_asset(_host: &mut Host, asset: String) -> Result<(), Refusal> {
        queries::get_asset(&asset).map(drop)
    }

    pub(super) fn place_hold(
        _host: &mut Host,
        asset: String,
        amount: u64,
        expires_ms: u64,
        reference: String,
    ) -> Result<u64, Refusal> {
        holds::place_hold(&asset, amount, None, None, expires_ms, &reference)
    }

    pub(super) fn pay_out(
        _host: &mut Host,
        hold: u64,
        to: Address,
        amount: u64,
    ) -> Result<(), Refusal> {
        holds::pay_out(hold, to, amount)
    }

    pub(super) fn release_hold(_host: &mut Host, hold: u64) -> Result<(), Refusal> {
        holds::release_hold(hold)
    }

    pub(super) fn expire_hold(_host: &mut Host, hold: u64) -> Result<(), Refusal> {
        holds::expire_hold(hold)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod memory {
    use ehb_contract::{Address, Host};
    use ehb_contract_wallet::rules;

    use super::Refusal;

    /// The name under which the wallet is installed.
    const WALLET: &str = "wallet";

    pub(super) fn get_asset(host: &mut Host, asset: String) -> Result<(), Refusal> {
        host.enter_module(WALLET, |host| rules::get_asset(host, asset).map(drop))
    }

    pub(super) fn place_hold(
        host: &mut Host,
        asset: String,
        amount: u64,
        expires_ms: u64,
        reference: String,
    ) -> Result<u64, Refusal> {
        host.enter_module(WALLET, |host| {
            rules::place_hold(host, asset, amount, None, None, expires_ms, reference)
        })
    }

    pub(super) fn pay_out(
        host: &mut Host,
        hold: u64,
        to: Address,
        amount: u64,
    ) -> Result<(), Refusal> {
        host.enter_module(WALLET, |host| rules::pay_out(host, hold, to, amount))
    }

    pub(super) fn release_hold(host: &mut Host, hold: u64) -> Result<(), Refusal> {
        host.enter_module(WALLET, |host| rules::release_hold(host, hold))
    }

    pub(super) fn expire_hold(host: &mut Host, hold: u64) -> Result<(), Refusal> {
        host.enter_module(WALLET, |host| rules::expire_hold(host, hold))
    }
}
