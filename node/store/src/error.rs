//! Defines why a store cannot be opened, and why a read or write of it fails.

use std::io;
use std::path::PathBuf;

/// Why a data directory could not be opened. The attempt loses no data.
///
/// The checks before RocksDB opens for writing (the lock, the format, the list of files, the write-ahead log
/// and its end) change nothing. Errors that are detected later, in a table or in the signer state, can occur
/// after the log was moved into tables, as at every start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the directory or the signer-state file.
    #[error(
        "{path} is in use by another process{}; stop it first, two nodes must never share a \
         directory or a key",
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The locked file.
        path: PathBuf,
        /// The other process, if its lock file contains its pid.
        pid: Option<u32>,
    },
    /// The directory was written in a format that this program does not know.
    #[error(
        "{path} has the store format {found:?}, this program knows {known:?}; use the program \
         version that wrote it, or move this folder of the database away, keep keys.json, and start the node, \
         which fetches the chain from its peers"
    )]
    Format {
        /// The file with the format.
        path: PathBuf,
        /// Its content.
        found: String,
        /// The expected content.
        known: &'static str,
    },
    /// The directory is damaged or incomplete.
    #[error(
        "the folder of the database {path} is damaged: {reason}; restore it from a backup, or move it away, keep \
         keys.json, and start the node, which fetches the chain from its peers"
    )]
    Damaged {
        /// The store's directory.
        path: PathBuf,
        /// The damage, and its place.
        reason: String,
    },
    /// The signer-state file is missing or damaged, so it is unknown what was signed.
    #[error(
        "the signer state {path} of store.signer_state {reason}; without it the validator could sign twice: restore it, or \
         make sure that the network is past every height this validator signed and start once \
         without a signer-state file"
    )]
    SignerState {
        /// The file.
        path: PathBuf,
        /// The problem, as the end of a sentence.
        reason: String,
    },
    /// The signer-state file cannot be used where the settings place it.
    #[error(
        "store.signer_state names {path}, which cannot be used: {reason}; create the folder, mount it, or let this user \
         write there; name another file only if no node with this key has used this one"
    )]
    SignerPlace {
        /// The file.
        path: PathBuf,
        /// Why it cannot be used.
        reason: String,
    },
    /// An error of the file system.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// RocksDB could not open for a reason other than damage, such as a full disk.
    #[error("the database in {path} could not be opened: {reason}")]
    Database {
        /// The store's directory.
        path: PathBuf,
        /// RocksDB's own text.
        reason: String,
    },
}

/// Why a read or write of the store failed.
///
/// After [`Self::Disk`] or [`Self::Stopped`] from a write, no unacknowledged write can be relied on: votes
/// must not be sent, and the process must be restarted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Reading or writing failed.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// The read data is not what was written.
    #[error("the stored data is damaged: {0}")]
    Damaged(String),
    /// Too little space is left. Nothing is acknowledged, and the same call can be retried.
    #[error("the disk is full: {0}; make room")]
    DiskFull(Lack),
    /// An earlier write failed.
    #[error("the store stopped after a failed write ({0}); restart the node")]
    Stopped(String),
    /// A caller's error: the height does not follow the head, or is too far above it.
    #[error("unexpected height {height}: the head is at {head}")]
    Height {
        /// The height given.
        height: u64,
        /// The height of the head, which it must follow.
        head: u64,
    },
    /// A caller's error: the parts do not match each other.
    #[error("the block at height {height} cannot be committed: {reason}")]
    Mismatch {
        /// The block's height.
        height: u64,
        /// The mismatch.
        reason: &'static str,
    },
    /// A limit of buffered or stored data for a height is exceeded.
    #[error("{what} exceeds its limit of {max}")]
    Bound {
        /// The limited item.
        what: &'static str,
        /// The bound.
        max: usize,
    },
}

/// The resource that a full disk lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// Space for data.
    #[error("{free} bytes are free and {reserve} are kept in reserve")]
    Bytes {
        /// The free space.
        free: u64,
        /// The reserve that must stay free.
        reserve: u64,
    },
    /// Space for further files.
    #[error("{free} more files can be created (free inodes) and {reserve} are kept in reserve")]
    Files {
        /// The number of files that can still be created.
        free: u64,
        /// The reserve that must stay free.
        reserve: u64,
    },
    /// A write began and did not find enough of either.
    #[error("no space was left for a write ({0})")]
    Write(String),
}

impl StoreError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::DiskFull(_))
    }

    /// An error of the file system.
    pub(crate) fn io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull(Lack::Write(error.to_string())),
            _ => Self::Disk(error.to_string()),
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

/// How RocksDB reports ENOSPC: its subcode is only in the text.
const NO_SPACE: &str = "No space left on device";

impl From<rocksdb::Error> for StoreError {
    fn from(error: rocksdb::Error) -> Self {
        match error.kind() {
            rocksdb::ErrorKind::Corruption => Self::Damaged(error.into_string()),
            rocksdb::ErrorKind::IOError if error.as_ref().contains(NO_SPACE) => {
                Self::DiskFull(Lack::Write(error.into_string()))
            }
            _ => Self::Disk(error.into_string()),
        }
    }
}

impl From<StoreError> for ehb_state::StoreError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}
