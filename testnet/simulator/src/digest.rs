//! The fingerprint of a run, by which two runs of one seed are compared.

/// A running fingerprint of everything that happened in a run (FNV-1a, 64 bits): two runs of one
/// seed must have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(u64);

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Digest {
    pub(crate) fn new() -> Self {
        Self(OFFSET)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.add(&number.to_le_bytes());
    }

    pub(crate) fn value(self) -> u64 {
        self.0
    }
}
