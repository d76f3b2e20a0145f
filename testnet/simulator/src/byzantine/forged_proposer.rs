//! A byzantine node whose blocks name a wrong proposer or a wrong round.

use std::collections::{BTreeMap, BTreeSet};

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;
use ehb_types::{Block, Hash, PublicKey, SharedBlock, SignedVote};

use super::{Context, Interceptor, twin};

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

impl Interceptor for ForgedProposer {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        let own = context.key.public_key();
        match message {
            Message::Body(block) if block.header.proposer == own => self.body(context, to, &block),
            Message::Consensus(ConsensusMessage::Proposal(mut it))
                if it.proposal.proposer == own =>
            {
                if let Some(forged) = self.forged.get(&it.proposal.block) {
                    it.proposal.block = forged.hash();
                }
                context.send(to, context.signed_proposal(it.proposal));
            }
            Message::Consensus(ConsensusMessage::Vote(it)) => self.vote(context, to, it),
            other => context.send(to, other),
        }
    }

    fn on_receive(&mut self, context: &mut Context<'_>, from: usize, message: &Message) {
        match message {
            Message::Body(block) if self.others.len() < REMEMBERED_MAX => {
                self.others.insert(block.header.proposer);
                self.others.remove(&context.key.public_key());
            }
            Message::BodyRequest { block: wanted, .. } => {
                for block in self.forged.values().filter(|block| block.hash() == *wanted) {
                    context.send(Some(from), Message::Body(block.clone()));
                }
            }
            _ => {}
        }
    }
}

impl ForgedProposer {
    fn body(&mut self, context: &mut Context<'_>, to: Option<usize>, block: &SharedBlock) {
        while self.forged.len() > REMEMBERED_MAX {
            self.forged.pop_first();
        }
        let others: Vec<PublicKey> = self.others.iter().copied().collect();
        let other = context.dice.pick(&others).unwrap_or(PublicKey([1; 32]));
        let forged = self.forged.entry(block.hash()).or_insert_with(|| {
            let mut forged = Block::clone(block);
            // Signed with its own key: it has no other.
            match context.dice.below(4) {
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
            twin::signed(forged, context.key).into()
        });
        context.send(to, Message::Body(forged.clone()));
    }

    fn vote(&self, context: &mut Context<'_>, to: Option<usize>, signed: SignedVote) {
        let own = signed.vote.validator == context.key.public_key();
        let forged = signed.vote.block.filter(|_| own).and_then(|block| self.forged.get(&block));
        let vote = match forged {
            Some(forged) => {
                let block = Some(forged.hash());
                context.signed_vote(ehb_types::Vote { block, ..signed.vote })
            }
            None => Message::Consensus(ConsensusMessage::Vote(signed)),
        };
        context.send(to, vote);
    }
}
