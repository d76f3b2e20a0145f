//! The signed messages of consensus: votes and proposals.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, PublicKey, SecretKey, Signature, SignatureError};

use crate::encode;

/// The two votes of a Tendermint round (<https://arxiv.org/abs/1807.04938>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum VoteKind {
    /// The first vote: this proposal is acceptable.
    Prevote,
    /// The second vote: more than two thirds find it acceptable.
    Precommit,
}

/// A validator's vote for a block, or for nil.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Vote {
    /// Prevote or precommit.
    pub kind: VoteKind,
    /// The height.
    pub height: u64,
    /// The round, from 0.
    pub round: u32,
    /// The block's hash; `None` is the vote for nil.
    pub block: Option<Hash>,
    /// The voter's consensus key.
    pub validator: PublicKey,
}

/// A vote with its signature under [`Domain::Vote`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedVote {
    /// The vote.
    pub vote: Vote,
    /// The voter's signature over [`Vote::payload`].
    pub signature: Signature,
}

/// A proposer's message with the block hash of a round; the block's body is sent separately.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// The height.
    pub height: u64,
    /// The round, from 0.
    pub round: u32,
    /// The block's hash.
    pub block: Hash,
    /// The earlier round in which more than two thirds prevoted for the block, if any.
    pub valid_round: Option<u32>,
    /// The proposer's consensus key.
    pub proposer: PublicKey,
}

/// A proposal with its signature under [`Domain::Proposal`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedProposal {
    /// The proposal.
    pub proposal: Proposal,
    /// The proposer's signature over [`Proposal::payload`].
    pub signature: Signature,
}

impl Vote {
    /// The signed bytes: all but the voter, so that the votes of a certificate share them.
    pub fn payload(&self) -> Vec<u8> {
        encode(&(self.kind, self.height, self.round, self.block))
    }

    /// Signs the vote for the chain with this genesis hash.
    pub fn sign(self, chain: &Hash, key: &SecretKey) -> SignedVote {
        let signature = key.sign(Domain::Vote, chain, &self.payload());
        SignedVote { vote: self, signature }
    }
}

impl SignedVote {
    /// Verifies the voter's signature; whether the voter is a validator is not checked here.
    pub fn verify(&self, chain: &Hash) -> Result<(), SignatureError> {
        let payload = self.vote.payload();
        self.vote.validator.verify(Domain::Vote, chain, &payload, &self.signature)
    }
}

impl Proposal {
    /// The signed bytes.
    pub fn payload(&self) -> Vec<u8> {
        encode(self)
    }

    /// Signs the proposal for the chain with this genesis hash.
    pub fn sign(self, chain: &Hash, key: &SecretKey) -> SignedProposal {
        let signature = key.sign(Domain::Proposal, chain, &self.payload());
        SignedProposal { proposal: self, signature }
    }
}

impl SignedProposal {
    /// Verifies the proposer's signature; whether it is the proposer of that round is not checked here.
    pub fn verify(&self, chain: &Hash) -> Result<(), SignatureError> {
        let payload = self.proposal.payload();
        self.proposal.proposer.verify(Domain::Proposal, chain, &payload, &self.signature)
    }
}
