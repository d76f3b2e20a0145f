//! New modules in a running chain: what an account with the role `deployer` installs, and what is refused.

use ehb_kernel::chain as kernel;
use ehb_kernel::upload::UPLOADS_MAX;
use ehb_types::Receipt;

use super::upgrade::{
    Asked, Ledger, VERSION_1, VERSION_2, WATCHER, compiled, id, install, kernel_events, store_call,
    success, upgrade,
};
use super::*;
use crate::{DEPLOYER, Installation, UPGRADER};

/// A module that has entries from its start on, and says what they are worth.
pub(super) const BOOK: &str = include_str!("tally/book.wat");
/// A module whose start traps.
pub(super) const STUBBORN: &str = r#"(component
    (core module $m (func (export "start") (unreachable)) (func (export "work")))
    (core instance $i (instantiate $m))
    (func $start (canon lift (core func $i "start")))
    (func $work (canon lift (core func $i "work")))
    (instance $api (export "work" (func $work)))
    (instance $upgrade (export "start" (func $start)))
    (export "ehb:stubborn/api@1.0.0" (instance $api))
    (export "ehb:stubborn/upgrade@1.0.0" (instance $upgrade)))"#;
/// The bytes with which a component begins, and nothing that follows them in one.
pub(super) const GARBAGE: &[u8] = b"\0asm\x0d\0\x01\0garbage";

/// A module of this name that calls `total` of another one, and offers it too.
fn caller(module: &str, of: &str) -> Vec<u8> {
    let text = WATCHER.replace("ehb:watcher/", &format!("ehb:{module}/"));
    compiled(&text.replace("ehb:tally/", &format!("ehb:{of}/")).replace("look", "total"))
}

/// A module that does nothing.
pub(super) fn idle(module: &str) -> Vec<u8> {
    compiled(&format!(
        r#"(component
            (core module $m (func (export "work")))
            (core instance $i (instantiate $m))
            (func $work (canon lift (core func $i "work")))
            (instance $api (export "work" (func $work)))
            (export "ehb:{module}/api@1.0.0" (instance $api)))"#
    ))
}

/// A chain with the wallet alone, in which Alice installs and upgrades modules.
fn ledger() -> Ledger {
    ledger_with(|_, _| {})
}

fn ledger_with(change: impl FnOnce(&mut Genesis, &mut BTreeMap<Hash, Vec<u8>>)) -> Ledger {
    let (mut genesis, mut code) = (genesis(), code());
    genesis.accounts[0].roles.extend([name(DEPLOYER), name(UPGRADER)]);
    genesis.parameters.modules.deployers_install = 1;
    change(&mut genesis, &mut code);
    Ledger::of(&genesis, &code)
}

fn failure(receipt: &Receipt) -> (Code, &str) {
    match &receipt.outcome {
        Outcome::Failure(failure) => (failure.code, failure.message.as_str()),
        Outcome::Success(_) => panic!("{receipt:?}"),
    }
}

fn installed(ledger: &Ledger) -> Vec<String> {
    let modules = kernel::modules(&ledger.state()).unwrap();
    modules.into_iter().map(|(name, _)| name.to_string()).collect()
}

#[test]
fn a_new_module_runs_from_the_next_call_on() {
    let mut ledger = ledger();
    let tally = compiled(VERSION_1);
    ledger.bring("tally", &tally);
    assert_eq!(installed(&ledger), ["wallet"]);

    let total = ("tally", "total", json!({}));
    let before = ledger.transaction(BOB, 1_000_000, std::slice::from_ref(&total));
    let installing = ledger.transaction(ALICE, 50_000_000, &[install("tally", &tally), total]);
    let execution = ledger.try_block(&[(BOB, before.clone()), (ALICE, installing.clone())]);
    let [found] = &execution.installed[..] else { panic!("{:?}", execution.installed) };
    let Installation { index, call, module, code, .. } = found;
    assert_eq!((*index, *call, module.as_str(), *code), (1, 0, "tally", id(&tally)));
    assert!(found.interface.function("total").is_some());
    assert_eq!(execution.removed, []);

    let receipts = ledger.block(&[(BOB, before), (ALICE, installing)]);
    assert_eq!(failure(&receipts[0]).0, Code::UnknownModule);
    assert_eq!(success(&receipts[1]), [vec![], 0u32.to_le_bytes().to_vec()]);
    let event = json!({ "module-installed": { "module": "tally", "code": id(&tally) } });
    assert_eq!(kernel_events(&ledger, &receipts[1]), [event]);
    success(&ledger.run(BOB, &[("tally", "add", json!({ "n": 7 }))]));
    assert_eq!(ledger.read("tally", "total"), 7);
    assert_eq!(installed(&ledger), ["tally", "wallet"]);
    assert!(ledger.state().scan(b"k/upload", None, 9).unwrap().is_empty(), "the upload is over");

    // It is upgraded like all others.
    let next = compiled(VERSION_2);
    ledger.bring("tally", &next);
    success(&ledger.run(ALICE, &[upgrade("tally", &next)]));
    assert_eq!(ledger.read("tally", "wide-total"), "7");
}

