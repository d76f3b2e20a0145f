//! Allowances: granting and closing them, and spending from another account within their limits.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_due, packed};

use super::allowance_use::{active, draw};
use super::holds::{self, Terms};
use super::{transfers, unasked};
use crate::bindings::ehb::wallet::events::{AllowanceEnd, AllowanceOutcome, Event};
use crate::bindings::ehb::wallet::types::{Allowance, Error};
use crate::checks::{
    self, ALLOWANCE_DURATION_MS_MAX, ALLOWANCE_PAYEES_MAX, PERIOD_MS_MAX, PERIOD_MS_MIN,
    REFERENCE_BYTES_MAX,
};
use crate::keys::{
    ALLOWANCES, ALLOWANCES_OF, ALLOWANCES_OPEN, ASSETS, DEADLINES, KEYS, Kind, LATEST_ALLOWANCE,
};
use crate::states::AllowanceAction;

/// See `allowances.grant-allowance`.
#[expect(clippy::too_many_arguments, reason = "the WIT's parameters")]
pub fn grant_allowance(
    host: &mut Host,
    spender: Address,
    asset: String,
    limit: u64,
    period_ms: Option<u64>,
    expires_ms: u64,
    payees: Vec<Address>,
    reference: String,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(spender, asset, limit, period_ms, expires_ms, payees, reference);
    KEYS.run(host, &key, "grant-allowance", &arguments, |host| {
        let asset_id = checks::asset_id(&asset)?;
        checks::amount(limit)?;
        if let Some(period_ms) = period_ms {
            checks::range("period-ms", period_ms, PERIOD_MS_MIN, PERIOD_MS_MAX)?;
        }
        let now_ms = host.time_ms();
        checks::future("expires-ms", expires_ms, now_ms, ALLOWANCE_DURATION_MS_MAX)?;
        checks::accounts("payees", &payees, ALLOWANCE_PAYEES_MAX)?;
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        let owner = host.caller();
        if spender == owner {
            return Err(Error::SameAccount(owner));
        }
        super::check_active(host, spender)?;
        if !ASSETS.contains(host, &asset_id) {
            return Err(Error::UnknownAsset(asset));
        }

        let id = LATEST_ALLOWANCE.get(host).unwrap_or(0) + 1;
        LATEST_ALLOWANCE.set(host, &id);
        let allowance = Allowance {
            id,
            owner,
            spender,
            asset,
            limit,
            period_ms,
            spent: 0,
            period_start_ms: now_ms,
            granted_ms: now_ms,
            expires_ms,
            payees,
            reference,
        };
        ALLOWANCES.set(host, &id, &allowance);
        let of = unasked::count(host, &ALLOWANCES_OPEN, "allowances", owner, spender)?;
        ALLOWANCES_OF.set(host, &(owner, id), &None);
        ALLOWANCES_OF.set(host, &(spender, id), &Some(of));
        DEADLINES.add(host, Kind::Allowance, id, expires_ms);
        host.emit(Event::AllowanceGranted(allowance));
        Ok(id)
    })
}

/// See `allowances.close-allowance`.
pub fn close_allowance(host: &mut Host, id: u64) -> Result<(), Error> {
    let allowance = active(host, id, AllowanceAction::Close)?;
    let caller = host.caller();
    let over = host.time_ms() >= allowance.expires_ms;
    if caller != allowance.owner && caller != allowance.spender && !over {
        return Err(Error::WrongParty(Party::account(allowance.owner)));
    }
    let outcome = match () {
        () if over => AllowanceOutcome::Expired,
        () if caller == allowance.owner => AllowanceOutcome::Revoked,
        () => AllowanceOutcome::Renounced,
    };
    close(host, &allowance, outcome);
    Ok(())
}

/// Ends an allowance whose time is over.
pub(super) fn expire(host: &mut Host, id: u64) -> Result<(), Error> {
    let allowance = active(host, id, AllowanceAction::Expire)?;
    check_due(host, || Kind::Allowance.item(id), allowance.expires_ms)?;
    close(host, &allowance, AllowanceOutcome::Expired);
    Ok(())
}

/// See `allowances.transfer-from`.
pub fn transfer_from(
    host: &mut Host,
    id: u64,
    to: Address,
    amount: u64,
    reference: String,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(id, to, amount, reference);
    KEYS.run(host, &key, "transfer-from", &arguments, |host| {
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        let spender = host.caller();
        let (owner, asset) = draw(host, id, amount, to, spender)?;
        transfers::pay(host, owner, to, asset, amount, transfers::said(reference))
    })
}

/// See `allowances.place-hold-from`.
#[expect(clippy::too_many_arguments, reason = "the WIT's parameters")]
pub fn place_hold_from(
    host: &mut Host,
    id: u64,
    amount: u64,
    payee: Option<Address>,
    controller: Option<Address>,
    expires_ms: u64,
    reference: String,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(id, amount, payee, controller, expires_ms, reference);
    KEYS.run(host, &key, "place-hold-from", &arguments, |host| {
        let controller = controller.unwrap_or_else(|| host.caller());
        // As with `place-hold`, a module sets aside for the transaction's sender.
        let (caller, sender) = (host.caller(), host.sender());
        let spender = match ALLOWANCES.get(host, &id) {
            Some(allowance) if allowance.spender == sender => sender,
            _ => caller,
        };
        let (owner, asset) = draw(host, id, amount, payee.unwrap_or(controller), spender)?;
        let terms = Terms { asset, amount, payee, controller, expires_ms, reference };
        holds::place(host, owner, terms)
    })
}

fn close(host: &mut Host, allowance: &Allowance, outcome: AllowanceOutcome) {
    let id = allowance.id;
    ALLOWANCES.remove(host, &id);
    if let Some(of) = ALLOWANCES_OF.get(host, &(allowance.spender, id)).flatten() {
        unasked::uncount(host, &ALLOWANCES_OPEN, allowance.spender, of);
    }
    for party in [allowance.owner, allowance.spender] {
        ALLOWANCES_OF.remove(host, &(party, id));
    }
    DEADLINES.remove(host, Kind::Allowance, id, allowance.expires_ms);
    host.emit(Event::AllowanceClosed(AllowanceEnd { allowance: id, outcome }));
}
