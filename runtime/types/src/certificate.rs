//! Commit certificates, and their verification against a validator set.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Batch, Domain, Hash, Signature};

use crate::{ValidatorSet, Vote, VoteKind};

/// Proof that a block was decided: precommits of more than two thirds of the voting power.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CommitCertificate {
    /// The decided height.
    pub height: u64,
    /// The round in which it was decided.
    pub round: u32,
    /// The decided block's hash.
    pub block: Hash,
    /// Precommit signatures, strictly ascending by validator index.
    pub signatures: Vec<CommitSignature>,
}

/// One precommit of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CommitSignature {
    /// The validator's index in the height's [`ValidatorSet`].
    pub validator: u16,
    /// Its signature over the precommit's [`Vote::payload`].
    pub signature: Signature,
}

/// Why a certificate is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// An index without a validator.
    #[error("the certificate names validator {0}, which the set does not have")]
    UnknownValidator(u16),
    /// A signer twice, or out of order.
    #[error("the certificate's signers are not strictly ascending")]
    Order,
    /// The signers have two thirds of the power or less.
    #[error("the signers' power {power} of {total} is no quorum")]
    Quorum {
        /// The power of the signers.
        power: u64,
        /// The power of all validators.
        total: u64,
    },
    /// A signature that does not verify.
    #[error("the signature of validator {0} does not verify")]
    Signature(u16),
}

impl CommitCertificate {
    /// Checks the certificate against the validators of its height, on the chain with this genesis hash.
    pub fn verify(&self, chain: &Hash, set: &ValidatorSet) -> Result<(), CertificateError> {
        self.verify_beyond(None, chain, set)
    }

    /// Like [`Self::verify`], if another certificate was verified before under the same set: signatures of
    /// the same decision that are in both are not verified again.
    pub fn verify_beyond(
        &self,
        verified: Option<&Self>,
        chain: &Hash,
        set: &ValidatorSet,
    ) -> Result<(), CertificateError> {
        let decision = |it: &Self| (it.height, it.round, it.block);
        let verified = verified.filter(|it| decision(it) == decision(self));
        let is_verified =
            |it: &CommitSignature| verified.is_some_and(|known| known.signatures.contains(it));
        if !self.signatures.is_sorted_by(|a, b| a.validator < b.validator) {
            return Err(CertificateError::Order);
        }
        let mut power = 0u64;
        let (mut batch, mut unverified) = (Batch::new(), Vec::new());
        for it in &self.signatures {
            let index = it.validator;
            let validator =
                set.get(usize::from(index)).ok_or(CertificateError::UnknownValidator(index))?;
            power += validator.power;
            if is_verified(it) {
                continue;
            }
            unverified.push(index);
            let vote = Vote {
                kind: VoteKind::Precommit,
                height: self.height,
                round: self.round,
                block: Some(self.block),
                validator: validator.consensus_key,
            };
            let key = &validator.consensus_key;
            batch.push(Domain::Vote, chain, &vote.payload(), key, &it.signature);
        }
        if !set.is_quorum(power) {
            return Err(CertificateError::Quorum { power, total: set.total_power() });
        }
        match batch.verify().iter().position(|valid| !valid) {
            Some(bad) => Err(CertificateError::Signature(unverified[bad])),
            None => Ok(()),
        }
    }
}
