//! Holds: setting an amount aside, then paying it out, releasing it or letting it expire.

use alloc::string::String;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, Named as _, check_before, check_due, wrong_state_named};

use super::{balances, draws};
use crate::bindings::ehb::wallet::events::{Event, HoldPayment, HoldReturn};
use crate::bindings::ehb::wallet::types::{Error, Hold, HoldShortfall};
use crate::checks::{self, ACCOUNT_HOLD_MS_MAX, HOLD_DURATION_MS_MAX, REFERENCE_BYTES_MAX};
use crate::keys::{AssetId, HOLDS, HOLDS_OF_PAYER, Kind, LATEST_HOLD};
use crate::states::{HOLD, HoldAction, HoldState};

/// The state of a hold that is over, in whatever way: only open ones are stored.
const RESOLVED: &str = "resolved";

/// The terms of a new hold.
pub(super) struct Terms {
    pub(super) asset: String,
    pub(super) amount: u64,
    pub(super) payee: Option<Address>,
    pub(super) controller: Address,
    pub(super) expires_ms: u64,
    pub(super) reference: String,
}

/// See `holds.place-hold`.
pub fn place_hold(
    host: &mut Host,
    asset: String,
    amount: u64,
    payee: Option<Address>,
    controller: Option<Address>,
    expires_ms: u64,
    reference: String,
) -> Result<u64, Error> {
    let controller = controller.unwrap_or_else(|| host.caller());
    // An account that holds money itself names the allowance: `place-hold-from`.
    let payer = match host.caller_module() {
        Some(_) => draws::payer(host, &asset, amount, payee.unwrap_or(controller))?,
        None => host.sender(),
    };
    place(host, payer, Terms { asset, amount, payee, controller, expires_ms, reference })
}

/// Sets an amount of the payer's aside, within the payer's policy.
pub(super) fn place(host: &mut Host, payer: Address, terms: Terms) -> Result<u64, Error> {
    let Terms { asset, amount, payee, controller, expires_ms, reference } = terms;
    let asset_id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
    let by_account = if controller == host.caller() {
        host.caller_module().is_none()
    } else {
        host.organisation(controller).is_some()
    };
    let lasts_ms_max = if by_account { ACCOUNT_HOLD_MS_MAX } else { HOLD_DURATION_MS_MAX };
    checks::future("expires-ms", expires_ms, host.time_ms(), lasts_ms_max)?;
    if let Some(payee) = payee {
        if payee == payer {
            return Err(Error::SameAccount(payee));
        }
        super::check_active(host, payee)?;
    }
    // The caller is active.
    if controller != host.caller() {
        super::check_active(host, controller)?;
    }
    balances::set_aside(host, payer, asset_id, amount, Some(payee.unwrap_or(controller)))?;

    let id = LATEST_HOLD.get(host).unwrap_or(0) + 1;
    LATEST_HOLD.set(host, &id);
    let remaining = amount;
    let hold =
        Hold { id, payer, controller, payee, asset, amount, remaining, expires_ms, reference };
    HOLDS.set(host, &id, &hold);
    HOLDS_OF_PAYER.set(host, &(payer, id), &());
    host.emit(Event::HoldPlaced(hold));
    Ok(id)
}

/// See `holds.pay-out`.
pub fn pay_out(host: &mut Host, id: u64, to: Address, amount: u64) -> Result<(), Error> {
    checks::amount(amount)?;
    let hold = payable(host, id)?;
    if let Some(payee) = hold.payee
        && to != payee
        && to != hold.payer
    {
        return Err(Error::WrongPayee(payee));
    }
    super::check_registered(host, to)?;
    pay(host, hold, to, amount)
}

/// See `holds.pay-back`.
pub fn pay_back(host: &mut Host, id: u64, amount: u64) -> Result<(), Error> {
    checks::amount(amount)?;
    let hold = payable(host, id)?;
    let payer = hold.payer;
    pay(host, hold, payer, amount)
}

/// The open hold of a number, where the caller may pay out of it now.
fn payable(host: &Host, id: u64) -> Result<Hold, Error> {
    let hold = open_hold(host, id, "pay")?;
    if host.caller() != hold.controller {
        return Err(Error::WrongParty(Party::account(hold.controller)));
    }
    check_before(host, || Kind::Hold.item(id), hold.expires_ms)?;
    Ok(hold)
}

