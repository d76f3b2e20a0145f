//! A fault: mempools are small and full.

use ehb_mempool::Limits;
use ehb_types::{Code, Rejection};

use super::Kind;
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// Mempools have so few slots that they are full. The rate is the number of slots.
pub(crate) static SMALL_POOLS: Kind =
    Kind { name: "small pools", per_mille: 250, draw: |draw| draw.rate(8, 40) };

/// Transactions that wait for an earlier sequence take the slots of those that can run.
pub(crate) static HOARDING_POOLS: Mutation =
    Mutation { fault: Some(&SMALL_POOLS), ..Mutation::new("hoarding-pools", Rule::Room) };

/// One part in this many of a small pool can be used by one sender.
const SENDER_ONE_IN: usize = 3;
/// The encoded bytes in a small pool: not limited.
const BYTES_MAX: usize = 128 << 20;

impl World<'_> {
    /// The limits of mempools.
    pub(crate) fn pool_limits(&self) -> Limits {
        match usize::try_from(self.rate(&SMALL_POOLS)) {
            Ok(0) | Err(_) => Limits::default(),
            Ok(most) => Limits::new(most, BYTES_MAX, most.div_ceil(SENDER_ONE_IN)),
        }
    }

    /// Checks the answer to a transaction with its sender's next sequence, if the sender had nothing in the
    /// pool: only a pool that is full of transactions that can run has no room for it.
    pub(crate) fn check_room(&mut self, node: usize, result: &Result<ehb_types::Hash, Rejection>) {
        let is_full = matches!(result, Err(rejection) if rejection.code == Code::MempoolFull);
        let Some(mempool) = self.nodes[node].mempool.clone().filter(|_| is_full) else { return };
        self.count(SMALL_POOLS.name);
        let limits = self.pool_limits();
        let (runs, waits) = {
            let mempool = mempool.read();
            (mempool.executable(), mempool.len() - mempool.executable())
        };
        if runs < limits.transactions_max && waits > 0 {
            let max = limits.transactions_max;
            let what = format!(
                "node {node} has room for {max} transactions, and refused one that can run although \
                 {runs} in its pool can and {waits} wait"
            );
            self.violate(Rule::Room, what);
        }
    }

    /// With [`HOARDING_POOLS`], the answer of a node whose pool is full, whatever is in it.
    pub(crate) fn hoarded(&self, node: usize) -> Option<Rejection> {
        let mempool = self.nodes[node].mempool.as_ref()?.read();
        let is_full = mempool.len() >= self.pool_limits().transactions_max / 2;
        (self.options.is(&HOARDING_POOLS) && is_full)
            .then(|| Rejection::new(Code::MempoolFull, "the mempool is full"))
    }
}
