//! Transactions and their signatures: ids, signing, decoding, and limits of form.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, PublicKey, SecretKey, Signature, SignatureError, hash};
use serde::{Deserialize, Serialize};

use crate::{Address, Code, KEYS_MAX, Name, Rejection, decode, encode};

/// A sender's request: calls that are executed in order, all or none.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transaction {
    /// The format of this content; [`Transaction::VERSION`]. It is the first byte of the encoding.
    pub version: u8,
    /// The genesis hash of its chain.
    pub chain: Hash,
    /// The sender's account.
    pub sender: Address,
    /// One of the sender's independent sequences.
    pub lane: u32,
    /// Its position in the lane: exactly one more than that of the lane's last transaction, from 0.
    pub sequence: u64,
    /// The latest time of a block that can contain it, milliseconds since 1970 (UTC).
    pub valid_until_ms: u64,
    /// The maximum gas that it can use.
    pub gas_limit: u64,
    /// The calls, 1 to [`Transaction::CALLS_MAX`].
    pub calls: Vec<Call>,
    /// A note for people, at most [`Transaction::MEMO_BYTES_MAX`] bytes; the rules do not read it.
    pub memo: String,
}

/// A call of a module's function.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Call {
    /// The name of the installed module.
    pub module: Name,
    /// The function, unique among the module's exported ones.
    pub function: Name,
    /// The arguments, in the canonical encoding of the function's WIT types.
    pub arguments: Vec<u8>,
}

/// A transaction with the signatures that authorise it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedTransaction {
    /// The signed content.
    pub transaction: Transaction,
    /// Signatures over the id, strictly ascending by key, 1 to [`KEYS_MAX`].
    pub signatures: Vec<TransactionSignature>,
}

/// One signature of a transaction.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct TransactionSignature {
    /// The key that signed.
    pub key: PublicKey,
    /// The signature over the transaction's id, under [`Domain::Transaction`].
    pub signature: Signature,
}

impl Transaction {
    /// The version that this code reads and writes.
    pub const VERSION: u8 = 1;
    /// The maximum number of calls in a transaction.
    pub const CALLS_MAX: usize = 64;
    /// The maximum length of a memo, bytes.
    pub const MEMO_BYTES_MAX: usize = 256;

    /// The id: the hash of the content, independent of the signatures.
    pub fn id(&self) -> Hash {
        hash(Domain::Transaction, &encode(self))
    }

    /// Decodes a transaction. A version other than [`Self::VERSION`] is rejected with
    /// [`Code::UnsupportedVersion`], whatever follows it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        from_versioned_bytes(bytes)
    }

    /// Rejects a version other than [`Self::VERSION`].
    pub fn check_version(version: u8) -> Result<(), Rejection> {
        if version == Self::VERSION {
            return Ok(());
        }
        let message = format!(
            "the transaction has format version {version}; this node reads version {}",
            Self::VERSION
        );
        Err(Rejection::new(Code::UnsupportedVersion, message))
    }

    /// Signs with the given keys, each of which signs once.
    pub fn sign(self, keys: &[&SecretKey]) -> SignedTransaction {
        let id = self.id();
        let mut signatures: Vec<TransactionSignature> = keys
            .iter()
            .map(|key| TransactionSignature {
                key: key.public_key(),
                signature: key.sign(Domain::Transaction, &self.chain, id.as_bytes()),
            })
            .collect();
        signatures.sort_by_key(|signature| signature.key);
        signatures.dedup_by_key(|signature| signature.key);
        SignedTransaction { transaction: self, signatures }
    }
}

impl SignedTransaction {
    /// The transaction's id.
    pub fn id(&self) -> Hash {
        self.transaction.id()
    }

    /// Decodes like [`Transaction::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        from_versioned_bytes(bytes)
    }

    /// Whether calls, memo and signatures are within their limits, and the signatures in order.
    pub fn is_well_formed(&self) -> bool {
        let Transaction { calls, memo, .. } = &self.transaction;
        (1..=Transaction::CALLS_MAX).contains(&calls.len())
            && memo.len() <= Transaction::MEMO_BYTES_MAX
            && (1..=KEYS_MAX).contains(&self.signatures.len())
            && self.signatures.is_sorted_by(|a, b| a.key < b.key)
    }

    /// The signing keys, ascending.
    pub fn signers(&self) -> Vec<PublicKey> {
        self.signatures.iter().map(|signature| signature.key).collect()
    }

    /// Verifies all signatures, one by one; see [`ehb_crypto::Batch`] for many transactions.
    pub fn verify(&self) -> Result<(), SignatureError> {
        let id = self.id();
        let chain = &self.transaction.chain;
        self.signatures.iter().try_for_each(|TransactionSignature { key, signature }| {
            key.verify(Domain::Transaction, chain, id.as_bytes(), signature)
        })
    }
}

/// Both encodings begin with the content's version.
fn from_versioned_bytes<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, Rejection> {
    if let Some(version) = bytes.first() {
        Transaction::check_version(*version)?;
    }
    decode(bytes).map_err(|error| {
        let message = format!("the bytes are not a transaction: {error}");
        Rejection::new(Code::MalformedTransaction, message)
    })
}
