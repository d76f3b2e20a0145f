//! Whatever anyone does in whatever order.

use std::collections::BTreeSet;

use ehb_contract::Host;
use ehb_contract::table::cases;
use ehb_contract_wallet::bindings::ehb::wallet::types::Error as WalletError;
use ehb_contract_wallet::rules as wallet;
use ehb_projection::mirror::Mirror;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::actions::act;
use super::books::check_books;
use super::rebuild::{check, follow};
use super::scene::{CAST, address, shop};
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::{SubOrder, SubOrderState as State};
use crate::keys::{DEADLINES, SUB_ORDERS};
use crate::states::SUB_ORDER;

/// More calls of `advance-due` than the longest way of all orders needs.
const SWEEPS_MAX: u32 = 500;

/// How many runs together reach everything.
const RUNS: u32 = 120;

/// The calls that anyone may try, and the arguments after the order's number.
const CALLS: &[(&str, &str)] = &[
    ("accept", ""),
    ("decline", ""),
    ("cancel", ""),
    ("ship", "0x1 fast"),
    ("cancel-unshipped", ""),
    ("deliver", "1"),
    ("confirm", ""),
    ("refund", "0 7"),
    ("request-return", "0x1 why"),
    ("approve-return", ""),
    ("decline-return", ""),
    ("ship-return", "Post"),
    ("receive-return", "restock"),
    ("open-dispute", "2500 why"),
    ("respond", "2500"),
    ("offer", "2500"),
    ("accept-settlement", ""),
    ("finish-phase", ""),
    ("request", ""),
    ("join", ""),
    ("rule", "2500"),
    ("appeal", "why"),
    ("commit", "buyer 5"),
    ("reveal", "5"),
    ("advance", ""),
];

/// Calls that change the shop without stopping it.
const CHANGES: &[&str] = &[
    "admin rename-category 1 Things",
    "sam set-location 1 Depot -",
    "sam set-store 1 Acme std",
    "sam set-store 1 Acme scarce",
    "sam set-product 1 Mallet",
    "sam create-variant 1 H-3 - 100",
    "sam retire-variant 4",
    "sam set-prices 2 EUR:300:0:-",
];

/// A step is four numbers, which mean something once it is seen what there is.
#[derive(Clone, Copy, Debug)]
struct Step {
    kind: u32,
    order: u32,
    choice: u32,
    amount: u32,
}

fn step() -> impl Strategy<Value = Step> {
    (0..20u32, any::<u32>(), any::<u32>(), any::<u32>())
        .prop_map(|(kind, order, choice, amount)| Step { kind, order, choice, amount })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 20..100)
}

impl Step {
    /// The rows of a table that the step is: mostly what a party does next, at times a new order, a
    /// pause, a deadline, or what anyone may try.
    fn rows(self, host: &Host) -> Vec<String> {
        let Step { kind, order, choice, amount } = self;
        let people = ["alice", "bob", "sam", "carl", "tess", "nina", "fast", "judge", "stranger"];
        let orders = SUB_ORDERS.all(host);
        let buyer = pick(&["alice", "bob"], choice);
        let goods = pick(&["1@1", "1@2", "2@1", "3@3", "1@1x3,3@3", "3@3x2,2@1x4,1@2"], order);
        if orders.is_empty() || kind == 0 {
            return vec![format!("{buyer} place-order EUR {goods}x{} max", amount % 6)];
        }
        let (id, known) = &orders[order as usize % orders.len()];
        let (call, rest) = CALLS[choice as usize % CALLS.len()];
        match kind {
            1 | 2 => vec![format!("{} {call} {id} {rest}", pick(&people, amount))],
            3 => vec![format!("wait {}", amount % 20_000)],
            4 => vec![format!("wait {}", amount % 5_000), "stranger advance-due 3".to_owned()],
            5 if !SUB_ORDER.is_end(known.state) => {
                vec![format!("at {}", known.deadline_ms.unwrap()), format!("stranger advance {id}")]
            }
            6 if amount.is_multiple_of(2) => {
                vec![format!("till set-treasurer-limit 1 EUR {} {}", amount % 900, amount % 2_000)]
            }
            6 => vec![format!("carl remove-stock 1 1 {} lost", amount % 9)],
            7 => {
                vec![CHANGES[order as usize % CHANGES.len()].to_owned()]
            }
            _ => vec![next(known, choice, amount)],
        }
    }
}

