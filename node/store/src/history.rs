//! State and tree of earlier heights.
//!
//! The families of state and tree hold the head alone. What a block replaces is kept beside them under the
//! height of that block: the value that an entry had, and the bytes in which a page differed. So an entry at
//! a height is what the first block above that height replaced, and the head's where no block did. Nothing is
//! read back to write this, and what is too old is dropped by compaction alone, key by key: see
//! [`crate::kept::Kept`].

use ehb_state::{Changes, PageId};
use rocksdb::WriteBatch;

use crate::database::Database;
use crate::family::Family;
use crate::{Snapshot, StoreError};

/// One in this many earlier forms of a page is kept whole, so that reading one never applies many differences.
const WHOLE_ONE_IN: u64 = 32;

const ABSENT: u8 = 0;
const WHOLE: u8 = 1;
const DIFFERENCE: u8 = 2;

/// Adds what a block at `height` replaces. `before` shows the state before it.
pub(crate) fn put(
    batch: &mut WriteBatch,
    database: &Database,
    height: u64,
    changes: &Changes,
    before: &Snapshot,
) -> Result<(), StoreError> {
    let entries = database.family(Family::EntryHistory)?;
    let mut value = Vec::new();
    for (key, after) in &changes.entries {
        let old = before.entry(key)?;
        if old == *after {
            continue;
        }
        encode_value(&mut value, old.as_deref());
        batch.put_cf(entries, entry_key(key, height), &value);
    }
    let pages = database.family(Family::PageHistory)?;
    for (index, (id, after)) in changes.pages.iter().enumerate() {
        let read;
        let old = match changes.pages_before.get(index) {
            Some(old) => old.as_deref(),
            None => {
                read = before.page_bytes(id)?;
                read.as_deref()
            }
        };
        let whole = is_whole(id, height);
        encode_page(&mut value, old, after.as_deref().filter(|_| !whole));
        batch.put_cf(pages, page_key(id, height), &value);
    }
    Ok(())
}

/// Whether the form that a page had before a height is kept whole: any rule does under which this is so for one
/// height in [`WHOLE_ONE_IN`], whichever they are.
fn is_whole(id: &PageId, height: u64) -> bool {
    let sum = id.as_bytes().iter().fold(height, |sum, byte| sum.wrapping_add(u64::from(*byte)));
    sum.is_multiple_of(WHOLE_ONE_IN)
}

/// The beginning of the keys of an entry's history: each zero byte is followed by 255, and two zeros are the
/// end, so that entries keep their order and no beginning is another's.
pub(crate) fn entry_prefix(key: &[u8]) -> Vec<u8> {
    let mut prefix = escaped(key);
    prefix.extend_from_slice(&[0, 0]);
    prefix
}

/// What the keys of all entries with a prefix begin with.
pub(crate) fn escaped(key: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(key.len() + 2 + size_of::<u64>());
    for byte in key {
        escaped.push(*byte);
        if *byte == 0 {
            escaped.push(u8::MAX);
        }
    }
    escaped
}

/// The key of what an entry was before a height.
pub(crate) fn entry_key(key: &[u8], height: u64) -> Vec<u8> {
    let mut found = entry_prefix(key);
    found.extend_from_slice(&height.to_be_bytes());
    found
}

/// Reads a key of an entry's history: the entry's key and the height.
pub(crate) fn parse_entry(key: &[u8]) -> Result<(Vec<u8>, u64), StoreError> {
    let damaged = || StoreError::damaged("a key of an entry's history");
    let (escaped, height) = key.split_last_chunk::<8>().ok_or_else(damaged)?;
    let escaped = escaped.strip_suffix(&[0, 0]).ok_or_else(damaged)?;
    let mut found = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        found.push(*byte);
        if *byte == 0 && bytes.next() != Some(&u8::MAX) {
            return Err(damaged());
        }
    }
    Ok((found, u64::from_be_bytes(*height)))
}

