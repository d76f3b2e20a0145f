//! JSON-RPC messages that are rejected or changed before the library reads them.

use serde_json::{Value, json};

use crate::limits::BATCH_CALLS_MAX;
use crate::message::{JsonRpcMessage, read};

const CALL: &str = r#"{"jsonrpc":"2.0","method":"m","id":1}"#;

fn good(text: &str) -> JsonRpcMessage {
    match read(text.into()) {
        Ok(message) => message,
        Err(bad) => panic!("{text}: {}", bad.into_json()),
    }
}

fn bad(text: &str) -> Value {
    match read(text.into()) {
        Ok(_) => panic!("{text} was taken"),
        Err(bad) => serde_json::from_str(&bad.into_json()).unwrap(),
    }
}

#[test]
fn what_the_library_holds_is_left_as_it_is() {
    let calls = [
        CALL,
        r#" {"id":"\u0041","method":"\u006d","jsonrpc":"2.0","x":1} "#,
        r#"{"jsonrpc":"2.0","method":"m","id":null}"#,
        r#"{"jsonrpc":"2.0","method":"m","id":18446744073709551615}"#,
        r#"{"jsonrpc":"2.0","method":"m","params":{}}"#,
        r#"[{"jsonrpc":"2.0","method":"m","id":1},7]"#,
    ];
    for text in calls {
        let message = good(text);
        assert_eq!(message.body, text.as_bytes());
        assert!(!message.ids.are_ours());
    }
}

#[test]
fn an_id_may_be_any_number() {
    for id in ["-1", "1.5", "1e3", "-0", "18446744073709551616", "1E400", "0.10"] {
        let message = good(&format!(r#"{{"jsonrpc":"2.0","id" : {id} ,"method":"m"}}"#));
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!(body, json!({"jsonrpc": "2.0", "id": 0, "method": "m"}));
        let restored = message.ids.restore(br#"{"jsonrpc":"2.0","id":0,"result":{"id":0}}"#);
        let expected = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"id":0}}}}"#);
        assert_eq!(String::from_utf8(restored.unwrap()).unwrap(), expected);
    }
}

#[test]
fn a_batch_gets_all_its_ids_back() {
    let call = |id: &str| format!(r#"{{"jsonrpc":"2.0","method":"m","id":{id}}}"#);
    let silent = r#"{"jsonrpc":"2.0","method":"m"}"#;
    let bad = r#"{"id":3,"method":7}"#;
    let entries = [&call("-7"), silent, &call("\"a\""), bad, "8", &call("null"), &call("1")];
    let message = good(&format!("[{}]", entries.join(",")));
    let body: Vec<Value> = serde_json::from_slice(&message.body).unwrap();
    let ids: Vec<&Value> = body.iter().map(|call| &call["id"]).collect();
    assert_eq!(json!(ids), json!([0, null, 1, 2, null, 3, 4]));
    let answer = |id: Value| json!({"jsonrpc": "2.0", "id": id, "result": 0});
    let answers: Vec<Value> =
        [json!(0), json!(1), json!(2), json!(null), json!(3), json!(4)].map(answer).into();
    let restored = message.ids.restore(json!(answers).to_string().as_bytes()).unwrap();
    let restored: Vec<Value> = serde_json::from_slice(&restored).unwrap();
    let ids: Vec<&Value> = restored.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(json!(ids), json!([-7, "a", 3, null, null, 1]));
}

/// One row: what the library would misread, and a part of the refusal.
#[test]
fn what_the_library_would_misread_is_refused() {
    let rows = [
        (r#"{"jsonrpc":"2.0","method":"m","params":null,"id":1}"#, "params must be", json!(1)),
        (r#"{"jsonrpc":"2.0","method":"m","params":7,"id":-1}"#, "params must be", json!(-1)),
        (r#"{"jsonrpc":"2.0","method":"m","id":true}"#, "an id is text", Value::Null),
        (r#"{"jsonrpc":"2.0","method":"m","id":{}}"#, "an id is text", Value::Null),
        (r#"{"jsonrpc":"2.0","method":"m","id":1,"id":2}"#, "each once", Value::Null),
        (r#"{"jsonrpc":"2.0","method":"m","method":"n","id":2}"#, "each once", json!(2)),
        (r#"[{"jsonrpc":"2.0","method":"m","params":null,"id":1}]"#, "params must be", Value::Null),
        (r#"[{"jsonrpc":"2.0","method":"m","id":1,"id":2}]"#, "each once", Value::Null),
    ];
    for (text, part, id) in rows {
        let answer = bad(text);
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(-32600), &id), "{text}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(part), "{answer}");
    }
}

#[test]
fn a_batch_is_bounded() {
    let batch = |calls: usize| format!("[{}]", vec![CALL; calls].join(","));
    good(&batch(BATCH_CALLS_MAX));
    assert_eq!(bad(&batch(BATCH_CALLS_MAX + 1))["error"]["code"], -32065);
    assert_eq!(bad("[]")["error"]["code"], -32600);
}
