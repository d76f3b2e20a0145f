//! The tables of credits, from the events of the module `credit`.

mod limits;
mod period;
mod proof;
mod removal;
pub(crate) mod rows;
mod statements;
mod usage;

use serde_json::Value;

use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::settings;
use crate::table::{Record, Table, key};
use crate::tables::Tables;
pub(crate) use proof::SUBJECTS;
use rows::{Bill, BillPayment, CreditLine, Grant, Meter, Programme, Service, ServicePrice};
use statements::Added;

/// The module whose events are about credits.
pub(crate) const MODULE: &str = "credit";

pub(crate) const TABLES: &[&Table] = &[
    Programme::TABLE,
    Service::TABLE,
    ServicePrice::TABLE,
    Meter::TABLE,
    Grant::TABLE,
    rows::Usage::TABLE,
    rows::UsageDraw::TABLE,
    rows::AccountLimit::TABLE,
    CreditLine::TABLE,
    Bill::TABLE,
    rows::BillLine::TABLE,
    rows::CreditMonth::TABLE,
    rows::CreditMonthService::TABLE,
    BillPayment::TABLE,
];

/// The state of a grant that can be drawn.
const OPEN: &str = "open";

pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "programme-created"
        | "payout-account-set"
        | "payout-change-cancelled"
        | "sale-terms-set"
        | "default-limits-set"
        | "programme-closing"
        | "programme-closed" => {
            drop(tables.put_record::<Programme>(event, event.value)?);
        }
        "treasurer-limit-set" | "treasurer-limit-used" => {
            settings::enter_limit(tables, event, "treasurer", "programme", "credits")?;
        }
        "service-priced" | "service-retired" => put_service(tables, event)?,
        "meter-registered" => drop(tables.put_record::<Meter>(event, event.value)?),
        "meter-removed" => {
            let (programme, account): (Number, String) =
                (event.get("programme")?, event.get("account")?);
            let mut row: Meter = tables.known(key![programme, account], key![], event.at)?;
            (row.removed, row.at) = (true, event.at);
            tables.put(&row);
        }
        "credits-granted" | "credits-purchased" => {
            let row: Grant = tables.put_record(event, event.value)?;
            let added = Added { granted: row.amount, ..Added::default() };
            statements::add(tables, event, row.programme, &row.account, added)?;
        }
        "removed" => removal::enter(tables, event)?,
        "grant-closed" => drop(tables.put_record::<Grant>(event, event.value)?),
        "purchase-settled" => {
            let mut row = grant(tables, event)?;
            row.settled = Some(row.settled.unwrap_or_default() + event.get("amount")?);
            tables.put(&row);
        }
        "grant-ending" => {
            let mut row = grant(tables, event)?;
            row.state = event.get("state")?;
            set_due(&mut row, event.get("at-ms")?);
            tables.put(&row);
            statements::end(tables, event, &row)?;
        }
        "usage-authorised" | "usage-reported" | "usage-captured" | "usage-voided"
        | "usage-timed-out" | "usages-removed" | "references-removed" => {
            usage::enter(tables, event)?;
        }
        "limit-set" | "limit-removed" => {
            limits::set(tables, event)?;
            let (programme, account): (Number, String) =
                (event.get("programme")?, event.get("account")?);
            statements::add(tables, event, programme, &account, Added::default())?;
        }
        _ => enter_line(tables, event)?,
    }
    Ok(())
}

fn grant(tables: &mut Tables, event: &Event<'_>) -> Done<Grant> {
    let mut row: Grant = tables.known(key![event.get::<Number>("grant")?], key![], event.at)?;
    row.at = event.at;
    Ok(row)
}

/// A grant that is no longer open is due at once, unless usage holds a part of it.
fn set_due(grant: &mut Grant, at_ms: Number) {
    grant.deadline_ms = (grant.held == Number(0)).then_some(at_ms);
}

fn put_service(tables: &mut Tables, event: &Event<'_>) -> Done {
    let row: Service = tables.put_record(event, event.value)?;
    let (programme, service) = (row.programme, row.id);
    for old in
        tables.group::<ServicePrice>(&key![programme, service])?.into_iter().filter(|it| it.listed)
    {
        tables.put(&ServicePrice { listed: false, at: event.at, ..old });
    }
    for price in event.list("prices")? {
        let price: ServicePrice = event.record(price)?;
        tables.put(&ServicePrice { programme, service: service.clone(), listed: true, ..price });
    }
    Ok(())
}

/// Events of lines have the line, and the bill where there is one.
fn enter_line(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "credit-line-offered" => {
            let row: CreditLine = tables.put_record(event, event.value)?;
            statements::add(tables, event, row.programme, &row.account, Added::default())?;
        }
        "credit-line-accepted"
        | "credit-line-declined"
        | "credit-line-withdrawn"
        | "credit-line-expired"
        | "credit-line-suspended"
        | "credit-line-resumed"
        | "billing-cycle-ended"
        | "credit-line-cured"
        | "credit-line-closing"
        | "credit-line-closed" => drop(tables.put_record::<CreditLine>(event, event.value)?),
        "credit-line-billed" | "credit-line-delinquent" | "credit-line-written-off" => {
            put_line_and_bill(tables, event)?;
        }
        "bill-paid" => {
            let bill = put_line_and_bill(tables, event)?;
            tables.append(&BillPayment {
                bill: bill.id,
                payer: event.get("payer")?,
                amount: event.get("amount")?,
                paid: bill.paid,
                time_ms: event.time_ms,
                at: event.at,
            });
        }
        _ => {}
    }
    Ok(())
}

fn put_line_and_bill(tables: &mut Tables, event: &Event<'_>) -> Done<Bill> {
    let line: &Value = event.part("credit-line")?;
    tables.put_record::<CreditLine>(event, line)?;
    tables.put_record::<Bill>(event, event.part("bill")?)
}
