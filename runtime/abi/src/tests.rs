//! Tests of the encodings: their output, their errors, and that they agree.

mod generate;
mod properties;
mod refusals;

use ehb_types::{Address, Hash, Network};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{Case, Field, Function, Interface, Type, from_json, to_json};

pub(crate) const NETWORK: Network = Network::Test;

pub(crate) fn list(kind: Type) -> Type {
    Type::List(Box::new(kind))
}

pub(crate) fn option(kind: Type) -> Type {
    Type::Option(Box::new(kind))
}

pub(crate) fn field(name: &str, kind: Type) -> Field {
    Field { name: name.to_owned(), kind }
}

pub(crate) fn case(name: &str, kind: Option<Type>) -> Case {
    Case { name: name.to_owned(), kind }
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The wallet's transfer, as its WIT declares it.
pub(crate) fn transfer() -> Function {
    let refusal = Type::Variant(vec![
        case("unknown-asset", None),
        case(
            "insufficient-balance",
            Some(Type::Record(vec![field("available", Type::U64), field("needed", Type::U64)])),
        ),
    ]);
    Function {
        name: "transfer".to_owned(),
        interface: "ehb:wallet/transfers@1.0.0".to_owned(),
        parameters: vec![
            field("to", Type::Address),
            field("asset", Type::String),
            field("amount", Type::U64),
        ],
        result: Some(Type::Result { ok: None, err: Some(Box::new(refusal)) }),
        docs: String::new(),
    }
}

fn check(kind: &Type, value: Value, bytes: &Expect) {
    let encoded = from_json(NETWORK, kind, &value).unwrap();
    bytes.assert_eq(&hex::encode(&encoded));
    assert_eq!(crate::check(kind, &encoded), Ok(()));
    assert_eq!(to_json(NETWORK, kind, &encoded).unwrap(), value);
}

/// An address is found only where the type is `address`.
#[test]
fn addresses_are_found_by_type() {
    let [seven, eight] = [Address([7; 32]), Address([8; 32])];
    let parties = Type::Record(vec![field("payer", Type::Address), field("note", Type::Hash)]);
    let event =
        Type::Variant(vec![case("closed", None), case("paid", Some(list(option(parties))))]);
    let interface = Interface { functions: vec![transfer()], event: Some(event) };
    let note = Hash([8; 32]).to_string();
    let paid = json!({"paid": [null, {"payer": seven.to_text(NETWORK), "note": note}]});
    let data = from_json(NETWORK, interface.event.as_ref().unwrap(), &paid).unwrap();
    assert!(interface.event_mentions(&data, &seven));
    assert!(!interface.event_mentions(&data, &eight));
    assert_eq!(interface.event_name(&data), Some("paid"));
    assert_eq!(interface.event_names(), ["closed", "paid"]);
    assert_eq!((interface.event_name(&[2]), interface.event_name(&[])), (None, None));

    let function = interface.function("transfer").unwrap();
    let arguments = json!([seven.to_text(NETWORK), "EUR", "1"]);
    let arguments = function.arguments_from_json(NETWORK, &arguments).unwrap();
    assert!(function.arguments_mention(&arguments, &seven));
    assert!(!function.arguments_mention(&arguments, &eight));
    assert!(!function.output_mentions(&[], &seven));
    assert!(!function.error_mentions(&[0], &seven));
    // The search ends where the bytes are not canonical.
    assert!(!function.arguments_mention(&arguments[..31], &seven));
}

#[test]
fn simple_values() {
    check(&Type::Bool, json!(true), &expect!["01"]);
    check(&Type::U8, json!(255), &expect!["ff"]);
    check(&Type::S16, json!(-2), &expect!["feff"]);
    check(&Type::U32, json!(1), &expect!["01000000"]);
    check(&Type::U64, json!("18446744073709551615"), &expect!["ffffffffffffffff"]);
    check(&Type::S64, json!("-1"), &expect!["ffffffffffffffff"]);
    check(&Type::Char, json!("é"), &expect!["e9000000"]);
    check(&Type::String, json!("né"), &expect!["030000006ec3a9"]);
}

#[test]
fn addresses_and_hashes_are_text() {
    let text = Address([7; 32]).to_text(NETWORK);
    check(
        &Type::Address,
        json!(text),
        &expect!["0707070707070707070707070707070707070707070707070707070707070707"],
    );
    check(
        &Type::Hash,
        json!("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"),
        &expect!["0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"],
    );
}

#[test]
fn compound_values() {
    check(&list(Type::U8), json!("0x0aff"), &expect!["020000000aff"]);
    check(&list(Type::U16), json!([1, 2]), &expect!["0200000001000200"]);
    check(&option(Type::U8), json!(null), &expect!["00"]);
    check(&option(Type::U8), json!(3), &expect!["0103"]);
    check(&option(option(Type::U8)), json!(null), &expect!["00"]);
    check(&option(option(Type::U8)), json!({ "some": null }), &expect!["0100"]);
    check(&option(option(Type::U8)), json!({ "some": 3 }), &expect!["010103"]);
    let result = Type::Result { ok: Some(Box::new(Type::U8)), err: None };
    check(&result, json!({ "ok": 9 }), &expect!["0109"]);
    check(&result, json!({ "err": null }), &expect!["00"]);
    check(&Type::Tuple(vec![Type::U8, Type::Bool]), json!([1, false]), &expect!["0100"]);
    let record = Type::Record(vec![field("b", Type::U8), field("a", Type::U8)]);
    check(&record, json!({ "b": 1, "a": 2 }), &expect!["0102"]);
    let variant = Type::Variant(vec![case("none", None), case("some-of", Some(Type::U8))]);
    check(&variant, json!("none"), &expect!["00"]);
    check(&variant, json!({ "some-of": 5 }), &expect!["0105"]);
    check(&Type::Enum(names(&["red", "green"])), json!("green"), &expect!["01"]);
    let flags = Type::Flags(names(&["a", "b", "c", "d", "e", "f", "g", "h", "i"]));
    check(&flags, json!([]), &expect!["0000"]);
    check(&flags, json!(["a", "c", "i"]), &expect!["0501"]);
}

#[test]
fn integers_of_64_bits_are_accepted_as_numbers() {
    let number = json!(9_007_199_254_740_993u64);
    let text = json!("9007199254740993");
    assert_eq!(from_json(NETWORK, &Type::U64, &number), from_json(NETWORK, &Type::U64, &text));
}

#[test]
fn arguments_by_name_and_by_position_are_the_same() {
    let transfer = transfer();
    let to = Address([1; 32]).to_text(NETWORK);
    let by_name = json!({ "amount": "5", "asset": "EUR", "to": to });
    let bytes = transfer.arguments_from_json(NETWORK, &by_name).unwrap();
    let by_position = json!([to, "EUR", 5]);
    assert_eq!(transfer.arguments_from_json(NETWORK, &by_position).unwrap(), bytes);
    assert_eq!(transfer.check_arguments(&bytes), Ok(()));
    assert_eq!(transfer.arguments_to_json(NETWORK, &bytes).unwrap(), by_name);
    assert_eq!(bytes.len(), 32 + 4 + 3 + 8);
}

#[test]
fn outputs_and_errors_are_the_payloads() {
    let transfer = transfer();
    assert_eq!(transfer.output_to_json(NETWORK, &[]).unwrap(), Value::Null);
    let mut error = vec![1];
    error.extend(7u64.to_le_bytes());
    error.extend(9u64.to_le_bytes());
    assert_eq!(
        transfer.error_to_json(NETWORK, &error).unwrap(),
        json!({ "insufficient-balance": { "available": "7", "needed": "9" } })
    );
}

#[test]
fn an_interface_round_trips_through_json() {
    let interface = Interface { functions: vec![transfer()], event: Some(list(Type::U8)) };
    let text = serde_json::to_string_pretty(&interface).unwrap();
    expect![[r#"
        {
          "functions": [
            {
              "name": "transfer",
              "interface": "ehb:wallet/transfers@1.0.0",
              "parameters": [
                {
                  "name": "to",
                  "type": "address"
                },
                {
                  "name": "asset",
                  "type": "string"
                },
                {
                  "name": "amount",
                  "type": "u64"
                }
              ],
              "result": {
                "result": {
                  "ok": null,
                  "err": {
                    "variant": [
                      {
                        "name": "unknown-asset"
                      },
                      {
                        "name": "insufficient-balance",
                        "type": {
                          "record": [
                            {
                              "name": "available",
                              "type": "u64"
                            },
                            {
                              "name": "needed",
                              "type": "u64"
                            }
                          ]
                        }
                      }
                    ]
                  }
                }
              },
              "docs": ""
            }
          ],
          "event": {
            "list": "u8"
          }
        }"#]]
    .assert_eq(&text);
    assert_eq!(serde_json::from_str::<Interface>(&text).unwrap(), interface);
    assert_eq!(interface.check(), Ok(()));
    assert_eq!(interface.function("transfer"), Some(&interface.functions[0]));
    assert_eq!(interface.function("other"), None);
    assert_eq!(interface.event_to_json(NETWORK, &[0; 4]), Some(Ok(json!("0x"))));
}

#[test]
fn functions_show_their_type_in_wit_notation() {
    expect![
        "func(to: address, asset: string, amount: u64) -> result<_, variant { unknown-asset, insufficient-balance(record { available: u64, needed: u64 }) }>"
    ]
    .assert_eq(&transfer().to_string());
}
