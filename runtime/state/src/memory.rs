use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Changes, Entry, PageId, StateStore, StoreError};

/// A state kept in memory, for tests and simulations. Clones share the bytes of keys, values and pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    entries: BTreeMap<Arc<[u8]>, Arc<[u8]>>,
    /// Their ids lie in the map's nodes: most are short, and a search follows no pointers.
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

    /// How many pages of the tree there are.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// How many entries there are.
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

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        Ok(self
            .entries
            .range::<[u8], _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit)
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
            .collect())
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.pages.get(id.as_bytes()).map(|page| page.to_vec()))
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
