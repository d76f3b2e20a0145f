//! What the newest blocks replaced, in memory.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use super::record::{self, Item};
use crate::StoreError;

/// The records of the newest blocks, and where each entry and page is in them.
#[derive(Default)]
pub(crate) struct Tail {
    blocks: Vec<(u64, Box<[u8]>)>,
    changes: Vec<Change>,
    /// The newest change by the hash of its key.
    newest: HashMap<u64, u32>,
    hasher: RandomState,
    bytes: usize,
}

struct Change {
    /// The index of its block.
    block: u32,
    /// Where it begins in that block's record.
    at: u32,
    /// The change before it whose key has the same hash.
    previous: Option<u32>,
}

impl Tail {
    /// An empty one with room for as much as there is in another.
    pub(crate) fn as_large_as(other: &Self) -> Self {
        Self {
            blocks: Vec::with_capacity(other.blocks.len()),
            changes: Vec::with_capacity(other.changes.len()),
            newest: HashMap::with_capacity(other.newest.len()),
            ..Self::default()
        }
    }

    /// Adds the record of the next block.
    pub(crate) fn push(&mut self, height: u64, record: Vec<u8>) -> Result<(), StoreError> {
        let damaged = || StoreError::damaged(format!("the history of block {height}"));
        let index = |index: usize| u32::try_from(index).map_err(|_| damaged());
        let block = index(self.blocks.len())?;
        let mut rest = record.as_slice();
        while !rest.is_empty() {
            let at = index(record.len() - rest.len())?;
            let (key, _) = record::take(&mut rest).ok_or_else(damaged)?;
            let change = index(self.changes.len())?;
            let previous = self.newest.insert(self.hasher.hash_one(key), change);
            self.changes.push(Change { block, at, previous });
        }
        self.bytes += record.len();
        self.blocks.push((height, record.into()));
        Ok(())
    }

    /// What the records take, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The last block's height.
    pub(crate) fn last(&self) -> Option<u64> {
        self.blocks.last().map(|(height, _)| *height)
    }

    /// The height of the first block above a height.
    pub(crate) fn first_above(&self, height: u64) -> Option<u64> {
        self.blocks.iter().map(|(height, _)| *height).find(|found| *found > height)
    }

    /// What an entry or a page was before each block above a height that replaced it, ascending.
    pub(crate) fn find(&self, key: &[u8], above: u64) -> Vec<&[u8]> {
        let mut found = Vec::new();
        let mut next = self.newest.get(&self.hasher.hash_one(key)).copied();
        while let Some(change) = next.and_then(|index| self.changes.get(index as usize)) {
            let Some((_, item)) = self.item(change).filter(|(height, _)| *height > above) else {
                break;
            };
            if item.0 == key {
                found.push(item.1);
            }
            next = change.previous;
        }
        found.reverse();
        found
    }

    /// The keys that begin with a prefix and were replaced above a height, with the height of the first block that did and
    /// what was there before.
    pub(crate) fn first_of_each(&self, prefix: &[u8], above: u64) -> BTreeMap<&[u8], (u64, &[u8])> {
        let mut found = BTreeMap::new();
        for (height, (key, value)) in self.items(above) {
            if key.starts_with(prefix) {
                found.entry(key).or_insert((height, value));
            }
        }
        found
    }

    /// All changes above a height, by key and then by height.
    pub(crate) fn sorted(&self, above: u64) -> Vec<(u64, Item<'_>)> {
        // Most keys differ in their first bytes, and numbers compare faster.
        let mut sorted: Vec<_> =
            self.items(above).map(|(height, item)| (front(item.0), height, item)).collect();
        // The sort is stable, and the blocks are ascending.
        sorted.sort_by(|one, next| one.0.cmp(&next.0).then_with(|| one.2.0.cmp(next.2.0)));
        sorted.into_iter().map(|(_, height, item)| (height, item)).collect()
    }

    fn items(&self, above: u64) -> impl Iterator<Item = (u64, Item<'_>)> {
        let blocks = self.blocks.partition_point(|(height, _)| *height <= above);
        let first = self.changes.partition_point(|change| (change.block as usize) < blocks);
        self.changes[first..].iter().filter_map(|change| self.item(change))
    }

    fn item(&self, change: &Change) -> Option<(u64, Item<'_>)> {
        let (height, record) = self.blocks.get(change.block as usize)?;
        let item = record::take(&mut record.get(change.at as usize..)?)?;
        Some((*height, item))
    }
}

/// The first bytes of a key as a number that has the same order, as far as it goes.
fn front(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}
