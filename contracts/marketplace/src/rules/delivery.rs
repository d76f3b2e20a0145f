//! Deliveries: recording and confirming them, and refunding pieces that were not delivered in time.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Document;
use ehb_contract::{Host, packed};

use super::{BUYER, WAREHOUSE, check_buyer, check_member, money, progress};
use crate::bindings::ehb::marketplace::events::{Delivery, Event};
use crate::bindings::ehb::marketplace::types::{Error, Line, Shipment, SubOrder};
use crate::checks;
use crate::keys::{KEYS, Kind, SHIPMENTS, SUB_ORDERS};
use crate::states::SubOrderAction;

/// See `orders.record-delivery`.
pub fn record_delivery(
    host: &mut Host,
    id: u64,
    number: u32,
    proof: Document,
) -> Result<(), Error> {
    let mut order = progress::begin(host, id, SubOrderAction::DeliverPart)?;
    let shipment = find(host, id, number)?;
    if shipment.carrier_account != Some(host.caller()) {
        check_member(host, &order.organisation, WAREHOUSE)?;
    }
    checks::document(&proof)?;
    if shipment.delivered_ms.is_some() {
        return Err(Error::AlreadyDelivered(Kind::Shipment.item(u64::from(number))));
    }
    for shipped in &shipment.lines {
        order.lines[shipped.line as usize].delivered += shipped.quantity;
    }
    let delivered_ms = host.time_ms();
    let proved = (Some(delivered_ms), Some(proof.clone()));
    let shipment = Shipment { delivered_ms: proved.0, proof: proved.1, ..shipment };
    SHIPMENTS.set(host, &(id, number), &shipment);
    host.emit(Event::DeliveryRecorded(Delivery {
        sub_order: id,
        shipment: number,
        delivered_ms,
        proof,
    }));
    if is_complete(&order) {
        return progress::go(host, order, SubOrderAction::DeliverAll, Event::OrderDelivered);
    }
    SUB_ORDERS.set(host, &id, &order);
    Ok(())
}

/// Whether nothing is left to ship or to deliver.
pub(super) fn is_complete(order: &SubOrder) -> bool {
    order.lines.iter().all(|line| line.reserved == 0 && line.delivered == line.shipped)
}

/// See `orders.confirm-order`.
pub fn confirm_order(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "confirm-order", &packed!(id), |host| {
        let mut order = progress::begin(host, id, SubOrderAction::Confirm)?;
        check_buyer(host, &order, BUYER)?;
        money::pay_all(host, &mut order)?;
        progress::go(host, order, SubOrderAction::Confirm, Event::OrderConfirmed)
    })
}

/// The delivery's time is over: what was not delivered is refunded, and if nothing was, all is.
pub(super) fn give_up(host: &mut Host, mut order: SubOrder) -> Result<(), Error> {
    if order.lines.iter().all(|line| line.delivered == 0) {
        money::refund_all(host, &mut order)?;
        return progress::go(host, order, SubOrderAction::Expire, Event::DeadlinePassed);
    }
    let mut refunds = Vec::with_capacity(order.lines.len());
    for place in 0..order.lines.len() {
        let Line { shipped, delivered, .. } = order.lines[place];
        if delivered < shipped {
            let pieces = shipped - delivered;
            refunds.push(money::refund_pieces(&mut order, place, pieces, shipped, 0));
        }
    }
    money::pay_out(host, &mut order, refunds, 0, 0)?;
    progress::go(host, order, SubOrderAction::ExpirePart, Event::DeadlinePassed)
}

/// A shipment.
pub(super) fn find(host: &Host, id: u64, number: u32) -> Result<Shipment, Error> {
    let shipment = SHIPMENTS.get(host, &(id, number));
    shipment.ok_or_else(|| match progress::find(host, id) {
        // It left with its sub-order.
        Err(Error::WrongState(removed)) => Error::WrongState(removed),
        _ => Kind::Shipment.unknown(u64::from(number)).into(),
    })
}
