//! Handles votes for a decided height: extends its certificate and detects validators that are stuck there.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_types::{
    CommitCertificate, CommitSignature, Hash, PublicKey, SignedVote, ValidatorSet, VoteKind,
};

/// The maximum number of late votes of a decided height that are remembered.
const LATE_VOTES_MAX: usize = 1_024;

/// The last decided height: collects the precommits that arrive after the decision, so that the next block
/// shows which validators voted, and detects validators that have not decided yet.
#[derive(Debug)]
pub(crate) struct Decided {
    certificate: CommitCertificate,
    validators: Arc<ValidatorSet>,
    seen: BTreeSet<(PublicKey, VoteKind, u32)>,
}

/// The consequence of a vote for the decided height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Late {
    Nothing,
    /// Its sender seems to be stuck there: it repeats a vote, or votes in a later round.
    Behind,
    /// Its signature does not verify.
    Invalid,
}

impl Decided {
    pub(crate) fn new(certificate: CommitCertificate, validators: Arc<ValidatorSet>) -> Self {
        Self { certificate, validators, seen: BTreeSet::new() }
    }

    pub(crate) fn certificate(&self) -> &CommitCertificate {
        &self.certificate
    }

    /// Processes a vote for the decided height.
    pub(crate) fn receive(&mut self, chain: &Hash, signed: &SignedVote) -> Late {
        let vote = &signed.vote;
        let Some(index) = self.validators.index_of(&vote.validator) else { return Late::Nothing };
        let slot = (vote.validator, vote.kind, vote.round);
        if vote.round > self.certificate.round
            || self.seen.contains(&slot)
            || self.seen.len() >= LATE_VOTES_MAX
        {
            return Late::Behind;
        }
        self.seen.insert(slot);
        if vote.kind == VoteKind::Precommit
            && vote.round == self.certificate.round
            && vote.block == Some(self.certificate.block)
            && let Ok(validator) = u16::try_from(index)
            && let Err(place) =
                self.certificate.signatures.binary_search_by_key(&validator, |it| it.validator)
        {
            if signed.verify(chain).is_err() {
                self.seen.remove(&slot);
                return Late::Invalid;
            }
            let signature = CommitSignature { validator, signature: signed.signature };
            self.certificate.signatures.insert(place, signature);
        }
        Late::Nothing
    }
}
