use std::collections::{BTreeMap, BTreeSet};

use ehb_kernel::admission::{self, AdmissionError};
use ehb_kernel::{accounts, chain, evidence};
use ehb_state::{Overlay, StoreError};
use ehb_types::{
    Address, Block, CertificateError, CommitCertificate, Evidence, EvidenceError, Hash, Header,
    Parameters, Rejection, SharedTransaction, ValidatorSet,
};

/// How many pieces of evidence a block can carry.
pub const EVIDENCE_MAX: usize = 16;

/// Why validators do not vote for a block.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The store failed: this says nothing about the block.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A field of the header is not what it must be.
    #[error("the header's {field} is {got}; it must be {expected}")]
    Header {
        /// Which field.
        field: &'static str,
        /// What it is.
        got: String,
        /// What it must be.
        expected: String,
    },
    /// The body is not the one that the header commits to.
    #[error("the block's body does not match its header")]
    Body,
    /// More than the parameters allow.
    #[error("the block's {what} is {got}; at most {max} is allowed")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How much.
        got: u64,
        /// How much is allowed.
        max: u64,
    },
    /// The parent's certificate is missing, or proves nothing.
    #[error("the block carries no certificate of its parent")]
    NoCertificate,
    /// The parent's certificate is not valid.
    #[error("the certificate of the parent: {0}")]
    Certificate(#[from] CertificateError),
    /// A piece of evidence is not valid.
    #[error("the block's evidence: {0}")]
    Evidence(#[from] EvidenceError),
    /// Evidence that is recorded already, or does not belong to this height.
    #[error("the block's evidence against {0} is recorded already, too old or names no validator")]
    UselessEvidence(String),
    /// A transaction that may not stand in the block.
    #[error("transaction {index}: {rejection}")]
    Transaction {
        /// Its position.
        index: usize,
        /// Why.
        rejection: Rejection,
    },
}

/// Checks all of a block but its transactions' signatures and its proposer's clock.
///
/// `parent` is the decided header before it, `state` the state after that, and `state_root` and
/// `receipts_root` its roots. `verified` is a certificate of the parent that was verified before, if
/// there is one, and `bytes` the size of the block's encoding.
pub fn check_block(
    parent: &Header,
    verified: Option<&CommitCertificate>,
    state: &Overlay,
    (state_root, receipts_root): (Hash, Hash),
    block: &Block,
    bytes: usize,
) -> Result<(), BlockError> {
    let parameters = chain::parameters(state)?;
    let validators = chain::validators(state)?;
    limit("size in bytes", bytes as u64, parameters.block_bytes_max.into())?;
    check_header(parent, &validators, (state_root, receipts_root), &block.header)?;
    if !block.body_matches_header() {
        return Err(BlockError::Body);
    }
    check_certificate(parent, verified, &validators, block)?;
    check_evidence(state, &validators, block)?;
    check_transactions(state, &parameters, block)
}

fn check_header(
    parent: &Header,
    validators: &ValidatorSet,
    (state_root, receipts_root): (Hash, Hash),
    header: &Header,
) -> Result<(), BlockError> {
    field("version", &header.version, &Header::VERSION)?;
    field("chain id", &header.chain_id, &parent.chain_id)?;
    field("height", &header.height, &(parent.height + 1))?;
    field("parent", &header.parent, &parent.hash())?;
    field("validators", &header.validators, &validators.hash())?;
    field("state root", &header.state_root, &state_root)?;
    field("receipts root", &header.receipts_root, &receipts_root)?;
    if header.timestamp_ms <= parent.timestamp_ms {
        let got = header.timestamp_ms.to_string();
        let expected = format!("above the parent's {}", parent.timestamp_ms);
        return Err(BlockError::Header { field: "time", got, expected });
    }
    if validators.index_of(&header.proposer).is_none() {
        let got = header.proposer.to_string();
        return Err(BlockError::Header { field: "proposer", got, expected: "a validator".into() });
    }
    Ok(())
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
    validators: &ValidatorSet,
    block: &Block,
) -> Result<(), BlockError> {
    if parent.height == 0 {
        let none = block.certificate.is_none();
        return if none { Ok(()) } else { Err(BlockError::NoCertificate) };
    }
    let certificate = block.certificate.as_ref().ok_or(BlockError::NoCertificate)?;
    field("certificate's height", &certificate.height, &parent.height)?;
    field("certificate's block", &certificate.block, &block.header.parent)?;
    certificate.verify_beyond(verified, &block.header.chain_id, validators)?;
    Ok(())
}

fn check_evidence(
    state: &Overlay,
    validators: &ValidatorSet,
    block: &Block,
) -> Result<(), BlockError> {
    limit("evidence count", block.evidence.len() as u64, EVIDENCE_MAX as u64)?;
    let mut seen = BTreeSet::new();
    for it in &block.evidence {
        let validator = it.validator();
        let useful = is_useful_evidence(state, validators, it, block.header.height)?;
        if !useful || !seen.insert((validator, it.height())) {
            return Err(BlockError::UselessEvidence(validator.to_string()));
        }
        it.verify(&block.header.chain_id)?;
    }
    Ok(())
}

/// Whether a block at `height`, the next one after the given state, can carry the evidence: it is
/// against a validator, recent, and not recorded before. One piece a validator and height is recorded.
pub fn is_useful_evidence(
    state: &Overlay,
    validators: &ValidatorSet,
    evidence: &Evidence,
    height: u64,
) -> Result<bool, StoreError> {
    let known = validators.index_of(&evidence.validator()).is_some();
    Ok(known && evidence::is_new(state, evidence, height)?)
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
    admission::check_content(signed, bytes, &block.header.chain_id, parameters)?;
    admission::check_expiry(signed, block.header.height, parameters)?;
    admission::check_sender(state, signed)?;
    let transaction = &signed.transaction;
    let lane = (transaction.sender, transaction.lane);
    let expected = match next.get(&lane) {
        Some(expected) => *expected,
        None => accounts::next_sequence(state, &transaction.sender, transaction.lane)?,
    };
    admission::check_sequence(signed, expected)?;
    if transaction.sequence > expected {
        let message = format!("sequence {} stands where {expected} must", transaction.sequence);
        return Err(Rejection::new(ehb_types::Code::SequenceGap, message).into());
    }
    next.insert(lane, expected + 1);
    Ok(())
}
