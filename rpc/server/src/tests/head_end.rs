//! The end of an HTTP head.

use crate::head_end::HeadEnd;

/// The ends of all heads in a text that comes in pieces.
fn ends(text: &str, piece_bytes: usize) -> Vec<usize> {
    let (mut head, mut ends, mut before) = (HeadEnd::default(), Vec::new(), 0);
    for mut piece in text.as_bytes().chunks(piece_bytes) {
        while let Some(end) = head.find(piece) {
            before += end;
            ends.push(before);
            piece = &piece[end..];
        }
        before += piece.len();
    }
    ends
}

/// One row: a text, and the bytes after which a head ends.
#[test]
fn heads_end_with_an_empty_line_however_they_come() {
    let rows: [(&str, &[usize]); 9] = [
        ("", &[]),
        ("GET / HTTP/1.1\r\n", &[]),
        ("GET / HTTP/1.1\r\n\r\n", &[18]),
        ("a\n\n", &[3]),
        ("a\n\r\nb", &[4]),
        ("a\r\n\r\nb\r\n\r\n", &[5, 10]),
        ("a\r\n \r\nb\r\r\nc\n\r\r\n", &[]),
        ("a\r\nb: c\r\n\r\n{\"d\":1}a\n\n", &[11, 21]),
        ("\n\n\n\n", &[2, 4]),
    ];
    for (text, expected) in rows {
        for piece_bytes in 1..=text.len().max(1) {
            assert_eq!(ends(text, piece_bytes), expected, "{text:?} in {piece_bytes}");
        }
    }
}
