//! Defines the messages that validators exchange: proposals, votes, and certificates of many votes.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{
    Hash, PublicKey, Signature, SignedProposal, SignedVote, ValidatorSet, Vote, VoteKind,
};

use crate::LastSigned;

/// The consensus messages between validators. Each is authenticated by the signatures inside it, so any node
/// can forward it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ConsensusMessage {
    /// The block of a round, signed by its proposer.
    Proposal(SignedProposal),
    /// A prevote or precommit.
    Vote(SignedVote),
    /// Proof that more than two thirds prevoted for a block. With it, a node can accept a proposal that
    /// returns to that block in a later round.
    Polka(PolkaCertificate),
    /// Proof that a round can be entered.
    Round(RoundCertificate),
}

/// Prevotes of more than two thirds of the voting power for one block in one round.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PolkaCertificate {
    /// The height that the validators vote on.
    pub height: u64,
    /// The round of the prevotes.
    pub round: u32,
    /// The block's hash.
    pub block: Hash,
    /// The signatures of the prevotes, one for each validator.
    pub signatures: Vec<PolkaSignature>,
}

impl PolkaCertificate {
    /// The prevotes that it consists of.
    pub fn prevotes(&self) -> impl Iterator<Item = SignedVote> + '_ {
        let (height, round, block) = (self.height, self.round, Some(self.block));
        self.signatures.iter().map(move |it| SignedVote {
            vote: Vote { kind: VoteKind::Prevote, height, round, block, validator: it.validator },
            signature: it.signature,
        })
    }
}

/// One prevote of a [`PolkaCertificate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PolkaSignature {
    /// The voter's consensus key.
    pub validator: PublicKey,
    /// Its signature over the prevote.
    pub signature: Signature,
}

/// Votes of one round that justify entering a round.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RoundCertificate {
    /// The height that the validators vote on.
    pub height: u64,
    /// The round of the votes.
    pub round: u32,
    /// Which round they justify, and how many are needed.
    pub kind: RoundCertificateKind,
    /// The votes, one for each validator.
    pub votes: Vec<RoundVote>,
}

/// The step that a [`RoundCertificate`] justifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum RoundCertificateKind {
    /// More than a third voted in the round: it can be entered.
    Skip,
    /// More than two thirds precommitted in the round: after a timeout the next can be entered.
    Precommit,
}

/// One vote of a [`RoundCertificate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RoundVote {
    /// Prevote or precommit.
    pub kind: VoteKind,
    /// The block voted for; `None` is nil.
    pub block: Option<Hash>,
    /// The voter's consensus key.
    pub validator: PublicKey,
    /// Its signature over the vote.
    pub signature: Signature,
}

impl ConsensusMessage {
    /// The largest encoded message, bytes: a round certificate signed by the largest possible
    /// validator set. The network does not need to accept larger ones.
    pub const BYTES_MAX: usize = 64 + ValidatorSet::VALIDATORS_MAX * 130;

    /// The height that the message is about.
    pub fn height(&self) -> u64 {
        match self {
            Self::Proposal(it) => it.proposal.height,
            Self::Vote(it) => it.vote.height,
            Self::Polka(it) => it.height,
            Self::Round(it) => it.height,
        }
    }

    /// The round that the message is about.
    pub fn round(&self) -> u32 {
        match self {
            Self::Proposal(it) => it.proposal.round,
            Self::Vote(it) => it.vote.round,
            Self::Polka(it) => it.round,
            Self::Round(it) => it.round,
        }
    }

    /// The sender's key, and what it signed; `None` for certificates.
    pub fn signed(&self) -> Option<(PublicKey, LastSigned)> {
        match self {
            Self::Vote(it) => Some((it.vote.validator, LastSigned::of_vote(&it.vote))),
            Self::Proposal(it) => {
                Some((it.proposal.proposer, LastSigned::of_proposal(&it.proposal)))
            }
            Self::Polka(_) | Self::Round(_) => None,
        }
    }

    /// The number of its signatures.
    pub(crate) fn signatures(&self) -> usize {
        match self {
            Self::Proposal(_) | Self::Vote(_) => 1,
            Self::Polka(it) => it.signatures.len(),
            Self::Round(it) => it.votes.len(),
        }
    }
}
