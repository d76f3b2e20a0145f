//! A block as an endpoint returned it.

use ehb_types::{
    Block, CommitCertificate, Evidence, Hash, Header, Receipt, SharedTransaction, encode,
};

/// A block as an endpoint returned it. It is not trusted before it has passed the [check](crate::check).
#[derive(Clone, Debug, PartialEq)]
pub struct FetchedBlock {
    /// The header as the node sent it; not checked.
    pub header: Header,
    /// The transactions, in the order in which they are executed.
    pub transactions: Vec<SharedTransaction>,
    /// The certificate of the parent in the block; none at heights 0 and 1.
    pub parent_certificate: Option<CommitCertificate>,
    /// Misbehaviour that the block reports.
    pub evidence: Vec<Evidence>,
    /// The receipts of the block. The header of the next block contains their root.
    pub receipts: Vec<Receipt>,
    /// The certificate that decided the block; none for genesis.
    pub certificate: Option<CommitCertificate>,
}

impl FetchedBlock {
    /// The height in its header.
    pub fn height(&self) -> u64 {
        self.header.height
    }

    /// Whether transactions, parent certificate and evidence are those that the header commits to.
    pub fn body_matches_header(&self) -> bool {
        self.header.transactions_count as usize == self.transactions.len()
            && self.header.transactions_root == Block::transactions_root(&self.transactions)
            && self.header.certificate == Block::certificate_hash(self.parent_certificate.as_ref())
            && self.header.evidence == Block::evidence_hash(&self.evidence)
    }

    /// The number and the Merkle root of the receipts, as the next header has them.
    pub fn receipts_commitment(&self) -> (u64, Hash) {
        let leaves: Vec<Vec<u8>> = self.receipts.iter().map(encode).collect();
        (leaves.len() as u64, ehb_crypto::merkle::root(&leaves))
    }
}