fn pick<'a>(words: &[&'a str], choice: u32) -> &'a str {
    words[choice as usize % words.len()]
}

/// Something that the state allows, by somebody who may.
fn next(order: &SubOrder, choice: u32, amount: u32) -> String {
    let buyer = if order.buyer == address("alice") { "alice" } else { "bob" };
    let (clerk, treasurer) =
        if order.organisation == "acme" { ("carl", "tess") } else { ("nina", "nina") };
    let place = amount as usize % order.lines.len();
    let (line, id) = (&order.lines[place], order.id);
    let pieces = |of: u32| format!("{place}x{}", 1 + choice % of.max(1));
    let part = pick(&["0", "1", "2500", "3333", "9999", "10000"], amount);
    let giver = if amount.is_multiple_of(5) { clerk } else { treasurer };
    let refund = format!("{giver} refund {id} {place} {}", amount % 700);
    let ship = format!("{clerk} ship {id} {} fast", pieces(line.reserved));
    let all: Vec<String> = (0..order.lines.len())
        .filter(|place| order.lines[*place].reserved > 0)
        .map(|place| format!("{place}x{}", order.lines[place].reserved))
        .collect();
    let ship_all = format!("{clerk} ship {id} {} fast", all.join(","));
    let deliver = format!("fast deliver {id} {}", 1 + amount % order.shipments.max(1));
    let confirm = format!("{buyer} confirm {id}");
    let dispute = format!("{buyer} open-dispute {id} {part} why");
    let by_clerk = |what: &str| format!("{clerk} {what} {id}");
    let either = if amount.is_multiple_of(2) { buyer } else { treasurer };
    let options = match order.state {
        State::Placed => {
            let (accept, cancel) = (by_clerk("accept"), format!("{buyer} cancel {id}"));
            vec![accept.clone(), accept.clone(), accept, refund, by_clerk("decline"), cancel]
        }
        State::Accepted => vec![ship.clone(), ship, ship_all, refund, dispute],
        State::PartiallyShipped => {
            vec![
                ship,
                ship_all.clone(),
                ship_all,
                deliver,
                by_clerk("cancel-unshipped"),
                refund,
                dispute,
            ]
        }
        State::Shipped => vec![deliver.clone(), deliver.clone(), deliver, confirm, refund, dispute],
        State::Delivered => {
            let back = format!("{buyer} request-return {id} {} why", pieces(line.delivered));
            vec![back.clone(), back, confirm, refund, dispute]
        }
        State::ReturnRequested => {
            let approve = by_clerk("approve-return");
            vec![approve.clone(), approve, by_clerk("decline-return"), confirm, refund]
        }
        State::ReturnApproved => vec![format!("{buyer} ship-return {id} Post"), refund],
        State::ReturnShipped => vec![
            by_clerk("receive-return") + " restock",
            by_clerk("receive-return") + " scrap",
            format!("{treasurer} open-dispute {id} {part} why"),
        ],
        State::ReturnDeclined => vec![confirm, dispute],
        State::Disputed => vec![
            format!("{either} respond {id} {part}"),
            format!("{either} add-evidence {id} note"),
            format!("{either} offer {id} {part}"),
            format!("{either} finish-phase {id}"),
            format!("{either} finish-phase {id}"),
            format!("{either} request {id}"),
            format!("{either} request {id}"),
            format!("{either} join {id}"),
            format!("{either} join {id}"),
            format!("{} rule {id} {part}", pick(&["judge", "jury"], amount)),
            format!("{either} appeal {id} why"),
            format!("{either} accept-settlement {id}"),
        ],
        _ => vec![
            format!("{buyer} commit {id} buyer 4"),
            format!("{clerk} commit {id} seller 2"),
            format!("{buyer} reveal {id} 4"),
            format!("{clerk} reveal {id} 2"),
        ],
    };
    options[choice as usize % options.len()].clone()
}

