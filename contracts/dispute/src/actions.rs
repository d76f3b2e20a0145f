//! The actions: who may make each one, when, and its effects.
//!
//! Every action makes a [`DisputeChange`] and applies it by [`replay`], the same way in which a reader of events
//! does: what the events say is what happened.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::checks::{
    BASIS_POINTS, amount as check_amount, document as check_document, part, room, text,
};
use ehb_contract::common::{Document, Item};
use ehb_contract::{Address, Host, check_before, check_due, trap};

use crate::arbiters::{Arbiters, may_reassign, may_rule};
use crate::checks::{self, EVIDENCE_PER_SIDE_MAX, NOTE_BYTES_MAX, OFFERS_MAX, REASON_BYTES_MAX};
use crate::costs::{deposit_due, fee, shares, silent};
use crate::error::Error;
use crate::replay::replay;
use crate::sides::{other, split};
use crate::states::{Action, DISPUTE, Kind};
use crate::types::{
    self, Appeal, Assignment, Deposit, Dispute, DisputeChange, DisputeEvent, Evidence, Offer,
    Outcome, OutcomeReason, Ruling, Side, State, Terms,
};

/// The parties of a dispute, and who may rule although it is of an organisation of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The payer.
    pub payer: Address,
    /// The payer's organisation.
    pub payer_organisation: Option<String>,
    /// The payee.
    pub payee: Address,
    /// The payee's organisation.
    pub payee_organisation: Option<String>,
    /// Whether both agreed on the account that the terms name as arbiter.
    pub arbiter_agreed: bool,
}

/// Opens a dispute: the record that the module stores and emits.
///
/// - `id`: its number, counted by the module.
/// - `item_id`: the number of what it is about.
/// - `parties`: the payer and the payee.
/// - `terms`: with the default part of the whole amount; see [`default_part`].
/// - `claimant`: the side for which the caller acts.
/// - `amount`: what is held for the subject, at least 1. The module must not pay any of it out before
///   the outcome.
/// - `to_payer`: the claim: what the payer should get, basis points.
/// - `reason`: why, 1 to 500 bytes.
///
/// # Errors
/// `zero-amount`, `out-of-range`.
#[expect(clippy::too_many_arguments, reason = "each is a field of the record that it makes")]
pub fn open(
    host: &Host,
    id: u64,
    item_id: u64,
    parties: Parties,
    claimant: Side,
    amount: u64,
    to_payer: u16,
    reason: String,
    terms: Terms,
) -> Result<Dispute, Error> {
    check_amount(amount)?;
    part("to-payer", to_payer)?;
    text("reason", &reason, 1, REASON_BYTES_MAX)?;
    // The windows were checked when the parties agreed on them: the shortest may be longer since then.
    checks::fee(terms.fee)?;
    part("default-to-payer", terms.default_to_payer)?;
    let at_ms = host.time_ms();
    let Parties { payer, payer_organisation, payee, payee_organisation, arbiter_agreed } = parties;
    Ok(Dispute {
        id,
        item_id,
        payer,
        payee,
        payer_organisation,
        payee_organisation,
        arbiter_agreed,
        claimant,
        amount,
        reason,
        terms,
        state: State::Open,
        deadline_ms: Some(at_ms.saturating_add(terms.windows.response_ms)),
        offers: Vec::from([Offer { by: claimant, to_payer, at_ms }]),
        evidence: Vec::new(),
        payer_finished: false,
        payee_finished: false,
        deposits: Vec::new(),
        assigned: Vec::new(),
        rulings: Vec::new(),
        appeal: None,
        outcome: None,
    })
}

/// Answers the claim with what the answering side would accept.
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the claimant, `out-of-range`.
pub fn respond(
    host: &Host,
    dispute: &mut Dispute,
    by: Side,
    to_payer: u16,
) -> Result<DisputeChange, Error> {
    in_time(host, dispute, Action::Respond)?;
    turn(dispute, by)?;
    part("to-payer", to_payer)?;
    let offer = Offer { by, to_payer, at_ms: host.time_ms() };
    step(host, dispute, Action::Respond, DisputeEvent::Responded(offer), Also::NOTHING)
}

