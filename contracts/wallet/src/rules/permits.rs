//! Permits: asking for them, approving them, and spending on them what a policy refuses.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, check_due, packed};

use super::policies;
use crate::bindings::ehb::wallet::events::{Event, PermitApproval, PermitEnd, PermitUse};
use crate::bindings::ehb::wallet::types::{Error, Permit, PermitState};
use crate::checks::{self, PAYMENT_DURATION_MS_MAX, REFERENCE_BYTES_MAX};
use crate::keys::{
    AssetId, AssetSlot, DEADLINES, KEYS, Kind, LATEST_PERMIT, PERMITS, PERMITS_FOR, PERMITS_OF,
};
use crate::states::{PERMIT, PermitAction};

/// How many approved permits to one payee a payment or hold looks at.
const TRIED_MAX: u32 = 8;

/// See `permits.ask-permit`.
pub fn ask_permit(
    host: &mut Host,
    payee: Address,
    asset: String,
    amount_max: u64,
    reference: String,
    expires_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(payee, asset, amount_max, reference, expires_ms);
    KEYS.run(host, &key, "ask-permit", &arguments, |host| {
        let asset_id = checks::asset_id(&asset)?;
        checks::amount(amount_max)?;
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        checks::future("expires-ms", expires_ms, host.time_ms(), PAYMENT_DURATION_MS_MAX)?;
        let payer = host.caller();
        if payee == payer {
            return Err(Error::SameAccount(payee));
        }
        super::check_active(host, payee)?;
        let rules = policies::rulebook(host, payer, asset_id);
        let (approvers, policy_version) = (rules.approvers(), rules.version);
        if approvers.is_empty() {
            return Err(Error::NoPolicy);
        }

        let id = LATEST_PERMIT.get(host).unwrap_or(0) + 1;
        LATEST_PERMIT.set(host, &id);
        let permit = Permit {
            id,
            state: PermitState::Asked,
            payer,
            payee,
            asset,
            amount_max,
            reference,
            approvers,
            approved_by: Vec::new(),
            policy_version,
            expires_ms,
        };
        PERMITS.set(host, &id, &permit);
        PERMITS_OF.set(host, &(payer, id), &());
        for approver in &permit.approvers {
            PERMITS_OF.set(host, &(*approver, id), &());
        }
        DEADLINES.add(host, Kind::Permit, id, expires_ms);
        host.emit(Event::PermitAsked(permit));
        Ok(id)
    })
}

/// See `permits.approve-permit`.
pub fn approve_permit(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut permit = known(host, id)?;
    next(&permit, PermitAction::Approve)?;
    check_before(host, || Kind::Permit.item(id), permit.expires_ms)?;
    let rules = policies::rulebook(host, permit.payer, super::asset_of(&permit.asset));
    let Some(policy) = rules.policy.filter(|_| rules.version == permit.policy_version) else {
        return Err(Error::PolicyChanged);
    };
    let approver = host.caller();
    check_approver(&permit, approver)?;
    if permit.approved_by.contains(&approver) {
        return Err(Error::AlreadyApproved);
    }
    permit.approved_by.push(approver);
    if permit.approved_by.len() >= usize::from(policy.approvals) {
        permit.state = next(&permit, PermitAction::ApproveLast)?;
        PERMITS_FOR.set(host, &place(&permit), &());
    }
    PERMITS.set(host, &id, &permit);
    let state = permit.state;
    host.emit(Event::PermitApproved(PermitApproval { permit: id, approver, state }));
    Ok(())
}

/// See `permits.reject-permit`.
pub fn reject_permit(host: &mut Host, id: u64) -> Result<(), Error> {
    let permit = known(host, id)?;
    next(&permit, PermitAction::Reject)?;
    check_approver(&permit, host.caller())?;
    give_up(host, permit, PermitAction::Reject)
}

/// See `permits.cancel-permit`.
pub fn cancel_permit(host: &mut Host, id: u64) -> Result<(), Error> {
    let permit = known(host, id)?;
    next(&permit, PermitAction::Cancel)?;
    if host.caller() != permit.payer {
        return Err(Error::WrongParty(Party::account(permit.payer)));
    }
    give_up(host, permit, PermitAction::Cancel)
}

/// Ends a permit whose time is over.
pub(super) fn expire(host: &mut Host, id: u64) -> Result<(), Error> {
    let permit = known(host, id)?;
    next(&permit, PermitAction::Expire)?;
    check_due(host, || Kind::Permit.item(id), permit.expires_ms)?;
    give_up(host, permit, PermitAction::Expire)
}

/// The permit of a number, whatever became of it.
pub(super) fn known(host: &Host, id: u64) -> Result<Permit, Error> {
    Ok(PERMITS.find(host, Kind::Permit, id)?)
}

/// Uses a permit of the payer's for an amount to a payee, under this version of the policy; false where there is none.
pub(super) fn take(
    host: &mut Host,
    payer: Address,
    asset: AssetId,
    payee: Address,
    amount: u64,
    policy_version: u64,
) -> Result<bool, Error> {
    let of_payee = ((payer, AssetSlot(asset)), payee);
    let now_ms = host.time_ms();
    for (id, ()) in PERMITS_FOR.scan_under(host, &of_payee, None, TRIED_MAX) {
        let permit = known(host, id)?;
        let counts = permit.policy_version == policy_version && now_ms < permit.expires_ms;
        if counts && amount <= permit.amount_max {
            end(host, permit, PermitAction::Use)?;
            host.emit(Event::PermitUsed(PermitUse { permit: id, amount }));
            return Ok(true);
        }
    }
    Ok(false)
}

fn next(permit: &Permit, action: PermitAction) -> Result<PermitState, Error> {
    Ok(PERMIT.next(|| Kind::Permit.item(permit.id), permit.state, action)?)
}

/// Refuses accounts that have no say in a permit.
fn check_approver(permit: &Permit, caller: Address) -> Result<(), Error> {
    // Nobody permits a payment to themselves.
    let may = permit.approvers.contains(&caller) && caller != permit.payee;
    if may { Ok(()) } else { Err(Error::NotApprover) }
}

/// Ends a permit that was not used.
fn give_up(host: &mut Host, permit: Permit, action: PermitAction) -> Result<(), Error> {
    let id = permit.id;
    let state = end(host, permit, action)?;
    host.emit(Event::PermitEnded(PermitEnd { permit: id, state }));
    Ok(())
}

fn end(host: &mut Host, permit: Permit, action: PermitAction) -> Result<PermitState, Error> {
    let state = next(&permit, action)?;
    for approver in &permit.approvers {
        PERMITS_OF.remove(host, &(*approver, permit.id));
    }
    if permit.state == PermitState::Approved {
        PERMITS_FOR.remove(host, &place(&permit));
    }
    DEADLINES.remove(host, Kind::Permit, permit.id, permit.expires_ms);
    PERMITS.set(host, &permit.id, &Permit { state, ..permit });
    Ok(state)
}

/// Its place among the permits that can be used.
fn place(permit: &Permit) -> ((Address, AssetSlot), Address, u64) {
    ((permit.payer, AssetSlot(super::asset_of(&permit.asset))), permit.payee, permit.id)
}
