//! Records how far writes were acknowledged, in a small file next to the database.
//!
//! After each fsync of the database the number of its last write is recorded here, without another fsync: the
//! record may lag behind durable writes, but is never ahead of them. A database that ends before the recorded
//! number has lost acknowledged writes, which its write-ahead log alone cannot distinguish from a torn last
//! record.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Digits of the number; the file always has this length and a newline.
const DIGITS: usize = 20;

#[derive(Debug)]
pub(crate) struct Acknowledged {
    file: File,
    claimed: u64,
}

impl Acknowledged {
    /// Writes the file of a new directory.
    pub(crate) fn create(path: &Path) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(&line(0))?;
        file.sync_all()
    }

    /// Reads the file; the error is a reason for [`crate::OpenError::Damaged`].
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let read = || -> io::Result<(Vec<u8>, File)> {
            let bytes = fs::read(path)?;
            Ok((bytes, OpenOptions::new().write(true).open(path)?))
        };
        let (bytes, file) = read().map_err(|error| format!("the file acknowledged: {error}"))?;
        let number = bytes
            .strip_suffix(b"\n")
            .filter(|digits| digits.len() == DIGITS)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| digits.parse().ok());
        let claimed =
            number.ok_or("the file acknowledged does not contain a number of 20 digits")?;
        Ok(Self { file, claimed })
    }

    /// The number of the last write known to be durable.
    pub(crate) fn claimed(&self) -> u64 {
        self.claimed
    }

    /// Records that all writes up to this number are durable.
    pub(crate) fn note(&mut self, last_write: u64) -> io::Result<()> {
        self.file.write_all_at(&line(last_write), 0)?;
        self.claimed = last_write;
        Ok(())
    }
}

fn line(number: u64) -> [u8; DIGITS + 1] {
    let mut line = [b'\n'; DIGITS + 1];
    let text = format!("{number:0DIGITS$}");
    line[..DIGITS].copy_from_slice(text.as_bytes());
    line
}
