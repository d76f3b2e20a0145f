//! JSON and bytes that are refused, with the path to the problem.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{NETWORK, case, field, list, names, option, transfer};
use crate::{Type, from_json, to_json};

fn json_refused(kind: &Type, value: Value, message: &Expect) {
    message.assert_eq(&from_json(NETWORK, kind, &value).unwrap_err().to_string());
}

fn bytes_refused(kind: &Type, bytes: &[u8], message: &Expect) {
    let error = crate::check(kind, bytes).unwrap_err();
    message.assert_eq(&error.to_string());
    assert_eq!(to_json(NETWORK, kind, bytes).unwrap_err(), error);
}

#[test]
fn json_of_another_type() {
    json_refused(&Type::Bool, json!(1), &expect!["expected true or false, got 1"]);
    json_refused(&Type::U8, json!(256), &expect!["expected an integer from 0 to 255, got 256"]);
    json_refused(
        &Type::U8,
        json!("1"),
        &expect![[r#"expected an integer from 0 to 255, got "1""#]],
    );
    json_refused(&Type::S8, json!(1.0), &expect!["expected an integer from -128 to 127, got 1.0"]);
    for value in [json!("+1"), json!("01"), json!(" 1"), json!("1e3"), json!(1.5), json!(-1)] {
        assert!(from_json(NETWORK, &Type::U64, &value).is_err(), "{value}");
    }
    json_refused(
        &Type::U64,
        json!("18446744073709551616"),
        &expect![[
            r#"expected an integer from 0 to 18446744073709551615 as decimal text, got "18446744073709551616""#
        ]],
    );
    json_refused(
        &Type::Char,
        json!("ab"),
        &expect![[r#"expected text of one character, got "ab""#]],
    );
    json_refused(
        &list(Type::U8),
        json!("0xf"),
        &expect![[r#"expected bytes as "0x" and hexadecimal digits in lower case, got "0xf""#]],
    );
    json_refused(
        &Type::Tuple(vec![Type::U8]),
        json!([]),
        &expect!["expected an array of 1 values, got []"],
    );
    let flags = Type::Flags(names(&["a", "b"]));
    json_refused(&flags, json!(["a", "a"]), &expect!["a: is given twice"]);
    json_refused(&flags, json!(["c"]), &expect!["c: is unknown; known are a, b"]);
    let variant = Type::Variant(vec![case("plain", None), case("with", Some(Type::U8))]);
    json_refused(
        &variant,
        json!({ "plain": 1 }),
        &expect![[r#"expected "plain" alone, without payload, got {"plain":1}"#]],
    );
    json_refused(
        &variant,
        json!("with"),
        &expect![[r#"expected {"with": its payload}, got "with""#]],
    );
    json_refused(&variant, json!("none"), &expect!["none: is unknown; known are plain, with"]);
}

#[test]
fn addresses_of_other_networks_and_with_typing_errors() {
    let main = ehb_types::Address([7; 32]).to_text(ehb_types::Network::Main);
    json_refused(
        &Type::Address,
        json!(main),
        &expect![[
            r#""ehb1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurs5f6j88" belongs to another network: addresses here start with "ehbt""#
        ]],
    );
    assert!(from_json(NETWORK, &Type::Address, &json!("ehbt1qqqq")).is_err());
}

#[test]
fn the_path_leads_to_the_problem() {
    let line = Type::Record(vec![field("item", Type::String), field("amount", Type::U64)]);
    let order = Type::Record(vec![field("lines", list(line))]);
    json_refused(
        &order,
        json!({ "lines": [{ "item": "a", "amount": "1" }, { "item": "b" }] }),
        &expect!["lines[1].amount: is missing"],
    );
    json_refused(
        &order,
        json!({ "lines": [{ "item": "a", "amount": "1", "amont": "1" }] }),
        &expect!["lines[0].amont: is unknown; known are item, amount"],
    );
    bytes_refused(
        &order,
        &[1, 0, 0, 0, 1, 0, 0, 0, b'a', 1, 0, 0],
        &expect!["lines: a list of 1 elements does not fit into the 8 remaining bytes"],
    );
    bytes_refused(
        &order,
        &[1, 0, 0, 0, 5, 0, 0, 0, b'a', 1, 0, 0, 0, 0, 0, 0],
        &expect!["lines[0].amount: the bytes end inside the value: 8 more are needed, 3 are left"],
    );
}

#[test]
fn wrong_arguments() {
    let transfer = transfer();
    let refused = |arguments: Value, message: Expect| {
        let error = transfer.arguments_from_json(NETWORK, &arguments).unwrap_err();
        message.assert_eq(&error.to_string());
    };
    refused(
        json!("x"),
        expect![[
            r#"expected the arguments as an object by name or an array by position, got "x""#
        ]],
    );
    let to = ehb_types::Address([7; 32]).to_text(NETWORK);
    refused(json!({}), expect!["to: is missing"]);
    refused(json!([to, "EUR"]), expect!["amount: is missing"]);
    refused(json!([to, "EUR", "1", "2"]), expect!["[3]: is unknown; known are to, asset, amount"]);
    let error = transfer.check_arguments(&[0; 33]).unwrap_err();
    expect!["asset: the bytes end inside the value: 4 more are needed, 1 are left"]
        .assert_eq(&error.to_string());
}

#[test]
fn bytes_that_are_not_canonical() {
    bytes_refused(&Type::Bool, &[2], &expect!["the byte is 2, expected 0 or 1"]);
    bytes_refused(&option(Type::U8), &[9, 1], &expect!["the byte is 9, expected 0 or 1"]);
    bytes_refused(&Type::U8, &[1, 2], &expect!["1 bytes follow the value"]);
    bytes_refused(&Type::Char, &[0, 0xd8, 0, 0], &expect!["0xd800 is no character"]);
    bytes_refused(&Type::String, &[1, 0, 0, 0, 0xff], &expect!["the text is not UTF-8"]);
    bytes_refused(
        &Type::String,
        &[0xff; 4],
        &expect!["the bytes end inside the value: 4294967295 more are needed, 0 are left"],
    );
    bytes_refused(
        &list(Type::U64),
        &[0xff; 12],
        &expect!["a list of 4294967295 elements does not fit into the 8 remaining bytes"],
    );
    bytes_refused(
        &Type::Enum(names(&["a"])),
        &[1],
        &expect!["the case 1 does not exist; the type has 1"],
    );
    bytes_refused(
        &Type::Flags(names(&["a"])),
        &[2],
        &expect!["bits that belong to no flag are set"],
    );
    let nothing = list(Type::Record(Vec::new()));
    bytes_refused(&nothing, &[0xff; 4], &expect!["the elements of a list take no bytes"]);
}

#[test]
fn types_that_are_not_allowed() {
    let refused = |kind: Type, message: Expect| {
        message.assert_eq(&kind.check().unwrap_err().to_string());
    };
    refused(Type::Record(Vec::new()), expect!["a record has 0 members; 1 to 256 are possible"]);
    refused(
        Type::Tuple(vec![Type::U8; 257]),
        expect!["a tuple has 257 members; 1 to 256 are possible"],
    );
    refused(Type::Enum(names(&["a", "a"])), expect![[r#"the name "a" is used twice in one type"#]]);
    let deep = (0..32).fold(Type::U8, |kind, _| option(kind));
    refused(deep.clone(), expect!["the type nests deeper than 32"]);
    let deeper = option(deep);
    let bytes = [1; 34];
    bytes_refused(&deeper, &bytes, &expect!["the type itself is not allowed; see Type::check"]);
}

/// JSON arrays so deep that reading them recursively would overflow the stack.
fn deep_json() -> Value {
    (0..10_000).fold(json!(1), |inner, _| Value::Array(vec![inner]))
}

#[test]
fn json_that_is_deeper_than_its_type() {
    // The default stack size of threads in the standard library.
    let checked = || {
        let deep = deep_json();
        let begins = |kind: &Type, expected: &str| {
            let got = format!("expected {expected}, got {}...", "[".repeat(60));
            assert_eq!(from_json(NETWORK, kind, &deep).unwrap_err().to_string(), got);
        };
        begins(&Type::U64, "an integer from 0 to 18446744073709551615 as decimal text");
        begins(&Type::String, "text");
        begins(&option(Type::Bool), "true or false");
        let arguments = transfer().arguments_from_json(NETWORK, &deep).unwrap_err();
        assert!(
            arguments.to_string().starts_with("to: expected an address, got [[["),
            "{arguments}"
        );
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(checked).unwrap().join().unwrap();
}

#[test]
fn json_for_a_type_that_nests_too_deep() {
    let options = |depth: usize| (0..depth).fold(Type::U8, |kind, _| option(kind));
    // Nested options are written with `some`, except the innermost.
    let some = |value: Value, depth: usize| {
        (0..depth).fold(value, |inner, _| {
            Value::Object([("some".to_owned(), inner)].into_iter().collect())
        })
    };
    assert_eq!(
        from_json(NETWORK, &options(32), &some(json!(7), 31)).unwrap(),
        [[1; 32].as_slice(), &[7]].concat()
    );
    for value in [some(json!(7), 32), some(deep_json(), 32)] {
        json_refused(
            &options(33),
            value,
            &expect!["the type itself is not allowed; see Type::check"],
        );
    }
}
