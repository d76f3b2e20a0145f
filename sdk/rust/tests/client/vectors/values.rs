//! Values of WIT types, and what is refused as one.

use ehb_abi::{Case, Field, Function, Type, check, from_json, to_json};
use serde_json::{Value, json};

use super::{NETWORK, hex};
use crate::fixtures::text;

pub(super) fn vectors() -> Value {
    json!({
        "values": values().iter().map(value).collect::<Vec<_>>(),
        "valuesRefused": values_refused(),
        "bytesRefused": bytes_refused(),
        "typesRefused": types_refused(),
        "arguments": arguments(),
    })
}

fn of(kind: Value) -> Type {
    serde_json::from_value(kind).unwrap()
}

/// A record with fields of many types.
fn order() -> Value {
    json!({"record": [
        {"name": "id", "type": "u64"},
        {"name": "buyer", "type": "address"},
        {"name": "terms", "type": {"option": "hash"}},
        {"name": "lines", "type": {"list": {"record": [
            {"name": "sku", "type": "string"},
            {"name": "amount", "type": "u64"},
            {"name": "flags", "type": {"flags": ["gift", "urgent", "fragile"]}},
        ]}}},
        {"name": "state", "type": {"variant": [
            {"name": "open"},
            {"name": "shipped", "type": {"tuple": ["u32", "string"]}},
            {"name": "closed", "type": {"result": {"ok": null, "err": "string"}}},
        ]}},
    ]})
}

fn values() -> Vec<(Value, Value)> {
    let mut all = vec![
        (json!("bool"), json!(true)),
        (json!("bool"), json!(false)),
        (json!("u8"), json!(255)),
        (json!("u16"), json!(65_535)),
        (json!("u32"), json!(u32::MAX)),
        (json!("u64"), json!("0")),
        (json!("u64"), json!(u64::MAX.to_string())),
        (json!("s8"), json!(-128)),
        (json!("s16"), json!(-32_768)),
        (json!("s32"), json!(i32::MIN)),
        (json!("s64"), json!(i64::MIN.to_string())),
        (json!("s64"), json!("-1")),
        (json!("char"), json!("x")),
        (json!("char"), json!("\u{10ffff}")),
        (json!("string"), json!("")),
        (json!("string"), json!("é€😀\u{0}\u{feff}\u{202e}\"\\")),
        (json!("address"), json!(text(1))),
        (json!("hash"), json!("0f".repeat(32))),
        (json!({"list": "u8"}), json!("0x")),
        (json!({"list": "u8"}), json!("0x00ff")),
        (json!({"list": "u64"}), json!([])),
        (json!({"list": "u64"}), json!(["1", "2"])),
        (json!({"list": {"list": "u8"}}), json!(["0x01", "0x"])),
        (json!({"option": "u8"}), json!(null)),
        (json!({"option": "u8"}), json!(7)),
        (json!({"option": {"option": "u8"}}), json!(null)),
        (json!({"option": {"option": "u8"}}), json!({"some": null})),
        (json!({"option": {"option": "u8"}}), json!({"some": 7})),
        (json!({"result": {"ok": "u8", "err": null}}), json!({"ok": 1})),
        (json!({"result": {"ok": "u8", "err": null}}), json!({"err": null})),
        (json!({"result": {"ok": null, "err": "string"}}), json!({"err": "no"})),
        (json!({"tuple": ["u8", "string"]}), json!([1, "x"])),
        (json!({"enum": ["a", "b-c"]}), json!("b-c")),
        (json!({"flags": ["a", "b", "c"]}), json!([])),
        (json!({"flags": ["a", "b", "c"]}), json!(["a", "c"])),
        (json!({"variant": [{"name": "a"}, {"name": "b", "type": "u8"}]}), json!("a")),
        (json!({"variant": [{"name": "a"}, {"name": "b", "type": "u8"}]}), json!({"b": 3})),
    ];
    let nine: Vec<String> = (0..9).map(|it| format!("f{it}")).collect();
    all.push((json!({"flags": nine}), json!(["f0", "f8"])));
    let line = |amount: &str| json!({"sku": "P-17", "amount": amount, "flags": ["urgent"]});
    for state in [json!("open"), json!({"shipped": [1, "x"]}), json!({"closed": {"ok": null}})] {
        let order = json!({
            "id": "9007199254740993", "buyer": text(2), "terms": "ab".repeat(32),
            "lines": [line("1"), line("18446744073709551615")], "state": state,
        });
        all.push((self::order(), order));
    }
    all
}

