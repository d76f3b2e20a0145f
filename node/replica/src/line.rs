//! Adapts the size of block requests to how fast each peer answers.

use crate::{BLOCKS_BYTES_MAX, BLOCKS_MAX};

/// The initial size of requested blocks, bytes.
const FIRST_BYTES: usize = 256 << 10;
/// The initially assumed size of a block, bytes.
const FIRST_BLOCK_BYTES: usize = 4 << 10;
/// The minimum size of a request, bytes; a single block can be larger.
const LEAST_BYTES: usize = 16 << 10;
/// The target duration of an answer, milliseconds: long enough that requests cost little, short enough to
/// detect a dead peer and to leave room for votes between answers.
const ON_ITS_WAY_MS: u64 = 1_000;

/// The estimated capacity of the line to a peer: requests start small, grow when answers are fast, and shrink
/// when they are slow or missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The size of blocks to request, bytes.
    ask_bytes: usize,
    /// The block size in the last answer, bytes.
    block_bytes: usize,
    /// How fast the last answer was, in bytes a second, each block counted as [`FIRST_BLOCK_BYTES`] more; none before the
    /// first answer.
    rate: Option<u64>,
}

impl Default for Line {
    fn default() -> Self {
        Self { ask_bytes: FIRST_BYTES, block_bytes: FIRST_BLOCK_BYTES, rate: None }
    }
}

impl Line {
    /// The number of blocks to request.
    pub(crate) fn ask_blocks(&self) -> u16 {
        let blocks = self.ask_bytes / self.block_bytes.max(1);
        u16::try_from(blocks).unwrap_or(u16::MAX).clamp(1, BLOCKS_MAX)
    }

    /// Records an answer with this number of blocks and bytes after this time.
    pub(crate) fn answered(&mut self, blocks: usize, bytes: usize, took_ms: u64) {
        if blocks == 0 {
            return;
        }
        let worth = bytes.saturating_add(blocks.saturating_mul(FIRST_BLOCK_BYTES)) as u64;
        self.rate = Some(worth.saturating_mul(1_000) / took_ms.max(1));
        let asked_bytes = usize::from(self.ask_blocks()) * self.block_bytes;
        self.block_bytes = (bytes / blocks).max(1);
        if took_ms > ON_ITS_WAY_MS {
            // As much as the line transfers in that time, according to this answer.
            let carried = (bytes as u64).saturating_mul(ON_ITS_WAY_MS) / took_ms;
            let carried = usize::try_from(carried).unwrap_or(usize::MAX);
            self.ask_for(carried.min(self.ask_bytes));
        } else if took_ms <= ON_ITS_WAY_MS / 2 && bytes >= asked_bytes / 2 {
            self.ask_for(self.ask_bytes.saturating_mul(2));
        }
    }

    /// How fast the last answer was; a peer that was never asked is the fastest.
    pub(crate) fn rate(&self) -> u64 {
        self.rate.unwrap_or(u64::MAX)
    }

    /// Records a missing answer.
    pub(crate) fn silent(&mut self) {
        self.rate = Some(0);
        self.ask_for(self.ask_bytes / 4);
    }

    fn ask_for(&mut self, bytes: usize) {
        self.ask_bytes = bytes.clamp(LEAST_BYTES, BLOCKS_BYTES_MAX);
    }
}

#[cfg(test)]
mod tests;
