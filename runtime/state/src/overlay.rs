use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::{Entry, StateStore, StoreError};

/// Writes on top of a committed state, which can be undone back to a [`Mark`].
#[derive(Clone)]
pub struct Overlay {
    base: Arc<dyn StateStore>,
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    undo: Vec<Undo>,
}

/// A key with what stood in the overlay's writes before.
type Undo = (Vec<u8>, Option<Option<Vec<u8>>>);

/// A point that the overlay can be taken back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(usize);

impl Overlay {
    /// An overlay without writes.
    pub fn new(base: Arc<dyn StateStore>) -> Self {
        Self { base, writes: BTreeMap::new(), undo: Vec::new() }
    }

    /// The value under a key, as the writes left it.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(key),
        }
    }

    /// Writes a value.
    pub fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.write(key, Some(value));
    }

    /// Removes an entry; nothing happens where there is none.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.write(key, None);
    }

    /// As [`StateStore::scan`], over base and writes together.
    pub fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut written = self
            .writes
            .range::<[u8], _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .peekable();
        let mut found = Vec::new();
        let mut after = after.map(<[u8]>::to_vec);
        loop {
            let batch = self.base.scan(prefix, after.as_deref(), limit)?;
            let last_batch = batch.len() < limit;
            after = batch.last().map(|(key, _)| key.clone());
            for (key, value) in batch {
                while let Some((new_key, new)) = written.next_if(|(new_key, _)| **new_key < key) {
                    found.extend(new.clone().map(|value| (new_key.clone(), value)));
                }
                match written.next_if(|(new_key, _)| **new_key == key) {
                    Some((_, new)) => found.extend(new.clone().map(|value| (key, value))),
                    None => found.push((key, value)),
                }
                if found.len() >= limit {
                    found.truncate(limit);
                    return Ok(found);
                }
            }
            if last_batch {
                break;
            }
        }
        for (key, new) in written {
            if found.len() >= limit {
                break;
            }
            found.extend(new.clone().map(|value| (key.clone(), value)));
        }
        Ok(found)
    }

    /// The present point.
    pub fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Undoes all writes since the mark.
    pub fn rollback(&mut self, mark: Mark) {
        while self.undo.len() > mark.0 {
            if let Some((key, before)) = self.undo.pop() {
                match before {
                    Some(before) => self.writes.insert(key, before),
                    None => self.writes.remove(&key),
                };
            }
        }
    }

    /// Forgets how to undo what was written so far: earlier marks lose their meaning.
    pub fn keep(&mut self) {
        self.undo.clear();
    }

    /// The writes, ascending by key; `None` removes an entry.
    pub fn into_entries(self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        self.writes.into_iter().collect()
    }

    /// What the overlay stands on.
    pub fn base(&self) -> &Arc<dyn StateStore> {
        &self.base
    }

    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let before = self.writes.insert(key.clone(), value);
        self.undo.push((key, before));
    }
}
