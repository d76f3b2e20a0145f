use borsh::{BorshDeserialize, BorshSerialize};
use sha2::{Digest, Sha256};

use crate::Domain;

/// A SHA-256 hash; shown as 64 hex digits.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Stands where there is nothing to hash: the parent of genesis, the root of an empty tree.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

crate::text::hex_text!(Hash, 32, "hash");

/// Hashes bytes given in pieces under one domain.
#[derive(Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Starts a hash under `domain`.
    pub fn new(domain: Domain) -> Self {
        let mut sha = Sha256::new();
        sha.update([domain.length()]);
        sha.update(domain.tag());
        Self(sha)
    }

    /// Adds bytes. Pieces are joined without separators: variable lengths must be encoded by the caller.
    #[must_use]
    pub fn with(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// The hash of all that was added.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// Hashes `bytes` under `domain`.
pub fn hash(domain: Domain, bytes: &[u8]) -> Hash {
    Hasher::new(domain).with(bytes).finish()
}
