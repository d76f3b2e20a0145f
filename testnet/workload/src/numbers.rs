//! The numbers of a step, from which the arguments of its call are made.

/// The numbers from which arguments are made.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    /// The number of an item of a kind, from 1.
    pub(super) id: u64,
    pub(super) amount: u64,
    pub(super) now_ms: u64,
}

impl Numbers {
    /// Whether a call is about what can end while the rest goes on.
    pub(super) fn is_elsewhere(self) -> bool {
        self.id.is_multiple_of(4)
    }

    pub(super) fn id(self) -> String {
        self.id.to_string()
    }

    /// The score for this number, so that the revealed score is the committed one.
    pub(super) fn score(self) -> u64 {
        1 + self.id % 5
    }

    pub(super) fn amount(self) -> String {
        self.amount.to_string()
    }

    /// An amount that is often covered.
    pub(super) fn small(self) -> String {
        (self.amount % 40).to_string()
    }

    pub(super) fn after(self, ms: u64) -> String {
        self.now_ms.saturating_add(ms).to_string()
    }
}
