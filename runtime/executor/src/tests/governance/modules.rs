//! Modules that proposals install, pause, resume and remove.

use ehb_kernel::chain as kernel;

use super::super::modules::{BOOK, GARBAGE, STUBBORN, idle};
use super::super::upgrade::{
    Asked, VERSION_1, VERSION_2, WATCHER, compiled, id, store_call, upgrade,
};
use super::*;
use crate::{DEPLOYER, QueryError, UPGRADER, load_modules};

/// The action that installs what Alice has uploaded.
pub(super) fn install(module: &str, code: &[u8]) -> Value {
    let new = json!({ "module": module, "code": id(code), "by": text(ALICE) });
    json!([{ "install-module": new }])
}

/// A council for which Alice uploads code, with a module that does nothing.
fn council() -> Council {
    let (mut code, bytes) = (code(), idle("idle"));
    let module = GenesisModule { name: name("idle"), code: id(&bytes) };
    code.insert(id(&bytes), bytes);
    Council::with_code(&code, |genesis| {
        genesis.accounts[0].roles.extend([name(DEPLOYER), name(UPGRADER)]);
        genesis.modules.push(module);
    })
}

/// The same, with code that can and that cannot be installed, which the node has compiled where that is possible.
pub(super) fn with_uploads() -> Council {
    let mut council = council();
    let codes = [
        ("tally", compiled(VERSION_1)),
        ("watcher", compiled(WATCHER)),
        ("garbage", GARBAGE.to_vec()),
        ("stubborn", compiled(STUBBORN)),
    ];
    for (module, code) in codes {
        council.ledger.bring(module, &code);
        let library = council.ledger.chain.executor.library();
        library.prepare(&council.ledger.state(), &address(ALICE), &name(module)).unwrap();
    }
    let tally = compiled(VERSION_1);
    success(&council.ledger.run(ALICE, &[store_call("half", &tally, 0, &tally[..100])]));
    council
}

/// A chain with the tally, in which is 7, and its watcher.
fn with_tally() -> Council {
    let mut council = with_uploads();
    let both = [install("tally", &compiled(VERSION_1)), install("watcher", &compiled(WATCHER))];
    assert_eq!(council.pass(all(&both)), ProposalState::Executed);
    success(&council.ledger.run(BOB, &[add(7)]));
    council
}

fn add(n: u32) -> Asked {
    ("tally", "add", json!({ "n": n }))
}

/// The code and the message with which a call of Bob fails.
fn failure(council: &mut Council, call: Asked) -> (Code, String) {
    match council.ledger.run(BOB, &[call]).outcome {
        Outcome::Failure(failure) => (failure.code, failure.message),
        Outcome::Success(results) => panic!("{results:?}"),
    }
}

fn installed(council: &Council) -> Vec<(String, &'static str)> {
    let modules = kernel::modules(&council.ledger.state()).unwrap().into_iter();
    modules.map(|(name, it)| (name.to_string(), it.status().as_str())).collect()
}

#[test]
fn what_was_voted_for_is_installed_and_listed() {
    let council = with_tally();
    let expected = ["idle", "tally", "wallet", "watcher"].map(|it| (it.to_owned(), "active"));
    assert_eq!(installed(&council), expected);
    assert_eq!(council.ledger.read("watcher", "look"), 7);
    let listed = council.read("list-modules", json!({}));
    let tally = json!({ "module": "tally", "code": id(&compiled(VERSION_1)), "status": "active" });
    assert_eq!(listed[1], tally);
}

/// A proposal is tried when it is made. Nothing of that stays, in the state and in what the next call runs.
#[test]
fn what_is_proposed_is_not_installed() {
    let mut council = with_uploads();
    let id = council.propose(ANN, install("tally", &compiled(VERSION_1)));
    assert_eq!(failure(&mut council, ("tally", "total", json!({}))).0, Code::UnknownModule);
    let expected = ["idle", "wallet"].map(|it| (it.to_owned(), "active"));
    assert_eq!(installed(&council), expected);

    // The upload is gone when the proposal is executed: that is its outcome.
    council.accept(id, &[ANN, BEN, CLO]);
    let drop_upload = ("kernel", "drop-upload", json!({ "module": "tally" }));
    success(&council.ledger.run(ALICE, &[drop_upload]));
    council.wait(DAY_MS);
    success(&council.run(SUE, "execute-proposal", number(id)));
    assert_eq!(failed(&council.proposal(id).state), (0, "no-upload"));
}