/// Pays a part of a hold.
fn pay(host: &mut Host, mut hold: Hold, to: Address, amount: u64) -> Result<(), Error> {
    let id = hold.id;
    let Some(remaining) = hold.remaining.checked_sub(amount) else {
        let shortfall = HoldShortfall { hold: id, remaining: hold.remaining, needed: amount };
        return Err(Error::InsufficientHold(shortfall));
    };
    let asset = super::asset_of(&hold.asset);
    if to != hold.payer {
        check_not_frozen(host, &hold, asset)?;
    }
    balances::take_held(host, hold.payer, asset, amount);
    balances::credit(host, to, asset, amount);
    hold.remaining = remaining;
    if state(id, HoldAction::of_payment(remaining))? == HoldState::PaidOut {
        remove(host, &hold);
    } else {
        HOLDS.set(host, &id, &hold);
    }
    host.emit(Event::HoldPaid(HoldPayment { hold: id, to, amount, remaining }));
    Ok(())
}

/// While the payer or the payer's balance is frozen, an account that controls a hold pays nobody but the payer: a
/// freeze would be evaded by money that was held under oneself or a friend before it came. A deal in which a
/// module decides goes on.
fn check_not_frozen(host: &Host, hold: &Hold, asset: AssetId) -> Result<(), Error> {
    if host.caller_module().is_some() {
        return Ok(());
    }
    super::check_active(host, hold.payer)?;
    match super::assets::freeze_of(host, hold.payer, asset) {
        Some(freeze) => Err(Error::FrozenBalance(freeze)),
        None => Ok(()),
    }
}

/// See `holds.release-hold`.
pub fn release_hold(host: &mut Host, id: u64) -> Result<(), Error> {
    let hold = open_hold(host, id, HoldAction::Release.name())?;
    let caller = host.caller();
    if caller != hold.controller && hold.payee != Some(caller) {
        return Err(Error::WrongParty(Party::account(hold.controller)));
    }
    check_before(host, || Kind::Hold.item(id), hold.expires_ms)?;
    state(id, HoldAction::Release)?;
    let returned = return_rest(host, &hold);
    host.emit(Event::HoldReleased(returned));
    Ok(())
}

/// See `holds.expire-hold`.
pub fn expire_hold(host: &mut Host, id: u64) -> Result<(), Error> {
    let hold = open_hold(host, id, HoldAction::Expire.name())?;
    check_due(host, || Kind::Hold.item(id), hold.expires_ms)?;
    state(id, HoldAction::Expire)?;
    let returned = return_rest(host, &hold);
    host.emit(Event::HoldExpired(returned));
    Ok(())
}

/// The hold of a number, while it is open. Numbers are given in order and never again, so a number
/// up to the latest without a hold is one that was resolved.
pub(super) fn open_hold(host: &Host, id: u64, action: &str) -> Result<Hold, Error> {
    if let Some(hold) = HOLDS.get(host, &id) {
        return Ok(hold);
    }
    let latest = LATEST_HOLD.get(host).unwrap_or(0);
    Err(if (1..=latest).contains(&id) {
        wrong_state_named(Kind::Hold.item(id), RESOLVED, action).into()
    } else {
        Kind::Hold.unknown(id).into()
    })
}

/// The state of an open hold after an action.
fn state(id: u64, action: HoldAction) -> Result<HoldState, Error> {
    Ok(HOLD.next(|| Kind::Hold.item(id), HoldState::Open, action)?)
}

/// Returns what is left to the payer, whatever has become of the payer's account: nothing and
/// nobody can keep money in a hold.
fn return_rest(host: &mut Host, hold: &Hold) -> HoldReturn {
    balances::give_back(host, hold.payer, super::asset_of(&hold.asset), hold.remaining);
    remove(host, hold);
    HoldReturn { hold: hold.id, amount: hold.remaining }
}

fn remove(host: &mut Host, hold: &Hold) {
    HOLDS.remove(host, &hold.id);
    HOLDS_OF_PAYER.remove(host, &(hold.payer, hold.id));
}
