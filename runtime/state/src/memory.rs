use std::collections::BTreeMap;
use std::ops::Bound;

use crate::{Changes, Entry, PageId, StateStore, StoreError};

/// A state kept in memory, for tests and simulations.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    pages: BTreeMap<PageId, Vec<u8>>,
}

impl MemoryStore {
    /// Writes a block's changes.
    pub fn apply(&mut self, changes: &Changes) {
        for (key, value) in &changes.entries {
            match value {
                Some(value) => self.entries.insert(key.clone(), value.clone()),
                None => self.entries.remove(key),
            };
        }
        for (id, page) in &changes.pages {
            match page {
                Some(page) => self.pages.insert(id.clone(), page.clone()),
                None => self.pages.remove(id),
            };
        }
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
        Ok(self.entries.get(key).cloned())
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
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.pages.get(id).cloned())
    }
}
