use crate::{BLOCKS_BYTES_MAX, BLOCKS_MAX};

/// How many bytes of blocks a peer is asked for at first.
const FIRST_BYTES: usize = 256 << 10;
/// How large blocks are taken to be at first, bytes.
const FIRST_BLOCK_BYTES: usize = 4 << 10;
/// The least that a peer is asked for, bytes; a single block may be larger.
const LEAST_BYTES: usize = 16 << 10;
/// About how long an answer should be on its way, milliseconds: long enough that asking costs little,
/// short enough that a peer that is gone is noticed, and votes have room between answers.
const ON_ITS_WAY_MS: u64 = 1_000;

/// What the line to a peer carries, as far as its answers show it: little is asked for at first, more
/// when answers are quick, and less when they are slow or do not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// How many bytes of blocks to ask for.
    ask_bytes: usize,
    /// How large the blocks of the last answer were, bytes.
    block_bytes: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self { ask_bytes: FIRST_BYTES, block_bytes: FIRST_BLOCK_BYTES }
    }
}

impl Line {
    /// How many blocks to ask for.
    pub(crate) fn ask_blocks(&self) -> u16 {
        let blocks = self.ask_bytes / self.block_bytes.max(1);
        u16::try_from(blocks).unwrap_or(u16::MAX).clamp(1, BLOCKS_MAX)
    }

    /// An answer of so many blocks and bytes came after this time.
    pub(crate) fn answered(&mut self, blocks: usize, bytes: usize, took_ms: u64) {
        if blocks == 0 {
            return;
        }
        let asked_bytes = usize::from(self.ask_blocks()) * self.block_bytes;
        self.block_bytes = (bytes / blocks).max(1);
        if took_ms > ON_ITS_WAY_MS {
            // As much as the line carries in that time, as far as this answer shows.
            let carried = (bytes as u64).saturating_mul(ON_ITS_WAY_MS) / took_ms;
            let carried = usize::try_from(carried).unwrap_or(usize::MAX);
            self.ask_for(carried.min(self.ask_bytes));
        } else if took_ms <= ON_ITS_WAY_MS / 2 && bytes >= asked_bytes / 2 {
            self.ask_for(self.ask_bytes.saturating_mul(2));
        }
    }

    /// No answer came.
    pub(crate) fn silent(&mut self) {
        self.ask_for(self.ask_bytes / 4);
    }

    fn ask_for(&mut self, bytes: usize) {
        self.ask_bytes = bytes.clamp(LEAST_BYTES, BLOCKS_BYTES_MAX);
    }
}

#[cfg(test)]
mod tests;