fn value((kind, value): &(Value, Value)) -> Value {
    let bytes = from_json(NETWORK, &of(kind.clone()), value).unwrap();
    assert_eq!(to_json(NETWORK, &of(kind.clone()), &bytes).unwrap(), *value);
    json!({"type": kind, "value": value, "bytes": hex(bytes)})
}

fn values_refused() -> Vec<Value> {
    let order = json!({"id": "1", "buyer": text(2), "terms": null, "lines": [], "state": "open"});
    let with = |name: &str, value: Value| {
        let mut order = order.clone();
        order[name] = value;
        (self::order(), order)
    };
    let all = vec![
        (json!("bool"), json!(1)),
        (json!("u8"), json!(256)),
        (json!("u8"), json!(-1)),
        (json!("u8"), json!(1.5)),
        (json!("u8"), json!("1")),
        (json!("u64"), json!("01")),
        (json!("u64"), json!("+1")),
        (json!("u64"), json!("-0")),
        (json!("u64"), json!(" 1")),
        (json!("u64"), json!("1e3")),
        (json!("u64"), json!("18446744073709551616")),
        (json!("u64"), json!("-1")),
        (json!("u64"), json!(1.5)),
        (json!("u64"), json!(null)),
        (json!("s64"), json!("9223372036854775808")),
        (json!("char"), json!("")),
        (json!("char"), json!("xy")),
        (json!("string"), json!(1)),
        (json!("string"), json!(null)),
        (json!("address"), json!(text(1).to_uppercase())),
        (json!("hash"), json!("0F".repeat(32))),
        (json!("hash"), json!("0f".repeat(31))),
        (json!({"list": "u8"}), json!("00")),
        (json!({"list": "u8"}), json!("0x0")),
        (json!({"list": "u8"}), json!("0xAB")),
        (json!({"list": "u8"}), json!([1])),
        (json!({"list": "u64"}), json!({"0": "1"})),
        (json!({"option": {"option": "u8"}}), json!(7)),
        (json!({"option": {"option": "u8"}}), json!({"some": 7, "more": 1})),
        (json!({"result": {"ok": "u8", "err": null}}), json!({"ok": null})),
        (json!({"result": {"ok": "u8", "err": null}}), json!({"err": 1})),
        (json!({"result": {"ok": "u8", "err": null}}), json!({"ok": 1, "err": null})),
        (json!({"tuple": ["u8", "string"]}), json!([1])),
        (json!({"tuple": ["u8", "string"]}), json!([1, "x", 2])),
        (json!({"enum": ["a", "b"]}), json!("c")),
        (json!({"flags": ["a", "b"]}), json!(["a", "a"])),
        (json!({"flags": ["a", "b"]}), json!(["c"])),
        (json!({"flags": ["a", "b"]}), json!("a")),
        (json!({"variant": [{"name": "a"}, {"name": "b", "type": "u8"}]}), json!("b")),
        (json!({"variant": [{"name": "a"}, {"name": "b", "type": "u8"}]}), json!({"a": null})),
        (json!({"variant": [{"name": "a"}, {"name": "b", "type": "u8"}]}), json!({"c": 1})),
        with("id", json!(null)),
        with("more", json!(1)),
        with("buyer", json!("alice")),
        with("lines", json!([{"sku": "x", "amount": "1"}])),
    ];
    for (kind, value) in &all {
        assert!(from_json(NETWORK, &of(kind.clone()), value).is_err(), "{kind} {value}");
    }
    all.iter().map(|(kind, value)| json!({"type": kind, "value": value})).collect()
}

