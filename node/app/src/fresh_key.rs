//! A note in the data directory that its consensus key has signed nothing yet.
//!
//! `init` writes it with a new key, and the first start removes it, before anything is signed. A directory
//! without a chain and without this note was emptied, or its key comes from elsewhere: then it is unknown
//! what the key signed.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;

const FILE: &str = "unused-key";
const TEXT: &str = "\
The consensus key beside this file has signed nothing yet. The node removes this file when it starts for
the first time. Never put it back: a validator that forgot its votes could vote twice.
";

/// Writes the note that the key of this directory is new.
pub(crate) fn mark(data_dir: &Path) -> anyhow::Result<()> {
    let path = data_dir.join(FILE);
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(TEXT.as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Whether the key of this directory has signed nothing yet.
pub(crate) fn is_marked(data_dir: &Path) -> bool {
    data_dir.join(FILE).exists()
}

/// Removes the note durably.
pub(crate) fn clear(data_dir: &Path) -> anyhow::Result<()> {
    let path = data_dir.join(FILE);
    let removed = match std::fs::remove_file(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        removed => removed.and_then(|()| File::open(data_dir)?.sync_all()),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}
