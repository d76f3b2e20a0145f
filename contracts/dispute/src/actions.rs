//! The actions: who may make each one, when, and its effects.
//!
//! Every action makes a [`Step`] and applies it by [`replay`], the same way in which a reader of events
//! does: what the events say is what happened.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::checks::{
    BASIS_POINTS, amount as check_amount, document as check_document, part, range, text,
};
use ehb_contract::common::{Document, Item};
use ehb_contract::{Address, Host, check_before, check_due, trap};

use crate::checks::{EVIDENCE_PER_SIDE_MAX, NOTE_BYTES_MAX, OFFERS_MAX, REASON_BYTES_MAX};
use crate::error::Error;
use crate::replay::replay;
use crate::states::{Action, DISPUTE, Kind};
use crate::types::{
    self, Appeal, Arbiter, Change, Dispute, Evidence, Ground, Offer, Outcome, Ruling, Side, Split,
    State, Step, Terms,
};

/// The parties of a dispute, and who may rule although it is of an organisation of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The payer.
    pub first: Address,
    /// The payer's organisation.
    pub first_organisation: Option<String>,
    /// The payee.
    pub second: Address,
    /// The payee's organisation.
    pub second_organisation: Option<String>,
    /// Whether both agreed on the account that the terms name as arbiter.
    pub arbiter_agreed: bool,
}

/// Opens a dispute: the record that the module stores and emits.
///
/// - `id`: its number, counted by the module.
/// - `subject`: the number of what it is about.
/// - `parties`: the payer and the payee.
/// - `terms`: with the default part of the whole amount; see [`default_part`].
/// - `claimant`: the side for which the caller acts.
/// - `amount`: what is held for the subject, at least 1. The module must not pay any of it out before
///   the outcome.
/// - `to_first`: the claim: what the first party should get, basis points.
/// - `reason`: why, 1 to 500 bytes.
///
/// # Errors
/// `zero-amount`, `out-of-range`.
#[expect(clippy::too_many_arguments, reason = "each is a field of the record that it makes")]
pub fn open(
    host: &Host,
    id: u64,
    subject: u64,
    parties: Parties,
    claimant: Side,
    amount: u64,
    to_first: u16,
    reason: String,
    terms: Terms,
) -> Result<Dispute, Error> {
    check_amount(amount)?;
    part("to-first", to_first)?;
    text("reason", &reason, 1, REASON_BYTES_MAX)?;
    // The windows were checked when the parties agreed on them: the shortest may be longer since then.
    part("default-to-first", terms.default_to_first)?;
    let at_ms = host.time_ms();
    let Parties { first, first_organisation, second, second_organisation, arbiter_agreed } =
        parties;
    Ok(Dispute {
        id,
        subject,
        first,
        second,
        first_organisation,
        second_organisation,
        arbiter_agreed,
        claimant,
        amount,
        reason,
        terms,
        state: State::Open,
        deadline_ms: at_ms.saturating_add(terms.windows.response_ms),
        offers: Vec::from([Offer { by: claimant, to_first, at_ms }]),
        evidence: Vec::new(),
        first_rested: false,
        second_rested: false,
        rulings: Vec::new(),
        appeal: None,
        outcome: None,
    })
}

/// Answers the claim with what the answering side would accept.
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the claimant, `out-of-range`.
pub fn respond(host: &Host, dispute: &mut Dispute, by: Side, to_first: u16) -> Result<Step, Error> {
    in_time(host, dispute, Action::Respond)?;
    turn(dispute, by)?;
    part("to-first", to_first)?;
    let offer = Offer { by, to_first, at_ms: host.time_ms() };
    step(host, dispute, Action::Respond, Change::Responded(offer), None)
}

/// Hands in a document for a side, as the caller.
///
/// # Errors
/// `wrong-state`, `too-late`, `rested`, `out-of-range` for a note that is too long or a document too
/// many, `malformed-cid`.
pub fn add_evidence(
    host: &Host,
    dispute: &mut Dispute,
    by: Side,
    document: Document,
    note: String,
) -> Result<Step, Error> {
    in_time(host, dispute, Action::AddEvidence)?;
    not_rested(dispute, by)?;
    check_document(&document)?;
    text("note", &note, 0, NOTE_BYTES_MAX)?;
    let number = dispute.evidence.iter().filter(|evidence| evidence.by == by).count() as u64 + 1;
    range("evidence", number, 1, EVIDENCE_PER_SIDE_MAX as u64)?;
    let evidence = Evidence { by, account: host.caller(), document, note, at_ms: host.time_ms() };
    step(host, dispute, Action::AddEvidence, Change::EvidenceAdded(evidence), None)
}

