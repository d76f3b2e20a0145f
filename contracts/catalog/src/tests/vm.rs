//! The components as the node runs them.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_state::{MemoryStore, Overlay, StoreError};
use ehb_types::{Account, Address, GasSchedule, Hash, Name, Network, Policy, PublicKey, Status};
use ehb_vm::{CallError, Context, Engine, Module, Modules, Session};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{CatalogEntry, all};

const BANK: Address = Address([1; 32]);
const ALICE: Address = Address([2; 32]);
const BOB: Address = Address([3; 32]);

/// What a call may cost here, far above what it does: another compiler's code costs another amount.
const CALL_GAS_MAX: u64 = 100_000;
const TRANSFER_GAS_MAX: u64 = 40_000;

/// Everybody's account, with the role of an issuer.
fn account(_: &Overlay, _: &Address) -> Result<Option<Account>, StoreError> {
    Ok(Some(Account {
        policy: Policy::Key(PublicKey([0; 32])),
        organisation: Name::new("acme").unwrap(),
        roles: BTreeSet::from([Name::new("issuer").unwrap()]),
        status: Status::Active,
    }))
}

fn modules() -> Modules {
    let engine = Engine::new().unwrap();
    let compile = |entry: &CatalogEntry| {
        Module::compile(&engine, Name::new(entry.name).unwrap(), entry.code).unwrap()
    };
    let compiled = all().iter().map(compile).collect();
    Modules::link(&engine, compiled).unwrap()
}

/// A chain with nothing but the modules.
struct Stage {
    modules: Modules,
    overlay: Overlay,
}

impl Stage {
    fn new() -> Self {
        Self { modules: modules(), overlay: Overlay::new(Arc::new(MemoryStore::default())) }
    }

    /// Calls a function with arguments by name; gives the result and events as JSON, and the gas.
    fn call(
        &mut self,
        sender: Address,
        function: &str,
        arguments: Value,
    ) -> (Value, Vec<Value>, u64) {
        const GAS: u64 = 10_000_000;
        let interface = self.modules.get("wallet").unwrap().interface().clone();
        let described = interface.function(function).unwrap();
        let arguments = described.arguments_from_json(Network::Test, &arguments).unwrap();
        let context = Context {
            sender,
            height: 1,
            time_ms: 1_000,
            transaction: Hash::ZERO,
            read_only: false,
            gas: GasSchedule::default(),
            accounts: account,
        };
        let mut session = Session::new(self.overlay.clone(), Arc::new(context));
        let mut gas = GAS;
        let result = self.modules.call(&mut session, "wallet", function, &arguments, &mut gas);
        let result = match result {
            Ok(bytes) => described.output_to_json(Network::Test, &bytes).unwrap(),
            Err(CallError::Failed(failure)) => {
                let error = failure.error.unwrap_or_else(|| panic!("{}", failure.message));
                described.error_to_json(Network::Test, &error.data).unwrap()
            }
            Err(other) => panic!("{other:?}"),
        };
        let event = |event: &ehb_types::Event| {
            interface.event_to_json(Network::Test, &event.data).unwrap().unwrap()
        };
        let events = session.events.iter().map(event).collect();
        self.overlay = session.overlay;
        (result, events, GAS - gas)
    }
}

fn text(address: Address) -> String {
    address.to_text(Network::Test)
}

fn check((result, events, gas): (Value, Vec<Value>, u64), expected: Expect) {
    let mut shown = format!("{result}\n");
    for event in events {
        shown.push_str(&format!("{event}\n"));
    }
    for (address, name) in [(BANK, "BANK"), (ALICE, "ALICE"), (BOB, "BOB")] {
        shown = shown.replace(&text(address), name);
    }
    expected.assert_eq(&shown);
    assert!(gas < CALL_GAS_MAX, "{gas} gas");
}

#[test]
fn the_wallet_runs_in_the_vm() {
    let mut stage = Stage::new();
    let eur = json!({"asset": "EUR", "name": "Euro", "precision": 2, "issuer": text(BANK)});
    check(
        stage.call(BANK, "create-asset", eur),
        expect![[r#"
        null
        {"asset-created":{"id":"EUR","issuer":"BANK","name":"Euro","precision":2,"terms":{"freezable":false,"kind":"issued","supply":"unlimited"}}}
    "#]],
    );
    let mint = json!({"asset": "EUR", "to": text(ALICE), "amount": "1000"});
    check(
        stage.call(BANK, "mint", mint),
        expect![[r#"
        null
        {"minted":{"account":"ALICE","amount":"1000","asset":"EUR"}}
    "#]],
    );
    let pay = |amount: &str| json!({"to": text(BOB), "asset": "EUR", "amount": amount});
    check(
        stage.call(ALICE, "transfer", pay("300")),
        expect![[r#"
        null
        {"transferred":{"amount":"300","asset":"EUR","from":"ALICE","reference":null,"to":"BOB"}}
    "#]],
    );
    check(
        stage.call(ALICE, "transfer", pay("701")),
        expect![[r#"
        {"insufficient-balance":{"asset":"EUR","available":"700","needed":"701"}}
    "#]],
    );
    let hold = json!({
        "asset": "EUR",
        "amount": "500",
        "payee": text(BOB),
        "controller": null,
        "expires-ms": "5000",
        "reference": "order 7",
    });
    check(
        stage.call(ALICE, "place-hold", hold),
        expect![[r#"
        "1"
        {"hold-placed":{"amount":"500","asset":"EUR","controller":"ALICE","expires-ms":"5000","id":"1","payee":"BOB","payer":"ALICE","reference":"order 7","remaining":"500"}}
    "#]],
    );
    let part = json!({"hold": "1", "to": text(BOB), "amount": "200"});
    check(
        stage.call(ALICE, "pay-out", part),
        expect![[r#"
        null
        {"hold-paid":{"amount":"200","hold":"1","remaining":"300","to":"BOB"}}
    "#]],
    );
    let page = json!({"payer": text(ALICE), "after": null, "limit": 10});
    check(
        stage.call(ALICE, "list-holds", page),
        expect![[r#"
        {"holds":[{"amount":"500","asset":"EUR","controller":"ALICE","expires-ms":"5000","id":"1","payee":"BOB","payer":"ALICE","reference":"order 7","remaining":"300"}],"next":null}
    "#]],
    );
    let page = json!({"account": text(ALICE), "after": null, "limit": 10});
    check(
        stage.call(ALICE, "list-balances", page),
        expect![[r#"
        {"balances":[{"asset":"EUR","available":"200","held":"300"}],"next":null}
    "#]],
    );
}

/// What a call costs is part of every receipt, so it must not depend on what ran before.
#[test]
fn a_transfer_costs_the_same_each_time() {
    let mut stage = Stage::new();
    let eur = json!({"asset": "EUR", "name": "Euro", "precision": 2, "issuer": text(BANK)});
    stage.call(BANK, "create-asset", eur);
    stage.call(BANK, "mint", json!({"asset": "EUR", "to": text(ALICE), "amount": "1000"}));
    let pay = json!({"to": text(BOB), "asset": "EUR", "amount": "1"});
    stage.call(ALICE, "transfer", pay.clone());
    let (_, _, first) = stage.call(ALICE, "transfer", pay.clone());
    assert!(first < TRANSFER_GAS_MAX, "{first} gas");
    for _ in 0..20 {
        let (_, _, gas) = stage.call(ALICE, "transfer", pay.clone());
        assert_eq!(gas, first);
    }
}
