//! Invariants that must hold after every call.

use std::collections::BTreeMap;

use ehb_contract::{Hash, Host};
use ehb_contract_wallet::bindings::ehb::wallet::types::Error as WalletError;
use ehb_contract_wallet::rules as wallet;

use super::scene::{CAST, PURSE, address};
use super::table::purse;
use crate::bindings::ehb::marketplace::types::{RatingState, SubOrderState};
use crate::checks::KEPT_MS;
use crate::keys::{CLAIMED, DEADLINES, DISPUTES, Kind, ORDERS, RATINGS, STOCK, SUB_ORDERS};
use crate::states::SUB_ORDER;

/// Value and goods are conserved, and everything that is not final has its deadline in the index.
pub(super) fn check_books(host: &mut Host) {
    check_money(host);
    check_stock(host);
    check_claims(host);
    check_deadlines(host);
}

/// Nothing comes to be or vanishes: all balances are what was issued. Each escrow is what came in less
/// what went out, and 0 at the end; together, those of an order are its hold.
fn check_money(host: &mut Host) {
    let mut owned = 0;
    for person in CAST.0.iter().map(|name| name.trim_end_matches('!')) {
        let (available, held) = purse(host, address(person));
        owned += available + held;
    }
    assert_eq!(owned, 2 * PURSE);
    for (id, dispute) in DISPUTES.all(host) {
        let order = SUB_ORDERS.get(host, &id).unwrap();
        for deposit in &dispute.deposits {
            let hold: Result<_, WalletError> =
                host.enter_module("wallet", |host| wallet::get_hold(host, deposit.hold));
            let left = hold.map_or(0, |hold| hold.remaining);
            let open = !SUB_ORDER.is_end(order.state);
            assert_eq!(left, if open { deposit.amount } else { 0 }, "{dispute:?}");
        }
    }
    for (_, order) in ORDERS.all(host) {
        let (mut total, mut left) = (0, 0);
        let parts: Vec<_> =
            order.sub_orders.iter().filter_map(|id| SUB_ORDERS.get(host, id)).collect();
        assert!(!parts.is_empty(), "an order leaves with its last sub-order: {order:?}");
        let all = parts.len() == order.sub_orders.len();
        for part in parts {
            let escrow = part.escrow;
            let rest = escrow.funded - escrow.refunded - escrow.paid - escrow.fee;
            assert!(!SUB_ORDER.is_end(part.state) || rest == 0, "{part:?}");
            let prices: u64 =
                part.lines.iter().map(|line| line.unit_price * u64::from(line.ordered)).sum();
            assert_eq!(escrow.funded, prices);
            for line in &part.lines {
                assert!(line.reserved + line.shipped <= line.ordered, "{line:?}");
                assert!(line.returned <= line.delivered && line.delivered <= line.shipped);
                assert!(line.refunded <= line.unit_price * u64::from(line.ordered));
                assert!(!SUB_ORDER.is_end(part.state) || line.reserved == 0);
            }
            total += escrow.funded;
            left += rest;
        }
        assert!(if all { total == order.total } else { total < order.total });
        let hold: Result<_, WalletError> =
            host.enter_module("wallet", |host| wallet::get_hold(host, order.hold));
        match hold {
            Ok(hold) => assert_eq!(hold.remaining, left, "{order:?}"),
            // A hold that expired may be given back before its sub-orders know.
            Err(_) => {
                assert!(left == 0 || host.time_ms() >= order.placed_ms + crate::checks::HOLD_MS)
            }
        }
    }
}

/// The reserved stock is the sum of the lines' reservations.
fn check_stock(host: &Host) {
    let mut reserved: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for (_, order) in SUB_ORDERS.all(host) {
        for line in order.lines {
            *reserved.entry((line.variant, line.location)).or_default() += u64::from(line.reserved);
        }
    }
    for (place, level) in STOCK.all(host) {
        assert!(level.reserved <= level.on_hand, "{place:?} {level:?}");
        assert_eq!(level.reserved, reserved.remove(&place).unwrap_or(0), "{place:?}");
    }
    assert!(reserved.is_empty());
}

/// What an organisation reserves before a store accepts is counted, and nothing else.
fn check_claims(host: &Host) {
    let mut claimed: BTreeMap<(u64, u64, Hash), u64> = BTreeMap::new();
    for (_, order) in SUB_ORDERS.all(host) {
        if order.state == SubOrderState::Placed && order.terms.reserve_share_max < 10_000 {
            let buyer = host.sha256(order.buyer_organisation.unwrap_or_default().as_bytes());
            for line in order.lines {
                *claimed.entry((line.variant, line.location, buyer)).or_default() +=
                    u64::from(line.reserved);
            }
        }
    }
    let counted: BTreeMap<_, _> = CLAIMED.all(host).into_iter().collect();
    assert_eq!(counted, claimed);
}

/// Every state that is not final has an exit: its deadline is in the index, and when what is final leaves the state, and
/// nothing else is.
fn check_deadlines(host: &Host) {
    let mut expected: Vec<(u64, u8, u64)> = Vec::new();
    for (id, order) in SUB_ORDERS.all(host) {
        if !SUB_ORDER.is_end(order.state) {
            let deadline_ms = order.deadline_ms.unwrap();
            assert!(deadline_ms <= order.hold_expires_ms);
            expected.push((deadline_ms, Kind::SubOrder as u8, id));
        } else {
            expected.push((order.ended_ms.unwrap() + KEPT_MS, Kind::SubOrder as u8, id));
        }
    }
    for (id, rating) in RATINGS.all(host) {
        if rating.state != RatingState::Published {
            expected.push((rating.deadline_ms.unwrap(), Kind::Rating as u8, id));
        }
    }
    expected.sort_unstable();
    assert_eq!(DEADLINES.all(host), expected);
}
