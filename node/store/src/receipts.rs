//! Encodes a block's receipts as one value, from which a single receipt can be read without the others.
//!
//! The number of receipts, the length of each, then their canonical encodings; numbers as varints.

use ehb_types::{Receipt, Receipts, decode};

use crate::{StoreError, varint};

/// Encodes a block's receipts.
pub(crate) fn encode_all(receipts: &Receipts) -> Vec<u8> {
    let body = receipts.encoded();
    let mut value = Vec::with_capacity(body.len() + 2 * receipts.len() + 4);
    varint::push(&mut value, receipts.len() as u64);
    for leaf in receipts.leaves() {
        varint::push(&mut value, leaf.len() as u64);
    }
    value.extend_from_slice(body);
    value
}

/// Decodes all receipts.
pub(crate) fn decode_all(value: &[u8]) -> Result<Receipts, StoreError> {
    let (lengths, mut body) = split(value).ok_or_else(damaged)?;
    let mut receipts = Vec::with_capacity(lengths.len());
    for length in lengths {
        let (bytes, rest) = body.split_at_checked(length).ok_or_else(damaged)?;
        receipts.push(decode(bytes).map_err(|error| StoreError::damaged(error.to_string()))?);
        body = rest;
    }
    if body.is_empty() { Ok(receipts.into()) } else { Err(damaged()) }
}

/// The canonical encoding of the list of all receipts.
pub(crate) fn canonical(value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (lengths, body) = split(value).ok_or_else(damaged)?;
    let count = u32::try_from(lengths.len()).map_err(|_| damaged())?;
    Ok([&count.to_le_bytes()[..], body].concat())
}

/// Decodes the receipt at an index; `None` if the block has fewer.
pub(crate) fn decode_one(value: &[u8], index: u32) -> Result<Option<Receipt>, StoreError> {
    let (lengths, body) = split(value).ok_or_else(damaged)?;
    let index = index as usize;
    let Some(length) = lengths.get(index) else { return Ok(None) };
    let start: usize = lengths[..index].iter().sum();
    let bytes = start.checked_add(*length).and_then(|end| body.get(start..end));
    let bytes = bytes.ok_or_else(damaged)?;
    decode(bytes).map(Some).map_err(|error| StoreError::damaged(error.to_string()))
}

/// The receipts' lengths, whose sum is the length of the body, and the body.
fn split(mut value: &[u8]) -> Option<(Vec<usize>, &[u8])> {
    let count = usize::try_from(varint::take(&mut value)?).ok()?;
    // Each length takes at least one byte, which bounds the allocation.
    if count > value.len() {
        return None;
    }
    let mut lengths = Vec::with_capacity(count);
    for _ in 0..count {
        lengths.push(usize::try_from(varint::take(&mut value)?).ok()?);
    }
    let total = lengths.iter().try_fold(0usize, |sum, length| sum.checked_add(*length))?;
    (total == value.len()).then_some((lengths, value))
}

fn damaged() -> StoreError {
    StoreError::damaged("the lengths of a block's receipts do not match the value")
}
