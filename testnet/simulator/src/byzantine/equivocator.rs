//! A byzantine node that equivocates with its proposals.

use std::collections::BTreeMap;

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;
use ehb_types::{Hash, SharedBlock, SignedProposal, SignedVote};

use super::{Context, Interceptor, twin};

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

impl Interceptor for Equivocator {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        match message {
            Message::Body(block) if to.is_none() => self.body(context, block),
            Message::Consensus(ConsensusMessage::Proposal(it))
                if context.is_own(&ConsensusMessage::Proposal(it.clone())) =>
            {
                self.proposal(context, it);
            }
            Message::Consensus(ConsensusMessage::Vote(it)) => self.vote(context, it),
            other => context.send(to, other),
        }
    }

    fn on_receive(&mut self, context: &mut Context<'_>, from: usize, message: &Message) {
        let Message::BodyRequest { block: wanted, .. } = message else { return };
        let twins = self.twins.values().filter(|twin| twin.block.hash() == *wanted);
        for twin in twins {
            context.send(Some(from), Message::Body(twin.block.clone()));
        }
    }
}

impl Equivocator {
    fn body(&mut self, context: &mut Context<'_>, block: SharedBlock) {
        if block.header.proposer != context.key.public_key() {
            return context.send(None, Message::Body(block));
        }
        let twin = self.twins.entry(block.hash()).or_insert_with(|| {
            let (first, second) = context.halves();
            let other = match context.dice.below(6) {
                0 => twin::invalid(context.dice, &block, context.key).into(),
                1 => twin::hollow(context.dice, &block),
                _ => twin::valid(context.dice, &block, block.header.round, context.key).into(),
            };
            Twin { block: other, first, second }
        });
        context.send_each(&twin.first, &Message::Body(block));
        context.send_each(&twin.second, &Message::Body(twin.block.clone()));
        while self.twins.len() > TWINS_MAX {
            self.twins.pop_first();
        }
    }

    fn proposal(&self, context: &mut Context<'_>, signed: SignedProposal) {
        let mut other = signed.proposal.clone();
        let first = Message::Consensus(ConsensusMessage::Proposal(signed));
        let Some(twin) = self.twins.get(&other.block) else { return context.send(None, first) };
        other.block = twin.block.hash();
        context.send_each(&twin.first, &first);
        context.send_each(&twin.second, &context.signed_proposal(other));
    }

    fn vote(&self, context: &mut Context<'_>, signed: SignedVote) {
        let mut other = signed.vote.clone();
        let first = Message::Consensus(ConsensusMessage::Vote(signed));
        let twin = other.block.and_then(|block| self.twins.get(&block));
        let Some(twin) = twin else { return context.send(None, first) };
        other.block = Some(twin.block.hash());
        context.send_each(&twin.first, &first);
        context.send_each(&twin.second, &context.signed_vote(other));
    }
}
