//! Removal from the state after a time: a sub-order, long after it ended, with its shipments, return, dispute and
//! ratings, and an order with the last of its sub-orders. The events keep them, and the scores of stores and buyers stay.
//!
//! A sub-order that ended reserves nothing, and all that could still happen to it is over by then.

use ehb_contract::Host;

use super::ratings;
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::{Error, Order, SubOrder};
use crate::checks::KEPT_MS;
use crate::keys::{
    DEADLINES, DISPUTES, Kind, ORDERS, ORDERS_OF_BUYER, ORDERS_OF_ORGANISATION, RETURNS, SHIPMENTS,
    SUB_ORDERS, SUB_ORDERS_OF_STORE,
};

/// Removes a sub-order that ended long ago, with all that belongs to it.
pub(super) fn sub_order(host: &mut Host, order: SubOrder) -> Result<(), Error> {
    let id = order.id;
    ratings::remove(host, id)?;
    for number in 1..=order.shipments {
        SHIPMENTS.remove(host, &(id, number));
    }
    RETURNS.remove(host, &id);
    DISPUTES.remove(host, &id);
    SUB_ORDERS.remove(host, &id);
    SUB_ORDERS_OF_STORE.remove(host, &(order.store, id));
    DEADLINES.remove(host, Kind::SubOrder, id, order.ended_ms.unwrap_or(0) + KEPT_MS);
    host.emit(Event::Removed(Kind::SubOrder.item(id)));
    if let Some(order) = ORDERS.get(host, &order.order)
        && !order.sub_orders.iter().any(|id| SUB_ORDERS.contains(host, id))
    {
        remove_order(host, &order);
    }
    Ok(())
}

fn remove_order(host: &mut Host, order: &Order) {
    let id = order.id;
    ORDERS.remove(host, &id);
    ORDERS_OF_BUYER.remove(host, &(order.buyer, id));
    if let Some(organisation) = &order.buyer_organisation {
        let organisation = host.sha256(organisation.as_bytes());
        ORDERS_OF_ORGANISATION.remove(host, &(organisation, id));
    }
    host.emit(Event::Removed(Kind::Order.item(id)));
}
