//! The interface to a storage of the state, and the changes of a block that it must write.

use std::sync::Arc;

use ehb_crypto::Hash;

use crate::gaps::successor;

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// The committed state of one height, in any kind of storage.
///
/// A store shows one consistent height for as long as it is held.
pub trait StateStore: Send + Sync {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// A cursor over the entries whose keys start with `prefix`. It has no position until its first
    /// [`StateCursor::seek`].
    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, StoreError>;

    /// Up to `limit` entries whose keys start with `prefix` and, if `after` is given, are greater than it, in
    /// ascending order. `after` is a whole key.
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        if limit == 0 {
            return Ok(found);
        }
        let mut cursor = self.cursor(prefix)?;
        cursor.seek(&scan_start(prefix, after))?;
        while let Some((key, value)) = cursor.entry() {
            found.push((key.to_vec(), value.to_vec()));
            if found.len() >= limit {
                break;
            }
            cursor.step()?;
        }
        Ok(found)
    }

    /// The encoded page of the state tree under this id.
    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError>;
}

/// A cursor over the entries of a store, ascending by key. One cursor serves a whole scan.
pub trait StateCursor {
    /// Moves to the first entry whose key is `key` or greater.
    fn seek(&mut self, key: &[u8]) -> Result<(), StoreError>;

    /// Moves to the next entry; from the end it does not move.
    fn step(&mut self) -> Result<(), StoreError>;

    /// The current entry; `None` after the last one.
    fn entry(&self) -> Option<(&[u8], &[u8])>;
}

/// The first key that a scan can find.
pub(crate) fn scan_start(prefix: &[u8], after: Option<&[u8]>) -> Vec<u8> {
    match after {
        Some(after) if after >= prefix => successor(after),
        _ => prefix.to_vec(),
    }
}

/// The maximum number of bytes in a [`PageId`].
pub const PAGE_ID_BYTES_MAX: usize = 33;

/// The position of a page in the state tree; its bytes are the key under which it is stored. Ids are ordered
/// by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId {
    /// The bytes after the length are zero.
    bytes: [u8; PAGE_ID_BYTES_MAX],
    length: u8,
}

impl PageId {
    /// The id with these bytes, at most [`PAGE_ID_BYTES_MAX`].
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut id =
            Self { bytes: [0; PAGE_ID_BYTES_MAX], length: u8::try_from(bytes.len()).ok()? };
        id.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(id)
    }

    /// The id with the first `length` of these bytes; the rest is zero.
    pub(crate) fn of(bytes: [u8; PAGE_ID_BYTES_MAX], length: u8) -> Self {
        Self { bytes, length }
    }

    /// The key under which the page is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl std::fmt::Display for PageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The changes of a block, to be written in one atomic step. Keys are ascending and distinct.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New values by key; `None` removes the entry.
    pub entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// New tree pages by id; `None` removes the page. The tree's cache shares them.
    pub pages: Vec<(PageId, Option<Arc<[u8]>>)>,
    /// The earlier content of each of [`Self::pages`], in order: stores that keep history need it. Empty if unknown.
    pub pages_before: PagesBefore,
    /// The root of the tree before the changes.
    pub root_before: Hash,
    /// The root of the tree after the changes.
    pub root: Hash,
}

/// The content of pages before they changed, as differences, which take a fraction of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PagesBefore {
    pages: Vec<(Option<Arc<[u8]>>, usize)>,
    forms: Vec<u8>,
}

impl PagesBefore {
    /// Adds what the next page was, and its form: the difference from what it became, or the whole.
    pub(crate) fn push(&mut self, page: Option<Arc<[u8]>>, form: &[u8]) {
        self.forms.extend_from_slice(form);
        self.pages.push((page, self.forms.len()));
    }

    /// The page at an index, `None` if there was none, and its form.
    pub fn get(&self, index: usize) -> Option<(Option<&[u8]>, &[u8])> {
        let (page, end) = self.pages.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.pages.get(before));
        let form = self.forms.get(start.map_or(0, |(_, end)| *end)..*end)?;
        Some((page.as_deref(), form))
    }
}

/// The store failed: a disk error or damaged data. It implies nothing about the state, so the caller must
/// stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state store failed: {0}")]
pub struct StoreError(pub String);
