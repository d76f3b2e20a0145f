//! Genesis files with a module that is not allowed: each error names the module.

use std::fs;

use ehb_crypto::{Domain, hash};
use serde_json::{Value, json};

use crate::net::Net;
use crate::program::node_start;

/// A component that exports `ehb:bomb/api` with the function `run`. `head` is before the core
/// module, `rest` inside of it.
fn bomb(head: &str, body: &str, rest: &str) -> Vec<u8> {
    component(head, body, rest, 1)
}

/// The same, doing nothing, with N pages of 64 KiB at its beginning.
fn with_memory(pages: u32) -> Vec<u8> {
    component("", "", "", pages)
}

fn component(head: &str, body: &str, rest: &str, pages: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
            {head}
            (core module $m (memory (export "memory") {pages})
                (func $run (export "run") {body}) {rest})
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (instance $api (export "run" (func $run)))
            (export "ehb:bomb/api@1.0.0" (instance $api)))"#
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn a_genesis_with_a_module_that_cannot_be_installed_is_reported() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let path = data_dir.join("genesis.json");
    let good = fs::read_to_string(&path).unwrap();
    let whole: Value = serde_json::from_str(&good).unwrap();
    let file = data_dir.join("modules/bomb.wasm");
    fs::create_dir(data_dir.join("modules")).unwrap();

    let refused = |code: &[u8], parts: &[&str]| {
        let mut genesis = whole.clone();
        let module = json!({ "name": "bomb", "code": hash(Domain::ModuleCode, code) });
        genesis["modules"].as_array_mut().unwrap().push(module);
        fs::write(&path, genesis.to_string()).unwrap();
        let ran = node_start(&data_dir);
        ran.refused(&[&["bomb", "code: GENESIS_INVALID"], parts].concat());
        for part in parts {
            assert_eq!(ran.stderr.matches(part).count(), 1, "reported once: {}", ran.stderr);
        }
    };
    let unknown = r#"(import "ehb:host/nothing@1.0.0" (instance (export "f" (func))))"#;
    let mismatched = r#"(import "ehb:wallet/holds@1.0.0"
        (instance (export "release-hold" (func (param "hold" string)))))"#;
    let rows: [(Vec<u8>, &[&str]); 7] = [
        (bomb("", "(drop (f64.add (f64.const 1) (f64.const 2)))", ""), &["floating-point"]),
        (bomb("", "", "(func $begin (unreachable)) (start $begin)"), &["has a start function"]),
        (bomb(unknown, "", ""), &["the import ehb:host/nothing@1.0.0 is unknown"]),
        (bomb(mismatched, "", ""), &["bomb imports ehb:wallet/holds@1.0.0 release-hold as"]),
        (with_memory(300), &["bytes of initial memory", "at most 16777216 are allowed"]),
        (b"\0asm\x0d\0\x01\0garbage".to_vec(), &["not a valid module"]),
        (vec![], &["not a valid module"]),
    ];
    for (code, parts) in rows {
        fs::write(&file, &code).unwrap();
        refused(&code, parts);
    }
    // The file itself: too large, not to be read, another one, not there.
    let good_module = bomb("", "", "");
    fs::File::create(&file).unwrap().set_len((16 << 20) + 1).unwrap();
    refused(&good_module, &["has 16777217 bytes; at most 16777216 are read"]);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    refused(&good_module, &["cannot read the module"]);
    fs::remove_dir(&file).unwrap();
    let missing = ["which this program does not have", "put the code next to the genesis file"];
    refused(&good_module, &missing);
    fs::write(&file, "another").unwrap();
    refused(&good_module, &missing);
    fs::write(&path, good).unwrap();
    net.start_all();
    net.pay(1, 0);
}
