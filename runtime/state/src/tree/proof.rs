//! Proofs that a key has a value or none: their creation from pages, and their verification.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::Hash;
use serde::{Deserialize, Serialize};

use super::load::read;
use super::node::{self, Leaf, MANY, Subtree};
use super::page::{PageWriter, QUARTERS};
use super::position::{Position, SLOTS};
use super::view::{View, damaged};
use crate::{StateStore, StoreError};

/// The maximum number of siblings in a proof: the bits of a path.
pub const PROOF_SIBLINGS_MAX: usize = 256;

/// Proves under a state root the value of a key, or its absence.
///
/// For one root and key there is exactly one valid proof: any change, addition or omission makes it invalid.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateProof {
    /// The sibling hashes from the end of the key's path up to the root; [`Hash::ZERO`] for empty subtrees.
    pub siblings: Vec<Hash>,
    /// For an absent key, the only leaf on its path, which belongs to another key. None for a present key, or
    /// if the path ends in an empty subtree.
    pub other: Option<OtherLeaf>,
}

/// The leaf of another key.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct OtherLeaf {
    /// The hash of its key.
    pub key: Hash,
    /// The hash of its value.
    pub value: Hash,
}

impl StateProof {
    /// Whether the state with this root has `value` under `key`, or no value if it is `None`.
    pub fn verify(&self, root: &Hash, key: &[u8], value: Option<&[u8]>) -> bool {
        self.verify_path(root, &node::path_of(key), value.map(node::value_hash))
    }

    pub(crate) fn verify_path(&self, root: &Hash, path: &Hash, value: Option<Hash>) -> bool {
        let depth = self.siblings.len();
        if depth > PROOF_SIBLINGS_MAX {
            return false;
        }
        let end = match (value, &self.other) {
            (Some(value), None) => node::leaf_hash(path, &value),
            (Some(_), Some(_)) => return false,
            (None, None) => Hash::ZERO,
            (None, Some(other)) => {
                let shared = (0..depth).all(|i| node::turn(path, i) == node::turn(&other.key, i));
                if !shared || other.key == *path {
                    return false;
                }
                node::leaf_hash(&other.key, &other.value)
            }
        };
        let top = self.siblings.iter().zip((0..depth).rev()).fold(end, |hash, (sibling, depth)| {
            match node::turn(path, depth) {
                false => node::node_hash(&hash, sibling),
                true => node::node_hash(sibling, &hash),
            }
        });
        top == *root
    }
}

/// Proves the presence or absence of `key` in the state in `store`, whose tree has `root`.
///
/// Each page on the path is checked completely: a damaged store, or one of another height, leads to an error
/// and never to a wrong proof.
pub fn prove(store: &dyn StateStore, root: Hash, key: &[u8]) -> Result<StateProof, StoreError> {
    prove_path(store, root, &node::path_of(key))
}

pub(crate) fn prove_path(
    store: &dyn StateStore,
    root: Hash,
    path: &Hash,
) -> Result<StateProof, StoreError> {
    let mut siblings = Vec::new();
    let mut at = Position::ROOT;
    let mut other = None;
    // `read` takes the number of leaves of the whole tree from its first page.
    let mut next = (root != Hash::ZERO).then_some(Subtree { hash: root, leaves: MANY });
    while let Some(subtree) = next.take() {
        match read_proven(store, &at, &subtree)? {
            Content::Leaves(leaves) => {
                let end = leaf_on_path(&leaves, at.depth(), path, &mut siblings);
                other = end.filter(|leaf| leaf.path != *path);
            }
            Content::Children(children) => {
                if let Some(slot) = child_on_path(&children, &at, path, &mut siblings) {
                    at = at.child(slot);
                    next = Some(children[slot]);
                }
            }
        }
    }
    siblings.reverse();
    let other = other.map(|leaf| OtherLeaf { key: leaf.path, value: leaf.value });
    Ok(StateProof { siblings, other })
}

/// The leaf at the end of the path among `leaves`, whose first node is at `depth`.
fn leaf_on_path(
    mut leaves: &[Leaf],
    mut depth: usize,
    path: &Hash,
    siblings: &mut Vec<Hash>,
) -> Option<Leaf> {
    while leaves.len() > 1 {
        let (left, right) = node::split(leaves, depth);
        let (near, far) = if node::turn(path, depth) { (right, left) } else { (left, right) };
        depth += 1;
        siblings.push(Subtree::of_leaves(far, depth).hash);
        leaves = near;
    }
    leaves.first().copied()
}

/// The slot of the child on the path, or of the only leaf on it; `None` if it ends in an empty subtree.
fn child_on_path(
    children: &[Subtree; SLOTS],
    at: &Position,
    path: &Hash,
    siblings: &mut Vec<Hash>,
) -> Option<usize> {
    let (mut first, mut count, mut depth) = (0, SLOTS, at.depth());
    while count > 1 && Subtree::over(&children[first..][..count]).leaves > 1 {
        count /= 2;
        let middle = first + count;
        let far =
            if node::turn(path, depth) { std::mem::replace(&mut first, middle) } else { middle };
        siblings.push(Subtree::over(&children[far..][..count]).hash);
        depth += 1;
    }
    (first..first + count).find(|slot| children[*slot].leaves > 0)
}

/// The verified contents of a page.
enum Content {
    Leaves(Vec<Leaf>),
    Children(Box<[Subtree; SLOTS]>),
}

/// Reads a page and hashes all its contents.
fn read_proven(
    store: &dyn StateStore,
    at: &Position,
    subtree: &Subtree,
) -> Result<Content, StoreError> {
    let bytes = read(store, at, subtree)?;
    let mut pages = PageWriter::default();
    let (content, page) = match View::of(at, &bytes)? {
        View::Leaves(page) => {
            let leaves: Vec<Leaf> = page.all().collect();
            let page = pages.leaves(at, &leaves);
            (Content::Leaves(leaves), page)
        }
        View::Children(page) => {
            let children = page.children();
            (Content::Children(Box::new(children)), pages.children(&children, &[None; QUARTERS]))
        }
    };
    match page.subtree.hash == subtree.hash && *page.bytes == *bytes {
        true => Ok(content),
        false => Err(damaged(at, "its content has another hash than it should")),
    }
}
