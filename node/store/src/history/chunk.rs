//! Neighbouring keys of a run with their values, in one piece of a few KiB. Of each key only that is kept in which
//! it differs from the one before it.

use std::ops::Range;

use super::record::take_bytes;
use crate::{StoreError, varint};

/// Puts a chunk together.
#[derive(Default)]
pub(crate) struct ChunkWriter {
    bytes: Vec<u8>,
    last: Vec<u8>,
}

impl ChunkWriter {
    /// Adds the next key, which is greater than those before.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) {
        let shared = self.last.iter().zip(key).take_while(|(one, other)| one == other).count();
        varint::push(&mut self.bytes, shared as u64);
        for part in [&key[shared..], value] {
            varint::push(&mut self.bytes, part.len() as u64);
            self.bytes.extend_from_slice(part);
        }
        self.last.truncate(shared);
        self.last.extend_from_slice(&key[shared..]);
    }

    /// The bytes written so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next chunk.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.last.clear();
    }
}

/// Reads a chunk from its beginning.
#[derive(Default)]
pub(crate) struct ChunkReader {
    bytes: Vec<u8>,
    /// Where the next key begins.
    next: usize,
    key: Vec<u8>,
    value: Range<usize>,
}

impl ChunkReader {
    /// Goes to before the first key of a chunk.
    pub(crate) fn enter(&mut self, chunk: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(chunk);
        self.key.clear();
        (self.next, self.value) = (0, 0..0);
    }

    /// Reads the next key; whether there is one.
    pub(crate) fn step(&mut self) -> Result<bool, StoreError> {
        let mut rest = &self.bytes[self.next..];
        if rest.is_empty() {
            return Ok(false);
        }
        let read = varint::take(&mut rest).and_then(|shared| {
            let shared = usize::try_from(shared).ok().filter(|it| *it <= self.key.len())?;
            Some((shared, take_bytes(&mut rest)?, take_bytes(&mut rest)?))
        });
        let (shared, suffix, value) =
            read.ok_or_else(|| StoreError::damaged("a chunk of the history"))?;
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        self.next = self.bytes.len() - rest.len();
        self.value = self.next - value.len()..self.next;
        Ok(true)
    }

    /// The key at hand and its value.
    pub(crate) fn item(&self) -> (&[u8], &[u8]) {
        (&self.key, &self.bytes[self.value.clone()])
    }
}
