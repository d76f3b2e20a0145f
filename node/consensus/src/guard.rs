//! Prevents double signing: keeps a key's newest signature and checks each new one against it.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{Hash, Proposal, Vote, VoteKind};

/// The three messages that a validator signs in a round, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum SignStep {
    /// The proposal, in its own turn.
    Proposal,
    /// The first vote.
    Prevote,
    /// The second vote.
    Precommit,
}

/// The newest message that a key signed. This record must never be lost.
///
/// A validator signs in ascending order of height, round and step, so the newest record is enough to refuse
/// all older ones. Ordered by position first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct LastSigned {
    /// The height of the message, by which records are ordered first.
    pub height: u64,
    /// Its round in that height, from 0.
    pub round: u32,
    /// Which message of the round.
    pub step: SignStep,
    /// The block; `None` is a vote for nil.
    pub block: Option<Hash>,
    /// A proposal's valid round.
    pub valid_round: Option<u32>,
}

impl LastSigned {
    /// The record of a vote.
    pub fn of_vote(vote: &Vote) -> Self {
        let step = match vote.kind {
            VoteKind::Prevote => SignStep::Prevote,
            VoteKind::Precommit => SignStep::Precommit,
        };
        let Vote { height, round, block, .. } = *vote;
        Self { height, round, step, block, valid_round: None }
    }

    /// The record of a proposal.
    pub fn of_proposal(proposal: &Proposal) -> Self {
        let Proposal { height, round, block, valid_round, .. } = *proposal;
        Self { height, round, step: SignStep::Proposal, block: Some(block), valid_round }
    }

    /// A record that covers everything below a height, as if the key had signed it. Used for a key of which
    /// only one thing is known: it signed nothing from that height on.
    pub fn below(height: u64) -> Self {
        let (height, round) = (height.saturating_sub(1), u32::MAX);
        Self { height, round, step: SignStep::Precommit, block: None, valid_round: None }
    }

    /// The height passed to [`Self::below`], if the record was created by it: no real round has that number.
    pub fn floor(&self) -> Option<u64> {
        (self.round == u32::MAX).then(|| self.height.saturating_add(1))
    }

    /// The highest height that the key may have helped to decide, if this is its newest message.
    pub fn decided_up_to(&self) -> u64 {
        let precommitted = self.round > 0 || self.step == SignStep::Precommit;
        if precommitted { self.height } else { self.height.saturating_sub(1) }
    }

    /// The position of the message in the order of signing: height, round and step.
    pub fn place(&self) -> (u64, u32, SignStep) {
        (self.height, self.round, self.step)
    }
}

/// Guards the key: signs only what cannot contradict an earlier signature, whatever the rest of the node
/// does.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignGuard {
    last: Option<LastSigned>,
}

impl SignGuard {
    pub(crate) fn new(last: Option<LastSigned>) -> Self {
        Self { last }
    }

    pub(crate) fn last(&self) -> Option<&LastSigned> {
        self.last.as_ref()
    }

    /// Records a message that the key is known to have signed.
    pub(crate) fn observe(&mut self, signed: LastSigned) {
        if self.last.is_none_or(|last| last.place() < signed.place()) {
            self.last = Some(signed);
        }
    }

    /// Permits a message that is newer than all before it, or equal to the newest one, and records it as the
    /// newest. Otherwise returns the record that prevents it.
    pub(crate) fn admit(&mut self, wanted: LastSigned) -> Result<(), LastSigned> {
        match self.last {
            Some(last) if wanted != last && wanted.place() <= last.place() => Err(last),
            _ => {
                self.last = Some(wanted);
                Ok(())
            }
        }
    }
}
