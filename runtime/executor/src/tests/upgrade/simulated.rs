//! Simulations and reads compile nothing and take no place from what blocks run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ehb_types::{Code, Hash, Outcome};

use super::{
    ALICE, Asked, BOB, GAS, Ledger, VERSION_2, compiled, id, released_again, secret, store_call,
    success, upgrade, with_tally,
};
use crate::{
    CompiledCode, Engine, Executor, GenesisState, InstallError, Library, Simulated, call,
    call_past, load_modules, simulate,
};

/// Keeps nothing, and counts.
#[derive(Default)]
struct Counting(AtomicUsize);

#[expect(unsafe_code, reason = "what is compiled is run")]
// SAFETY: what is returned was made by `compile` for the same key just now.
unsafe impl CompiledCode for Counting {
    fn get_or_compile(
        &self,
        _: &Hash,
        compile: &mut dyn FnMut() -> Result<Vec<u8>, InstallError>,
    ) -> Result<Vec<u8>, InstallError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        compile()
    }
}

/// A ledger whose compiler counts.
fn counted() -> (Ledger, Arc<Counting>) {
    let mut ledger = Ledger::new();
    let counting = Arc::new(Counting::default());
    let engine = Engine::new().unwrap().with_compiled(counting.clone());
    let (genesis, code) = with_tally();
    let first = GenesisState::build(&engine, &genesis, &code).unwrap();
    ledger.chain.executor = Executor::new(Library::new(first.modules).unwrap());
    (ledger, counting)
}

#[test]
fn code_is_neither_uploaded_nor_installed_by_a_simulation() {
    let (mut ledger, counting) = counted();
    let code = compiled(VERSION_2);
    ledger.bring("tally", &code);
    let before = counting.0.load(Ordering::SeqCst);
    let nested =
        [b"\0asm\x0d\0\x01\0".to_vec(), vec![7, 0x81, 0x46, 1], [0x41, 1, 1].repeat(3_000)];
    let asked: [Asked; 3] = [
        upgrade("tally", &code),
        store_call("tally", &code, 0, &code),
        store_call("tally", &nested.concat(), 0, &nested.concat()),
    ];
    for asked in asked {
        // Alice may upgrade, and signs.
        for from in [ALICE, BOB] {
            let transaction = ledger.transaction(from, GAS, std::slice::from_ref(&asked));
            let reads = ledger.chain.executor.library().for_reads();
            let state = ledger.chain.parent.state.clone();
            let receipt = simulate(
                &reads,
                state,
                &ledger.chain.header,
                ledger.chain.header.timestamp_ms,
                Simulated::Signed(transaction.sign(&[&secret(from)]).into()),
            )
            .unwrap();
            let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
            assert_eq!(failure.code, Code::ReadOnly, "{failure:?}");
            assert!(failure.message.contains("submit the transaction"), "{failure:?}");
        }
    }
    assert_eq!(counting.0.load(Ordering::SeqCst), before, "something was compiled");
}

/// A read of a state with code that was not compiled here fails, and compiles nothing.
#[test]
fn a_read_waits_for_the_block_that_compiles() {
    let (mut ledger, counting) = counted();
    let old = ledger.chain.parent.state.clone();
    let code = compiled(VERSION_2);
    ledger.bring("tally", &code);
    let late = ledger.chain.executor.library().clone();
    let upgrading = ledger.transaction(ALICE, GAS, &[upgrade("tally", &code)]);
    // Another node executes the block.
    let (mut other, _) = counted();
    other.chain.parent = ledger.chain.parent.clone();
    other.store = ledger.store.clone();
    let receipts = other.block(&[(ALICE, upgrading)]);
    success(&receipts[0]);

    let before = counting.0.load(Ordering::SeqCst);
    let read = |state| {
        let names = ("tally", "total");
        call(&late.for_reads(), state, &ledger.chain.header, super::address(BOB), names, &[])
    };
    let error = read(other.chain.parent.state.clone()).unwrap_err().to_string();
    assert!(error.contains(&format!("the code {} of the module tally", id(&code))), "{error}");
    assert!(read(old.clone()).is_ok());
    assert_eq!(counting.0.load(Ordering::SeqCst), before, "something was compiled");

    // Once a block has compiled it, reads find it, and never push a block's modules out.
    late.modules(&ehb_state::Overlay::new(other.chain.parent.state.clone())).unwrap();
    assert!(read(other.chain.parent.state.clone()).is_ok());
    let compiled_once = counting.0.load(Ordering::SeqCst);
    for _ in 0..8 {
        read(old.clone()).unwrap();
    }
    late.modules(&ehb_state::Overlay::new(other.chain.parent.state.clone())).unwrap();
    assert_eq!(counting.0.load(Ordering::SeqCst), compiled_once);
}

/// A node that was started after an upgrade: reads of the states before it compile the old module, once, and leave
/// nothing in the cache of compiled code, whose oldest files give way to new ones.
#[test]
fn reads_of_earlier_states_leave_no_compiled_code() {
    let (mut ledger, counting) = counted();
    let old = (ledger.chain.parent.state.clone(), ledger.chain.header.clone());
    let code = compiled(VERSION_2);
    ledger.bring("tally", &code);
    success(&ledger.run(ALICE, &[upgrade("tally", &code)]));
    let state = ledger.state();
    let engine = Engine::new().unwrap().with_compiled(counting.clone());
    let library = Library::new(load_modules(&engine, &state).unwrap()).unwrap();
    let before = counting.0.load(Ordering::SeqCst);
    let reads = library.for_reads();
    let names = ("tally", "total");
    let past = || {
        call_past(&reads, old.0.clone(), &old.1, super::address(BOB), names, &[]).unwrap().output
    };
    let first = past();
    for _ in 0..3 {
        assert_eq!(past(), first);
    }
    assert_eq!(counting.0.load(Ordering::SeqCst), before, "a read used the cache");
    // Blocks go on with their modules, and compile nothing again.
    library.modules(&state).unwrap();
    assert_eq!(counting.0.load(Ordering::SeqCst), before);
    // A block that needs the old modules takes what the read compiled.
    library.modules(&ehb_state::Overlay::new(old.0.clone())).unwrap();
    assert_eq!(counting.0.load(Ordering::SeqCst), before);
}

/// Nodes log what a library said of uploaded code; receipts do not contain it.
#[test]
fn prepared_code_is_refused_with_the_librarys_words_for_the_log() {
    let mut ledger = Ledger::new();
    let floats = compiled(&VERSION_2.replace(
        "(func $stored (result i32)",
        "(func (drop (f64.add (f64.const 1) (f64.const 2)))) (func $stored (result i32)",
    ));
    ledger.bring("tally", &floats);
    let library = ledger.chain.executor.library();
    let refused = library
        .prepare(&ledger.state(), &super::address(ALICE), &super::name("tally"))
        .unwrap()
        .unwrap();
    let said = refused.detail().unwrap();
    assert!(said.contains("floating-point"), "{said}");
    assert!(!refused.to_string().contains(said));
    let good = released_again(&compiled(VERSION_2));
    ledger.bring("tally", &good);
    let library = ledger.chain.executor.library();
    assert_eq!(
        library.prepare(&ledger.state(), &super::address(ALICE), &super::name("tally")).unwrap(),
        None
    );
}
