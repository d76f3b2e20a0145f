//! The largest batch of each kind that a module accepts: it must fit into one transaction, by its events and
//! by its gas.

use ehb_vm::EVENTS_MAX;
use expect_test::expect;
use serde_json::{Value, json};

use super::scenes::{hire_for, open_programme, open_shop};
use super::stage::{CROWD, GAS, Stage};
use crate::document;

/// Two hours, milliseconds: longer than the billing period here.
const LATER_MS: u64 = 2 * 3_600_000;

/// Makes a call that must succeed within a transaction's bounds, and returns the number of its events.
fn events(
    stage: &mut Stage,
    sender: &str,
    module: &str,
    function: &str,
    arguments: Value,
) -> usize {
    let answer = stage.call(sender, module, function, arguments);
    let value = answer.result.unwrap_or_else(|error| panic!("{sender} {function}: {error}"));
    assert!(!value.to_string().contains("refused"), "{value}");
    // Other compilers' code costs other amounts.
    assert!(answer.gas < GAS / 2, "{function}: {} gas", answer.gas);
    assert!(answer.events.len() <= EVENTS_MAX, "{function}: {} events", answer.events.len());
    answer.events.len()
}

/// Each report uses up sixteen grants of an account of its own, and the rest is drawn on a line whose
/// billing period has ended.
#[test]
fn a_batch_of_reports() {
    let mut stage = Stage::funded(&["wallet", "credit"]);
    let programme = open_programme(&mut stage);
    let mut reports = Vec::new();
    for place in 0..CROWD {
        let (name, account) = (format!("crowd-{place}"), format!("@crowd-{place}"));
        let terms = json!({
            "limit": "100", "asset": "EUR", "price": "1", "per": "1", "cycle": {"span": "3600000"},
            "payment-window-ms": "3600000", "grace-period-ms": "3600000", "term-ms": "86400000",
        });
        let offer = json!({
            "programme": programme, "account": account, "terms": terms, "offer-window-ms": "3600000",
            "key": "",
        });
        let line = stage.done("cloud", "credit", "offer-credit-line", offer);
        stage.done(&name, "credit", "accept-credit-line", json!({"credit-line": line}));
        for _ in 0..16 {
            let grant = json!({
                "programme": programme, "account": account, "credits": "1", "effective-ms": null,
                "expires-ms": "100000000", "priority": 0, "reference": "", "key": "",
            });
            stage.done("cloud", "credit", "grant-credits", grant);
        }
        reports.push(json!({
            "account": account, "service": "gpt", "quantity": "60", "used-ms": "1000", "reference": name,
        }));
    }
    stage.time_ms += LATER_MS;
    let batch = json!({"programme": programme, "reports": reports});
    let emitted = events(&mut stage, "fast", "credit", "report-usage", batch.clone());
    // A period that ends, the charge, and for each grant that it is used up and over.
    assert_eq!(emitted, CROWD * (1 + 1 + 16 * 2));
    let one_more = [reports, vec![batch["reports"][0].clone()]].concat();
    let batch = json!({"programme": programme, "reports": one_more});
    let refused = stage.call("fast", "credit", "report-usage", batch).result.unwrap_err();
    expect![[r#"{"out-of-range":{"given":"25","max":"24","min":"1","parameter":"reports"}}"#]]
        .assert_eq(&refused.to_string());
}

/// Purchases that expire pay the issuer and the buyer.
#[test]
fn what_is_due_of_credit() {
    let mut stage = Stage::funded(&["wallet", "credit"]);
    let programme = open_programme(&mut stage);
    for buyer in ["alice", "bob"] {
        for _ in 0..16 {
            let purchase = json!({
                "programme": programme, "account": null, "credits": "100", "price-max": "50", "key": "",
            });
            stage.done(buyer, "credit", "purchase-credits", purchase);
        }
    }
    stage.time_ms += 2_592_000_000;
    let emitted = events(&mut stage, "till", "credit", "advance-due", json!({"limit": 32}));
    expect!["128"].assert_eq(&emitted.to_string());
}

/// Sub-orders of sixteen lines, of which the rest is refunded line by line.
#[test]
fn orders_of_many_lines() {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    let more = json!({
        "variant": "1", "location": "1", "quantity": "1000", "reason": "", "key": "",
    });
    stage.done("sam", "marketplace", "add-stock", more);
    let line = json!({"variant": "1", "location": "1", "quantity": 1});
    let order = json!({
        "asset": "EUR", "lines": vec![line; 16], "total-max": "16000",
        "terms": [{"store": "1", "version": 1}], "settings-version": 1, "destination": null,
        "reference": "", "key": "",
    });
    for id in 1..=32 {
        let emitted = events(&mut stage, "alice", "marketplace", "place-order", order.clone());
        assert_eq!(emitted, 2, "the hold and the order");
        let id = id.to_string();
        stage.done("sam", "marketplace", "accept-order", json!({"sub-order": id}));
        let shipment = json!({
            "sub-order": id, "lines": [{"line": 0, "quantity": 1}], "carrier": "Fast",
            "carrier-account": null, "tracking": "", "key": "",
        });
        stage.done("sam", "marketplace", "ship-order", shipment);
        let delivery = json!({"sub-order": id, "shipment": 1, "proof": document()});
        stage.done("sam", "marketplace", "record-delivery", delivery);
    }
    stage.time_ms += 20_000;
    let emitted = events(&mut stage, "till", "marketplace", "advance-due", json!({"limit": 32}));
    expect!["128"].assert_eq(&emitted.to_string());
}

/// Milestones that nobody reviewed are paid, with the platform's fee; their contracts are over.
#[test]
fn what_is_due_of_jobs() {
    let mut stage = Stage::funded(&["wallet", "jobs"]);
    for number in 1..=4 {
        let (_, milestones) = hire_for(&mut stage, number, 8);
        for milestone in milestones {
            let named = json!({"milestone": milestone, "key": ""});
            stage.done("alice", "jobs", "fund-milestone", named);
            let work = json!({"milestone": milestone, "deliverable": document()});
            stage.done("bob", "jobs", "submit-milestone", work);
        }
    }
    // The postings are over by now, and come before the milestones.
    stage.time_ms += 10_000;
    let emitted = events(&mut stage, "till", "jobs", "advance-due", json!({"limit": 32}));
    expect!["132"].assert_eq(&emitted.to_string());
}

#[test]
fn the_end_of_a_contract_with_ten_milestones() {
    let mut stage = Stage::funded(&["wallet", "jobs"]);
    let (contract, milestones) = hire_for(&mut stage, 1, 10);
    for milestone in milestones {
        let named = json!({"milestone": milestone, "key": ""});
        stage.done("alice", "jobs", "fund-milestone", named);
    }
    let proposed = json!({"contract": contract, "to-client": 5000});
    stage.done("alice", "jobs", "propose-cancellation", proposed);
    let accepted = json!({"contract": contract, "to-client": 5000, "key": ""});
    let emitted = events(&mut stage, "bob", "jobs", "accept-cancellation", accepted);
    expect!["42"].assert_eq(&emitted.to_string());
}

/// A policy counts each line of a batch.
#[test]
fn a_batch_of_transfers() {
    let mut stage = Stage::funded(&["wallet"]);
    let policy = json!({
        "daily-limit": "1000000", "payees": [], "tiers": [], "notice-ms": "0",
    });
    stage.done("alice", "wallet", "set-policy", json!({"asset": "EUR", "policy": policy}));
    let line = |place: usize| {
        let to = format!("@crowd-{}", place % CROWD);
        json!({"to": to, "asset": "EUR", "amount": "1", "reference": "x".repeat(140)})
    };
    let batch = json!({"lines": (0..64).map(line).collect::<Vec<_>>(), "key": "k"});
    let emitted = events(&mut stage, "alice", "wallet", "batch-transfer", batch);
    expect!["128"].assert_eq(&emitted.to_string());
    assert_eq!(stage.balance("alice"), (999_936, 0));
}

#[test]
fn what_is_due_of_the_wallet() {
    let mut stage = Stage::funded(&["wallet"]);
    for number in 0..32 {
        let request = json!({
            "payer": "@bob", "asset": "EUR", "amount": "1", "partial-allowed": true, "due-ms": "2000",
            "reference": number.to_string(), "document": null, "key": "",
        });
        stage.done("alice", "wallet", "request-payment", request);
    }
    stage.time_ms += LATER_MS;
    let emitted = events(&mut stage, "till", "wallet", "advance-due", json!({"limit": 32}));
    assert_eq!(emitted, 32);
    let due = stage.done("till", "wallet", "list-due", json!({"after": null, "limit": 100}));
    assert_eq!(due, json!({"due": [], "next": null}));
}
