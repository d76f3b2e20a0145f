//! Scheduling of calls when more run at once than the pool has instances for.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{name, probe, run, session};
use crate::engine::{CALLS_AT_ONCE_MAX, CHECKS_AT_ONCE_MAX};
use crate::{Engine, Module, Modules, Session};

/// A deadline after which a test fails.
const LONG: Duration = Duration::from_secs(60);

fn modules(engine: &Engine) -> Modules {
    let module = Module::compile(engine, name("probe"), &probe("", "(local.get $n)")).unwrap();
    Modules::link(engine, vec![module]).unwrap()
}

fn simulated() -> Session {
    Session { simulated: true, ..session() }
}

/// Whether a call ends while all turns of one kind are taken; they are released at the end.
fn ends_while_taken(of_reads: bool, session: fn() -> Session) -> bool {
    let engine = Engine::new().unwrap();
    let modules = modules(&engine);
    let taken: Vec<_> = (0..CALLS_AT_ONCE_MAX).map(|_| engine.permit(of_reads)).collect();
    let (done, ended) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (result, _) = run(&modules, &mut session(), 7);
            done.send(result.is_ok()).unwrap();
        });
        // A waiting call waits forever, so a short check cannot mistake it for one that ends.
        let patience =
            if of_reads == session().simulated { Duration::from_millis(200) } else { LONG };
        let ends = ended.recv_timeout(patience).unwrap_or(false);
        drop(taken);
        ends
    })
}

#[test]
fn simulations_and_blocks_do_not_wait_for_each_other() {
    assert!(ends_while_taken(false, simulated), "a simulation waits for blocks");
    assert!(ends_while_taken(true, session), "a block waits for reads and simulations");
    assert!(!ends_while_taken(true, simulated), "a simulation is bounded with the reads");
    assert!(!ends_while_taken(false, session), "a block is bounded");
}

/// Code is compiled ahead of a block, and a read compiles what an earlier state had installed.
#[test]
fn a_block_that_compiles_waits_for_no_read() {
    let engine = Engine::new().unwrap();
    let _taken = [engine.check_permit(), engine.check_permit()];
    assert_eq!(CHECKS_AT_ONCE_MAX, 3);
    let (done, ended) = mpsc::channel();
    let compiling = engine.clone();
    thread::spawn(move || {
        let code = probe("", "(local.get $n)");
        done.send(Module::compile(&compiling, name("probe"), &code).is_ok()).unwrap();
    });
    assert!(ended.recv_timeout(LONG).unwrap());
}

/// Linking makes an instance of each module: that of a read, for which no turn of a block is used, and that of a
/// block, for which no turn of a read is.
#[test]
fn links_of_reads_and_blocks_do_not_wait_for_each_other() {
    let engine = Engine::new().unwrap();
    for (linking, of_reads) in [(engine.for_reads(), false), (engine.clone(), true)] {
        let taken: Vec<_> = (0..CALLS_AT_ONCE_MAX).map(|_| engine.permit(of_reads)).collect();
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let modules = modules(&linking);
            // A simulated call on them, or one of a block.
            let mut session = if of_reads { session() } else { simulated() };
            done.send(run(&modules, &mut session, 7).0.is_ok()).unwrap();
        });
        assert!(ended.recv_timeout(LONG).unwrap());
        drop(taken);
    }
}
