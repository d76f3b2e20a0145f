use std::collections::BTreeMap;

use ehb_types::{Address, Hash};

/// A sender's lane.
pub(crate) type LaneId = (Address, u32);

/// The pending transactions of one lane, by sequence.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// The sequence that the state expects next.
    pub(crate) next: u64,
    pub(crate) pending: BTreeMap<u64, Hash>,
}
