//! The common part of faults that strike repeatedly during a run.

use super::{Active, Draw, Fault};
use crate::world::World;

/// A fault that strikes repeatedly, at random times, until the faults end. It counts itself when it has an
/// effect.
#[derive(Debug)]
struct Recurring {
    /// The mean time between two strikes, virtual microseconds.
    mean_us: u64,
    act: fn(&mut World<'_>),
}

impl Draw<'_> {
    /// A fault that strikes repeatedly, with a mean time between these bounds, virtual microseconds.
    pub(super) fn recurring(
        &mut self,
        mean_us: (u64, u64),
        act: fn(&mut World<'_>),
    ) -> Option<Active> {
        let mean_us = self.dice.between(mean_us.0, mean_us.1);
        Some(Active::Acts(Box::new(Recurring { mean_us, act })))
    }
}

impl Recurring {
    fn plan(&self, world: &mut World<'_>) {
        let delay = world.dice.between(1, 2 * self.mean_us);
        world.strike_after(delay, 0);
    }
}

impl Fault for Recurring {
    fn begin(&mut self, world: &mut World<'_>) {
        self.plan(world);
    }

    fn strike(&mut self, world: &mut World<'_>, _what: u64) {
        if world.faulty {
            (self.act)(world);
            self.plan(world);
        }
    }
}
