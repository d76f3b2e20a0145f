//! Where a last-signed record was written, so that a copied directory is recognised.
//!
//! A file that is copied, or restored from a backup, gets another inode and another time of birth, whatever else the
//! copy preserves. So each record is stored with those of the database's directory. A record that was written
//! elsewhere may be older than what the key signed since. A disk that is set back as a whole looks as it did: that
//! the record is old can then only be seen by what others know.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::Context;
use borsh::{BorshDeserialize, BorshSerialize};
use ehb_consensus::LastSigned;
use ehb_types::{decode, encode};

/// What a directory has that no copy of it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Place {
    inode: u64,
    /// When the directory was made, nanoseconds since 1970; 0 where the file system does not say.
    born_ns: u128,
}

impl Place {
    /// The place of a directory.
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        let metadata = std::fs::metadata(directory)
            .with_context(|| format!("cannot look at {}", directory.display()))?;
        let born = metadata.created().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        Ok(Self { inode: metadata.ino(), born_ns: born.map_or(0, |it| it.as_nanos()) })
    }

    /// A record as it is stored: after the place where it was written.
    pub(crate) fn stored(&self, record: &[u8]) -> Vec<u8> {
        [&encode(self), record].concat()
    }

    /// A stored record, and whether it was written elsewhere.
    pub(crate) fn read(&self, stored: &[u8]) -> anyhow::Result<(LastSigned, bool)> {
        let (place, record) =
            decode::<(Self, LastSigned)>(stored).context("the last-signed record is damaged")?;
        Ok((record, place != *self))
    }
}

#[cfg(test)]
mod tests;
