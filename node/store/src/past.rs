use std::sync::Arc;

use ehb_state::{PageId, StateCursor, StateStore, prefix_end};
use ehb_types::{Hash, Header};
use rocksdb::{DB, DBRawIteratorWithThreadMode, ReadOptions};

use crate::family::Family;
use crate::history::{
    decode_value, entry_key, entry_prefix, escaped, is_difference, page_before, page_key,
    parse_entry,
};
use crate::{Snapshot, StoreError};

type Iterator<'a> = DBRawIteratorWithThreadMode<'a, DB>;

/// Why the state of a height is not available.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PastError {
    /// No block is decided at the height.
    #[error("the head is {head}")]
    AboveHead {
        /// The height of the head.
        head: u64,
    },
    /// The history of the height is no longer kept.
    #[error("the state is kept from height {from} on")]
    Pruned {
        /// The first height whose state can be read.
        from: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The state after the block of an earlier height, or of the head. It may be pruned while it is read: then
/// reads fail, and [`Self::is_kept`] is false.
#[derive(Debug)]
pub struct Past {
    snapshot: Arc<Snapshot>,
    header: Header,
    state_root: Hash,
}

impl Snapshot {
    /// The state after the block at a height.
    pub fn at(self: &Arc<Self>, height: u64) -> Result<Past, PastError> {
        let head = self.head();
        if height > head.height() {
            return Err(PastError::AboveHead { head: head.height() });
        }
        let from = self.kept_from();
        if height < from {
            return Err(PastError::Pruned { from });
        }
        let missing = || StoreError::damaged(format!("the header of height {height} is missing"));
        let (header, state_root) = if height == head.height() {
            (head.header.clone(), head.state_root)
        } else {
            let header = self.header_at(height)?.ok_or_else(missing)?;
            let next = self.header_at(height + 1)?.ok_or_else(missing)?;
            (header, next.state_root)
        };
        Ok(Past { snapshot: Arc::clone(self), header, state_root })
    }

    /// The height of the last block whose time is not after a given time; `None` if genesis is later. The
    /// head is the answer for all times after it.
    pub fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, StoreError> {
        let (mut low, mut high) = (0, self.head().height() + 1);
        // The times of heights below `low` are not after the given time, those from `high` on are.
        while low < high {
            let middle = low + (high - low) / 2;
            let header = self.header_at(middle)?;
            let header = header.ok_or_else(|| {
                StoreError::damaged(format!("the header of height {middle} is missing"))
            })?;
            if header.timestamp_ms <= timestamp_ms {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low.checked_sub(1))
    }
}

impl Past {
    /// The header of its height.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The root of the state tree after its height.
    pub fn state_root(&self) -> Hash {
        self.state_root
    }

    /// Whether it can still be read.
    pub fn is_kept(&self) -> bool {
        self.header.height >= self.snapshot.kept_from()
    }

    /// Returns what was read, unless it was dropped meanwhile.
    fn checked<T>(&self, read: T) -> Result<T, ehb_state::StoreError> {
        if self.is_kept() {
            return Ok(read);
        }
        let height = self.header.height;
        Err(ehb_state::StoreError(format!("the state of height {height} is no longer kept")))
    }

    fn iterator(&self, family: Family, end: Option<Vec<u8>>) -> Result<Iterator<'_>, StoreError> {
        let mut options = ReadOptions::default();
        if let Some(end) = end {
            options.set_iterate_upper_bound(end);
        }
        self.snapshot.iterator(family, options)
    }

    fn entry(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let prefix = entry_prefix(key);
        let mut replaced = self.iterator(Family::EntryHistory, prefix_end(&prefix))?;
        replaced.seek(entry_key(key, self.header.height.saturating_add(1)));
        match replaced.value() {
            Some(value) => Ok(decode_value(value)?.map(<[u8]>::to_vec)),
            None => {
                replaced.status()?;
                self.snapshot.entry(key)
            }
        }
    }

    fn page_bytes(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        let mut forms = Vec::new();
        let end = prefix_end(id.as_bytes());
        let mut replaced = self.iterator(Family::PageHistory, end)?;
        replaced.seek(page_key(id, self.header.height.saturating_add(1)));
        while let Some(form) = replaced.value() {
            forms.push(form.to_vec());
            if !is_difference(form) {
                break;
            }
            replaced.next();
        }
        replaced.status()?;
        page_before(&forms, || self.snapshot.page_bytes(id))
    }
}

impl StateStore for Past {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ehb_state::StoreError> {
        let value = self.entry(key)?;
        self.checked(value)
    }

    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, ehb_state::StoreError> {
        let head = self.snapshot.cursor(prefix)?;
        let replaced = self.iterator(Family::EntryHistory, prefix_end(&escaped(prefix)))?;
        let prefix = prefix.to_vec();
        Ok(Box::new(PastCursor { past: self, prefix, head, replaced, old: None, here: None }))
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, ehb_state::StoreError> {
        let page = self.page_bytes(id)?;
        self.checked(page)
    }
}

/// A cursor over the entries of an earlier height: those of the head, except replaced ones.
struct PastCursor<'a> {
    past: &'a Past,
    prefix: Vec<u8>,
    head: Box<dyn StateCursor + 'a>,
    replaced: Iterator<'a>,
    /// The next key that was replaced since, and its earlier value.
    old: Option<(Vec<u8>, Option<Vec<u8>>)>,
    here: Option<(Vec<u8>, Vec<u8>)>,
}

impl PastCursor<'_> {
    /// Finds the first key, from where the iterator is, that was replaced above the height.
    fn find_old(&mut self) -> Result<(), StoreError> {
        let height = self.past.header.height;
        self.old = None;
        while let Some((found, value)) = self.replaced.item() {
            let (key, replaced_at) = parse_entry(found)?;
            if replaced_at > height {
                self.old = Some((key, decode_value(value)?.map(<[u8]>::to_vec)));
                return Ok(());
            }
            self.replaced.seek(entry_key(&key, height.saturating_add(1)));
        }
        Ok(self.replaced.status()?)
    }

    /// Takes the first entry of both sides.
    fn settle(&mut self) -> Result<(), ehb_state::StoreError> {
        self.here = None;
        loop {
            let head = self.head.entry();
            let Some((key, value)) = &mut self.old else {
                self.here = head.map(|(key, value)| (key.to_vec(), value.to_vec()));
                break;
            };
            if let Some((of_head, value)) = head.filter(|(of_head, _)| *of_head < key.as_slice()) {
                self.here = Some((of_head.to_vec(), value.to_vec()));
                break;
            }
            if head.is_some_and(|(of_head, _)| of_head == key.as_slice()) {
                self.head.step()?;
            }
            let (key, value) = (std::mem::take(key), value.take());
            self.replaced.seek(entry_key(&key, u64::MAX));
            self.find_old()?;
            if let Some(value) = value {
                self.here = Some((key, value));
                return self.past.checked(());
            }
        }
        // An entry of the head is passed when it is taken.
        if self.here.is_some() {
            self.head.step()?;
        }
        self.past.checked(())
    }
}

impl StateCursor for PastCursor<'_> {
    fn seek(&mut self, key: &[u8]) -> Result<(), ehb_state::StoreError> {
        let key = key.max(&self.prefix);
        self.head.seek(key)?;
        self.replaced.seek(entry_prefix(key));
        self.find_old()?;
        self.settle()
    }

    fn step(&mut self) -> Result<(), ehb_state::StoreError> {
        if self.here.is_none() {
            return Ok(());
        }
        self.settle()
    }

    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.here.as_ref().map(|(key, value)| (key.as_slice(), value.as_slice()))
    }
}
