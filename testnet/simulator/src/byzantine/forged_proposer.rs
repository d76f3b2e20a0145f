//! A byzantine node whose blocks name a wrong proposer or a wrong round.

use std::collections::{BTreeMap, BTreeSet};

use ehb_consensus::Message as Vote;
use ehb_replica::Message;
use ehb_types::{Block, Hash, PublicKey, SharedBlock, SignedVote};

use super::{Conduct, Stage, twin};

/// The number of blocks, and of validators, that are remembered.
const REMEMBERED_MAX: usize = 64;

/// Names another validator as the builder of its blocks, or a round of which it is not the proposer, and
/// votes for them, so that another validator is credited or blamed and the rotation is disturbed.
#[derive(Default)]
pub(super) struct ForgedProposer {
    others: BTreeSet<PublicKey>,
    /// The block proposed instead, by the hash of its own block.
    forged: BTreeMap<Hash, SharedBlock>,
}

impl Conduct for ForgedProposer {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        let own = stage.key.public_key();
        match message {
            Message::Body(block) if block.header.proposer == own => self.body(stage, to, &block),
            Message::Consensus(Vote::Proposal(mut it)) if it.proposal.proposer == own => {
                if let Some(forged) = self.forged.get(&it.proposal.block) {
                    it.proposal.block = forged.hash();
                }
                stage.send(to, stage.signed_proposal(it.proposal));
            }
            Message::Consensus(Vote::Vote(it)) => self.vote(stage, to, it),
            other => stage.send(to, other),
        }
    }

    fn hears(&mut self, stage: &mut Stage<'_>, from: usize, message: &Message) {
        match message {
            Message::Body(block) if self.others.len() < REMEMBERED_MAX => {
                self.others.insert(block.header.proposer);
                self.others.remove(&stage.key.public_key());
            }
            Message::BodyRequest { block: wanted, .. } => {
                for block in self.forged.values().filter(|block| block.hash() == *wanted) {
                    stage.send(Some(from), Message::Body(block.clone()));
                }
            }
            _ => {}
        }
    }
}

impl ForgedProposer {
    fn body(&mut self, stage: &mut Stage<'_>, to: Option<usize>, block: &SharedBlock) {
        while self.forged.len() > REMEMBERED_MAX {
            self.forged.pop_first();
        }
        let others: Vec<PublicKey> = self.others.iter().copied().collect();
        let other = stage.dice.pick(&others).unwrap_or(PublicKey([1; 32]));
        let forged = self.forged.entry(block.hash()).or_insert_with(|| {
            let mut forged = Block::clone(block);
            // Signed with its own key: it has no other.
            match stage.dice.below(4) {
                0 => forged.header.proposer = other,
                1 => {
                    forged.header.proposer = other;
                    forged.header.round += 1;
                }
                2 => forged.header.round += 1,
                _ => {
                    // Without a valid signature, for the previous round if there was one.
                    forged.header.proposer = other;
                    forged.header.round = forged.header.round.saturating_sub(1);
                    return forged.into();
                }
            }
            twin::signed(forged, stage.key).into()
        });
        stage.send(to, Message::Body(forged.clone()));
    }

    fn vote(&self, stage: &mut Stage<'_>, to: Option<usize>, signed: SignedVote) {
        let own = signed.vote.validator == stage.key.public_key();
        let forged = signed.vote.block.filter(|_| own).and_then(|block| self.forged.get(&block));
        let vote = match forged {
            Some(forged) => {
                let block = Some(forged.hash());
                stage.signed_vote(ehb_types::Vote { block, ..signed.vote })
            }
            None => Message::Consensus(Vote::Vote(signed)),
        };
        stage.send(to, vote);
    }
}
