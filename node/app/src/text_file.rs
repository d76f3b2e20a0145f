//! Reads text files up to a size, and writes new ones.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};

use crate::error_code;

/// Reads a file that has at most a number of bytes. `what` is for errors: the genesis, the card.
pub(crate) fn read(what: &str, path: &Path, bytes_max: u64) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {what} at {}", path.display());
    let file = File::open(path).with_context(cannot)?;
    ehb_console::read_text(file, bytes_max).with_context(cannot)
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
