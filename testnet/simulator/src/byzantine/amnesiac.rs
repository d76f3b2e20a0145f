//! A byzantine node that votes and proposes against its own lock.

use std::collections::{BTreeMap, BTreeSet};

use ehb_consensus::{ConsensusMessage, LastSigned, RoundCertificate, RoundVote};
use ehb_replica::Message;
use ehb_types::{Hash, Proposal, SharedBlock, SignedVote};

use super::{Context, Interceptor, twin};

/// The number of proposals and blocks that it does remember.
const REMEMBERED_MAX: usize = 64;

/// Forgets its lock: votes for every proposal, and proposes a new block when the rules require the one that
/// may already be decided. It never contradicts itself in one round, so there is no evidence against it.
#[derive(Default)]
pub(super) struct Amnesiac {
    /// Proposals, by height and round.
    proposed: BTreeMap<(u64, u32), Hash>,
    blocks: BTreeMap<Hash, SharedBlock>,
    /// New blocks that replace old ones, by height and round.
    replaced: BTreeMap<(u64, u32), SharedBlock>,
    /// Its messages, so that it can repeat them.
    said: BTreeMap<LastSigned, Message>,
}

impl Interceptor for Amnesiac {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        self.remember(&message);
        match message {
            Message::Consensus(ConsensusMessage::Vote(it)) => self.vote(context, to, it),
            Message::Consensus(ConsensusMessage::Proposal(it))
                if it.proposal.proposer == context.key.public_key() =>
            {
                self.propose(context, to, it.proposal);
            }
            // Proof of what it has forgotten, or of what it did not send.
            Message::Consensus(ConsensusMessage::Polka(_)) => {}
            Message::Consensus(ConsensusMessage::Round(it))
                if !self.is_consistent_with(context, &it) => {}
            other => context.send(to, other),
        }
    }

    fn on_receive(&mut self, context: &mut Context<'_>, from: usize, message: &Message) {
        self.remember(message);
        let Message::BodyRequest { block: wanted, .. } = message else { return };
        for block in self.replaced.values().filter(|block| block.hash() == *wanted) {
            context.send(Some(from), Message::Body(block.clone()));
        }
    }
}

impl Amnesiac {
    fn remember(&mut self, message: &Message) {
        match message {
            Message::Body(block) => {
                self.blocks.insert(block.hash(), block.clone());
            }
            Message::Consensus(ConsensusMessage::Proposal(it)) => {
                let Proposal { height, round, block, .. } = it.proposal;
                self.proposed.entry((height, round)).or_insert(block);
            }
            _ => {}
        }
        while self.proposed.len() > REMEMBERED_MAX {
            self.proposed.pop_first();
        }
        while self.replaced.len() > REMEMBERED_MAX {
            self.replaced.pop_first();
        }
        let heights: BTreeSet<u64> = self.blocks.values().map(|it| it.header.height).collect();
        if let (true, Some(oldest)) = (self.blocks.len() > REMEMBERED_MAX, heights.first()) {
            self.blocks.retain(|_, block| block.header.height != *oldest);
        }
    }

    fn vote(&mut self, context: &mut Context<'_>, to: Option<usize>, signed: SignedVote) {
        let mut vote = signed.vote;
        let step = LastSigned { block: None, ..LastSigned::of_vote(&vote) };
        if let Some(said) = self.said.get(&step) {
            return context.send(to, said.clone());
        }
        let place = (vote.height, vote.round);
        let own = self.replaced.get(&place).map(|block| block.hash());
        vote.block = own.or_else(|| self.proposed.get(&place).copied()).or(vote.block);
        let vote = context.signed_vote(vote);
        self.say(context, to, step, vote);
    }

    /// Whether its own vote in a certificate is the one that it sent to the others.
    fn is_consistent_with(&self, context: &Context<'_>, certificate: &RoundCertificate) -> bool {
        let RoundCertificate { height, round, .. } = *certificate;
        let validator = context.key.public_key();
        let own = certificate.votes.iter().filter(|it| it.validator == validator);
        own.copied().all(|RoundVote { kind, block, .. }| {
            let vote = ehb_types::Vote { kind, height, round, block, validator };
            let step = LastSigned { block: None, ..LastSigned::of_vote(&vote) };
            self.said.get(&step) == Some(&context.signed_vote(vote))
        })
    }

    /// Sends a message for the first time.
    fn say(
        &mut self,
        context: &mut Context<'_>,
        to: Option<usize>,
        step: LastSigned,
        what: Message,
    ) {
        self.said.insert(step, what.clone());
        while self.said.len() > REMEMBERED_MAX {
            self.said.pop_first();
        }
        context.send(to, what);
    }

    fn propose(&mut self, context: &mut Context<'_>, to: Option<usize>, mut proposal: Proposal) {
        let place = (proposal.height, proposal.round);
        let step = LastSigned::of_proposal(&proposal);
        let step = LastSigned { block: None, valid_round: None, ..step };
        if let Some(said) = self.said.get(&step) {
            return context.send(to, said.clone());
        }
        if proposal.round > 0
            && !self.replaced.contains_key(&place)
            && let Some(block) = self.blocks.get(&proposal.block)
        {
            let twin = twin::valid(context.dice, block, proposal.round, context.key);
            self.replaced.insert(place, twin.into());
        }
        if let Some(block) = self.replaced.get(&place) {
            proposal.block = block.hash();
            proposal.valid_round = None;
            context.send(to, Message::Body(block.clone()));
        }
        let proposal = context.signed_proposal(proposal);
        self.say(context, to, step, proposal);
    }
}
