use super::Kind;
use crate::world::World;

/// Clients leave out sequences: what they send waits for what may never come. The rate is how often one
/// does, in a thousand.
pub(crate) static GAPS: Kind =
    Kind { name: "gaps", per_mille: 350, draw: |draw| draw.rate(50, 500) };

/// How many sequences are left out at the most.
const LEFT_OUT_MAX: u64 = 12;

/// A transaction that leaves some sequences out.
pub(crate) struct Gap {
    /// How many it leaves out.
    pub(crate) left_out: u64,
    /// How long it is valid, milliseconds: most gaps are never filled, and no run is to wait for long.
    pub(crate) valid_ms: u64,
}

impl World<'_> {
    /// The gap that a client leaves now, if it does.
    pub(crate) fn gap(&mut self) -> Option<Gap> {
        self.strikes(&GAPS).then(|| Gap {
            left_out: self.dice.between(1, LEFT_OUT_MAX),
            valid_ms: self.dice.between(500, 3_000),
        })
    }
}
