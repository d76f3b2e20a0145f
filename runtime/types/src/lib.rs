//! Defines blocks, transactions, receipts and accounts, and their one canonical encoding.
//!
//! The encoding is borsh (<https://borsh.io>): every value has exactly one, and decoding refuses
//! trailing bytes. Decoding bounds what it allocates by the bytes at hand; limits that depend on the
//! chain's parameters are checked where the parameters are known.

mod account;
mod address;
mod block;
mod certificate;
mod code;
mod evidence;
mod genesis;
mod name;
mod parameters;
mod receipt;
mod shared;
mod strict;
mod transaction;
mod validator;
mod vote;

pub use account::{Account, KEYS_MAX, Policy, PolicyError, Status, WeightedKey};
pub use address::{Address, AddressError, Network};
pub use block::{Block, Header};
pub use certificate::{CertificateError, CommitCertificate, CommitSignature};
pub use code::{Code, Rejection};
pub use evidence::{Evidence, EvidenceError};
pub use genesis::{
    Genesis, GenesisAccount, GenesisCall, GenesisError, GenesisModule, GenesisObserver,
    GenesisValidator,
};
pub use name::{ChainId, Name, NameError};
pub use parameters::{
    ConsensusParameters, GasSchedule, ParameterError, Parameters, TRANSACTION_BYTES_MAX,
};
pub use receipt::{Event, Failure, Outcome, Receipt, TypedError};
pub use shared::{Receipts, SharedBlock, SharedTransaction};
pub use strict::Strict;
pub use transaction::{Call, SignedTransaction, Transaction, TransactionSignature};
pub use validator::{Validator, ValidatorSet, ValidatorSetError};
pub use vote::{Proposal, SignedProposal, SignedVote, Vote, VoteKind};

pub use ehb_crypto::{Hash, PublicKey, SecretKey, Signature};

/// Encodes a value in its canonical form.
///
/// # Panics
/// Never: writing to memory cannot fail, and no type of this crate refuses to be encoded.
pub fn encode<T: borsh::BorshSerialize>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_else(|error| unreachable!("encoding to memory: {error}"))
}

/// As [`encode`], for what may be large: counts first, so that nothing is moved or set aside in vain.
pub fn encode_sized<T: borsh::BorshSerialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded_len(value));
    let written = value.serialize(&mut bytes);
    written.unwrap_or_else(|error| unreachable!("encoding to memory: {error}"));
    bytes
}

/// How many bytes [`encode`] gives, counted without putting them together.
pub fn encoded_len<T: borsh::BorshSerialize>(value: &T) -> usize {
    borsh::object_length(value).unwrap_or_else(|error| unreachable!("counting bytes: {error}"))
}

/// Decodes a value from its canonical form; trailing bytes are an error.
pub fn decode<T: borsh::BorshDeserialize>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut rest = bytes;
    let value = T::deserialize(&mut rest).map_err(|error| DecodeError(error.to_string()))?;
    match rest.len() {
        0 => Ok(value),
        count => Err(DecodeError(format!("{count} trailing bytes"))),
    }
}

/// Bytes that are not the canonical encoding of the expected value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical encoding: {0}")]
pub struct DecodeError(String);

#[cfg(test)]
mod tests;
