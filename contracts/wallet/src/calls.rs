//! The exported functions: each is its rule over the chain at hand.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::{Document, DueItem, DuePage, Item, Refusal};
use ehb_contract::{Address, Host, answer};

use crate::bindings::ehb::wallet::types::{
    Allowance, Asset, AssetTerms, Balance, Error, Freeze, Hold, PendingPayment, Policy,
    PolicyStatus, Request, Statement, Supply, SupplyPolicy, TransferLine,
};
use crate::bindings::exports::ehb::common::deadlines;
use crate::bindings::exports::ehb::wallet::queries::{
    AllowancePage, AssetPage, BalancePage, HoldPage, OwnedKey, OwnedPage, PaymentPage, RequestPage,
    StatementPage,
};
use crate::bindings::exports::ehb::wallet::{
    allowances, assets, holds, payments, policies, queries, requests, transfers, upgrade,
};
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
        answer(rules::create_asset(&mut Host::new(), asset, name, precision, issuer))
    }

    fn create_asset_with_terms(
        asset: String,
        name: String,
        precision: u8,
        issuer: Address,
        terms: AssetTerms,
        key: String,
    ) -> Result<(), Error> {
        let host = &mut Host::new();
        answer(rules::create_asset_with_terms(host, asset, name, precision, issuer, terms, key))
    }

    fn restrict_supply(asset: String, supply: SupplyPolicy) -> Result<(), Error> {
        answer(rules::restrict_supply(&mut Host::new(), asset, supply))
    }

    fn freeze_balance(
        asset: String,
        account: Address,
        until_ms: u64,
        reason: String,
    ) -> Result<(), Error> {
        answer(rules::freeze_balance(&mut Host::new(), asset, account, until_ms, reason))
    }

    fn thaw_balance(asset: String, account: Address) -> Result<(), Error> {
        answer(rules::thaw_balance(&mut Host::new(), asset, account))
    }

    fn set_issuer(asset: String, issuer: Address) -> Result<(), Error> {
        answer(rules::set_issuer(&mut Host::new(), asset, issuer))
    }

    fn mint(asset: String, to: Address, amount: u64) -> Result<(), Error> {
        answer(rules::mint(&mut Host::new(), asset, to, amount))
    }

    fn burn(asset: String, amount: u64) -> Result<(), Error> {
        answer(rules::burn(&mut Host::new(), asset, amount))
    }
}

impl transfers::Guest for Wallet {
    fn transfer(to: Address, asset: String, amount: u64) -> Result<(), Error> {
        answer(rules::transfer(&mut Host::new(), to, asset, amount))
    }

    fn transfer_with_reference(
        to: Address,
        asset: String,
        amount: u64,
        reference: String,
    ) -> Result<(), Error> {
        answer(rules::transfer_with_reference(&mut Host::new(), to, asset, amount, reference))
    }

    fn batch_transfer(lines: Vec<TransferLine>, key: String) -> Result<(), Error> {
        answer(rules::batch_transfer(&mut Host::new(), lines, key))
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
        answer(rules::place_hold(host, asset, amount, payee, controller, expires_ms, reference))
    }

    fn pay_out(hold: u64, to: Address, amount: u64) -> Result<(), Error> {
        answer(rules::pay_out(&mut Host::new(), hold, to, amount))
    }

    fn release_hold(hold: u64) -> Result<(), Error> {
        answer(rules::release_hold(&mut Host::new(), hold))
    }

    fn expire_hold(hold: u64) -> Result<(), Error> {
        answer(rules::expire_hold(&mut Host::new(), hold))
    }
}

impl allowances::Guest for Wallet {
    fn grant_allowance(
        spender: Address,
        asset: String,
        limit: u64,
        period_ms: Option<u64>,
        expires_ms: u64,
        payees: Vec<Address>,
        reference: String,
        key: String,
    ) -> Result<u64, Error> {
        let host = &mut Host::new();
        answer(rules::grant_allowance(
            host, spender, asset, limit, period_ms, expires_ms, payees, reference, key,
        ))
    }

    fn close_allowance(allowance: u64) -> Result<(), Error> {
        answer(rules::close_allowance(&mut Host::new(), allowance))
    }

    fn transfer_from(
        allowance: u64,
        to: Address,
        amount: u64,
        reference: String,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::transfer_from(&mut Host::new(), allowance, to, amount, reference, key))
    }

    fn place_hold_from(
        allowance: u64,
        amount: u64,
        payee: Option<Address>,
        controller: Option<Address>,
        expires_ms: u64,
        reference: String,
        key: String,
    ) -> Result<u64, Error> {
        let host = &mut Host::new();
        answer(rules::place_hold_from(
            host, allowance, amount, payee, controller, expires_ms, reference, key,
        ))
    }
}

impl policies::Guest for Wallet {
    fn set_policy(asset: String, policy: Option<Policy>) -> Result<(), Error> {
        answer(rules::set_policy(&mut Host::new(), asset, policy))
    }

    fn cancel_policy_change(account: Address, asset: String) -> Result<(), Error> {
        answer(rules::cancel_policy_change(&mut Host::new(), account, asset))
    }
}

impl payments::Guest for Wallet {
    fn propose_payment(
        to: Address,
        asset: String,
        amount: u64,
        reference: String,
        request: Option<u64>,
        expires_ms: u64,
        key: String,
    ) -> Result<u64, Error> {
        let host = &mut Host::new();
        answer(rules::propose_payment(host, to, asset, amount, reference, request, expires_ms, key))
    }

