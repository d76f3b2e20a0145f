use std::io::{self, ErrorKind, Write};

use super::write_result;

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
