use super::{Active, Fault, Kind};
use crate::world::World;

/// A node stands still for a while, as under a debugger; then it finds all that it missed.
pub(crate) static PAUSES: Kind = Kind {
    name: "pauses",
    per_mille: 300,
    draw: |draw| {
        let mean_us = draw.dice.between(800_000, 4_000_000);
        Some(Active::Acts(Box::new(Pauses { mean_us })))
    },
};

/// How long a pause takes, virtual microseconds.
const PAUSE_US: (u64, u64) = (50_000, 3_000_000);

#[derive(Debug)]
struct Pauses {
    /// The mean time between two of them, microseconds.
    mean_us: u64,
}

impl Pauses {
    fn plan(&self, world: &mut World<'_>) {
        let delay = world.dice.between(1, 2 * self.mean_us);
        world.strike_after(delay, 0);
    }
}

impl Fault for Pauses {
    fn begin(&mut self, world: &mut World<'_>) {
        self.plan(world);
    }

    fn strike(&mut self, world: &mut World<'_>, _what: u64) {
        if !world.faulty {
            return;
        }
        world.count_acting();
        let node = world.dice.index(world.nodes.len());
        let pause = world.dice.between(PAUSE_US.0, PAUSE_US.1);
        world.trace(|_| format!("node {node} pauses for {} ms", pause / 1_000));
        world.nodes[node].paused_until_us = world.now_us + pause;
        self.plan(world);
    }
}
