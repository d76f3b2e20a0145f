//! Payments that need approval: proposing, approving, rejecting and cancelling them.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, check_due, packed};

use super::transfers::said;
use super::{balances, policies, requests};
use crate::bindings::ehb::wallet::events::{Approval, Event, Payment, PaymentEnd};
use crate::bindings::ehb::wallet::types::{Error, PaymentState, PendingPayment};
use crate::checks::{self, PAYMENT_DURATION_MS_MAX, REFERENCE_BYTES_MAX};
use crate::keys::{DEADLINES, KEYS, Kind, LATEST_PAYMENT, PAYMENTS, PAYMENTS_OF};
use crate::states::{PAYMENT, PaymentAction};

/// See `payments.propose-payment`.
#[expect(clippy::too_many_arguments, reason = "the WIT's parameters")]
pub fn propose_payment(
    host: &mut Host,
    to: Address,
    asset: String,
    amount: u64,
    reference: String,
    request: Option<u64>,
    expires_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(to, asset, amount, reference, request, expires_ms);
    KEYS.run(host, &key, "propose-payment", &arguments, |host| {
        let asset_id = checks::asset_id(&asset)?;
        checks::amount(amount)?;
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        let now_ms = host.time_ms();
        checks::future("expires-ms", expires_ms, now_ms, PAYMENT_DURATION_MS_MAX)?;
        let payer = host.caller();
        if to == payer {
            return Err(Error::SameAccount(to));
        }
        super::check_active(host, to)?;
        let rules = policies::rulebook(host, payer, asset_id);
        let approvers = rules.approvers();
        if approvers.is_empty() {
            return Err(Error::NoPolicy);
        }
        if let Some(request) = request {
            let asked = requests::payable(host, request, payer, amount)?;
            if asked.payee != to || asked.asset != asset {
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
            to,
            asset,
            amount,
            reference,
            request,
            approvers,
            approved_by: Vec::new(),
            policy_version: rules.version,
            expires_ms,
        };
        PAYMENTS.set(host, &id, &payment);
        PAYMENTS_OF.set(host, &(payer, id), &());
        for approver in &payment.approvers {
            PAYMENTS_OF.set(host, &(*approver, id), &());
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
    let rules = policies::rulebook(host, payment.payer, asset);
    let Some(policy) = rules.policy.filter(|_| rules.version == payment.policy_version) else {
        return Err(Error::PolicyChanged);
    };
    let approver = host.caller();
    check_approver(&payment, approver)?;
    if payment.approved_by.contains(&approver) {
        return Err(Error::AlreadyApproved);
    }
    payment.approved_by.push(approver);
    host.emit(Event::PaymentApproved(Approval { payment: id, approver }));
    if payment.approved_by.len() < usize::from(policy.approvals) {
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
    check_approver(&payment, host.caller())?;
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

/// Ends a payment whose time is over.
pub(super) fn expire(host: &mut Host, id: u64) -> Result<(), Error> {
    let payment = known(host, id)?;
    PAYMENT.next(|| Kind::Payment.item(id), payment.state, PaymentAction::Expire)?;
    check_due(host, || Kind::Payment.item(id), payment.expires_ms)?;
    undo(host, payment, PaymentAction::Expire)
}

/// The payment of a number, whatever became of it.
pub(super) fn known(host: &Host, id: u64) -> Result<PendingPayment, Error> {
    Ok(PAYMENTS.find(host, Kind::Payment, id)?)
}

/// Refuses accounts that have no say in a payment.
fn check_approver(payment: &PendingPayment, caller: Address) -> Result<(), Error> {
    // Nobody approves a payment to themselves.
    let may = payment.approvers.contains(&caller) && caller != payment.to;
    if may { Ok(()) } else { Err(Error::NotApprover) }
}

/// Pays what was set aside, as a transfer at this time.
fn make(host: &mut Host, payment: &PendingPayment) -> Result<(), Error> {
    let PendingPayment { payer, to, amount, .. } = *payment;
    let asset = super::asset_of(&payment.asset);
    super::check_active(host, payer)?;
    super::check_active(host, to)?;
    if let Some(freeze) = super::assets::freeze_of(host, payer, asset) {
        return Err(Error::FrozenBalance(freeze));
    }
    balances::take_held(host, payer, asset, amount);
    balances::receive(host, to, asset, amount)?;
    host.emit(Event::Transferred(Payment {
        asset: payment.asset.clone(),
        from: payer,
        to,
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
    for approver in &payment.approvers {
        PAYMENTS_OF.remove(host, &(*approver, id));
    }
    DEADLINES.remove(host, Kind::Payment, id, payment.expires_ms);
    PAYMENTS.set(host, &id, &PendingPayment { state, ..payment });
    host.emit(Event::PaymentEnded(PaymentEnd { payment: id, state }));
    Ok(())
}
