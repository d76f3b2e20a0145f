//! Values of each type through a module and back.

use ehb_abi::to_json;
use ehb_types::{Address, Code};
use serde_json::{Value, json};

use super::{ALICE, GAS, NETWORK, PRELUDE, component, link, session};
use crate::CallError;

/// A module with one function, which returns its argument, a record. The record is wide enough to be passed
/// through memory both ways, so that the same bytes can be returned.
fn echo(types: &str, kind: &str) -> Vec<u8> {
    let padding: String = (0..16).map(|index| format!("p{index}: u8, ")).collect();
    let wit = format!(
        "package ehb:echo@1.0.0;
        interface api {{
            use ehb:host/types@1.0.0.{{address, hash}};
            record unused {{ a: address, b: hash }}
            {types}
            record wide {{ value: {kind}, {padding} }}
            echo: func(v: wide) -> wide;
        }}
        world echo {{ export api; }}"
    );
    let core = format!(
        r#"(module {PRELUDE}
            (func (export "ehb:echo/api@1.0.0#echo") (param i32) (result i32) (local.get 0)))"#
    );
    component(&[], &wit, &core)
}

fn check(types: &str, kind: &str, values: &[Value]) {
    let modules = link(&[("echo", echo(types, kind))]).unwrap();
    let function = modules.get("echo").unwrap().interface().function("echo").unwrap();
    for value in values {
        let mut wide = json!({ "value": value });
        for index in 0..16 {
            wide[format!("p{index}")] = json!(index);
        }
        let arguments = function.arguments_from_json(NETWORK, &json!([wide])).unwrap();
        let mut gas = GAS;
        let result = modules.call(&mut session(), "echo", "echo", &arguments, &mut gas).unwrap();
        assert_eq!(result, arguments);
        assert_eq!(to_json(NETWORK, function.output().unwrap(), &result).unwrap(), wide);
    }
}

#[test]
fn simple_values_pass_through_a_module() {
    check("", "bool", &[json!(true), json!(false)]);
    check("", "u8", &[json!(255)]);
    check("", "s8", &[json!(-128)]);
    check("", "u16", &[json!(65_535)]);
    check("", "s16", &[json!(-32_768)]);
    check("", "u32", &[json!(u32::MAX)]);
    check("", "s32", &[json!(i32::MIN)]);
    check("", "u64", &[json!(u64::MAX.to_string())]);
    check("", "s64", &[json!(i64::MIN.to_string())]);
    check("", "char", &[json!("a"), json!("\u{10ffff}")]);
    check("", "string", &[json!(""), json!("grüße")]);
    let hash = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
    check("", "hash", &[json!(hash)]);
    let addresses = [ALICE, Address(std::array::from_fn(|index| index as u8))];
    check("", "address", &addresses.map(|address| json!(address.to_text(NETWORK))));
}

#[test]
fn compound_values_pass_through_a_module() {
    check("", "list<u8>", &[json!("0x"), json!("0x00ff10")]);
    check("", "list<string>", &[json!([]), json!(["a", "", "ccc"])]);
    check("", "option<u16>", &[json!(null), json!(9)]);
    let nested = [json!(null), json!({ "some": null }), json!({ "some": 3 })];
    check("", "option<option<u8>>", &nested);
    check("", "result<u8, string>", &[json!({ "ok": 1 }), json!({ "err": "no" })]);
    check("", "result", &[json!({ "ok": null }), json!({ "err": null })]);
    check("", "tuple<u8, string, bool>", &[json!([1, "b", true])]);
    let line = "record line { item: string, prices: list<u64> }";
    let lines = json!([{ "item": "a", "prices": ["1", "2"] }, { "item": "b", "prices": [] }]);
    check(line, "list<line>", &[lines]);
    let shape = "variant shape { dot, circle(u32), named(tuple<string, address>) }";
    let named = json!({ "named": ["x", ALICE.to_text(NETWORK)] });
    check(shape, "shape", &[json!("dot"), json!({ "circle": 4 }), named]);
    check("enum colour { red, green }", "colour", &[json!("red"), json!("green")]);
    let many: Vec<String> = (0..17).map(|index| format!("f{index}")).collect();
    let flags = format!("flags rights {{ {} }}", many.join(", "));
    check(&flags, "rights", &[json!([]), json!(["f0", "f16"]), json!(many)]);
}

#[test]
fn values_that_are_too_large_are_refused_on_their_way_out() {
    let modules = link(&[("echo", echo("", "list<u16>"))]).unwrap();
    let function = modules.get("echo").unwrap().interface().function("echo").unwrap();
    let call = |elements: usize| {
        let mut wide = json!({ "value": vec![7; elements] });
        for index in 0..16 {
            wide[format!("p{index}")] = json!(index);
        }
        let arguments = function.arguments_from_json(NETWORK, &json!([wide])).unwrap();
        modules.call(&mut session(), "echo", "echo", &arguments, &mut GAS.clone())
    };
    assert!(call(3_000).is_ok());
    match call(4_000) {
        Err(CallError::Failed(failed)) => assert_eq!(failed.code, Code::Trap),
        other => panic!("{other:?}"),
    }
}
