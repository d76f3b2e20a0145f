//! How grants end, and where the money of bought ones goes.
//!
//! Usage never calls the wallet: it leaves a bought grant that it finished for `advance`, so that neither
//! its cost nor its success depends on another module.

use alloc::string::String;

use ehb_contract::common::{Party, Refusal};
use ehb_contract::{Host, check_before, packed};

use super::books::OpenBook;
use super::grants::grant;
use super::programme_records::programme;
use super::{TREASURER, money, removal};
use crate::bindings::ehb::credit::events::{Ending, Event, Settlement};
use crate::bindings::ehb::credit::types::{Error, Grant, GrantState, Purchase};
use crate::checks::{BASIS_POINTS, KEPT_MS, proportion_down};
use crate::keys::{BookedGrant, DEADLINES, GRANTS, KEYS, Kind};
use crate::states::{GRANT, GrantAction};
use crate::wallet;

/// See `grants.revoke-grant`.
pub fn revoke_grant(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "revoke-grant", &packed!(id), |host| {
        let grant = grant(host, id)?;
        super::check_treasurer(host, &programme(host, grant.programme)?)?;
        let item = || Kind::Grant.item(id);
        GRANT.next(item, grant.state, GrantAction::Revoke)?;
        if ended_by_time(host, &grant)? == Some(GrantAction::Expire) {
            return Err(Refusal::too_late(item(), grant.expires_ms, host.time_ms()).into());
        }
        end(host, grant, GrantAction::Revoke)
    })
}

/// See `grants.refund-purchase`.
pub fn refund_purchase(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "refund-purchase", &packed!(id), |host| {
        let grant = grant(host, id)?;
        let Some(purchase) = &grant.purchase else {
            // A gift has no buyer; the account that granted it may revoke it.
            let issuer = programme(host, grant.programme)?.issuer;
            return Err(Error::WrongParty(Party::member(issuer, TREASURER)));
        };
        if host.caller() != purchase.buyer {
            return Err(Error::WrongParty(Party::account(purchase.buyer)));
        }
        let item = || Kind::Grant.item(id);
        GRANT.next(item, grant.state, GrantAction::Refund)?;
        if ended_by_time(host, &grant)? == Some(GrantAction::Revoke) {
            return end(host, grant, GrantAction::Revoke);
        }
        check_before(host, item, purchase.refund_until_ms)?;
        end(host, grant, GrantAction::Refund)
    })
}

/// See `grants.settle-purchase`.
pub fn settle_purchase(host: &mut Host, id: u64, key: String) -> Result<u64, Error> {
    KEYS.run(host, &key, "settle-purchase", &packed!(id), |host| {
        let mut grant = grant(host, id)?;
        let item = || Kind::Grant.item(id);
        GRANT.next(item, grant.state, GrantAction::Settle)?;
        let purchase = grant.purchase.as_mut().ok_or(Error::NothingToSettle(id))?;
        check_before(host, item, purchase.hold_expires_ms)?;
        let earned = proportion_down(purchase.price, grant.used, grant.amount);
        let amount = earned - purchase.settled;
        if amount == 0 {
            return Err(Error::NothingToSettle(id));
        }
        let payout_account = programme(host, grant.programme)?.payout_account;
        wallet::pay_out(host, purchase.hold, payout_account, amount)?;
        purchase.settled = earned;
        GRANTS.set(host, &id, &grant);
        host.emit(Event::PurchaseSettled(Settlement { grant: id, amount }));
        Ok(amount)
    })
}

/// The step of `deadlines.advance` for a grant.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let grant = grant(host, id)?;
    if grant.state == GrantState::Open {
        return match ended_by_time(host, &grant)? {
            Some(action) => end(host, grant, action),
            None => {
                let (item, now_ms) = (Kind::Grant.item(id), host.time_ms());
                Err(Refusal::too_early(item, grant.expires_ms, now_ms).into())
            }
        };
    }
    if grant.ended_ms.is_some_and(|ended_ms| ended_ms + KEPT_MS <= host.time_ms()) {
        return removal::grant(host, &grant);
    }
    GRANT.next(|| Kind::Grant.item(id), grant.state, GrantAction::Close)?;
    if grant.held > 0 {
        return Err(Error::StillHeld(Kind::Grant.item(id)));
    }
    close(host, grant)
}

/// How time has ended an open grant, whether somebody advanced it or not: by the end of its programme or by its own
/// expiry, whichever came first. Where both come at once it is the programme's, which returns more to the buyer.
fn ended_by_time(host: &Host, grant: &Grant) -> Result<Option<GrantAction>, Error> {
    let closes_ms = programme(host, grant.programme)?.closes_ms;
    let (ends_ms, action) = match closes_ms.filter(|closes_ms| *closes_ms <= grant.expires_ms) {
        Some(closes_ms) => (closes_ms, GrantAction::Revoke),
        None => (grant.expires_ms, GrantAction::Expire),
    };
    Ok((ends_ms <= host.time_ms()).then_some(action))
}

