//! A fault: a node has a slow processor, so that its inputs queue up.

use ehb_consensus::ConsensusMessage;
use ehb_replica::{Event, Message};

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// The processor of a node is much slower than those of the others.
pub(crate) static SLOW_STEPS: Kind = Kind {
    name: "slow steps",
    per_mille: 250,
    draw: |draw| {
        let node = draw.dice.index(draw.setup.nodes());
        let slowness = draw.dice.between(5, 60);
        Some(Active::Acts(Box::new(SlowSteps { node, slowness })))
    },
};

/// A busy node loses its queued inputs.
pub(crate) static FORGETFUL_INBOX: Mutation =
    Mutation { fault: Some(&SLOW_STEPS), ..Mutation::new("forgetful-inbox", Rule::Liveness) };

/// The minimum duration of a step, virtual microseconds.
const STEP_US: u64 = 10;
/// The duration of a signature verification, virtual microseconds.
const SIGNATURE_US: u64 = 60;
/// The duration of processing a transaction in a step, without its signatures, virtual microseconds.
const TRANSACTION_US: u64 = 5;

#[derive(Debug)]
struct SlowSteps {
    node: usize,
    /// The factor by which its steps are slower.
    slowness: u64,
}

impl Fault for SlowSteps {
    fn begin(&mut self, world: &mut World<'_>) {
        world.nodes[self.node].slowness = self.slowness;
    }

    fn end(&mut self, world: &mut World<'_>) {
        // Each step since the beginning was slow.
        world.count_acting();
        world.nodes[self.node].slowness = 1;
    }
}

/// The duration of an event on a normal processor, virtual microseconds.
pub(crate) fn step_us(event: &Event) -> u64 {
    let signatures = |count: usize| SIGNATURE_US * count as u64;
    let transactions = |count: usize| TRANSACTION_US * count as u64;
    STEP_US
        + match event {
            Event::Message { message, .. } => match message {
                Message::Consensus(ConsensusMessage::Vote(_) | ConsensusMessage::Proposal(_)) => {
                    signatures(1)
                }
                Message::Consensus(ConsensusMessage::Polka(it)) => signatures(it.signatures.len()),
                Message::Consensus(ConsensusMessage::Round(it)) => signatures(it.votes.len()),
                Message::Body(block) => signatures(2) + transactions(block.transactions.len()),
                Message::Blocks(blocks) => signatures(4 * blocks.len()),
                Message::Transactions(it) => transactions(it.len()),
                _ => 0,
            },
            Event::Gossip { transactions: it, .. } => transactions(it.len()),
            Event::Submit(it) => transactions(it.len()),
            Event::Verified { valid, .. } => transactions(valid.len()),
            _ => 0,
        }
}
