//! Reads the numbers, names and counts of WebAssembly's binary format for the scan.

use super::super::InstallError;
use super::super::limits::NAME_BYTES_MAX;
use super::{limit, malformed};

/// Reads WebAssembly's binary format from unchecked bytes. It allocates nothing and
/// calls no library; every method advances or fails.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn peek(&self) -> Result<u8, InstallError> {
        self.bytes.first().copied().ok_or_else(|| malformed("it ends too early"))
    }

    pub(super) fn byte(&mut self) -> Result<u8, InstallError> {
        let byte = self.peek()?;
        self.bytes = &self.bytes[1..];
        Ok(byte)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], InstallError> {
        let (taken, rest) =
            self.bytes.split_at_checked(count).ok_or_else(|| malformed("it ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    /// An unsigned number of 32 bits in at most five bytes (LEB128).
    pub(super) fn number(&mut self) -> Result<u32, InstallError> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            if shift == 28 && byte > 0x0f {
                break;
            }
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed("a number has more than 32 bits"))
    }

    /// Skips a signed number of at most `bytes` bytes (LEB128).
    pub(super) fn skip_signed(&mut self, bytes: usize) -> Result<(), InstallError> {
        for _ in 0..bytes {
            if self.byte()? & 0x80 == 0 {
                return Ok(());
            }
        }
        Err(malformed("a number has too many bits"))
    }

    /// An index where a negative number would have another meaning: a non-negative signed number of 33 bits.
    pub(super) fn signed_index(&mut self) -> Result<u32, InstallError> {
        let mut value = 0u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0;
                let value = u32::try_from(value).ok().filter(|_| !negative);
                return value.ok_or_else(|| malformed("an index is negative or too large"));
            }
        }
        Err(malformed("an index is negative or too large"))
    }

    /// A number of bytes and these bytes.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], InstallError> {
        let size = self.number()? as usize;
        self.take(size)
    }

    /// A name of bounded length.
    pub(super) fn name(&mut self) -> Result<&'a [u8], InstallError> {
        let name = self.sized()?;
        limit("bytes in a name", name.len(), NAME_BYTES_MAX)?;
        Ok(name)
    }

    /// The number of items that follow. Each takes at least one byte, so no loop runs further than the bytes.
    pub(super) fn count(&mut self) -> Result<u32, InstallError> {
        let count = self.number()?;
        if count as usize > self.len() {
            return Err(malformed("a list is longer than the remaining bytes"));
        }
        Ok(count)
    }
}
