//! Generated business in the vm: each changed row against the module's own read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ehb_projection::cell::Cell;
use ehb_projection::{SUBJECTS, TABLES};
use ehb_workload::{
    ASSET, Call, FOREVER_MS, Step, document, found_asset, hire, mint, open_programme, open_shop,
    under_way,
};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::stage::Stage;

/// The number of runs, and the steps of one.
const CASES: u32 = 120;
const STEPS: Range<usize> = 100..300;
/// The number of calls of `advance-due` that settle everything that a run leaves open.
const CALLS: u64 = 12;
/// The number of kinds of steps that let time pass instead.
const PAUSES: usize = 10;

#[derive(Clone, Copy, Debug)]
enum Next {
    Step(Step),
    Pause { ms: u64 },
}

fn next() -> impl Strategy<Value = Next> {
    let numbers = (0..Step::KINDS + PAUSES, any::<u16>(), 1..9u64, 0..3_000u64);
    numbers.prop_map(|(kind, who, id, amount)| match kind {
        kind if kind < Step::KINDS => Next::Step(Step { kind, who: who.into(), id, amount }),
        _ if amount.is_multiple_of(8) => Next::Pause { ms: amount * 3_000 },
        _ => Next::Pause { ms: amount },
    })
}

fn opened() -> Stage {
    let mut stage = Stage::new();
    let mut calls = vec![found_asset()];
    calls.extend(["alice", "bob"].map(|to| mint(to, 1_000_000)));
    calls.extend(open_shop());
    calls.extend(hire(stage.time_ms));
    calls.extend(open_programme());
    calls.push(mint("cloud", 1_000));
    calls.extend(under_way(stage.time_ms));
    for call in calls {
        assert!(stage.act(&call), "{call:?}");
    }
    stage
}

/// After each step of generated business, each row that changed is what the module returns for its id; at the end all
/// rows are.
#[test]
fn every_row_is_what_the_modules_return() {
    let first = opened();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    // Always the same runs, so that the test can require what they reach.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let seen = RefCell::new(BTreeSet::new());
    let compared = RefCell::new(BTreeMap::<&str, usize>::new());
    let filled = RefCell::new(BTreeSet::new());
    let run = TestRunner::new_with_rng(config, rng).run(&vec(next(), STEPS), |steps| {
        let mut stage = first.fork();
        for next in steps {
            match next {
                Next::Pause { ms } => stage.time_ms += ms,
                Next::Step(step) => {
                    let Ok(call) = step.call(&mut stage);
                    if let Some(call) = call {
                        stage.act(&call);
                    }
                }
            }
        }
        stage.compare_all();
        for _ in 0..CALLS {
            stage.time_ms += FOREVER_MS / CALLS;
            for module in ["marketplace", "jobs", "credit", "wallet"] {
                let arguments = json!({"limit": 32});
                stage.act(&Call { who: "till", module, function: "advance-due", arguments });
            }
        }
        stage.compare_all();
        for (table, count) in &stage.compared {
            *compared.borrow_mut().entry(table).or_default() += count;
        }
        let tables = TABLES.iter().copied().flatten();
        let some = tables.filter(|table| !stage.tables.all(table).is_empty());
        filled.borrow_mut().extend(some.map(|table| table.name));
        seen.borrow_mut().extend(stage.seen);
        Ok(())
    });
    run.unwrap();
    let names = TABLES.iter().copied().flatten().map(|table| table.name);
    let never: Vec<_> = names.filter(|name| !filled.borrow().contains(name)).collect();
    let expected: Vec<_> = never.iter().filter(|name| !elsewhere(name)).collect();
    assert_eq!(expected, Vec::<&&str>::new(), "tables without a row");
    let subjects = SUBJECTS.iter().copied().flatten().map(|it| it.table.name);
    let never: BTreeSet<&str> =
        subjects.filter(|table| !compared.borrow().contains_key(table)).collect();
    let never: Vec<_> = never.into_iter().filter(|name| !elsewhere(name)).collect();
    assert_eq!(never, Vec::<&str>::new(), "never compared, of {:?}", seen.borrow());
}

/// The tables that [`what_chance_does_not_reach`] and the tests of the kernel's events fill.
fn elsewhere(table: &str) -> bool {
    table.starts_with("edr.") || RARE.contains(&table)
}

const RARE: [&str; 8] = [
    "emo.bill_payment",
    "emo.freeze",
    "emo.permit_approval",
    "emo.policy_use",
    "emo.requirement",
    "emo.role_limit_use",
    "pss.free_cancellation",
    "pss.product_document",
];