/// Hands in a document for a side, as the caller.
///
/// # Errors
/// `wrong-state`, `too-late`, `phase-finished`, `out-of-range` for a note that is too long, `too-many` documents,
/// `malformed-cid`.
pub fn add_evidence(
    host: &Host,
    dispute: &mut Dispute,
    by: Side,
    document: Document,
    note: String,
) -> Result<DisputeChange, Error> {
    in_time(host, dispute, Action::AddEvidence)?;
    not_finished(dispute, by)?;
    check_document(&document)?;
    text("note", &note, 0, NOTE_BYTES_MAX)?;
    let count = dispute.evidence.iter().filter(|evidence| evidence.by == by).count();
    room("evidence", count, EVIDENCE_PER_SIDE_MAX)?;
    let evidence = Evidence { by, account: host.caller(), document, note, at_ms: host.time_ms() };
    step(host, dispute, Action::AddEvidence, DisputeEvent::EvidenceAdded(evidence), Also::NOTHING)
}

/// Offers a split, which counts until the other side accepts it, makes another, finishes the phase, or lets the
/// time for its answer pass.
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the side that made the latest offer, `out-of-range`,
/// `too-many` offers.
pub fn offer(
    host: &Host,
    dispute: &mut Dispute,
    by: Side,
    to_payer: u16,
) -> Result<DisputeChange, Error> {
    in_time(host, dispute, Action::Offer)?;
    turn(dispute, by)?;
    part("to-payer", to_payer)?;
    room("offers", dispute.offers.len(), OFFERS_MAX)?;
    let offer = Offer { by, to_payer, at_ms: host.time_ms() };
    step(host, dispute, Action::Offer, DisputeEvent::Offered(offer), Also::NOTHING)
}

/// Accepts the other side's latest offer; the claim and the answer to it are offers too.
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the side that made the latest offer.
pub fn accept(host: &Host, dispute: &mut Dispute, by: Side) -> Result<DisputeChange, Error> {
    in_time(host, dispute, Action::Accept)?;
    turn(dispute, by)?;
    let to_payer = latest(dispute).to_payer;
    let also = Also::end(Some((OutcomeReason::Settlement, to_payer)));
    step(host, dispute, Action::Accept, DisputeEvent::Accepted(by), also)
}

/// Asks for arbitration. `set_aside` sets an amount of the sender's aside, for what [`settlements`] says in the end,
/// and returns the deposit; it is not called where arbiters cost nothing.
///
/// [`settlements`]: crate::settlements
///
/// # Errors
/// `wrong-state`, `too-late`, and what `set_aside` refuses with.
pub fn request<E: From<Error>>(
    host: &mut Host,
    arbiters: &Arbiters,
    dispute: &mut Dispute,
    by: Side,
    set_aside: impl FnOnce(&mut Host, u64) -> Result<Set, E>,
) -> Result<DisputeChange, E> {
    let action = if fee(dispute) == 0 { Action::Refer } else { Action::Request };
    in_time(host, dispute, action)?;
    deposited(
        host,
        arbiters,
        dispute,
        (action, by, DisputeEvent::ArbitrationRequested(by)),
        set_aside,
    )
}

/// Deposits as much as the side that asked for arbitration, so that an arbiter is assigned. For `set_aside` see
/// [`request`].
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the side that asked, and what `set_aside` refuses with.
pub fn join<E: From<Error>>(
    host: &mut Host,
    arbiters: &Arbiters,
    dispute: &mut Dispute,
    by: Side,
    set_aside: impl FnOnce(&mut Host, u64) -> Result<Set, E>,
) -> Result<DisputeChange, E> {
    in_time(host, dispute, Action::Join)?;
    if dispute.deposits.iter().any(|deposit| deposit.by == by) {
        return Err(Error::from(types::Error::WrongSide(other(by))).into());
    }
    deposited(
        host,
        arbiters,
        dispute,
        (Action::Join, by, DisputeEvent::ArbitrationJoined(by)),
        set_aside,
    )
}

/// Says that a side has nothing more to bring in this phase: no evidence, no appeal. The phase ends when both have finished.
///
/// # Errors
/// `wrong-state`, `too-late`, `phase-finished`.
pub fn finish_phase(host: &Host, dispute: &mut Dispute, by: Side) -> Result<DisputeChange, Error> {
    let other_finished = has_finished(dispute, other(by));
    let action = if other_finished { Action::FinishPhaseLast } else { Action::FinishPhase };
    in_time(host, dispute, action)?;
    not_finished(dispute, by)?;
    let end = (action == Action::FinishPhaseLast && dispute.state == State::Ruled)
        .then(|| first_ruling(dispute));
    step(host, dispute, action, DisputeEvent::PhaseFinished(by), Also::end(end))
}

