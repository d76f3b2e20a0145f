//! Faults: the network is partitioned, or the node that decided first is isolated.

use super::Kind;
use crate::world::World;

/// Parts of the network cannot reach each other for a while.
pub(crate) static PARTITIONS: Kind = Kind {
    name: "partitions",
    per_mille: 500,
    draw: |draw| draw.recurring((800_000, 4_000_000), cut),
};

/// The first node that commits a block is isolated from the others at once, including its last messages.
pub(crate) static DECIDER_CUT_OFF: Kind =
    Kind { name: "decider cut off", per_mille: 400, draw: |draw| draw.rate(20, 200) };

/// How long a partition lasts, virtual microseconds.
const PARTITION_US: (u64, u64) = (100_000, 4_000_000);
/// How long the decider of a block is isolated, virtual microseconds.
const CUT_US: (u64, u64) = (500_000, 5_000_000);

/// Splits the network in two, in one or both directions, or cuts single links.
fn cut(world: &mut World<'_>) {
    world.count_acting();
    let nodes = world.nodes.len();
    let until = world.now_us + world.dice.between(PARTITION_US.0, PARTITION_US.1);
    let side: Vec<bool> = (0..nodes).map(|_| world.dice.chance(500)).collect();
    let kind = world.dice.below(4);
    let noticed = world.dice.chance(300);
    world.trace(|world| {
        format!("partition of kind {kind}, {side:?}, for {} ms", (until - world.now_us) / 1_000)
    });
    for from in 0..nodes {
        for to in (0..nodes).filter(|to| *to != from) {
            let cut = match kind {
                // Neither side receives from the other.
                0 | 1 => side[from] != side[to],
                // One side receives from the other, but not the reverse.
                2 => side[from] && !side[to],
                // Single links, independently.
                _ => world.dice.chance(300),
            };
            if cut {
                world.links.block(from, to, until);
                if noticed {
                    world.disconnect(from, to);
                }
            }
        }
    }
}

impl World<'_> {
    /// Isolates one node from all others, including its last messages.
    pub(crate) fn cut_off(&mut self, node: usize) {
        let until = self.now_us + self.dice.between(CUT_US.0, CUT_US.1);
        self.trace(|_| format!("node {node} is cut off"));
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.links.block(node, other, until);
            self.links.block(other, node, until);
        }
    }
}
