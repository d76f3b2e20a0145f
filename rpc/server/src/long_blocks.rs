//! Remembers the blocks that are too long for one answer, whose JSON is costly to build.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits::LONG_BLOCKS_MAX;

/// The lengths of whole blocks that were built and found too long, bytes of JSON by height. A decided block never
/// changes, so neither does its length.
#[derive(Default)]
pub(crate) struct LongBlocks(Mutex<BTreeMap<u64, usize>>);

impl LongBlocks {
    /// The length of the block at a height, or a lower bound of it, if it was found too long.
    pub(crate) fn bytes(&self, height: u64) -> Option<usize> {
        self.lock().get(&height).copied()
    }

    /// Records the length of a block. If there are too many, the one with the lowest height is forgotten.
    pub(crate) fn note(&self, height: u64, bytes: usize) {
        let mut known = self.lock();
        known.insert(height, bytes);
        if known.len() > LONG_BLOCKS_MAX {
            known.pop_first();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
