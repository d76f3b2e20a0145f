//! `docs/rpc.md` is generated here from the OpenRPC document: methods with their errors and an example that was answered,
//! then all types.

use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::{Value, json};

use super::openrpc::document;
use crate::{METHODS, Method, rpc_number};

/// The text before the methods.
const BEGINNING: &str = "\
# JSON-RPC methods

Generated from the traits and types of `rpc/api` by a test of that crate (`UPDATE_EXPECT=1` updates it): do not edit it
here. `rpc.discover` returns the same as an OpenRPC document.

A request is a POST to `/` of a node, or a message of a WebSocket at the same port, which subscriptions need. Parameters
are given by name or by position; unknown ones are rejected.

A subscription is answered with its id. Each of its messages is a notification with the method `chain_blocks` or `tx_receipts`,
and in `params` the id and the notice, a [`BlockNotice`](#blocknotice) or [`ReceiptNotice`](#receiptnotice):
`{\"jsonrpc\": \"2.0\", \"method\": \"chain_blocks\", \"params\": {\"subscription\": 1, \"result\": {\"type\": \"block\", ...}}}`.

```
curl -s http://127.0.0.1:9650 -H 'content-type: application/json' \\
  -d '{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"chain_getBlock\", \"params\": {\"at\": 0, \"detail\": \"ids\"}}'
```

Members are in camelCase. 64-bit numbers are decimal texts, except heights, indexes and times, which are numbers. An error
has a number, a text, and as `data` an [`ErrorData`](#errordata) with the stable code on which programs can rely. Besides the
codes listed at a method, each can return `INVALID_REQUEST` for wrong parameters, `LIMIT_EXCEEDED` above a limit of the node
or for an answer of more than 32 MiB, `NOT_READY` and `INTERNAL`. Canonical bytes, hashes and proofs: see
[formats](formats.md); keys and values of the state: [state](state.md).

The examples are answers of a chain with the module `wallet`, whose bank issued 1,000.00 EUR each to alice of `acme` and bob of
`bolt`. Alice paid bob 12.50 EUR in block 1; a payment of bob's failed in block 2. Of long texts the beginning is shown, with
`...` at its end, and of long lists the first four elements. Ids, hashes and signatures are those of that chain.
";

/// Answers of an example above this length are not shown, bytes.
const ANSWER_BYTES_MAX: usize = 3_000;

#[test]
fn the_page_of_all_methods_is_up_to_date() {
    let document = document();
    let mut text = BEGINNING.to_owned();
    for method in METHODS {
        check_example(method);
        let described = document["methods"].as_array().unwrap();
        let described = described.iter().find(|it| it["name"] == method.name).unwrap();
        write_method(&mut text, method, described);
    }
    text.push_str("\n# Types\n");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        write!(text, "\n## `{name}`\n\n").unwrap();
        write_type(&mut text, schema);
    }
    assert_eq!(Method::find("chain_getblock"), None);
    expect_file!["../../../../docs/rpc.md"].assert_eq(&text);
}

/// The example of a method names its parameters, and has those that must be given.
fn check_example(method: &Method) {
    let value: Value = serde_json::from_str(method.example).unwrap();
    let given = value.as_object().unwrap();
    for name in given.keys() {
        assert!(method.parameters.iter().any(|it| it.name == name), "{}: {name}", method.name);
    }
    for it in method.parameters.iter().filter(|it| it.is_required) {
        assert!(given.contains_key(it.name), "{}: {}", method.name, it.name);
    }
    assert_eq!(Method::find(method.name), Some(method));
}

fn write_method(text: &mut String, method: &Method, described: &Value) {
    let about = described["description"].as_str().unwrap();
    write!(text, "\n## `{}`\n\n{about}\n\n", method.name).unwrap();
    let parameters = described["params"].as_array().unwrap();
    if !parameters.is_empty() {
        text.push_str("| Parameter | Type | |\n|---|---|---|\n");
        for it in parameters {
            let given = if it["required"] == true { "required" } else { "optional" };
            let name = it["name"].as_str().unwrap();
            writeln!(text, "| `{name}` | {} | {given} |", kind(&it["schema"])).unwrap();
        }
        text.push('\n');
    }
    let result = kind(&described["result"]["schema"]);
    match described["result"].get("x-message") {
        Some(message) => {
            writeln!(
                text,
                "Returns the id of the subscription; each message is {}.",
                kind(message)
            )
            .unwrap();
        }
        None => writeln!(text, "Returns {result}.").unwrap(),
    }
    let errors = method.errors();
    if !errors.is_empty() {
        let errors = errors.iter().map(|code| format!("`{code}` {}", rpc_number(*code)));
        write!(text, "\nErrors: {}.\n", errors.collect::<Vec<_>>().join(", ")).unwrap();
    }
    write_example(text, method, described);
}

/// The method's own example, then the others whose answers are not long.
fn write_example(text: &mut String, method: &Method, described: &Value) {
    let mut examples: Vec<&Value> = described["examples"].as_array().unwrap().iter().collect();
    examples.sort_by_key(|it| it["name"] != method.name);
    if examples.is_empty() {
        // That of the document itself, which is long.
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method.name, "params": {}});
        write!(text, "\n```json\n{request}\n```\n").unwrap();
    }
    for (at, example) in examples.into_iter().enumerate() {
        let params = example["params"].as_array().unwrap().iter();
        let params: Value = params
            .map(|it| (it["name"].as_str().unwrap().to_owned(), it["value"].clone()))
            .collect();
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method.name, "params": params});
        let answer = serde_json::to_string_pretty(&example["result"]["value"]).unwrap();
        let is_long = answer.len() > ANSWER_BYTES_MAX;
        if at > 0 && is_long {
            continue;
        }
        if at > 0 {
            let name = example["name"].as_str().unwrap();
            write!(text, "\n{}{}:\n", name[..1].to_uppercase(), &name[1..]).unwrap();
        }
        write!(text, "\n```json\n{request}\n```\n").unwrap();
        if !is_long {
            write!(text, "\nThe result:\n\n```json\n{answer}\n```\n").unwrap();
        }
    }
}

