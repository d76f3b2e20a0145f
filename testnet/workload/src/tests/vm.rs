//! The wallet's component as the node runs it.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::stage::{Answer, Stage};

/// The gas limit of a call here, far above its cost: another compiler's code costs another amount.
const CALL_GAS_MAX: u64 = 100_000;
const TRANSFER_GAS_MAX: u64 = 40_000;

/// A call of the wallet.
fn call(stage: &mut Stage, sender: &str, function: &str, arguments: Value) -> Answer {
    stage.call(sender, "wallet", function, arguments)
}

fn check(answer: Answer, expected: Expect) {
    let mut shown = match &answer.result {
        Ok(value) | Err(value) => format!("{value}\n"),
    };
    for event in answer.events {
        shown.push_str(&format!("{event}\n"));
    }
    expected.assert_eq(&shown);
    assert!(answer.gas < CALL_GAS_MAX, "{} gas", answer.gas);
}

#[test]
fn the_wallet_runs_in_the_vm() {
    let mut stage = Stage::new(&["wallet"]);
    let eur = json!({"asset": "EUR", "name": "Euro", "decimals": 2, "issuer": "@bank"});
    check(
        call(&mut stage, "bank", "create-asset", eur),
        expect![[r#"
        null
        {"asset-created":{"decimals":2,"id":"EUR","issuer":"@bank","name":"Euro","terms":{"freezable":false,"kind":"issued","supply":"unlimited"}}}
    "#]],
    );
    let mint = json!({"asset": "EUR", "to": "@alice", "amount": "1000"});
    check(
        call(&mut stage, "bank", "mint", mint),
        expect![[r#"
        null
        {"minted":{"account":"@alice","amount":"1000","asset":"EUR"}}
    "#]],
    );
    let pay = |amount: &str| json!({"to": "@bob", "asset": "EUR", "amount": amount});
    check(
        call(&mut stage, "alice", "transfer", pay("300")),
        expect![[r#"
        null
        {"transferred":{"amount":"300","asset":"EUR","from":"@alice","reference":null,"to":"@bob"}}
    "#]],
    );
    check(
        call(&mut stage, "alice", "transfer", pay("701")),
        expect![[r#"
        {"insufficient-balance":{"asset":"EUR","available":"700","needed":"701"}}
    "#]],
    );
    let hold = json!({
        "asset": "EUR",
        "amount": "500",
        "payee": "@bob",
        "controller": null,
        "expires-ms": "5000",
        "reference": "order 7",
    });
    check(
        call(&mut stage, "alice", "place-hold", hold),
        expect![[r#"
        "1"
        {"hold-placed":{"amount":"500","asset":"EUR","controller":"@alice","expires-ms":"5000","id":"1","payee":"@bob","payer":"@alice","reference":"order 7","remaining":"500"}}
    "#]],
    );
    let part = json!({"hold": "1", "to": "@bob", "amount": "200"});
    check(
        call(&mut stage, "alice", "pay-out", part),
        expect![[r#"
        null
        {"hold-paid":{"amount":"200","hold":"1","remaining":"300","to":"@bob"}}
    "#]],
    );
    let page = json!({"payer": "@alice", "after": null, "limit": 10});
    check(
        call(&mut stage, "alice", "list-holds", page),
        expect![[r#"
        {"holds":[{"amount":"500","asset":"EUR","controller":"@alice","expires-ms":"5000","id":"1","payee":"@bob","payer":"@alice","reference":"order 7","remaining":"300"}],"next":null}
    "#]],
    );
    let page = json!({"account": "@alice", "after": null, "limit": 10});
    check(
        call(&mut stage, "alice", "list-balances", page),
        expect![[r#"
        {"balances":[{"asset":"EUR","available":"200","held":"300"}],"next":null}
    "#]],
    );
}

/// A call's cost is part of every receipt, so it must not depend on earlier calls.
#[test]
fn a_transfer_costs_the_same_each_time() {
    let mut stage = Stage::new(&["wallet"]);
    let eur = json!({"asset": "EUR", "name": "Euro", "decimals": 2, "issuer": "@bank"});
    call(&mut stage, "bank", "create-asset", eur);
    call(&mut stage, "bank", "mint", json!({"asset": "EUR", "to": "@alice", "amount": "1000"}));
    let pay = json!({"to": "@bob", "asset": "EUR", "amount": "1"});
    call(&mut stage, "alice", "transfer", pay.clone());
    let first = call(&mut stage, "alice", "transfer", pay.clone()).gas;
    assert!(first < TRANSFER_GAS_MAX, "{first} gas");
    for _ in 0..20 {
        let gas = call(&mut stage, "alice", "transfer", pay.clone()).gas;
        assert_eq!(gas, first);
    }
}
