//! Reads text files up to a size, and writes new ones.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};

use crate::error_code;

/// Reads a file that has at most a number of bytes. `what` is for errors: the genesis, the card.
pub(crate) fn read(what: &str, path: &Path, bytes_max: u64) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {what} at {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).with_context(cannot)?;
    if bytes.len() as u64 > bytes_max {
        bail!("{what} at {} is longer than {bytes_max} bytes", path.display());
    }
    String::from_utf8(bytes).with_context(cannot)
}

/// Writes a file that must not exist, unless it has this content already.
pub(crate) fn create(path: &Path, text: &str) -> anyhow::Result<()> {
    let shown = path.display();
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if read("the file", path, text.len() as u64).is_ok_and(|found| found == text) {
                return Ok(());
            }
            bail!("{shown} exists and is another one: move it away, or choose another place");
        }
        opened => {
            let written = opened.and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            });
            error_code::step(
                error_code::DISK,
                written.with_context(|| format!("cannot write {shown}")),
            )
        }
    }
}
