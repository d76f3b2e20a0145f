//! Caches recent state entries and known empty ranges in memory, for reads at the head.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ehb_state::Gaps;
use hashlink::LruCache;

#[cfg(test)]
mod tests;

/// The approximate overhead of an entry besides its key and value, bytes.
const ENTRY_OVERHEAD_BYTES: usize = 128;

/// Memory for the ranges of keys that are known to be empty, bytes.
const GAPS_BYTES_MAX: usize = 4 << 20;

/// A key with its new value; `None` removes the entry.
pub(crate) type Change = (Vec<u8>, Option<Vec<u8>>);

/// The value of an entry before a commit, or none for an absent entry; `None` if it is unknown.
pub(crate) type Replaced = Option<Option<Box<[u8]>>>;

/// Recently read or written state entries, and ranges that scans found empty: reads of the head rarely access
/// RocksDB.
///
/// A commit adds its entries before any snapshot of its height exists, so a cached value is always the
/// newest, and a snapshot can use values that were already valid at its height.
pub(crate) struct Recent(Mutex<Entries>);

struct Entries {
    /// The height of the newest commit.
    head: u64,
    known: LruCache<Box<[u8]>, Known>,
    bytes: usize,
    bytes_max: usize,
    gaps: Gaps,
}

struct Known {
    /// The value; `None` if there is no entry.
    value: Option<Box<[u8]>>,
    /// The height from which it is valid, up to the newest.
    since: u64,
}

impl Recent {
    /// An empty cache for a state whose newest commit has this height; at most about `bytes_max`.
    pub(crate) fn new(head: u64, bytes_max: usize) -> Self {
        let (known, gaps) = (LruCache::new_unbounded(), Gaps::new(GAPS_BYTES_MAX));
        Self(Mutex::new(Entries { head, known, bytes: 0, bytes_max, gaps }))
    }

    /// The value at a height, or none for an absent entry; `None` if it is unknown.
    pub(crate) fn get(&self, height: u64, key: &[u8]) -> Option<Option<Vec<u8>>> {
        let mut entries = self.lock();
        let known = entries.known.get(key)?;
        (known.since <= height).then(|| known.value.as_deref().map(<[u8]>::to_vec))
    }

    /// Adds a value that was read at a height, unless a later height was committed meanwhile.
    pub(crate) fn fill(&self, height: u64, key: &[u8], value: Option<&[u8]>) {
        let mut entries = self.lock();
        if entries.head == height {
            entries.put(key, value);
        }
    }

    /// Adds the entries of the next commit, and returns what each replaced. If it is not written, [`Self::undo`] follows.
    pub(crate) fn commit(&self, height: u64, changes: &[Change]) -> Vec<Replaced> {
        let mut entries = self.lock();
        entries.head = height;
        let replace = |(key, value): &Change| {
            let replaced = entries.put(key, value.as_deref());
            if value.is_some() {
                entries.gaps.split(key);
            }
            replaced.map(|before| before.value)
        };
        changes.iter().map(replace).collect()
    }

    /// Forgets the entries of a commit that was not written: the newest one still has this height.
    pub(crate) fn undo(&self, height: u64, changes: &[Change]) {
        let mut entries = self.lock();
        entries.head = height;
        changes.iter().for_each(|(key, _)| entries.forget(key));
    }

    /// The first known empty range at this height that ends after the key: its first key, and the first one
    /// after it.
    pub(crate) fn gap_ahead(&self, height: u64, key: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let entries = self.lock();
        let (start, gap) = entries.gaps.ahead(key)?;
        (gap.since <= height).then(|| (start.to_vec(), gap.end.clone()))
    }

    /// Adds a range that was found empty at a height, unless a later height was committed meanwhile.
    pub(crate) fn learn_gap(&self, height: u64, start: &[u8], end: &[u8]) {
        let mut entries = self.lock();
        if entries.head == height {
            entries.gaps.learn(start.to_vec(), end.to_vec(), height);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Returns what was known before.
    fn put(&mut self, key: &[u8], value: Option<&[u8]>) -> Option<Known> {
        let known = Known { value: value.map(Into::into), since: self.head };
        self.bytes += bytes(key, &known);
        let before = self.known.insert(key.into(), known);
        if let Some(before) = &before {
            self.bytes -= bytes(key, before);
        }
        while self.bytes > self.bytes_max
            && let Some((key, oldest)) = self.known.remove_lru()
        {
            self.bytes -= bytes(&key, &oldest);
        }
        before
    }

    fn forget(&mut self, key: &[u8]) {
        if let Some(known) = self.known.remove(key) {
            self.bytes -= bytes(key, &known);
        }
    }
}

fn bytes(key: &[u8], known: &Known) -> usize {
    key.len() + known.value.as_ref().map_or(0, |value| value.len()) + ENTRY_OVERHEAD_BYTES
}
