//! Nodes that reach the same block in different ways agree on its result.

use std::sync::Arc;

use ehb_state::Overlay;
use ehb_types::Block;
use serde_json::json;

use super::{
    ALICE, BOB, GAS, Ledger, VERSION_2, compiled, released_again, secret, success, upgrade,
};
use crate::{Engine, Execution, Executor, Library, Parent, completed_uploads, load_modules};

/// A ledger whose tally is 7 and can be upgraded to two other versions, and a block that upgrades it to the
/// first and continues.
fn ready() -> (Ledger, [Block; 3]) {
    let mut ledger = Ledger::new();
    success(&ledger.run(BOB, &[("tally", "add", json!({ "n": 7 }))]));
    let code = compiled(VERSION_2);
    ledger.bring("tally", &code);
    let adding = ("tally", "add", json!({ "n": 1 }));
    let add = ledger.transaction(BOB, GAS, &[adding]);
    let sequences = ledger.sequences.clone();
    let install = ledger.transaction(ALICE, GAS, &[upgrade("tally", &code)]);
    ledger.sequences.clone_from(&sequences);
    let failing = [upgrade("tally", &code), ("tally", "nothing", json!({}))];
    let fail = ledger.transaction(ALICE, GAS, &failing);
    ledger.sequences.clone_from(&sequences);
    let install = install.sign(&[&secret(ALICE)]);
    let (fail, add) = (fail.sign(&[&secret(ALICE)]), add.sign(&[&secret(BOB)]));
    let blocks = [
        ledger.chain.block(vec![install, add.clone()]),
        ledger.chain.block(vec![fail, add.clone()]),
        ledger.chain.block(vec![add]),
    ];
    (ledger, blocks)
}

/// A node that starts on the ledger's state.
fn started(ledger: &Ledger) -> Executor {
    let modules = load_modules(&Engine::new().unwrap(), &ledger.state()).unwrap();
    Executor::new(Library::new(modules).unwrap())
}

fn execute(executor: &mut Executor, parent: &Parent, block: &Block) -> Execution {
    executor.execute(parent, block).unwrap()
}

#[test]
fn prepared_or_not_started_late_or_with_other_blocks_before() {
    let (mut ledger, blocks) = ready();
    let parent = ledger.chain.parent.clone();
    let expected = blocks.each_ref().map(|block| execute(&mut started(&ledger), &parent, block));
    for execution in &expected {
        success(&execution.receipts[execution.receipts.len() - 1]);
    }

    let mut prepared = started(&ledger);
    prepared
        .library()
        .prepare(&ledger.state(), &super::address(ALICE), &super::name("tally"))
        .unwrap();
    // The blocks in all orders, as if each were executed ahead and discarded except the last.
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [0, 0, 0]] {
        for index in order {
            let executed = execute(&mut prepared, &parent, &blocks[index]);
            assert_eq!(executed, expected[index], "{order:?}");
        }
    }
    // The ledger's own executor has executed the upload itself.
    let own = execute(&mut ledger.chain.executor, &parent, &blocks[0]);
    assert_eq!(own, expected[0]);

    // After the upgrade: nodes that executed it, and one that starts on the state after it.
    ledger.commit(&own);
    prepared.committed(&own.changes);
    let mut late = started(&ledger);
    let add = ledger.transaction(BOB, GAS, &[("tally", "wide-total", json!({}))]);
    let block = ledger.chain.block(vec![add.sign(&[&secret(BOB)])]);
    let parent = ledger.chain.parent.clone();
    let answer = execute(&mut late, &parent, &block);
    assert_eq!(success(&answer.receipts[0]), [8u64.to_le_bytes()]);
    for executor in [&mut prepared, &mut ledger.chain.executor] {
        assert_eq!(execute(executor, &parent, &block), answer);
    }
}

#[test]
fn completed_code_is_reported_once_for_preparation() {
    let mut ledger = Ledger::new();
    let code = released_again(&compiled(VERSION_2));
    let mut whole = Vec::new();
    for part in super::store_calls("tally", &code) {
        let transaction = ledger.transaction(ALICE, GAS, &[part]);
        let execution = ledger.try_block(&[(ALICE, transaction)]);
        whole.push(completed_uploads(&execution.changes));
        ledger.commit(&execution);
    }
    let (last, others) = whole.split_last().unwrap();
    assert!(others.iter().all(Vec::is_empty));
    assert_eq!(*last, [(super::address(ALICE), super::name("tally"))]);
    let transaction = ledger.transaction(ALICE, GAS, &[upgrade("tally", &code)]);
    let execution = ledger.try_block(&[(ALICE, transaction)]);
    assert_eq!(completed_uploads(&execution.changes), [], "a used upload is no upload");
}

/// The set of modules of a state is found again, and belongs to no other state.
#[test]
fn a_library_serves_many_states() {
    let mut ledger = Ledger::new();
    let library = ledger.chain.executor.library().clone();
    let mut states = vec![ledger.chain.parent.state.clone()];
    let mut code = compiled(VERSION_2);
    for _ in 0..6 {
        ledger.bring("tally", &code);
        success(&ledger.run(ALICE, &[upgrade("tally", &code)]));
        states.push(ledger.chain.parent.state.clone());
        code = released_again(&code);
    }
    for state in states.iter().chain(states.iter().rev()) {
        let state = Overlay::new(Arc::clone(state));
        let modules = library.modules(&state).unwrap();
        let installed = ehb_kernel::chain::modules(&state).unwrap();
        let found = modules.iter().map(|it| (it.name().clone(), it.code_hash()));
        let expected = installed.into_iter().map(|(name, module)| (name, module.code));
        assert!(found.eq(expected));
    }
}
