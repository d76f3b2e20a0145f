//! The place where a last-signed record was written, so that a copied directory is detected.
//!
//! A copied or restored file gets another inode and another creation time, whatever else the copy preserves.
//! So each record is stored with those of the database's directory. A record that was written elsewhere may
//! be older than the last signature of the key. A disk that is set back as a whole is not detected: then only
//! other validators know that the record is old.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context, anyhow};
use borsh::{BorshDeserialize, BorshSerialize};
use ehb_consensus::LastSigned;
use ehb_types::{Hash, decode, encode};

use crate::error_code;

/// The attributes of a directory that a copy does not preserve, and its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Place {
    inode: u64,
    /// The creation time of the directory, nanoseconds since 1970; 0 if the file system does not record it.
    born_ns: u128,
    /// The genesis hash of the chain: a signer state outlives the directory of an earlier chain.
    genesis: Hash,
}

impl Place {
    /// The place of a directory with a chain.
    pub(crate) fn of(directory: &Path, genesis: Hash) -> anyhow::Result<Self> {
        let metadata = std::fs::metadata(directory)
            .with_context(|| format!("cannot look at {}", directory.display()))?;
        let born = metadata.created().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        let born_ns = born.map_or(0, |it| it.as_nanos());
        Ok(Self { inode: metadata.ino(), born_ns, genesis })
    }

    /// Encodes a record together with the place where it is written.
    pub(crate) fn stored(&self, record: &[u8]) -> Vec<u8> {
        [&encode(self), record].concat()
    }

    /// Decodes a stored record, and returns whether it was written elsewhere. Errors: it is damaged, or of another chain.
    pub(crate) fn read(&self, stored: &[u8]) -> anyhow::Result<(LastSigned, bool)> {
        let (place, record) =
            decode::<(Self, LastSigned)>(stored).context("the last-signed record is damaged")?;
        place.check_chain(self.genesis)?;
        Ok((record, place != *self))
    }

    fn check_chain(&self, genesis: Hash) -> anyhow::Result<()> {
        if self.genesis == genesis {
            return Ok(());
        }
        let error = anyhow!(
            "the file of store.signer_state belongs to the chain with genesis {}, and this one has {genesis}: name another file",
            self.genesis
        );
        Err(error_code::coded(error_code::SIGNER_STATE, error))
    }

    /// Checks that a signer state is of this chain, before a store is opened that would replace an older record in it.
    pub(crate) fn check_signer_state(path: &Path, genesis: Hash) -> anyhow::Result<()> {
        let Some(stored) = ehb_store::signed_in(path) else { return Ok(()) };
        // What cannot be decoded is reported when it is used.
        decode::<(Self, LastSigned)>(&stored)
            .map_or(Ok(()), |(place, _)| place.check_chain(genesis))
    }
}

#[cfg(test)]
mod tests;
