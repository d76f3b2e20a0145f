//! Blocks and headers, and how a header commits to its block's contents.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, PublicKey, SecretKey, Signature, hash, merkle};

use crate::{CommitCertificate, Evidence, SharedTransaction, encode};

/// The header of a block. Its hash is the value that validators agree on.
///
/// `state_root`, `receipts_root` and `receipts_count` are those **after the parent**: a block is agreed
/// on before it is executed, and its own roots are in its child.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// The format of this header and its block; [`Header::VERSION`].
    pub version: u16,
    /// The genesis hash of the chain.
    pub chain: Hash,
    /// The parent's height plus one; genesis is 0.
    pub height: u64,
    /// The proposer's clock, milliseconds since 1970 (UTC), above the parent's.
    pub timestamp_ms: u64,
    /// The parent's hash; in genesis the hash of the genesis file's content.
    pub parent: Hash,
    /// The round for which the block was built. It may be decided in a later one.
    pub round: u32,
    /// The builder of the block: the proposer of this height and round. Zero in genesis.
    pub proposer: PublicKey,
    /// The number of transactions, which [`Self::transactions_root`] does not prove.
    pub transactions_count: u32,
    /// The Merkle root over the block's signed transactions in their canonical encoding.
    pub transactions_root: Hash,
    /// The root of the state tree after the parent.
    pub state_root: Hash,
    /// The number of the parent's receipts, which [`Self::receipts_root`] does not prove.
    pub receipts_count: u32,
    /// The Merkle root over the parent's receipts.
    pub receipts_root: Hash,
    /// The hash of the validator set that decides this height.
    pub validators: Hash,
    /// The hash of the validator set that decides the next height. The state after the parent determines it.
    pub next_validators: Hash,
    /// The hash of the parent's commit certificate in the block; zero at height 1.
    pub certificate: Hash,
    /// The hash of the evidence in the block; zero if there is none.
    pub evidence: Hash,
}

/// A block: a header and the contents that it commits to.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The transactions, in the order in which they are executed.
    pub transactions: Vec<SharedTransaction>,
    /// The certificate that decided the parent; none at height 1, whose parent is genesis.
    pub certificate: Option<CommitCertificate>,
    /// Proofs of equivocation by validators.
    pub evidence: Vec<Evidence>,
    /// The proposer's signature over the header's hash, under [`Domain::Header`]: no block can be attributed
    /// to another builder.
    pub signature: Signature,
}

impl Header {
    /// The version that this code reads and writes.
    pub const VERSION: u16 = 1;

    /// The header of a block of height 0 that says nothing but its chain: all numbers and hashes are zero. Headers of
    /// which only some fields matter, as in tests, begin with it.
    pub fn blank(chain: Hash) -> Self {
        Self {
            version: Self::VERSION,
            chain,
            height: 0,
            timestamp_ms: 0,
            parent: Hash::ZERO,
            round: 0,
            proposer: PublicKey([0; 32]),
            transactions_count: 0,
            transactions_root: Hash::ZERO,
            state_root: Hash::ZERO,
            receipts_count: 0,
            receipts_root: Hash::ZERO,
            validators: Hash::ZERO,
            next_validators: Hash::ZERO,
            certificate: Hash::ZERO,
            evidence: Hash::ZERO,
        }
    }

    /// The hash of the header, which identifies the block.
    pub fn hash(&self) -> Hash {
        hash(Domain::Header, &encode(self))
    }
}

impl Block {
    /// A block signed by its proposer.
    pub fn sign(
        header: Header,
        transactions: Vec<SharedTransaction>,
        certificate: Option<CommitCertificate>,
        evidence: Vec<Evidence>,
        key: &SecretKey,
    ) -> Self {
        let signature = key.sign(Domain::Header, &header.chain, header.hash().as_bytes());
        Self { header, transactions, certificate, evidence, signature }
    }

    /// The block's hash.
    pub fn hash(&self) -> Hash {
        self.header.hash()
    }

    /// The root that the header must contain for these transactions.
    pub fn transactions_root(transactions: &[SharedTransaction]) -> Hash {
        let leaves: Vec<&[u8]> = transactions.iter().map(SharedTransaction::encoded).collect();
        merkle::root(&leaves)
    }

    /// The hash that the header must contain for this parent certificate.
    pub fn certificate_hash(certificate: Option<&CommitCertificate>) -> Hash {
        certificate.map_or(Hash::ZERO, |it| hash(Domain::Certificate, &encode(it)))
    }

    /// The hash that the header must contain for this evidence.
    pub fn evidence_hash(evidence: &[Evidence]) -> Hash {
        if evidence.is_empty() {
            return Hash::ZERO;
        }
        hash(Domain::Evidence, &borsh::to_vec(evidence).unwrap_or_default())
    }

    /// Whether the body is the one that the header commits to, and signed by the header's proposer. Whether
    /// it is the proposer of that round is not checked here.
    pub fn body_matches_header(&self) -> bool {
        let Header { chain, proposer, .. } = &self.header;
        self.header.transactions_count as usize == self.transactions.len()
            && self.header.transactions_root == Self::transactions_root(&self.transactions)
            && self.header.certificate == Self::certificate_hash(self.certificate.as_ref())
            && self.header.evidence == Self::evidence_hash(&self.evidence)
            && proposer
                .verify(Domain::Header, chain, self.hash().as_bytes(), &self.signature)
                .is_ok()
    }
}
