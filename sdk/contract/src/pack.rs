//! Encodes and decodes the values of a module's state, as borsh does.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Address, Hash};

#[cfg(test)]
mod tests;

/// A value that can be stored.
///
/// The bytes are those of borsh (<https://borsh.io>), so that programs outside the chain can read
/// a module's state: integers little-endian, a text, list or option after its length or tag.
/// It is derived for records, enums and variants: the bindings of a module do so for every type of its WIT.
pub trait Pack: Sized + 'static {
    /// Appends the value's bytes.
    fn pack(&self, out: &mut Vec<u8>);

    /// Takes a value from the front of `input`; `None` when the bytes are not one.
    fn unpack(input: &mut &[u8]) -> Option<Self>;
}

/// The bytes of several values after one another, as for the arguments of [`crate::Once::run`]:
/// `packed!(to, asset, amount)`.
#[macro_export]
macro_rules! packed {
    ($($value:expr),* $(,)?) => {{
        let mut bytes = $crate::Bytes::new();
        $($crate::Pack::pack(&$value, &mut bytes);)*
        bytes
    }};
}

/// Takes the first `length` bytes.
fn take<'a>(input: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(taken)
}

fn pack_length(length: usize, out: &mut Vec<u8>) {
    // A value of 65,536 bytes cannot hold a longer list, and the chain refuses to store more.
    u32::try_from(length).unwrap_or(u32::MAX).pack(out);
}

fn unpack_length(input: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::unpack(input)?).ok()
}

macro_rules! pack_integer {
    ($($type:ty),*) => {$(
        impl Pack for $type {
            fn pack(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn unpack(input: &mut &[u8]) -> Option<Self> {
                let bytes = take(input, size_of::<Self>())?;
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )*};
}

pack_integer!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);

impl Pack for () {
    fn pack(&self, _out: &mut Vec<u8>) {}

    fn unpack(_input: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl Pack for bool {
    fn pack(&self, out: &mut Vec<u8>) {
        u8::from(*self).pack(out);
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        match u8::unpack(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Pack for Address {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        Some(Self::from_bytes(take(input, 32)?.try_into().ok()?))
    }
}

impl Pack for Hash {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        Some(Self::from_bytes(take(input, 32)?.try_into().ok()?))
    }
}

impl Pack for String {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_length(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        let length = unpack_length(input)?;
        core::str::from_utf8(take(input, length)?).ok().map(Self::from)
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.is_some().pack(out);
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        match bool::unpack(input)? {
            true => T::unpack(input).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_length(self.len(), out);
        for value in self {
            value.pack(out);
        }
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        let length = unpack_length(input)?;
        // Every element but `()` takes a byte, so a length beyond the bytes left is no list.
        if length > input.len() {
            return None;
        }
        (0..length).map(|_| T::unpack(input)).collect()
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        Some((A::unpack(input)?, B::unpack(input)?))
    }
}

impl<A: Pack, B: Pack, C: Pack> Pack for (A, B, C) {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
        self.1.pack(out);
        self.2.pack(out);
    }

    fn unpack(input: &mut &[u8]) -> Option<Self> {
        Some((A::unpack(input)?, B::unpack(input)?, C::unpack(input)?))
    }
}
