//! Compares imports with exports, one difference at a time.

use expect_test::{Expect, expect};

use super::{PRELUDE, component, link};

const BANK: &str = "
    package ehb:bank@1.0.0;
    interface holds {
        record line { item: u32, amount: u64 }
        variant refusal { unknown, insufficient(u64) }
        place: func(line: line) -> result<u64, refusal>;
    }";

fn bank() -> Vec<u8> {
    let core = r#"(func (export "ehb:bank/holds@1.0.0#place") (param i32 i64) (result i32)
        (i32.const 1024))"#;
    let wit = format!("{BANK} world bank {{ export holds; }}");
    component(&[], &wit, &format!("(module {PRELUDE} {core})"))
}

/// A shop that imports the bank as `bank` declares it.
fn shop(bank: &str, parameters: &str) -> Vec<u8> {
    let wit = "package ehb:shop@1.0.0;
        interface api { buy: func(); }
        world shop { import ehb:bank/holds@1.0.0; export api; }";
    let core = format!(
        r#"(module
            (import "ehb:bank/holds@1.0.0" "place" (func (param {parameters})))
            {PRELUDE}
            (func (export "ehb:shop/api@1.0.0#buy")))"#
    );
    component(&[bank], wit, &core)
}

fn refused(modules: &[(&str, Vec<u8>)], message: &Expect) {
    message.assert_eq(&link(modules).map(|_| ()).unwrap_err().to_string());
}

#[test]
fn the_exact_import_is_accepted() {
    let modules = link(&[("shop", shop(BANK, "i32 i64 i32")), ("bank", bank())]).unwrap();
    assert_eq!(modules.names().map(|name| name.as_str()).collect::<Vec<_>>(), ["bank", "shop"]);
    let shop = modules.get("shop").unwrap();
    assert_eq!(shop.imports().iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["bank"]);
    assert!(modules.get("bakery").is_none());
}

