use std::collections::BTreeMap;

use ehb_types::Address;

/// A sender's lane.
pub(crate) type LaneId = (Address, u32);

/// The number under which a transaction arrived.
pub(crate) type Arrival = u64;

/// The pending transactions of one lane.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// The sequence that the state expects next.
    pub(crate) next: u64,
    /// When each arrived, by sequence.
    pub(crate) pending: BTreeMap<u64, Arrival>,
}
