//! Rows of a table at random: anyone does anything at any time.

use std::collections::BTreeSet;

use ehb_contract::Host;
use ehb_contract::table::cases;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::actions::act;
use super::table::{CAST, address, scene};
use crate::bindings::ehb::wallet::events::Event;
use crate::bindings::ehb::wallet::types::{AssetKind, AssetTerms, SupplyPolicy};
use crate::rules;

/// A second before the November of 2024 ends, so that runs pass from day to day and month to month.
const START_MS: u64 = 1_733_011_199_000;

/// How many runs together reach everything.
const RUNS: u32 = 1_500;

/// A chain with two assets: of EUR balances can be frozen, of USD there are 500 at most.
pub(super) fn stage() -> Host {
    let mut host = scene();
    host.set_block(1, START_MS);
    host.act_as(address("bank"));
    for (asset, supply, freezable) in
        [("EUR", SupplyPolicy::Unlimited, true), ("USD", SupplyPolicy::Capped(500), false)]
    {
        let terms = AssetTerms { kind: AssetKind::Issued, supply, freezable };
        let (name, issuer) = (asset.to_owned(), address("bank"));
        let id = asset.to_owned();
        rules::create_asset_with_terms(&mut host, id, name, 2, issuer, terms, String::new())
            .unwrap();
        for person in ["bank", "alice", "bob", "market"] {
            rules::mint(&mut host, asset.to_owned(), address(person), 100).unwrap();
        }
    }
    host
}

/// Does what a row says. A word `+5` is the time in 5 ms; `wait` lets time pass.
pub(super) fn perform(host: &mut Host, row: &str) {
    let words = row.split_whitespace().map(|word| match word.strip_prefix('+') {
        Some(later) => (host.time_ms() + later.parse::<u64>().unwrap()).to_string(),
        None => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["transaction", _] => assert!(CAST.set_scene(host, &words), "{row}"),
        ["wait", expires_ms] => host.set_block(host.height() + 1, expires_ms.parse().unwrap()),
        [who, action, ref arguments @ ..] => {
            CAST.act_as(host, who);
            act(host, action, arguments);
        }
        _ => unreachable!("{row:?} is no row"),
    }
}

/// Some rows.
pub(super) fn rows() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(row(), 0..80)
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

fn who() -> impl Strategy<Value = &'static str> {
    one_of(&["bank", "alice", "alice", "bob", "carol", "market/alice", "market/bob"])
}

fn anyone() -> impl Strategy<Value = &'static str> {
    one_of(&["bank", "alice", "bob", "carol", "market"])
}

fn maybe_anyone() -> impl Strategy<Value = &'static str> {
    one_of(&["-", "-", "bank", "alice", "bob", "carol", "market"])
}

fn asset() -> impl Strategy<Value = &'static str> {
    one_of(&["EUR", "EUR", "USD"])
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![10 => 0..60u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![5 => 1..4u64, 1 => 0..9u64]
}

/// How long a run waits: mostly a moment, at times over days or months, and until what is over leaves the state.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![
        16 => 0..50u64,
        4 => 0..90_000_000u64,
        2 => 0..3_000_000_000u64,
        1 => Just(500 * 24 * 3_600_000),
    ]
}

/// How long something lasts: often longer than a run.
fn later() -> impl Strategy<Value = u64> {
    prop_oneof![1 => 0..50u64, 2 => 0..90_000_000u64, 2 => 0..2_000_000_000u64]
}

fn policy() -> impl Strategy<Value = String> {
    let parts = (0..60u64, maybe_anyone(), 0..40u64, 1..3u8, one_of(&["0", "20", "90000000"]));
    prop_oneof![
        1 => Just("none".to_owned()),
        4 => parts.prop_map(|(daily, payee, above, approvals, notice)| format!(
            "daily={daily} payees={payee} above={above} approvers=bob,carol approvals={approvals} \
             tier=50:carol:treasurer:{approvals} notice={notice}"
        )),
    ]
}

fn row() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => pause().prop_map(|pause| format!("wait +{pause}")),
        10 => money(),
        6 => limited(),
        10 => agreed(),
        2 => (who(), 1..4u32).prop_map(|(who, limit)| format!("{who} advance-due {limit}")),
        2 => (who(), one_of(&["hold", "payment", "request", "allowance", "permit"]), id())
            .prop_map(|(who, kind, id)| format!("{who} advance {kind} {id}")),
    ]
}

