//! A byzantine node that equivocates with its votes.

use std::collections::BTreeSet;

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;
use ehb_types::Hash;

use super::{Context, Interceptor};

/// The number of blocks that it remembers to vote for.
const BLOCKS_MAX: usize = 64;

/// Votes twice in each round and step, for different things: nil and a block, or two blocks. Some of the
/// others receive one vote, some the other, some both.
#[derive(Default)]
pub(super) struct DoubleVoter {
    /// Blocks that were proposed, by height.
    blocks: BTreeSet<(u64, Hash)>,
}

impl Interceptor for DoubleVoter {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        let Message::Consensus(ConsensusMessage::Vote(signed)) = &message else {
            return context.send(to, message);
        };
        let mut other = signed.vote.clone();
        let height = other.height;
        let proposed =
            self.blocks.iter().filter(|(of, block)| *of == height && Some(*block) != other.block);
        let mut choices: Vec<Option<Hash>> = proposed.map(|(_, block)| Some(*block)).collect();
        choices.extend(other.block.is_some().then_some(None));
        other.block = match context.dice.pick(&choices) {
            Some(choice) => choice,
            None => Some(Hash([7; 32])),
        };
        let second = context.signed_vote(other);
        let (left, right) = context.halves();
        context.send_each(&left, &message);
        context.send_each(&right, &second);
    }

    fn on_receive(&mut self, _context: &mut Context<'_>, _from: usize, message: &Message) {
        if let Message::Consensus(ConsensusMessage::Proposal(it)) = message {
            self.blocks.insert((it.proposal.height, it.proposal.block));
        }
        while self.blocks.len() > BLOCKS_MAX {
            self.blocks.pop_first();
        }
    }
}