fn perform(host: &mut Host, row: &str) {
    let words: Vec<&str> = row.split_whitespace().collect();
    match &words[..] {
        ["wait", pause_ms] => {
            let now_ms = host.time_ms() + pause_ms.parse::<u64>().unwrap();
            host.set_block(host.height() + 1, now_ms);
        }
        ["at", time_ms] => {
            let now_ms = host.time_ms().max(time_ms.parse().unwrap());
            host.set_block(host.height() + 1, now_ms);
        }
        [who, action, arguments @ ..] => {
            CAST.act_as(host, who);
            let result = act(host, action, arguments);
            assert!(!result.starts_with("no action"), "{row}");
        }
        _ => unreachable!("{row:?} is no row"),
    }
}

/// The first bytes of the tables of orders, their deadlines and what belongs to them that have entries.
fn left(host: &Host) -> String {
    host.tables()
        .into_iter()
        .filter(|byte| b"obOuUhrdagRw".contains(byte))
        .map(char::from)
        .collect()
}

/// Drives everything to its end, and out of the state, by deadlines alone, as anyone can.
fn run_out(host: &mut Host, mirror: &mut Mirror) {
    for _ in 0..SWEEPS_MAX {
        let Some((due_ms, ..)) = DEADLINES.all(host).first().copied() else { return };
        host.set_block(host.height() + 1, host.time_ms().max(due_ms));
        CAST.act_as(host, "stranger");
        assert_ne!(act(host, "advance-due", &["32"]), "0");
        follow(mirror, host);
    }
}

/// The shop, in which arbiters cost 5 %, and those who act for stores can deposit that.
fn begin() -> Host {
    let mut host = shop();
    host.grant(address("till"), "owner");
    for row in ["admin set-arbiter-fee 500", "jury set-arbiter jury yes", "wait 10000"] {
        perform(&mut host, row);
    }
    host.act_as(address("alice"));
    for name in ["tess", "nina"] {
        let paid: Result<(), WalletError> = host.call_module("wallet", |host| {
            wallet::transfer(host, address(name), "EUR".to_owned(), 100_000)
        });
        paid.unwrap();
    }
    host
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Value and goods are conserved after every call, the events alone rebuild all tables, and when
    /// everybody falls silent, anyone brings everything to its end.
    #[test]
    fn value_is_conserved(steps in steps()) {
        let mut host = begin();
        let mut mirror = Mirror::new("marketplace");
        follow(&mut mirror, &host);
        for step in &steps {
            for row in step.rows(&host) {
                perform(&mut host, &row);
                follow(&mut mirror, &host);
                check_books(&mut host);
            }
        }
        check(&mirror, &host);
        run_out(&mut host, &mut mirror);
        check_books(&mut host);
        prop_assert_eq!(left(&host), "");
        check(&mirror, &host);
    }
}

/// The random runs are worth something: they bring about every event.
#[test]
fn random_runs_reach_every_event() {
    let mut runner = TestRunner::deterministic();
    let mut emitted = BTreeSet::new();
    for _ in 0..RUNS {
        let mut host = begin();
        for step in steps().new_tree(&mut runner).unwrap().current() {
            for row in step.rows(&host) {
                perform(&mut host, &row);
            }
        }
        run_out(&mut host, &mut Mirror::new("marketplace"));
        for event in host.events::<Event>() {
            let name = CAST.named(&event);
            emitted.insert(name.split('(').next().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(emitted, cases(include_str!("../../wit/events.wit"), "event"));
}
