//! Tracks from which height on history is kept, so that what is older can be deleted.

use std::sync::atomic::{AtomicU64, Ordering};

/// The height from which the history of the state is kept.
///
/// Reads check it after they have read, so that history deleted concurrently is never mistaken for the state. Only
/// history that a durable commit has released is deleted: after a crash the head must not lack its history.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The first height whose state can be read.
    from: AtomicU64,
    /// The same value in durable storage.
    durable: AtomicU64,
}

impl Kept {
    /// The first height whose state can be read.
    pub(crate) fn from(&self) -> u64 {
        self.from.load(Ordering::SeqCst)
    }

    /// Releases the history below a height. It is durable after [`Self::sync`].
    pub(crate) fn raise(&self, from: u64) {
        self.from.fetch_max(from, Ordering::SeqCst);
    }

    /// Marks all releases as durable.
    pub(crate) fn sync(&self) {
        self.durable.fetch_max(self.from(), Ordering::SeqCst);
    }

    /// The history of blocks up to this height may be deleted.
    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(Ordering::SeqCst)
    }
}
