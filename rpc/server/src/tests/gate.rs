//! WebSocket messages before the library reads them.

use serde_json::{Value, json};

use super::frames::frame_of;
use crate::frames::FrameCounter;
use crate::gate::{Gate, REFUSED};
use crate::limits::REQUEST_BYTES_MAX;

const TEXT: u8 = 0x81;
const FIRST_PART: u8 = 0x01;
const PART: u8 = 0x00;
const LAST_PART: u8 = 0x80;
const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;
const BINARY: u8 = 0x82;

const CALL: &str = r#"{"jsonrpc":"2.0","method":"chain_status","id":1}"#;

/// What a gate passes on of bytes that come in pieces.
fn passed(gate: &mut Gate, bytes: &[u8], piece: usize) -> Vec<u8> {
    let mut passed = Vec::new();
    let mut buffer = [0; 1_000];
    for piece in bytes.chunks(piece) {
        gate.read(piece);
        while gate.is_ready() {
            let count = gate.pass(&mut buffer);
            passed.extend(&buffer[..count]);
        }
    }
    passed
}

/// Splits frames that are passed on, whose mask changes nothing: opcode and payload.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, second, ..] = *bytes {
        assert_eq!(second & 0x80, 0x80, "frames of clients are masked");
        let (length, at) = match second & 0x7F {
            126 => (usize::from(u16::from_be_bytes([bytes[2], bytes[3]])), 4),
            127 => (u64::from_be_bytes(bytes[2..10].try_into().unwrap()) as usize, 10),
            short => (usize::from(short), 2),
        };
        let mask: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        let payload = bytes[at + 4..at + 4 + length].iter().enumerate();
        frames.push((first, payload.map(|(at, byte)| byte ^ mask[at % 4]).collect()));
        bytes = &bytes[at + 4 + length..];
    }
    frames
}

#[test]
fn good_messages_pass_in_one_frame_however_they_come() {
    let long =
        json!({"jsonrpc": "2.0", "method": "tx_submit", "params": ["a".repeat(70_000)], "id": 2});
    let long = long.to_string();
    let sent = [
        frame_of(TEXT, CALL.as_bytes(), true),
        frame_of(FIRST_PART, &CALL.as_bytes()[..7], true),
        frame_of(PING, b"here", true),
        frame_of(PART, b"", true),
        frame_of(LAST_PART, &CALL.as_bytes()[7..], true),
        frame_of(TEXT, long.as_bytes(), true),
    ]
    .concat();
    let expected = vec![
        (TEXT, CALL.as_bytes().to_vec()),
        (PING, b"here".to_vec()),
        (TEXT, CALL.as_bytes().to_vec()),
        (TEXT, long.into_bytes()),
    ];
    for piece in [1, 2, 3, 7, 1_000, sent.len()] {
        let mut gate = Gate::default();
        let passed = passed(&mut gate, &sent, piece);
        assert_eq!(frames(&passed), expected, "{piece}");
        assert_eq!((gate.messages, gate.is_over), (3, false));
        let mut counter = FrameCounter::default();
        counter.read(&passed);
        assert_eq!(counter.messages, 3);
    }
}

