//! The state tree against a recomputed root.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_crypto::Hash;

use super::position::Position;
use super::rebuild::{root_in_parts, root_of_entries};
use super::{LeafChange, Tree};
use crate::{Changes, MemoryStore, StateStore};

mod damage;
mod forms;
mod model;
mod proofs;
mod speed;

/// A store with its tree, updated as in a node.
struct Chain {
    store: MemoryStore,
    tree: Tree,
    root: Hash,
}

impl Chain {
    fn new(cache_bytes_max: usize) -> Self {
        Self { store: MemoryStore::default(), tree: Tree::new(cache_bytes_max), root: Hash::ZERO }
    }

    /// Changes entries like a block.
    fn update(&mut self, entries: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Changes {
        let changes = self.tree.update(&self.store, self.root, entries).unwrap();
        self.commit(&changes);
        changes
    }

    /// Changes leaves at chosen paths without known keys.
    fn update_leaves(&mut self, leaves: &[LeafChange]) {
        let updated = self.tree.compute(&self.store, &self.root, leaves).unwrap();
        let root = updated.root;
        let (pages, pages_before) = updated.into_pages();
        let (entries, root_before) = (Vec::new(), self.root);
        self.commit(&Changes { entries, pages, pages_before, root_before, root });
    }

    fn commit(&mut self, changes: &Changes) {
        for (index, (id, _)) in changes.pages.iter().enumerate() {
            let (before, _) = changes.pages_before.get(index).unwrap();
            assert_eq!(self.store.page(id).unwrap().as_deref(), before, "page {id}");
        }
        self.store.apply(changes);
        self.tree.accept(changes);
        self.root = changes.root;
    }
}

/// Entries `0..count`, with keys and values like a ledger's.
fn ledger(count: u32) -> BTreeMap<Vec<u8>, Vec<u8>> {
    (0..count).map(|i| (key(i), i.to_le_bytes().repeat(3))).collect()
}

fn key(i: u32) -> Vec<u8> {
    format!("balance/{i}").into_bytes()
}

fn set(entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    entries.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect()
}

#[test]
fn the_recomputed_root_does_not_depend_on_the_number_of_parts() {
    for count in [0, 1, 2, 30, 1_000] {
        let mut chain = Chain::new(1 << 20);
        chain.update(set(&ledger(count)));
        assert_eq!(
            root_of_entries(&chain.store).unwrap(),
            (chain.root, count.into()),
            "{count} entries"
        );
        for levels in [0, 1, 4, 9] {
            assert_eq!(root_in_parts(&chain.store, levels).unwrap(), chain.root, "{levels}");
        }
    }
}

/// The root of the entries, computed in the simplest way.
fn reference(leaves: &BTreeMap<Hash, Hash>) -> Hash {
    use ehb_crypto::{Domain, PairHasher};
    fn root(leaves: &[(Hash, Hash)], depth: usize) -> Hash {
        match leaves {
            [] => Hash::ZERO,
            [(path, value)] => PairHasher::new(Domain::StateLeaf).hash(path, value),
            _ => {
                let is_right = |path: &Hash| path.0[depth / 8] & (0x80 >> (depth % 8)) != 0;
                let (right, left): (Vec<_>, Vec<_>) =
                    leaves.iter().copied().partition(|(path, _)| is_right(path));
                let (left, right) = (root(&left, depth + 1), root(&right, depth + 1));
                PairHasher::new(Domain::StateNode).hash(&left, &right)
            }
        }
    }
    root(&leaves.iter().map(|(path, value)| (*path, *value)).collect::<Vec<_>>(), 0)
}

fn reference_of(entries: &BTreeMap<Vec<u8>, Vec<u8>>) -> Hash {
    use ehb_crypto::{Domain, hash};
    let leaf = |(key, value): (&Vec<u8>, &Vec<u8>)| {
        (hash(Domain::StateKey, key), hash(Domain::StateValue, value))
    };
    reference(&entries.iter().map(leaf).collect())
}

fn page_bytes(pages: &[(crate::PageId, Option<Arc<[u8]>>)]) -> usize {
    pages
        .iter()
        .map(|(id, page)| id.as_bytes().len() + page.as_ref().map_or(0, |page| page.len()))
        .sum()
}

fn bytes_of(store: &MemoryStore, id: &crate::PageId) -> Vec<u8> {
    store.page(id).unwrap().unwrap()
}

/// The position of a page's id.
fn position_of(id: &crate::PageId) -> Position {
    let id = id.as_bytes();
    let nibble = |i: usize| id[1 + i / 2] >> (4 * (1 - i % 2)) & 15;
    (0..usize::from(id[0])).fold(Position::ROOT, |at, i| at.child(usize::from(nibble(i))))
}
