//! Implements `StateStore` in memory; genesis builds the first state on it.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::ops::Bound;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Changes, PageId, StateCursor, StateStore, StoreError};

/// A state kept in memory, for tests and simulations. Clones share the bytes of keys, values and pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    entries: BTreeMap<Arc<[u8]>, Arc<[u8]>>,
    /// The ids are stored inside the map's nodes: most are short, and a search follows no pointers.
    pages: BTreeMap<SmallVec<[u8; 16]>, Arc<[u8]>>,
}

impl MemoryStore {
    /// Writes a block's changes.
    pub fn apply(&mut self, changes: &Changes) {
        for (key, value) in &changes.entries {
            put(&mut self.entries, key, value.as_deref().map(Arc::from));
        }
        for (id, page) in &changes.pages {
            put(&mut self.pages, id.as_bytes(), page.clone());
        }
    }

    /// The number of tree pages.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl StateStore for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.entries.get(key).map(|value| value.to_vec()))
    }

    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, StoreError> {
        let entries = &self.entries;
        Ok(Box::new(MemoryCursor { entries, prefix: prefix.to_vec(), behind: None, here: None }))
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.pages.get(id.as_bytes()).map(|page| page.to_vec()))
    }
}

struct MemoryCursor<'a> {
    entries: &'a BTreeMap<Arc<[u8]>, Arc<[u8]>>,
    prefix: Vec<u8>,
    /// The entries after the current one; none before the first seek.
    behind: Option<Range<'a, Arc<[u8]>, Arc<[u8]>>>,
    here: Option<(&'a [u8], &'a [u8])>,
}

impl StateCursor for MemoryCursor<'_> {
    fn seek(&mut self, key: &[u8]) -> Result<(), StoreError> {
        let start = key.max(&self.prefix);
        self.behind =
            Some(self.entries.range::<[u8], _>((Bound::Included(start), Bound::Unbounded)));
        self.step()
    }

    fn step(&mut self) -> Result<(), StoreError> {
        let next = self.behind.as_mut().and_then(Iterator::next);
        let next = next.filter(|(key, _)| key.starts_with(&self.prefix));
        if next.is_none() {
            self.behind = None;
        }
        self.here = next.map(|(key, value)| (&**key, &**value));
        Ok(())
    }

    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.here
    }
}

fn put<K>(map: &mut BTreeMap<K, Arc<[u8]>>, key: &[u8], value: Option<Arc<[u8]>>)
where
    K: Ord + Borrow<[u8]> + for<'a> From<&'a [u8]>,
{
    match (value, map.get_mut(key)) {
        (Some(value), Some(present)) => *present = value,
        (Some(value), None) => {
            map.insert(key.into(), value);
        }
        (None, _) => {
            map.remove(key);
        }
    }
}
