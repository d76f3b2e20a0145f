//! Limits the size of a height's consensus log; once it is full, the node signs nothing more in that height.

use ehb_consensus::{Input, LogEntry};
use ehb_types::encoded_len;

/// The maximum number of entries in the consensus log of a height: less than the limit of the store, by more
/// than one input adds.
const ENTRIES_MAX: usize = 1_000_000;
/// The maximum total size of the entries of a height, bytes.
const BYTES_MAX: usize = 512 << 20;

/// The remaining space of the consensus log of the height in progress.
///
/// It is used up after some thousand rounds. Then the node signs nothing, because everything signed must be
/// logged, and follows the others.
#[derive(Debug, Default)]
pub(crate) struct LogBudget {
    height: u64,
    entries: usize,
    bytes: usize,
}

impl LogBudget {
    /// Counts the log that was found at the start.
    pub(crate) fn found(&mut self, height: u64, log: &[LogEntry]) {
        log.iter().for_each(|entry| self.add(height, encoded_len(entry)));
    }

    /// Counts an entry.
    pub(crate) fn add(&mut self, height: u64, bytes: usize) {
        if height != self.height {
            *self = Self { height, ..Self::default() };
        }
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// The entries of the height in progress.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// Whether consensus can process the input at this height.
    pub(crate) fn admits(&self, height: u64, input: &Input) -> bool {
        let logs = match input {
            Input::Message(_) | Input::Value { .. } | Input::Propose { .. } | Input::Timeout(_) => {
                true
            }
            Input::Start(_) | Input::Committed { .. } | Input::Decided { .. } => false,
        };
        let used_up = self.entries >= ENTRIES_MAX || self.bytes >= BYTES_MAX;
        !(logs && used_up && height == self.height)
    }
}
