//! Reads the state of earlier heights from the head's state and the values that were replaced since.

use std::sync::Arc;

use ehb_state::{PageId, StateCursor, StateStore, is_difference, page_before};
use ehb_types::{Hash, Header};

use crate::history::{Replaced, key, record};
use crate::{Snapshot, StoreError};

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
        // The head's own state needs no history, and stays in the snapshot when blocks are committed.
        let from = self.kept_from();
        if height < from && height < head.height() {
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
        let height = self.header.height;
        height == self.snapshot.head().height() || height >= self.snapshot.kept_from()
    }

    /// Returns what was read, unless it was dropped meanwhile.
    fn checked<T>(&self, read: T) -> Result<T, ehb_state::StoreError> {
        if self.is_kept() {
            return Ok(read);
        }
        let height = self.header.height;
        Err(ehb_state::StoreError(format!("the state of height {height} is no longer kept")))
    }

    fn entry(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.known_or(
            &key::entry(key),
            |_| true,
            |old| match old.first() {
                Some(value) => Ok(record::decode_entry(value)?.map(<[u8]>::to_vec)),
                None => self.snapshot.entry(key),
            },
        )
    }

    fn page_bytes(&self, id: &PageId) -> Result<Option<Vec<u8>>, ehb_state::StoreError> {
        self.known_or(
            &key::page(id),
            |form| !is_difference(form),
            |forms| page_before(id, forms, || Ok(self.snapshot.page_bytes(id)?)),
        )
    }

    /// The value of an entry or a page at this height: as it is known, or read from values replaced since, up to the first
    /// that `is_last`.
    fn known_or<E: From<StoreError>>(
        &self,
        of: &[u8],
        is_last: impl Fn(&[u8]) -> bool,
        read: impl FnOnce(&[&[u8]]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Vec<u8>>, E> {
        let (database, height) = (self.snapshot.database(), self.header.height);
        let history = database.history();
        if let Some(value) = history.known().get(of, height) {
            return Ok(value);
        }
        let old = history.find(database, of, height, is_last)?;
        let last = match old.first() {
            Some((replaced, _)) => replaced.saturating_sub(1),
            None => self.snapshot.head().height(),
        };
        let values: Vec<&[u8]> = old.iter().map(|(_, value)| value.as_slice()).collect();
        let value = read(&values)?;
        // Otherwise some of the history may have been dropped before it was read.
        if self.is_kept() {
            history.known().put(of, height..=last, value.as_deref());
        }
        Ok(value)
    }
}

impl StateStore for Past {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ehb_state::StoreError> {
        let value = self.entry(key)?;
        self.checked(value)
    }

    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, ehb_state::StoreError> {
        let head = self.snapshot.cursor(prefix)?;
        let database = self.snapshot.database();
        let replaced = database.history().replaced(database, prefix, self.header.height)?;
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
    replaced: Replaced<'a>,
    /// The next key that was replaced since, and its earlier value.
    old: Option<(Vec<u8>, Option<Vec<u8>>)>,
    here: Option<(Vec<u8>, Vec<u8>)>,
}

impl PastCursor<'_> {
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
            self.old = self.replaced.take()?;
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
        self.replaced.seek(key)?;
        self.old = self.replaced.take()?;
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
