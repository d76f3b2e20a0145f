use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rocksdb::CompactionDecision;

use crate::history::height_of;

/// The height from which the history of the state is kept.
///
/// Reads check it after they have read, so that data dropped by a concurrent compaction is never mistaken for
/// the state. Compaction drops only what a durable commit has released: after a crash the head must not lack
/// its history.
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

    /// Decides whether compaction drops an entry of history: a value that a block replaced is needed for the
    /// heights below that block.
    pub(crate) fn filter(
        self: &Arc<Self>,
    ) -> impl Fn(u32, &[u8], &[u8]) -> CompactionDecision + Send + 'static {
        let kept = Arc::clone(self);
        move |_, key, _| {
            let durable = kept.durable.load(Ordering::SeqCst);
            match height_of(key) {
                Some(height) if height <= durable => CompactionDecision::Remove,
                _ => CompactionDecision::Keep,
            }
        }
    }
}
