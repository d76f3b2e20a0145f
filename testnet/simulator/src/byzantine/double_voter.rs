//! A byzantine node that equivocates with its votes.

use std::collections::BTreeSet;

use ehb_consensus::Message as Vote;
use ehb_replica::Message;
use ehb_types::Hash;

use super::{Conduct, Stage};

/// The number of blocks that it remembers to vote for.
const BLOCKS_MAX: usize = 64;

/// Votes twice in each round and step, for different things: nil and a block, or two blocks. Some of the
/// others receive one vote, some the other, some both.
#[derive(Default)]
pub(super) struct DoubleVoter {
    /// Blocks that were proposed, by height.
    blocks: BTreeSet<(u64, Hash)>,
}

impl Conduct for DoubleVoter {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        let Message::Consensus(Vote::Vote(signed)) = &message else {
            return stage.send(to, message);
        };
        let mut other = signed.vote.clone();
        let height = other.height;
        let proposed =
            self.blocks.iter().filter(|(of, block)| *of == height && Some(*block) != other.block);
        let mut choices: Vec<Option<Hash>> = proposed.map(|(_, block)| Some(*block)).collect();
        choices.extend(other.block.is_some().then_some(None));
        other.block = match stage.dice.pick(&choices) {
            Some(choice) => choice,
            None => Some(Hash([7; 32])),
        };
        let second = stage.signed_vote(other);
        let (left, right) = stage.halves();
        stage.send_each(&left, &message);
        stage.send_each(&right, &second);
    }

    fn hears(&mut self, _stage: &mut Stage<'_>, _from: usize, message: &Message) {
        if let Message::Consensus(Vote::Proposal(it)) = message {
            self.blocks.insert((it.proposal.height, it.proposal.block));
        }
        while self.blocks.len() > BLOCKS_MAX {
            self.blocks.pop_first();
        }
    }
}
