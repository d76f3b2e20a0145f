//! SHA-256 under a domain: of bytes, of bytes in pieces, and of pairs of hashes.

use borsh::{BorshDeserialize, BorshSerialize};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use crate::Domain;

/// A SHA-256 hash; shown as 64 hex digits.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// A placeholder if there is nothing to hash: the parent of genesis, the root of an empty tree.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

crate::text::hex_text!(Hash, 32, "hash");

/// Hashes bytes in pieces under one domain.
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

    /// The hash of all added bytes.
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// Hashes `bytes` under `domain`.
///
/// Bytes that fit into two blocks of SHA-256 together with the tag are hashed without a [`Hasher`]: its
/// buffering would add half to the cost of the most frequent hashes, of keys and values of the state.
pub fn hash(domain: Domain, bytes: &[u8]) -> Hash {
    let tag = domain.tag().as_bytes();
    let start = 1 + tag.len();
    let end = start + bytes.len();
    if end > 2 * BLOCK_BYTES - PADDING_BYTES_MIN {
        return Hasher::new(domain).with(bytes).finish();
    }
    let mut blocks = [[0; BLOCK_BYTES]; 2];
    let count = if end > BLOCK_BYTES - PADDING_BYTES_MIN { 2 } else { 1 };
    let message = &mut blocks.as_flattened_mut()[..count * BLOCK_BYTES];
    message[0] = domain.length();
    message[1..start].copy_from_slice(tag);
    message[start..end].copy_from_slice(bytes);
    // The padding of FIPS 180-4, section 5.1.1: a one bit, zeros, the length in bits.
    message[end] = 0x80;
    message[count * BLOCK_BYTES - 8..].copy_from_slice(&(end as u64 * 8).to_be_bytes());
    let mut state = INITIAL;
    compress256(&mut state, &blocks[..count]);
    output(state)
}

const BLOCK_BYTES: usize = 64;

/// The minimum padding of SHA-256: a byte with the one bit, and the length.
const PADDING_BYTES_MIN: usize = 9;

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

/// Hashes pairs of hashes under one domain: the nodes of a tree, at one compression each.
///
/// The hash of a pair is SHA-256 without padding over two blocks: first the block of the domain, which is a
/// byte of 128 + the tag's length, the tag and zeros; then `left || right`. Each such message has exactly
/// these two blocks, so no padding is needed, and finding two pairs (or domains) with one hash requires a
/// collision of the compression function, on which SHA-256 itself relies (Merkle and Damgard;
/// <https://zips.z.cash/protocol/protocol.pdf>, section 5.4.1.3, hashes its tree by the compression function
/// too). No message of [`hash`] begins with such a block. The state after the first block is kept.
#[derive(Clone, Debug)]
pub struct PairHasher([u32; 8]);

impl PairHasher {
    /// The hasher of a domain.
    pub fn new(domain: Domain) -> Self {
        let tag = domain.tag().as_bytes();
        let mut block = [0; BLOCK_BYTES];
        block[0] = 0x80 | domain.length();
        block[1..=tag.len()].copy_from_slice(tag);
        let mut state = INITIAL;
        compress256(&mut state, &[block]);
        Self(state)
    }

    /// The hash of a pair.
    #[inline]
    pub fn hash(&self, left: &Hash, right: &Hash) -> Hash {
        let mut block = [0; BLOCK_BYTES];
        block[..32].copy_from_slice(&left.0);
        block[32..].copy_from_slice(&right.0);
        let mut state = self.0;
        compress256(&mut state, &[block]);
        output(state)
    }
}

fn output(state: [u32; 8]) -> Hash {
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    Hash(out)
}
