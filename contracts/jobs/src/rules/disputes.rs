//! Disputes over a milestone: `ehb_dispute` decides each step, and the outcome is paid from the escrow.

use alloc::string::String;

use ehb_contract::common::Document;
use ehb_contract::{Address, Host, packed};
use ehb_dispute::Parties;
use ehb_dispute::types::{Dispute, DisputeChange, Error as DisputeRefusal, Side as DisputeSide};

use super::{escrow, is_due, milestones, parties, take_numbers};
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{
    Contract, Error, Milestone, MilestoneState, Side, WalletError,
};
use crate::keys::{ARBITERS, DEADLINES, DISPUTES, DISPUTES_AWAITING, KEYS, Kind, SCHEMA};
use crate::states::MilestoneAction;
use crate::{checks, wallet};

ehb_dispute::refusals!(Error);
ehb_dispute::deposits!(Error, wallet, WalletError);

/// The parameter that a part of the amount is.
const TO_PAYER: &str = "to-payer";

/// See `disputes.set-arbiter`.
pub fn set_arbiter(host: &mut Host, account: Address, registered: bool) -> Result<(), Error> {
    let registration = ARBITERS.set(host, account, registered)?;
    SCHEMA.mark(host);
    host.emit(Event::ArbiterRegistered(registration));
    Ok(())
}

/// See `disputes.open-dispute`.
pub fn open_dispute(
    host: &mut Host,
    milestone: u64,
    to_payer: u16,
    reason: String,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(milestone, to_payer, reason);
    KEYS.run(host, &key, "open-dispute", &arguments, |host| open(host, milestone, to_payer, reason))
}

fn open(host: &mut Host, milestone: u64, to_payer: u16, reason: String) -> Result<u64, Error> {
    let (contract, mut milestone) = milestones::both(host, milestone)?;
    let claimant = side(host, &contract, parties::CLERK)?;
    let state = milestones::timely(host, &milestone, MilestoneAction::Dispute)?;
    if milestone.state == MilestoneState::Funded {
        check_idle(host, &contract, &milestone, claimant)?;
    }
    checks::part(TO_PAYER, to_payer)?;
    // A milestone that was never submitted is not paid where arbiters are silent.
    let amount = milestone.plan.amount;
    let undone = if milestone.deliverable.is_some() { 0 } else { amount };
    let mut terms = contract.terms.dispute;
    terms.default_to_payer = ehb_dispute::default_part(amount, undone, terms.default_to_payer);
    let id = take_numbers(host, Kind::Dispute, 1);
    let dispute = ehb_dispute::open(
        host,
        id,
        milestone.id,
        Parties {
            payer: contract.client,
            payer_organisation: contract.client_organisation.clone(),
            payee: contract.contractor,
            payee_organisation: contract.contractor_organisation.clone(),
            // The contract names it, which both accepted.
            arbiter_agreed: true,
        },
        claimant,
        amount,
        to_payer,
        reason,
        terms,
    )?;
    DEADLINES.change(host, Kind::Dispute, id, None, dispute.deadline_ms);
    DISPUTES.set(host, &id, &dispute);
    milestone.dispute = Some(id);
    milestones::change(host, milestone, state, None);
    host.emit(Event::DisputeOpened(dispute));
    Ok(id)
}

/// Before anything is submitted only the client complains, once the contractor had the time that they agreed on.
fn check_idle(
    host: &Host,
    contract: &Contract,
    milestone: &Milestone,
    claimant: DisputeSide,
) -> Result<(), Error> {
    if claimant != DisputeSide::Payer {
        return Err(Error::Dispute(DisputeRefusal::WrongSide(DisputeSide::Payer)));
    }
    let funded_ms = milestone.escrow.as_ref().map_or(0, escrow::funded_ms);
    let idle_ms = funded_ms.saturating_add(contract.terms.idle_window_ms);
    is_due(host, Kind::Milestone, milestone.id, idle_ms).map_err(Error::from)
}

/// See `disputes.respond-to-dispute`.
pub fn respond_to_dispute(host: &mut Host, id: u64, to_payer: u16) -> Result<(), Error> {
    checks::part(TO_PAYER, to_payer)?;
    by_party(host, id, parties::CLERK, |host, dispute, by| {
        ehb_dispute::respond(host, dispute, by, to_payer)
    })
}

/// See `disputes.add-evidence`.
pub fn add_evidence(
    host: &mut Host,
    id: u64,
    document: Document,
    note: String,
) -> Result<(), Error> {
    by_party(host, id, parties::CLERK, |host, dispute, by| {
        ehb_dispute::add_evidence(host, dispute, by, document, note)
    })
}

/// See `disputes.offer-settlement`.
pub fn offer_settlement(host: &mut Host, id: u64, to_payer: u16) -> Result<(), Error> {
    checks::part(TO_PAYER, to_payer)?;
    by_party(host, id, parties::TREASURER, |host, dispute, by| {
        ehb_dispute::offer(host, dispute, by, to_payer)
    })
}

/// See `disputes.accept-settlement`.
pub fn accept_settlement(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "accept-settlement", &packed!(id), |host| {
        by_party(host, id, parties::TREASURER, |host, dispute, by| {
            ehb_dispute::accept(host, dispute, by)
        })
    })
}

