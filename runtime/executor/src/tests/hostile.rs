//! Hostile modules in blocks between honest transactions.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_crypto::{Domain, hash};
use ehb_state::{MemoryStore, StateStore};
use ehb_types::{Call, Code, Genesis, GenesisModule, Hash, Outcome, SignedTransaction};

use super::{ALICE, BOB, Chain, address, balance, chain_of, code, genesis, name, pay, secret};
use crate::{Engine, GenesisState, QUERY_GAS_MAX, QueryError, call};

mod simulated;

/// A component that exports `ehb:bomb/api` with functions of these names and bodies.
fn bomb(functions: &[(&str, &str)], rest: &str) -> Vec<u8> {
    bomb_with("", functions, rest)
}

/// Like [`bomb`], with imports.
fn bomb_with(imports: &str, functions: &[(&str, &str)], rest: &str) -> Vec<u8> {
    let each = |text: &dyn Fn(&str, &str) -> String| -> String {
        functions.iter().map(|(name, body)| text(name, body)).collect()
    };
    let bodies = each(&|name, body| format!(r#"(func ${name} (export "{name}") {body})"#));
    let lifted = each(&|name, _| format!(r#"(func ${name} (canon lift (core func $i "{name}")))"#));
    let exported = each(&|name, _| format!(r#"(export "{name}" (func ${name}))"#));
    let text = format!(
        r#"(component
            {imports}
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

/// A row: a failing function, with its body, the code, and the message.
const HOSTILE: [(&str, &str, Code, &str); 6] = [
    ("spin", "(loop $again (br $again))", Code::OutOfGas, "the gas ran out"),
    (
        "swallow",
        "(loop $again (drop (memory.grow (i32.const 1))) (br $again))",
        Code::OutOfGas,
        "the gas ran out",
    ),
    (
        "recurse",
        "(call $recurse)",
        Code::Trap,
        "bomb.recurse: its calls nest too deeply, or a division overflowed",
    ),
    (
        "reach",
        "(drop (i32.load (i32.const -8)))",
        Code::Trap,
        "bomb.reach: wasm trap: out of bounds memory access",
    ),
    (
        "divide",
        "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
        Code::Trap,
        "bomb.divide: wasm trap: integer divide by zero",
    ),
    ("stop", "(unreachable)", Code::Trap, "bomb.stop: the module stopped itself"),
];

/// A chain with the module of all these functions.
fn hostile() -> (Genesis, BTreeMap<Hash, Vec<u8>>) {
    with_module(bomb(&HOSTILE.map(|(name, body, ..)| (name, body)), ""))
}

#[test]
fn hostile_modules_fail_without_effect_on_others() {
    let (genesis, code) = hostile();
    let mut chain = chain_of(&genesis, &code);
    let mut transactions = Vec::new();
    for (index, (function, ..)) in (0u64..).zip(&HOSTILE) {
        transactions.push(chain.transaction(ALICE, 2 * index, &[pay(BOB, 10)]));
        transactions.push(ignite(&chain, 2 * index + 1, function));
    }
    let block = chain.block(transactions);
    chain.check(&block).unwrap();
    let execution = chain.executor.execute(&chain.parent, &block).unwrap();
    for ((function, _, expected, reason), receipts) in
        HOSTILE.iter().zip(execution.receipts.chunks(2))
    {
        assert!(matches!(receipts[0].outcome, Outcome::Success(_)), "before {function}");
        let Outcome::Failure(failure) = &receipts[1].outcome else { panic!("{function}") };
        assert_eq!((failure.code, failure.message.as_str()), (*expected, *reason), "{function}");
        assert_eq!((failure.call, &failure.error), (Some(1), &None), "{function}");
        assert!(receipts[1].events.is_empty(), "{function}");
        assert!(receipts[1].gas_used <= 1_000_000, "{function}");
    }
    let mut store = MemoryStore::default();
    store.apply(&GenesisState::build(&Engine::new().unwrap(), &genesis, &code).unwrap().changes);
    store.apply(&execution.changes);
    let store: Arc<dyn StateStore> = Arc::new(store);
    assert_eq!(balance(&chain, store, &block.header, BOB), 60, "only the honest ones paid");

    // Another node computes the same bytes.
    let mut other = chain_of(&genesis, &code);
    assert_eq!(other.executor.execute(&other.parent, &block).unwrap(), execution);
}

#[test]
fn hostile_reads_end_too() {
    let (genesis, code) = hostile();
    let chain = chain_of(&genesis, &code);
    for (function, _, expected, reason) in HOSTILE {
        let (library, state) = (&chain.executor.library().for_reads(), chain.parent.state.clone());
        let names = ("bomb", function);
        let read = call(library, state, &chain.header, address(ALICE), names, &[]);
        let Err(QueryError::Failed(failure)) = read else { panic!("{function}: {read:?}") };
        assert_eq!((failure.code, failure.message.as_str()), (expected, reason), "{function}");
    }

    // The gas of a read is limited: a loop that is slightly too long does not complete.
    let work = |gas: u64| {
        format!(
            "(local $n i64) (local.set $n (i64.const {}))
            (loop $again
              (local.set $n (i64.sub (local.get $n) (i64.const 1)))
              (br_if $again (i64.ne (local.get $n) (i64.const 0))))",
            gas / GAS_OF_A_ROUND
        )
    };
    let (enough, too_much) = (work(QUERY_GAS_MAX / 2), work(QUERY_GAS_MAX * 2));
    let (genesis, code) = with_module(bomb(&[("enough", &enough), ("too-much", &too_much)], ""));
    let chain = chain_of(&genesis, &code);
    let read = |function| {
        let (library, state) = (&chain.executor.library().for_reads(), chain.parent.state.clone());
        call(library, state, &chain.header, address(ALICE), ("bomb", function), &[])
    };
    let answer = read("enough").unwrap();
    assert!((QUERY_GAS_MAX / 4..=QUERY_GAS_MAX).contains(&answer.gas_used), "{answer:?}");
    let Err(QueryError::Failed(failure)) = read("too-much") else { panic!("it came to its end") };
    assert_eq!(failure.code, Code::OutOfGas);
}

/// The cost of a round of the loop: seven instructions, one gas each.
const GAS_OF_A_ROUND: u64 = 7;

#[test]
fn a_genesis_with_an_invalid_module_is_rejected() {
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

/// A row: an unknown import, with its interface, the function, and the error.
#[test]
fn a_genesis_with_an_unknown_import_is_rejected() {
    let rows = [
        (
            "ehb:host/clock@1.0.0",
            r#""now" (func (result u64))"#,
            "the import ehb:host/clock@1.0.0 is unknown: the host has no such interface",
        ),
        (
            "ehb:host/context@1.0.0",
            r#""height" (func (result s64))"#,
            "bomb imports a host function that does not exist",
        ),
        (
            "ehb:bank/api@1.0.0",
            r#""pay" (func)"#,
            "the import ehb:bank/api@1.0.0 is unknown: no module bank is installed",
        ),
        (
            "ehb:wallet/transfers@1.0.0",
            r#""steal" (func)"#,
            "the import ehb:wallet/transfers@1.0.0 is unknown: wallet does not export its steal",
        ),
        (
            "ehb:wallet/transfers@1.0.0",
            r#""transfer" (func)"#,
            "bomb imports ehb:wallet/transfers@1.0.0 transfer as func(), but it is func(to:",
        ),
    ];
    for (interface, function, reason) in rows {
        let import = format!(r#"(import "{interface}" (instance (export {function})))"#);
        let (genesis, code) = with_module(bomb_with(&import, &[("run", "")], ""));
        let built = GenesisState::build(&Engine::new().unwrap(), &genesis, &code);
        let Err(error) = built else { panic!("{interface} {function} is accepted") };
        assert!(error.to_string().contains(reason), "{interface} {function}: {error}");
    }
}
