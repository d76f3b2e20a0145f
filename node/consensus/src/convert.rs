//! Converts between the core's types and this chain's. Nothing is checked here.

use arc_malachitebft_core_consensus as core;
use arc_malachitebft_core_types as malachite;
use ehb_types::{
    CommitCertificate, CommitSignature, Hash, Proposal, SignedProposal, SignedVote, ValidatorSet,
    Vote, VoteKind,
};
use malachite::{NilOrVal, Round, RoundCertificateType, Validity, VoteType};

use crate::context::{self, Address, Chain, Height, Value, number};
use crate::{
    LogEntry, LoggedValue, PolkaCertificate, PolkaSignature, RoundCertificate,
    RoundCertificateKind, RoundVote, TimerId, TimerKind,
};

pub(crate) type CoreInput = core::Input<Chain>;
pub(crate) type CoreVote = malachite::SignedVote<Chain>;
pub(crate) type CoreProposal = malachite::SignedProposal<Chain>;
pub(crate) type CorePolka = malachite::PolkaCertificate<Chain>;
pub(crate) type CoreRound = malachite::RoundCertificate<Chain>;

fn kind_in(kind: VoteKind) -> VoteType {
    match kind {
        VoteKind::Prevote => VoteType::Prevote,
        VoteKind::Precommit => VoteType::Precommit,
    }
}

fn kind_out(kind: VoteType) -> VoteKind {
    match kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    }
}

fn block_in(block: Option<Hash>) -> NilOrVal<Hash> {
    block.map_or(NilOrVal::Nil, NilOrVal::Val)
}

fn block_out(value: &NilOrVal<Hash>) -> Option<Hash> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(block) => Some(*block),
    }
}

pub(crate) fn vote_in(signed: SignedVote) -> CoreVote {
    let SignedVote { vote, signature } = signed;
    let vote = context::Vote {
        kind: kind_in(vote.kind),
        height: Height(vote.height),
        round: vote.round,
        value: block_in(vote.block),
        validator: Address(vote.validator),
    };
    CoreVote::new(vote, signature)
}

pub(crate) fn bare_vote_out(vote: &context::Vote) -> Vote {
    Vote {
        kind: kind_out(vote.kind),
        height: vote.height.0,
        round: vote.round,
        block: block_out(&vote.value),
        validator: vote.validator.0,
    }
}

pub(crate) fn vote_out(signed: &CoreVote) -> SignedVote {
    SignedVote { vote: bare_vote_out(&signed.message), signature: signed.signature }
}

pub(crate) fn proposal_in(signed: SignedProposal) -> CoreProposal {
    let SignedProposal { proposal, signature } = signed;
    let proposal = context::Proposal {
        height: Height(proposal.height),
        round: proposal.round,
        value: Value(proposal.block),
        valid_round: Round::from(proposal.valid_round),
        proposer: Address(proposal.proposer),
    };
    CoreProposal::new(proposal, signature)
}

pub(crate) fn bare_proposal_out(proposal: &context::Proposal) -> Proposal {
    Proposal {
        height: proposal.height.0,
        round: proposal.round,
        block: proposal.value.0,
        valid_round: proposal.valid_round.as_u32(),
        proposer: proposal.proposer.0,
    }
}

pub(crate) fn proposal_out(signed: &CoreProposal) -> SignedProposal {
    SignedProposal { proposal: bare_proposal_out(&signed.message), signature: signed.signature }
}

pub(crate) fn polka_in(certificate: PolkaCertificate) -> CorePolka {
    let signature =
        |it: PolkaSignature| malachite::PolkaSignature::new(Address(it.validator), it.signature);
    CorePolka {
        height: Height(certificate.height),
        round: Round::new(certificate.round),
        value_id: certificate.block,
        polka_signatures: certificate.signatures.into_iter().map(signature).collect(),
    }
}

pub(crate) fn polka_out(certificate: &CorePolka) -> PolkaCertificate {
    let signature = |it: &malachite::PolkaSignature<Chain>| PolkaSignature {
        validator: it.address.0,
        signature: it.signature,
    };
    PolkaCertificate {
        height: certificate.height.0,
        round: number(certificate.round),
        block: certificate.value_id,
        signatures: certificate.polka_signatures.iter().map(signature).collect(),
    }
}

pub(crate) fn round_in(certificate: RoundCertificate) -> CoreRound {
    let vote = |it: RoundVote| {
        malachite::RoundSignature::new(
            kind_in(it.kind),
            block_in(it.block),
            Address(it.validator),
            it.signature,
        )
    };
    CoreRound {
        height: Height(certificate.height),
        round: Round::new(certificate.round),
        cert_type: match certificate.kind {
            RoundCertificateKind::Skip => RoundCertificateType::Skip,
            RoundCertificateKind::Precommit => RoundCertificateType::Precommit,
        },
        round_signatures: certificate.votes.into_iter().map(vote).collect(),
    }
}

