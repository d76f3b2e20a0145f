//! Each module's main story, with the components that ship, as the node runs them.

use expect_test::expect;
use serde_json::json;

use super::scenes::{hire, open_programme, open_shop};
use super::stage::{Stage, number};
use crate::play::{document, order};

#[test]
fn an_order_is_placed_shipped_confirmed_and_paid() {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    let placed = stage.done("alice", "marketplace", "place-order", order(2));
    assert_eq!(placed, "1");
    assert_eq!(stage.balance("alice"), (998_000, 2_000));

    let shipment = json!({
        "sub-order": "1",
        "pieces": [{"line": 0, "quantity": 2}],
        "carrier": "Fast",
        "carrier-account": "@fast",
        "tracking": "F-1",
        "key": "",
    });
    stage.done("sam", "marketplace", "accept-order", json!({"sub-order": "1"}));
    let shipment = stage.done("sam", "marketplace", "ship-order", shipment);
    let delivery = json!({"sub-order": "1", "shipment": shipment, "proof": document()});
    stage.done("fast", "marketplace", "record-delivery", delivery);
    stage.done("alice", "marketplace", "confirm-order", json!({"sub-order": "1", "key": ""}));

    assert_eq!(stage.balance("alice"), (998_000, 0));
    assert_eq!(stage.balance("till"), (1_950, 0));
    assert_eq!(stage.balance("plat"), (50, 0));
    let ended = stage.done("alice", "marketplace", "get-sub-order", json!({"sub-order": "1"}));
    assert_eq!(ended["state"], "completed");
}

#[test]
fn a_store_that_does_not_answer_loses_the_order() {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    stage.done("alice", "marketplace", "place-order", order(2));
    stage.time_ms += 10_000;
    // Bob has nothing to do with it: anyone may say what silence means.
    stage.done("bob", "marketplace", "advance", json!({"sub-order": "1"}));
    assert_eq!(stage.balance("alice"), (1_000_000, 0));
}

/// The wallet's refusal comes through the module that called it, typed, and nothing of the call stays.
#[test]
fn a_buyer_without_the_money_reserves_nothing() {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    let all = json!({"to": "@bob", "asset": "EUR", "amount": "999999"});
    stage.done("alice", "wallet", "transfer", all);
    let refused = stage.call("alice", "marketplace", "place-order", order(1)).result;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("insufficient-balance"), "{error}");
    let stock = json!({"variant": "1", "location": "1"});
    let stock = stage.done("alice", "marketplace", "get-stock", stock);
    assert_eq!((number(&stock["available"]), number(&stock["reserved"])), (100, 0));
}

#[test]
fn a_job_is_posted_funded_submitted_approved_and_paid() {
    let mut stage = Stage::funded(&["wallet", "jobs"]);
    let (contract, milestone) = hire(&mut stage);
    let named = json!({"milestone": milestone});
    let keyed = json!({"milestone": milestone, "key": ""});
    stage.done("alice", "jobs", "fund-milestone", keyed.clone());
    assert_eq!(stage.balance("alice"), (995_000, 5_000));
    let work = json!({"milestone": milestone, "deliverable": document()});
    stage.done("bob", "jobs", "submit-milestone", work);
    stage.done("alice", "jobs", "approve-milestone", named);
    stage.done("alice", "jobs", "release-milestone", keyed);

    assert_eq!(stage.balance("alice"), (995_000, 0));
    assert_eq!(stage.balance("bob"), (1_004_875, 0));
    assert_eq!(stage.balance("plat"), (125, 0));
    let ended = stage.done("alice", "jobs", "get-contract", json!({"contract": contract}));
    assert_eq!(ended["state"], "completed");
    let attested = json!({"subject": "@bob", "organisation": "acme", "kind": "painter"});
    assert_eq!(stage.done("alice", "jobs", "has-attestation", attested), false);
}

#[test]
fn credits_are_bought_used_settled_and_listed() {
    let mut stage = Stage::funded(&["wallet", "credit"]);
    let programme = open_programme(&mut stage);
    let purchase = json!({
        "programme": programme, "account": null, "credits": "101", "price-max": "51", "key": "order-9",
    });
    let grant = stage.done("alice", "credit", "purchase", purchase.clone());
    assert_eq!(stage.balance("alice"), (999_949, 51));
    assert_eq!(stage.done("alice", "credit", "purchase", purchase), grant, "a repeated call");

    let usage = json!({
        "programme": programme,
        "account": "@alice",
        "item": "gpt",
        "quantity-max": "100",
        "meter": "@fast",
        "window-ms": "60000",
        "reference": "call 7",
        "key": "",
    });
    let usage = stage.done("alice", "credit", "authorise-usage", usage);
    let capture = json!({"usage": usage, "quantity": "50", "key": ""});
    assert_eq!(stage.done("fast", "credit", "capture-usage", capture), "15");
    let receipt = json!({
        "account": "@alice", "item": "gpt", "quantity": "50", "used-ms": "1000", "reference": "r-1",
    });
    let receipts = json!({"programme": programme, "receipts": [receipt]});
    let charged = stage.done("fast", "credit", "deliver-receipts", receipts.clone());
    assert_eq!(charged[0]["charged"]["credits"], "15");
    let repeated = stage.done("fast", "credit", "deliver-receipts", receipts);
    assert_eq!(repeated[0]["duplicate"], charged[0]["charged"]["usage"]);

    let settled = json!({"grant": grant, "key": ""});
    assert_eq!(stage.done("bob", "credit", "settle-purchase", settled.clone()), "15");
    stage.done("alice", "credit", "refund-purchase", settled);
    assert_eq!(stage.balance("alice"), (999_981, 0));
    assert_eq!(stage.balance("cloud"), (19, 0));
    let statement = json!({"programme": programme, "account": "@alice", "month": 197001});
    let statement = stage.done("alice", "credit", "get-statement", statement);
    expect![[r#"{"closing":"0","drawn":"0","granted":"101","lapsed":"0","month":197001,"opening":"0","refunded":"71","revoked":"0","used":"30"}"#]].assert_eq(&statement.to_string());
}
