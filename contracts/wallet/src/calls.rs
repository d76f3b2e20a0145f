//! The exported functions: each is its rule over the chain at hand.

use alloc::string::String;

use ehb_contract::{Address, Host};

use crate::bindings::ehb::wallet::types::{Asset, Balance, Error, Hold, Supply};
use crate::bindings::exports::ehb::wallet::queries::{AssetPage, BalancePage, HoldPage};
use crate::bindings::exports::ehb::wallet::{assets, holds, queries, transfers};
use crate::rules;

/// The component.
pub struct Wallet;

impl assets::Guest for Wallet {
    fn create_asset(
        asset: String,
        name: String,
        precision: u8,
        issuer: Address,
    ) -> Result<(), Error> {
        rules::create_asset(&mut Host::new(), asset, name, precision, issuer)
    }

    fn set_issuer(asset: String, issuer: Address) -> Result<(), Error> {
        rules::set_issuer(&mut Host::new(), asset, issuer)
    }

    fn mint(asset: String, to: Address, amount: u64) -> Result<(), Error> {
        rules::mint(&mut Host::new(), asset, to, amount)
    }

    fn burn(asset: String, amount: u64) -> Result<(), Error> {
        rules::burn(&mut Host::new(), asset, amount)
    }
}

impl transfers::Guest for Wallet {
    fn transfer(to: Address, asset: String, amount: u64) -> Result<(), Error> {
        rules::transfer(&mut Host::new(), to, asset, amount)
    }

    fn transfer_with_reference(
        to: Address,
        asset: String,
        amount: u64,
        reference: String,
    ) -> Result<(), Error> {
        rules::transfer_with_reference(&mut Host::new(), to, asset, amount, reference)
    }
}

impl holds::Guest for Wallet {
    fn place_hold(
        asset: String,
        amount: u64,
        payee: Option<Address>,
        controller: Option<Address>,
        expires_ms: u64,
        reference: String,
    ) -> Result<u64, Error> {
        let host = &mut Host::new();
        rules::place_hold(host, asset, amount, payee, controller, expires_ms, reference)
    }

    fn pay_out(hold: u64, to: Address, amount: u64) -> Result<(), Error> {
        rules::pay_out(&mut Host::new(), hold, to, amount)
    }

    fn release_hold(hold: u64) -> Result<(), Error> {
        rules::release_hold(&mut Host::new(), hold)
    }

    fn expire_hold(hold: u64) -> Result<(), Error> {
        rules::expire_hold(&mut Host::new(), hold)
    }
}

impl queries::Guest for Wallet {
    fn get_asset(asset: String) -> Result<Asset, Error> {
        rules::get_asset(&Host::new(), asset)
    }

    fn list_assets(after: Option<String>, limit: u32) -> Result<AssetPage, Error> {
        rules::list_assets(&Host::new(), after, limit)
    }

    fn get_supply(asset: String) -> Result<Supply, Error> {
        rules::get_supply(&Host::new(), asset)
    }

    fn get_balance(account: Address, asset: String) -> Result<Balance, Error> {
        rules::get_balance(&Host::new(), account, asset)
    }

    fn list_balances(
        account: Address,
        after: Option<String>,
        limit: u32,
    ) -> Result<BalancePage, Error> {
        rules::list_balances(&Host::new(), account, after, limit)
    }

    fn get_hold(hold: u64) -> Result<Hold, Error> {
        rules::get_hold(&Host::new(), hold)
    }

    fn list_holds(payer: Address, after: Option<u64>, limit: u32) -> Result<HoldPage, Error> {
        rules::list_holds(&Host::new(), payer, after, limit)
    }
}
