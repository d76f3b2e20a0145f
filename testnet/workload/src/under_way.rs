//! The calls that bring items into all states, after those that set the modules up.

use serde_json::json;

use super::arguments::arguments;
use super::numbers::Numbers;
use super::opening::{
    call, found_asset, hire, mint, open_programme, open_programme_number, open_shop, variant,
};
use super::{Call, PEOPLE, SIDE_ASSET};

/// The calls for each order, the first of which is just placed.
const ORDERS: [&[(&str, &str)]; 8] = [
    &[],
    &[("sam", "accept-order")],
    &[("sam", "accept-order"), ("sam", "ship-order")],
    &[("sam", "accept-order"), ("sam", "ship-order"), ("fast", "record-delivery")],
    &[
        ("sam", "accept-order"),
        ("sam", "ship-order"),
        ("fast", "record-delivery"),
        ("alice", "request-return"),
        ("sam", "approve-return"),
        ("alice", "ship-return"),
    ],
    &[("sam", "accept-order"), ("alice", "open-dispute")],
    &[
        ("sam", "accept-order"),
        ("sam", "ship-order"),
        ("alice", "open-dispute"),
        ("sam", "respond-to-dispute"),
        ("alice", "finish-phase"),
        ("sam", "finish-phase"),
        ("sam", "request-arbitration"),
    ],
    &[("sam", "accept-order"), ("sam", "ship-order")],
];

/// The calls in the disputes about milestones 2 and 3.
const DISPUTED: [&[(&str, &str)]; 2] = [
    &[("alice", "respond-to-dispute"), ("alice", "finish-phase"), ("bob", "finish-phase")],
    &[
        ("alice", "respond-to-dispute"),
        ("alice", "finish-phase"),
        ("bob", "finish-phase"),
        ("alice", "request-arbitration"),
        ("bob", "join-arbitration"),
    ],
];

/// The calls for each order after those of [`ORDERS`].
const MORE_ORDERS: [&[(&str, &str)]; 4] = [
    &[
        ("sam", "accept-order"),
        ("sam", "ship-order"),
        ("fast", "record-delivery"),
        ("alice", "request-return"),
    ],
    &[
        ("sam", "accept-order"),
        ("sam", "ship-order"),
        ("fast", "record-delivery"),
        ("alice", "request-return"),
        ("sam", "approve-return"),
    ],
    &[("sam", "accept-order"), ("alice", "open-dispute"), ("sam", "respond-to-dispute")],
    &[
        ("sam", "accept-order"),
        ("alice", "open-dispute"),
        ("sam", "respond-to-dispute"),
        ("alice", "finish-phase"),
        ("sam", "finish-phase"),
    ],
];

/// The calls for each milestone after those of [`under_way`], whose disputes have the numbers from 3.
const MORE_MILESTONES: [&[(&str, &str)]; 4] = [
    &[("alice", "fund-milestone")],
    &[("alice", "fund-milestone"), ("bob", "submit-milestone"), ("alice", "approve-milestone")],
    &[("alice", "fund-milestone"), ("bob", "submit-milestone"), ("bob", "open-dispute")],
    &[
        ("alice", "fund-milestone"),
        ("bob", "submit-milestone"),
        ("bob", "open-dispute"),
        ("alice", "respond-to-dispute"),
    ],
];

/// The calls after [`under_way`] that bring items into states to which several calls lead, for runs that are short.
pub fn further_under_way(now_ms: u64) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut act = |who, module, function, id, amount| {
        let numbers = Numbers { id, amount, now_ms };
        calls.push(call(who, module, function, arguments(module, function, numbers)));
    };
    for amount in [20, 30, 40] {
        act("cloud", "wallet", "request-permit", 0, amount);
    }
    // A dispute about an order has its number.
    for (id, so_far) in (ORDERS.len() as u64 + 1..).zip(MORE_ORDERS) {
        act("alice", "marketplace", "place-order", id, 2);
        for (who, function) in so_far {
            act(who, "marketplace", function, id, u64::from(*function == "ship-order"));
        }
    }
    let mut dispute = 2;
    for (place, so_far) in (0..).zip(MORE_MILESTONES) {
        // Postings and applications are numbered from 7, offers from 6, contracts and their milestones from 5.
        act("alice", "jobs", "post-job", 7 + place, 0);
        act("bob", "jobs", "submit-application", 7 + place, 0);
        act("alice", "jobs", "make-offer", 7 + place, 0);
        act("bob", "jobs", "accept-offer", 6 + place, 0);
        for (who, function) in so_far {
            dispute += u64::from(*function == "open-dispute");
            let id = if *function == "respond-to-dispute" { dispute } else { 5 + place };
            act(who, "jobs", function, id, 0);
        }
    }
    calls
}

