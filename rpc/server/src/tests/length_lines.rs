//! Lines of an HTTP head that say the length of a body.

use crate::length_lines::LengthLines;

fn has_both(head: &str, part_bytes: usize) -> bool {
    let mut lines = LengthLines::default();
    for part in head.as_bytes().chunks(part_bytes) {
        lines.read(part);
    }
    lines.end_of_head()
}

/// In whatever parts a head arrives, both lines are found, and nothing else is taken for them.
#[test]
fn both_lines_are_found_and_no_others() {
    let length = "content-length: 5\r\n";
    for (head, expected) in [
        ("POST / HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), false),
        (format!("POST / HTTP/1.1\r\n{length}\r\n"), false),
        (format!("POST / HTTP/1.1\r\n{length}transfer-encoding: chunked\r\n\r\n"), true),
        (format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{length}\r\n"), true),
        (format!("POST / HTTP/1.1\nTRANSFER-ENCODING:chunked\nx: y\n{length}\n"), true),
        (format!("\r\n\nPOST / HTTP/1.1\r\ntransfer-encoding:\r\n{length}\r\n"), true),
        (format!("POST / HTTP/1.1\r\n{length}x-transfer-encoding: chunked\r\n\r\n"), false),
        (format!("POST / HTTP/1.1\r\n{length}transfer-encoding2: chunked\r\n\r\n"), false),
        (format!("POST / HTTP/1.1\r\n{length}x: transfer-encoding: chunked\r\n\r\n"), false),
        (format!("{{\"a\":1}}POST / HTTP/1.1\r\n{length}transfer-encoding: chunked\r\n\r\n"), true),
    ] {
        for part_bytes in [1, 2, 3, 7, 1_000] {
            assert_eq!(has_both(&head, part_bytes), expected, "{head:?} by {part_bytes}");
        }
    }
}

#[test]
fn each_head_counts_for_itself() {
    let mut lines = LengthLines::default();
    lines.read(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n");
    assert!(!lines.end_of_head());
    lines.read(b"{}POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
    assert!(!lines.end_of_head());
}