/// See `disputes.finish-phase`.
pub fn finish_phase(host: &mut Host, id: u64) -> Result<(), Error> {
    by_party(host, id, parties::CLERK, |host, dispute, by| {
        ehb_dispute::finish_phase(host, dispute, by)
    })
}

/// See `disputes.request-arbitration`.
pub fn request_arbitration(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "request-arbitration", &packed!(id), |host| {
        by_party(host, id, parties::TREASURER, |host, dispute, by| {
            let asset = asset(host, dispute)?;
            let deposit = |host: &mut Host, amount| set_aside(host, asset, amount);
            ehb_dispute::request(host, &ARBITERS, dispute, by, deposit)
        })
    })
}

/// See `disputes.join-arbitration`.
pub fn join_arbitration(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "join-arbitration", &packed!(id), |host| {
        by_party(host, id, parties::TREASURER, |host, dispute, by| {
            let asset = asset(host, dispute)?;
            let deposit = |host: &mut Host, amount| set_aside(host, asset, amount);
            ehb_dispute::join(host, &ARBITERS, dispute, by, deposit)
        })
    })
}

/// See `disputes.rule-dispute`.
pub fn rule_dispute(
    host: &mut Host,
    id: u64,
    to_payer: u16,
    reasons: Option<Document>,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(id, to_payer, reasons);
    KEYS.run(host, &key, "rule-dispute", &arguments, |host| {
        checks::part(TO_PAYER, to_payer)?;
        let mut dispute = super::known(host, &DISPUTES, Kind::Dispute, id)?;
        let before_ms = dispute.deadline_ms;
        let step = ehb_dispute::rule(host, &mut dispute, to_payer, reasons)?;
        store(host, dispute, before_ms, step)
    })
}

/// See `disputes.appeal-ruling`.
pub fn appeal_ruling(host: &mut Host, id: u64, reason: String, key: String) -> Result<(), Error> {
    let arguments = packed!(id, reason);
    KEYS.run(host, &key, "appeal-ruling", &arguments, |host| {
        by_party(host, id, parties::TREASURER, |host, dispute, by| {
            let asset = asset(host, dispute)?;
            let deposit = |host: &mut Host, amount| set_aside(host, asset, amount);
            ehb_dispute::appeal(host, &ARBITERS, dispute, (by, reason), deposit)
        })
    })
}

/// The asset in which a dispute's milestone is paid.
fn asset(host: &Host, dispute: &Dispute) -> Result<String, Error> {
    Ok(milestones::both(host, dispute.item_id)?.0.terms.asset)
}

/// Takes the default step.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut dispute = super::known(host, &DISPUTES, Kind::Dispute, id)?;
    let before_ms = dispute.deadline_ms;
    let step = ehb_dispute::advance(host, &ARBITERS, &mut dispute)?;
    store(host, dispute, before_ms, step)
}

fn by_party<E>(
    host: &mut Host,
    id: u64,
    client_role: &str,
    act: impl FnOnce(&mut Host, &mut Dispute, DisputeSide) -> Result<DisputeChange, E>,
) -> Result<(), Error>
where
    Error: From<E>,
{
    let mut dispute = super::known(host, &DISPUTES, Kind::Dispute, id)?;
    let (contract, milestone) = milestones::both(host, dispute.item_id)?;
    let by = side(host, &contract, client_role)?;
    let before_ms = dispute.deadline_ms;
    let step = act(host, &mut dispute, by)?;
    write(host, &dispute, before_ms, step);
    carry_out(host, &dispute, contract, milestone)
}

fn store(
    host: &mut Host,
    dispute: Dispute,
    before_ms: Option<u64>,
    step: DisputeChange,
) -> Result<(), Error> {
    write(host, &dispute, before_ms, step);
    if dispute.outcome.is_none() {
        return Ok(());
    }
    let (contract, milestone) = milestones::both(host, dispute.item_id)?;
    carry_out(host, &dispute, contract, milestone)
}

fn write(host: &mut Host, dispute: &Dispute, before_ms: Option<u64>, step: DisputeChange) {
    DEADLINES.change(host, Kind::Dispute, dispute.id, before_ms, dispute.deadline_ms);
    DISPUTES.set(host, &dispute.id, dispute);
    if dispute.state.awaits_arbiter() {
        DISPUTES_AWAITING.set(host, &dispute.id, &());
    } else {
        DISPUTES_AWAITING.remove(host, &dispute.id);
    }
    host.emit(Event::DisputeChanged(step));
}

/// Pays what a dispute came to.
fn carry_out(
    host: &mut Host,
    dispute: &Dispute,
    contract: Contract,
    milestone: Milestone,
) -> Result<(), Error> {
    let Some(outcome) = dispute.outcome else { return Ok(()) };
    settle_deposits(host, dispute)?;
    let to_contractor = outcome.split.to_payee;
    milestones::conclude(host, contract, milestone, MilestoneAction::Resolve, to_contractor)
}

fn side(host: &Host, contract: &Contract, client_role: &str) -> Result<DisputeSide, Error> {
    Ok(match parties::side(host, contract, client_role)? {
        Side::Client => DisputeSide::Payer,
        Side::Contractor => DisputeSide::Payee,
    })
}
