//! Uncommitted writes over a store, with reads and scans of both together, and rollback.

mod walk;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::gaps::Gaps;
use crate::{Entry, StateStore, StoreError};
use walk::Walk;

#[cfg(test)]
mod tests;

/// Writes on top of a committed state, which can be undone back to a [`Mark`].
#[derive(Clone)]
pub struct Overlay {
    base: Arc<dyn StateStore>,
    writes: Writes,
    undo: Vec<Undo>,
    /// Ranges without entries in base and writes together.
    gaps: Gaps,
}

/// New values by key; `None` removes the entry.
type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Memory for the ranges of removed entries, bytes.
const GAPS_BYTES_MAX: usize = 16 << 20;

/// A key with its earlier value in the overlay's writes.
type Undo = (Vec<u8>, Option<Option<Vec<u8>>>);

/// A savepoint of the overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(usize);

impl Overlay {
    /// An overlay without writes.
    pub fn new(base: Arc<dyn StateStore>) -> Self {
        Self { base, writes: Writes::new(), undo: Vec::new(), gaps: Gaps::new(GAPS_BYTES_MAX) }
    }

    /// The value under a key, including the writes.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(key),
        }
    }

    /// Writes a value.
    pub fn set(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.gaps.split(&key);
        self.write(key, Some(value));
    }

    /// Removes an entry, if it exists.
    pub fn remove(&mut self, key: Vec<u8>) {
        self.write(key, None);
    }

    /// Like [`StateStore::scan`], over base and writes together.
    pub fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        if limit == 0 {
            return Ok(found);
        }
        self.walk(prefix, after, &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }

    /// Visits the entries that [`Self::scan`] would find, with one cursor, until the visitor stops.
    ///
    /// Entries that the writes removed are skipped. If there are many, their range is remembered, so that
    /// each removal makes only one scan walk further, and not all later scans.
    pub fn visit(
        &mut self,
        prefix: &[u8],
        after: Option<&[u8]>,
        mut visitor: impl FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        for (start, end) in self.walk(prefix, after, &mut visitor)? {
            self.gaps.learn(start, end, 0);
        }
        Ok(())
    }

    fn walk(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        visitor: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let base = self.base.cursor(prefix)?;
        let walk = Walk::new(prefix, after, &self.writes, base, &self.gaps)?;
        walk.run(visitor)
    }

    /// A savepoint of the current state.
    pub fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Undoes all writes since the mark.
    pub fn rollback(&mut self, mark: Mark) {
        while self.undo.len() > mark.0 {
            if let Some((key, before)) = self.undo.pop() {
                // It may be an entry again.
                self.gaps.split(&key);
                match before {
                    Some(before) => self.writes.insert(key, before),
                    None => self.writes.remove(&key),
                };
            }
        }
    }

    /// Drops the undo log: earlier marks become invalid.
    pub fn keep(&mut self) {
        self.undo.clear();
    }

    /// The writes, ascending by key; `None` removes an entry.
    pub fn into_entries(self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        self.writes.into_iter().collect()
    }

    /// The base of the overlay.
    pub fn base(&self) -> &Arc<dyn StateStore> {
        &self.base
    }

    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let before = self.writes.insert(key.clone(), value);
        self.undo.push((key, before));
    }
}
