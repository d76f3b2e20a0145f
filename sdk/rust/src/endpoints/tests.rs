//! Addresses of nodes as users write them, and the comparison of clocks.

use super::{ahead_ms, check_url, http_url, without_password};
use crate::Error;

#[test]
fn addresses_for_websockets_are_taken_and_others_refused() {
    assert_eq!(http_url("wss://node.example/").unwrap(), "https://node.example");
    assert_eq!(http_url("http://user:secret@[::1]:80").unwrap(), "http://user:secret@[::1]:80");
    let refused = http_url("ftp://user:secret@host").unwrap_err().to_string();
    assert!(refused.contains("ftp://***@host"), "{refused}");
}

#[test]
fn the_form_of_an_address_is_checked_without_a_connection() {
    for good in ["http://127.0.0.1:1", "wss://node.example", "https://user:secret@[::1]:80/"] {
        assert!(check_url(good).is_ok(), "{good}");
    }
    for wrong in ["", "127.0.0.1:1", "http://", "http://:80", "http://host:port", "ftp://host"] {
        assert!(matches!(check_url(wrong), Err(Error::Url(_))), "{wrong}");
    }
}

#[test]
fn a_password_is_never_shown() {
    let rows = [
        ("http://host:1", "http://host:1"),
        ("http://user:secret@host:1", "http://***@host:1"),
        ("http://user:se@cret@host:1", "http://***@host:1"),
        ("user:secret@host", "***@host"),
        ("", ""),
    ];
    for (url, shown) in rows {
        assert_eq!(without_password(url), shown);
    }
}

#[test]
fn a_clock_is_compared_without_the_time_of_the_answer() {
    let rows = [
        // (before the request, after the answer, chain's time, how far the clock is ahead)
        (1_000, 5_000, 1_000, 0),
        (1_000, 5_000, 5_000, 0),
        (1_000, 5_000, 900, 100),
        (1_000, 5_000, 5_100, -100),
        (u64::MAX, u64::MAX, 0, i64::MAX),
        (0, 0, u64::MAX, -i64::MAX),
    ];
    for (before_ms, after_ms, chain_ms, expected) in rows {
        assert_eq!(ahead_ms((before_ms, after_ms), chain_ms), expected, "{chain_ms}");
    }
}
