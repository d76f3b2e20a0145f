//! Random steps: no money is created or lost.

use std::collections::{BTreeMap, BTreeSet};

use ehb_contract::{Address, Host};
use proptest::prelude::*;

use super::random::{perform, rows, stage};
use crate::bindings::ehb::wallet::types::{PaymentState, PermitState, RequestState, SupplyPolicy};
use crate::checks::KEPT_MS;
use crate::keys::{
    ALLOWANCES, ALLOWANCES_OF, ALLOWANCES_OPEN, APPROVALS_OPEN, ASSETS, AssetId, AssetSlot,
    BALANCES, DEADLINES, HOLDS, HOLDS_OF_PAYER, PAYMENTS, PAYMENTS_OF, PERMITS, PERMITS_FOR,
    PERMITS_OF, REQUESTS, REQUESTS_OF, REQUESTS_OPEN, STATEMENTS, SUPPLIES,
};
use crate::records::Minted;
use crate::rules;

/// Invariants that hold at any time.
pub(super) fn check_conservation(host: &Host) {
    check_supplies(host);
    check_held(host);
    check_deadlines(host);
    check_statements(host);
}

/// For every asset, available and held parts add up to what circulates, within the cap.
fn check_supplies(host: &Host) {
    let balances = BALANCES.all(host);
    for (id, asset) in ASSETS.all(host) {
        let Minted { minted, burned } = SUPPLIES.get(host, &id).unwrap();
        let owned: u128 = balances
            .iter()
            .filter(|((_, asset), _)| *asset == id)
            .map(|(_, parts)| u128::from(parts.available) + u128::from(parts.held))
            .sum();
        assert_eq!(owned, u128::from(minted - burned), "{}", id.to_text());
        if let SupplyPolicy::Capped(cap) = asset.terms.supply {
            assert!(minted - burned <= cap, "{asset:?}");
        }
    }
}

/// Each payer's held amount is the sum of its open holds and pending payments.
fn check_held(host: &Host) {
    let mut held: BTreeMap<(Address, AssetId), u64> = BTreeMap::new();
    let mut set_aside = |payer: Address, asset: &str, amount: u64| {
        *held.entry((payer, AssetId::parse(asset).unwrap())).or_default() += amount;
    };
    let holds = HOLDS.all(host);
    for (id, hold) in &holds {
        assert!(hold.remaining > 0 && hold.remaining <= hold.amount, "{hold:?}");
        assert!(HOLDS_OF_PAYER.contains(host, &(hold.payer, *id)), "{hold:?}");
        set_aside(hold.payer, &hold.asset, hold.remaining);
    }
    assert_eq!(HOLDS_OF_PAYER.all(host).len(), holds.len());
    for (_, payment) in PAYMENTS.all(host) {
        if payment.state == PaymentState::Pending {
            set_aside(payment.payer, &payment.asset, payment.amount);
        }
    }
    for (key, parts) in BALANCES.all(host) {
        assert_eq!(parts.held, held.remove(&key).unwrap_or(0));
    }
    assert!(held.is_empty());
}

fn kept_ms(is_open: bool) -> u64 {
    if is_open { 0 } else { KEPT_MS }
}

/// All items have a deadline: open ones their own, ended ones that of their removal. No allowance passes its limit.
fn check_deadlines(host: &Host) {
    let mut expected = BTreeSet::new();
    for (id, payment) in PAYMENTS.all(host) {
        let is_open = payment.state == PaymentState::Pending;
        expected.insert((payment.expires_ms + kept_ms(is_open), 1, id));
        let of = (payment.payer, u8::from(!is_open), id);
        assert!(PAYMENTS_OF.contains(host, &of), "{payment:?}");
    }
    for (id, request) in REQUESTS.all(host) {
        let (RequestState::Open | RequestState::PartiallyPaid) = request.state else {
            assert_eq!(request.state == RequestState::Paid, request.paid == request.amount);
            assert!(REQUESTS_OF.contains(host, &(request.payee, 1, id)), "{request:?}");
            expected.insert((request.due_ms + KEPT_MS, 2, id));
            continue;
        };
        assert!(request.paid < request.amount, "{request:?}");
        expected.insert((request.due_ms, 2, id));
    }
    let allowances = ALLOWANCES.all(host);
    assert_eq!(ALLOWANCES_OF.all(host).len(), 2 * allowances.len());
    for (id, allowance) in allowances {
        assert!(allowance.spent <= allowance.limit, "{allowance:?}");
        expected.insert((allowance.expires_ms, 3, id));
    }
    for (id, permit) in PERMITS.all(host) {
        let is_approved = permit.state == PermitState::Approved;
        let place =
            ((permit.payer, AssetSlot(AssetId::parse(&permit.asset).unwrap())), permit.payee, id);
        assert_eq!(PERMITS_FOR.contains(host, &place), is_approved, "{permit:?}");
        let is_open = is_approved || permit.state == PermitState::Pending;
        expected.insert((permit.expires_ms + kept_ms(is_open), 4, id));
        let of = (permit.payer, u8::from(!is_open), id);
        assert!(PERMITS_OF.contains(host, &of), "{permit:?}");
    }
    let found: BTreeSet<_> = DEADLINES.all(host).into_iter().collect();
    assert_eq!(found, expected);
}

/// Each month's books begin with what the one before closed with.
fn check_statements(host: &Host) {
    let mut latest: BTreeMap<(Address, AssetSlot), u64> = BTreeMap::new();
    for ((account, asset, _), books) in STATEMENTS.all(host) {
        let before = latest.insert((account, asset), books.closing).unwrap_or(0);
        assert_eq!(before, books.opening);
        assert!(books.entries > 0);
    }
    for ((account, asset), parts) in BALANCES.all(host) {
        assert_eq!(latest.remove(&(account, AssetSlot(asset))).unwrap_or(0), parts.opening);
    }
    assert!(latest.is_empty());
}

proptest! {
    /// Whatever anyone does in whatever order, value is conserved; and a stranger alone ends all that is
    /// not over, when its time is.
    #[test]
    fn value_is_conserved(rows in rows()) {
        let mut host = stage();
        for row in rows {
            perform(&mut host, &row);
            check_conservation(&host);
        }
        // Longer than anything can last.
        host.set_block(host.height() + 1, host.time_ms() + 2_000 * 24 * 3_600_000);
        host.act_as(super::table::address("nobody"));
        for (id, _) in HOLDS.all(&host) {
            prop_assert_eq!(rules::expire_hold(&mut host, id), Ok(()));
        }
        while !rules::advance_due(&mut host, 32).unwrap().is_empty() {
            check_conservation(&host);
        }
        check_conservation(&host);
        prop_assert!(HOLDS.all(&host).is_empty());
        prop_assert!(DEADLINES.all(&host).is_empty());
        prop_assert!(ALLOWANCES.all(&host).is_empty());
        prop_assert!(PAYMENTS.all(&host).is_empty() && PAYMENTS_OF.all(&host).is_empty());
        prop_assert!(PERMITS.all(&host).is_empty() && PERMITS_OF.all(&host).is_empty());
        prop_assert!(REQUESTS.all(&host).is_empty() && REQUESTS_OF.all(&host).is_empty());
        prop_assert!(REQUESTS_OPEN.all(&host).is_empty());
        prop_assert!(ALLOWANCES_OPEN.all(&host).is_empty());
        prop_assert!(APPROVALS_OPEN.all(&host).is_empty());
        prop_assert!(BALANCES.all(&host).iter().all(|(_, parts)| parts.held == 0));
    }
}
