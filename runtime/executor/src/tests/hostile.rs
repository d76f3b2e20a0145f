//! Modules that would stop a node if they could, in blocks between honest transactions.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_crypto::{Domain, hash};
use ehb_state::{MemoryStore, StateStore};
use ehb_types::{Call, Code, Genesis, GenesisModule, Hash, Outcome, SignedTransaction};

use super::{ALICE, BOB, Chain, balance, chain_of, code, genesis, name, pay, secret};
use crate::{Engine, GenesisState};

/// A component that exports `ehb:bomb/api` with a function of this name and body.
fn bomb(functions: &[(&str, &str)], rest: &str) -> Vec<u8> {
    let each = |text: &dyn Fn(&str, &str) -> String| -> String {
        functions.iter().map(|(name, body)| text(name, body)).collect()
    };
    let bodies = each(&|name, body| format!(r#"(func ${name} (export "{name}") {body})"#));
    let lifted = each(&|name, _| format!(r#"(func ${name} (canon lift (core func $i "{name}")))"#));
    let exported = each(&|name, _| format!(r#"(export "{name}" (func ${name}))"#));
    let text = format!(
        r#"(component
            (core module $m (memory (export "memory") 1) {bodies} {rest})
            (core instance $i (instantiate $m))
            {lifted}
            (instance $api {exported})
            (export "ehb:bomb/api@1.0.0" (instance $api)))"#
    );
    wat::parse_str(text).unwrap()
}

/// The genesis of the other tests, with another module.
fn with_module(module: Vec<u8>) -> (Genesis, BTreeMap<Hash, Vec<u8>>) {
    let (mut genesis, mut code) = (genesis(), code());
    let id = hash(Domain::ModuleCode, &module);
    genesis.modules.push(GenesisModule { name: name("bomb"), code: id });
    code.insert(id, module);
    (genesis, code)
}

/// A transaction of Alice's that calls the module.
fn ignite(chain: &Chain, sequence: u64, function: &str) -> SignedTransaction {
    let mut transaction = chain.transaction(ALICE, sequence, &[pay(BOB, 1)]).transaction;
    transaction.calls.push(Call {
        module: name("bomb"),
        function: name(function),
        arguments: vec![],
    });
    transaction.sign(&[&secret(ALICE)])
}

#[test]
fn hostile_modules_fail_alone_and_are_undone() {
    let rows = [
        ("spin", "(loop $again (br $again))", Code::OutOfGas),
        ("swallow", "(loop $again (drop (memory.grow (i32.const 1))) (br $again))", Code::OutOfGas),
        ("recurse", "(call $recurse)", Code::Trap),
        ("reach", "(drop (i32.load (i32.const -8)))", Code::Trap),
        ("divide", "(drop (i32.div_u (i32.const 1) (i32.const 0)))", Code::Trap),
        ("stop", "(unreachable)", Code::Trap),
    ];
    let (genesis, code) = with_module(bomb(&rows.map(|(name, body, _)| (name, body)), ""));
    let mut chain = chain_of(&genesis, &code);
    let mut transactions = Vec::new();
    for (index, (function, _, _)) in (0u64..).zip(&rows) {
        transactions.push(chain.transaction(ALICE, 2 * index, &[pay(BOB, 10)]));
        transactions.push(ignite(&chain, 2 * index + 1, function));
    }
    let block = chain.block(transactions);
    chain.check(&block).unwrap();
    let execution = chain.executor.execute(&chain.parent, &block).unwrap();
    for ((function, _, expected), receipts) in rows.iter().zip(execution.receipts.chunks(2)) {
        assert!(matches!(receipts[0].outcome, Outcome::Success(_)), "before {function}");
        let Outcome::Failure(failure) = &receipts[1].outcome else { panic!("{function}") };
        assert_eq!(failure.code, *expected, "{function}: {}", failure.message);
        assert_eq!(failure.call, Some(1), "{function}");
        assert!(receipts[1].events.is_empty(), "{function}");
        assert!(receipts[1].gas_used <= 1_000_000, "{function}");
    }
    let mut store = MemoryStore::default();
    store.apply(&GenesisState::build(&Engine::new().unwrap(), &genesis, &code).unwrap().changes);
    store.apply(&execution.changes);
    let store: Arc<dyn StateStore> = Arc::new(store);
    assert_eq!(balance(&chain, store, &block.header, BOB), 60, "only the honest ones paid");

    // Another node comes to the same, in all bytes.
    let mut other = chain_of(&genesis, &code);
    assert_eq!(other.executor.execute(&other.parent, &block).unwrap(), execution);
}

#[test]
fn a_genesis_with_a_module_that_may_not_be_is_refused() {
    let float = "(drop (f64.add (f64.const 1) (f64.const 2)))";
    let start = "(func $begin (unreachable)) (start $begin)";
    let rows = [
        (bomb(&[("run", float)], ""), "float"),
        (bomb(&[("run", "")], start), "start function"),
        (bomb(&[("run", "")], r#"(memory (export "more") 70000)"#), "memor"),
        (b"\0asm\x0d\0\x01\0garbage".to_vec(), "not a valid module"),
        (vec![], "not a valid module"),
    ];
    for (index, (module, reason)) in rows.into_iter().enumerate() {
        let (genesis, code) = with_module(module);
        let built = GenesisState::build(&Engine::new().unwrap(), &genesis, &code);
        let Err(error) = built else { panic!("row {index} is accepted") };
        let text = error.to_string();
        assert!(text.contains(reason) && text.contains("bomb"), "row {index}: {text}");
    }
}