/// Calls that generated business makes rarely or never, with texts at which databases break.
#[test]
fn what_chance_does_not_reach() {
    let mut stage = opened();
    let now_ms = stage.time_ms;
    let after = |ms: u64| (now_ms + ms).to_string();
    let terms =
        json!({"kind": "issued", "supply": {"capped": "18446744073709551615"}, "freezable": true});
    let gold = json!({"asset": "GOLD", "name": "Gold \u{0} \u{241b}0", "decimals": 2, "issuer": "@bank",
        "terms": terms, "key": ""});
    let freeze = json!({"asset": "GOLD", "account": "@alice", "expires-ms": after(5_000), "reason": "court"});
    let policy = json!({"daily-limit": "500", "payees": [], "tiers": [], "notice-ms": "0"});
    let details = |documents: usize| {
        json!({"category": "1", "title": "Saw", "summary": "'; drop table pss.product; --",
            "attributes": [{"name": "colour", "value": "\u{0}"}],
            "documents": vec![document(); documents]})
    };
    let mut posting = json!({"details": {"title": "\t\\N\n", "summary": "=1+1", "skills": [], "place": "",
        "documents": [], "visibility": "invited", "asset": ASSET, "budget": "18446744073709551615",
        "positions": 1, "apply-until-ms": after(10_000), "decide-until-ms": after(20_000)}, "key": ""});
    posting["details"]["requirements"] = json!([{"organisation": "acme", "kind": "painter"},
        {"organisation": "acme", "kind": "driver"}]);
    let limit = json!({"single-max": "1000", "daily-max": "5000"});
    let pay = json!({"to": "@bob", "asset": ASSET, "amount": "10"});
    let most = json!({"asset": "GOLD", "to": "@bob", "amount": "18446744073709551615"});
    let permit = json!({"payee": "@alice", "asset": ASSET, "amount-max": "40", "reference": "",
        "expires-ms": after(5_000), "key": ""});
    // More than the grants of bob have: the rest is drawn from his credit line.
    let report = json!({"account": "@bob", "service": "gpt", "quantity": "900",
        "used-ms": now_ms.to_string(), "reference": "a\u{0}b"});
    let reports = json!({"programme": "1", "reports": [report]});
    let calls = [
        ("fast", "credit", "report-usage", reports),
        ("bank", "wallet", "create-asset-with-terms", gold),
        ("bank", "wallet", "mint", most),
        ("bank", "wallet", "freeze-balance", freeze),
        ("bank", "wallet", "mint", json!({"asset": ASSET, "to": "@plat", "amount": "1000"})),
        ("plat", "wallet", "set-policy", json!({"asset": ASSET, "policy": policy})),
        ("plat", "wallet", "transfer", pay.clone()),
        ("plat", "wallet", "set-policy", json!({"asset": ASSET, "policy": null})),
        (
            "sam",
            "marketplace",
            "create-product",
            json!({"store": "1", "details": details(2), "key": ""}),
        ),
        ("sam", "marketplace", "set-product", json!({"product": "2", "details": details(3)})),
        ("sam", "marketplace", "set-product", json!({"product": "2", "details": details(1)})),
        ("alice", "jobs", "post-job", posting),
        ("cloud", "wallet", "request-permit", permit),
        ("bank", "wallet", "approve-permit", json!({"permit": "1"})),
        ("alice", "marketplace", "cancel-order", json!({"sub-order": "1", "key": ""})),
        (
            "till",
            "marketplace",
            "set-treasurer-limit",
            json!({"store": "1", "asset": ASSET, "limit": limit}),
        ),
        (
            "sam",
            "marketplace",
            "refund-line",
            json!({"sub-order": "2", "line": 0, "amount": "200", "key": ""}),
        ),
        (
            "till",
            "marketplace",
            "set-treasurer-limit",
            json!({"store": "1", "asset": ASSET, "limit": null}),
        ),
    ];
    for (who, module, function, arguments) in calls {
        let call = Call { who, module, function, arguments };
        assert!(stage.act(&call), "{call:?}");
    }
    stage.compare_all();
    // The freeze ends without an event, and the billing period does as well.
    stage.time_ms += 3_600_000;
    stage.compare_all();
    let item = json!({"item": {"kind": "credit-line", "id": "1"}});
    let pay = |amount: &str| json!({"bill": "1", "amount": amount, "key": ""});
    let calls = [
        ("till", "credit", "advance", item),
        ("bob", "credit", "pay-bill", pay("1")),
        ("bob", "credit", "pay-bill", pay("2")),
    ];
    for (who, module, function, arguments) in calls {
        let call = Call { who, module, function, arguments };
        assert!(stage.act(&call), "{call:?}");
    }
    stage.compare_all();
    let tables = TABLES.iter().copied().flatten();
    let rare: Vec<_> = tables.filter(|table| RARE.contains(&table.name)).collect();
    assert_eq!(rare.len(), RARE.len());
    for table in rare {
        assert!(!stage.tables.all(table).is_empty(), "{} has no row", table.name);
    }
    every_wrong_value_is_found(&stage);
}

/// A comparison finds a wrong value in each column that the module's record has.
fn every_wrong_value_is_found(stage: &Stage) {
    let mut stage = stage.fork();
    for subject in SUBJECTS.iter().copied().flatten().filter(|it| it.compares_columns()) {
        let rows = stage.tables.all(subject.table);
        let Some(row) = rows.iter().find(|row| subject.has(row) && stage.is_kept(subject, row))
        else {
            continue;
        };
        let key: BTreeSet<&str> = subject.table.key().collect();
        let columns = subject.table.columns.iter().enumerate();
        for (place, column) in columns.filter(|(_, it)| it.is_of_record() && !key.contains(it.name))
        {
            let mut wrong = row.clone();
            wrong[place] = Cell::Text("another value".to_owned());
            let found = stage.differences(subject, &wrong);
            assert!(
                found.iter().any(|it| it.what == column.name),
                "{}.{}: {found:?}",
                subject.table.name,
                column.name
            );
        }
    }
}