/// The calls of a genesis in which everybody has this much money, base units, and business is under way in all modules.
/// `now_ms` is its time, milliseconds since 1970.
pub fn business(funds: u64, now_ms: u64) -> Vec<Call> {
    let mut calls = vec![found_asset()];
    calls.extend(PEOPLE.iter().map(|person| mint(person.name, funds)));
    calls.extend(open_shop());
    calls.extend(hire(now_ms));
    calls.extend(open_programme());
    calls.extend(under_way(now_ms));
    calls
}

/// The calls after [`open_shop`], [`hire`] and [`open_programme`] that bring items into all states, so that a
/// run soon reaches the middle of everything. `now_ms` is the block time, milliseconds since 1970.
pub fn under_way(now_ms: u64) -> Vec<Call> {
    let arbiter = |who: &'static str, module| {
        let registration = json!({"account": format!("@{who}"), "registered": true});
        call(who, module, "set-arbiter", registration)
    };
    let of_module = |module| ["judge", "bench"].map(|who| arbiter(who, module));
    let mut calls: Vec<Call> = ["marketplace", "jobs"].into_iter().flat_map(of_module).collect();
    // Items that can be closed or handed over while the rest goes on.
    let points = json!({"asset": SIDE_ASSET, "name": "Points", "decimals": 0, "issuer": "@bank"});
    calls.push(call("bank", "wallet", "create-asset", points));
    calls.push(call("sam", "marketplace", "create-variant", variant("H-2")));
    calls.extend(open_programme_number("2"));
    let mut act = |who, module, function, id, amount| {
        let numbers = Numbers { id, amount, now_ms };
        calls.push(call(who, module, function, arguments(module, function, numbers)));
    };
    for amount in [1_000, 2_000] {
        act("bob", "wallet", "place-hold", 0, amount);
        act("sam", "wallet", "request-payment", 0, amount);
        act("alice", "wallet", "grant-allowance", 0, amount);
    }
    act("cloud", "wallet", "set-policy", 0, 2);
    act("cloud", "wallet", "propose-payment", 0, 20);
    for (id, so_far) in (1..).zip(ORDERS) {
        act("alice", "marketplace", "place-order", id, 2);
        for (who, function) in so_far {
            // All pieces at once, but for one order.
            let amount = u64::from(*function == "ship-order" && id != 8);
            act(who, "marketplace", function, id, amount);
        }
    }
    act("alice", "jobs", "fund-milestone", 1, 0);
    act("bob", "jobs", "submit-milestone", 1, 0);
    for id in 2..=6 {
        act("alice", "jobs", "post-job", id, 0);
        act("bob", "jobs", "submit-application", id, 0);
    }
    for id in 2..=5 {
        act("alice", "jobs", "make-offer", id, 0);
    }
    for id in 2..=4 {
        act("bob", "jobs", "accept-offer", id, 0);
    }
    act("alice", "jobs", "propose-cancellation", 4, 0);
    for (id, so_far) in (2..).zip(DISPUTED) {
        act("alice", "jobs", "fund-milestone", id, 0);
        act("bob", "jobs", "submit-milestone", id, 0);
        act("bob", "jobs", "open-dispute", id, 0);
        for (who, function) in so_far {
            // The disputes are numbered from 1.
            act(who, "jobs", function, id - 1, 0);
        }
    }
    for (buyer, credits) in [("alice", 200), ("bob", 50)] {
        act(buyer, "credit", "purchase-credits", 1, credits);
    }
    // In the programme that can be closed.
    act("bob", "credit", "purchase-credits", 4, 100);
    act("alice", "credit", "authorise-usage", 1, 0);
    act("cloud", "credit", "offer-credit-line", 1, 0);
    act("bob", "credit", "accept-credit-line", 1, 0);
    act("cloud", "credit", "offer-credit-line", 1, 1);
    act("fast", "credit", "report-usage", 1, 39);
    calls
}