    fn approve_payment(payment: u64) -> Result<(), Error> {
        answer(rules::approve_payment(&mut Host::new(), payment))
    }

    fn reject_payment(payment: u64) -> Result<(), Error> {
        answer(rules::reject_payment(&mut Host::new(), payment))
    }

    fn cancel_payment(payment: u64) -> Result<(), Error> {
        answer(rules::cancel_payment(&mut Host::new(), payment))
    }
}

impl requests::Guest for Wallet {
    fn request_payment(
        payer: Option<Address>,
        asset: String,
        amount: u64,
        parts: bool,
        due_ms: u64,
        reference: String,
        document: Option<Document>,
        key: String,
    ) -> Result<u64, Error> {
        let host = &mut Host::new();
        answer(rules::request_payment(
            host, payer, asset, amount, parts, due_ms, reference, document, key,
        ))
    }

    fn pay_request(
        request: u64,
        amount: u64,
        allowance: Option<u64>,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::pay_request(&mut Host::new(), request, amount, allowance, key))
    }

    fn cancel_request(request: u64) -> Result<(), Error> {
        answer(rules::cancel_request(&mut Host::new(), request))
    }

    fn decline_request(request: u64) -> Result<(), Error> {
        answer(rules::decline_request(&mut Host::new(), request))
    }
}

impl deadlines::Guest for Wallet {
    fn advance(item: Item) -> Result<(), Refusal> {
        rules::advance(&mut Host::new(), &item)
    }

    fn sweep(limit: u32) -> Result<Vec<DueItem>, Refusal> {
        rules::sweep(&mut Host::new(), limit)
    }

    fn list_due(after: Option<DueItem>, limit: u32) -> Result<DuePage, Refusal> {
        rules::list_due(&Host::new(), after.as_ref(), limit)
    }
}

impl upgrade::Guest for Wallet {
    fn migrate() -> Result<(), Error> {
        rules::migrate(&mut Host::new())
    }
}

impl queries::Guest for Wallet {
    fn get_native_asset() -> Result<Option<Asset>, Error> {
        answer(rules::get_native_asset(&Host::new()))
    }

    fn get_freeze(account: Address, asset: String) -> Result<Option<Freeze>, Error> {
        answer(rules::get_freeze(&Host::new(), account, asset))
    }

    fn get_policy(account: Address, asset: String) -> Result<PolicyStatus, Error> {
        answer(rules::get_policy(&Host::new(), account, asset))
    }

    fn get_allowance(allowance: u64) -> Result<Allowance, Error> {
        answer(rules::get_allowance(&Host::new(), allowance))
    }

    fn list_allowances(
        party: Address,
        after: Option<u64>,
        limit: u32,
    ) -> Result<AllowancePage, Error> {
        answer(rules::list_allowances(&Host::new(), party, after, limit))
    }

    fn get_payment(payment: u64) -> Result<PendingPayment, Error> {
        answer(rules::get_payment(&Host::new(), payment))
    }

    fn list_payments(party: Address, after: Option<u64>, limit: u32) -> Result<PaymentPage, Error> {
        answer(rules::list_payments(&Host::new(), party, after, limit))
    }

    fn get_request(request: u64) -> Result<Request, Error> {
        answer(rules::get_request(&Host::new(), request))
    }

    fn list_requests(party: Address, after: Option<u64>, limit: u32) -> Result<RequestPage, Error> {
        answer(rules::list_requests(&Host::new(), party, after, limit))
    }

    fn get_statement(account: Address, asset: String, month: u32) -> Result<Statement, Error> {
        answer(rules::get_statement(&Host::new(), account, asset, month))
    }

    fn list_statements(
        account: Address,
        asset: String,
        after: Option<u32>,
        limit: u32,
    ) -> Result<StatementPage, Error> {
        answer(rules::list_statements(&Host::new(), account, asset, after, limit))
    }

    fn get_asset(asset: String) -> Result<Asset, Error> {
        answer(rules::get_asset(&Host::new(), asset))
    }

    fn list_assets(after: Option<String>, limit: u32) -> Result<AssetPage, Error> {
        answer(rules::list_assets(&Host::new(), after, limit))
    }

    fn get_supply(asset: String) -> Result<Supply, Error> {
        answer(rules::get_supply(&Host::new(), asset))
    }

    fn get_balance(account: Address, asset: String) -> Result<Balance, Error> {
        answer(rules::get_balance(&Host::new(), account, asset))
    }

    fn list_balances(
        account: Address,
        after: Option<String>,
        limit: u32,
    ) -> Result<BalancePage, Error> {
        answer(rules::list_balances(&Host::new(), account, after, limit))
    }

    fn list_owned(after: Option<OwnedKey>, limit: u32) -> Result<OwnedPage, Error> {
        answer(rules::list_owned(&Host::new(), after, limit))
    }

    fn get_hold(hold: u64) -> Result<Hold, Error> {
        answer(rules::get_hold(&Host::new(), hold))
    }

    fn list_holds(payer: Address, after: Option<u64>, limit: u32) -> Result<HoldPage, Error> {
        answer(rules::list_holds(&Host::new(), payer, after, limit))
    }
}
