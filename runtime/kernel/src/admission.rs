//! Decides which transactions a block can contain.
//!
//! The mempool checks before it adds a transaction, the proposer before it includes one, and every validator
//! before it votes, all with the same functions. Accounts are checked in the state **before** the block, so
//! that a proposer knows the verdict without executing.

use std::ops::RangeInclusive;

use ehb_state::{Overlay, StoreError};
use ehb_types::{
    Code, Hash, Header, Parameters, Rejection, SignedTransaction, Status, Transaction, span, utc,
};

use crate::organisations;

/// How far ahead of the account's next sequence a transaction can be to wait in a mempool.
pub const SEQUENCE_WINDOW: u64 = 10_000;

/// A rejection, or a failure of the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// A block must not contain the transaction.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn reject<T>(code: Code, message: String) -> Result<T, Rejection> {
    Err(Rejection { code, message })
}

/// The gas cost of a transaction before its first call.
pub fn intrinsic_gas(signed: &SignedTransaction, bytes: usize, parameters: &Parameters) -> u64 {
    let gas = &parameters.gas;
    gas.transaction
        .saturating_add(gas.transaction_byte.saturating_mul(bytes as u64))
        .saturating_add(gas.signature.saturating_mul(signed.signatures.len() as u64))
}

/// Performs the checks that need no state. `bytes` is the size of the canonical encoding.
pub fn check_content(
    signed: &SignedTransaction,
    bytes: usize,
    chain: &Hash,
    parameters: &Parameters,
) -> Result<(), Rejection> {
    let transaction = &signed.transaction;
    Transaction::check_version(transaction.version)?;
    let bytes_max = parameters.transaction_bytes_max;
    if bytes > bytes_max as usize {
        return reject(
            Code::TransactionTooLarge,
            format!("the transaction has {bytes} bytes; at most {bytes_max} are allowed"),
        );
    }
    if !signed.is_well_formed() {
        return reject(
            Code::MalformedTransaction,
            "the transaction has no or too many calls or signatures, a memo that is too long, or \
             signatures that are not strictly ascending by key"
                .into(),
        );
    }
    if transaction.chain != *chain {
        return reject(
            Code::WrongChain,
            format!(
                "the transaction is for the chain with genesis {}; this chain's is {chain}",
                transaction.chain
            ),
        );
    }
    let gas_max = parameters.transaction_gas_max;
    if transaction.gas_limit > gas_max {
        return reject(
            Code::GasLimitTooHigh,
            format!("the gas limit is {}; at most {gas_max} is allowed", transaction.gas_limit),
        );
    }
    let intrinsic = intrinsic_gas(signed, bytes, parameters);
    if transaction.gas_limit < intrinsic {
        return reject(
            Code::OutOfGas,
            format!(
                "the gas limit is {}; size and signatures alone cost {intrinsic}",
                transaction.gas_limit
            ),
        );
    }
    Ok(())
}

/// The range of times that the block after `head` can have, if the node's clock shows `now_ms`.
pub fn next_block_times(
    head: &Header,
    now_ms: u64,
    parameters: &Parameters,
) -> RangeInclusive<u64> {
    let earliest = head.timestamp_ms.saturating_add(1);
    let drift_max_ms = parameters.consensus.drift_max_ms;
    earliest..=earliest.max(now_ms.saturating_add(drift_max_ms))
}

/// Checks that a block with one of these times can contain the transaction. Times are milliseconds since
/// 1970; an existing block has one time, and [`next_block_times`] returns those of the next block.
pub fn check_validity(
    signed: &SignedTransaction,
    times: &RangeInclusive<u64>,
    parameters: &Parameters,
) -> Result<(), Rejection> {
    let until = signed.transaction.valid_until_ms;
    if until < *times.start() {
        return reject(
            Code::Expired,
            format!(
                "the transaction was valid until {}, and its block has the time {} or a later one: it expired {} before",
                utc(until),
                utc(*times.start()),
                span(times.start() - until)
            ),
        );
    }
    let latest = times.end().saturating_add(parameters.validity_ms_max);
    if until > latest {
        return reject(
            Code::ExpiryTooFar,
            format!(
                "the transaction is valid until {}, {} too long: at most {} is allowed, {} after the time of its block",
                utc(until),
                span(until - latest),
                utc(latest),
                span(parameters.validity_ms_max)
            ),
        );
    }
    Ok(())
}

/// Checks that the sender exists, is active, and authorised the transaction.
pub fn check_sender(state: &Overlay, signed: &SignedTransaction) -> Result<(), AdmissionError> {
    let sender = &signed.transaction.sender;
    let Some(account) = organisations::acting_account(state, sender)? else {
        reject(Code::UnknownSender, "no account is registered at the sender's address".to_owned())?
    };
    if account.status != Status::Active {
        let message = format!("the sender's account is {}", account.status.as_str());
        reject(Code::InactiveSender, message)?
    }
    if let Err(error) = account.policy.authorise(&signed.signers()) {
        reject(Code::NotAuthorised, error.to_string())?
    }
    Ok(())
}

/// Checks that a sequence is neither already used nor too far ahead of the lane's next one.
pub fn check_sequence(signed: &SignedTransaction, next: u64) -> Result<(), Rejection> {
    let sequence = signed.transaction.sequence;
    if sequence < next {
        return reject(
            Code::SequenceUsed,
            format!("sequence {sequence} of the lane is used; the next one is {next}"),
        );
    }
    if sequence - next >= SEQUENCE_WINDOW {
        return reject(
            Code::SequenceGap,
            format!(
                "sequence {sequence} is too far ahead: the lane's next one is {next}, and at most \
                 {SEQUENCE_WINDOW} can wait"
            ),
        );
    }
    Ok(())
}