/// Rules, as the caller: first in the state `arbitration`, for good in the state `appealed`.
///
/// # Errors
/// `wrong-state`, `too-late`, `not-arbiter`, `conflict-of-interest`, `out-of-range`, `malformed-cid`.
pub fn rule(
    host: &Host,
    dispute: &mut Dispute,
    to_payer: u16,
    reasons: Option<Document>,
) -> Result<DisputeChange, Error> {
    in_time(host, dispute, Action::Rule)?;
    may_rule(host, dispute)?;
    part("to-payer", to_payer)?;
    reasons.as_ref().map_or(Ok(()), check_document)?;
    let at_ms = host.time_ms();
    let (arbiter, organisation) = (host.caller(), host.organisation(host.caller()));
    let ruling = Ruling { arbiter: Some(arbiter), organisation, to_payer, reasons, at_ms };
    let end = (dispute.state == State::Appealed).then_some((OutcomeReason::AppealRuling, to_payer));
    step(host, dispute, Action::Rule, DisputeEvent::Ruled(ruling), Also::end(end))
}

/// Appeals against the first ruling. For `set_aside` see [`request`]: a side that deposited before deposits no more.
///
/// # Errors
/// `wrong-state`, `too-late`, `phase-finished`, `wrong-side` for the side that was not heard where the other let its claim or
/// request go unanswered, `out-of-range`, and what `set_aside` refuses with.
pub fn appeal<E: From<Error>>(
    host: &mut Host,
    arbiters: &Arbiters,
    dispute: &mut Dispute,
    (by, reason): (Side, String),
    set_aside: impl FnOnce(&mut Host, u64) -> Result<Set, E>,
) -> Result<DisputeChange, E> {
    in_time(host, dispute, Action::Appeal)?;
    not_finished(dispute, by)?;
    if let Some(silent) = silent(dispute).filter(|silent| *silent != by) {
        return Err(Error::from(types::Error::WrongSide(silent)).into());
    }
    text("reason", &reason, 1, REASON_BYTES_MAX).map_err(Error::from)?;
    let appeal = Appeal { by, reason, at_ms: host.time_ms() };
    deposited(
        host,
        arbiters,
        dispute,
        (Action::Appeal, by, DisputeEvent::Appealed(appeal)),
        set_aside,
    )
}

/// Takes the default step of a dispute whose deadline has passed. Anyone may.
///
/// # Errors
/// `wrong-state` in the state `final`, `too-early`.
pub fn advance(
    host: &Host,
    arbiters: &Arbiters,
    dispute: &mut Dispute,
) -> Result<DisputeChange, Error> {
    DISPUTE.next(|| item(dispute), dispute.state, Action::Expire)?;
    check_due(host, || item(dispute), dispute.deadline_ms)?;
    if may_reassign(dispute) {
        let assigned = Some(arbiters.assign(host, dispute, dispute.state));
        let also = Also { assigned, ..Also::NOTHING };
        return step(host, dispute, Action::Reassign, DisputeEvent::DeadlinePassed, also);
    }
    let default = dispute.terms.default_to_payer;
    let end = match dispute.state {
        State::Settlement => Some((OutcomeReason::ArbitrationNotRequested, default)),
        State::Arbitration => Some((OutcomeReason::ArbiterTimedOut, default)),
        State::Ruled => Some(first_ruling(dispute)),
        State::Appealed => Some((OutcomeReason::AppealTimedOut, first_ruling(dispute).1)),
        State::Open | State::Evidence | State::ArbitrationRequested | State::Final => None,
    };
    step(host, dispute, Action::Expire, DisputeEvent::DeadlinePassed, Also::end(end))
}

/// An amount that was set aside for a deposit: the hold, and when it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    /// The hold.
    pub hold: u64,
    /// When it expires, milliseconds since 1970 (UTC).
    pub hold_expires_ms: u64,
}

/// Takes a step with which a side deposits what is due, and an arbiter is assigned where it leads to one.
fn deposited<E: From<Error>>(
    host: &mut Host,
    arbiters: &Arbiters,
    dispute: &mut Dispute,
    (action, by, event): (Action, Side, DisputeEvent),
    set_aside: impl FnOnce(&mut Host, u64) -> Result<Set, E>,
) -> Result<DisputeChange, E> {
    let amount = deposit_due(dispute, by);
    let mut deposit = None;
    if amount > 0 {
        let Set { hold, hold_expires_ms } = set_aside(host, amount)?;
        deposit = Some(Deposit { by, depositor: host.sender(), hold, hold_expires_ms, amount });
    }
    let state = DISPUTE.after(dispute.state, action).filter(|state| state.awaits_arbiter());
    let assigned = state.map(|state| arbiters.assign(host, dispute, state));
    Ok(step(host, dispute, action, event, Also { end: None, deposit, assigned })?)
}

