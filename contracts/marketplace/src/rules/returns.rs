//! Returns: requesting, approving, sending and receiving them, with refunds less the restocking fee.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Document;
use ehb_contract::{Host, packed};

use super::{
    BUYER, CLERK, RECEIVER, check_buyer, check_member, money, progress, stock, treasurers,
};
use crate::bindings::ehb::marketplace::events::{
    Event, ReturnReceipt, ReturnShipment, SubOrderChange,
};
use crate::bindings::ehb::marketplace::types::{Error, LineQuantity, ReturnCase, SubOrder};
use crate::checks::{self, COMMENT_BYTES_MAX, NAME_BYTES_MAX, RETURN_DOCUMENTS_MAX};
use crate::keys::{KEYS, Kind, RETURNS};
use crate::states::SubOrderAction;

/// See `returns.request-return`.
pub fn request_return(
    host: &mut Host,
    id: u64,
    lines: Vec<LineQuantity>,
    reason: String,
    documents: Vec<Document>,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(id, lines, reason, documents);
    KEYS.run(host, &key, "request-return", &arguments, |host| {
        let order = progress::begin(host, id, SubOrderAction::RequestReturn)?;
        check_buyer(host, &order, BUYER)?;
        checks::line_quantities(&lines)?;
        checks::text("reason", &reason, 1, COMMENT_BYTES_MAX)?;
        checks::documents(&documents, RETURN_DOCUMENTS_MAX)?;
        for LineQuantity { line: place, quantity } in &lines {
            let line = order.lines.get(*place as usize);
            let line = line.ok_or_else(|| Kind::Line.unknown(u64::from(*place)))?;
            if *quantity > line.delivered {
                return Err(stock::insufficient_quantity(*place, line.delivered, *quantity));
            }
        }
        let (carrier, tracking) = (String::new(), String::new());
        let case = ReturnCase { sub_order: id, lines, reason, documents, carrier, tracking };
        RETURNS.set(host, &id, &case);
        host.emit(Event::ReturnRequested(case));
        progress::go(host, order, SubOrderAction::RequestReturn, Event::ReturnChanged)
    })
}

/// See `returns.approve-return`.
pub fn approve_return(host: &mut Host, id: u64) -> Result<(), Error> {
    answer(host, id, SubOrderAction::ApproveReturn)
}

/// See `returns.decline-return`.
pub fn decline_return(host: &mut Host, id: u64) -> Result<(), Error> {
    answer(host, id, SubOrderAction::DeclineReturn)
}

fn answer(host: &mut Host, id: u64, action: SubOrderAction) -> Result<(), Error> {
    let order = progress::begin(host, id, action)?;
    check_member(host, &order.organisation, CLERK)?;
    progress::go(host, order, action, Event::ReturnChanged)
}

/// See `returns.ship-return`.
pub fn ship_return(
    host: &mut Host,
    id: u64,
    carrier: String,
    tracking: String,
) -> Result<(), Error> {
    let order = progress::begin(host, id, SubOrderAction::ShipReturn)?;
    check_buyer(host, &order, RECEIVER)?;
    checks::text("carrier", &carrier, 1, NAME_BYTES_MAX)?;
    checks::text("tracking", &tracking, 0, NAME_BYTES_MAX)?;
    let case = find(host, id)?;
    let transport = ReturnShipment { sub_order: id, carrier, tracking };
    let (carrier, tracking) = (transport.carrier.clone(), transport.tracking.clone());
    RETURNS.set(host, &id, &ReturnCase { carrier, tracking, ..case });
    host.emit(Event::ReturnShipped(transport));
    progress::go(host, order, SubOrderAction::ShipReturn, Event::ReturnChanged)
}

/// See `returns.receive-return`.
pub fn receive_return(host: &mut Host, id: u64, restock: bool, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "receive-return", &packed!(id, restock), |host| {
        let order = progress::begin(host, id, SubOrderAction::ReceiveReturn)?;
        receive(host, order, restock, SubOrderAction::ReceiveReturn, Event::ReturnChanged)
    })
}

/// Takes a return in: what came back is refunded, less the restocking fee, and the store gets the rest.
pub(super) fn receive(
    host: &mut Host,
    mut order: SubOrder,
    restock: bool,
    action: SubOrderAction,
    event: fn(SubOrderChange) -> Event,
) -> Result<(), Error> {
    let case = find(host, order.id)?;
    let mut refunds = Vec::with_capacity(case.lines.len());
    let mut refunded = 0;
    for LineQuantity { line: place, quantity } in case.lines {
        let place = place as usize;
        let line = &mut order.lines[place];
        line.returned += quantity;
        if restock {
            stock::restock(host, line, quantity)?;
        }
        let (paid_for, fee) = (line.delivered, order.terms.restocking_fee);
        let refund = money::refund_pieces(&mut order, place, quantity, paid_for, fee);
        refunded += refund.amount;
        refunds.push(refund);
    }
    if action == SubOrderAction::ReceiveReturn {
        // Nobody else says that something came back.
        treasurers::refund(host, &order, refunded)?;
    }
    let to_store = money::left(&order.escrow) - refunded;
    money::pay_out(host, &mut order, refunds, 0, to_store)?;
    let sub_order = order.id;
    host.emit(Event::ReturnReceived(ReturnReceipt { sub_order, restocked: restock }));
    progress::go(host, order, action, event)
}

/// The return of a sub-order.
pub(super) fn find(host: &Host, id: u64) -> Result<ReturnCase, Error> {
    Ok(super::part(host, &RETURNS, Kind::ReturnCase, id)?)
}
