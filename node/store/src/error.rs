use std::io;
use std::path::PathBuf;

/// Why a data directory could not be opened. Nothing that it holds was lost by the attempt.
///
/// What is checked before RocksDB opens for writing (the lock, the format, the files' list, the
/// write-ahead log and how far it reaches) changes nothing at all. What shows only later, in a table
/// that is read or in the signer state, may find the log moved into tables, as every start does.
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
        /// The other process, when its lock file tells.
        pid: Option<u32>,
    },
    /// The directory was written in a format that this program does not know.
    #[error(
        "{path} has the store format {found:?}, this program knows {known:?}; use the program \
         version that wrote it, or move the directory away and start with an empty one, which fetches the \
         chain from its peers"
    )]
    Format {
        /// The file that tells the format.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What was expected.
        known: &'static str,
    },
    /// The directory is damaged or incomplete.
    #[error(
        "the data directory {path} is damaged: {reason}; restore it from a backup, or remove it and \
         let the node fetch the chain from its peers"
    )]
    Damaged {
        /// The store's directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The signer-state file is missing or damaged, so nobody knows what was signed.
    #[error(
        "the signer state {path} {reason}; without it the validator could sign twice: restore it, or \
         make sure that the network is past every height this validator signed and start once \
         without a signer-state file"
    )]
    SignerState {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file system refused.
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
        /// What it said.
        reason: String,
    },
}

/// Why the store could not answer or write.
///
/// After [`Self::Disk`] or [`Self::Stopped`] from a write, nothing that was not acknowledged before
/// may be relied on: votes must not be sent, and the process must be restarted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Reading or writing failed.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// What was read is not what was written.
    #[error("the stored data is damaged: {0}")]
    Damaged(String),
    /// Too little space is left; nothing was written, and the same call can be tried again.
    #[error(
        "the disk is full: {free_bytes} bytes are free and {reserve_bytes} are kept in reserve; make \
         room"
    )]
    DiskFull {
        /// What is free.
        free_bytes: u64,
        /// What must stay free.
        reserve_bytes: u64,
    },
    /// An earlier write failed.
    #[error("the store stopped after a failed write ({0}); restart the node")]
    Stopped(String),
    /// A caller's mistake: the height does not follow the head or does not lie just above it.
    #[error("height {height} does not fit here: the head is at {head}")]
    Height {
        /// The height given.
        height: u64,
        /// The head's.
        head: u64,
    },
    /// A caller's mistake: parts that do not belong together.
    #[error("the block at height {height} cannot be committed: {reason}")]
    Mismatch {
        /// The block's height.
        height: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// More is buffered or kept for one height than the bound allows.
    #[error("{what} exceeds its bound of {max}")]
    Bound {
        /// What is too large.
        what: &'static str,
        /// The bound.
        max: usize,
    },
}

impl StoreError {
    /// Whether the same call may succeed later, because nothing was written.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

impl From<rocksdb::Error> for StoreError {
    fn from(error: rocksdb::Error) -> Self {
        match error.kind() {
            rocksdb::ErrorKind::Corruption => Self::Damaged(error.into_string()),
            _ => Self::Disk(error.into_string()),
        }
    }
}

impl From<StoreError> for ehb_state::StoreError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}
