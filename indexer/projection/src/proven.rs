//! A block whose header, body and receipts were verified.

use ehb_types::{CommitCertificate, Hash, Header, Receipt, SharedTransaction, ValidatorSet};

/// A block whose header, body and receipts were verified, with the validator sets around it.
#[derive(Clone, Copy, Debug)]
pub struct ProvenBlock<'a> {
    /// The header.
    pub header: &'a Header,
    /// Its hash.
    pub hash: Hash,
    /// The transactions.
    pub transactions: &'a [SharedTransaction],
    /// Their receipts, then those without a transaction.
    pub receipts: &'a [Receipt],
    /// The certificate of the parent in the block; none at heights 0 and 1.
    pub parent_certificate: Option<&'a CommitCertificate>,
    /// The validators that decided the parent; none for genesis.
    pub parent_validators: Option<&'a ValidatorSet>,
    /// The validators that decided the block.
    pub validators: &'a ValidatorSet,
    /// The validators that decide the next height.
    pub next_validators: &'a ValidatorSet,
}
