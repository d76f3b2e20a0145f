//! Milestones: funding, submitting, revising, approving and paying them.

use alloc::string::String;

use ehb_contract::common::{Document, Refusal};
use ehb_contract::{Host, packed};

use super::{contract_records, escrow, in_time, is_due, parties};
use crate::bindings::ehb::jobs::events::{Event, Revision};
use crate::bindings::ehb::jobs::types::{Contract, Error, Milestone, MilestoneState};
use crate::checks;
use crate::keys::{CONTRACTS, DEADLINES, KEYS, Kind, MILESTONES};
use crate::states::{ContractAction, MILESTONE, MilestoneAction};

/// See `milestones.fund-milestone`.
pub fn fund_milestone(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "fund-milestone", &packed!(id), |host| fund(host, id))
}

fn fund(host: &mut Host, id: u64) -> Result<(), Error> {
    let (contract, mut milestone) = both(host, id)?;
    parties::check(host, &contract.client_organisation, contract.client, parties::TREASURER)?;
    contract_records::find(&contract, ContractAction::Fund)?;
    let state = timely(host, &milestone, MilestoneAction::Fund)?;
    milestone.escrow = Some(escrow::fund(host, &contract, &milestone)?);
    let due_ms = milestone.plan.due_ms;
    change(host, milestone, state, Some(due_ms));
    Ok(())
}

/// See `milestones.submit-milestone`.
pub fn submit_milestone(host: &mut Host, id: u64, deliverable: Document) -> Result<(), Error> {
    let (contract, mut milestone) = both(host, id)?;
    parties::check(
        host,
        &contract.contractor_organisation,
        contract.contractor,
        parties::CONTRACTOR,
    )?;
    let state = timely(host, &milestone, MilestoneAction::Submit)?;
    checks::document(&deliverable)?;
    milestone.deliverable = Some(deliverable);
    let deadline_ms = host.time_ms().saturating_add(contract.terms.review_window_ms);
    change(host, milestone, state, Some(deadline_ms));
    Ok(())
}

/// See `milestones.request-revision`.
pub fn request_revision(host: &mut Host, id: u64, note: String) -> Result<(), Error> {
    let (contract, mut milestone) = both(host, id)?;
    parties::check(host, &contract.client_organisation, contract.client, parties::CLERK)?;
    let state = timely(host, &milestone, MilestoneAction::Revise)?;
    checks::revision(&note)?;
    let revisions = milestone.revisions + 1;
    let max = contract.terms.revisions_max;
    checks::range("revisions", u64::from(revisions), 0, u64::from(max))?;
    milestone.revisions = revisions;
    let deadline_ms = host.time_ms().saturating_add(contract.terms.revision_window_ms);
    change(host, milestone, state, Some(deadline_ms));
    host.emit(Event::RevisionRequested(Revision { milestone: id, note }));
    Ok(())
}

/// See `milestones.approve-milestone`.
pub fn approve_milestone(host: &mut Host, id: u64) -> Result<(), Error> {
    let (contract, milestone) = both(host, id)?;
    parties::check(host, &contract.client_organisation, contract.client, parties::CLERK)?;
    let state = timely(host, &milestone, MilestoneAction::Approve)?;
    let deadline_ms = host.time_ms().saturating_add(contract.terms.payment_window_ms);
    change(host, milestone, state, Some(deadline_ms));
    Ok(())
}

/// See `milestones.pay-milestone`.
pub fn pay_milestone(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "pay-milestone", &packed!(id), |host| {
        let (contract, milestone) = both(host, id)?;
        parties::check(host, &contract.client_organisation, contract.client, parties::TREASURER)?;
        timely(host, &milestone, MilestoneAction::Pay)?;
        let amount = milestone.plan.amount;
        conclude(host, contract, milestone, MilestoneAction::Pay, amount)
    })
}

/// See `milestones.refund-milestone`.
pub fn refund_milestone(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "refund-milestone", &packed!(id), |host| {
        let (contract, milestone) = both(host, id)?;
        parties::check(
            host,
            &contract.contractor_organisation,
            contract.contractor,
            parties::CONTRACTOR,
        )?;
        timely(host, &milestone, MilestoneAction::Refund)?;
        conclude(host, contract, milestone, MilestoneAction::Refund, 0)
    })
}

/// Takes the default step: silence on what was submitted or approved pays, all other silence does not.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let (contract, milestone) = both(host, id)?;
    find(&milestone, MilestoneAction::Expire)?;
    is_due(host, Kind::Milestone, id, milestone.deadline_ms)?;
    let to_contractor = match milestone.state {
        MilestoneState::Submitted | MilestoneState::Approved => milestone.plan.amount,
        _ => 0,
    };
    conclude(host, contract, milestone, MilestoneAction::Expire, to_contractor)
}

/// A milestone and its contract.
pub(super) fn both(host: &Host, id: u64) -> Result<(Contract, Milestone), Error> {
    let milestone = super::known(host, &MILESTONES, Kind::Milestone, id)?;
    let contract = super::known(host, &CONTRACTS, Kind::Contract, milestone.contract)?;
    Ok((contract, milestone))
}

/// Where an action of a party leads; the deadline must not have passed.
pub(super) fn timely(
    host: &Host,
    milestone: &Milestone,
    action: MilestoneAction,
) -> Result<MilestoneState, Error> {
    let state = find(milestone, action)?;
    in_time(host, Kind::Milestone, milestone.id, milestone.deadline_ms)?;
    Ok(state)
}

fn find(milestone: &Milestone, action: MilestoneAction) -> Result<MilestoneState, Refusal> {
    MILESTONE.next(|| Kind::Milestone.item(milestone.id), milestone.state, action)
}

/// Writes a milestone in its new state.
pub(super) fn change(
    host: &mut Host,
    mut milestone: Milestone,
    state: MilestoneState,
    deadline_ms: Option<u64>,
) {
    let Milestone { id, deadline_ms: before_ms, .. } = milestone;
    DEADLINES.change(host, Kind::Milestone, id, before_ms, deadline_ms);
    milestone.state = state;
    milestone.deadline_ms = deadline_ms;
    MILESTONES.set(host, &id, &milestone);
    host.emit(Event::MilestoneChanged(milestone));
}

/// Ends a milestone, and with the last one its contract.
pub(super) fn conclude(
    host: &mut Host,
    mut contract: Contract,
    milestone: Milestone,
    action: MilestoneAction,
    to_contractor: u64,
) -> Result<(), Error> {
    end(host, &mut contract, milestone, action, to_contractor)?;
    contract_records::store(host, contract)
}

/// Ends a milestone and empties its escrow; the caller writes the contract.
pub(super) fn end(
    host: &mut Host,
    contract: &mut Contract,
    mut milestone: Milestone,
    action: MilestoneAction,
    to_contractor: u64,
) -> Result<(), Error> {
    let mut state = find(&milestone, action)?;
    if let Some(escrow) = &mut milestone.escrow {
        if escrow::settle(host, contract, escrow, to_contractor)? {
            // Its milestones' amounts add up to at most the largest amount.
            contract.paid = contract.paid.saturating_add(to_contractor);
        } else {
            state = find(&milestone, MilestoneAction::ExpireHold)?;
        }
    }
    contract.open_milestones = contract.open_milestones.saturating_sub(1);
    change(host, milestone, state, None);
    Ok(())
}
