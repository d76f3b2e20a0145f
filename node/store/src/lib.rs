//! Keeps blocks, receipts, state, tree and consensus log on disk.
//!
//! One RocksDB holds everything, in column families by purpose, so that a block with its certificate,
//! receipts, state and tree is committed in one atomic batch and one fsync. Data that must be durable before
//! a vote is sent (log entries, block bodies, the last-signed record) is buffered by the append methods and
//! made durable together by [`Store::sync`].
//!
//! # What is detected, and what is not
//! - **A crash at any point** leaves whole blocks: the write-ahead log ends at a record boundary, and a torn
//!   last record, which was never acknowledged, is dropped.
//! - **Lost acknowledged writes** (a truncated or removed write-ahead log, a flipped bit that makes its end
//!   look torn) are rejected at [`Store::open`]: a small file next to the database records how far writes
//!   were acknowledged.
//! - **Flipped bits** elsewhere fail a checksum, at open or at the read of that data
//!   ([`StoreError::Damaged`]); damaged data is never returned.
//! - **A failed write or fsync** stops the store: every later call fails with [`StoreError::Stopped`], until
//!   the process is restarted. A disk without space is not such a failure ([`StoreError::DiskFull`]): the call can
//!   be retried. A nearly full disk, in bytes or in files, is reported before anything is written.
//! - **An old copy of the whole directory** is consistent in itself, so it cannot be detected from the
//!   directory alone. With [`Options::signer_state`], a file outside of the directory, [`Store::last_signed`]
//!   still returns the newest record, and a guard built from it rejects heights that were already signed.
//!   Without it, the node must not sign before it has caught up with its peers, because only they know what
//!   it signed since.

mod acknowledged;
mod blocks;
mod commit;
mod cursor;
mod database;
mod directory;
mod error;
mod family;
mod fingerprint;
mod headers;
mod history;
mod kept;
mod keys;
mod log;
mod modules;
mod options;
mod past;
mod receipts;
mod recent;
mod signer;
mod snapshot;
mod space;
mod store;
mod tuning;
mod varint;
mod writer;

pub use commit::NewBlock;
pub use error::{Lack, OpenError, StoreError};
pub use log::LOG_HEIGHTS_MAX;
pub use modules::{Installed, NewModule};
pub use options::Options;
pub use past::{Past, PastError};
pub use signer::{SIGNED_BYTES_MAX, signed_in};
pub use snapshot::{Head, Snapshot};
pub use store::{EmptyStore, GenesisBlock, Opened, Store, Usage};

#[cfg(test)]
mod tests;
