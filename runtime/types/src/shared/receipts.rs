//! The receipts of a block with their encodings and Merkle root, as the parts of a node pass them on.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use borsh::BorshSerialize;
use ehb_crypto::{Hash, merkle};

use crate::Receipt;

/// The receipts of a block, one for each transaction in order: clones share them, and their canonical
/// encodings, which are the leaves of the receipts tree, are computed once.
#[derive(Clone)]
pub struct Receipts(Arc<Shared>);

struct Shared {
    receipts: Vec<Receipt>,
    /// All encodings, concatenated.
    encoded: Vec<u8>,
    /// The end of each in the concatenation.
    ends: Vec<usize>,
}

impl Receipts {
    /// All encodings, concatenated.
    pub fn encoded(&self) -> &[u8] {
        &self.0.encoded
    }

    /// The canonical encoding of each.
    pub fn leaves(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(&0).chain(&self.0.ends);
        starts.zip(&self.0.ends).map(|(start, end)| &self.0.encoded[*start..*end]).collect()
    }

    /// Their number, as in the next header.
    pub fn count(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    /// Their Merkle root, as in the next header.
    pub fn root(&self) -> Hash {
        merkle::root(&self.leaves())
    }
}

/// The estimated size of a receipt, bytes, for the initial allocation.
const RECEIPT_BYTES: usize = 256;

impl From<Vec<Receipt>> for Receipts {
    fn from(receipts: Vec<Receipt>) -> Self {
        let mut encoded = Vec::with_capacity(receipts.len() * RECEIPT_BYTES);
        let ends = receipts.iter().map(|receipt| {
            let written = receipt.serialize(&mut encoded);
            written.unwrap_or_else(|error| unreachable!("encoding to memory: {error}"));
            encoded.len()
        });
        let ends = ends.collect();
        Self(Arc::new(Shared { receipts, encoded, ends }))
    }
}

impl Default for Receipts {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl Deref for Receipts {
    type Target = [Receipt];

    fn deref(&self) -> &[Receipt] {
        &self.0.receipts
    }
}

impl<'a> IntoIterator for &'a Receipts {
    type Item = &'a Receipt;
    type IntoIter = std::slice::Iter<'a, Receipt>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.receipts.iter()
    }
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.receipts.fmt(f)
    }
}

impl PartialEq for Receipts {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.receipts == other.0.receipts
    }
}

impl Eq for Receipts {}
