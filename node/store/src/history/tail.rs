//! The values that the newest blocks replaced, in memory.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::record::{self, Item};
use crate::StoreError;

/// The first change of each key: the height of its block and what was there before.
pub(super) type Firsts<'a> = BTreeMap<&'a [u8], (u64, &'a [u8])>;

/// The records of the newest blocks. Where each entry and page is in them is only found out when one is looked for: a
/// node that nobody asks about earlier states needs no index.
#[derive(Default)]
pub(crate) struct Tail {
    blocks: Vec<(u64, Box<[u8]>)>,
    index: RwLock<Index>,
    hasher: RandomState,
    bytes: usize,
}

/// Where the changes of the first blocks are.
#[derive(Default)]
struct Index {
    /// How many blocks are in it.
    blocks: usize,
    changes: Vec<Change>,
    /// The newest change by the hash of its key.
    newest: HashMap<u64, u32>,
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
        Self { blocks: Vec::with_capacity(other.blocks.len()), ..Self::default() }
    }

    /// Adds the record of the next block.
    pub(crate) fn push(&mut self, height: u64, record: Vec<u8>) {
        self.bytes += record.len();
        self.blocks.push((height, record.into()));
    }

    /// The size of the records, bytes.
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

    /// The values of an entry or a page before each block above a height that replaced it, with its height, ascending.
    pub(crate) fn find(&self, key: &[u8], above: u64) -> Result<Vec<(u64, &[u8])>, StoreError> {
        let index = self.index()?;
        let mut found = Vec::new();
        let mut next = index.newest.get(&self.hasher.hash_one(key)).copied();
        while let Some(change) = next.and_then(|at| index.changes.get(at as usize)) {
            let Some((height, item)) = self.item(change).filter(|(height, _)| *height > above)
            else {
                break;
            };
            if item.0 == key {
                found.push((height, item.1));
            }
            next = change.previous;
        }
        found.reverse();
        Ok(found)
    }

    /// The index of all blocks.
    fn index(&self) -> Result<RwLockReadGuard<'_, Index>, StoreError> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        if index.blocks == self.blocks.len() {
            return Ok(index);
        }
        drop(index);
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        while let Some((height, record)) = self.blocks.get(index.blocks) {
            index.add(record, &self.hasher).ok_or_else(|| record::damaged(*height))?;
        }
        drop(index);
        Ok(self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys that begin with a prefix and were replaced above a height, with the height of the first block that did and
    /// what was there before.
    pub(crate) fn first_of_each(
        &self,
        prefix: &[u8],
        above: u64,
    ) -> Result<Firsts<'_>, StoreError> {
        let mut found = Firsts::new();
        for item in self.items(above) {
            let (height, (key, value)) = item?;
            if key.starts_with(prefix) {
                found.entry(key).or_insert((height, value));
            }
        }
        Ok(found)
    }

    /// All changes above a height, by key and then by height.
    pub(crate) fn sorted(&self, above: u64) -> Result<Vec<(u64, Item<'_>)>, StoreError> {
        // Most keys differ in their first bytes, and numbers compare faster.
        let sorted = self.items(above).map(|item| item.map(|it| (front(it.1.0), it.0, it.1)));
        let mut sorted = sorted.collect::<Result<Vec<_>, _>>()?;
        // The sort is stable, and the blocks are ascending.
        sorted.sort_by(|one, next| one.0.cmp(&next.0).then_with(|| one.2.0.cmp(next.2.0)));
        Ok(sorted.into_iter().map(|(_, height, item)| (height, item)).collect())
    }

    fn items(&self, above: u64) -> impl Iterator<Item = Result<(u64, Item<'_>), StoreError>> {
        let blocks = self.blocks.partition_point(|(height, _)| *height <= above);
        self.blocks[blocks..].iter().flat_map(|(height, record)| {
            let mut rest = &**record;
            std::iter::from_fn(move || {
                let is_end = rest.is_empty();
                let item = record::take(&mut rest);
                if item.is_none() {
                    rest = &[];
                }
                (!is_end).then(|| {
                    item.map(|item| (*height, item)).ok_or_else(|| record::damaged(*height))
                })
            })
        })
    }

    fn item(&self, change: &Change) -> Option<(u64, Item<'_>)> {
        let (height, record) = self.blocks.get(change.block as usize)?;
        let item = record::take(&mut record.get(change.at as usize..)?)?;
        Some((*height, item))
    }
}

impl Index {
    /// Adds the record of the next block. `None` if it is damaged.
    fn add(&mut self, record: &[u8], hasher: &RandomState) -> Option<()> {
        let block = u32::try_from(self.blocks).ok()?;
        let mut rest = record;
        while !rest.is_empty() {
            let at = u32::try_from(record.len() - rest.len()).ok()?;
            let (key, _) = record::take(&mut rest)?;
            let change = u32::try_from(self.changes.len()).ok()?;
            let previous = self.newest.insert(hasher.hash_one(key), change);
            self.changes.push(Change { block, at, previous });
        }
        self.blocks += 1;
        Some(())
    }
}

/// The first bytes of a key as a number that has the same order, as far as it goes.
fn front(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}
