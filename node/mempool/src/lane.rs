//! Tracks the pending transactions of one sender's lane, and up to which sequence they can run.

use std::collections::BTreeMap;

use ehb_types::{Address, SharedTransaction};

/// A sender's lane.
pub(crate) type LaneId = (Address, u32);

/// The arrival number of a transaction.
pub(crate) type Arrival = u64;

/// The pending transactions of one lane.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// The next sequence according to the state.
    pub(crate) next: u64,
    /// The first sequence from `next` on that is not pending: transactions before it can run, those after it
    /// wait.
    pub(crate) free: u64,
    /// The arrival of each, by sequence.
    pub(crate) pending: BTreeMap<u64, Arrival>,
}

/// The lane that a transaction is in.
pub(crate) fn lane_of(signed: &SharedTransaction) -> LaneId {
    (signed.transaction.sender, signed.transaction.lane)
}
