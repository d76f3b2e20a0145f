//! Payment requests: making, paying, cancelling and declining them.

use alloc::string::String;

use ehb_contract::common::{Document, LimitUsage, Party};
use ehb_contract::{Address, Host, check_before, check_due, packed};

use super::transfers::said;
use super::{allowance_use, transfers, unasked};
use crate::bindings::ehb::wallet::events::{Event, RequestEnd, RequestPaymentMade};
use crate::bindings::ehb::wallet::types::{Error, Request, RequestState};
use crate::checks::{self, KEPT_MS, REFERENCE_BYTES_MAX, REQUEST_DURATION_MS_MAX};
use crate::keys::{
    ASSETS, DEADLINES, KEYS, Kind, LATEST_REQUEST, OPEN, OVER, REQUESTS, REQUESTS_OF, REQUESTS_OPEN,
};
use crate::states::{REQUEST, RequestAction};

/// See `requests.request-payment`.
#[expect(clippy::too_many_arguments, reason = "the WIT's parameters")]
pub fn request_payment(
    host: &mut Host,
    payer: Option<Address>,
    asset: String,
    amount: u64,
    partial_allowed: bool,
    due_ms: u64,
    reference: String,
    document: Option<Document>,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(payer, asset, amount, partial_allowed, due_ms, reference, document);
    KEYS.run(host, &key, "request-payment", &arguments, |host| {
        let asset_id = checks::asset_id(&asset)?;
        checks::amount(amount)?;
        let now_ms = host.time_ms();
        checks::future("due-ms", due_ms, now_ms, REQUEST_DURATION_MS_MAX)?;
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        document.as_ref().map_or(Ok(()), checks::document)?;
        let payee = host.caller();
        if let Some(payer) = payer {
            if payer == payee {
                return Err(Error::SameAccount(payer));
            }
            super::check_active(host, payer)?;
        }
        if !ASSETS.contains(host, &asset_id) {
            return Err(Error::UnknownAsset(asset));
        }

        let id = LATEST_REQUEST.get(host).unwrap_or(0) + 1;
        LATEST_REQUEST.set(host, &id);
        let request = Request {
            id,
            state: RequestState::Open,
            payee,
            payer,
            asset,
            amount,
            paid: 0,
            partial_allowed,
            due_ms,
            reference,
            document,
        };
        REQUESTS.set(host, &id, &request);
        REQUESTS_OF.set(host, &(payee, OPEN, id), &None);
        if let Some(payer) = payer {
            let of = unasked::count(host, &REQUESTS_OPEN, "open-requests", payee, payer)?;
            REQUESTS_OF.set(host, &(payer, OPEN, id), &Some(of));
        }
        DEADLINES.add(host, Kind::Request, id, due_ms);
        host.emit(Event::RequestCreated(request));
        Ok(id)
    })
}

/// See `requests.pay-request`.
pub fn pay_request(
    host: &mut Host,
    id: u64,
    amount: u64,
    allowance: Option<u64>,
    key: String,
) -> Result<(), Error> {
    KEYS.run(host, &key, "pay-request", &packed!(id, amount, allowance), |host| {
        let payer = match allowance {
            None => host.caller(),
            Some(allowance) => {
                let request = known(host, id)?;
                let (payee, spender) = (request.payee, host.caller());
                let (owner, asset) = allowance_use::draw(host, allowance, amount, payee, spender)?;
                if asset != request.asset {
                    return Err(Error::RequestMismatch(id));
                }
                owner
            }
        };
        let request = payable(host, id, payer, amount)?;
        let (payee, asset) = (request.payee, request.asset.clone());
        transfers::pay(host, payer, payee, asset, amount, said(request.reference.clone()))?;
        enter(host, request, payer, amount)
    })
}

/// See `requests.cancel-request`.
pub fn cancel_request(host: &mut Host, id: u64) -> Result<(), Error> {
    let request = known(host, id)?;
    next(&request, RequestAction::Cancel)?;
    if host.caller() != request.payee {
        return Err(Error::WrongParty(Party::account(request.payee)));
    }
    end(host, request, RequestAction::Cancel)
}