/// Ends an open grant, and closes it unless usage holds a part of it.
fn end(host: &mut Host, mut grant: Grant, action: GrantAction) -> Result<(), Error> {
    let state = GRANT.next(|| Kind::Grant.item(grant.id), grant.state, action)?;
    let mut open = OpenBook::known(host, grant.programme, grant.account);
    let booked = open.book.end(grant.id, state);
    open.save(host);
    leave_open(host, &mut grant, state);
    if booked.held == 0 {
        return close(host, grant);
    }
    set_due(host, &mut grant, None);
    GRANTS.set(host, &grant.id, &grant);
    Ok(())
}

/// Goes on with a grant that usage has finished: all of it is used, or it was ending and nothing of it is
/// held any more. Its account's book has it no longer.
pub(super) fn finish(host: &mut Host, booked: BookedGrant) -> Result<(), Error> {
    let Some(mut grant) = GRANTS.get(host, &booked.id) else {
        return Err(Kind::Grant.unknown(booked.id).into());
    };
    grant.used = booked.used;
    grant.held = 0;
    if grant.state == GrantState::Open {
        let state = GRANT.next(|| Kind::Grant.item(grant.id), grant.state, GrantAction::Spend)?;
        leave_open(host, &mut grant, state);
    }
    if grant.purchase.is_none() {
        return close(host, grant);
    }
    let now_ms = host.time_ms();
    set_due(host, &mut grant, Some(now_ms));
    GRANTS.set(host, &grant.id, &grant);
    Ok(())
}

fn leave_open(host: &mut Host, grant: &mut Grant, state: GrantState) {
    grant.state = state;
    let at_ms = host.time_ms();
    host.emit(Event::GrantEnding(Ending { grant: grant.id, state, at_ms }));
}

/// Closes a grant of which nothing is held, and resolves the hold of its price.
fn close(host: &mut Host, mut grant: Grant) -> Result<(), Error> {
    let cause = grant.state;
    grant.state = GRANT.next(|| Kind::Grant.item(grant.id), cause, GrantAction::Close)?;
    if let Some(mut purchase) = grant.purchase.take() {
        let unused = grant.amount - grant.used;
        let value = proportion_down(purchase.price, unused, grant.amount);
        let returned = match cause {
            GrantState::Expiring => value - fee(value, purchase.breakage),
            GrantState::Refunding => value - fee(value, purchase.refund_fee),
            _ => value,
        };
        resolve_hold(host, grant.programme, &mut purchase, returned)?;
        grant.purchase = Some(purchase);
    }
    set_due(host, &mut grant, None);
    let ended_ms = host.time_ms();
    grant.ended_ms = Some(ended_ms);
    DEADLINES.add(host, Kind::Grant, grant.id, ended_ms + KEPT_MS);
    GRANTS.set(host, &grant.id, &grant);
    host.emit(Event::GrantClosed(grant));
    Ok(())
}

/// Returns an amount of a purchase's price to the buyer, and pays what is left to the issuer. When the
/// hold's own time is over, the wallet returns all of it, and nobody can change that.
fn resolve_hold(
    host: &mut Host,
    programme: u64,
    purchase: &mut Purchase,
    returned: u64,
) -> Result<(), Error> {
    let rest = purchase.price - purchase.settled;
    if rest == 0 {
        return Ok(());
    }
    if host.time_ms() >= purchase.hold_expires_ms {
        money::expire(host, purchase.hold)?;
        purchase.returned = rest;
        return Ok(());
    }
    let earned = rest - returned;
    if earned > 0 {
        let payout_account = self::programme(host, programme)?.payout_account;
        wallet::pay_out(host, purchase.hold, payout_account, earned)?;
    }
    if returned > 0 {
        wallet::release_hold(host, purchase.hold)?;
    }
    purchase.settled += earned;
    purchase.returned = returned;
    Ok(())
}

/// A part of a value, rounded down.
fn fee(value: u64, basis_points: u16) -> u64 {
    proportion_down(value, u64::from(basis_points), u64::from(BASIS_POINTS))
}

/// Moves a grant's deadline.
fn set_due(host: &mut Host, grant: &mut Grant, deadline_ms: Option<u64>) {
    DEADLINES.change(host, Kind::Grant, grant.id, grant.deadline_ms, deadline_ms);
    grant.deadline_ms = deadline_ms;
}
