//! How a sub-order goes from state to state, with its one entry in the index of deadlines.

use ehb_contract::{Host, check_before};

use super::stock;
use crate::bindings::ehb::marketplace::events::{Event, SubOrderChange};
use crate::bindings::ehb::marketplace::types::{Error, SubOrder, SubOrderState};
use crate::checks::KEPT_MS;
use crate::keys::{DEADLINES, Kind, LATEST, SUB_ORDERS};
use crate::states::{SUB_ORDER, SubOrderAction, window_ms};

/// A sub-order, whatever became of it, until it leaves the state.
pub(super) fn find(host: &Host, id: u64) -> Result<SubOrder, Error> {
    let latest = |host: &Host| LATEST.get(host).map(|latest| latest.sub_order);
    Ok(SUB_ORDERS.find_kept(host, Kind::SubOrder, id, latest)?)
}

/// A sub-order for an action of a party: its state must know the action, and its deadline not have
/// passed.
pub(super) fn begin(host: &Host, id: u64, action: SubOrderAction) -> Result<SubOrder, Error> {
    let order = find(host, id)?;
    SUB_ORDER.next(|| Kind::SubOrder.item(id), order.state, action)?;
    check_before(host, || Kind::SubOrder.item(id), order.deadline_ms)?;
    Ok(order)
}

/// Moves a sub-order, with the deadline that the new state has by the terms, and emits it.
pub(super) fn go(
    host: &mut Host,
    order: SubOrder,
    action: SubOrderAction,
    event: fn(SubOrderChange) -> Event,
) -> Result<(), Error> {
    let state = SUB_ORDER.next(|| Kind::SubOrder.item(order.id), order.state, action)?;
    let deadline_ms = match window_ms(&order.terms, state) {
        Some(window_ms) if state != order.state => Some(host.time_ms().saturating_add(window_ms)),
        // The state goes on, or keeps the deadline of the one before.
        _ => order.deadline_ms,
    };
    go_until(host, order, action, deadline_ms, event)
}

/// Moves a sub-order whose next deadline its dispute sets.
pub(super) fn go_until(
    host: &mut Host,
    mut order: SubOrder,
    action: SubOrderAction,
    deadline_ms: Option<u64>,
    event: fn(SubOrderChange) -> Event,
) -> Result<(), Error> {
    let state = SUB_ORDER.next(|| Kind::SubOrder.item(order.id), order.state, action)?;
    enter(host, &mut order, state, deadline_ms);
    SUB_ORDERS.set(host, &order.id, &order);
    let (deadline_ms, by) = (order.deadline_ms, host.caller());
    host.emit(event(SubOrderChange { sub_order: order.id, state, deadline_ms, by }));
    Ok(())
}

/// Sets another deadline for a sub-order that stays in its state.
pub(super) fn postpone(host: &mut Host, mut order: SubOrder, deadline_ms: Option<u64>) {
    let state = order.state;
    enter(host, &mut order, state, deadline_ms);
    SUB_ORDERS.set(host, &order.id, &order);
}

fn enter(host: &mut Host, order: &mut SubOrder, state: SubOrderState, deadline_ms: Option<u64>) {
    let before_ms = order.deadline_ms;
    if order.state == SubOrderState::Placed && state != SubOrderState::Placed {
        stock::unclaim(host, order);
    }
    order.state = state;
    let next_ms = if SUB_ORDER.is_end(state) {
        order.lines.iter_mut().for_each(|line| stock::release(host, line));
        let ended_ms = host.time_ms();
        (order.deadline_ms, order.ended_ms) = (None, Some(ended_ms));
        // It leaves the state.
        Some(ended_ms + KEPT_MS)
    } else {
        // Nothing can be paid out of the escrow once the wallet's hold has expired.
        order.deadline_ms = deadline_ms.map(|deadline_ms| deadline_ms.min(order.hold_expires_ms));
        order.deadline_ms
    };
    DEADLINES.change(host, Kind::SubOrder, order.id, before_ms, next_ms);
}
