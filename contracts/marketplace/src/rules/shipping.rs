//! Shipments: sending pieces of a sub-order, and cancelling the rest that is not shipped.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Host, packed};

use super::{CLERK, WAREHOUSE, check_active, check_member, delivery, money, progress, stock};
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::{Error, LineQuantity, Shipment, SubOrder};
use crate::checks::{self, NAME_BYTES_MAX, SHIPMENTS_MAX};
use crate::keys::{KEYS, Kind, SHIPMENTS};
use crate::states::SubOrderAction;

/// See `orders.ship-order`.
pub fn ship_order(
    host: &mut Host,
    id: u64,
    lines: Vec<LineQuantity>,
    carrier: String,
    carrier_account: Option<Address>,
    tracking: String,
    key: String,
) -> Result<u32, Error> {
    let arguments = packed!(id, lines, carrier, carrier_account, tracking);
    KEYS.run(host, &key, "ship-order", &arguments, |host| {
        let mut order = progress::begin(host, id, SubOrderAction::ShipPart)?;
        check_member(host, &order.organisation, WAREHOUSE)?;
        checks::line_quantities(&lines)?;
        checks::text("carrier", &carrier, 1, NAME_BYTES_MAX)?;
        checks::text("tracking", &tracking, 0, NAME_BYTES_MAX)?;
        if let Some(account) = carrier_account {
            check_active(host, account)?;
        }
        let number = order.shipments + 1;
        checks::room("shipments", order.shipments as usize, SHIPMENTS_MAX as usize)?;
        for LineQuantity { line: place, quantity } in &lines {
            let line = order.lines.get_mut(*place as usize);
            let line = line.ok_or_else(|| Kind::Line.unknown(u64::from(*place)))?;
            if *quantity > line.reserved {
                return Err(stock::insufficient_quantity(*place, line.reserved, *quantity));
            }
            stock::ship(host, line, *quantity);
        }
        order.shipments = number;
        let shipment = Shipment {
            sub_order: id,
            number,
            lines,
            carrier,
            carrier_account,
            tracking,
            shipped_ms: host.time_ms(),
            delivered_ms: None,
            proof: None,
        };
        SHIPMENTS.set(host, &(id, number), &shipment);
        host.emit(Event::OrderShipped(shipment));
        let all = order.lines.iter().all(|line| line.reserved == 0);
        let action = if all { SubOrderAction::ShipAll } else { SubOrderAction::ShipPart };
        progress::go(host, order, action, Event::ShippingChanged)?;
        Ok(number)
    })
}

/// See `orders.cancel-unshipped`.
pub fn cancel_unshipped(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "cancel-unshipped", &packed!(id), |host| {
        let order = progress::begin(host, id, SubOrderAction::CancelUnshipped)?;
        check_member(host, &order.organisation, CLERK)?;
        drop_rest(host, order, SubOrderAction::CancelUnshipped)
    })
}

/// Refunds the pieces that are not shipped. Those that are shipped may all be delivered already.
pub(super) fn drop_rest(
    host: &mut Host,
    mut order: SubOrder,
    action: SubOrderAction,
) -> Result<(), Error> {
    let mut refunds = Vec::with_capacity(order.lines.len());
    for place in 0..order.lines.len() {
        let line = &mut order.lines[place];
        if line.reserved > 0 {
            let (pieces, paid_for) = (line.reserved, line.reserved + line.shipped);
            stock::release(host, line);
            refunds.push(money::refund_pieces(&mut order, place, pieces, paid_for, 0));
        }
    }
    money::pay_out(host, &mut order, refunds, 0, 0)?;
    let id = order.id;
    progress::go(host, order, action, Event::UnshippedCancelled)?;
    let order = progress::find(host, id)?;
    if delivery::is_complete(&order) {
        progress::go(host, order, SubOrderAction::DeliverAll, Event::OrderDelivered)?;
    }
    Ok(())
}
