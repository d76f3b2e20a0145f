//! Encodes the keys of maps as bytes that sort in the order of the keys.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Address, Hash};

/// The key of an entry of a [`crate::Map`].
///
/// The bytes sort as the keys do, so that scans come in the keys' order: integers are big-endian.
pub trait Key: Sized {
    /// Appends the key's bytes.
    fn write(&self, out: &mut Vec<u8>);

    /// The key of exactly these bytes; `None` when they are not one.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// A key whose length is fixed, so that another can follow it in a pair.
pub trait FixedKey: Key {
    /// How many bytes it has.
    const LENGTH: usize;
}

macro_rules! integer_key {
    ($($type:ty),*) => {$(
        impl Key for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_be_bytes(bytes.try_into().ok()?))
            }
        }

        impl FixedKey for $type {
            const LENGTH: usize = size_of::<Self>();
        }
    )*};
}

integer_key!(u8, u16, u32, u64);

macro_rules! word_key {
    ($($type:ty),*) => {$(
        impl Key for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_bytes());
            }

            fn read(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_bytes(bytes.try_into().ok()?))
            }
        }

        impl FixedKey for $type {
            const LENGTH: usize = 32;
        }
    )*};
}

word_key!(Address, Hash);

/// Only as a whole key or at a pair's end, since texts differ in length. The module bounds it: a key
/// has at most [`crate::KEY_BYTES_MAX`] bytes.
impl Key for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        core::str::from_utf8(bytes).ok().map(Self::from)
    }
}

impl<A: FixedKey, B: Key> Key for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (first, second) = bytes.split_at_checked(A::LENGTH)?;
        Some((A::read(first)?, B::read(second)?))
    }
}

impl<A: FixedKey, B: FixedKey> FixedKey for (A, B) {
    const LENGTH: usize = A::LENGTH + B::LENGTH;
}

impl<A: FixedKey, B: FixedKey, C: Key> Key for (A, B, C) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (first, rest) = bytes.split_at_checked(A::LENGTH)?;
        let (second, third) = rest.split_at_checked(B::LENGTH)?;
        Some((A::read(first)?, B::read(second)?, C::read(third)?))
    }
}

impl<A: FixedKey, B: FixedKey, C: FixedKey> FixedKey for (A, B, C) {
    const LENGTH: usize = A::LENGTH + B::LENGTH + C::LENGTH;
}
