//! Log lines that a peer could cause as often as it likes: each kind is written now and then, with the number of those left out.

/// The time between two lines of a kind, milliseconds.
const EVERY_MS: u64 = 10_000;

/// The lines of one kind.
#[derive(Debug, Default)]
pub(crate) struct Paced {
    next_ms: u64,
    left_out: u64,
}

impl Paced {
    /// Whether a line is due; then the number of those that were left out since the last one.
    pub(crate) fn due(&mut self, now_ms: u64) -> Option<u64> {
        if now_ms < self.next_ms {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        self.next_ms = now_ms.saturating_add(EVERY_MS);
        Some(std::mem::take(&mut self.left_out))
    }
}