/// The payer's part of an amount where no arbiter rules, basis points, rounded up: all of what the
/// payee has not done its part for, and the agreed part of the rest.
///
/// - `undone`: what of the amount is for something that was not shipped or submitted.
pub fn default_part(amount: u64, undone: u64, agreed: u16) -> u16 {
    let undone = undone.min(amount);
    let back = u128::from(undone) + u128::from(split(amount - undone, agreed).to_payer);
    let part = (back * u128::from(BASIS_POINTS)).div_ceil(u128::from(amount.max(1)));
    u16::try_from(part).unwrap_or(BASIS_POINTS).min(BASIS_POINTS)
}

/// The further effects of a step.
struct Also {
    /// The outcome, where it ends the dispute.
    end: Option<(OutcomeReason, u16)>,
    /// The deposit that a party made with it.
    deposit: Option<Deposit>,
    /// The arbiter that is assigned.
    assigned: Option<Assignment>,
}

impl Also {
    const NOTHING: Self = Self { end: None, deposit: None, assigned: None };

    const fn end(end: Option<(OutcomeReason, u16)>) -> Self {
        Self { end, ..Self::NOTHING }
    }
}

/// Creates the step of an action, and applies it.
fn step(
    host: &Host,
    dispute: &mut Dispute,
    action: Action,
    event: DisputeEvent,
    Also { end, deposit, assigned }: Also,
) -> Result<DisputeChange, Error> {
    let now_ms = host.time_ms();
    let state = DISPUTE.next(|| item(dispute), dispute.state, action)?;
    let outcome = end.map(|(reason, to_payer)| {
        let ruled = dispute.rulings.iter().filter(|ruling| ruling.arbiter.is_some()).count() as u64;
        let rulings = ruled + u64::from(action == Action::Rule);
        let (payer_costs, payee_costs) = shares(dispute, rulings, to_payer);
        let split = split(dispute.amount, to_payer);
        Outcome { reason, to_payer, split, payer_costs, payee_costs, at_ms: now_ms }
    });
    // A phase that continues keeps its deadline, but an offer starts a new period for the other side, as an
    // assignment does for another arbiter.
    let goes_on = state == dispute.state && !matches!(action, Action::Offer | Action::Reassign);
    let deadline_ms =
        if goes_on { dispute.deadline_ms } else { deadline(dispute.terms, state, now_ms) };
    let id = dispute.id;
    let step = DisputeChange { dispute: id, event, state, deadline_ms, deposit, assigned, outcome };
    replay(dispute, &step);
    Ok(step)
}

fn deadline(terms: Terms, state: State, now_ms: u64) -> Option<u64> {
    let windows = terms.windows;
    let window_ms = match state {
        State::Open => windows.response_ms,
        State::Evidence => windows.evidence_ms,
        State::Settlement | State::ArbitrationRequested => windows.offer_ms,
        State::Arbitration | State::Appealed => windows.ruling_ms,
        State::Ruled => windows.appeal_ms,
        State::Final => return None,
    };
    Some(now_ms.saturating_add(window_ms))
}

/// The action must be known in the state, and the deadline not have passed.
fn in_time(host: &Host, dispute: &Dispute, action: Action) -> Result<(), Error> {
    DISPUTE.next(|| item(dispute), dispute.state, action)?;
    Ok(check_before(host, || item(dispute), dispute.deadline_ms)?)
}

fn item(dispute: &Dispute) -> Item {
    Kind::Dispute.item(dispute.id)
}

/// The side that did not make the latest offer has the turn: to accept it, or to make the next.
fn turn(dispute: &Dispute, by: Side) -> Result<(), Error> {
    let turn = other(latest(dispute).by);
    if by == turn { Ok(()) } else { Err(types::Error::WrongSide(turn).into()) }
}

fn latest(dispute: &Dispute) -> Offer {
    match dispute.offers.last() {
        Some(offer) => *offer,
        None => trap("a dispute has no claim"),
    }
}

fn has_finished(dispute: &Dispute, side: Side) -> bool {
    match side {
        Side::Payer => dispute.payer_finished,
        Side::Payee => dispute.payee_finished,
    }
}

fn not_finished(dispute: &Dispute, by: Side) -> Result<(), Error> {
    if has_finished(dispute, by) { Err(types::Error::PhaseFinished(by).into()) } else { Ok(()) }
}

/// The outcome where the first ruling counts.
fn first_ruling(dispute: &Dispute) -> (OutcomeReason, u16) {
    match dispute.rulings.first() {
        Some(ruling) if ruling.arbiter.is_some() => (OutcomeReason::Ruling, ruling.to_payer),
        Some(ruling) => (OutcomeReason::UnansweredClaim, ruling.to_payer),
        None => trap("a ruled dispute has no ruling"),
    }
}