fn bytes_refused() -> Vec<Value> {
    let mut all: Vec<(Value, Vec<u8>)> = vec![
        (json!("bool"), vec![2]),
        (json!("char"), 0xd800u32.to_le_bytes().to_vec()),
        (json!("char"), 0x11_0000u32.to_le_bytes().to_vec()),
        (json!("string"), vec![1, 0, 0, 0, 0xff]),
        (json!("string"), vec![0xff; 4]),
        (json!({"list": "u64"}), vec![1, 0, 0, 0, 1]),
        (json!({"list": {"list": "u8"}}), [&[0xff; 4][..], &[0; 40]].concat()),
        (json!({"option": "u8"}), vec![2, 0]),
        (json!({"enum": ["a", "b"]}), vec![2]),
        (json!({"flags": ["a", "b"]}), vec![4]),
        (json!({"variant": [{"name": "a"}]}), vec![1]),
    ];
    // Each value with a byte more, and without its last one.
    for (kind, value) in values() {
        let bytes = from_json(NETWORK, &of(kind.clone()), &value).unwrap();
        all.push((kind.clone(), [&bytes[..], &[0]].concat()));
        all.push((kind, bytes[..bytes.len() - 1].to_vec()));
    }
    for (kind, bytes) in &all {
        assert!(check(&of(kind.clone()), bytes).is_err(), "{kind} {}", hex(bytes));
    }
    all.iter().map(|(kind, bytes)| json!({"type": kind, "bytes": hex(bytes)})).collect()
}

/// Types that no interface can have.
fn types_refused() -> Vec<Value> {
    let deep = |depth: usize| (0..depth).fold(Type::U8, |kind, _| Type::List(Box::new(kind)));
    let field = |name: &str| Field { name: name.to_owned(), kind: Type::U8 };
    let case = |name: &str| Case { name: name.to_owned(), kind: None };
    let many = |count: usize| (0..count).map(|it| format!("n{it}")).collect::<Vec<_>>();
    let all = [
        deep(32),
        Type::Record(Vec::new()),
        Type::Tuple(Vec::new()),
        Type::Record(vec![field("a"), field("a")]),
        Type::Variant(vec![case("a"), case("a")]),
        Type::Enum(many(257)),
        Type::Flags(many(33)),
        Type::Tuple(vec![Type::U8; 257]),
    ];
    assert!(all.iter().all(|it| it.check().is_err()) && deep(31).check().is_ok());
    let mut all: Vec<Value> = all.iter().map(|it| json!(it)).collect();
    let no_types = [
        json!("f32"),
        json!("__proto__"),
        json!({}),
        json!(null),
        json!({"list": "u8", "option": "u8"}),
    ];
    assert!(no_types.iter().all(|it| serde_json::from_value::<Type>(it.clone()).is_err()));
    all.extend(no_types);
    all
}

/// A function's arguments, by name and by position.
fn arguments() -> Value {
    let field = |name: &str, kind| Field { name: name.to_owned(), kind };
    let transfer = Function {
        name: "transfer".to_owned(),
        interface: "ehb:wallet/transfers@1.0.0".to_owned(),
        parameters: vec![field("to", Type::Address), field("amount", Type::U64)],
        result: None,
        docs: String::new(),
    };
    let named = json!({"to": text(2), "amount": "1250"});
    let bytes = transfer.arguments_from_json(NETWORK, &named).unwrap();
    let positional = json!([text(2), "1250"]);
    assert_eq!(transfer.arguments_from_json(NETWORK, &positional).unwrap(), bytes);
    let refused = [
        json!({"to": text(2)}),
        json!({"to": text(2), "amount": "1", "more": 1}),
        json!([text(2)]),
        json!([text(2), "1", 1]),
        json!("x"),
    ];
    assert!(refused.iter().all(|it| transfer.arguments_from_json(NETWORK, it).is_err()));
    let (parameters, bytes) = (&transfer.parameters, hex(bytes));
    json!({
        "parameters": parameters, "named": named, "positional": positional, "bytes": bytes, "refused": refused,
    })
}
