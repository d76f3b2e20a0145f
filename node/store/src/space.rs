//! Checks that the disk has space left, before anything is written.

use std::path::{Path, PathBuf};

use nix::sys::statvfs::{Statvfs, statvfs};

use crate::{Lack, StoreError};

/// The number of files that must remain creatable. Each flush of a column family and each compaction creates some, and the
/// foreground creates the next write-ahead log.
const FILES_RESERVE: u64 = 32;

/// The disk of a store, and what must stay free of it.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    dir: PathBuf,
    reserve_bytes: u64,
}

impl Space {
    pub(crate) fn new(dir: &Path, reserve_bytes: u64) -> Self {
        Self { dir: dir.to_owned(), reserve_bytes }
    }

    /// Fails with [`StoreError::DiskFull`] if less than the reserve is left.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let found = self.found()?;
        let (free, reserve) = (free_bytes(&found), self.reserve_bytes);
        if free < reserve {
            return Err(StoreError::DiskFull(Lack::Bytes { free, reserve }));
        }
        let (free, reserve) = (found.files_available(), FILES_RESERVE);
        // File systems without a table of inodes report none at all.
        if found.files() > 0 && free < reserve {
            return Err(StoreError::DiskFull(Lack::Files { free, reserve }));
        }
        Ok(())
    }

    /// Whether this many bytes fit beside twice the reserve.
    pub(crate) fn has_room(&self, bytes: u64) -> Result<bool, StoreError> {
        let needed = self.reserve_bytes.saturating_mul(2).saturating_add(bytes);
        Ok(free_bytes(&self.found()?) >= needed)
    }

    fn found(&self) -> Result<Statvfs, StoreError> {
        statvfs(&self.dir).map_err(|error| StoreError::Disk(error.to_string()))
    }
}

fn free_bytes(found: &Statvfs) -> u64 {
    found.blocks_available().saturating_mul(found.fragment_size())
}
