use ehb_consensus::{Input, LogEntry};
use ehb_types::encoded_len;

/// How many entries the consensus log of a height gets: less than the store takes, by more than one
/// input adds.
const ENTRIES_MAX: usize = 1_000_000;
/// How many bytes the entries of a height have together.
const BYTES_MAX: usize = 512 << 20;

/// What the consensus log of the height in progress may still take.
///
/// It is used up after some thousand rounds. The node signs nothing then, as nothing may be signed
/// that is not logged, and follows those who decide.
#[derive(Debug, Default)]
pub(crate) struct LogBudget {
    height: u64,
    entries: usize,
    bytes: usize,
}

impl LogBudget {
    /// Takes note of the log that a start found.
    pub(crate) fn found(&mut self, height: u64, log: &[LogEntry]) {
        log.iter().for_each(|entry| self.add(height, encoded_len(entry)));
    }

    /// Takes note of an entry.
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

    /// Whether consensus may take the input at this height.
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
