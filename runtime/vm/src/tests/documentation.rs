//! Documented interfaces in components.

use ehb_types::Name;
use expect_test::expect;
use wasm_encoder::{ComponentSection, CustomSection};
use wit_parser::Resolve;

use super::{compile, component};
use crate::{DOCUMENTATION_SECTION, InstallError, Module};

const WIT: &str = "
    package ehb:probe@1.0.0;
    /// An event of the probe.
    interface events { record event { n: u64 } emit: func(e: event); }
    /// What the probe does.
    interface api {
        use ehb:host/types@1.0.0.{address, hash};
        record other { a: u64, b: u64, c: u64, d: u64 }
        /// Does something to somebody.
        act: func(who: address, what: hash, how: other);
    }
    world probe { import events; export api; }";

fn code() -> Vec<u8> {
    let core = r#"(module
        (import "ehb:probe/events@1.0.0" "emit" (func (param i64)))
        (memory (export "memory") 1)
        (func (export "ehb:probe/api@1.0.0#act")
            (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)))"#;
    component(&[], WIT, core)
}

fn with_documentation(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_str("host.wit", include_str!("../../../../sdk/contract/wit/host.wit")).unwrap();
    let package = resolve.push_str("test.wit", wit).unwrap();
    let encoded = wit_component::encode(&resolve, package).unwrap();
    with_section(&encoded)
}

fn with_section(data: &[u8]) -> Vec<u8> {
    let mut code = code();
    let section = CustomSection { name: DOCUMENTATION_SECTION.into(), data: data.into() };
    section.append_to_component(&mut code);
    code
}

fn module(code: &[u8]) -> Result<Module, InstallError> {
    compile("probe", code)
}

#[test]
fn addresses_and_hashes_are_known_by_name() {
    let module = module(&code()).unwrap();
    let act = module.interface().function("act").unwrap();
    expect!["func(who: address, what: hash, how: record { a: u64, b: u64, c: u64, d: u64 })"]
        .assert_eq(&act.to_string());
    expect!["record { n: u64 }"].assert_eq(&module.interface().event.as_ref().unwrap().to_string());
}

