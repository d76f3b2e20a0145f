//! The keys under which history is kept: first those of entries, in their order, then those of pages.

use ehb_state::PageId;

use crate::StoreError;

const ENTRY: u8 = b'e';
const PAGE: u8 = b'p';

/// The prefix of the keys of an entry. Each zero byte is followed by 255, and two zeros are the end, so that entries
/// keep their order and no beginning is another's.
pub(crate) fn entry(key: &[u8]) -> Vec<u8> {
    let mut found = Vec::with_capacity(key.len() + 8);
    write_entry(&mut found, key);
    found
}

/// Appends what [`entry`] returns.
pub(crate) fn write_entry(out: &mut Vec<u8>, key: &[u8]) {
    write_entries(out, key);
    out.extend_from_slice(&[0, 0]);
}

/// The prefix of the keys of all entries with a prefix.
pub(crate) fn entries(prefix: &[u8]) -> Vec<u8> {
    let mut found = Vec::with_capacity(prefix.len() + 8);
    write_entries(&mut found, prefix);
    found
}

fn write_entries(out: &mut Vec<u8>, prefix: &[u8]) {
    out.push(ENTRY);
    for part in prefix.split_inclusive(|byte| *byte == 0) {
        out.extend_from_slice(part);
        if part.ends_with(&[0]) {
            out.push(u8::MAX);
        }
    }
}

/// The prefix of the keys of a page. The first byte of an id says how long it is.
pub(crate) fn page(id: &PageId) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + id.as_bytes().len());
    write_page(&mut key, id);
    key
}

/// Appends what [`page`] returns.
pub(crate) fn write_page(out: &mut Vec<u8>, id: &PageId) {
    out.push(PAGE);
    out.extend_from_slice(id.as_bytes());
}

/// The entry whose keys begin so.
pub(crate) fn parse_entry(found: &[u8]) -> Result<Vec<u8>, StoreError> {
    let damaged = || StoreError::damaged("a key of an entry's history");
    let escaped = found.strip_prefix(&[ENTRY]).and_then(|it| it.strip_suffix(&[0, 0]));
    let escaped = escaped.ok_or_else(damaged)?;
    let mut key = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        key.push(*byte);
        if *byte == 0 && bytes.next() != Some(&u8::MAX) {
            return Err(damaged());
        }
    }
    Ok(key)
}

/// A whole key: which entry or page, and the height of the block that replaced it.
pub(crate) fn at(of: &[u8], height: u64) -> Vec<u8> {
    [of, &height.to_be_bytes()].concat()
}

/// The parts of a whole key.
pub(crate) fn split(key: &[u8]) -> Result<(&[u8], u64), StoreError> {
    let (of, height) = key
        .split_last_chunk::<8>()
        .ok_or_else(|| StoreError::damaged("a key of the history is too short"))?;
    Ok((of, u64::from_be_bytes(*height)))
}
