//! The state's sparse Merkle tree.
//!
//! A key's leaf lies on the path that the bits of its hash give. A subtree without leaves has the hash
//! [`Hash::ZERO`], one with a single leaf that leaf's hash, any other the hash of its two halves: the
//! root is a function of the entries alone, whatever the order in which they came. (The compression is
//! that of Diem's tree, <https://developers.diem.com/papers/jellyfish-merkle-tree/2021-01-14.pdf>.)
//! The tree is kept in pages; see `page.rs` for what they hold and `encoding.rs` for their bytes.

use std::collections::VecDeque;

use ehb_crypto::Hash;

use crate::{Changes, PageId, StateStore, StoreError};

mod cache;
mod encoding;
mod load;
pub(crate) mod node;
mod page;
pub(crate) mod position;
pub(crate) mod proof;
mod update;

use cache::{Cache, Renewed};
use update::{LeafChange, Updated};

/// How much memory the decoded pages may take by default, in bytes.
pub const CACHE_BYTES_MAX: usize = 32 << 20;

/// How many computed updates are remembered until one is accepted. More blocks than this are seldom
/// executed for one height, and what was forgotten is read again.
const UPDATES_MAX: usize = 4;

/// Computes the changes of the tree, with the pages used last at hand.
///
/// Only time depends on what it remembers: each page is held against the hash expected of it, so any
/// root whose pages the store shows can be updated, in any order.
#[derive(Debug)]
pub struct Tree {
    cache: Cache,
    updates: VecDeque<Computed>,
}

/// A page to be written, or removed.
type EncodedPage = (PageId, Option<Vec<u8>>);

/// The pages of an update that may be committed.
#[derive(Debug)]
struct Computed {
    root: Hash,
    renewed: Option<Renewed>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new(CACHE_BYTES_MAX)
    }
}

impl Tree {
    /// A tree that remembers at most `cache_bytes_max` of decoded pages, and for each of a few computed
    /// updates at most as much again.
    pub fn new(cache_bytes_max: usize) -> Self {
        Self { cache: Cache::new(cache_bytes_max), updates: VecDeque::new() }
    }

    /// What must be written so that `entries` (ascending by key and distinct; `None` removes) are in the
    /// state whose tree has `root` ([`Hash::ZERO`] when empty) and is shown by `store`.
    ///
    /// Nothing is changed by that: the result may be thrown away. Once it is committed, tell by
    /// [`Tree::accept`]. An error means that the store failed, that its pages are damaged or belong to
    /// another root, or that a key is there twice.
    pub fn update(
        &mut self,
        store: &dyn StateStore,
        root: Hash,
        entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    ) -> Result<Changes, StoreError> {
        let leaves = leaf_changes(&entries)?;
        let (root, pages) = self.compute(store, &root, &leaves)?;
        Ok(Changes { entries, pages, root })
    }

    /// Takes over the pages of an update that was committed to the store, so that the next one finds
    /// them at hand. Without this call, or with changes made elsewhere, all stays right but slower.
    pub fn accept(&mut self, changes: &Changes) {
        let updates = std::mem::take(&mut self.updates);
        if let Some(computed) = updates.into_iter().find(|computed| computed.root == changes.root) {
            self.cache.renew(computed.renewed);
        }
    }

    /// How much memory the remembered pages take, in bytes, those of computed updates left out.
    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// The root after changes that ascend by path and are distinct, and the pages that differ.
    fn compute(
        &mut self,
        store: &dyn StateStore,
        root: &Hash,
        leaves: &[LeafChange],
    ) -> Result<(Hash, Vec<EncodedPage>), StoreError> {
        let Updated { root, written, renewed } = update::update(store, &self.cache, root, leaves)?;
        let written = written.into_iter().map(|(at, page)| (at.id(), page)).collect();
        // Pages that would fill the cache alone, as at genesis, aren't worth keeping.
        if let Some(renewed) = renewed
            && renewed.as_ref().map_or(0, Renewed::memory_bytes) <= self.cache.bytes_max()
        {
            self.updates.truncate(UPDATES_MAX - 1);
            self.updates.push_front(Computed { root, renewed });
        }
        Ok((root, written))
    }
}

/// The changes as the tree sees them, ascending by path.
fn leaf_changes(entries: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<Vec<LeafChange>, StoreError> {
    let mut changes: Vec<LeafChange> = entries
        .iter()
        .map(|(key, value)| LeafChange {
            path: node::path_of(key),
            value: value.as_deref().map(node::value_hash),
        })
        .collect();
    changes.sort_unstable_by_key(|change| change.path);
    match changes.windows(2).any(|pair| pair[0].path == pair[1].path) {
        true => Err(StoreError("a key stands twice in one update of the state tree".into())),
        false => Ok(changes),
    }
}

#[cfg(test)]
mod tests;
