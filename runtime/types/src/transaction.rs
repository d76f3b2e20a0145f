use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, PublicKey, SecretKey, Signature, SignatureError, hash};

use crate::{Address, Code, KEYS_MAX, Name, Rejection, decode, encode};

/// What a sender asks for: calls that all happen, in order, or none does.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transaction {
    /// The format of this content; [`Transaction::VERSION`]. It is the first byte of the encoding.
    pub version: u8,
    /// The genesis hash of the chain that it is for.
    pub chain: Hash,
    /// The account that acts.
    pub sender: Address,
    /// One of the sender's independent sequences.
    pub lane: u32,
    /// Its position in the lane: exactly one more than that of the lane's last transaction, from 0.
    pub sequence: u64,
    /// The last block time at which a block may hold it, milliseconds since 1970 (UTC).
    pub valid_until_ms: u64,
    /// The most gas it may use.
    pub gas_limit: u64,
    /// What is to be done, 1 to [`Transaction::CALLS_MAX`].
    pub calls: Vec<Call>,
    /// A note for people, at most [`Transaction::MEMO_BYTES_MAX`] bytes; the rules do not read it.
    pub memo: String,
}

/// A call of a module's function.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Call {
    /// The module, by the name it is installed under.
    pub module: Name,
    /// The function, unique among the module's exported ones.
    pub function: Name,
    /// The arguments, in the canonical form that the function's WIT types direct.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TransactionSignature {
    /// Who signed.
    pub key: PublicKey,
    /// The signature over the transaction's id, under [`Domain::Transaction`].
    pub signature: Signature,
}

impl Transaction {
    /// The version this code reads and writes.
    pub const VERSION: u8 = 1;
    /// How many calls a transaction can hold.
    pub const CALLS_MAX: usize = 64;
    /// How long a memo can be.
    pub const MEMO_BYTES_MAX: usize = 256;

    /// The id: the hash of the content, whoever signs it.
    pub fn id(&self) -> Hash {
        hash(Domain::Transaction, &encode(self))
    }

    /// Reads the encoding. A version other than [`Self::VERSION`] is refused with
    /// [`Code::UnsupportedVersion`], whatever follows it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        from_versioned_bytes(bytes)
    }

    /// Refuses a version other than [`Self::VERSION`].
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

    /// Reads the encoding, as [`Transaction::from_bytes`] does.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Rejection> {
        from_versioned_bytes(bytes)
    }

    /// Whether calls, memo and signatures keep their bounds, and the signatures their order.
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

/// Both forms begin with the content's version.
fn from_versioned_bytes<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, Rejection> {
    if let Some(version) = bytes.first() {
        Transaction::check_version(*version)?;
    }
    decode(bytes).map_err(|error| {
        let message = format!("the bytes are no transaction: {error}");
        Rejection::new(Code::MalformedTransaction, message)
    })
}
