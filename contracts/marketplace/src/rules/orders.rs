//! Orders after they are placed: accepting, declining, cancelling and refunding them.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Host, packed};

use super::{
    BUYER, CLERK, acts_for_buyer, check_member, is_member, money, progress, share, treasurers,
};
use crate::bindings::ehb::marketplace::events::{CancellationCount, Event};
use crate::bindings::ehb::marketplace::types::{CancellationLimit, Error, SubOrder, SubOrderState};
use crate::checks;
use crate::keys::{CANCELLED, KEYS, Kind, SUB_ORDERS};
use crate::states::SubOrderAction;

/// See `orders.accept-order`.
pub fn accept_order(host: &mut Host, id: u64) -> Result<(), Error> {
    let order = progress::begin(host, id, SubOrderAction::Accept)?;
    check_member(host, &order.organisation, CLERK)?;
    progress::go(host, order, SubOrderAction::Accept, Event::OrderAccepted)
}

/// See `orders.decline-order`.
pub fn decline_order(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "decline-order", &packed!(id), |host| {
        let mut order = progress::begin(host, id, SubOrderAction::Decline)?;
        check_member(host, &order.organisation, CLERK)?;
        money::refund_all(host, &mut order)?;
        progress::go(host, order, SubOrderAction::Decline, Event::OrderDeclined)
    })
}

/// See `orders.cancel-order`.
pub fn cancel_order(host: &mut Host, id: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "cancel-order", &packed!(id), |host| {
        let mut order = progress::begin(host, id, SubOrderAction::Cancel)?;
        let penalty = penalty(host, &order)?;
        let rest = money::left(&order.escrow);
        money::pay_out(host, &mut order, Vec::new(), rest - penalty, penalty)?;
        progress::go(host, order, SubOrderAction::Cancel, Event::OrderCancelled)
    })
}

/// The amount that the store keeps when the caller cancels.
fn penalty(host: &mut Host, order: &SubOrder) -> Result<u64, Error> {
    if acts_for_buyer(host, order, BUYER) {
        return match (order.state, order.terms.cancellation_fee) {
            (SubOrderState::Placed, _) => count_free(host, order).map(|()| 0),
            (_, Some(penalty)) => Ok(share(money::left(&order.escrow), penalty)),
            (_, None) => Err(Error::NotCancellable),
        };
    }
    if !is_member(host, &order.organisation, CLERK) {
        return Err(Error::NotAParty(Kind::SubOrder.item(order.id)));
    }
    Ok(0)
}

/// Counts a cancellation that is free. What the order reserved was kept from others, so that they are bounded.
fn count_free(host: &mut Host, order: &SubOrder) -> Result<(), Error> {
    let (store, at_ms, max) =
        (order.store, host.time_ms(), u64::from(order.terms.free_cancellations_max));
    let organisation = order.buyer_organisation.clone().unwrap_or_default();
    let place = CANCELLED.entry(&(store, organisation.clone()));
    let mut cancelled = place.get(host).unwrap_or_default();
    let today = cancelled.add(at_ms, 1, max);
    let cancelled_today = today.map_err(|cancelled_today| {
        let count_max = order.terms.free_cancellations_max;
        Error::TooManyCancellations(CancellationLimit { count_max, cancelled_today })
    })?;
    place.set(host, &cancelled);
    let counted = CancellationCount { store, organisation, cancelled_today, at_ms };
    host.emit(Event::CancellationCounted(counted));
    Ok(())
}

/// See `orders.refund-line`.
pub fn refund_line(
    host: &mut Host,
    id: u64,
    line: u32,
    amount: u64,
    key: String,
) -> Result<(), Error> {
    KEYS.run(host, &key, "refund-line", &packed!(id, line, amount), |host| {
        let mut order = progress::begin(host, id, SubOrderAction::Refund)?;
        treasurers::refund(host, &order, amount)?;
        checks::amount(amount)?;
        let place = line as usize;
        if place >= order.lines.len() {
            return Err(Kind::Line.unknown(u64::from(line)).into());
        }
        let refund = money::refund_goodwill(&mut order, place, amount)?;
        money::pay_out(host, &mut order, Vec::from([refund]), 0, 0)?;
        SUB_ORDERS.set(host, &id, &order);
        Ok(())
    })
}