/// A type in words, with links to the types that have a section.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return format!("[`{name}`](#{})", name.to_lowercase());
    }
    if let Some(value) = schema.get("const") {
        return format!("`{}`", value.as_str().unwrap());
    }
    if let Some(all) = schema["allOf"].as_array() {
        return all.iter().map(kind).collect::<Vec<_>>().join(" and ");
    }
    if let Some(cases) = schema["oneOf"].as_array() {
        return cases.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match schema["type"].as_str() {
        Some("array") => format!("array of {}", kind(&schema["items"])),
        Some("integer") => "number".to_owned(),
        Some("string") => "text".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("null") => "null".to_owned(),
        Some("object") => {
            let members = schema["properties"].as_object().unwrap().iter();
            let members = members.map(|(name, schema)| format!("`{name}`: {}", kind(schema)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        _ => "any JSON".to_owned(),
    }
}

fn write_type(text: &mut String, schema: &Value) {
    if let Some(about) = schema["description"].as_str() {
        writeln!(text, "{about}").unwrap();
    }
    let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    for part in parts {
        if let Some(cases) = part["oneOf"].as_array() {
            write_cases(text, cases);
        } else if part["properties"].is_object() {
            write_members(text, &part);
        } else if let Some(pattern) = part["pattern"].as_str() {
            write!(text, "\nText of the form `{pattern}`.\n").unwrap();
        } else if part["$ref"].is_string() {
            write!(text, "\nThe members of {}, and:\n", kind(&part)).unwrap();
        }
    }
}

/// The members of an object, as a table.
fn write_members(text: &mut String, object: &Value) {
    text.push_str("\n| Member | Type | |\n|---|---|---|\n");
    let required = object["required"].as_array();
    for (name, schema) in object["properties"].as_object().unwrap() {
        let is_required = required.is_some_and(|all| all.iter().any(|it| it == name));
        let left_out = if is_required { "" } else { "Can be left out. " };
        let about = schema["description"].as_str().unwrap_or_default();
        let about = about.replace('|', "\\|");
        writeln!(text, "| `{name}` | {} | {left_out}{about} |", kind(schema)).unwrap();
    }
}

/// The cases of a type, each with its members.
fn write_cases(text: &mut String, cases: &[Value]) {
    text.push_str("\nOne of:\n\n");
    for case in cases {
        let about = case["description"].as_str().map_or_else(String::new, |it| format!(": {it}"));
        writeln!(text, "- {}{about}", kind(case)).unwrap();
        let parts = case["allOf"].as_array().cloned().unwrap_or_else(|| vec![case.clone()]);
        for part in parts {
            let Some(members) = part["properties"].as_object() else { continue };
            for (name, schema) in members.iter().filter(|(_, it)| it["description"].is_string()) {
                let about = schema["description"].as_str().unwrap();
                writeln!(text, "  - `{name}`: {about}").unwrap();
            }
        }
    }
}
