//! Permits: asking for them, approving them, and spending on them what a policy refuses.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, check_due, packed};

use super::policy_records;
use super::tiers::{self, Deciders};
use crate::bindings::ehb::wallet::events::{Event, PermitApproval, PermitEnd, PermitUse};
use crate::bindings::ehb::wallet::types::{Error, Permit, PermitState};
use crate::checks::{self, KEPT_MS, PAYMENT_DURATION_MS_MAX, REFERENCE_BYTES_MAX};
use crate::keys::{
    AssetId, AssetSlot, DEADLINES, KEYS, Kind, LATEST_PERMIT, OVER, PERMITS, PERMITS_FOR,
    PERMITS_OF, PERMITS_OF_ROLE,
};
use crate::states::{PERMIT, PermitAction};

/// How many approved permits to one payee a payment or hold looks at.
const TRIED_MAX: u32 = 8;

/// See `permits.request-permit`.
pub fn request_permit(
    host: &mut Host,
    payee: Address,
    asset: String,
    amount_max: u64,
    reference: String,
    expires_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(payee, asset, amount_max, reference, expires_ms);
    KEYS.run(host, &key, "request-permit", &arguments, |host| {
        let asset_id = checks::asset_id(&asset)?;
        checks::amount(amount_max)?;
        checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
        checks::future("expires-ms", expires_ms, host.time_ms(), PAYMENT_DURATION_MS_MAX)?;
        let payer = host.caller();
        if payee == payer {
            return Err(Error::SameAccount(payee));
        }
        super::check_active(host, payee)?;
        let deciders = tiers::ask(host, payer, asset_id, amount_max)?;
        let Deciders { approvers, role, approvals, policy_version } = deciders;

        let id = LATEST_PERMIT.get(host).unwrap_or(0) + 1;
        LATEST_PERMIT.set(host, &id);
        let permit = Permit {
            id,
            state: PermitState::Pending,
            payer,
            payee,
            asset,
            amount_max,
            reference,
            approvers,
            role,
            approvals,
            approved_by: Vec::new(),
            policy_version,
            expires_ms,
        };
        PERMITS.set(host, &id, &permit);
        tiers::put_before(host, &PERMITS_OF, id, payer, &permit.approvers)?;
        if let Some(role) = &permit.role {
            let place = tiers::place(host, role);
            PERMITS_OF_ROLE.set(host, &(place, id), &());
        }
        DEADLINES.add(host, Kind::Permit, id, expires_ms);
        host.emit(Event::PermitRequested(permit));
        Ok(id)
    })
}

/// See `permits.approve-permit`.
pub fn approve_permit(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut permit = known(host, id)?;
    next(&permit, PermitAction::Approve)?;
    check_before(host, || Kind::Permit.item(id), permit.expires_ms)?;
    let rules = policy_records::rulebook(host, permit.payer, super::asset_of(&permit.asset));
    if rules.policy.is_none() || rules.version != permit.policy_version {
        return Err(Error::PolicyChanged);
    }
    let approver = host.caller();
    check_approver(host, &permit, approver)?;
    if permit.approved_by.contains(&approver) {
        return Err(Error::AlreadyApproved);
    }
    permit.approved_by.push(approver);
    let counted = permit.approved_by.iter().filter(|it| may_approve(host, &permit, **it)).count();
    if counted >= usize::from(permit.approvals) {
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
    check_approver(host, &permit, host.caller())?;
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

/// Ends a permit whose time is over, or removes one that was over long ago.
pub(super) fn expire(host: &mut Host, id: u64) -> Result<(), Error> {
    let permit = known(host, id)?;
    let removed_ms = permit.expires_ms + KEPT_MS;
    if PERMIT.is_end(permit.state) && removed_ms <= host.time_ms() {
        PERMITS.remove(host, &id);
        PERMITS_OF.remove(host, &(permit.payer, OVER, id));
        super::removed(host, Kind::Permit, id, removed_ms);
        return Ok(());
    }
    next(&permit, PermitAction::Expire)?;
    check_due(host, || Kind::Permit.item(id), permit.expires_ms)?;
    give_up(host, permit, PermitAction::Expire)
}

/// The permit of a number, whatever became of it, until it leaves the state.
pub(super) fn known(host: &Host, id: u64) -> Result<Permit, Error> {
    Ok(PERMITS.find_kept(host, Kind::Permit, id, |host| LATEST_PERMIT.get(host))?)
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
fn check_approver(host: &Host, permit: &Permit, caller: Address) -> Result<(), Error> {
    if may_approve(host, permit, caller) { Ok(()) } else { Err(Error::NotApprover) }
}

/// Whether an account has a say in a permit now. Nobody permits a payment of their own, or to themselves.
fn may_approve(host: &Host, permit: &Permit, account: Address) -> bool {
    let Permit { payer, payee, approvers, role, .. } = permit;
    account != *payer
        && account != *payee
        && tiers::is_approver(host, account, approvers, role.as_ref())
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
    tiers::take_away(host, &PERMITS_OF, permit.id, permit.payer, &permit.approvers);
    if let Some(role) = &permit.role {
        let place = tiers::place(host, role);
        PERMITS_OF_ROLE.remove(host, &(place, permit.id));
    }
    if permit.state == PermitState::Approved {
        PERMITS_FOR.remove(host, &place(&permit));
    }
    let expires_ms = permit.expires_ms;
    DEADLINES.change(host, Kind::Permit, permit.id, Some(expires_ms), Some(expires_ms + KEPT_MS));
    PERMITS.set(host, &permit.id, &Permit { state, ..permit });
    Ok(state)
}

/// Its place among the permits that can be used.
fn place(permit: &Permit) -> ((Address, AssetSlot), Address, u64) {
    ((permit.payer, AssetSlot(super::asset_of(&permit.asset))), permit.payee, permit.id)
}