/// A module that offers `f`, and imports that of another one.
fn chained(name: &str, imported: Option<&str>) -> Vec<u8> {
    let package = |name: &str| format!("package ehb:{name}@1.0.0; interface api {{ f: func(); }}");
    let import = imported.map(|it| format!("import ehb:{it}/api@1.0.0;")).unwrap_or_default();
    let wit = format!("{} world w {{ {import} export api; }}", package(name));
    let call = imported.map(|it| format!(r#"(import "ehb:{it}/api@1.0.0" "f" (func))"#));
    let core = format!(
        r#"(module {} (func (export "ehb:{name}/api@1.0.0#f")))"#,
        call.unwrap_or_default()
    );
    let dependencies: Vec<String> = imported.iter().map(|it| package(it)).collect();
    let dependencies: Vec<&str> = dependencies.iter().map(String::as_str).collect();
    component(&dependencies, &wit, &core)
}

#[test]
fn modules_come_after_those_that_they_import() {
    let chain = [("atlas", Some("mill")), ("bee", None), ("mill", Some("well")), ("well", None)];
    let modules = link(&chain.map(|(name, import)| (name, chained(name, import)))).unwrap();
    let ordered: Vec<&str> = modules.by_imports().iter().map(|it| it.name().as_str()).collect();
    assert_eq!(ordered, ["bee", "well", "mill", "atlas"]);

    let circle = [("atlas", Some("mill")), ("mill", Some("atlas")), ("well", None)];
    let modules = link(&circle.map(|(name, import)| (name, chained(name, import)))).unwrap();
    let ordered: Vec<&str> = modules.by_imports().iter().map(|it| it.name().as_str()).collect();
    assert_eq!(ordered, ["well", "atlas", "mill"]);
}

#[test]
fn types_with_other_names_are_equal() {
    let renamed = BANK.replace("refusal", "problem").replace("record line", "record row");
    let renamed = renamed.replace("line: line", "line: row");
    assert!(link(&[("shop", shop(&renamed, "i32 i64 i32")), ("bank", bank())]).is_ok());
}

#[test]
fn every_difference_is_rejected() {
    let differs = |from: &str, to: &str, parameters: &str, message: Expect| {
        let declared = BANK.replace(from, to);
        assert_ne!(declared, BANK);
        refused(&[("shop", shop(&declared, parameters)), ("bank", bank())], &message);
    };
    differs(
        "amount: u64",
        "amount: u32",
        "i32 i32 i32",
        expect![
            "shop imports ehb:bank/holds@1.0.0 place as func(line: record { item: u32, amount: u32 }) -> result<u64, variant { unknown, insufficient(u64) }>, but it is func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>"
        ],
    );
    differs(
        "line: line",
        "row: line",
        "i32 i64 i32",
        expect![
            "shop imports ehb:bank/holds@1.0.0 place as func(row: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>, but it is func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>"
        ],
    );
    differs(
        "item: u32",
        "article: u32",
        "i32 i64 i32",
        expect![
            "shop imports ehb:bank/holds@1.0.0 place as func(line: record { article: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>, but it is func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>"
        ],
    );
    differs(
        "unknown,",
        "unheard-of,",
        "i32 i64 i32",
        expect![
            "shop imports ehb:bank/holds@1.0.0 place as func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unheard-of, insufficient(u64) }>, but it is func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>"
        ],
    );
    differs(
        "unknown,",
        "",
        "i32 i64 i32",
        expect![
            "shop imports ehb:bank/holds@1.0.0 place as func(line: record { item: u32, amount: u64 }) -> result<u64, variant { insufficient(u64) }>, but it is func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>"
        ],
    );
    differs(
        "result<u64,",
        "result<s64,",
        "i32 i64 i32",
        expect![
            "shop imports ehb:bank/holds@1.0.0 place as func(line: record { item: u32, amount: u64 }) -> result<s64, variant { unknown, insufficient(u64) }>, but it is func(line: record { item: u32, amount: u64 }) -> result<u64, variant { unknown, insufficient(u64) }>"
        ],
    );
}

#[test]
fn other_versions_and_missing_modules_are_rejected() {
    let newer = BANK.replace("1.0.0", "1.0.1");
    let shop_of_newer = {
        let wit = "package ehb:shop@1.0.0; interface api { buy: func(); }
            world shop { import ehb:bank/holds@1.0.1; export api; }";
        let core = format!(
            r#"(module (import "ehb:bank/holds@1.0.1" "place" (func (param i32 i64 i32)))
                {PRELUDE} (func (export "ehb:shop/api@1.0.0#buy")))"#
        );
        component(&[&newer], wit, &core)
    };
    refused(
        &[("shop", shop_of_newer), ("bank", bank())],
        &expect!["the import ehb:bank/holds@1.0.1 is unknown: bank does not export its place"],
    );
    refused(
        &[("shop", shop(BANK, "i32 i64 i32"))],
        &expect!["the import ehb:bank/holds@1.0.0 is unknown: no module bank is installed"],
    );
    refused(&[("bank", bank()), ("bank", bank())], &expect!["two modules are named bank"]);
}

#[test]
fn interfaces_that_the_host_does_not_have() {
    let importer = |host: &str, import: &str, function: &str| {
        let wit = format!(
            "package ehb:shop@1.0.0; interface api {{ buy: func(); }}
            world shop {{ import {import}; export api; }}"
        );
        let core = format!(
            r#"(module (import "{import}" "{function}" (func (result i64))) {PRELUDE}
                (func (export "ehb:shop/api@1.0.0#buy")))"#
        );
        crate::tests::build::component_with_host(host, &wit, &core)
    };
    let clock = "package ehb:host@1.0.0; interface clock { now: func() -> u64; }";
    refused(
        &[("shop", importer(clock, "ehb:host/clock@1.0.0", "now"))],
        &expect![
            "the import ehb:host/clock@1.0.0 is unknown: the host has no such interface in this version"
        ],
    );
    let newer = "package ehb:host@1.1.0; interface context { height: func() -> u64; }";
    refused(
        &[("shop", importer(newer, "ehb:host/context@1.1.0", "height"))],
        &expect![
            "the import ehb:host/context@1.1.0 is unknown: the host has no such interface in this version"
        ],
    );
    let depth = "package ehb:host@1.0.0; interface context { depth: func() -> u64; }";
    refused(
        &[("shop", importer(depth, "ehb:host/context@1.0.0", "depth"))],
        &expect!["shop imports a host function that does not exist or has another signature"],
    );
    let signed = "package ehb:host@1.0.0; interface context { height: func() -> s64; }";
    refused(
        &[("shop", importer(signed, "ehb:host/context@1.0.0", "height"))],
        &expect!["shop imports a host function that does not exist or has another signature"],
    );
}
