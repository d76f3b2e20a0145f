//! A fault: validators lose all data and start from genesis.

use super::{Active, Fault, Kind};
use crate::world::World;

/// Validators lose their whole disks, one after another, and start from genesis. Not while another one may
/// still be silent because it lost its own: then the others would be no quorum, and an operator would have to
/// intervene.
pub(crate) static LOST_DISKS: Kind = Kind {
    name: "lost disks",
    per_mille: 105,
    draw: |draw| {
        let nodes = draw.spared(3);
        (!nodes.is_empty()).then(|| Active::Acts(Box::new(LostDisks { nodes })))
    },
};

/// The wait before another attempt, if a node's disk could not be lost, virtual microseconds.
pub(super) const LATER_US: u64 = 500_000;

#[derive(Debug)]
struct LostDisks {
    nodes: Vec<usize>,
}

impl Fault for LostDisks {
    fn begin(&mut self, world: &mut World<'_>) {
        for node in &self.nodes {
            let at = world.dice.below(world.plan.faults_us);
            world.strike_after(at, *node as u64);
        }
    }

    fn strike(&mut self, world: &mut World<'_>, what: u64) {
        let Some(node) = usize::try_from(what).ok().filter(|_| world.faulty) else { return };
        if !world.all_sign() {
            return world.strike_after(LATER_US, what);
        }
        world.count_acting();
        world.trace(|_| format!("node {node} loses its disk"));
        world.crash(node);
        world.nodes[node].disk.wipe();
        world.checks.durability.wiped(node);
    }
}
