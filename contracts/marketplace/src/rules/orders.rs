//! Orders after they are placed: accepting, declining, cancelling and refunding them.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Refusal;
use ehb_contract::{Host, packed};

use super::{
    CLERK, TREASURER, check_member, check_organisation, check_role, is_member, money, progress,
    share, treasurers,
};
use crate::bindings::ehb::marketplace::errors::Error;
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::{SubOrder, SubOrderState};
use crate::checks;
use crate::keys::{KEYS, Kind, SUB_ORDERS};
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
fn penalty(host: &Host, order: &SubOrder) -> Result<u64, Error> {
    let caller = host.caller();
    if caller == order.buyer {
        return match (order.state, order.terms.cancel_penalty) {
            (SubOrderState::Placed, _) => Ok(0),
            (_, Some(penalty)) => Ok(share(money::left(&order.escrow), penalty)),
            (_, None) => Err(Error::NotCancellable),
        };
    }
    if !is_member(host, &order.organisation) {
        return Err(Error::NotAParty(Kind::SubOrder.item(order.id)));
    }
    check_role(host, CLERK)?;
    Ok(0)
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
        check_may_refund(host, &order, amount)?;
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

/// A treasurer who is also a clerk refunds small amounts as a clerk: they do not count towards the limit.
fn check_may_refund(host: &mut Host, order: &SubOrder, amount: u64) -> Result<(), Error> {
    check_organisation(host, &order.organisation)?;
    let (max, as_clerk) = (order.terms.clerk_refund_max, check_role(host, CLERK));
    if amount <= max && as_clerk.is_ok() {
        return Ok(());
    }
    if check_role(host, TREASURER).is_ok() {
        return treasurers::give(host, order, amount);
    }
    as_clerk?;
    Err(Refusal::above_limit(amount, max).into())
}
