use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{Hash, PublicKey, SignedProposal, SignedVote};

use crate::{PolkaCertificate, TimerId};

/// One entry of a height's log: whatever changed the state of the agreement.
///
/// The entries of a height, in the order in which they were given out, bring a validator that
/// starts again back to where it was: to the same votes and to the same proposal. They are of no
/// use once the height's block is stored.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum LogEntry {
    /// A proposal, received or made here.
    Proposal(SignedProposal),
    /// A vote, received or cast here.
    Vote(SignedVote),
    /// A block whose body was judged, or that was built here.
    Value(LoggedValue),
    /// A timer that ran out.
    Timeout(TimerId),
    /// Prevotes received as a certificate.
    Polka(PolkaCertificate),
}

/// The verdict on a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LoggedValue {
    /// The height.
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
