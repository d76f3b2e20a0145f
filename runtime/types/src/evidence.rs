//! Proofs that a validator signed two conflicting votes or proposals.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Hash, PublicKey};

use crate::{SignedProposal, SignedVote};

/// Two signed messages of one validator, of which an honest validator signs at most one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Evidence {
    /// Two votes of one kind in one round for different blocks.
    Votes(SignedVote, SignedVote),
    /// Two proposals in one round for different blocks or valid rounds.
    Proposals(SignedProposal, SignedProposal),
}

/// Why evidence is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The two do not contradict each other.
    #[error("the two messages do not contradict each other")]
    NoConflict,
    /// A signature is not the validator's.
    #[error("a signature of the evidence does not verify")]
    Signature,
}

impl Evidence {
    /// The validator that misbehaved.
    pub fn validator(&self) -> PublicKey {
        match self {
            Self::Votes(first, _) => first.vote.validator,
            Self::Proposals(first, _) => first.proposal.proposer,
        }
    }

    /// The height at which it happened.
    pub fn height(&self) -> u64 {
        match self {
            Self::Votes(first, _) => first.vote.height,
            Self::Proposals(first, _) => first.proposal.height,
        }
    }

    /// Checks that the messages contradict each other and are both signed by the validator.
    pub fn verify(&self, chain: &Hash) -> Result<(), EvidenceError> {
        let (conflict, signed) = match self {
            Self::Votes(a, b) => {
                let place =
                    |v: &SignedVote| (v.vote.kind, v.vote.height, v.vote.round, v.vote.validator);
                let conflict = place(a) == place(b) && a.vote.block != b.vote.block;
                (conflict, a.verify(chain).is_ok() && b.verify(chain).is_ok())
            }
            Self::Proposals(a, b) => {
                let place =
                    |p: &SignedProposal| (p.proposal.height, p.proposal.round, p.proposal.proposer);
                let conflict = place(a) == place(b) && a.proposal != b.proposal;
                (conflict, a.verify(chain).is_ok() && b.verify(chain).is_ok())
            }
        };
        if !conflict {
            return Err(EvidenceError::NoConflict);
        }
        if !signed {
            return Err(EvidenceError::Signature);
        }
        Ok(())
    }
}