/// Offers a split, which stands until the other side accepts it, makes another, rests, or lets the
/// time for its answer pass.
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the side that made the latest offer, `out-of-range` for a
/// part or an offer too many.
pub fn offer(host: &Host, dispute: &mut Dispute, by: Side, to_first: u16) -> Result<Step, Error> {
    in_time(host, dispute, Action::Offer)?;
    turn(dispute, by)?;
    part("to-first", to_first)?;
    range("offers", dispute.offers.len() as u64 + 1, 1, OFFERS_MAX as u64)?;
    let offer = Offer { by, to_first, at_ms: host.time_ms() };
    step(host, dispute, Action::Offer, Change::Offered(offer), None)
}

/// Accepts the other side's latest offer; the claim and the answer to it are offers too.
///
/// # Errors
/// `wrong-state`, `too-late`, `wrong-side` for the side that made the latest offer.
pub fn accept(host: &Host, dispute: &mut Dispute, by: Side) -> Result<Step, Error> {
    in_time(host, dispute, Action::Accept)?;
    turn(dispute, by)?;
    let to_first = latest(dispute).to_first;
    let end = Some((Ground::Settlement, to_first));
    step(host, dispute, Action::Accept, Change::Accepted(by), end)
}

/// Says that a side has nothing more to bring in this phase: no evidence (the phase ends when both
/// rest), no offer (it ends at once), no appeal (it ends when both rest).
///
/// # Errors
/// `wrong-state`, `too-late`, `rested`.
pub fn rest(host: &Host, dispute: &mut Dispute, by: Side) -> Result<Step, Error> {
    let other_rested = has_rested(dispute, other(by));
    let action = if other_rested { Action::RestLast } else { Action::Rest };
    in_time(host, dispute, action)?;
    not_rested(dispute, by)?;
    let end = (action == Action::RestLast && dispute.state == State::Ruled)
        .then(|| first_ruling(dispute));
    step(host, dispute, action, Change::Rested(by), end)
}

/// Rules, as the caller: first in the state `arbitration`, for good in the state `appealed`.
///
/// # Errors
/// `wrong-state`, `too-late`, `not-arbiter`, `partial-arbiter`, `out-of-range`, `malformed-cid`.
pub fn rule(
    host: &Host,
    dispute: &mut Dispute,
    to_first: u16,
    reasons: Option<Document>,
) -> Result<Step, Error> {
    in_time(host, dispute, Action::Rule)?;
    may_rule(host, dispute)?;
    part("to-first", to_first)?;
    reasons.as_ref().map_or(Ok(()), check_document)?;
    let at_ms = host.time_ms();
    let (arbiter, organisation) = (host.caller(), host.organisation(host.caller()));
    let ruling = Ruling { arbiter: Some(arbiter), organisation, to_first, reasons, at_ms };
    let end = (dispute.state == State::Appealed).then_some((Ground::AppealRuling, to_first));
    step(host, dispute, Action::Rule, Change::Ruled(ruling), end)
}

/// Appeals against the first ruling.
///
/// # Errors
/// `wrong-state`, `too-late`, `rested`, `out-of-range`.
pub fn appeal(host: &Host, dispute: &mut Dispute, by: Side, reason: String) -> Result<Step, Error> {
    in_time(host, dispute, Action::Appeal)?;
    not_rested(dispute, by)?;
    text("reason", &reason, 1, REASON_BYTES_MAX)?;
    let appeal = Appeal { by, reason, at_ms: host.time_ms() };
    step(host, dispute, Action::Appeal, Change::Appealed(appeal), None)
}

/// Takes the default step of a dispute whose deadline has passed. Anyone may.
///
/// # Errors
/// `wrong-state` in the state `final`, `too-early`.
pub fn advance(host: &Host, dispute: &mut Dispute) -> Result<Step, Error> {
    DISPUTE.next(|| item(dispute), dispute.state, Action::Lapse)?;
    check_due(host, || item(dispute), dispute.deadline_ms)?;
    let end = match dispute.state {
        State::Arbitration => Some((Ground::ArbiterSilent, dispute.terms.default_to_first)),
        State::Ruled => Some(first_ruling(dispute)),
        State::Appealed => Some((Ground::AppealUnheard, first_ruling(dispute).1)),
        State::Open | State::Evidence | State::Settlement | State::Final => None,
    };
    step(host, dispute, Action::Lapse, Change::Lapsed, end)
}

/// What the first party gets of an amount where no arbiter rules, basis points, rounded up: all of what the second
/// party has not done its part for, and the agreed part of the rest.
///
/// - `undone`: what of the amount is for something that was not shipped or submitted.
pub fn default_part(amount: u64, undone: u64, agreed: u16) -> u16 {
    let undone = undone.min(amount);
    let back = u128::from(undone) + u128::from(split(amount - undone, agreed).to_first);
    let part = (back * u128::from(BASIS_POINTS)).div_ceil(u128::from(amount.max(1)));
    u16::try_from(part).unwrap_or(BASIS_POINTS).min(BASIS_POINTS)
}

