//! Printing of results and failures, and files of users.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{clean, failure_text, read_text, replace_file, write_result};

/// A channel that fails like this at each write.
struct Fails(ErrorKind);

impl Write for Fails {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_result_is_a_line() {
    let mut output = Vec::new();
    assert!(write_result(&mut output, "one\ttwo").unwrap());
    assert_eq!(output, b"one\ttwo\n");
}

#[test]
fn a_closed_pipe_ends_quietly_and_a_full_disk_is_an_error() {
    assert!(!write_result(&mut Fails(ErrorKind::BrokenPipe), "text").unwrap());
    let error = write_result(&mut Fails(ErrorKind::StorageFull), "text").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
}

/// Some errors repeat the text of what led to them.
#[test]
fn a_failure_says_each_cause_once() {
    let causes = ["cannot listen on 127.0.0.1:1: in use; is it taken?", "in use", "try another"];
    let text = "error: cannot listen on 127.0.0.1:1: in use; is it taken?: try another\ncode: SOME";
    assert_eq!(failure_text(causes, "SOME"), text);
}

#[test]
fn a_host_is_a_name_or_an_address_alone() {
    let long_label = "a".repeat(64);
    let long_name = ["a".repeat(63).as_str(); 4].join(".") + ".b";
    for good in [
        "node",
        "a-b_c.example",
        "XN--NXASMQ6B.example",
        "10.0.0.1",
        "::1",
        "2001:db8::1",
        "4.example",
    ] {
        assert_eq!(super::host_name(good).as_deref(), Ok(good));
    }
    let wrong = [
        "",
        ".",
        "a.",
        "a..b",
        "-a",
        "a-",
        "a b",
        "a:1",
        "[::1]",
        "http://a",
        "*.example",
        "ä.example",
        "10.0.0.256",
        "1.2.3",
        "7400",
        "a/b",
        "a@b",
        &long_label,
        &long_name,
    ];
    for wrong in wrong {
        assert!(super::host_name(wrong).unwrap_err().contains("is no host"), "{wrong}");
    }
}

#[test]
fn external_text_cannot_control_the_terminal() {
    for (text, shown) in [
        ("invoice 42", "invoice 42"),
        ("Zürich, 東京, ½", "Zürich, 東京, ½"),
        ("\u{1b}[2Jgone", "\u{fffd}[2Jgone"),
        ("two\nlines\tand a tab", "two\u{fffd}lines\u{fffd}and a tab"),
        ("a\u{202e}b", "a\u{fffd}b"),
        ("\u{9b}31m", "\u{fffd}31m"),
        ("nul\0", "nul\u{fffd}"),
    ] {
        assert_eq!(clean(text), shown, "{text:?}");
    }
}

#[test]
fn a_text_is_read_up_to_a_size() {
    assert_eq!(read_text(&b"abc"[..], 3).unwrap(), "abc");
    for (bytes, reason) in [
        (&b"abcd"[..], "it has more than 3 bytes"),
        // Cut within a character, it is too long first of all.
        ("ab\u{20ac}".as_bytes(), "it has more than 3 bytes"),
        (&b"\xff"[..], "invalid utf-8 sequence of 1 bytes from index 0"),
    ] {
        assert_eq!(read_text(bytes, 3).unwrap_err().to_string(), reason);
    }
}

/// The owner alone can read a new file, and another content changes nothing about that; no other file is left.
#[test]
fn a_file_is_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    replace_file(&path, "one").unwrap();
    assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("one", 0o600));
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    replace_file(&path, "two").unwrap();
    assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("two", 0o644));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(replace_file(&folder.path().join("missing/file"), "three").is_err());
}
