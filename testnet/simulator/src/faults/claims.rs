//! A mutation that the byzantine claimers reveal: nodes wait forever for requested blocks.

use ehb_replica::Timer;

use crate::Behaviour;
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// A node that requested blocks from a peer waits for its answer forever. The fault is
/// [`Behaviour::Claimer`].
pub(crate) static ENDLESS_PATIENCE: Mutation = Mutation {
    behaviour: Some(Behaviour::Claimer),
    ..Mutation::new("endless-patience", Rule::Liveness)
};

impl World<'_> {
    /// Whether a node sets no such timer.
    pub(crate) fn is_patient(&self, node: usize, timer: Timer) -> bool {
        self.options.is(&ENDLESS_PATIENCE)
            && self.nodes[node].is_honest()
            && timer == Timer::CatchUp
    }
}
