//! The state's sparse Merkle tree.
//!
//! A key's leaf is on the path given by the bits of its hash. A subtree without leaves has the hash
//! [`Hash::ZERO`], one with a single leaf that leaf's hash, any other the hash of its two halves: the root
//! depends only on the entries, not on the order of changes. (The compression is that of Diem's tree,
//! <https://developers.diem.com/papers/jellyfish-merkle-tree/2021-01-14.pdf>.) The tree is kept in pages; see
//! `page.rs`.

use ehb_crypto::Hash;

use crate::{Changes, StateStore, StoreError};

mod cache;
pub(crate) mod form;
mod load;
pub(crate) mod node;
mod page;
pub(crate) mod position;
pub(crate) mod proof;
pub(crate) mod rebuild;
mod update;
mod view;

use cache::Cache;
use update::{LeafChange, Updated};

/// The default size of the page cache, bytes.
pub const CACHE_BYTES_MAX: usize = 32 << 20;

/// Computes the changes of the tree, with a cache of recently used pages.
///
/// The cache affects only speed: it contains pages of the last accepted state, and an update of any other
/// state reads all its pages from the store.
#[derive(Debug)]
pub struct Tree {
    cache: Cache,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new(CACHE_BYTES_MAX)
    }
}

impl Tree {
    /// A tree with a page cache of at most `cache_bytes_max`.
    pub fn new(cache_bytes_max: usize) -> Self {
        Self { cache: Cache::new(cache_bytes_max) }
    }

    /// Computes the changes that apply `entries` (ascending by key and distinct; `None` removes) to the state
    /// in `store`, whose tree has `root` ([`Hash::ZERO`] if empty).
    ///
    /// Nothing is written: the result can be discarded. Once it is committed, call [`Tree::accept`]. An error
    /// means that the store failed, that its pages are damaged or belong to another root, or that a key
    /// occurs twice.
    pub fn update(
        &mut self,
        store: &dyn StateStore,
        root: Hash,
        entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    ) -> Result<Changes, StoreError> {
        let leaves = leaf_changes(&entries)?;
        let root_before = root;
        let updated = self.compute(store, &root_before, &leaves)?;
        let root = updated.root;
        let (pages, pages_before) = updated.into_pages();
        Ok(Changes { entries, pages, pages_before, root_before, root })
    }

    /// Caches the pages of an update that was committed to the store. Without this call everything stays
    /// correct but slower.
    pub fn accept(&mut self, changes: &Changes) {
        self.cache.renew(changes);
    }

    /// The memory use of the page cache, bytes.
    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// The root after changes that ascend by path and are distinct, and the pages that differ.
    fn compute(
        &self,
        store: &dyn StateStore,
        root: &Hash,
        leaves: &[LeafChange],
    ) -> Result<Updated, StoreError> {
        update::update(store, &self.cache, root, leaves)
    }
}

/// The changes by path, ascending.
fn leaf_changes(entries: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<Vec<LeafChange>, StoreError> {
    let mut changes: Vec<LeafChange> = entries
        .iter()
        .map(|(key, value)| LeafChange {
            path: node::path_of(key),
            value: value.as_deref().map(node::value_hash),
        })
        .collect();
    changes.sort_unstable_by_key(|change| (prefix(&change.path), change.path));
    match changes.windows(2).any(|pair| pair[0].path == pair[1].path) {
        true => Err(StoreError("a key occurs twice in one update of the state tree".into())),
        false => Ok(changes),
    }
}

/// The first bytes of a path as a number, which compares faster.
fn prefix(path: &Hash) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = path.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests;
