//! How a sub-order goes from state to state, with its one entry in the index of deadlines.

use ehb_contract::Host;

use super::stock;
use crate::bindings::ehb::marketplace::errors::{Error, Kind};
use crate::bindings::ehb::marketplace::events::{Event, Move};
use crate::bindings::ehb::marketplace::types::{SubOrder, SubOrderState};
use crate::errors::{deadline, unknown};
use crate::keys::{DEADLINES, SUB_ORDERS};
use crate::states::sub_order::{self, Action};

/// A sub-order.
pub(super) fn find(host: &Host, id: u64) -> Result<SubOrder, Error> {
    SUB_ORDERS.get(host, &id).ok_or_else(|| unknown(Kind::SubOrder, id))
}

/// A sub-order for an action of a party: its state must know the action, and its deadline not have
/// passed.
pub(super) fn begin(host: &Host, id: u64, action: Action) -> Result<SubOrder, Error> {
    let order = find(host, id)?;
    sub_order::next(id, order.state, action)?;
    check_in_time(host, Kind::SubOrder, id, order.deadline_ms)?;
    Ok(order)
}

/// The deadline must not have passed.
pub(super) fn check_in_time(
    host: &Host,
    kind: Kind,
    id: u64,
    deadline_ms: u64,
) -> Result<(), Error> {
    let now_ms = host.time_ms();
    if now_ms >= deadline_ms {
        return Err(Error::TooLate(deadline(kind, id, deadline_ms, now_ms)));
    }
    Ok(())
}

/// The deadline must have passed.
pub(super) fn check_due(host: &Host, kind: Kind, id: u64, deadline_ms: u64) -> Result<(), Error> {
    let now_ms = host.time_ms();
    if now_ms < deadline_ms {
        return Err(Error::TooEarly(deadline(kind, id, deadline_ms, now_ms)));
    }
    Ok(())
}

/// Moves a sub-order, with the deadline that the new state has by the terms, and tells it.
pub(super) fn go(
    host: &mut Host,
    order: SubOrder,
    action: Action,
    event: fn(Move) -> Event,
) -> Result<(), Error> {
    let state = sub_order::next(order.id, order.state, action)?;
    let deadline_ms = match sub_order::window_ms(&order.terms, state) {
        Some(window_ms) if state != order.state => host.time_ms().saturating_add(window_ms),
        // The state goes on, or keeps the deadline of the one before.
        _ => order.deadline_ms,
    };
    go_until(host, order, action, deadline_ms, event)
}

/// Moves a sub-order whose next deadline its dispute sets.
pub(super) fn go_until(
    host: &mut Host,
    mut order: SubOrder,
    action: Action,
    deadline_ms: u64,
    event: fn(Move) -> Event,
) -> Result<(), Error> {
    let state = sub_order::next(order.id, order.state, action)?;
    enter(host, &mut order, state, deadline_ms);
    SUB_ORDERS.set(host, &order.id, &order);
    let (deadline_ms, by) = (order.deadline_ms, host.caller());
    host.emit(event(Move { sub_order: order.id, state, deadline_ms, by }));
    Ok(())
}

/// Gives a sub-order that stays in its state another deadline.
pub(super) fn postpone(host: &mut Host, mut order: SubOrder, deadline_ms: u64) {
    let state = order.state;
    enter(host, &mut order, state, deadline_ms);
    SUB_ORDERS.set(host, &order.id, &order);
}

fn enter(host: &mut Host, order: &mut SubOrder, state: SubOrderState, deadline_ms: u64) {
    let before_ms = order.deadline_ms;
    order.state = state;
    if sub_order::is_final(state) {
        order.lines.iter_mut().for_each(|line| stock::release(host, line));
        order.deadline_ms = host.time_ms();
        DEADLINES.remove(host, &(before_ms, order.id));
        return;
    }
    // Nothing can be paid out of the escrow once the wallet's hold has expired.
    order.deadline_ms = deadline_ms.min(order.hold_expires_ms);
    if order.deadline_ms != before_ms {
        DEADLINES.remove(host, &(before_ms, order.id));
        DEADLINES.set(host, &(order.deadline_ms, order.id), &());
    }
}
