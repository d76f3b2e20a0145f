//! Ids of messages, and messages that are too long.

use serde_json::{Value, json};

use super::{Place, fitting, id_of, of_id, without_passwords};

#[test]
fn no_password_is_logged() {
    let servers = ["nats://ann:a@b@one:4222", "token@two", "tls://three:4222"].map(str::to_owned);
    assert_eq!(without_passwords(&servers), "nats://one:4222, two, tls://three:4222");
}

#[test]
fn an_id_is_the_position_of_its_event() {
    let place = Place { height: i64::MAX, index: 7, event: 0 };
    assert_eq!(id_of(place), "9223372036854775807-7-0");
    assert_eq!(of_id(&id_of(place)), Some(place));
    for id in ["", "1-2", "1-2-3-4", "1-2-x", "a-2-3", "9223372036854775808-0-0", "1--2-3"] {
        assert_eq!(of_id(id), None, "{id}");
    }
}

#[test]
fn a_message_that_is_too_long_comes_without_its_value() {
    let body = json!({"id": "1-0-0", "value": "x".repeat(2_000)}).to_string();
    assert_eq!(fitting(&body, body.len()), body);
    let shorter: Value = serde_json::from_str(&fitting(&body, body.len() - 1)).unwrap();
    assert_eq!(shorter, json!({"id": "1-0-0", "value": null, "valueOmitted": true}));
}