#[test]
fn a_module_that_others_call_is_installed_before_them() {
    let mut ledger = ledger();
    let (tally, watcher) = (compiled(VERSION_1), compiled(WATCHER));
    ledger.bring("tally", &tally);
    ledger.bring("watcher", &watcher);
    let (first, second) = (install("tally", &tally), install("watcher", &watcher));
    let receipt = ledger.run(ALICE, &[second.clone(), first.clone()]);
    assert!(failure(&receipt).1.contains("no module tally is installed"), "{receipt:?}");
    success(&ledger.run(ALICE, &[first, second]));
    assert_eq!(ledger.read("watcher", "look"), 0);
}

#[test]
fn a_name_is_given_once_in_a_block() {
    let mut ledger = ledger();
    let tally = compiled(VERSION_1);
    ledger.bring("tally", &tally);
    let twice = [(); 2].map(|()| {
        let installing = ledger.transaction(ALICE, 50_000_000, &[install("tally", &tally)]);
        (ALICE, installing)
    });
    let receipts = ledger.block(&twice);
    success(&receipts[0]);
    assert!(failure(&receipts[1]).1.contains("the name is taken"), "{receipts:?}");
    assert_eq!(installed(&ledger), ["tally", "wallet"]);
}

/// What fails after an installation undoes it.
#[test]
fn a_later_call_that_fails_undoes_the_installation() {
    let mut ledger = ledger();
    let tally = compiled(VERSION_1);
    ledger.bring("tally", &tally);
    let nothing = ("tally", "nothing", json!({}));
    let failing = ledger.transaction(ALICE, 50_000_000, &[install("tally", &tally), nothing]);
    let total = ledger.transaction(BOB, 1_000_000, &[("tally", "total", json!({}))]);
    let execution = ledger.try_block(&[(ALICE, failing), (BOB, total)]);
    let codes: Vec<Code> = execution.receipts.iter().map(|it| failure(it).0).collect();
    assert_eq!(codes, [Code::UnknownFunction, Code::UnknownModule]);
    assert_eq!(execution.installed, []);
}

#[test]
fn the_start_of_a_module_makes_what_it_needs() {
    let mut ledger = ledger();
    let book = compiled(BOOK);
    ledger.bring("book", &book);
    success(&ledger.run(ALICE, &[install("book", &book)]));
    let stored = ledger.state().scan(b"m/book/", None, 9).unwrap();
    assert_eq!(stored, [(b"m/book/n".to_vec(), vec![0; 8])]);
}

/// A start that fails is an error of the kernel: nobody has the interface by which an error of the module is read.
#[test]
fn a_module_that_does_not_start_is_not_installed() {
    let mut ledger = ledger();
    let stubborn = compiled(STUBBORN);
    ledger.bring("stubborn", &stubborn);
    let receipt = ledger.run(ALICE, &[install("stubborn", &stubborn)]);
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    let expected = "kernel.install-module: the module does not start: stubborn.start: the module \
                    stopped itself";
    assert_eq!(failure.message, expected);
    assert_eq!(failure.error.as_ref().unwrap().module.as_str(), "kernel");
    assert_eq!(installed(&ledger), ["wallet"]);
}

/// Whatever calls itself, directly or by others: none of it can come first.
#[test]
fn modules_in_a_circle_cannot_be_installed() {
    let mut ledger = ledger();
    let (left, right) = (caller("left", "right"), caller("right", "left"));
    ledger.bring("left", &left);
    ledger.bring("right", &right);
    let calls = [install("left", &left), install("right", &right)];
    for order in [[0, 1], [1, 0]] {
        let receipt = ledger.run(ALICE, &order.map(|index| calls[index].clone()));
        assert!(failure(&receipt).1.contains("do not fit each other"), "{receipt:?}");
    }
    let narcissus = compiled(&WATCHER.replace("ehb:tally/", "ehb:watcher/"));
    ledger.bring("watcher", &narcissus);
    let receipt = ledger.run(ALICE, &[install("watcher", &narcissus)]);
    assert!(failure(&receipt).1.contains("is refused"), "{receipt:?}");
    assert_eq!(installed(&ledger), ["wallet"]);
}

