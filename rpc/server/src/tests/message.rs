use jsonrpsee::types::Id;

use crate::limits::{BATCH_CALLS_MAX, NESTING_MAX};
use crate::message::{Message, read};

const CALL: &str = r#"{"jsonrpc":"2.0","method":"m","id":1}"#;

#[test]
fn an_id_may_be_null_and_a_notification_has_none() {
    let id = |text: &str| match read(text.as_bytes()) {
        Message::Single(Ok(call)) => call.id.map(Id::into_owned),
        _ => panic!("{text} is a call"),
    };
    assert_eq!(id(CALL), Some(Id::Number(1)));
    assert_eq!(id(r#"{"jsonrpc":"2.0","method":"m","id":null}"#), Some(Id::Null));
    assert_eq!(id(r#"{"jsonrpc":"2.0","method":"m"}"#), None);
    assert_eq!(
        id(r#" {"id":"\u0041","method":"\u006d","jsonrpc":"2.0","x":1} "#),
        Some(Id::Str("A".into()))
    );
}

#[test]
fn bounds_are_exact() {
    let nested = |depth: usize| {
        // The call itself is one level.
        let params = "[".repeat(depth - 1) + &"]".repeat(depth - 1);
        format!(r#"{{"jsonrpc":"2.0","method":"m","params":{params},"id":1}}"#)
    };
    assert!(matches!(read(nested(NESTING_MAX).as_bytes()), Message::Single(Ok(_))));
    assert!(matches!(read(nested(NESTING_MAX + 1).as_bytes()), Message::Refused(_)));

    let batch = |calls: usize| format!("[{}]", vec![CALL; calls].join(","));
    assert!(matches!(read(batch(BATCH_CALLS_MAX).as_bytes()), Message::Batch(_)));
    assert!(matches!(read(batch(BATCH_CALLS_MAX + 1).as_bytes()), Message::Refused(_)));
}
