//! Payments that need approval: proposing, approving, rejecting and cancelling them.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, check_due, packed};

use super::transfers::said;
use super::{balances, policy_records, requests, tiers};
use crate::bindings::ehb::wallet::events::{Approval, Event, PaymentEnd, Transfer};
use crate::bindings::ehb::wallet::types::{Error, PaymentState, PendingPayment};
use crate::checks::{self, KEPT_MS, PAYMENT_DURATION_MS_MAX, REFERENCE_BYTES_MAX};
use crate::keys::{
    DEADLINES, KEYS, Kind, LATEST_PAYMENT, OVER, PAYMENTS, PAYMENTS_OF, PAYMENTS_OF_ROLE,
};
use crate::states::{PAYMENT, PaymentAction};

/// See `payments.propose-payment`.
#[expect(clippy::too_many_arguments, reason = "the WIT's parameters")]
pub fn propose_payment(
    host: &mut Host,
    payee: Address,
    asset: String,
    amount: u64,
    reference: String,
    request: Option<u64>,
    expires_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(payee, asset, amount, reference, request, expires_ms);
    KEYS.run(host, &key, "propose-payment", &arguments, |host| {
        let asset_id = checks::asset_id(&asset)?;
        checks::amount(amount)?;
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        let now_ms = host.time_ms();
        checks::future("expires-ms", expires_ms, now_ms, PAYMENT_DURATION_MS_MAX)?;
        let payer = host.caller();
        if payee == payer {
            return Err(Error::SameAccount(payee));
        }
        super::check_active(host, payee)?;
        let deciders = tiers::ask(host, payer, asset_id, amount)?;
        if let Some(request) = request {
            let asked = requests::payable(host, request, payer, amount)?;
            if asked.payee != payee || asked.asset != asset {
                return Err(Error::RequestMismatch(request));
            }
        }
        balances::set_aside(host, payer, asset_id, amount, None)?;

        let id = LATEST_PAYMENT.get(host).unwrap_or(0) + 1;
        LATEST_PAYMENT.set(host, &id);
        let payment = PendingPayment {
            id,
            state: PaymentState::Pending,
            payer,
            payee,
            asset,
            amount,
            reference,
            request,
            approvers: deciders.approvers,
            role: deciders.role,
            approvals: deciders.approvals,
            approved_by: Vec::new(),
            policy_version: deciders.policy_version,
            expires_ms,
        };
        PAYMENTS.set(host, &id, &payment);
        tiers::put_before(host, &PAYMENTS_OF, id, payer, &payment.approvers)?;
        if let Some(role) = &payment.role {
            let place = tiers::place(host, role);
            PAYMENTS_OF_ROLE.set(host, &(place, id), &());
        }
        DEADLINES.add(host, Kind::Payment, id, expires_ms);
        host.emit(Event::PaymentProposed(payment));
        Ok(id)
    })
}

/// See `payments.approve-payment`.
pub fn approve_payment(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut payment = known(host, id)?;
    PAYMENT.next(|| Kind::Payment.item(id), payment.state, PaymentAction::Approve)?;
    check_before(host, || Kind::Payment.item(id), payment.expires_ms)?;
    let asset = super::asset_of(&payment.asset);
    let rules = policy_records::rulebook(host, payment.payer, asset);
    if rules.policy.is_none() || rules.version != payment.policy_version {
        return Err(Error::PolicyChanged);
    }
    let approver = host.caller();
    check_approver(host, &payment, approver)?;
    if payment.approved_by.contains(&approver) {
        return Err(Error::AlreadyApproved);
    }
    payment.approved_by.push(approver);
    host.emit(Event::PaymentApproved(Approval { payment: id, approver }));
    let counted = payment.approved_by.iter().filter(|it| may_approve(host, &payment, **it)).count();
    if counted < usize::from(payment.approvals) {
        PAYMENTS.set(host, &id, &payment);
        return Ok(());
    }
    end(host, payment.clone(), PaymentAction::ApproveLast)?;
    make(host, &payment)
}

/// See `payments.reject-payment`.
pub fn reject_payment(host: &mut Host, id: u64) -> Result<(), Error> {
    let payment = known(host, id)?;
    PAYMENT.next(|| Kind::Payment.item(id), payment.state, PaymentAction::Reject)?;
    check_approver(host, &payment, host.caller())?;
    undo(host, payment, PaymentAction::Reject)
}