/// What an action that fails finds installed by an action before it is gone for the calls after the proposal.
#[test]
fn a_failed_proposal_leaves_no_module_behind() {
    let mut council = with_uploads();
    let tally = install("tally", &compiled(VERSION_1));
    let frozen = all(&[tally, freeze(SUE)]);
    let id = council.propose(ANN, frozen);
    council.accept(id, &[ANN, BEN, CLO]);
    council.wait(DAY_MS);
    assert_eq!(council.pass(freeze(SUE)), ProposalState::Executed);
    let execute = ("kernel", "execute-proposal", number(id));
    let total = ("tally", "total", json!({}));
    let calls = council.ledger.transaction(BOB, GAS, &[execute, total]);
    let receipt = council.block(&[(BOB, calls)]).remove(0);
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    assert_eq!((failure.code, failure.call), (Code::UnknownModule, Some(1)));
    success(&council.run(BOB, "execute-proposal", number(id)));
    assert_eq!(failed(&council.proposal(id).state), (1, "wrong-status"));
    let expected = ["idle", "wallet"].map(|it| (it.to_owned(), "active"));
    assert_eq!(installed(&council), expected);
}

#[test]
fn a_paused_module_answers_reads_alone() {
    let mut council = with_tally();
    assert_eq!(council.pass(of_name("pause-module", "tally")), ProposalState::Executed);
    let (code, message) = failure(&mut council, add(1));
    assert_eq!(
        (code, message.as_str()),
        (Code::ModulePaused, "the network paused the module tally")
    );
    let (code, message) = failure(&mut council, ("watcher", "look", json!({})));
    assert_eq!(code, Code::ModulePaused);
    assert_eq!(message, "watcher calls tally, which the network paused");
    assert_eq!(council.ledger.read("tally", "total"), 7);
    assert_eq!(council.ledger.read("watcher", "look"), 7);
    assert_eq!(council.read("list-modules", json!({}))[1]["status"], "paused");
    // The wallet goes on, and a node that starts now knows what is paused.
    let balance = ("wallet", "get-asset", json!({ "asset": "EUR" }));
    success(&council.ledger.run(BOB, &[balance]));
    let late = load_modules(&Engine::new().unwrap(), &council.ledger.state()).unwrap();
    assert_eq!(["tally", "wallet"].map(|it| late.is_paused(it)), [true, false]);

    // It is upgraded, which migrates what it has stored, and stays paused.
    let next = compiled(VERSION_2);
    council.ledger.bring("tally", &next);
    let upgrading = council.ledger.transaction(ALICE, GAS, &[upgrade("tally", &next)]);
    success(&council.block(&[(ALICE, upgrading)])[0]);
    assert_eq!(failure(&mut council, add(1)).0, Code::ModulePaused);
    assert_eq!(council.ledger.read("tally", "wide-total"), "7");

    assert_eq!(council.pass(of_name("resume-module", "tally")), ProposalState::Executed);
    success(&council.ledger.run(BOB, &[add(1), ("watcher", "look", json!({}))]));
    assert_eq!(council.ledger.read("tally", "total"), 8);
}

/// The vote that pauses a module takes effect on the calls after it, in its block and in its transaction.
#[test]
fn a_pause_takes_effect_with_the_vote() {
    let mut council = with_tally();
    let id = council.propose(ANN, of_name("pause-module", "tally"));
    council.accept(id, &[ANN, BEN]);
    let before = council.ledger.transaction(BOB, GAS, &[add(1)]);
    let calls = [("kernel", "vote", vote(id, true)), add(2)];
    let voting = council.ledger.transaction(CLO, GAS, &calls);
    let receipts = council.block(&[(BOB, before), (CLO, voting)]);
    success(&receipts[0]);
    let Outcome::Failure(failure) = &receipts[1].outcome else { panic!("{receipts:?}") };
    assert_eq!((failure.code, failure.call), (Code::ModulePaused, Some(1)));
    assert_eq!(installed(&council)[1].1, "active", "the vote was undone with its transaction");
    let voting = council.transaction(CLO, "vote", vote(id, true));
    let after = council.ledger.transaction(BOB, GAS, &[add(4)]);
    let receipts = council.block(&[(CLO, voting), (BOB, after)]);
    success(&receipts[0]);
    let Outcome::Failure(failure) = &receipts[1].outcome else { panic!("{receipts:?}") };
    assert_eq!(failure.code, Code::ModulePaused);
    assert_eq!(council.ledger.read("tally", "total"), 8);
}

