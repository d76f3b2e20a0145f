use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rocksdb::CompactionDecision;

use crate::history::height_of;

/// From which height on the history of the state is kept.
///
/// Reads ask it after they have read, so that what compaction drops under them is never taken for what was. Compaction
/// drops only what a durable commit has given up: a crash must not bring back a head whose history is gone.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The first height whose state can be read.
    from: AtomicU64,
    /// The same, as it is durable.
    durable: AtomicU64,
}

impl Kept {
    /// The first height whose state can be read.
    pub(crate) fn from(&self) -> u64 {
        self.from.load(Ordering::SeqCst)
    }

    /// Gives up what is below a height. It is durable once [`Self::sync`] says so.
    pub(crate) fn raise(&self, from: u64) {
        self.from.fetch_max(from, Ordering::SeqCst);
    }

    /// All that was given up is durable.
    pub(crate) fn sync(&self) {
        self.durable.fetch_max(self.from(), Ordering::SeqCst);
    }

    /// Decides about an entry of history: what a block replaced is needed for the heights below that block.
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
