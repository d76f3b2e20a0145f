use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// The votes of validators do not count the same; which nodes are byzantine goes by their power.
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

/// What the votes of validators count, one after another.
pub(crate) const POWERS: [u64; 4] = [3, 1, 2, 1];

#[derive(Debug)]
struct UnequalPower;

impl Fault for UnequalPower {
    fn begin(&mut self, world: &mut World<'_>) {
        world.count_acting();
    }
}