fn money() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => (anyone(), asset(), amount())
            .prop_map(|(to, asset, amount)| format!("bank mint {asset} {to} {amount}")),
        1 => (asset(), amount()).prop_map(|(asset, amount)| format!("bank burn {asset} {amount}")),
        4 => (who(), anyone(), asset(), amount())
            .prop_map(|(who, to, asset, amount)| format!("{who} transfer {to} {asset} {amount}")),
        1 => (who(), anyone(), anyone(), asset(), 0..20u64, one_of(&["-", "a", "b"])).prop_map(
            |(who, one, two, asset, amount, key)| format!(
                "{who} batch-transfer {key} {one} {asset} {amount} - {two} {asset} 3 fee"
            )
        ),
        4 => (who(), asset(), amount(), maybe_anyone(), maybe_anyone(), later()).prop_map(
            |(who, asset, amount, payee, controller, later)| format!(
                "{who} place-hold {asset} {amount} {payee} {controller} +{later} -"
            )
        ),
        4 => (who(), id(), anyone(), amount())
            .prop_map(|(who, id, to, amount)| format!("{who} pay-out {id} {to} {amount}")),
        1 => (who(), id(), amount())
            .prop_map(|(who, id, amount)| format!("{who} pay-back {id} {amount}")),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} release-hold {id}")),
        1 => (anyone(), later())
            .prop_map(|(who, later)| format!("bank freeze-balance EUR {who} +{later} why")),
        1 => anyone().prop_map(|who| format!("bank unfreeze-balance EUR {who}")),
        1 => asset().prop_map(|asset| format!("bank set-issuer {asset} bank")),
        1 => (0..600u64).prop_map(|cap| format!("bank restrict-supply USD cap:{cap}")),
    ]
}

fn limited() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (who(), anyone(), asset(), amount(), one_of(&["-", "3600000"]), later(), maybe_anyone())
            .prop_map(|(who, spender, asset, limit, period, later, payee)| format!(
                "{who} grant-allowance {spender} {asset} {limit} {period} +{later} {payee} - -"
            )),
        8 => (who(), id(), anyone(), amount())
            .prop_map(|(who, id, to, amount)| format!("{who} transfer-from {id} {to} {amount} - -")),
        2 => (who(), id(), amount(), maybe_anyone(), later()).prop_map(
            |(who, id, amount, payee, later)| format!(
                "{who} place-hold-from {id} {amount} {payee} - +{later} - -"
            )
        ),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} close-allowance {id}")),
        2 => (who(), id(), amount())
            .prop_map(|(who, id, amount)| format!("{who} use-allowance {id} {amount}")),
        1 => (1..3u8).prop_map(|number| format!("transaction {number}")),
        1 => (who(), asset(), amount())
            .prop_map(|(who, asset, amount)| format!("{who} limit-transaction-spending {asset} {amount}")),
        4 => (who(), asset(), policy())
            .prop_map(|(who, asset, policy)| format!("{who} set-policy {asset} {policy}")),
        2 => (who(), anyone(), asset())
            .prop_map(|(who, whose, asset)| format!("{who} cancel-policy-change {whose} {asset}")),
        3 => (one_of(&["alice", "bob"]), asset())
            .prop_map(|(who, asset)| format!("{who} cancel-policy-change {who} {asset}")),
    ]
}

fn agreed() -> impl Strategy<Value = String> {
    let request = || one_of(&["-", "-", "-", "-", "1", "2", "3"]);
    prop_oneof![
        4 => (who(), anyone(), asset(), amount(), request(), later()).prop_map(
            |(who, to, asset, amount, request, later)| format!(
                "{who} propose-payment {to} {asset} {amount} - {request} +{later} -"
            )
        ),
        6 => (one_of(&["bob", "carol", "alice"]), id())
            .prop_map(|(who, id)| format!("{who} approve-payment {id}")),
        4 => (who(), anyone(), asset(), amount(), later()).prop_map(
            |(who, payee, asset, amount, later)| format!(
                "{who} request-permit {payee} {asset} {amount} - +{later} -"
            )
        ),
        6 => (one_of(&["bob", "carol", "alice"]), id())
            .prop_map(|(who, id)| format!("{who} approve-permit {id}")),
        // A permit is used only where all of these come together.
        6 => one_of(&[
            "alice set-policy EUR above=40 approvers=carol approvals=1",
            "alice request-permit bob EUR 50 - +90000000 -",
            "carol approve-permit 1",
            "alice transfer bob EUR 50",
        ])
        .prop_map(str::to_owned),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} reject-permit {id}")),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} cancel-permit {id}")),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} reject-payment {id}")),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} cancel-payment {id}")),
        4 => (who(), maybe_anyone(), asset(), amount(), one_of(&["parts", "whole"]), later())
            .prop_map(|(who, payer, asset, amount, parts, later)| format!(
                "{who} request-payment {payer} {asset} {amount} {parts} +{later} - - -"
            )),
        8 => (who(), id(), 0..20u64, request()).prop_map(
            |(who, id, amount, allowance)| format!("{who} pay-request {id} {amount} {allowance} -")
        ),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} cancel-request {id}")),
        1 => (who(), id()).prop_map(|(who, id)| format!("{who} decline-request {id}")),
    ]
}

/// The runs are worth something only if they bring about everything.
#[test]
fn random_runs_reach_every_event() {
    let mut runner = TestRunner::deterministic();
    let mut emitted = BTreeSet::new();
    for _ in 0..RUNS {
        let mut host = stage();
        for row in rows().new_tree(&mut runner).unwrap().current() {
            perform(&mut host, &row);
        }
        for event in host.events::<Event>() {
            let name = CAST.named(&event);
            emitted.insert(name.split('(').next().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(emitted, cases(include_str!("../../wit/events.wit"), "event"));
}
