//! Addresses of nodes as users write them.

use super::{http_url, without_password};

#[test]
fn addresses_for_websockets_are_taken_and_others_refused() {
    assert_eq!(http_url("wss://node.example/").unwrap(), "https://node.example");
    assert_eq!(http_url("http://user:secret@[::1]:80").unwrap(), "http://user:secret@[::1]:80");
    let refused = http_url("ftp://user:secret@host").unwrap_err().to_string();
    assert!(refused.contains("ftp://***@host"), "{refused}");
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