/// See `payments.cancel-payment`.
pub fn cancel_payment(host: &mut Host, id: u64) -> Result<(), Error> {
    let payment = known(host, id)?;
    PAYMENT.next(|| Kind::Payment.item(id), payment.state, PaymentAction::Cancel)?;
    if host.caller() != payment.payer {
        return Err(Error::WrongParty(Party::account(payment.payer)));
    }
    undo(host, payment, PaymentAction::Cancel)
}

/// Ends a payment whose time is over, or removes one that was over long ago.
pub(super) fn expire(host: &mut Host, id: u64) -> Result<(), Error> {
    let payment = known(host, id)?;
    let removed_ms = payment.expires_ms + KEPT_MS;
    if PAYMENT.is_end(payment.state) && removed_ms <= host.time_ms() {
        PAYMENTS.remove(host, &id);
        PAYMENTS_OF.remove(host, &(payment.payer, OVER, id));
        super::removed(host, Kind::Payment, id, removed_ms);
        return Ok(());
    }
    PAYMENT.next(|| Kind::Payment.item(id), payment.state, PaymentAction::Expire)?;
    check_due(host, || Kind::Payment.item(id), payment.expires_ms)?;
    undo(host, payment, PaymentAction::Expire)
}

/// The payment of a number, whatever became of it, until it leaves the state.
pub(super) fn known(host: &Host, id: u64) -> Result<PendingPayment, Error> {
    Ok(PAYMENTS.find_kept(host, Kind::Payment, id, |host| LATEST_PAYMENT.get(host))?)
}

/// Refuses accounts that have no say in a payment.
fn check_approver(host: &Host, payment: &PendingPayment, caller: Address) -> Result<(), Error> {
    if may_approve(host, payment, caller) { Ok(()) } else { Err(Error::NotApprover) }
}

/// Whether an account has a say in a payment now. Nobody approves a payment of their own, or to themselves.
fn may_approve(host: &Host, payment: &PendingPayment, account: Address) -> bool {
    let PendingPayment { payer, payee, approvers, role, .. } = payment;
    account != *payer
        && account != *payee
        && tiers::is_approver(host, account, approvers, role.as_ref())
}

/// Pays what was set aside, as a transfer at this time.
fn make(host: &mut Host, payment: &PendingPayment) -> Result<(), Error> {
    let PendingPayment { payer, payee, amount, .. } = *payment;
    let asset = super::asset_of(&payment.asset);
    super::check_active(host, payer)?;
    super::check_active(host, payee)?;
    if let Some(freeze) = super::assets::freeze_of(host, payer, asset) {
        return Err(Error::FrozenBalance(freeze));
    }
    balances::take_held(host, payer, asset, amount);
    balances::receive(host, payee, asset, amount)?;
    host.emit(Event::Transferred(Transfer {
        asset: payment.asset.clone(),
        from: payer,
        to: payee,
        amount,
        reference: said(payment.reference.clone()),
    }));
    if let Some(request) = payment.request {
        let asked = requests::payable(host, request, payer, amount)?;
        requests::enter(host, asked, payer, amount)?;
    }
    Ok(())
}

/// Ends a payment, and returns the amount, even if the payer's account is frozen.
fn undo(host: &mut Host, payment: PendingPayment, action: PaymentAction) -> Result<(), Error> {
    let asset = super::asset_of(&payment.asset);
    balances::give_back(host, payment.payer, asset, payment.amount);
    end(host, payment, action)
}

fn end(host: &mut Host, payment: PendingPayment, action: PaymentAction) -> Result<(), Error> {
    let id = payment.id;
    let state: PaymentState = PAYMENT.next(|| Kind::Payment.item(id), payment.state, action)?;
    tiers::take_away(host, &PAYMENTS_OF, id, payment.payer, &payment.approvers);
    if let Some(role) = &payment.role {
        let place = tiers::place(host, role);
        PAYMENTS_OF_ROLE.remove(host, &(place, id));
    }
    let expires_ms = payment.expires_ms;
    DEADLINES.change(host, Kind::Payment, id, Some(expires_ms), Some(expires_ms + KEPT_MS));
    PAYMENTS.set(host, &id, &PendingPayment { state, ..payment });
    host.emit(Event::PaymentEnded(PaymentEnd { payment: id, state }));
    Ok(())
}