/// See `requests.decline-request`.
pub fn decline_request(host: &mut Host, id: u64) -> Result<(), Error> {
    let request = known(host, id)?;
    next(&request, RequestAction::Decline)?;
    // Where anyone may pay, nobody can refuse for the others; its payee can withdraw it.
    let decides = request.payer.unwrap_or(request.payee);
    if host.caller() != decides || request.payer.is_none() {
        return Err(Error::WrongParty(Party::account(decides)));
    }
    end(host, request, RequestAction::Decline)
}

/// Ends a request whose time is over, or removes one that was over long ago.
pub(super) fn expire(host: &mut Host, id: u64) -> Result<(), Error> {
    let request = known(host, id)?;
    let removed_ms = request.due_ms + KEPT_MS;
    if REQUEST.is_end(request.state) && removed_ms <= host.time_ms() {
        REQUESTS.remove(host, &id);
        for party in [Some(request.payee), request.payer].into_iter().flatten() {
            REQUESTS_OF.remove(host, &(party, OVER, id));
        }
        super::removed(host, Kind::Request, id, removed_ms);
        return Ok(());
    }
    next(&request, RequestAction::Expire)?;
    check_due(host, || Kind::Request.item(id), request.due_ms)?;
    end(host, request, RequestAction::Expire)
}

fn next(request: &Request, action: RequestAction) -> Result<RequestState, Error> {
    Ok(REQUEST.next(|| Kind::Request.item(request.id), request.state, action)?)
}

/// The request of a number, whatever became of it, until it leaves the state.
pub(super) fn known(host: &Host, id: u64) -> Result<Request, Error> {
    Ok(REQUESTS.find_kept(host, Kind::Request, id, |host| LATEST_REQUEST.get(host))?)
}

/// The request, where this payer can pay that much of it now.
pub(super) fn payable(host: &Host, id: u64, payer: Address, amount: u64) -> Result<Request, Error> {
    checks::amount(amount)?;
    let request = known(host, id)?;
    next(&request, RequestAction::PayRest)?;
    check_before(host, || Kind::Request.item(id), request.due_ms)?;
    if let Some(named) = request.payer
        && named != payer
    {
        return Err(Error::WrongParty(Party::account(named)));
    }
    if amount > request.amount - request.paid {
        return Err(Error::OverRequest(LimitUsage::new(request.amount, request.paid, amount)));
    }
    if !request.partial_allowed && amount != request.amount {
        return Err(Error::PartialNotAllowed(request.amount));
    }
    Ok(request)
}

/// Counts an amount that was paid; [`payable`] said that it fits.
pub(super) fn enter(
    host: &mut Host,
    mut request: Request,
    payer: Address,
    amount: u64,
) -> Result<(), Error> {
    request.paid += amount;
    let whole = request.paid == request.amount;
    let action = if whole { RequestAction::PayRest } else { RequestAction::PayPart };
    request.state = next(&request, action)?;
    REQUESTS.set(host, &request.id, &request);
    if whole {
        put_away(host, &request);
    }
    let (request, state) = (request.id, request.state);
    host.emit(Event::RequestPaid(RequestPaymentMade { request, payer, amount, state }));
    Ok(())
}

fn end(host: &mut Host, mut request: Request, action: RequestAction) -> Result<(), Error> {
    request.state = next(&request, action)?;
    REQUESTS.set(host, &request.id, &request);
    put_away(host, &request);
    let (request, state) = (request.id, request.state);
    host.emit(Event::RequestEnded(RequestEnd { request, state }));
    Ok(())
}

/// Moves a request that is over in the indices: it leaves the state later.
fn put_away(host: &mut Host, request: &Request) {
    let Request { id, due_ms, .. } = *request;
    if let Some(payer) = request.payer
        && let Some(of) = REQUESTS_OF.get(host, &(payer, OPEN, id)).flatten()
    {
        unasked::uncount(host, &REQUESTS_OPEN, payer, of);
    }
    for party in [Some(request.payee), request.payer].into_iter().flatten() {
        REQUESTS_OF.remove(host, &(party, OPEN, id));
        REQUESTS_OF.set(host, &(party, OVER, id), &None);
    }
    DEADLINES.change(host, Kind::Request, id, Some(due_ms), Some(due_ms + KEPT_MS));
}
