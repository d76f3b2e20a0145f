//! Takes the default step of sub-orders, disputes and ratings whose deadline has passed, and removes sub-orders that
//! ended long ago.

use alloc::vec::Vec;

use ehb_contract::{Host, check_due, wrong_state};

use super::{delivery, disputes, money, progress, ratings, removal, returns, shipping};
use crate::bindings::ehb::marketplace::events::{EscrowPayment, Event};
use crate::bindings::ehb::marketplace::types::{Error, SubOrder, SubOrderState, WalletError};
use crate::checks::KEPT_MS;
use crate::keys::{DEADLINES, Kind};
use crate::states::{SUB_ORDER, SubOrderAction};
use crate::wallet;

ehb_contract::deadlines!(DEADLINES, step);

/// The default step of an item.
fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::SubOrder => sub_order(host, id),
        Kind::Rating => ratings::lapse(host, id),
        Kind::Dispute => {
            // Its number and its deadline are those of its sub-order.
            disputes::find(host, id)?;
            sub_order(host, id)
        }
        // Items without a deadline.
        other => Err(other.unknown(id).into()),
    }
}

fn sub_order(host: &mut Host, id: u64) -> Result<(), Error> {
    let order = progress::find(host, id)?;
    let item = || Kind::SubOrder.item(id);
    if order.ended_ms.is_some_and(|ended_ms| ended_ms + KEPT_MS <= host.time_ms()) {
        return removal::sub_order(host, order);
    }
    if SUB_ORDER.is_end(order.state) {
        return Err(wrong_state(item(), order.state, SubOrderAction::Expire).into());
    }
    check_due(host, item, order.deadline_ms)?;
    if host.time_ms() >= order.hold_expires_ms {
        return lapse(host, order);
    }
    expire(host, order)
}

/// The action that a passed deadline causes, by state.
fn expire(host: &mut Host, mut order: SubOrder) -> Result<(), Error> {
    match order.state {
        SubOrderState::PartiallyShipped => shipping::drop_rest(host, order, SubOrderAction::Expire),
        SubOrderState::Shipped => delivery::give_up(host, order),
        SubOrderState::ReturnShipped => {
            returns::receive(host, order, false, SubOrderAction::Expire, Event::DeadlinePassed)
        }
        SubOrderState::Disputed => disputes::lapse(host, order),
        state => {
            match state {
                SubOrderState::Placed | SubOrderState::Accepted => {
                    money::refund_all(host, &mut order)?;
                }
                SubOrderState::Delivered
                | SubOrderState::ReturnApproved
                | SubOrderState::ReturnDeclined => money::pay_all(host, &mut order)?,
                _ => {}
            }
            progress::go(host, order, SubOrderAction::Expire, Event::DeadlinePassed)
        }
    }
}

/// The wallet's hold has expired, so that nothing can be paid out any more: all that is left goes back
/// to the buyer, if nobody gave it back before.
fn lapse(host: &mut Host, mut order: SubOrder) -> Result<(), Error> {
    match wallet::expire_hold(host, order.hold) {
        // Anyone may expire a hold, and the order's other sub-orders share it.
        Ok(()) | Err(WalletError::WrongState(_)) => {}
        Err(error) => return Err(error.into()),
    }
    if order.state == SubOrderState::Disputed {
        disputes::abandon(host, &order)?;
    }
    let (sub_order, refunded) = (order.id, money::left(&order.escrow));
    let lines = Vec::new();
    money::note(host, &mut order, EscrowPayment { sub_order, refunded, paid: 0, fee: 0, lines });
    progress::go(host, order, SubOrderAction::ExpireHold, Event::DeadlinePassed)
}
