//! Modules that import each other are upgraded in one call.

use ehb_types::{GenesisModule, Outcome};
use serde_json::json;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::{ALICE, BOB, Ledger, id, name, success, upgrade, upgrades, with_tally};

/// A lamp that shows what a light is, whose colours are `colours`.
fn wit(colours: &str) -> String {
    format!(
        "package ehb:test;
        package ehb:light@1.0.0 {{
            interface api {{ enum colour {{ {colours} }} now: func() -> colour; }}
            world light {{ export api; }}
        }}
        package ehb:lamp@1.0.0 {{
            interface api {{ use ehb:light/api@1.0.0.{{colour}}; shown: func() -> colour; }}
            world lamp {{ import ehb:light/api@1.0.0; export api; }}
        }}"
    )
}

/// The component of one of them.
fn component(module: &str, colours: &str, core: &str) -> Vec<u8> {
    let mut resolve = Resolve::new();
    resolve.push_str("test.wit", &wit(colours)).unwrap();
    let mut packages = resolve.packages.iter();
    let (package, _) = packages.find(|(_, package)| package.name.name == module).unwrap();
    let world = resolve.select_world(&[package], Some(module)).unwrap();
    let mut core = wat::parse_str(core).unwrap();
    embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&core).unwrap().encode().unwrap()
}

/// A light that shines in the colour at a place.
fn light(colours: &str, place: u32) -> Vec<u8> {
    let core = format!(
        r#"(module (func (export "ehb:light/api@1.0.0#now") (result i32) (i32.const {place})))"#
    );
    component("light", colours, &core)
}

fn lamp(colours: &str) -> Vec<u8> {
    let core = r#"(module
        (import "ehb:light/api@1.0.0" "now" (func $now (result i32)))
        (func (export "ehb:lamp/api@1.0.0#shown") (result i32) (call $now)))"#;
    component("lamp", colours, core)
}

fn ledger() -> Ledger {
    let (mut genesis, mut code) = with_tally();
    for (module, bytes) in [("light", light("red", 0)), ("lamp", lamp("red"))] {
        genesis.modules.push(GenesisModule { name: name(module), code: id(&bytes) });
        code.insert(id(&bytes), bytes);
    }
    Ledger::of(&genesis, &code)
}

/// A new case in a type that another module imports: neither can go first, and together they can.
#[test]
fn a_type_between_modules_grows_when_both_are_upgraded() {
    let mut ledger = ledger();
    let (light, lamp) = (light("red, green", 1), lamp("red, green"));
    ledger.bring("light", &light);
    ledger.bring("lamp", &lamp);
    for (module, code) in [("light", &light), ("lamp", &lamp)] {
        let receipt = ledger.run(ALICE, &[upgrade(module, code)]);
        let Outcome::Failure(failure) = &receipt.outcome else { panic!("{module} goes alone") };
        assert!(failure.message.contains("do not fit each other"), "{failure:?}");
    }
    assert_eq!(ledger.read("lamp", "shown"), "red");

    let receipt = ledger.run(ALICE, &[upgrades(&[("lamp", &lamp), ("light", &light)])]);
    success(&receipt);
    let upgraded: Vec<_> = super::kernel_events(&ledger, &receipt)
        .iter()
        .map(|event| event["module-upgraded"]["module"].clone())
        .collect();
    assert_eq!(upgraded, [json!("lamp"), json!("light")]);
    assert_eq!(ledger.read("lamp", "shown"), "green");
    success(&ledger.run(BOB, &[("lamp", "shown", json!({}))]));
    assert_eq!(ledger.uploads(), Vec::<String>::new());
}

/// One of them is refused: none is upgraded, and everything that was uploaded stays.
#[test]
fn one_that_is_refused_stops_all() {
    let mut ledger = ledger();
    let (light, shorter) = (light("red, green", 0), lamp("green"));
    ledger.bring("light", &light);
    ledger.bring("lamp", &shorter);
    let before = ehb_kernel::chain::modules(&ledger.state()).unwrap();
    let receipt = ledger.run(ALICE, &[upgrades(&[("light", &light), ("lamp", &shorter)])]);
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    assert!(failure.message.contains("not compatible: lamp: "), "{failure:?}");
    assert_eq!(ehb_kernel::chain::modules(&ledger.state()).unwrap(), before);
    assert_eq!(ledger.uploads(), ["lamp", "light"]);
    assert_eq!(ledger.read("lamp", "shown"), "red");
}