pub(crate) fn round_out(certificate: &CoreRound) -> RoundCertificate {
    let vote = |it: &malachite::RoundSignature<Chain>| RoundVote {
        kind: kind_out(it.vote_type),
        block: block_out(&it.value_id),
        validator: it.address.0,
        signature: it.signature,
    };
    RoundCertificate {
        height: certificate.height.0,
        round: number(certificate.round),
        kind: match certificate.cert_type {
            RoundCertificateType::Skip => RoundCertificateKind::Skip,
            RoundCertificateType::Precommit => RoundCertificateKind::Precommit,
        },
        votes: certificate.round_signatures.iter().map(vote).collect(),
    }
}

/// Signers that are not in the set are skipped; the core admits none.
pub(crate) fn commit_out(
    certificate: &malachite::CommitCertificate<Chain>,
    set: &ValidatorSet,
) -> CommitCertificate {
    let signature = |it: &malachite::CommitSignature<Chain>| {
        let validator = u16::try_from(set.index_of(&it.address.0)?).ok()?;
        Some(CommitSignature { validator, signature: it.signature })
    };
    let mut signatures: Vec<CommitSignature> =
        certificate.commit_signatures.iter().filter_map(signature).collect();
    signatures.sort_by_key(|it| it.validator);
    CommitCertificate {
        height: certificate.height.0,
        round: number(certificate.round),
        block: certificate.value_id,
        signatures,
    }
}

pub(crate) fn timer_in(id: TimerId) -> malachite::Timeout {
    let round = Round::new(id.round);
    match id.kind {
        TimerKind::Propose => malachite::Timeout::propose(round),
        TimerKind::Prevote => malachite::Timeout::prevote(round),
        TimerKind::Precommit => malachite::Timeout::precommit(round),
        TimerKind::Rebroadcast => malachite::Timeout::rebroadcast(round),
    }
}

/// `None` for the wait after a decision, which is not used.
pub(crate) fn timer_out(height: u64, timeout: malachite::Timeout) -> Option<TimerId> {
    let kind = match timeout.kind {
        malachite::TimeoutKind::Propose => TimerKind::Propose,
        malachite::TimeoutKind::Prevote => TimerKind::Prevote,
        malachite::TimeoutKind::Precommit => TimerKind::Precommit,
        malachite::TimeoutKind::Rebroadcast => TimerKind::Rebroadcast,
        malachite::TimeoutKind::FinalizeHeight(_) => return None,
    };
    Some(TimerId { height, round: number(timeout.round), kind })
}

pub(crate) fn value_in(value: LoggedValue) -> CoreInput {
    let proposed = core::ProposedValue {
        height: Height(value.height),
        round: Round::new(value.round),
        valid_round: Round::Nil,
        proposer: Address(value.proposer),
        value: Value(value.block),
        validity: Validity::from_bool(value.valid),
    };
    CoreInput::ProposedValue(proposed, malachite::ValueOrigin::Consensus)
}

pub(crate) fn entry_in(entry: LogEntry) -> CoreInput {
    match entry {
        LogEntry::Proposal(it) => CoreInput::Proposal(proposal_in(it)),
        LogEntry::Vote(it) => CoreInput::Vote(vote_in(it)),
        LogEntry::Value(it) => value_in(it),
        LogEntry::Timeout(it) => CoreInput::TimeoutElapsed(timer_in(it)),
        LogEntry::Polka(it) => CoreInput::PolkaCertificate(polka_in(it)),
    }
}

/// `None` for inputs that the core never logs.
pub(crate) fn entry_out(height: u64, input: &CoreInput) -> Option<LogEntry> {
    Some(match input {
        CoreInput::Proposal(it) => LogEntry::Proposal(proposal_out(it)),
        CoreInput::Vote(it) => LogEntry::Vote(vote_out(it)),
        CoreInput::ProposedValue(it, _) => LogEntry::Value(LoggedValue {
            height: it.height.0,
            round: number(it.round),
            block: it.value.0,
            proposer: it.proposer.0,
            valid: it.validity.is_valid(),
        }),
        CoreInput::TimeoutElapsed(it) => LogEntry::Timeout(timer_out(height, *it)?),
        CoreInput::PolkaCertificate(it) => LogEntry::Polka(polka_out(it)),
        CoreInput::StartHeight(..)
        | CoreInput::RoundCertificate(_)
        | CoreInput::Propose(_)
        | CoreInput::SyncValueResponse(_) => return None,
    })
}
