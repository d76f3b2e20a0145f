//! Defines blocks, transactions, receipts and accounts, and their one canonical encoding.
//!
//! The encoding is borsh (<https://borsh.io>): every value has exactly one, and decoding rejects trailing
//! bytes. The memory that decoding allocates is bounded by the number of bytes; limits that depend on the
//! chain's parameters are checked where the parameters are known.

mod account;
mod address;
mod block;
mod card;
mod certificate;
mod consent;
mod error_code;
mod evidence;
mod genesis;
mod name;
mod node_address;
mod node_consent;
mod parameters;
mod receipt;
mod roles;
mod shared;
mod strict;
mod time;
mod transaction;
mod validator;
mod validator_consent;
mod vote;

pub use account::{Account, KEYS_MAX, Policy, PolicyError, Status, WeightedKey};
pub use address::{Address, AddressError, Network};
pub use block::{Block, Header};
pub use card::{Card, CardAdministrator, CardError, SignedCard};
pub use certificate::{CertificateError, CommitCertificate, CommitSignature};
pub use consent::{ConsentError, PolicyConsent};
pub use error_code::{Code, Rejection};
pub use evidence::{Evidence, EvidenceError};
pub use genesis::{
    Genesis, GenesisAccount, GenesisCall, GenesisError, GenesisModule, GenesisObserver,
    GenesisValidator, is_reserved_module,
};
pub use name::{ChainId, Name, NameError, RoleName};
pub use node_address::{NodeAddress, NodeAddressError};
pub use node_consent::{NodeConsent, NodeConsentError, SignedNodeConsent};
pub use parameters::{
    ConsensusParameters, GasSchedule, GovernanceParameters, ModuleParameters, ParameterError,
    Parameters, QuotaParameters, SetError, TEST_GOVERNANCE, TEST_WINDOWS, TRANSACTION_BYTES_MAX,
};
pub use receipt::{Event, Failure, Outcome, Receipt, TypedError};
pub use roles::{ADMINISTRATOR, MANAGER, ROLES_MAX, Roles};
pub use shared::{Receipts, SharedBlock, SharedTransaction};
pub use strict::Strict;
pub use time::{from_utc, span, utc};
pub use transaction::{Call, SignedTransaction, Transaction, TransactionSignature};
pub use validator::{Validator, ValidatorSet, ValidatorSetError};
pub use validator_consent::{
    ValidatorConsent, ValidatorConsentError, ValidatorRequest, ValidatorRequestError,
    ValidatorSignatures,
};
pub use vote::{Proposal, SignedProposal, SignedVote, Vote, VoteKind};

pub use ehb_crypto::{Hash, PublicKey, SecretKey, Signature};

/// Encodes a value canonically.
///
/// # Panics
/// Never: writing to memory cannot fail, and every type of this crate can be encoded.
pub fn encode<T: borsh::BorshSerialize>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_else(|error| unreachable!("encoding to memory: {error}"))
}

/// Like [`encode`], for large values: counts the bytes first, so that memory is allocated once and exactly.
pub fn encode_sized<T: borsh::BorshSerialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded_len(value));
    let written = value.serialize(&mut bytes);
    written.unwrap_or_else(|error| unreachable!("encoding to memory: {error}"));
    bytes
}

/// The number of bytes that [`encode`] returns, without allocating them.
pub fn encoded_len<T: borsh::BorshSerialize>(value: &T) -> usize {
    borsh::object_length(value).unwrap_or_else(|error| unreachable!("counting bytes: {error}"))
}

/// The text of borsh where a value needs more bytes.
const ENDS_EARLY: &str = "Unexpected length of input";

/// Decodes a canonical encoding; trailing bytes are an error.
pub fn decode<T: borsh::BorshDeserialize>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut rest = bytes;
    let value = T::deserialize(&mut rest).map_err(|error| match error.to_string() {
        text if text == ENDS_EARLY => {
            DecodeError(format!("its {} bytes end in the middle of a value", bytes.len()))
        }
        text => DecodeError(text),
    })?;
    match rest.len() {
        0 => Ok(value),
        count => Err(DecodeError(format!("{count} trailing bytes"))),
    }
}

/// The bytes are not the canonical encoding of the expected type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical encoding: {0}")]
pub struct DecodeError(String);

#[cfg(test)]
mod tests;
