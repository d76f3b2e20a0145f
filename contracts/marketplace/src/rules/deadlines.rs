use alloc::vec::Vec;

use ehb_contract::Host;

use super::{delivery, disputes, money, progress, ratings, returns, shipping};
use crate::bindings::ehb::marketplace::errors::{Error, Kind};
use crate::bindings::ehb::marketplace::events::{Event, Payout};
use crate::bindings::ehb::marketplace::types::{SubOrder, SubOrderState};
use crate::checks;
use crate::keys::DEADLINES;
use crate::states::sub_order::{self, Action};
use crate::wallet::{self, Error as WalletError};

/// See `deadlines.advance`.
pub fn advance(host: &mut Host, id: u64) -> Result<(), Error> {
    let order = progress::find(host, id)?;
    if sub_order::is_final(order.state) {
        return ratings::advance(host, &order);
    }
    progress::check_due(host, Kind::SubOrder, id, order.deadline_ms)?;
    if host.time_ms() >= order.hold_expires_ms {
        return lapse(host, order);
    }
    expire(host, order)
}

/// See `deadlines.sweep`.
pub fn sweep(host: &mut Host, limit: u32) -> Result<u32, Error> {
    checks::sweep(limit)?;
    let now_ms = host.time_ms();
    let mut advanced = 0;
    for ((deadline_ms, id), ()) in DEADLINES.scan(host, None, limit) {
        if deadline_ms > now_ms {
            break;
        }
        advance(host, id)?;
        advanced += 1;
    }
    Ok(advanced)
}

/// What the silence means, by state.
fn expire(host: &mut Host, mut order: SubOrder) -> Result<(), Error> {
    match order.state {
        SubOrderState::PartiallyShipped => shipping::drop_rest(host, order, Action::Expire),
        SubOrderState::Shipped => delivery::give_up(host, order),
        SubOrderState::ReturnShipped => {
            returns::receive(host, order, false, Action::Expire, Event::DeadlinePassed)
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
            progress::go(host, order, Action::Expire, Event::DeadlinePassed)
        }
    }
}

/// The wallet's hold has expired, so that nothing can be paid out any more: all that is left goes back
/// to the buyer, if nobody gave it back before.
fn lapse(host: &mut Host, mut order: SubOrder) -> Result<(), Error> {
    match wallet::expire_hold(host, order.hold) {
        // Anyone may expire a hold, and the order's other sub-orders share it.
        Ok(()) | Err(WalletError::ResolvedHold(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let (sub_order, refunded) = (order.id, money::left(&order.escrow));
    let lines = Vec::new();
    money::note(host, &mut order, Payout { sub_order, refunded, paid: 0, fee: 0, lines });
    progress::go(host, order, Action::Lapse, Event::DeadlinePassed)
}
