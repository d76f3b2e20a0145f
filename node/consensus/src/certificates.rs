//! Verifies certificates before the core receives them.
#![expect(clippy::result_large_err, reason = "the core expects its own error type")]

use std::collections::BTreeSet;

use arc_malachitebft_core_types as malachite;
use ehb_crypto::{Batch, Domain};
use ehb_types::Hash;
use malachite::{RoundCertificateType, ThresholdParam, ValidatorSet, VoteType};

use crate::context::{Address, Chain, Roster};
use crate::convert::{CorePolka, CoreRound, CoreVote, bare_vote_out};

type CertificateError = malachite::CertificateError<Chain>;

/// Checks that more than two thirds prevoted for the block.
pub(crate) fn verify_polka(
    chain: &Hash,
    certificate: &CorePolka,
    roster: &Roster,
) -> Result<(), CertificateError> {
    let votes: Vec<CoreVote> = certificate.votes(&Chain).collect();
    verify_votes(chain, &votes, roster, ThresholdParam::TWO_F_PLUS_ONE)
}

/// Checks that more than a third voted in the round, or that more than two thirds precommitted in it.
pub(crate) fn verify_round(
    chain: &Hash,
    certificate: &CoreRound,
    roster: &Roster,
) -> Result<(), CertificateError> {
    let votes: Vec<CoreVote> = certificate.votes(&Chain).collect();
    let threshold = match certificate.cert_type {
        RoundCertificateType::Skip => ThresholdParam::F_PLUS_ONE,
        RoundCertificateType::Precommit => {
            if let Some(vote) = votes.iter().find(|it| it.message.kind == VoteType::Prevote) {
                return Err(CertificateError::InvalidVoteType(vote.message.validator));
            }
            ThresholdParam::TWO_F_PLUS_ONE
        }
    };
    verify_votes(chain, &votes, roster, threshold)
}

/// Checks the signers of a commit certificate that the core built from votes. Their signatures were verified
/// when the votes arrived, so only the power is counted.
pub(crate) fn verify_own_commit(
    certificate: &malachite::CommitCertificate<Chain>,
    roster: &Roster,
) -> Result<(), CertificateError> {
    let signers = certificate.commit_signatures.iter().map(|it| it.address);
    verify_power(signers, roster, ThresholdParam::TWO_F_PLUS_ONE)
}

/// Cheap checks come first: unknown signers, repeated ones, and too few are detected before any signature is
/// verified.
fn verify_votes(
    chain: &Hash,
    votes: &[CoreVote],
    roster: &Roster,
    threshold: ThresholdParam,
) -> Result<(), CertificateError> {
    verify_power(votes.iter().map(|it| it.message.validator), roster, threshold)?;
    let mut batch = Batch::new();
    for signed in votes {
        let vote = bare_vote_out(&signed.message);
        let key = &vote.validator;
        batch.push(Domain::Vote, chain, &vote.payload(), key, &signed.signature);
    }
    match batch.verify().into_iter().all(|valid| valid) {
        true => Ok(()),
        false => Err(CertificateError::VerificationError(None)),
    }
}

fn verify_power(
    signers: impl Iterator<Item = Address>,
    roster: &Roster,
    threshold: ThresholdParam,
) -> Result<(), CertificateError> {
    let mut seen = BTreeSet::new();
    let mut signed = 0u64;
    for signer in signers {
        let member =
            roster.get_by_address(&signer).ok_or(CertificateError::UnknownValidator(signer))?;
        if !seen.insert(signer) {
            return Err(CertificateError::DuplicateVote(signer));
        }
        signed = signed.saturating_add(member.power());
    }
    let total = roster.total_voting_power();
    if !threshold.is_met(signed, total) {
        let expected = threshold.min_expected(total);
        return Err(CertificateError::NotEnoughVotingPower { signed, total, expected });
    }
    Ok(())
}
