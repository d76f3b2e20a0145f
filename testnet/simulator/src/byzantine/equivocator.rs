//! A byzantine node that equivocates with its proposals.

use std::collections::BTreeMap;

use ehb_consensus::Message as Vote;
use ehb_replica::Message;
use ehb_types::{Hash, SharedBlock, SignedProposal, SignedVote};

use super::{Conduct, Stage, twin};

/// The number of pairs of blocks that are remembered.
const TWINS_MAX: usize = 64;

/// Proposes two blocks in one round: one half of the others receives the first, one the second, some both. It
/// votes for each block in messages to the half that received it. Sometimes the second block is one that no
/// honest node votes for, or the first one's header with another body.
#[derive(Default)]
pub(super) struct Equivocator {
    /// The second block and the recipients of each, by the hash of the first.
    twins: BTreeMap<Hash, Twin>,
}

struct Twin {
    block: SharedBlock,
    first: Vec<usize>,
    second: Vec<usize>,
}

impl Conduct for Equivocator {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        match message {
            Message::Body(block) if to.is_none() => self.body(stage, block),
            Message::Consensus(Vote::Proposal(it)) if stage.is_own(&Vote::Proposal(it.clone())) => {
                self.proposal(stage, it);
            }
            Message::Consensus(Vote::Vote(it)) => self.vote(stage, it),
            other => stage.send(to, other),
        }
    }

    fn hears(&mut self, stage: &mut Stage<'_>, from: usize, message: &Message) {
        let Message::BodyRequest { block: wanted, .. } = message else { return };
        let twins = self.twins.values().filter(|twin| twin.block.hash() == *wanted);
        for twin in twins {
            stage.send(Some(from), Message::Body(twin.block.clone()));
        }
    }
}

impl Equivocator {
    fn body(&mut self, stage: &mut Stage<'_>, block: SharedBlock) {
        if block.header.proposer != stage.key.public_key() {
            return stage.send(None, Message::Body(block));
        }
        let twin = self.twins.entry(block.hash()).or_insert_with(|| {
            let (first, second) = stage.halves();
            let other = match stage.dice.below(6) {
                0 => twin::invalid(stage.dice, &block, stage.key).into(),
                1 => twin::hollow(stage.dice, &block),
                _ => twin::valid(stage.dice, &block, block.header.round, stage.key).into(),
            };
            Twin { block: other, first, second }
        });
        stage.send_each(&twin.first, &Message::Body(block));
        stage.send_each(&twin.second, &Message::Body(twin.block.clone()));
        while self.twins.len() > TWINS_MAX {
            self.twins.pop_first();
        }
    }

    fn proposal(&self, stage: &mut Stage<'_>, signed: SignedProposal) {
        let mut other = signed.proposal.clone();
        let first = Message::Consensus(Vote::Proposal(signed));
        let Some(twin) = self.twins.get(&other.block) else { return stage.send(None, first) };
        other.block = twin.block.hash();
        stage.send_each(&twin.first, &first);
        stage.send_each(&twin.second, &stage.signed_proposal(other));
    }

    fn vote(&self, stage: &mut Stage<'_>, signed: SignedVote) {
        let mut other = signed.vote.clone();
        let first = Message::Consensus(Vote::Vote(signed));
        let twin = other.block.and_then(|block| self.twins.get(&block));
        let Some(twin) = twin else { return stage.send(None, first) };
        other.block = Some(twin.block.hash());
        stage.send_each(&twin.first, &first);
        stage.send_each(&twin.second, &stage.signed_vote(other));
    }
}
