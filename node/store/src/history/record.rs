//! Values that one block replaced, as one record: entries and pages in the order of their keys, each with its
//! length and followed by its value before.

use ehb_state::{Changes, PageId, write_form};

use super::key;
use crate::recent::Replaced;
use crate::{Snapshot, StoreError, varint};

/// One in this many earlier forms of a page is kept whole, so that reading one never applies many differences.
const WHOLE_ONE_IN: u64 = 128;

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// The record of a block at a height. `replaced` has what is known of the values before, in the order of the changed
/// entries; `before` is the state before it.
pub(crate) fn encode(
    height: u64,
    changes: &Changes,
    replaced: &[Replaced],
    before: &Snapshot,
) -> Result<Vec<u8>, StoreError> {
    let mut record = Vec::with_capacity(64 * (changes.entries.len() + changes.pages.len()));
    let mut key = Vec::new();
    for ((entry, after), replaced) in changes.entries.iter().zip(replaced) {
        let read;
        let old = match replaced {
            Some(known) => known.as_deref(),
            None => {
                read = before.stored_entry(entry)?;
                read.as_deref()
            }
        };
        if old == after.as_deref() {
            continue;
        }
        key.clear();
        key::write_entry(&mut key, entry);
        push(&mut record, &key);
        varint::push(&mut record, 1 + old.map_or(0, |old| old.len() as u64));
        record.push(if old.is_some() { PRESENT } else { ABSENT });
        record.extend_from_slice(old.unwrap_or_default());
    }
    let mut form = Vec::new();
    for (index, (id, after)) in changes.pages.iter().enumerate() {
        let whole = is_whole(id, height);
        let read;
        let form = match changes.pages_before.get(index) {
            Some((_, form)) if !whole => form,
            known => {
                read = if known.is_some() { None } else { before.page_bytes(id)? };
                let old = known.map_or(read.as_deref(), |(page, _)| page);
                form.clear();
                write_form(&mut form, id, old, after.as_deref(), whole);
                form.as_slice()
            }
        };
        key.clear();
        key::write_page(&mut key, id);
        push(&mut record, &key);
        push(&mut record, form);
    }
    Ok(record)
}

fn push(record: &mut Vec<u8>, bytes: &[u8]) {
    varint::push(record, bytes.len() as u64);
    record.extend_from_slice(bytes);
}

/// Whether the form that a page had before a height is kept whole: any rule does under which this is so for one
/// height in [`WHOLE_ONE_IN`], whichever they are.
fn is_whole(id: &PageId, height: u64) -> bool {
    let sum = id.as_bytes().iter().fold(height, |sum, byte| sum.wrapping_add(u64::from(*byte)));
    sum.is_multiple_of(WHOLE_ONE_IN)
}

/// One entry or page of a record: its key, and its value before.
pub(crate) type Item<'a> = (&'a [u8], &'a [u8]);

/// Reads the item at the front; what follows it is left.
pub(crate) fn take<'a>(record: &mut &'a [u8]) -> Option<Item<'a>> {
    Some((take_bytes(record)?, take_bytes(record)?))
}

/// Checks that a record is whole.
pub(crate) fn check(height: u64, mut record: &[u8]) -> Result<(), StoreError> {
    while !record.is_empty() {
        take(&mut record).ok_or_else(|| damaged(height))?;
    }
    Ok(())
}

/// The error for the record of a block that is not what it should be.
pub(crate) fn damaged(height: u64) -> StoreError {
    StoreError::damaged(format!("the history of block {height}"))
}

/// Reads a length and as many bytes.
pub(crate) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(varint::take(bytes)?).ok()?;
    let (found, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(found)
}

/// Reads what an entry was.
pub(crate) fn decode_entry(value: &[u8]) -> Result<Option<&[u8]>, StoreError> {
    match value.split_first() {
        Some((&ABSENT, [])) => Ok(None),
        Some((&PRESENT, value)) => Ok(Some(value)),
        _ => Err(StoreError::damaged("a value of an entry's history")),
    }
}
