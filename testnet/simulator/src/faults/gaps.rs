//! A fault: clients leave gaps in the sequences of their transactions.

use super::Kind;
use crate::world::World;

/// Clients skip sequences: their transactions wait for ones that may never arrive. The rate is in a thousand.
pub(crate) static GAPS: Kind =
    Kind { name: "gaps", per_mille: 350, draw: |draw| draw.rate(50, 500) };

/// The maximum number of skipped sequences.
const LEFT_OUT_MAX: u64 = 12;

/// A transaction that skips some sequences.
pub(crate) struct Gap {
    /// The number of skipped sequences.
    pub(crate) left_out: u64,
    /// How long it is valid, milliseconds: most gaps are never filled, and runs should not wait long for
    /// them.
    pub(crate) valid_ms: u64,
}

impl World<'_> {
    /// The gap that a client leaves now, if any.
    pub(crate) fn gap(&mut self) -> Option<Gap> {
        self.strikes(&GAPS).then(|| Gap {
            left_out: self.dice.between(1, LEFT_OUT_MAX),
            valid_ms: self.dice.between(500, 3_000),
        })
    }
}
