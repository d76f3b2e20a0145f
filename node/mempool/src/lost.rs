//! Records which transactions were superseded, expired or evicted, bounded in number and time.

use std::collections::{BTreeMap, VecDeque};

use ehb_types::{Address, Hash, Rejection, Transaction};

/// The maximum number of lost transactions that are remembered; the oldest are forgotten first. About 20 MB.
pub const LOST_TRANSACTIONS_MAX: usize = 65_536;
/// How long a lost transaction is remembered, milliseconds of block time, or of the node's clock if that is
/// ahead. One that was dropped is remembered at least until it expires: no content shows that it was.
pub const LOST_KEPT_MS: u64 = 3_600_000;

/// Why a transaction left the pool without being in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Certain: another transaction used its sequence.
    Superseded {
        /// That transaction.
        by: Hash,
        /// The height of its block.
        height: u64,
    },
    /// Certain: a decided block is later than its validity.
    Expired {
        /// The height of that block.
        height: u64,
        /// The time of that block, milliseconds since 1970.
        timestamp_ms: u64,
    },
    /// This pool evicted it. The transaction may become final through another node.
    Dropped(Rejection),
}

/// The properties that decide whether a transaction can still be in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The sender's account.
    pub sender: Address,
    /// The lane of the account in which it has its place.
    pub lane: u32,
    /// The position in the lane.
    pub sequence: u64,
    /// The latest time of a block that can contain it, milliseconds since 1970.
    pub valid_until_ms: u64,
}

impl Slot {
    /// Whether no block after a decided one with this time can contain the transaction, because each has a
    /// later time.
    pub fn is_expired(&self, timestamp_ms: u64) -> bool {
        self.valid_until_ms <= timestamp_ms
    }
}

impl From<&Transaction> for Slot {
    fn from(transaction: &Transaction) -> Self {
        let Transaction { sender, lane, sequence, valid_until_ms, .. } = *transaction;
        Self { sender, lane, sequence, valid_until_ms }
    }
}

/// A transaction that left the pool without being in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The properties that decide whether it can still come into a block.
    pub slot: Slot,
    /// Why it left.
    pub loss: Loss,
}

/// The recently lost transactions: bounded in number and time.
#[derive(Debug, Default)]
pub(crate) struct LostLog {
    known: BTreeMap<Hash, (u64, Lost)>,
    /// The number, the time and the id of each, ascending by number.
    order: VecDeque<(u64, u64, Hash)>,
    last: u64,
}

impl LostLog {
    pub(crate) fn get(&self, id: &Hash) -> Option<&Lost> {
        self.known.get(id).map(|(_, lost)| lost)
    }

    /// Records a loss at a time, milliseconds since 1970.
    pub(crate) fn push(&mut self, id: Hash, lost: Lost, at_ms: u64) {
        // The node's clock may have been wrong, and be corrected later.
        let at_ms = match lost.loss {
            Loss::Dropped(_) => at_ms.max(lost.slot.valid_until_ms),
            Loss::Superseded { .. } | Loss::Expired { .. } => at_ms,
        };
        self.last += 1;
        self.known.insert(id, (self.last, lost));
        self.order.push_back((self.last, at_ms, id));
        while self.order.len() > LOST_TRANSACTIONS_MAX {
            self.forget_oldest();
        }
    }

    /// Removes a transaction that is pending again.
    pub(crate) fn remove(&mut self, id: &Hash) {
        self.known.remove(id);
    }

    /// Removes old losses.
    pub(crate) fn forget(&mut self, now_ms: u64) {
        while let Some((_, at_ms, _)) = self.order.front()
            && at_ms.saturating_add(LOST_KEPT_MS) < now_ms
        {
            self.forget_oldest();
        }
    }

    /// Returns the number of the last loss, and the ids of those after a number.
    pub(crate) fn since(&self, after: u64) -> (u64, Vec<Hash>) {
        let newer = self.order.iter().rev().take_while(|(number, ..)| *number > after);
        (self.last, newer.map(|(.., id)| *id).collect())
    }

    fn forget_oldest(&mut self) {
        let Some((number, _, id)) = self.order.pop_front() else { return };
        // It may have been lost again since then.
        if self.known.get(&id).is_some_and(|(of, _)| *of == number) {
            self.known.remove(&id);
        }
    }
}
