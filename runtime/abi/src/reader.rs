//! Decodes the primitive parts of canonical bytes, on which `check.rs` and `to_json.rs` build.

use crate::{DEPTH_MAX, Problem, Type, ValueError};

/// Reads canonical bytes piece by piece while the caller walks a [`Type`].
///
/// It rejects everything that is not canonical, and never allocates more than the number of bytes justifies.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    depth: usize,
}

macro_rules! integer {
    ($($name:ident: $type:ty),*) => {
        $(
            #[doc = concat!("A little-endian `", stringify!($type), "`.")]
            pub fn $name(&mut self) -> Result<$type, ValueError> {
                self.array().map(<$type>::from_le_bytes)
            }
        )*
    };
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of the bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, depth: 0 }
    }

    integer! {
        u8: u8, u16: u16, u32: u32, u64: u64,
        s8: i8, s16: i16, s32: i32, s64: i64
    }

    /// A boolean; also the tag of an option (1: some) or result (1: ok).
    pub fn bit(&mut self) -> Result<bool, ValueError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Problem::Bit(other).into()),
        }
    }

    /// A character.
    pub fn char(&mut self) -> Result<char, ValueError> {
        let value = self.u32()?;
        char::from_u32(value).ok_or_else(|| Problem::Char(value).into())
    }

    /// Text, borrowed from the bytes.
    pub fn text(&mut self) -> Result<&'a str, ValueError> {
        let length = self.u32()?;
        let bytes = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        std::str::from_utf8(bytes).map_err(|_| Problem::Utf8.into())
    }

    /// The 32 bytes of an address or hash.
    pub fn word32(&mut self) -> Result<[u8; 32], ValueError> {
        self.array()
    }

    /// The number of elements of a list, checked against the remaining bytes.
    pub fn count(&mut self, element: &Type) -> Result<usize, ValueError> {
        let count = self.u32()?;
        let left = self.bytes.len();
        let possible = left.checked_div(element.bytes_min()).ok_or(Problem::ZeroSize)?;
        match usize::try_from(count) {
            Ok(elements) if elements <= possible => Ok(elements),
            _ => Err(Problem::Count { count, left }.into()),
        }
    }

    /// The number of a case, lower than `count`.
    pub fn case(&mut self, count: usize) -> Result<usize, ValueError> {
        let got = self.u8()?;
        let case = usize::from(got);
        if case < count { Ok(case) } else { Err(Problem::Case { got, count }.into()) }
    }

    /// The bits of `count` flags, the first in the lowest bit of the first byte.
    pub fn flags(&mut self, count: usize) -> Result<&'a [u8], ValueError> {
        let bytes = self.take(count.div_ceil(8))?;
        let spare = match (bytes.last(), count % 8) {
            (Some(last), used @ 1..) => last >> used,
            _ => 0,
        };
        if spare == 0 { Ok(bytes) } else { Err(Problem::SpareBits.into()) }
    }

    /// The next bytes, unchanged.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], ValueError> {
        let left = self.bytes.len();
        match self.bytes.split_at_checked(length) {
            Some((taken, rest)) => {
                self.bytes = rest;
                Ok(taken)
            }
            None => Err(Problem::Truncated { needed: length, left }.into()),
        }
    }

    /// Enters a nested value; [`Reader::leave`] ends it.
    pub fn enter(&mut self) -> Result<(), ValueError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(Problem::BadType.into()) } else { Ok(()) }
    }

    /// Leaves a nested value.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Ends the reading and checks that no byte is left.
    pub fn finish(self) -> Result<(), ValueError> {
        match self.bytes.len() {
            0 => Ok(()),
            left => Err(Problem::Trailing(left).into()),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ValueError> {
        let left = self.bytes.len();
        match self.bytes.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.bytes = rest;
                Ok(*taken)
            }
            None => Err(Problem::Truncated { needed: N, left }.into()),
        }
    }
}

/// Whether the flag at `index` is set in the bytes of [`Reader::flags`].
pub(crate) fn flag_is_set(bits: &[u8], index: usize) -> bool {
    bits.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}
