//! Policies, allowances, pending payments and requests.

use super::Change;
use super::rows::{
    Allowance, AllowanceUse, Approval, PendingPayment, Permit, PermitApproval, Policy, PolicyUse,
    Request, RequestPayment,
};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

/// A day, milliseconds.
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The state of an allowance that is not over.
pub(super) const ACTIVE: &str = "active";

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "policy-set" => {
            let mut policy: Policy = event.record(event.part("change")?)?;
            (policy.account, policy.asset) = (event.get("account")?, event.get("asset")?);
            policy.n = cancel_policy(tables, event)?.saturating_add(1);
            tables.put(&policy);
        }
        "policy-change-cancelled" => drop(cancel_policy(tables, event)?),
        "spending-counted" => {
            let mut used: PolicyUse = event.record(event.value)?;
            used.day = event.time_ms / DAY_MS;
            tables.put(&used);
        }
        "allowance-granted" => {
            let row: Allowance = event.record(event.value)?;
            tables.put(&Allowance { state: ACTIVE.to_owned(), ..row });
        }
        "allowance-used" => {
            let (id, amount): (Number, Number) = (event.get("allowance")?, event.get("amount")?);
            let mut row: Allowance = tables.known(key![id], key![], event.at)?;
            row.spent = event.get("spent")?;
            row.period_start_ms = event.get("period-start-ms")?;
            row.at = event.at;
            tables.put(&row);
            let (spent, at) = (row.spent, event.at);
            tables.append(&AllowanceUse { allowance: id, amount, spent, at });
        }
        "allowance-closed" => {
            let id: Number = event.get("allowance")?;
            let mut row: Allowance = tables.known(key![id], key![], event.at)?;
            (row.state, row.at) = (event.get("outcome")?, event.at);
            tables.put(&row);
        }
        "request-created" => drop(tables.put_record::<Request>(event, event.value)?),
        "request-paid" => {
            let mut row = request(tables, event)?;
            let (payer, amount): (String, Number) = (event.get("payer")?, event.get("amount")?);
            row.paid += amount;
            tables.put(&row);
            tables.append(&RequestPayment { request: row.id, payer, amount, at: event.at });
        }
        "request-ended" => {
            let row = request(tables, event)?;
            tables.put(&row);
        }
        "permit-requested" | "permit-approved" | "permit-used" | "permit-ended" => {
            enter_permit(tables, event)?;
        }
        "removed" => remove(tables, event)?,
        _ => enter_payment(tables, event)?,
    }
    Ok(())
}

/// Notes that what was over long ago left the module's state.
fn remove(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (kind, id): (String, Number) = (event.get("kind")?, event.get("id")?);
    match kind.as_str() {
        "payment" => {
            let row: PendingPayment = tables.known(key![id], key![], event.at)?;
            tables.put(&PendingPayment { removed: true, at: event.at, ..row });
        }
        "permit" => {
            let row: Permit = tables.known(key![id], key![], event.at)?;
            tables.put(&Permit { removed: true, at: event.at, ..row });
        }
        _ => {
            let row: Request = tables.known(key![id], key![], event.at)?;
            tables.put(&Request { removed: true, at: event.at, ..row });
        }
    }
    Ok(())
}

/// Cancels the change of a policy that waits. Returns how many policies there were.
fn cancel_policy(tables: &mut Tables, event: &Event<'_>) -> Done<i64> {
    let (account, asset): (String, String) = (event.get("account")?, event.get("asset")?);
    let policies = tables.group::<Policy>(&key![account, asset])?;
    let now = Number(event.time_ms.into());
    for waits in policies.iter().filter(|it| !it.cancelled && it.effective_ms > now) {
        tables.put(&Policy { cancelled: true, at: event.at, ..waits.clone() });
    }
    Ok(policies.last().map_or(0, |last| last.n))
}

/// A request in the state of the event.
fn request(tables: &mut Tables, event: &Event<'_>) -> Done<Request> {
    let mut row: Request = tables.known(key![event.get::<Number>("request")?], key![], event.at)?;
    (row.state, row.at) = (event.get("state")?, event.at);
    Ok(row)
}

fn enter_permit(tables: &mut Tables, event: &Event<'_>) -> Done {
    if event.name == "permit-requested" {
        return tables.put_record::<Permit>(event, event.value).map(drop);
    }
    let id: Number = event.get("permit")?;
    let mut row: Permit = tables.known(key![id], key![], event.at)?;
    row.state = match event.name {
        "permit-used" => "used".to_owned(),
        _ => event.get("state")?,
    };
    row.at = event.at;
    tables.put(&row);
    if event.name == "permit-approved" {
        let approver = event.get("approver")?;
        tables.append(&PermitApproval { permit: id, approver, at: event.at });
    }
    Ok(())
}

fn enter_payment(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "payment-proposed" => {
            let row: PendingPayment = tables.put_record(event, event.value)?;
            let change = Change {
                kind: "payment-proposed",
                other: Some(&row.payee),
                reference: Some(&row.reference),
                payment: Some(row.id),
                ..Change::new(&row.payer, &row.asset, -row.amount, row.amount)
            };
            change.enter(tables, event)
        }
        "payment-approved" => {
            let (payment, approver) = (event.get("payment")?, event.get("approver")?);
            tables.append(&Approval { payment, approver, at: event.at });
            Ok(())
        }
        "payment-ended" => {
            let id: Number = event.get("payment")?;
            let mut row: PendingPayment = tables.known(key![id], key![], event.at)?;
            (row.state, row.at) = (event.get("state")?, event.at);
            tables.put(&row);
            // The amount goes back; if it was paid, the following transfer moves it.
            let change = Change::new(&row.payer, &row.asset, row.amount, -row.amount);
            Change { kind: "payment-ended", payment: Some(id), ..change }.enter(tables, event)
        }
        _ => Ok(()),
    }
}