#[test]
fn a_module_is_removed_that_nobody_calls_and_that_stores_nothing() {
    let mut council = with_tally();
    let remove = |module: &str| of_name("remove-module", module);
    assert_eq!(council.refusal(ANN, "propose", proposal(remove("tally"))), "module-imported");
    assert_eq!(council.pass(remove("watcher")), ProposalState::Executed);
    assert_eq!(failure(&mut council, ("watcher", "look", json!({}))).0, Code::UnknownModule);
    let found = kernel::code(&council.ledger.state(), &id(&compiled(WATCHER)));
    assert!(found.is_err(), "its code is deleted");
    // Nobody imports the tally now. But it has stored a number, of which nobody knows what it is.
    assert_eq!(council.refusal(ANN, "propose", proposal(remove("tally"))), "holds-value");
    // The name is not used again.
    let again = store_call("watcher", &compiled(WATCHER), 0, b"x");
    let Outcome::Failure(failure) = council.ledger.run(ALICE, &[again]).outcome else {
        panic!("the name was used again")
    };
    let expected = "no new module can be called \"watcher\"";
    assert!(failure.message.contains(expected), "{failure:?}");
}

#[test]
fn a_module_says_itself_whether_it_holds_value() {
    let mut council = council();
    let book = compiled(BOOK);
    council.ledger.bring("book", &book);
    assert_eq!(council.pass(install("book", &book)), ProposalState::Executed);
    success(&council.ledger.run(BOB, &[("book", "add", json!({ "n": 5 }))]));
    let removal = of_name("remove-module", "book");
    let receipt = council.run(ANN, "propose", proposal(removal.clone()));
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    let expected = "kernel.propose: the module keeps something: book.retire: the numbers in it are \
                    owed to them";
    assert_eq!(failure.message, expected);
    assert_eq!(failure.error.as_ref().unwrap().module.as_str(), "kernel");
    success(&council.ledger.run(BOB, &[("book", "clear", json!({}))]));

    // One of two proposals removes it, the other one finds it gone.
    let [first, second] = [(); 2].map(|()| council.propose(ANN, removal.clone()));
    for id in [first, second] {
        council.accept(id, &[ANN, BEN, CLO]);
    }
    council.wait(DAY_MS);
    let executing = council.transaction(SUE, "execute-proposal", number(first));
    let signed = executing.sign(&[&secret(SUE)]);
    let block = council.ledger.chain.block(vec![signed]);
    let parent = council.ledger.chain.parent.clone();
    let execution = council.ledger.chain.executor.execute(&parent, &block).unwrap();
    let [removed] = &execution.removed[..] else { panic!("{:?}", execution.removed) };
    assert_eq!((removed.index, removed.call, removed.module.as_str()), (0, 0, "book"));
    assert_eq!(execution.installed, []);
    let execute = ("kernel", "execute-proposal", number(first));
    let executing = council.ledger.transaction(BOB, GAS, &[execute]);
    let receipt = council.block(&[(BOB, executing)]).remove(0);
    let events = kernel_events(&council.ledger, &receipt);
    let gone = json!({ "module-changed": { "module": "book", "status": "removed" } });
    assert!(events.contains(&gone), "{events:?}");
    let stored = council.ledger.state().scan(b"m/book/", None, 9).unwrap();
    assert_eq!(stored.len(), 1, "what it has stored stays");
    success(&council.run(BOB, "execute-proposal", number(second)));
    assert_eq!(failed(&council.proposal(second).state), (0, "unknown-module"));
}

/// A read compiles nothing: a node that has not compiled the code says so.
#[test]
fn a_simulation_waits_for_the_node_that_compiles() {
    let mut council = council();
    let tally = compiled(VERSION_1);
    council.ledger.bring("tally", &tally);
    let library = council.ledger.chain.executor.library();
    let simulate = library.kernel().function("simulate-actions").unwrap().clone();
    let actions = json!({ "actions": install("tally", &tally) });
    let arguments = simulate.arguments_from_json(Network::Test, &actions).unwrap();
    let (state, head) = (council.ledger.chain.parent.state.clone(), &council.ledger.chain.header);
    let names = ("kernel", "simulate-actions");
    let answer =
        || call(&library.for_reads(), state.clone(), head, address(BOB), names, &arguments);
    let Err(QueryError::Failed(failure)) = answer() else { panic!("it was compiled") };
    assert_eq!(failure.code, Code::NotReady);
    assert!(failure.message.contains("has not compiled the code"), "{failure:?}");
    library.prepare(&council.ledger.state(), &address(ALICE), &name("tally")).unwrap();
    answer().unwrap();

    // A node that starts now compiles what was uploaded before.
    let modules = load_modules(&Engine::new().unwrap(), &council.ledger.state()).unwrap();
    let restarted = Library::new(modules).unwrap();
    assert_eq!(restarted.prepare_waiting(&council.ledger.state()).unwrap(), []);
    call(&restarted.for_reads(), state.clone(), head, address(BOB), names, &arguments).unwrap();
}
