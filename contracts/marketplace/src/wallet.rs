//! The only file that calls the wallet. In a component that is an import; natively the wallet's own rules
//! run beside these, so that tests run both.

use alloc::string::String;

use ehb_contract::{Address, Host};

#[cfg(target_arch = "wasm32")]
pub(crate) use crate::bindings::ehb::wallet::types::Error;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use ehb_contract_wallet::bindings::ehb::wallet::types::Error;

/// Sets an amount aside from what the transaction's sender can spend; only this module can pay it
/// out. Returns the hold's number.
#[cfg(target_arch = "wasm32")]
pub(crate) fn place_hold(
    _host: &mut Host,
    asset: &str,
    amount: u64,
    expires_ms: u64,
    reference: String,
) -> Result<u64, Error> {
    use crate::bindings::ehb::wallet::holds;
    holds::place_hold(asset, amount, None, None, expires_ms, &reference)
}

/// Pays a part of a hold out.
#[cfg(target_arch = "wasm32")]
pub(crate) fn pay_out(_host: &mut Host, hold: u64, to: Address, amount: u64) -> Result<(), Error> {
    crate::bindings::ehb::wallet::holds::pay_out(hold, to, amount)
}

/// Gives what is left in an expired hold back to its payer.
#[cfg(target_arch = "wasm32")]
pub(crate) fn expire_hold(_host: &mut Host, hold: u64) -> Result<(), Error> {
    crate::bindings::ehb::wallet::holds::expire_hold(hold)
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{expire_hold, pay_out, place_hold};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use ehb_contract_wallet::rules;

    use super::{Address, Error, Host, String};

    const MODULE: &str = "wallet";

    pub(crate) fn place_hold(
        host: &mut Host,
        asset: &str,
        amount: u64,
        expires_ms: u64,
        reference: String,
    ) -> Result<u64, Error> {
        let asset = String::from(asset);
        host.enter_module(MODULE, |host| {
            rules::place_hold(host, asset, amount, None, None, expires_ms, reference)
        })
    }

    pub(crate) fn pay_out(
        host: &mut Host,
        hold: u64,
        to: Address,
        amount: u64,
    ) -> Result<(), Error> {
        host.enter_module(MODULE, |host| rules::pay_out(host, hold, to, amount))
    }

    pub(crate) fn expire_hold(host: &mut Host, hold: u64) -> Result<(), Error> {
        host.enter_module(MODULE, |host| rules::expire_hold(host, hold))
    }
}
