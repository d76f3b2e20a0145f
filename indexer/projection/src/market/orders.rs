//! Orders, from placing to their end.

use super::order_rows::{
    EscrowPayment, Order, OrderLine, OrderStep, Shipment, ShipmentLine, SubOrder,
};
use super::rows::Stock;
use super::stock::Movement;
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

/// The final states of a sub-order: what is still reserved is available again.
const FINAL: [&str; 8] = [
    "declined",
    "expired",
    "cancelled",
    "undelivered",
    "completed",
    "returned",
    "resolved",
    "hold-expired",
];

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "order-placed" => place(tables, event),
        "order-shipped" => ship(tables, event),
        "delivery-recorded" => deliver(tables, event),
        "escrow-paid" => pay(tables, event),
        _ => go(tables, event),
    }
}

/// The sub-order that an event names.
pub(super) fn sub_order(tables: &mut Tables, event: &Event<'_>) -> Done<SubOrder> {
    tables.known(key![event.get::<Number>("sub-order")?], key![], event.at)
}

/// A line of a sub-order, by its place.
pub(super) fn line(
    tables: &mut Tables,
    event: &Event<'_>,
    sub_order: Number,
    line: i64,
) -> Done<OrderLine> {
    let mut line: OrderLine = tables.known(key![sub_order], key![line], event.at)?;
    line.at = event.at;
    Ok(line)
}

fn place(tables: &mut Tables, event: &Event<'_>) -> Done {
    let order: Order = tables.put_record(event, event.part("order")?)?;
    for part in event.list("sub-orders")? {
        let mut row: SubOrder = event.record(part)?;
        let lines = event.list_of(part, "lines")?;
        for (line, place) in lines.iter().zip(0..) {
            let line = OrderLine { sub_order: row.id, line: place, ..event.record(line)? };
            tables.put(&line);
            let movement = Movement {
                variant: line.variant,
                location: line.location,
                cause: "reserved",
                on_hand: Number(0),
                reserved: line.ordered,
                sub_order: Some(row.id),
            };
            tables.want::<Stock>(&key![line.variant, line.location]);
            movement.enter(tables, event)?;
            row.lines = place.saturating_add(1);
        }
        step(tables, event, &mut row, Some(order.buyer.clone()));
        tables.put(&row);
    }
    Ok(())
}

/// Appends a step to the sub-order's history.
fn step(tables: &mut Tables, event: &Event<'_>, row: &mut SubOrder, by: Option<String>) {
    row.steps = row.steps.saturating_add(1);
    tables.append(&OrderStep {
        sub_order: row.id,
        n: row.steps,
        step: event.name.to_owned(),
        state: row.state.clone(),
        deadline_ms: row.deadline_ms,
        by,
        time_ms: event.time_ms,
        at: event.at,
    });
}

/// Another state.
fn go(tables: &mut Tables, event: &Event<'_>) -> Done {
    let mut row = sub_order(tables, event)?;
    row.state = event.get("state")?;
    row.deadline_ms = event.get("deadline-ms")?;
    row.ended_ms = row.deadline_ms.is_none().then_some(Number(event.time_ms.into()));
    row.at = event.at;
    if event.name == "unshipped-cancelled" || FINAL.contains(&row.state.as_str()) {
        release(tables, event, row.id)?;
    }
    step(tables, event, &mut row, event.get("by")?);
    tables.put(&row);
    Ok(())
}

/// Pieces that were still reserved are available again.
fn release(tables: &mut Tables, event: &Event<'_>, sub_order: Number) -> Done {
    for line in tables.group::<OrderLine>(&key![sub_order])? {
        if line.reserved == Number(0) {
            continue;
        }
        let movement = Movement {
            variant: line.variant,
            location: line.location,
            cause: "released",
            on_hand: Number(0),
            reserved: -line.reserved,
            sub_order: Some(sub_order),
        };
        movement.enter(tables, event)?;
        tables.put(&OrderLine { reserved: Number(0), at: event.at, ..line });
    }
    Ok(())
}

fn ship(tables: &mut Tables, event: &Event<'_>) -> Done {
    let shipment: Shipment = tables.put_record(event, event.value)?;
    let mut row = sub_order(tables, event)?;
    (row.shipments, row.at) = (shipment.number, event.at);
    tables.put(&row);
    for pieces in event.list("lines")? {
        let (place, quantity): (i64, Number) =
            (event.of(pieces, "line")?, event.of(pieces, "quantity")?);
        let (sub_order, number, at) = (row.id, shipment.number, event.at);
        tables.put(&ShipmentLine { sub_order, shipment: number, line: place, quantity, at });
        let mut line = line(tables, event, row.id, place)?;
        line.reserved -= quantity;
        line.shipped += quantity;
        tables.put(&line);
        let movement = Movement {
            variant: line.variant,
            location: line.location,
            cause: "shipped",
            on_hand: -quantity,
            reserved: -quantity,
            sub_order: Some(row.id),
        };
        movement.enter(tables, event)?;
    }
    Ok(())
}

fn deliver(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (id, number): (Number, i64) = (event.get("sub-order")?, event.get("shipment")?);
    let mut shipment: Shipment = tables.known(key![id], key![number], event.at)?;
    shipment.delivered_ms = event.get("delivered-ms")?;
    shipment.proof = event.get("proof")?;
    shipment.at = event.at;
    tables.put(&shipment);
    for pieces in tables.group::<ShipmentLine>(&key![id, number])? {
        let mut line = line(tables, event, id, pieces.line)?;
        line.delivered += pieces.quantity;
        tables.put(&line);
    }
    Ok(())
}

fn pay(tables: &mut Tables, event: &Event<'_>) -> Done {
    let mut row = sub_order(tables, event)?;
    let (refunded, paid, fee): (Number, Number, Number) =
        (event.get("refunded")?, event.get("paid")?, event.get("fee")?);
    row.refunded += refunded;
    row.paid += paid;
    row.fees += fee;
    row.escrow_payments = row.escrow_payments.saturating_add(1);
    row.at = event.at;
    for refund in event.list("lines")? {
        let mut line = line(tables, event, row.id, event.of(refund, "line")?)?;
        line.refunded += event.of(refund, "amount")?;
        line.goodwill = event.of(refund, "goodwill")?;
        tables.put(&line);
    }
    tables.append(&EscrowPayment {
        sub_order: row.id,
        n: row.escrow_payments,
        refunded,
        paid,
        fee,
        lines: event.get("lines")?,
        left: row.funded - row.refunded - row.paid - row.fees,
        time_ms: event.time_ms,
        at: event.at,
    });
    tables.put(&row);
    Ok(())
}
