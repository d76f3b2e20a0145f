//! Disputes, which several modules have: `ehb:dispute`.

use serde_json::Value;

use crate::cell::{Cell, Number};
use crate::error::Done;
use crate::event::Event;
use crate::proof::{Comparison, Row};
use crate::table::{Record, Table, key, table};
use crate::tables::Tables;

/// The tables.
pub(crate) const TABLES: &[&Table] = &[
    Dispute::TABLE,
    DisputeStep::TABLE,
    DisputeOffer::TABLE,
    Evidence::TABLE,
    Ruling::TABLE,
    Appeal::TABLE,
    Assignment::TABLE,
    Deposit::TABLE,
    Arbiter::TABLE,
];

table! {
    /// A dispute over an amount in escrow.
    Dispute = current "emo.dispute" by (module, id) index "payer", "payee", "state", "item_id", "deadline_ms" {
        module: String = "",
        id: Number,
        /// The sub-order or milestone.
        item_id: Number,
        payer: String,
        payer_organisation: Option<String>,
        payee: String,
        payee_organisation: Option<String>,
        /// `payer` or `payee`.
        claimant: String,
        amount: Number,
        reason: String,
        terms: Value,
        /// Whether both parties agreed on the arbiter.
        arbiter_agreed: Option<bool>,
        /// `open`, `evidence`, `settlement`, `arbitration-requested`, `arbitration`, `ruled`, `appealed` or `final`.
        state: String,
        /// None in the state `final`.
        deadline_ms: Option<Number>,
        payer_finished: bool,
        payee_finished: bool,
        /// Why the outcome is what it is.
        outcome: Option<String> = "outcome/reason",
        /// Basis points for the payer.
        outcome_to_payer: Option<Number> = "outcome/to-payer",
        amount_to_payer: Option<Number> = "outcome/split/to-payer",
        amount_to_payee: Option<Number> = "outcome/split/to-payee",
        /// What each party bears of the arbiters' fees.
        payer_costs: Option<Number> = "outcome/payer-costs",
        payee_costs: Option<Number> = "outcome/payee-costs",
        ended_ms: Option<Number> = "outcome/at-ms",
        /// What each party last wanted the payer to get, basis points.
        payer_wants: Option<Number> = "",
        payee_wants: Option<Number> = "",
        /// The party that asked for arbitration: `payer` or `payee`.
        requested_by: Option<String> = "",
        /// The claim: basis points for the payer.
        claim: Number = "",
        steps: i64 = "",
        offers: i64 = "",
        documents: i64 = "",
        assignments: i64 = "",
        deposits: i64 = "",
        rulings: i64 = "",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A step of a dispute.
    DisputeStep = history "emo.dispute_step" by (module, dispute; n) {
        module: String,
        dispute: Number,
        /// Counted from 1.
        n: i64,
        /// `opened`, or an event as the module names it, such as `offered`, `ruled` or `deadline-passed`.
        event: String,
        /// What the event consists of.
        detail: Option<Value>,
        /// Afterwards.
        state: String,
        deadline_ms: Option<Number>,
        time_ms: i64,
    }
}

table! {
    /// A split that a party offered.
    DisputeOffer = history "emo.dispute_offer" by (module, dispute; n) {
        module: String = "",
        dispute: Number = "",
        /// Counted from 1; the first is the claim.
        n: i64 = "",
        /// `payer` or `payee`.
        by: String,
        /// Basis points.
        to_payer: Number,
        at_ms: Number,
    }
}

table! {
    /// A document that a party handed in.
    Evidence = history "emo.evidence" by (module, dispute; n) {
        module: String = "",
        dispute: Number = "",
        /// Counted from 1.
        n: i64 = "",
        /// For whom: `payer` or `payee`.
        by: String,
        /// Who handed it in.
        account: String,
        document: Value,
        note: String,
        at_ms: Number,
    }
}

table! {
    /// A split that was ruled.
    Ruling = history "emo.ruling" by (module, dispute; n) {
        module: String = "",
        dispute: Number = "",
        /// 1, or 2 for the ruling on an appeal.
        n: i64 = "",
        /// None where an unanswered claim became the ruling.
        arbiter: Option<String>,
        /// The arbiter's organisation.
        organisation: Option<String>,
        /// Basis points.
        to_payer: Number,
        reasons: Option<Value>,
        at_ms: Number,
    }
}

table! {
    /// An appeal against the first ruling.
    Appeal = history "emo.appeal" by (module, dispute) {
        module: String = "",
        dispute: Number = "",
        /// `payer` or `payee`.
        by: String,
        reason: String,
        at_ms: Number,
    }
}

table! {
    /// An arbiter that was assigned.
    Assignment = history "emo.assignment" by (module, dispute; n) {
        module: String = "",
        dispute: Number = "",
        /// Counted from 1.
        n: i64 = "",
        /// None where no registered arbiter was impartial.
        arbiter: Option<String>,
        organisation: Option<String>,
        on_appeal: bool,
        at_ms: Number,
    }
}

table! {
    /// What a party deposited for the arbiters' fees.
    Deposit = history "emo.deposit" by (module, dispute; n) {
        module: String = "",
        dispute: Number = "",
        /// Counted from 1.
        n: i64 = "",
        /// `payer` or `payee`.
        by: String,
        depositor: String,
        hold: Number,
        hold_expires_ms: Number,
        amount: Number,
    }
}

table! {
    /// An account that registered as an arbiter.
    Arbiter = current "emo.arbiter" by (module, account) {
        module: String = "",
        account: String,
        /// Whether it can be assigned.
        registered: bool,
    }
}

/// The rows that follow from the record of a dispute.
pub(crate) const PARTS: &[(&Table, &str)] = &[
    (Assignment::TABLE, "assigned"),
    (Deposit::TABLE, "deposits"),
    (DisputeOffer::TABLE, "offers"),
    (Evidence::TABLE, "evidence"),
    (Ruling::TABLE, "rulings"),
    (Appeal::TABLE, "appeal"),
];

/// Registers an arbiter, or strikes one off.
pub(crate) fn enter_arbiter(tables: &mut Tables, event: &Event<'_>) -> Done {
    let module = event.module.to_owned();
    tables.put(&Arbiter { module, ..event.record(event.value)? });
    Ok(())
}

/// An arbiter is in the module's list, if it is registered.
pub(crate) fn compare_arbiter(
    comparison: &mut Comparison<'_>,
    row: &Row<'_>,
    list: &Value,
    _: i128,
) {
    let registered = list.as_array().into_iter().flatten();
    let is_listed = registered.filter_map(Value::as_str).any(|it| row.is("account", it));
    comparison.same("registered", row.cell("registered"), &Cell::Bool(is_listed));
}

/// Opens a dispute, or applies a step. Returns the dispute after it.
pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done<Dispute> {
    let module = event.module.to_owned();
    if event.name == "dispute-opened" {
        let mut row = Dispute { module, ..event.record(event.value)? };
        for offer in event.list("offers")? {
            add_offer(tables, event, &mut row, offer)?;
        }
        add_step(tables, event, &mut row, "opened", None);
        tables.put(&row);
        return Ok(row);
    }
    let id: Number = event.get("dispute")?;
    let mut row: Dispute = tables.known(key![module, id], key![], event.at)?;
    let (name, detail) = case(event.part("event")?);
    apply(tables, event, &mut row, name, detail)?;
    add_costs(tables, event, &mut row)?;
    let state: String = event.get("state")?;
    if state != row.state {
        (row.payer_finished, row.payee_finished) = (false, false);
    }
    (row.state, row.deadline_ms) = (state, event.get("deadline-ms")?);
    let outcome: Option<Value> = event.get("outcome")?;
    let outcome = outcome.unwrap_or_default();
    let split = outcome.get("split").unwrap_or(&Value::Null);
    row.outcome = event.of(&outcome, "reason")?;
    row.outcome_to_payer = event.of(&outcome, "to-payer")?;
    row.amount_to_payer = event.of(split, "to-payer")?;
    row.amount_to_payee = event.of(split, "to-payee")?;
    row.payer_costs = event.of(&outcome, "payer-costs")?;
    row.payee_costs = event.of(&outcome, "payee-costs")?;
    row.ended_ms = event.of(&outcome, "at-ms")?;
    row.at = event.at;
    add_step(tables, event, &mut row, name, detail.cloned());
    tables.put(&row);
    Ok(row)
}

/// Notes that a dispute left the module's state with what it was about, where there was one.
pub(crate) fn remove(tables: &mut Tables, event: &Event<'_>, id: Number) -> Done {
    let module = event.module.to_owned();
    if let Some(row) = tables.get::<Dispute>(key![module, id], key![])? {
        tables.put(&Dispute { removed: true, at: event.at, ..row });
    }
    Ok(())
}

/// The name of a variant's case, and its payload.
fn case(value: &Value) -> (&str, Option<&Value>) {
    match value {
        Value::Object(cases) => {
            cases.iter().next().map_or(("", None), |(name, payload)| (name.as_str(), Some(payload)))
        }
        plain => (plain.as_str().unwrap_or_default(), None),
    }
}

fn apply(
    tables: &mut Tables,
    event: &Event<'_>,
    row: &mut Dispute,
    name: &str,
    detail: Option<&Value>,
) -> Done {
    let detail = detail.unwrap_or(&Value::Null);
    match name {
        "responded" | "offered" => add_offer(tables, event, row, detail)?,
        "evidence-added" => {
            row.documents = row.documents.saturating_add(1);
            let (module, dispute, n) = (row.module.clone(), row.id, row.documents);
            tables.append(&Evidence { module, dispute, n, ..event.record(detail)? });
        }
        "arbitration-requested" => row.requested_by = detail.as_str().map(str::to_owned),
        "phase-finished" => match detail.as_str() {
            Some("payer") => row.payer_finished = true,
            _ => row.payee_finished = true,
        },
        "ruled" => {
            let ruling = event.record(detail)?;
            add_ruling(tables, row, ruling);
        }
        "appealed" => {
            let (module, dispute) = (row.module.clone(), row.id);
            tables.append(&Appeal { module, dispute, ..event.record(detail)? });
        }
        // A claim or request that nobody answered becomes the ruling, at the time that its appeal's deadline shows.
        "deadline-passed" if matches!(row.state.as_str(), "open" | "arbitration-requested") => {
            let deadline_ms: Option<Number> = event.get("deadline-ms")?;
            let windows = row.terms.get("windows").unwrap_or(&Value::Null);
            let at_ms = deadline_ms.unwrap_or_default() - event.of(windows, "appeal-ms")?;
            let by = row.requested_by.as_ref().unwrap_or(&row.claimant);
            let wants = if by == "payer" { row.payer_wants } else { row.payee_wants };
            let (to_payer, at) = (wants.unwrap_or(row.claim), event.at);
            add_ruling(tables, row, Ruling { to_payer, at_ms, at, ..Ruling::default() });
        }
        _ => {}
    }
    Ok(())
}

fn add_offer(tables: &mut Tables, event: &Event<'_>, row: &mut Dispute, offer: &Value) -> Done {
    row.offers = row.offers.saturating_add(1);
    let (module, dispute, n) = (row.module.clone(), row.id, row.offers);
    let offer = DisputeOffer { module, dispute, n, ..event.record(offer)? };
    if n == 1 {
        row.claim = offer.to_payer;
    }
    match offer.by.as_str() {
        "payer" => row.payer_wants = Some(offer.to_payer),
        _ => row.payee_wants = Some(offer.to_payer),
    }
    tables.append(&offer);
    Ok(())
}

/// The deposit and the assignment of a step.
fn add_costs(tables: &mut Tables, event: &Event<'_>, row: &mut Dispute) -> Done {
    let (module, dispute) = (row.module.clone(), row.id);
    if let Some(deposit) = event.get::<Option<Value>>("deposit")? {
        row.deposits = row.deposits.saturating_add(1);
        let (module, n) = (module.clone(), row.deposits);
        tables.append(&Deposit { module, dispute, n, ..event.record(&deposit)? });
    }
    if let Some(assigned) = event.get::<Option<Value>>("assigned")? {
        row.assignments = row.assignments.saturating_add(1);
        let n = row.assignments;
        tables.append(&Assignment { module, dispute, n, ..event.record(&assigned)? });
    }
    Ok(())
}

fn add_ruling(tables: &mut Tables, row: &mut Dispute, ruling: Ruling) {
    row.rulings = row.rulings.saturating_add(1);
    let (module, dispute, n) = (row.module.clone(), row.id, row.rulings);
    tables.append(&Ruling { module, dispute, n, ..ruling });
}

fn add_step(
    tables: &mut Tables,
    event: &Event<'_>,
    row: &mut Dispute,
    name: &str,
    detail: Option<Value>,
) {
    row.steps = row.steps.saturating_add(1);
    tables.append(&DisputeStep {
        module: row.module.clone(),
        dispute: row.id,
        n: row.steps,
        event: name.to_owned(),
        detail,
        state: row.state.clone(),
        deadline_ms: row.deadline_ms,
        time_ms: event.time_ms,
        at: event.at,
    });
}
