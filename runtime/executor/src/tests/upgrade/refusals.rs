//! Uploads and upgrades that are refused, each with its error.

use std::collections::BTreeSet;

use ehb_checks::Documented;
use ehb_types::{Code, Network, Outcome, Receipt};
use serde_json::{Value, json};

use super::{
    ALICE, Asked, BOB, GAS, Ledger, VERSION_2, compiled, id, install, released_again, store_call,
    upgrade, upgrades,
};

/// A failing upgrade.
struct Row {
    what: &'static str,
    /// The code that Alice uploads first.
    brought: Vec<u8>,
    /// The sender, call and gas limit of the next transaction.
    from: u8,
    gas: u64,
    asked: Asked,
    /// The code, the kernel's typed error (null if it is another module's or none), and a part of the
    /// message.
    expected: (Code, Value, &'static str),
}

/// The message in receipts for code that the validator rejects, without a library's text.
const INVALID: &str = "not a valid module: it breaks WebAssembly's rules or uses a feature that \
    modules cannot have, such as floats; check it with `wasm-tools validate --features=-floats`";

/// Version 2 with some of its text replaced.
fn changed(from: &str, to: &str) -> Vec<u8> {
    assert!(VERSION_2.contains(from), "{from}");
    compiled(&VERSION_2.replace(from, to))
}

/// The error for a number, or the length of a text or list, that is not 1 to `max`.
fn out_of_range(parameter: &str, given: usize, max: usize) -> Value {
    let [given, max] = [given, max].map(|it| it.to_string());
    json!({ "out-of-range": { "parameter": parameter, "given": given, "min": "1", "max": max } })
}

fn refused_code(code: &str, message: &str) -> Value {
    json!({ "refused": { "module": "tally", "reason": { "code": code, "message": message } } })
}

fn rows() -> Vec<Row> {
    let good = compiled(VERSION_2);
    let migrating = |body: &str| {
        let export = r#"(func (export "migrate") (result i32)"#;
        changed(export, &format!("{export} {body}"))
    };
    let row = |what, brought: &[u8], (code, error, message)| Row {
        what,
        brought: brought.to_vec(),
        from: ALICE,
        gas: GAS,
        asked: upgrade("tally", brought),
        expected: (code, error, message),
    };
    let refused = |what, brought: &[u8], error: Value, message| {
        row(what, brought, (Code::ModuleError, error, message))
    };
    let floats = changed(
        "(func $stored (result i32)",
        "(func (drop (f64.add (f64.const 1) (f64.const 2)))) (func $stored (result i32)",
    );
    let without_total = changed(r#"(export "total" (func $total))"#, "");
    let other_parameters =
        changed(r#"(func $add (param "n" u32)"#, r#"(func $add (param "number" u32)"#);
    let other_result = changed(
        r#"(func $total (result u32) (canon lift (core func $code "total")))"#,
        r#"(func $total (result u64) (canon lift (core func $code "wide-total")))"#,
    );
    let unknown_import = changed("ehb:host/storage@1.0.0", "ehb:host/storage@2.0.0");
    let role = json!({ "missing-role": "upgrader" });
    let denied = |what, asked| Row {
        what,
        brought: good.clone(),
        from: BOB,
        gas: GAS,
        asked,
        expected: (Code::PermissionDenied, role.clone(), "does not have the role \"upgrader\""),
    };
    let no_deployer = |what, asked| Row {
        what,
        brought: good.clone(),
        from: BOB,
        gas: GAS,
        asked,
        expected: (
            Code::PermissionDenied,
            json!({ "missing-role": "deployer" }),
            "does not have the role \"deployer\"",
        ),
    };
    let asks = |what, asked, error, message| Row {
        what,
        brought: good.clone(),
        from: ALICE,
        gas: GAS,
        asked,
        expected: (Code::ModuleError, error, message),
    };
    let (size, half) = (good.len(), good.len() / 2);
    let installed = compiled(super::VERSION_1);
    vec![
        denied("upgrading without the role", upgrade("tally", &good)),
        denied("bringing code without the role", store_call("tally", &good, 0, &good)),
        asks(
            "a module that is not there",
            upgrade("tales", &good),
            json!({ "unknown-module": "tales" }),
            "no module \"tales\" is installed",
        ),
        no_deployer("bringing code for a new module", store_call("tales", &good, 0, &good)),
        no_deployer("installing without the role", install("tales", &good)),
        asks(
            "code for a new module called as the kernel",
            store_call("kernel", &good, 0, &good),
            json!({ "module-exists": "kernel" }),
            "no new module can be called \"kernel\"",
        ),
        asks(
            "a new module called as the kernel",
            install("kernel", &good),
            json!({ "module-exists": "kernel" }),
            "no new module can be called \"kernel\"",
        ),
        asks(
            "a new module called as a package of all modules",
            install("common", &good),
            json!({ "module-exists": "common" }),
            "no new module can be called \"common\"",
        ),
        asks(
            "a new module that is no name",
            install("No Name", &good),
            json!({ "module-exists": "No Name" }),
            "no new module can be called \"No Name\"",
        ),
        asks(
            "a new module whose name is taken",
            install("tally", &good),
            json!({ "module-exists": "tally" }),
            "no new module can be called \"tally\"",
        ),
        asks(
            "a new module whose code is not here",
            install("tales", &good),
            json!({ "no-upload": "tales" }),
            "no such code",
        ),
        asks(
            "a new module that is too large",
            store_call("tales", &vec![0; (1 << 20) + 1], 0, &[1]),
            out_of_range("size", (1 << 20) + 1, 1 << 20),
            "size is 1 to 1048576",
        ),
        asks(
            "the kernel",
            upgrade("kernel", &good),
            json!({ "unknown-module": "kernel" }),
            "kernel",
        ),
        asks(
            "code that is not here",
            upgrade("tally", b"other"),
            json!({ "no-upload": "tally" }),
            "no such code",
        ),
        asks(
            "code that is here for another module",
            upgrade("wallet", &good),
            json!({ "no-upload": "wallet" }),
            "no such code",
        ),
        asks(
            "the code it has",
            upgrade("tally", &installed),
            json!({ "same-code": "tally" }),
            "already",
        ),
        asks(
            "no module",
            ("kernel", "upgrade-modules", json!({ "upgrades": [] })),
            out_of_range("upgrades", 0, 16),
            "upgrades is 1 to 16",
        ),
        asks(
            "too many modules",
            upgrades(&vec![("tally", good.as_slice()); 17]),
            out_of_range("upgrades", 17, 16),
            "upgrades is 1 to 16",
        ),
        asks(
            "a module twice",
            upgrades(&[("tally", &good), ("tally", &good)]),
            json!({ "duplicate": { "list": "upgrades", "position": 1 } }),
            "names something twice",
        ),
        asks(
            "another module whose code is not here",
            upgrades(&[("tally", &good), ("watcher", &good)]),
            json!({ "no-upload": "watcher" }),
            "no such code",
        ),
        asks(
            "no code",
            store_call("tally", &[], 0, &[]),
            out_of_range("size", 0, 1 << 20),
            "size is 1 to 1048576",
        ),
        asks(
            "code that is too large",
            store_call("tally", &vec![0; (1 << 20) + 1], 0, &[1]),
            out_of_range("size", (1 << 20) + 1, 1 << 20),
            "size is 1 to 1048576",
        ),
        asks(
            "an empty part",
            store_call("tally", &good, 0, &[]),
            out_of_range("part", 0, size),
            "part is 1 to",
        ),
        asks(
            "a part beyond the end",
            store_call("tally", &good[..half], 0, &good),
            out_of_range("part", size, half),
            "part is 1 to",
        ),
        asks(
            "a part too early",
            store_call("tally", &good, half, &good[half..]),
            json!({ "wrong-offset": size }),
            "the next part begins at byte",
        ),
        asks(
            "a later part of other code",
            store_call("tally", &installed, 1, &installed[1..]),
            json!({ "no-upload": "tally" }),
            "no such code",
        ),
        asks(
            "other bytes than announced",
            store_call("tally", &good[..half], 0, &vec![7; half]),
            json!({ "wrong-code": id(&vec![7; half]) }),
            "the parts have the hash",
        ),
        Row {
            from: BOB,
            ..asks(
                "dropping what another account uploaded",
                ("kernel", "drop-upload", json!({ "module": "tally" })),
                json!({ "no-upload": "tally" }),
                "no such code",
            )
        },
        refused("floats", &floats, refused_code("invalid", INVALID), INVALID),
        refused(
            "no component",
            b"\0asm\x0d\0\x01\0garbage",
            refused_code("malformed", "not a valid module: it ends too early"),
            "the code of the module \"tally\" is refused",
        ),
        refused(
            "an import of nothing",
            &unknown_import,
            json!({}),
            "the import ehb:host/storage@2.0.0 is unknown",
        ),
        refused(
            "a function is gone that another module imports",
            &without_total,
            json!({ "unlinked": {
                "code": "import",
                "message": "the import ehb:tally/api@1.0.0 is unknown: tally does not export its total",
            } }),
            "tally does not export its total",
        ),
        refused(
            "other parameters",
            &other_parameters,
            json!({ "incompatible": "tally: add has other parameters, give it another name" }),
            "add has other parameters",
        ),
        refused("another result", &other_result, json!({}), "the result of total has another type"),
        row(
            "a migration that traps",
            &migrating("(unreachable)"),
            (Code::Trap, json!(null), "tally.migrate: the module stopped itself"),
        ),
        row(
            "a migration without end",
            &migrating("(loop $again (br $again))"),
            (Code::OutOfGas, json!(null), "the gas ran out"),
        ),
        row(
            "a migration that refuses",
            &changed("(i32.ne (i32.load (i32.const 24)) (i32.const 4))", "(i32.const 1)"),
            (Code::ModuleError, json!(null), "tally.migrate: what is stored is not of version 1"),
        ),
        Row {
            what: "too little gas",
            gas: 100_000,
            ..row("", &good, (Code::OutOfGas, json!(null), "the gas ran out"))
        },
        asks(
            "a function that is not there",
            ("kernel", "grant-wish", json!({})),
            json!(null),
            "the kernel has no function \"grant-wish\"",
        ),
    ]
}

/// The kernel's typed error of a transaction that failed in this function; null where it has none.
fn typed_error(ledger: &Ledger, receipt: &Receipt, function: &str) -> Value {
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    let kernel = ledger.chain.executor.library().kernel().function(function);
    let typed = failure.error.as_ref().filter(|error| error.module.as_str() == "kernel");
    let typed = typed.map(|typed| kernel.unwrap().error_to_json(Network::Test, &typed.data));
    typed.map_or(Value::Null, |typed| typed.unwrap())
}

/// Functions of the kernel with the names of their refusals.
#[derive(Default)]
struct Shown(BTreeSet<(&'static str, String)>);

impl Shown {
    fn add(&mut self, function: &'static str, error: &Value) {
        let name = match error {
            Value::Object(members) => members.keys().next().cloned(),
            plain => plain.as_str().map(str::to_owned),
        };
        self.0.extend(name.map(|name| (function, name)));
    }

    /// What is shown is documented, and what is documented is shown.
    fn check(&self) {
        let wit = include_str!("../../../wit/kernel.wit");
        let documented = Documented::in_wit([wit]);
        let documented: BTreeSet<(&str, &str)> = documented.pairs_of("modules").collect();
        let shown: BTreeSet<(&str, &str)> =
            self.0.iter().map(|(function, name)| (*function, name.as_str())).collect();
        assert_eq!(shown, documented);
    }
}

/// Whatever is wrong: the failure says so, and nothing has changed. The kernel documents each of these failures, and no
/// other.
#[test]
fn an_upgrade_that_is_refused_changes_nothing() {
    let mut shown = Shown::default();
    for Row { what, brought, from, gas, asked, expected } in rows() {
        let mut ledger = Ledger::new();
        super::success(&ledger.run(BOB, &[("tally", "add", json!({ "n": 7 }))]));
        ledger.bring("tally", &brought);
        let modules = ehb_kernel::chain::modules(&ledger.state()).unwrap();
        let transaction = ledger.transaction(from, gas, std::slice::from_ref(&asked));
        let receipt = ledger.block(&[(from, transaction)]).remove(0);
        let Outcome::Failure(failure) = &receipt.outcome else { panic!("{what} is possible") };
        let (code, error, message) = expected;
        let code = if asked.1 == "grant-wish" { Code::UnknownFunction } else { code };
        assert_eq!(failure.code, code, "{what}: {failure:?}");
        assert!(failure.message.contains(message), "{what}: {failure:?}");
        assert!(receipt.events.is_empty(), "{what}");
        let typed = typed_error(&ledger, &receipt, asked.1);
        shown.add(asked.1, &typed);
        match &error {
            Value::Object(any) if any.is_empty() => assert!(typed.is_object(), "{what}: {typed}"),
            exact => assert_eq!(typed, *exact, "{what}"),
        }

        assert_eq!(ehb_kernel::chain::modules(&ledger.state()).unwrap(), modules, "{what}");
        assert_eq!(ledger.read("tally", "total"), 7, "{what}");
        let tally = super::name("tally");
        let upload =
            ehb_kernel::upload::get(&ledger.state(), &super::address(ALICE), &tally).unwrap();
        assert_eq!(upload.unwrap().code, id(&brought), "{what}: what was brought is still here");
        // Another transaction of the block, too, runs the old code.
        super::success(&ledger.run(BOB, &[("tally", "add", json!({ "n": 1 }))]));
        assert_eq!(ledger.read("watcher", "look"), 8, "{what}");
    }
    let (ledger, receipt) = too_many_parts();
    shown.add("upload-code", &typed_error(&ledger, &receipt, "upload-code"));
    let mut ledger = Ledger::new();
    let code = compiled(VERSION_2);
    super::success(&ledger.run(ALICE, &[store_call("tally", &code, 0, &code[..900])]));
    let receipt = ledger.run(ALICE, &[upgrade("tally", &code)]);
    shown.add("upgrade-modules", &typed_error(&ledger, &receipt, "upgrade-modules"));
    let (ledger, receipt) = crate::tests::modules::upgraded_at_once();
    shown.add("upgrade-modules", &typed_error(&ledger, &receipt, "upgrade-modules"));
    for (ledger, receipt) in crate::tests::modules::refused() {
        shown.add("install-module", &typed_error(&ledger, &receipt, "install-module"));
    }
    let (ledger, receipt) = above_the_quota();
    shown.add("upload-code", &typed_error(&ledger, &receipt, "upload-code"));
    shown.check();
}

/// The order of the failure does not matter: what a transaction has installed is undone with it.
#[test]
fn a_later_call_that_fails_undoes_the_upgrade() {
    let mut ledger = Ledger::new();
    let code = compiled(VERSION_2);
    ledger.bring("tally", &code);
    let wide = ("tally", "wide-total", json!({}));
    let nothing = ("tally", "nothing", json!({}));
    let failing = ledger.transaction(ALICE, GAS, &[upgrade("tally", &code), wide.clone(), nothing]);
    let asking = ledger.transaction(BOB, GAS, &[wide]);
    let receipts = ledger.block(&[(ALICE, failing), (BOB, asking)]);
    for (receipt, call) in receipts.iter().zip([2, 0]) {
        let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
        assert_eq!((failure.code, failure.call), (Code::UnknownFunction, Some(call)));
    }
    assert_eq!(ledger.read("watcher", "look"), 0);
}

/// A part more than an upload can have, and what came of it.
fn too_many_parts() -> (Ledger, Receipt) {
    let mut ledger = Ledger::new();
    let code = vec![1; 1_000];
    for block in 0..8 {
        let calls: Vec<Asked> =
            (0..64).map(|index| store_call("tally", &code, block * 64 + index, &[1])).collect();
        super::success(&ledger.run(ALICE, &calls));
    }
    let receipt = ledger.run(ALICE, &[store_call("tally", &code, 512, &[1])]);
    (ledger, receipt)
}

/// An upload beyond the quota of the organisation, and what came of it.
fn above_the_quota() -> (Ledger, Receipt) {
    let (mut genesis, code) = super::with_tally();
    genesis.parameters.quotas.code_bytes = 1 << 20;
    let mut ledger = Ledger::of(&genesis, &code);
    let largest = vec![0; 1 << 20];
    super::success(&ledger.run(ALICE, &[store_call("tally", &largest, 0, &[1])]));
    let receipt = ledger.run(ALICE, &[store_call("watcher", &[1], 0, &[1])]);
    (ledger, receipt)
}

/// The number of parts is bounded, however small they are.
#[test]
fn parts_are_counted() {
    let (mut ledger, receipt) = too_many_parts();
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    assert_eq!(failure.message, "kernel.upload-code: there are at most 512 parts");
    // Beginning again drops them all.
    let released = released_again(&compiled(VERSION_2));
    ledger.bring("tally", &released);
    super::success(&ledger.run(ALICE, &[upgrade("tally", &released)]));
}
