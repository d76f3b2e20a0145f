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

/// The initial state of SHA-256 (FIPS 180-4, section 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The hash of two hashes under `domain`: `hash(domain, left || right)`, at the cost of its two
/// compressions and no buffering. Trees spend most of their time here.
#[inline]
pub fn hash_pair(domain: Domain, left: &Hash, right: &Hash) -> Hash {
    let tag = domain.tag().as_bytes();
    let start = 1 + tag.len();
    let end = start + 64;
    let mut blocks = [[0; 64]; 2];
    let message = blocks.as_flattened_mut();
    message[0] = domain.length();
    message[1..start].copy_from_slice(tag);
    message[start..start + 32].copy_from_slice(&left.0);
    message[start + 32..end].copy_from_slice(&right.0);
    // The padding of section 5.1.1: a one bit, zeros, the length in bits. A tag is at most 40 bytes,
    // so there is always room for it in the second block.
    message[end] = 0x80;
    message[120..].copy_from_slice(&(end as u64 * 8).to_be_bytes());
    let mut state = INITIAL;
    sha2::block_api::compress256(&mut state, &blocks);
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    Hash(out)
}
