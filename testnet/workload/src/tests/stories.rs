//! Each module's main story, with the components that ship, as the node runs them.

use expect_test::expect;
use serde_json::{Value, json};

use super::random::check_books;
use super::scenes::{hire, open_programme, open_shop};
use super::stage::{Stage, number};
use crate::opening::settings;
use crate::{Step, document, functions, mint, order};

#[test]
fn an_order_is_placed_shipped_confirmed_and_paid() {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    let placed = stage.done("alice", "marketplace", "place-order", order(2));
    assert_eq!(placed, "1");
    assert_eq!(stage.balance("alice"), (998_000, 2_000));

    let shipment = json!({
        "sub-order": "1",
        "lines": [{"line": 0, "quantity": 2}],
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
    // Bob is no party to it: anyone may call the timeout.
    stage.done("bob", "marketplace", "advance", json!({"item": {"kind": "sub-order", "id": "1"}}));
    assert_eq!(stage.balance("alice"), (1_000_000, 0));
}

/// `list-due` has the sub-order of a dispute, and steps advance it by either kind.
#[test]
fn a_due_dispute_of_the_marketplace_is_advanced_as_itself() {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    stage.done("alice", "marketplace", "place-order", order(2));
    stage.done("sam", "marketplace", "accept-order", json!({"sub-order": "1"}));
    let claim = json!({"sub-order": "1", "to-payer": 2_500, "reason": "why", "key": ""});
    stage.done("alice", "marketplace", "open-dispute", claim);
    stage.time_ms += 60_000;
    let kind = functions().position(|it| it == ("marketplace", "advance")).unwrap();
    for (amount, kind_of_item) in [(3, "dispute"), (0, "sub-order")] {
        let Ok(call) = Step { kind, who: 1, id: 0, amount }.call(&mut stage);
        let call = call.unwrap();
        assert_eq!(call.arguments, json!({"item": {"kind": kind_of_item, "id": "1"}}));
        let mut stage = stage.fork();
        stage.all([call]);
        let found = stage.done("till", "marketplace", "get-dispute", json!({"dispute": "1"}));
        assert_ne!(found["state"], "open", "{kind_of_item}");
    }
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
    stage.done("alice", "jobs", "pay-milestone", keyed);

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
    let grant = stage.done("alice", "credit", "purchase-credits", purchase.clone());
    assert_eq!(stage.balance("alice"), (999_949, 51));
    assert_eq!(
        stage.done("alice", "credit", "purchase-credits", purchase),
        grant,
        "a repeated call"
    );

    let usage = json!({
        "programme": programme,
        "account": "@alice",
        "service": "gpt",
        "quantity-max": "100",
        "meter": "@fast",
        "capture-window-ms": "60000",
        "reference": "call 7",
        "key": "",
    });
    let usage = stage.done("alice", "credit", "authorise-usage", usage);
    let capture = json!({"usage": usage, "quantity": "50", "key": ""});
    assert_eq!(stage.done("fast", "credit", "capture-usage", capture), "15");
    let report = json!({
        "account": "@alice", "service": "gpt", "quantity": "50", "used-ms": "1000", "reference": "r-1",
    });
    let reports = json!({"programme": programme, "reports": [report]});
    let charged = stage.done("fast", "credit", "report-usage", reports.clone());
    assert_eq!(charged[0]["charged"]["credits"], "15");
    let repeated = stage.done("fast", "credit", "report-usage", reports);
    assert_eq!(repeated[0]["duplicate"], charged[0]["charged"]["usage"]);

    let settled = json!({"grant": grant, "key": ""});
    assert_eq!(stage.done("bob", "credit", "settle-purchase", settled.clone()), "15");
    stage.done("alice", "credit", "refund-purchase", settled);
    assert_eq!(stage.balance("alice"), (999_981, 0));
    assert_eq!(stage.balance("cloud"), (19, 0));
    let statement = json!({"programme": programme, "account": "@alice", "month": 197001});
    let statement = stage.done("alice", "credit", "get-statement", statement);
    expect![[r#"{"closing":"0","credit-line-used":"0","expired":"0","granted":"101","month":197001,"opening":"0","refunded":"71","revoked":"0","used":"30"}"#]].assert_eq(&statement.to_string());
}

/// Alice accepts a credit line, which is billed every two hours. Returns the line.
fn lend(stage: &mut Stage, programme: &Value) -> Value {
    let terms = json!({
        "limit": "100", "asset": "EUR", "price": "1", "per": "2", "cycle": {"span": "7200000"},
        "payment-window-ms": "3600000", "grace-period-ms": "3600000", "term-ms": "86400000",
    });
    let offer = json!({
        "programme": programme, "account": "@alice", "terms": terms, "offer-window-ms": "3600000", "key": "",
    });
    let line = stage.done("cloud", "credit", "offer-credit-line", offer);
    stage.done("alice", "credit", "accept-credit-line", json!({"credit-line": line}));
    line
}

/// Alice used this quantity now.
fn use_now(stage: &mut Stage, programme: &Value, quantity: &str) -> Value {
    let used_ms = stage.time_ms.to_string();
    let report = json!({
        "account": "@alice", "service": "gpt", "quantity": quantity, "used-ms": used_ms,
        "reference": format!("r-{used_ms}"),
    });
    let reports = json!({"programme": programme, "reports": [report]});
    stage.done("fast", "credit", "report-usage", reports)
}

/// The invariants hold after each step of a line's life: drawn, billed, paid in part, missed, written off
/// while a usage still holds some of it, and charged once more.
#[test]
pub(super) fn a_line_is_drawn_billed_missed_and_written_off() -> Stage {
    const HOUR_MS: u64 = 3_600_000;
    let mut stage = Stage::funded(&["wallet", "credit"]);
    let programme = open_programme(&mut stage);
    let line = lend(&mut stage, &programme);
    let charged = use_now(&mut stage, &programme, "50");
    assert_eq!(charged[0]["charged"]["credits"], "15");
    check_books(&mut stage);
    stage.time_ms += 2 * HOUR_MS;
    let limit = json!({"limit": 32});
    stage.done("till", "credit", "advance-due", limit.clone());
    check_books(&mut stage);
    stage.done("bob", "credit", "pay-bill", json!({"bill": "1", "amount": "7", "key": ""}));
    let usage = json!({
        "programme": programme, "account": "@alice", "service": "gpt", "quantity-max": "100",
        "meter": "@fast", "capture-window-ms": "36000000", "reference": "", "key": "",
    });
    let usage = stage.done("alice", "credit", "authorise-usage", usage);
    use_now(&mut stage, &programme, "10");
    check_books(&mut stage);
    for expected in ["delinquent", "written-off"] {
        stage.time_ms += HOUR_MS;
        stage.done("till", "credit", "advance-due", limit.clone());
        let found = stage.done("till", "credit", "get-credit-line", json!({"credit-line": line}));
        assert_eq!(found["state"], expected);
        check_books(&mut stage);
    }
    let capture = json!({"usage": usage, "quantity": "20", "key": ""});
    stage.done("fast", "credit", "capture-usage", capture);
    let found = stage.done("till", "credit", "get-credit-line", json!({"credit-line": line}));
    assert_eq!((number(&found["held"]), number(&found["written-off"])), (0, 15 + 3 + 6));
    check_books(&mut stage);
    stage
}

/// A dispute that nobody settles: evidence, an offer, arbitration and an appeal. `parties` are payer and payee.
fn argue(stage: &mut Stage, module: &str, dispute: &Value, parties: [&str; 2]) {
    let [payer, payee] = parties;
    let keyed = json!({"dispute": dispute, "key": ""});
    stage.done(payee, module, "respond-to-dispute", json!({"dispute": dispute, "to-payer": 5_000}));
    for party in parties {
        stage.done(party, module, "finish-phase", json!({"dispute": dispute}));
    }
    let offer = json!({"dispute": dispute, "to-payer": 6_000});
    stage.done(payer, module, "offer-settlement", offer);
    stage.done(payer, module, "request-arbitration", keyed.clone());
    stage.done(payee, module, "join-arbitration", keyed);
    let ruling = json!({"dispute": dispute, "to-payer": 2_500, "reasons": null, "key": ""});
    assert!(ruled(stage, module, &ruling));
    let appeal = json!({"dispute": dispute, "reason": "why", "key": ""});
    stage.done(payer, module, "appeal-ruling", appeal);
    assert!(ruled(stage, module, &ruling), "the other arbiter rules on the appeal");
    stage.time_ms += 60_000;
    stage.done("till", module, "advance-due", json!({"limit": 32}));
    let found = stage.done("till", module, "get-dispute", json!({"dispute": dispute}));
    assert_eq!(found["state"], "final");
    check_books(stage);
}

/// Whether the arbiter to whom the dispute is assigned ruled.
fn ruled(stage: &mut Stage, module: &str, ruling: &Value) -> bool {
    ["judge", "bench"]
        .iter()
        .any(|arbiter| stage.call(arbiter, module, "rule-dispute", ruling.clone()).result.is_ok())
}

fn register_arbiters(stage: &mut Stage, module: &str) {
    for arbiter in ["judge", "bench"] {
        let registered = json!({"account": format!("@{arbiter}"), "registered": true});
        stage.done(arbiter, module, "set-arbiter", registered);
    }
}

#[test]
pub(super) fn disputes_about_orders_are_argued_ruled_and_appealed() -> Stage {
    let mut stage = Stage::funded(&["wallet", "marketplace"]);
    open_shop(&mut stage);
    register_arbiters(&mut stage, "marketplace");
    stage.all([mint("sam", 1_000)]);
    // An arbiter's fee, for which both parties pay a deposit.
    let mut settings = settings(250, 60_000);
    settings["disputes"]["fee"] = 200.into();
    stage.done("admin", "marketplace", "set-settings", json!({"settings": settings}));
    stage.time_ms += 60_000;
    let mut agreed = order(2);
    agreed["settings-version"] = 2.into();
    stage.done("alice", "marketplace", "place-order", agreed);
    stage.done("sam", "marketplace", "accept-order", json!({"sub-order": "1"}));
    let claim = json!({"sub-order": "1", "to-payer": 2_500, "reason": "why", "key": ""});
    stage.done("alice", "marketplace", "open-dispute", claim);
    argue(&mut stage, "marketplace", &json!("1"), ["alice", "sam"]);
    stage
}

#[test]
pub(super) fn disputes_about_milestones_are_argued_ruled_and_appealed() -> Stage {
    let mut stage = Stage::funded(&["wallet", "jobs"]);
    register_arbiters(&mut stage, "jobs");
    let (_, milestone) = hire(&mut stage);
    stage.done("alice", "jobs", "fund-milestone", json!({"milestone": milestone, "key": ""}));
    let work = json!({"milestone": milestone, "deliverable": document()});
    stage.done("bob", "jobs", "submit-milestone", work);
    let claim = json!({"milestone": milestone, "to-payer": 2_500, "reason": "why", "key": ""});
    let dispute = stage.done("alice", "jobs", "open-dispute", claim);
    argue(&mut stage, "jobs", &dispute, ["alice", "bob"]);
    stage
}

/// Both parties commit to their scores before either is known.
#[test]
pub(super) fn ratings_are_committed_and_revealed() -> Stage {
    let mut stage = Stage::funded(&["wallet", "jobs"]);
    let (contract, milestone) = hire(&mut stage);
    let keyed = json!({"milestone": milestone, "key": ""});
    stage.done("alice", "jobs", "fund-milestone", keyed.clone());
    let work = json!({"milestone": milestone, "deliverable": document()});
    stage.done("bob", "jobs", "submit-milestone", work);
    stage.done("alice", "jobs", "approve-milestone", json!({"milestone": milestone}));
    stage.done("alice", "jobs", "pay-milestone", keyed);
    let salt = "5a17".repeat(16);
    let rating =
        |score: u8| json!({"contract": contract, "score": score, "comment": "", "salt": salt});
    let parties = [("alice", "client", 4), ("bob", "contractor", 5)];
    for (who, by, score) in parties {
        let mut of = rating(score);
        of["by"] = by.into();
        let commitment = stage.done(who, "jobs", "rating-commitment", of);
        let committed = json!({"contract": contract, "commitment": commitment});
        stage.done(who, "jobs", "commit-rating", committed);
    }
    for (who, _, score) in parties {
        stage.done(who, "jobs", "reveal-rating", rating(score));
    }
    let found = stage.done("till", "jobs", "get-rating", json!({"contract": contract}));
    assert_eq!(found["state"], "published");
    stage
}

#[test]
pub(super) fn an_issuer_writes_a_delinquent_line_off() -> Stage {
    const HOUR_MS: u64 = 3_600_000;
    let mut stage = Stage::funded(&["wallet", "credit"]);
    let programme = open_programme(&mut stage);
    let named = json!({"credit-line": lend(&mut stage, &programme)});
    use_now(&mut stage, &programme, "50");
    for hours in [2, 1] {
        stage.time_ms += hours * HOUR_MS;
        stage.done("till", "credit", "advance-due", json!({"limit": 32}));
    }
    stage.done("cloud", "credit", "write-off-credit-line", named.clone());
    let found = stage.done("till", "credit", "get-credit-line", named);
    assert_eq!((&found["state"], number(&found["written-off"])), (&json!("written-off"), 15));
    check_books(&mut stage);
    stage
}
