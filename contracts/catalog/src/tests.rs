//! The components' imports, exports and sizes.
#![expect(clippy::panic, reason = "a test fails by panic")]

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use wasmparser::{Parser, Payload};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Interface, Resolve, TypeDef, TypeDefKind, TypeOwner, World, WorldItem};

use crate::{CatalogEntry, all, get};

/// What the modules keep below, bytes, far under what the vm lets a module be: a node compiles all of
/// them at its start.
const CODE_BYTES_MAX: usize = 850_000;

/// The names of a component's custom sections, at all depths.
fn custom_sections(code: &[u8]) -> Vec<String> {
    let payloads = Parser::new(0).parse_all(code).map(|payload| payload.unwrap());
    payloads
        .filter_map(|payload| match payload {
            Payload::CustomSection(section) => Some(section.name().to_owned()),
            _ => None,
        })
        .collect()
}

/// The WIT package with documentation that a component carries.
fn documented(entry: &CatalogEntry) -> DecodedWasm {
    let payloads = Parser::new(0).parse_all(entry.code).map(|payload| payload.unwrap());
    let section = payloads
        .filter_map(|payload| match payload {
            Payload::CustomSection(section) if section.name() == "ehb-wit" => Some(section.data()),
            _ => None,
        })
        .next()
        .unwrap();
    decode(section).unwrap()
}

/// The interfaces of a package.
fn interfaces(decoded: &DecodedWasm) -> impl Iterator<Item = &Interface> {
    let resolve = decoded.resolve();
    let package = &resolve.packages[decoded.package()];
    package.interfaces.values().map(|id| &resolve.interfaces[*id])
}

/// The imports or exports of a component, one interface a line.
fn listed(
    resolve: &Resolve,
    items: &wit_parser::IndexMap<wit_parser::WorldKey, WorldItem>,
) -> String {
    let mut text = String::new();
    for (key, item) in items {
        let WorldItem::Interface { id, .. } = item else { panic!("{key:?} is no interface") };
        let functions: Vec<&str> =
            resolve.interfaces[*id].functions.keys().map(String::as_str).collect();
        text.push_str(&format!("{}: {}\n", resolve.name_world_key(key), functions.join(" ")));
    }
    text
}

/// Compares what a module imports, as its component itself says; and its exports with its WIT.
fn check(name: &str, imports: Expect) {
    let entry = get(name).unwrap();
    let decoded = decode(entry.code).unwrap();
    let DecodedWasm::Component(resolve, world) = decoded else { panic!("{name} is no component") };
    let World { imports: imported, exports, .. } = &resolve.worlds[world];
    imports.assert_eq(&listed(&resolve, imported));
    let wit = documented(entry);
    let package = &wit.resolve().packages[wit.package()];
    let [world] = package.worlds.values().collect::<Vec<_>>()[..] else {
        panic!("{name} has not one world")
    };
    let declared = &wit.resolve().worlds[*world].exports;
    assert_eq!(listed(&resolve, exports), listed(wit.resolve(), declared));
}

