//! The tables of stores, products, stock and orders, from the events of the module `marketplace`.

mod catalogue;
pub(crate) mod order_rows;
mod orders;
mod proof;
mod ratings;
mod removal;
mod returns;
pub(crate) mod rows;
mod stock;

use crate::error::Done;
use crate::event::Event;
use crate::table::{Record, Table, key};
use crate::tables::Tables;
use crate::{disputes, settings};
pub(crate) use proof::SUBJECTS;
pub(crate) use ratings::add_score;

/// The module whose events are about orders.
pub(crate) const MODULE: &str = "marketplace";

pub(crate) const TABLES: &[&Table] = &[
    rows::Category::TABLE,
    rows::Store::TABLE,
    rows::Location::TABLE,
    rows::Product::TABLE,
    rows::ProductDocument::TABLE,
    rows::Variant::TABLE,
    rows::Price::TABLE,
    rows::Stock::TABLE,
    rows::StockMovement::TABLE,
    rows::StoreRating::TABLE,
    rows::FreeCancellation::TABLE,
    order_rows::Order::TABLE,
    order_rows::SubOrder::TABLE,
    order_rows::OrderLine::TABLE,
    order_rows::OrderStep::TABLE,
    order_rows::Shipment::TABLE,
    order_rows::ShipmentLine::TABLE,
    order_rows::ReturnCase::TABLE,
    order_rows::ReturnLine::TABLE,
    order_rows::EscrowPayment::TABLE,
    order_rows::Rating::TABLE,
    order_rows::RatingSum::TABLE,
];

pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "order-placed"
        | "order-shipped"
        | "delivery-recorded"
        | "escrow-paid"
        | "unshipped-cancelled"
        | "order-accepted"
        | "order-declined"
        | "order-cancelled"
        | "shipping-changed"
        | "order-delivered"
        | "order-confirmed"
        | "return-changed"
        | "order-dispute-changed"
        | "deadline-passed" => orders::enter(tables, event),
        "return-requested" | "return-shipped" | "return-received" => returns::enter(tables, event),
        "dispute-opened" | "dispute-changed" => dispute(tables, event),
        "removed" => removal::enter(tables, event),
        "rating-minimum-set" => settings::enter_rating_minimum(tables, event),
        "arbiter-registered" => disputes::enter_arbiter(tables, event),
        "rating-committed" | "rating-revealing" | "rating-revealed" | "rating-published" => {
            ratings::enter(tables, event)
        }
        "treasurer-limit-set" | "treasurer-limit-used" => {
            settings::enter_limit(tables, event, "treasurer", "store", "amount")
        }
        "clerk-limit-set" | "clerk-limit-used" => {
            settings::enter_limit(tables, event, "clerk", "store", "amount")
        }
        _ => catalogue::enter(tables, event),
    }
}

/// A dispute has the number of its sub-order, whose deadline is that of the dispute, or that of the hold where this
/// comes first.
fn dispute(tables: &mut Tables, event: &Event<'_>) -> Done {
    let dispute = disputes::enter(tables, event)?;
    if event.name == "dispute-changed" && dispute.outcome.is_none() {
        let mut row: order_rows::SubOrder = tables.known(key![dispute.id], key![], event.at)?;
        row.deadline_ms = dispute.deadline_ms.map(|it| it.min(row.hold_expires_ms));
        row.at = event.at;
        tables.put(&row);
    }
    Ok(())
}
