//! A fault: the disk of a node has no space for a while.

use super::Kind;
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// The disk of a node is full for a while: it writes nothing, performs no later effect, and continues when
/// there is space.
pub(crate) static FULL_DISKS: Kind = Kind {
    name: "full disks",
    per_mille: 250,
    draw: |draw| draw.recurring((800_000, 4_000_000), fill),
};

/// Writes to a full disk are lost, and the node continues as if they had succeeded.
pub(crate) static UNNOTICED_FULL_DISKS: Mutation = Mutation {
    fault: Some(&FULL_DISKS),
    hides_lost_records: true,
    ..Mutation::new("unnoticed-full-disks", Rule::Durability)
};

/// How long a disk is full, virtual microseconds.
const FULL_US: (u64, u64) = (100_000, 4_000_000);

fn fill(world: &mut World<'_>) {
    let node = world.dice.index(world.nodes.len());
    let lasts = world.dice.between(FULL_US.0, FULL_US.1);
    world.trace(|_| format!("the disk of node {node} is full for {} ms", lasts / 1_000));
    world.nodes[node].disk_full_until_us = world.now_us + lasts;
}

impl World<'_> {
    /// How long a node waits with a write because its disk is full.
    pub(crate) fn waits_for_space_us(&mut self, node: usize) -> u64 {
        let wait = self.nodes[node].disk_full_until_us.saturating_sub(self.now_us);
        if wait > 0 && self.options.is(&UNNOTICED_FULL_DISKS) {
            self.nodes[node].disk.forget_unsynced();
            return 0;
        }
        if wait > 0 {
            self.count(FULL_DISKS.name);
        }
        wait
    }
}