#[test]
fn an_account_has_a_bounded_number_of_uploads() {
    let mut ledger = ledger();
    let begin = |index: usize| -> Asked {
        let (module, code) = (format!("module-{index}"), [1, 2]);
        let (_, function, mut arguments) = store_call("", &code, 0, &code[..1]);
        arguments["module"] = json!(module);
        ("kernel", function, arguments)
    };
    for index in 0..UPLOADS_MAX {
        success(&ledger.run(ALICE, &[begin(index)]));
    }
    let receipt = ledger.run(ALICE, &[begin(UPLOADS_MAX)]);
    assert_eq!(failure(&receipt).1, "kernel.upload-code: there are at most 16 uploads");
    // One that is begun again takes the place of its own.
    success(&ledger.run(ALICE, &[begin(3)]));
    success(&ledger.run(ALICE, &[("kernel", "drop-upload", json!({ "module": "module-7" }))]));
    success(&ledger.run(ALICE, &[begin(UPLOADS_MAX)]));
}

/// A chain in which code was uploaded for a new module, and what came of its installation.
fn tried(mut ledger: Ledger, module: &'static str, code: &[u8]) -> (Ledger, Receipt) {
    ledger.bring(module, code);
    let receipt = ledger.run(ALICE, &[install(module, code)]);
    (ledger, receipt)
}

/// Installations that are refused for what was uploaded, the parameters, or the number of modules.
pub(super) fn refused() -> Vec<(Ledger, Receipt)> {
    let tally = compiled(VERSION_1);
    let mut half = ledger();
    success(&half.run(ALICE, &[store_call("tally", &tally, 0, &tally[..100])]));
    let receipt = half.run(ALICE, &[install("tally", &tally)]);
    let voted = ledger_with(|genesis, _| genesis.parameters.modules.deployers_install = 0);
    let full = ledger_with(|genesis, code| {
        for index in genesis.modules.len()..kernel::MODULES_MAX {
            let module = format!("idle-{index}");
            let bytes = idle(&module);
            genesis.modules.push(GenesisModule { name: name(&module), code: id(&bytes) });
            code.insert(id(&bytes), bytes);
        }
    });
    vec![
        (half, receipt),
        tried(voted, "tally", &tally),
        tried(full, "tally", &tally),
        tried(ledger(), "garbage", GARBAGE),
        tried(ledger(), "watcher", &compiled(WATCHER)),
        tried(ledger(), "stubborn", &compiled(STUBBORN)),
    ]
}

#[test]
fn an_installation_that_is_refused_changes_nothing() {
    let expected = [
        "bytes of the code of the module \"tally\" are missing",
        "modules are installed by proposals only",
        "there are at most 256 modules",
        "the code of the module \"garbage\" is refused",
        "no module tally is installed",
        "the module does not start",
    ];
    for ((ledger, receipt), expected) in refused().into_iter().zip(expected) {
        let (code, message) = failure(&receipt);
        assert_eq!(code, Code::ModuleError, "{message}");
        assert!(message.contains(expected), "{message}");
        assert!(receipt.events.is_empty(), "{message}");
        let names = installed(&ledger);
        assert!(names.iter().all(|it| it == "wallet" || it.starts_with("idle-")), "{names:?}");
        let uploads = ehb_kernel::upload::list(&ledger.state(), &address(ALICE)).unwrap();
        assert_eq!(uploads.len(), 1, "{message}: what was brought is still here");
    }
}

/// Code that was installed in this block is upgraded in a later one: its interface is that of the end of a block.
pub(super) fn upgraded_at_once() -> (Ledger, Receipt) {
    let mut ledger = ledger();
    let (first, second) = (compiled(VERSION_1), compiled(VERSION_2));
    ledger.bring("tally", &first);
    let store = store_call("tally", &second, 0, &second);
    let calls = [install("tally", &first), store, upgrade("tally", &second)];
    let receipt = ledger.run(ALICE, &calls);
    (ledger, receipt)
}

#[test]
fn code_changes_once_in_a_block() {
    let (mut ledger, receipt) = upgraded_at_once();
    let (code, message) = failure(&receipt);
    assert_eq!(code, Code::ModuleError);
    assert!(message.contains("changed in this block"), "{message}");
    let (first, second) = (compiled(VERSION_1), compiled(VERSION_2));
    success(&ledger.run(ALICE, &[install("tally", &first)]));
    ledger.bring("tally", &second);
    success(&ledger.run(ALICE, &[upgrade("tally", &second)]));
}