/// One row a message that is refused: the id, the number and the code of its error.
#[test]
fn bad_messages_become_calls_that_return_their_error() {
    let rows = [
        ("", json!(null), -32_700),
        ("{", json!(null), -32_700),
        ("\u{feff}7", json!(null), -32_700),
        ("7", json!(null), -32_600),
        (r#"{"jsonrpc":"2.0","method":"a","params":null,"id":5}"#, json!(5), -32_600),
        (r#"{"jsonrpc":"1.0","method":"a","id":"x"}"#, json!("x"), -32_600),
        (r#"{"jsonrpc":"2.0","method":"a","id":-1}"#, json!(null), -32_600),
        (r#"{"jsonrpc":"2.0","method":7,"id":1.5}"#, json!(null), -32_600),
    ];
    for (message, id, number) in rows {
        let sent = frame_of(TEXT, message.as_bytes(), true);
        let mut gate = Gate::default();
        let found = frames(&passed(&mut gate, &sent, 3));
        let [(TEXT, call)] = &found[..] else { panic!("{message}: {found:?}") };
        let call: Value = serde_json::from_slice(call).unwrap();
        assert_eq!((&call["id"], &call["method"]), (&id, &json!(REFUSED)), "{message}");
        assert_eq!(call["params"][0], number, "{message}");
        assert_eq!(call["params"][1], "INVALID_REQUEST", "{message}");
        assert_eq!((gate.messages, gate.is_over), (1, false));
    }
}

#[test]
fn a_message_that_is_too_long_is_skipped_and_answered() {
    let half = vec![b' '; REQUEST_BYTES_MAX / 2];
    let sent = [
        frame_of(FIRST_PART, &half, true),
        frame_of(LAST_PART, &[half.clone(), vec![0]].concat(), true),
        frame_of(TEXT, CALL.as_bytes(), true),
    ];
    let mut gate = Gate::default();
    let mut found = Vec::new();
    for frame in sent {
        found.extend(passed(&mut gate, &frame, 70_000));
        assert!(gate.held_bytes() <= REQUEST_BYTES_MAX);
    }
    let [(TEXT, refused), (TEXT, call)] = &frames(&found)[..] else { panic!("two messages") };
    let refused: Value = serde_json::from_slice(refused).unwrap();
    assert_eq!(
        (&refused["method"], &refused["params"][1]),
        (&json!(REFUSED), &json!("LIMIT_EXCEEDED"))
    );
    assert_eq!(call, CALL.as_bytes());
    assert_eq!((gate.messages, gate.is_over), (2, false));
}

/// A close frame as it is passed on.
fn close(payload: &[u8]) -> Vec<(u8, Vec<u8>)> {
    vec![(CLOSE, payload.to_vec())]
}

/// One row a frame, and the code with which the WebSocket is closed (RFC 6455, section 7.4.1).
#[test]
fn a_violation_becomes_a_close_frame_with_its_code() {
    let good = frame_of(TEXT, CALL.as_bytes(), true);
    let begun = |next: Vec<u8>| [frame_of(FIRST_PART, b"{", true), next].concat();
    let mut endless = frame_of(TEXT, b"", true);
    endless.splice(1..2, [0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    let rows: Vec<(&str, Vec<u8>, u16)> = vec![
        ("not masked", frame_of(TEXT, CALL.as_bytes(), false), 1_002),
        ("a reserved bit", frame_of(TEXT | 0x40, CALL.as_bytes(), true), 1_002),
        ("a part of no message", frame_of(PART, b"part", true), 1_002),
        ("the end of no message", frame_of(LAST_PART, b"", true), 1_002),
        ("a message within a message", begun(good.clone()), 1_002),
        ("an opcode without meaning", frame_of(0x83, b"x", true), 1_002),
        ("a control opcode without meaning", frame_of(0x8B, b"", true), 1_002),
        ("too long a control frame", frame_of(PING, &[0; 126], true), 1_002),
        ("a part of a control frame", frame_of(PING & 0x7F, b"x", true), 1_002),
        ("a length of 64 bits", endless, 1_002),
        ("half a close code", frame_of(CLOSE, &[3], true), 1_002),
        ("a close reason that is not UTF-8", frame_of(CLOSE, &[3, 232, 0xff], true), 1_007),
        ("text that is not UTF-8", frame_of(TEXT, b"\"\xff\"", true), 1_007),
        ("a part that is not UTF-8", begun(frame_of(LAST_PART, b"\xc3", true)), 1_007),
    ];
    for (what, bad, code) in rows {
        for piece in [1, 5, 1_000] {
            let mut gate = Gate::default();
            let sent = [good.clone(), bad.clone(), good.clone()].concat();
            let found = frames(&passed(&mut gate, &sent, piece));
            let expected = [vec![(TEXT, CALL.as_bytes().to_vec())], close(&code.to_be_bytes())];
            assert_eq!(found, expected.concat(), "{what}");
            assert_eq!((gate.messages, gate.is_over), (1, true), "{what}");
            assert!(!gate.is_within_message(), "{what}");
        }
    }
}

#[test]
fn nothing_after_a_close_frame_is_read() {
    for payload in [&b""[..], &[3, 232], "\u{3}\u{7f}bye".as_bytes()] {
        let mut gate = Gate::default();
        let sent = [frame_of(CLOSE, payload, true), frame_of(TEXT, CALL.as_bytes(), true)].concat();
        assert_eq!(frames(&passed(&mut gate, &sent, 3)), close(payload));
        assert_eq!((gate.messages, gate.is_over), (0, true));
    }
}

/// A message that is split within a character is UTF-8, and a binary message can be anything.
#[test]
fn only_a_whole_text_must_be_utf8() {
    let call = CALL.replace("chain_status", "é");
    let at = call.find('é').unwrap() + 1;
    let sent = [
        frame_of(FIRST_PART, &call.as_bytes()[..at], true),
        frame_of(LAST_PART, &call.as_bytes()[at..], true),
        frame_of(BINARY, b"\xff", true),
    ];
    let mut gate = Gate::default();
    let found = frames(&passed(&mut gate, &sent.concat(), 4));
    let [(TEXT, whole), (BINARY, refused)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(whole, call.as_bytes());
    assert!(String::from_utf8_lossy(refused).contains("is not UTF-8"));
    assert_eq!((gate.messages, gate.is_over), (2, false));
}
