//! A fault: validators have unequal voting power.

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// Validators have unequal power; byzantine nodes are chosen by power.
pub(crate) static UNEQUAL_POWER: Kind = Kind {
    name: "unequal power",
    per_mille: 1_000,
    draw: |draw| draw.plan.unequal.then(|| Active::Acts(Box::new(UnequalPower))),
};

/// Nodes count validators instead of their power.
pub(crate) static COUNTED_HEADS: Mutation = Mutation {
    fault: Some(&UNEQUAL_POWER),
    behaviour: Some(crate::Behaviour::Silent),
    ..Mutation::new("counted-heads", Rule::Liveness)
};

/// The voting power of the validators, in order.
pub(crate) const POWERS: [u64; 4] = [3, 1, 2, 1];

#[derive(Debug)]
struct UnequalPower;

impl Fault for UnequalPower {
    fn begin(&mut self, world: &mut World<'_>) {
        world.count_acting();
    }
}