/// An amount split by basis points: the first party's part is rounded down, the second gets the
/// rest. Parts above [`BASIS_POINTS`] count as the whole.
pub fn split(amount: u64, to_first: u16) -> Split {
    let whole = u128::from(BASIS_POINTS);
    let part = u128::from(amount) * u128::from(to_first.min(BASIS_POINTS)) / whole;
    // At most the amount, so it fits.
    let to_first = u64::try_from(part).unwrap_or(amount);
    Split { to_first, to_second: amount - to_first }
}

/// Creates the step of an action, and applies it.
fn step(
    host: &Host,
    dispute: &mut Dispute,
    action: Action,
    change: Change,
    end: Option<(Ground, u16)>,
) -> Result<Step, Error> {
    let now_ms = host.time_ms();
    let state = DISPUTE.next(|| item(dispute), dispute.state, action)?;
    let outcome = end.map(|(ground, to_first)| {
        let split = split(dispute.amount, to_first);
        Outcome { ground, to_first, split, at_ms: now_ms }
    });
    // A phase that continues keeps its deadline, but an offer starts a new period for the other side.
    let goes_on = state == dispute.state && action != Action::Offer;
    let deadline_ms =
        if goes_on { dispute.deadline_ms } else { deadline(dispute.terms, state, now_ms) };
    let step = Step { dispute: dispute.id, change, state, deadline_ms, outcome };
    replay(dispute, &step);
    Ok(step)
}

fn deadline(terms: Terms, state: State, now_ms: u64) -> u64 {
    let windows = terms.windows;
    let window_ms = match state {
        State::Open => windows.response_ms,
        State::Evidence => windows.evidence_ms,
        State::Settlement => windows.offer_ms,
        State::Arbitration | State::Appealed => windows.ruling_ms,
        State::Ruled => windows.appeal_ms,
        State::Final => return 0,
    };
    now_ms.saturating_add(window_ms)
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

fn has_rested(dispute: &Dispute, side: Side) -> bool {
    match side {
        Side::First => dispute.first_rested,
        Side::Second => dispute.second_rested,
    }
}

fn not_rested(dispute: &Dispute, by: Side) -> Result<(), Error> {
    if has_rested(dispute, by) { Err(types::Error::Rested(by).into()) } else { Ok(()) }
}

fn other(side: Side) -> Side {
    match side {
        Side::First => Side::Second,
        Side::Second => Side::First,
    }
}

/// The outcome where the first ruling stands.
fn first_ruling(dispute: &Dispute) -> (Ground, u16) {
    match dispute.rulings.first() {
        Some(ruling) if ruling.arbiter.is_some() => (Ground::Ruling, ruling.to_first),
        Some(ruling) => (Ground::UnansweredClaim, ruling.to_first),
        None => trap("a ruled dispute has no ruling"),
    }
}

/// The caller must be whom the terms name, or hold the role, and be impartial: of no party's organisation, unless
/// both parties agreed on the account by name, and not of the organisation that ruled first.
fn may_rule(host: &Host, dispute: &Dispute) -> Result<(), Error> {
    let caller = host.caller();
    let named = dispute.terms.arbiter == Arbiter::Account(caller);
    let by_role = dispute.state == State::Appealed || dispute.terms.arbiter == Arbiter::Role;
    let allowed = named || (by_role && host.has_role(caller, "arbiter"));
    if !allowed {
        return Err(types::Error::NotArbiter(caller).into());
    }
    let is_party = caller == dispute.first || caller == dispute.second;
    let agreed = named && dispute.arbiter_agreed;
    let organisation = host.organisation(caller);
    let is_partial = is_party || (!agreed && is_of_party(host, dispute, organisation.as_ref()));
    if is_partial || has_ruled(dispute, caller, organisation.as_ref()) {
        return Err(types::Error::PartialArbiter(caller).into());
    }
    Ok(())
}

/// Whether an organisation is a party's: the one of when the dispute was opened, or that of its account now.
fn is_of_party(host: &Host, dispute: &Dispute, organisation: Option<&String>) -> bool {
    let of_party = |stored: &Option<String>, account: Address| {
        stored.as_ref() == organisation || host.organisation(account).as_ref() == organisation
    };
    organisation.is_some()
        && (of_party(&dispute.first_organisation, dispute.first)
            || of_party(&dispute.second_organisation, dispute.second))
}

/// Whether the account, or another of its organisation, has ruled before.
fn has_ruled(dispute: &Dispute, account: Address, organisation: Option<&String>) -> bool {
    dispute.rulings.iter().any(|ruling| {
        let same_court = organisation.is_some() && ruling.organisation.as_ref() == organisation;
        ruling.arbiter == Some(account) || same_court
    })
}