/// The key of the form of a page before a height. The first byte of an id is its length.
pub(crate) fn page_key(id: &PageId, height: u64) -> Vec<u8> {
    [id.as_bytes(), &height.to_be_bytes()].concat()
}

/// The height at the end of a key of either family.
pub(crate) fn height_of(key: &[u8]) -> Option<u64> {
    key.last_chunk::<8>().map(|height| u64::from_be_bytes(*height))
}

fn encode_value(encoded: &mut Vec<u8>, value: Option<&[u8]>) {
    encoded.clear();
    match value {
        None => encoded.push(ABSENT),
        Some(value) => {
            encoded.push(WHOLE);
            encoded.extend_from_slice(value);
        }
    }
}

/// Decodes an earlier value of an entry.
pub(crate) fn decode_value(encoded: &[u8]) -> Result<Option<&[u8]>, StoreError> {
    match encoded.split_first() {
        Some((&ABSENT, [])) => Ok(None),
        Some((&WHOLE, value)) => Ok(Some(value)),
        _ => Err(StoreError::damaged("a value of an entry's history")),
    }
}

/// Encodes an earlier form of a page: if it has the same length as the later one, only the runs of bytes that
/// differ.
fn encode_page(encoded: &mut Vec<u8>, before: Option<&[u8]>, after: Option<&[u8]>) {
    if let (Some(before), Some(after)) = (before, after)
        && before.len() == after.len()
        && u16::try_from(before.len()).is_ok()
    {
        encoded.clear();
        encoded.push(DIFFERENCE);
        difference(encoded, before, after);
        if encoded.len() <= before.len() {
            return;
        }
    }
    encode_value(encoded, before);
}

/// Runs that are closer than this are merged: a run begins with four bytes.
const RUN_GAP_MAX: usize = 4;

fn difference(encoded: &mut Vec<u8>, before: &[u8], after: &[u8]) {
    let mut at = 0;
    while at < before.len() {
        if before[at] == after[at] {
            at += 1;
            continue;
        }
        let (start, mut end) = (at, at + 1);
        at = end;
        while at < before.len() && at - end < RUN_GAP_MAX {
            if before[at] != after[at] {
                end = at + 1;
            }
            at += 1;
        }
        // Pages are shorter than 2^16 bytes.
        encoded.extend_from_slice(&(start as u16).to_le_bytes());
        encoded.extend_from_slice(&((end - start) as u16).to_le_bytes());
        encoded.extend_from_slice(&before[start..end]);
    }
}

/// Reconstructs a page from its earlier forms, newest last, which end with a full one or are followed by the
/// page of the head.
pub(crate) fn page_before(
    forms: &[Vec<u8>],
    head: impl FnOnce() -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let damaged = || StoreError::damaged("a page's history");
    let (mut page, differences) = match forms.split_last() {
        Some((last, rest)) if !is_difference(last) => {
            (decode_value(last)?.map(<[u8]>::to_vec), rest)
        }
        _ => (head()?, forms),
    };
    for form in differences.iter().rev() {
        let page = page.as_mut().ok_or_else(damaged)?;
        let mut rest = form.strip_prefix(&[DIFFERENCE]).ok_or_else(damaged)?;
        while let Some((&[a, b, c, d], bytes)) = rest.split_first_chunk::<4>() {
            let (start, length) =
                (u16::from_le_bytes([a, b]).into(), u16::from_le_bytes([c, d]).into());
            let (run, after) = bytes.split_at_checked(length).ok_or_else(damaged)?;
            let target = page.get_mut(start..start + length).ok_or_else(damaged)?;
            target.copy_from_slice(run);
            rest = after;
        }
    }
    Ok(page)
}

/// Whether an earlier form is a difference from the following one.
pub(crate) fn is_difference(form: &[u8]) -> bool {
    form.first() == Some(&DIFFERENCE)
}

#[cfg(test)]
mod tests;
