//! The wallet module, as this module calls it: on the chain by import, in tests by its own rules inside
//! the same chain in memory.

use alloc::string::String;

use ehb_contract::{Address, Host};

use crate::bindings::ehb::jobs::types::WalletError as Error;

#[cfg(target_arch = "wasm32")]
mod calls {
    use super::{Address, Error, Host, String};
    use crate::bindings::ehb::wallet::holds;

    pub(crate) fn place_hold(
        _host: &mut Host,
        asset: String,
        amount: u64,
        expires_ms: u64,
        reference: String,
    ) -> Result<u64, Error> {
        holds::place_hold(&asset, amount, None, None, expires_ms, &reference)
    }

    pub(crate) fn pay_out(
        _host: &mut Host,
        hold: u64,
        to: Address,
        amount: u64,
    ) -> Result<(), Error> {
        holds::pay_out(hold, to, amount)
    }

    pub(crate) fn release_hold(_host: &mut Host, hold: u64) -> Result<(), Error> {
        holds::release_hold(hold)
    }

    pub(crate) fn expire_hold(_host: &mut Host, hold: u64) -> Result<(), Error> {
        holds::expire_hold(hold)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod calls {
    use ehb_contract_wallet::rules;

    use super::{Address, Error, Host, String};

    pub(crate) fn place_hold(
        host: &mut Host,
        asset: String,
        amount: u64,
        expires_ms: u64,
        reference: String,
    ) -> Result<u64, Error> {
        host.enter_module("wallet", |host| {
            rules::place_hold(host, asset, amount, None, None, expires_ms, reference)
        })
    }

    pub(crate) fn pay_out(
        host: &mut Host,
        hold: u64,
        to: Address,
        amount: u64,
    ) -> Result<(), Error> {
        host.enter_module("wallet", |host| rules::pay_out(host, hold, to, amount))
    }

    pub(crate) fn release_hold(host: &mut Host, hold: u64) -> Result<(), Error> {
        host.enter_module("wallet", |host| rules::release_hold(host, hold))
    }

    pub(crate) fn expire_hold(host: &mut Host, hold: u64) -> Result<(), Error> {
        host.enter_module("wallet", |host| rules::expire_hold(host, hold))
    }
}

pub(crate) use calls::{expire_hold, pay_out, place_hold, release_hold};
