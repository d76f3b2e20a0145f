//! Usage: what it sets aside, and what is charged of it.

use super::limits;
use super::rows::{BillLine, CreditLine, Grant, Usage, UsageDraw};
use super::statements::{self, Added};
use super::{OPEN, set_due};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "usage-authorised" => drop(authorise(tables, event)?),
        "usage-reported" => {
            let mut row = authorise(tables, event)?;
            row.is_reported = true;
            let (quantity, credits, at_ms) = (row.quantity, row.credits, row.at_ms);
            resolve(tables, event, row, "captured", quantity, credits, at_ms)?;
        }
        "usages-removed" | "references-removed" => {
            let (first, last): (Number, Number) = (event.get("first")?, event.get("last")?);
            for id in first.0..=last.0 {
                let mut row: Usage = tables.known(key![Number(id)], key![], event.at)?;
                row.removed |= event.name == "usages-removed";
                (row.reference_removed, row.at) = (true, event.at);
                tables.put(&row);
            }
        }
        name => {
            let row: Usage = tables.known(key![event.get::<Number>("usage")?], key![], event.at)?;
            let at_ms = event.get("at-ms")?;
            if name == "usage-captured" {
                let (quantity, credits) = (event.get("quantity")?, event.get("credits")?);
                resolve(tables, event, row, "captured", quantity, credits, at_ms)?;
            } else {
                let state = if name == "usage-voided" { "voided" } else { "timed-out" };
                resolve(tables, event, row, state, Number(0), Number(0), at_ms)?;
            }
        }
    }
    Ok(())
}

/// Sets the largest cost aside.
fn authorise(tables: &mut Tables, event: &Event<'_>) -> Done<Usage> {
    let row: Usage = tables.put_record(event, event.value)?;
    limits::count(tables, event, &row)?;
    for (draw, n) in event.list("draws")?.iter().zip(1..) {
        let draw = UsageDraw { usage: row.id, n, ..event.record(draw)? };
        if let Some(id) = draw.grant_id {
            let mut grant: Grant = tables.known(key![id], key![], event.at)?;
            grant.held += draw.credits;
            grant.at = event.at;
            tables.put(&grant);
        }
        if let Some(id) = draw.credit_line {
            let mut line: CreditLine = tables.known(key![id], key![], event.at)?;
            line.held += draw.credits;
            line.at = event.at;
            tables.put(&line);
        }
        tables.put(&draw);
    }
    statements::add(tables, event, row.programme, &row.account, Added::default())?;
    Ok(row)
}

/// Charges the first draws, and releases the rest.
fn resolve(
    tables: &mut Tables,
    event: &Event<'_>,
    row: Usage,
    state: &str,
    quantity: Number,
    credits: Number,
    at_ms: Number,
) -> Done {
    let row = Usage { state: state.to_owned(), quantity, credits, at: event.at, ..row };
    limits::give_back(tables, event, &row)?;
    let (mut missing, mut added) = (credits, Added::default());
    for mut draw in tables.group::<UsageDraw>(&key![row.id])? {
        draw.charged = missing.min(draw.credits);
        draw.at = event.at;
        missing -= draw.charged;
        if let Some(id) = draw.grant_id {
            let mut grant: Grant = tables.known(key![id], key![], event.at)?;
            grant.held -= draw.credits;
            grant.used += draw.charged;
            added.used += draw.charged;
            if grant.state != OPEN {
                set_due(&mut grant, at_ms);
                added.lose(&grant.state, draw.credits - draw.charged);
            }
            grant.at = event.at;
            tables.put(&grant);
        }
        if let Some(id) = draw.credit_line {
            added.credit_line_used += draw.charged;
            charge_line(tables, event, &row, &draw, id)?;
        }
        tables.put(&draw);
    }
    tables.put(&row);
    statements::add(tables, event, row.programme, &row.account, added)?;
    if row.state == "captured" {
        statements::count_service(tables, event, &row)?;
    }
    Ok(())
}

fn charge_line(
    tables: &mut Tables,
    event: &Event<'_>,
    usage: &Usage,
    draw: &UsageDraw,
    id: Number,
) -> Done {
    let mut line: CreditLine = tables.known(key![id], key![], event.at)?;
    line.held -= draw.credits;
    let is_lost = line.state == "written-off";
    match is_lost {
        true => line.written_off += draw.charged,
        false => line.unbilled += draw.charged,
    }
    line.at = event.at;
    if draw.charged > Number(0) && !is_lost {
        let (number, service) = (line.bills + Number(1), usage.service.clone());
        let known = tables.get::<BillLine>(key![id, number], key![service])?.unwrap_or_default();
        tables.put(&BillLine {
            credit_line: id,
            number,
            service,
            usages: known.usages + Number(1),
            quantity: known.quantity + usage.quantity,
            credits: known.credits + draw.charged,
            removed: false,
            at: event.at,
        });
    }
    tables.put(&line);
    Ok(())
}
