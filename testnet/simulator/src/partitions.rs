use crate::world::{Happening, World};

/// How long a partition lasts, virtual microseconds.
const PARTITION_US: (u64, u64) = (100_000, 4_000_000);
/// How long the decider of a block is cut off, virtual microseconds.
const CUT_US: (u64, u64) = (500_000, 5_000_000);

impl World<'_> {
    pub(crate) fn plan_partition(&mut self) {
        if self.plan.network.partition_us > 0 {
            let delay = self.dice.between(1, 2 * self.plan.network.partition_us);
            self.after(delay, Happening::Partition);
        }
    }

    /// Cuts the network in two, one way or both ways; or cuts single links.
    pub(crate) fn partition(&mut self) {
        if !self.faulty {
            return;
        }
        let nodes = self.nodes.len();
        let until = self.now_us + self.dice.between(PARTITION_US.0, PARTITION_US.1);
        let side: Vec<bool> = (0..nodes).map(|_| self.dice.chance(500)).collect();
        let kind = self.dice.below(4);
        let noticed = self.dice.chance(300);
        self.trace(|world| {
            format!(
                "partition of kind {kind}, {side:?}, until {} ms",
                (until - world.now_us) / 1_000
            )
        });
        for from in 0..nodes {
            for to in (0..nodes).filter(|to| *to != from) {
                let cut = match kind {
                    // Neither side hears the other.
                    0 | 1 => side[from] != side[to],
                    // One side hears the other, but not the reverse.
                    2 => side[from] && !side[to],
                    // Single links, each for itself.
                    _ => self.dice.chance(300),
                };
                if cut {
                    self.links.block(from, to, until);
                    if noticed {
                        self.disconnect(from, to);
                    }
                }
            }
        }
        self.plan_partition();
    }

    /// Cuts one node off from all others, with what it has just sent.
    pub(crate) fn cut_off(&mut self, node: usize) {
        let until = self.now_us + self.dice.between(CUT_US.0, CUT_US.1);
        self.trace(|_| format!("node {node} is cut off"));
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.links.block(node, other, until);
            self.links.block(other, node, until);
        }
    }

    /// The faults end: all links work, nobody pauses, and whoever is down will start.
    pub(crate) fn heal(&mut self) {
        self.faulty = false;
        self.links.heal();
        for node in 0..self.nodes.len() {
            self.nodes[node].paused_until_us = 0;
        }
        let height = self.checks.agreement.height();
        self.checks.liveness.begin(self.now_us, height);
    }
}