#[test]
fn without_documentation_the_types_are_described() {
    let module = module(&code()).unwrap();
    assert_eq!(module.interface().function("act").unwrap().docs, "");
    expect![[r#"
        package root:component;

        world root {
          import ehb:probe/events@1.0.0;
          import ehb:host/types@1.0.0;

          export ehb:probe/api@1.0.0;
        }
        package ehb:host@1.0.0 {
          interface types {
            record address {
              a: u64,
              b: u64,
              c: u64,
              d: u64,
            }

            record hash {
              a: u64,
              b: u64,
              c: u64,
              d: u64,
            }
          }
        }


        package ehb:probe@1.0.0 {
          interface events {
            record event {
              n: u64,
            }

            emit: func(e: event);
          }
          interface api {
            use ehb:host/types@1.0.0.{address, hash};

            record other {
              a: u64,
              b: u64,
              c: u64,
              d: u64,
            }

            act: func(who: address, what: hash, how: other);
          }
        }
    "#]]
    .assert_eq(module.wit());
}

#[test]
fn documentation_is_described_with_the_types() {
    let module = module(&with_documentation(WIT)).unwrap();
    assert_eq!(module.interface().function("act").unwrap().docs, "Does something to somebody.");
    expect![[r#"
        package ehb:probe@1.0.0;

        /// An event of the probe.
        interface events {
          record event {
            n: u64,
          }

          emit: func(e: event);
        }

        /// What the probe does.
        interface api {
          use ehb:host/types@1.0.0.{address, hash};

          record other {
            a: u64,
            b: u64,
            c: u64,
            d: u64,
          }

          /// Does something to somebody.
          act: func(who: address, what: hash, how: other);
        }

        world probe {
          import events;
          import ehb:host/types@1.0.0;

          export api;
        }
        package ehb:host@1.0.0 {
          interface types {
            record address {
              a: u64,
              b: u64,
              c: u64,
              d: u64,
            }

            record hash {
              a: u64,
              b: u64,
              c: u64,
              d: u64,
            }
          }
        }
    "#]]
    .assert_eq(module.wit());
}

#[test]
fn documentation_of_another_interface_is_rejected() {
    let refused = |code: &[u8]| module(code).map(|_| ()).unwrap_err().to_string();
    let renamed = |from: &str, to: &str| refused(&with_documentation(&WIT.replace(from, to)));
    expect![
        "the module's documentation section does not describe it: it does not have act as exported"
    ]
    .assert_eq(&renamed("what: hash", "what: address"));
    expect!["the module's documentation section does not describe it: it has another event type"]
        .assert_eq(&renamed("n: u64", "n: u32"));
    expect!["the module's documentation section does not describe it: its package has another name than the module"].assert_eq(&renamed("ehb:probe", "ehb:prove"));
    expect!["not a valid module: it is no component"]
        .assert_eq(&refused(&with_section(b"not WIT")));
    expect!["not a valid module: it has a section that modules do not have"]
        .assert_eq(&refused(&with_section(&code())));
}

#[test]
fn documentation_is_part_of_the_code() {
    let plain = module(&code()).unwrap();
    let documented = module(&with_documentation(WIT)).unwrap();
    assert_ne!(plain.code_hash(), documented.code_hash());
    assert_eq!(plain.name(), &Name::new("probe").unwrap());
}

const COMMON_WIT: &str = concat!(
    include_str!("../../../../sdk/contract/wit/common/types.wit"),
    include_str!("../../../../sdk/contract/wit/common/deadlines.wit"),
);

/// A module that exports one of its own interfaces and `interface`.
fn exporting(package: &str, interface: &str, functions: &str) -> Vec<u8> {
    let wit = format!(
        "package ehb:probe@1.0.0;
        /// What the probe does.
        interface api {{ run: func() -> u64; }}
        world probe {{ export api; export {interface}; }}"
    );
    let core = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "ehb:probe/api@1.0.0#run") (result i64) unreachable)
            {functions})"#
    );
    let mut code = component(&[package], &wit, &core);
    let mut resolve = Resolve::default();
    let host = include_str!("../../../../sdk/contract/wit/host.wit");
    for (name, text) in [("host.wit", host), ("other.wit", package)] {
        resolve.push_str(name, text).unwrap();
    }
    let package = resolve.push_str("test.wit", &wit).unwrap();
    let data = wit_component::encode(&resolve, package).unwrap();
    let section = CustomSection { name: DOCUMENTATION_SECTION.into(), data: data.into() };
    section.append_to_component(&mut code);
    code
}

/// Every module exports `ehb:common/deadlines` unchanged, with the documentation of its declaration;
/// interfaces of other packages cannot be exported.
#[test]
fn the_shared_interface_is_exported_with_its_documentation() {
    let functions = r#"
        (func (export "ehb:common/deadlines@1.0.0#advance") (param i32 i32 i64) (result i32)
            unreachable)
        (func (export "ehb:common/deadlines@1.0.0#advance-due") (param i32) (result i32) unreachable)
        (func (export "ehb:common/deadlines@1.0.0#list-due")
            (param i32 i64 i32 i32 i64 i32) (result i32) unreachable)"#;
    let code = exporting(COMMON_WIT, "ehb:common/deadlines@1.0.0", functions);
    let module = module(&code).unwrap();
    let functions = &module.interface().functions;
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["advance", "advance-due", "list-due", "run"]);
    let advance = module.interface().function("advance").unwrap();
    assert_eq!(advance.interface, "ehb:common/deadlines@1.0.0");
    assert!(advance.docs.starts_with("Takes the default step"), "{}", advance.docs);

    let other = "package ehb:other@1.0.0; interface api { go: func(); }";
    let go = r#"(func (export "ehb:other/api@1.0.0#go"))"#;
    let refused =
        self::module(&exporting(other, "ehb:other/api@1.0.0", go)).map(|_| ()).unwrap_err();
    assert_eq!(refused, InstallError::ForeignExport("ehb:other/api@1.0.0".to_owned()));
}
