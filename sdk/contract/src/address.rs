//! Converts addresses and hashes, which WIT passes as four 64-bit words, from and to bytes.

use crate::{Address, Hash};

/// Four big-endian words as bytes.
fn to_bytes(words: [u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

fn to_words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    words
}

impl Address {
    /// The address's 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        to_bytes([self.a, self.b, self.c, self.d])
    }

    /// The address that these 32 bytes are.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let [a, b, c, d] = to_words(bytes);
        Self { a, b, c, d }
    }
}

impl Hash {
    /// The hash's 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        to_bytes([self.a, self.b, self.c, self.d])
    }

    /// The hash that these 32 bytes are.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let [a, b, c, d] = to_words(bytes);
        Self { a, b, c, d }
    }
}
