//! The checks of a proposed block: header, body, certificate, evidence, and admission of its transactions.

use std::collections::{BTreeMap, BTreeSet};

use ehb_kernel::admission::{self, AdmissionError};
use ehb_kernel::{accounts, chain, evidence, silence};
use ehb_state::{Overlay, StoreError};
use ehb_types::{
    Address, Block, CertificateError, CommitCertificate, Evidence, EvidenceError, Hash, Header,
    Parameters, Rejection, SharedTransaction, ValidatorSet,
};

/// The maximum number of pieces of evidence in a block.
pub const EVIDENCE_MAX: usize = 16;

/// Why validators do not vote for a block.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The store failed: this implies nothing about the block.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A field of the header is wrong.
    #[error("the header's {field} is {got}; it must be {expected}")]
    Header {
        /// The field.
        field: &'static str,
        /// Its value.
        got: String,
        /// The expected value.
        expected: String,
    },
    /// The body is not the one that the header commits to.
    #[error("the block's body does not match its header")]
    Body,
    /// The block exceeds a limit of the parameters.
    #[error("the block's {what} is {got}; at most {max} is allowed")]
    Limit {
        /// The limited item.
        what: &'static str,
        /// The actual amount.
        got: u64,
        /// The maximum.
        max: u64,
    },
    /// The parent's certificate is missing.
    #[error("the block contains no certificate of its parent")]
    NoCertificate,
    /// The parent's certificate is not valid.
    #[error("the certificate of the parent: {0}")]
    Certificate(#[from] CertificateError),
    /// A piece of evidence is not valid.
    #[error("the block's evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// Evidence that is already recorded, or is not valid at this height.
    #[error(
        "the block's evidence against {0} is already recorded, too old, or not about a validator"
    )]
    UselessEvidence(String),
    /// A transaction that the block must not contain.
    #[error("transaction {index}: {rejection}")]
    Transaction {
        /// Its position.
        index: usize,
        /// The reason.
        rejection: Rejection,
    },
}

/// The roots after a block, for the header of the next block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The root of the state tree.
    pub state: Hash,
    /// The Merkle root over the receipts.
    pub receipts: Hash,
    /// The number of receipts.
    pub receipts_count: u32,
}

/// Checks everything in a block except its transactions' signatures and its proposer's clock.
///
/// `parent` is the decided header before it, `state` the state after that, and `roots` the roots after that.
/// `verified` is a certificate of the parent that was verified before, if there is one, and `bytes` the size
/// of the block's encoding.
pub fn check_block(
    parent: &Header,
    verified: Option<&CommitCertificate>,
    state: &Overlay,
    roots: Roots,
    block: &Block,
    bytes: usize,
) -> Result<(), BlockError> {
    let parameters = chain::parameters(state)?;
    let validators = chain::validators(state)?;
    limit("size in bytes", bytes as u64, parameters.block_bytes_max.into())?;
    check_header(parent, &validators, state, roots, &block.header)?;
    if !block.body_matches_header() {
        return Err(BlockError::Body);
    }
    check_certificate(parent, verified, state, block)?;
    check_evidence(state, block)?;
    check_transactions(state, &parameters, block)
}

fn check_header(
    parent: &Header,
    validators: &ValidatorSet,
    state: &Overlay,
    roots: Roots,
    header: &Header,
) -> Result<(), BlockError> {
    field("version", &header.version, &Header::VERSION)?;
    field("chain", &header.chain, &parent.chain)?;
    field("height", &header.height, &(parent.height + 1))?;
    field("parent", &header.parent, &parent.hash())?;
    field("validators", &header.validators, &validators.hash())?;
    field("next validators", &header.next_validators, &chain::next_validators(state)?.hash())?;
    field("state root", &header.state_root, &roots.state)?;
    field("receipts root", &header.receipts_root, &roots.receipts)?;
    field("receipts count", &header.receipts_count, &roots.receipts_count)?;
    if header.timestamp_ms <= parent.timestamp_ms {
        let got = header.timestamp_ms.to_string();
        let expected = format!("above the parent's {}", parent.timestamp_ms);
        return Err(BlockError::Header { field: "time", got, expected });
    }
    let passed_over = silence::passed_over(state, header.height)?;
    let turn = validators.proposer(&passed_over, header.height, header.round);
    field("proposer", &header.proposer, &turn.consensus_key)
}

