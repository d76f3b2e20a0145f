//! A fault: clients leave gaps in the sequences of their transactions.

use std::collections::BTreeMap;

use ehb_mempool::{BlockLimits, Mempool, Slot};

use super::Kind;
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// Clients skip sequences: their transactions wait for ones that may never arrive. The rate is in a thousand.
pub(crate) static GAPS: Kind =
    Kind { name: "gaps", per_mille: 350, draw: |draw| draw.rate(50, 500) };

/// When the chain resumes after the faults, nodes forget the transactions that wait for an earlier sequence.
pub(crate) static FORGOTTEN_GAPS: Mutation =
    Mutation { fault: Some(&GAPS), ..Mutation::new("forgotten-gaps", Rule::Fates) };

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

    /// With [`FORGOTTEN_GAPS`], only what can run stays in the mempools.
    pub(crate) fn forget_gaps(&mut self) {
        if !self.options.is(&FORGOTTEN_GAPS) {
            return;
        }
        let all = BlockLimits {
            bytes_max: usize::MAX,
            gas_max: u64::MAX,
            timestamp_ms: self.true_ms(),
            validity_ms_max: u64::MAX,
        };
        let (limits, now_ms) = (self.pool_limits(), self.true_ms());
        for mempool in self.nodes.iter().filter_map(|node| node.mempool.as_ref()) {
            let kept = mempool.read().select(&all);
            let mut pool = Mempool::new(limits);
            let mut next = BTreeMap::new();
            for transaction in kept {
                let slot = Slot::from(&transaction.transaction);
                let next = *next.entry((slot.sender, slot.lane)).or_insert(slot.sequence);
                // The new pool has the limits of the old one.
                let _ = pool.insert(transaction, next, now_ms);
            }
            *mempool.write() = pool;
        }
    }
}
