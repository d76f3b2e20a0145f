use std::collections::BTreeMap;

use ehb_types::{Address, SharedTransaction};

/// A sender's lane.
pub(crate) type LaneId = (Address, u32);

/// The number under which a transaction arrived.
pub(crate) type Arrival = u64;

/// The pending transactions of one lane.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// The sequence that the state expects next.
    pub(crate) next: u64,
    /// The first sequence from `next` on that is not pending: those before it can run, those after it
    /// wait.
    pub(crate) free: u64,
    /// When each arrived, by sequence.
    pub(crate) pending: BTreeMap<u64, Arrival>,
}

/// The lane that a transaction is in.
pub(crate) fn lane_of(signed: &SharedTransaction) -> LaneId {
    (signed.transaction.sender, signed.transaction.lane)
}