#[test]
fn the_wallet_is_there() {
    check(
        "wallet",
        expect![[r#"
            ehb:host/types@1.0.0: 
            ehb:common/types@1.0.0: 
            ehb:wallet/types@1.0.0: 
            ehb:wallet/events@1.0.0: emit
            ehb:host/context@1.0.0: sender caller caller-module time-ms transaction-id
            ehb:host/storage@1.0.0: get set remove scan
            ehb:host/crypto@1.0.0: sha256
            ehb:host/roles@1.0.0: has-role is-active organisation
            ehb:host/log@1.0.0: debug
        "#]],
    );
    assert!(get("no-such-module").is_none());
}

#[test]
fn the_credit_module_is_there() {
    check(
        "credit",
        expect![[r#"
            ehb:host/types@1.0.0: 
            ehb:common/types@1.0.0: 
            ehb:wallet/types@1.0.0: 
            ehb:credit/types@1.0.0: 
            ehb:credit/events@1.0.0: emit
            ehb:wallet/holds@1.0.0: place-hold pay-out release-hold expire-hold
            ehb:wallet/queries@1.0.0: get-asset
            ehb:host/context@1.0.0: sender caller time-ms window-min-ms
            ehb:host/storage@1.0.0: get set remove scan
            ehb:host/crypto@1.0.0: sha256
            ehb:host/roles@1.0.0: has-role is-active organisation
            ehb:host/log@1.0.0: debug
        "#]],
    );
}

#[test]
fn the_marketplace_is_there() {
    check(
        "marketplace",
        expect![[r#"
            ehb:host/types@1.0.0: 
            ehb:common/types@1.0.0: 
            ehb:dispute/types@1.0.0: 
            ehb:wallet/types@1.0.0: 
            ehb:marketplace/types@1.0.0: 
            ehb:marketplace/events@1.0.0: emit
            ehb:wallet/holds@1.0.0: place-hold pay-out pay-back release-hold expire-hold
            ehb:host/context@1.0.0: sender caller caller-module height time-ms window-min-ms
            ehb:host/storage@1.0.0: get set remove scan
            ehb:host/crypto@1.0.0: sha256
            ehb:host/roles@1.0.0: has-role is-active organisation
            ehb:host/log@1.0.0: debug
        "#]],
    );
}

#[test]
fn the_jobs_module_is_there() {
    check(
        "jobs",
        expect![[r#"
            ehb:host/types@1.0.0: 
            ehb:common/types@1.0.0: 
            ehb:dispute/types@1.0.0: 
            ehb:wallet/types@1.0.0: 
            ehb:jobs/types@1.0.0: 
            ehb:jobs/events@1.0.0: emit
            ehb:wallet/holds@1.0.0: place-hold pay-out release-hold expire-hold
            ehb:host/context@1.0.0: sender caller height time-ms window-min-ms
            ehb:host/storage@1.0.0: get set remove scan
            ehb:host/crypto@1.0.0: sha256
            ehb:host/roles@1.0.0: has-role is-active organisation
            ehb:host/log@1.0.0: debug
        "#]],
    );
}

#[test]
fn components_carry_their_wit_and_nothing_else_beside_the_code() {
    for entry in all() {
        assert_eq!(custom_sections(entry.code), ["ehb-wit"], "{}", entry.name);
        assert!(entry.code.len() <= CODE_BYTES_MAX, "{}: {} bytes", entry.name, entry.code.len());
    }
}

#[test]
fn components_name_no_place_of_this_machine() {
    let home = std::env::var("HOME").unwrap_or_else(|_| "/nobody".to_owned());
    let places = [env!("CARGO_MANIFEST_DIR"), env!("OUT_DIR"), &home, ".cargo", "/usr/"];
    for entry in all() {
        for place in places {
            let found = entry.code.windows(place.len()).any(|piece| piece == place.as_bytes());
            assert!(!found, "{} holds the path {place}", entry.name);
        }
    }
}

/// All of it is cleared after each call, and the node keeps twice as much ready.
#[test]
fn components_begin_with_one_page_of_memory() {
    for entry in all() {
        let payloads = Parser::new(0).parse_all(entry.code).map(|payload| payload.unwrap());
        let memories: Vec<u64> = payloads
            .filter_map(|payload| match payload {
                Payload::MemorySection(memories) => Some(memories),
                _ => None,
            })
            .flatten()
            .map(|memory| memory.unwrap().initial)
            .collect();
        assert_eq!(memories, [1], "{}: pages of 64 KiB", entry.name);
    }
}

/// Users call `wallet.transfer`: a function's name alone says which is meant.
#[test]
fn function_names_are_unique_in_a_module() {
    for entry in all() {
        let mut seen = BTreeSet::new();
        for interface in interfaces(&documented(entry)) {
            for name in interface.functions.keys() {
                assert!(seen.insert(name.clone()), "{}: {name} twice", entry.name);
            }
        }
    }
}

#[test]
fn everything_in_the_wit_is_documented() {
    let mut missing = Vec::new();
    for entry in all() {
        let decoded = documented(entry);
        let resolve = decoded.resolve();
        let package = &resolve.packages[decoded.package()];
        if package.docs.contents.is_none() {
            missing.push(package.name.to_string());
        }
        for (name, id) in &package.interfaces {
            undocumented(resolve, name, &resolve.interfaces[*id], &mut missing);
        }
    }
    assert_eq!(missing, [""; 0], "without documentation");
}

/// Adds what an interface leaves undocumented. Parameters are documented with their function, in
/// backticks; aliases for other interfaces' types are documented there.
fn undocumented(resolve: &Resolve, name: &str, interface: &Interface, missing: &mut Vec<String>) {
    if interface.docs.contents.is_none() {
        missing.push(name.to_owned());
    }
    for (function_name, function) in &interface.functions {
        let docs = function.docs.contents.as_deref().unwrap_or_default();
        if docs.is_empty() {
            missing.push(format!("{name}.{function_name}"));
        }
        for parameter in &function.params {
            let named = docs.contains(&format!("`{}`", parameter.name));
            if !named && name != "events" {
                missing.push(format!("{name}.{function_name}({})", parameter.name));
            }
        }
    }
    for (type_name, id) in &interface.types {
        let TypeDef { kind, docs, owner, .. } = &resolve.types[*id];
        let used = matches!(kind, TypeDefKind::Type(wit_parser::Type::Id(other))
            if resolve.types[*other].owner != *owner && resolve.types[*other].owner != TypeOwner::None);
        if docs.contents.is_none() && !used {
            missing.push(format!("{name}.{type_name}"));
        }
        let parts: Vec<(&str, bool)> = match kind {
            TypeDefKind::Record(record) => record
                .fields
                .iter()
                .map(|field| (field.name.as_str(), field.docs.contents.is_some()))
                .collect(),
            TypeDefKind::Variant(variant) => variant
                .cases
                .iter()
                .map(|case| (case.name.as_str(), case.docs.contents.is_some()))
                .collect(),
            TypeDefKind::Enum(cases) => cases
                .cases
                .iter()
                .map(|case| (case.name.as_str(), case.docs.contents.is_some()))
                .collect(),
            _ => Vec::new(),
        };
        for (part, documented) in parts {
            if !documented {
                missing.push(format!("{name}.{type_name}.{part}"));
            }
        }
    }
}