fn field<T: PartialEq + std::fmt::Display>(
    field: &'static str,
    got: &T,
    expected: &T,
) -> Result<(), BlockError> {
    if got == expected {
        return Ok(());
    }
    Err(BlockError::Header { field, got: got.to_string(), expected: expected.to_string() })
}

fn limit(what: &'static str, got: u64, max: u64) -> Result<(), BlockError> {
    if got > max { Err(BlockError::Limit { what, got, max }) } else { Ok(()) }
}

fn check_certificate(
    parent: &Header,
    verified: Option<&CommitCertificate>,
    state: &Overlay,
    block: &Block,
) -> Result<(), BlockError> {
    if parent.height == 0 {
        let none = block.certificate.is_none();
        return if none { Ok(()) } else { Err(BlockError::NoCertificate) };
    }
    let certificate = block.certificate.as_ref().ok_or(BlockError::NoCertificate)?;
    field("certificate's height", &certificate.height, &parent.height)?;
    field("certificate's block", &certificate.block, &block.header.parent)?;
    check_rounds(parent, certificate)?;
    let signers = chain::last_validators(state)?;
    certificate.verify_beyond(verified, &block.header.chain, &signers)?;
    Ok(())
}

/// Checks that a certificate does not decide a block in a round before the one that it was built for.
pub fn check_rounds(header: &Header, certificate: &CommitCertificate) -> Result<(), BlockError> {
    if certificate.round >= header.round {
        return Ok(());
    }
    let got = certificate.round.to_string();
    let expected = format!("at least {}, the round of the block", header.round);
    Err(BlockError::Header { field: "certificate's round", got, expected })
}

fn check_evidence(state: &Overlay, block: &Block) -> Result<(), BlockError> {
    limit("evidence count", block.evidence.len() as u64, EVIDENCE_MAX as u64)?;
    let mut seen = BTreeSet::new();
    for it in &block.evidence {
        let validator = it.validator();
        let useful = is_useful_evidence(state, it, block.header.height)?;
        if !useful || !seen.insert((validator, it.height())) {
            return Err(BlockError::UselessEvidence(validator.to_string()));
        }
        it.verify(&block.header.chain)?;
    }
    Ok(())
}

/// Whether a block at `height`, the next one after the given state, can contain the evidence: it is against a
/// validator of its own height, recent, and not recorded before. One piece is recorded for each validator and height.
pub fn is_useful_evidence(
    state: &Overlay,
    evidence: &Evidence,
    height: u64,
) -> Result<bool, StoreError> {
    if !evidence::is_new(state, evidence, height)? {
        return Ok(false);
    }
    let validators = chain::validators_at(state, evidence.height())?;
    Ok(validators.index_of(&evidence.validator()).is_some())
}

fn check_transactions(
    state: &Overlay,
    parameters: &Parameters,
    block: &Block,
) -> Result<(), BlockError> {
    let mut gas = 0u64;
    let mut next: BTreeMap<(Address, u32), u64> = BTreeMap::new();
    for (index, signed) in block.transactions.iter().enumerate() {
        let checked = check_transaction(state, parameters, block, signed, &mut next);
        match checked {
            Ok(()) => gas = gas.saturating_add(signed.transaction.gas_limit),
            Err(AdmissionError::Store(error)) => return Err(BlockError::Store(error)),
            Err(AdmissionError::Rejected(rejection)) => {
                return Err(BlockError::Transaction { index, rejection });
            }
        }
    }
    limit("gas", gas, parameters.block_gas_max)
}

fn check_transaction(
    state: &Overlay,
    parameters: &Parameters,
    block: &Block,
    signed: &SharedTransaction,
    next: &mut BTreeMap<(Address, u32), u64>,
) -> Result<(), AdmissionError> {
    let bytes = signed.encoded().len();
    admission::check_content(signed, bytes, &block.header.chain, parameters)?;
    let time = block.header.timestamp_ms;
    admission::check_validity(signed, &(time..=time), parameters)?;
    admission::check_sender(state, signed)?;
    let transaction = &signed.transaction;
    let lane = (transaction.sender, transaction.lane);
    let expected = match next.get(&lane) {
        Some(expected) => *expected,
        None => accounts::next_sequence(state, &transaction.sender, transaction.lane)?,
    };
    admission::check_sequence(signed, expected)?;
    if transaction.sequence > expected {
        let message =
            format!("sequence {} is in the block where {expected} is next", transaction.sequence);
        return Err(Rejection::new(ehb_types::Code::SequenceGap, message).into());
    }
    next.insert(lane, expected + 1);
    Ok(())
}
