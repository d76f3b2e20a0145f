//! Defines the log of a height, from which a restarted validator restores its votes and proposals.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{Hash, PublicKey, SignedProposal, SignedVote};

use crate::{PolkaCertificate, TimerId};

/// One entry of a height's log: an event that changed the consensus state.
///
/// Replaying the entries of a height, in the order in which they were returned, restores a restarted
/// validator to the same votes and the same proposal. They are not needed once the height's block is stored.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum LogEntry {
    /// A proposal, received or made here.
    Proposal(SignedProposal),
    /// A vote, received or cast here.
    Vote(SignedVote),
    /// A block whose body was checked, or that was built here.
    Value(LoggedValue),
    /// An expired timer.
    Timeout(TimerId),
    /// Prevotes received as a certificate.
    Polka(PolkaCertificate),
}

/// The verdict on a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LoggedValue {
    /// The height of which it is a proposed block.
    pub height: u64,
    /// The round in which it was first proposed.
    pub round: u32,
    /// The block's hash.
    pub block: Hash,
    /// The proposer of that round.
    pub proposer: PublicKey,
    /// Whether the block is acceptable.
    pub valid: bool,
}

impl LogEntry {
    /// The height whose log the entry belongs to.
    pub fn height(&self) -> u64 {
        match self {
            Self::Proposal(it) => it.proposal.height,
            Self::Vote(it) => it.vote.height,
            Self::Value(it) => it.height,
            Self::Timeout(it) => it.height,
            Self::Polka(it) => it.height,
        }
    }
}
