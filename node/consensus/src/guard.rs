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

/// The newest message that a key signed: what must never be forgotten.
///
/// A validator signs in ascending order of height, round and step, so the newest record is enough
/// to know that nothing older may be signed again. Ordered by age: place first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct LastSigned {
    /// The height.
    pub height: u64,
    /// The round.
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

    /// Stands for all that can be signed below a height, as if the key had signed it: the record of a
    /// key of which no more is known than that it signed nothing from that height on.
    pub fn below(height: u64) -> Self {
        let (height, round) = (height.saturating_sub(1), u32::MAX);
        Self { height, round, step: SignStep::Precommit, block: None, valid_round: None }
    }

    /// The height given to [`Self::below`], if the record is one of these: no round has that number.
    pub fn floor(&self) -> Option<u64> {
        (self.round == u32::MAX).then(|| self.height.saturating_add(1))
    }

    /// The highest height that the key may have helped to decide, if this is the newest that it signed.
    pub fn decided_up_to(&self) -> u64 {
        let precommitted = self.round > 0 || self.step == SignStep::Precommit;
        if precommitted { self.height } else { self.height.saturating_sub(1) }
    }

    /// Where in the order of signing the message is: height, round and step.
    pub fn place(&self) -> (u64, u32, SignStep) {
        (self.height, self.round, self.step)
    }
}

/// Stands between the key and whoever asks for a signature: lets through only what can't
/// contradict an earlier signature, whatever the rest of the node believes.
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

    /// Takes note of a message that the key is known to have signed.
    pub(crate) fn observe(&mut self, signed: LastSigned) {
        if self.last.is_none_or(|last| last.place() < signed.place()) {
            self.last = Some(signed);
        }
    }

    /// Whether the message may be signed: it is newer than all before it, or it is the newest one
    /// again. If so it is the newest from now on; if not, the error is the one that stands against
    /// it.
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
