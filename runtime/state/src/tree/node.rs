//! The nodes of the tree and their hashes.

use std::sync::LazyLock;

use ehb_crypto::{Domain, Hash, PairHasher, hash};
use smallvec::SmallVec;

use super::page::LEAVES_MAX;

/// Means "more leaves than fit into a page" in [`Subtree::leaves`].
pub(crate) const MANY: u8 = LEAVES_MAX as u8 + 1;

static LEAF: LazyLock<PairHasher> = LazyLock::new(|| PairHasher::new(Domain::StateLeaf));
static NODE: LazyLock<PairHasher> = LazyLock::new(|| PairHasher::new(Domain::StateNode));

/// The path of a key's leaf: its bits are the turns from the root, 0 to the left.
pub(crate) fn path_of(key: &[u8]) -> Hash {
    hash(Domain::StateKey, key)
}

/// The hash of a value in a leaf.
pub(crate) fn value_hash(value: &[u8]) -> Hash {
    hash(Domain::StateValue, value)
}

pub(crate) fn leaf_hash(path: &Hash, value: &Hash) -> Hash {
    LEAF.hash(path, value)
}

/// The hash of a node with at least two leaves below it.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    NODE.hash(left, right)
}

/// The turn that a path takes at a level, 0 to 255: true is to the right.
pub(crate) fn turn(path: &Hash, depth: usize) -> bool {
    path.0[depth / 8] >> (7 - depth % 8) & 1 == 1
}

/// An entry of the state in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// [`path_of`] its key.
    pub(crate) path: Hash,
    /// [`value_hash`] of its value.
    pub(crate) value: Hash,
}

impl Leaf {
    pub(crate) fn hash(&self) -> Hash {
        leaf_hash(&self.path, &self.value)
    }
}

/// A subtree as seen from its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subtree {
    /// [`Hash::ZERO`] without leaves, with one leaf that leaf's hash, otherwise the hash of its first node.
    pub(crate) hash: Hash,
    /// The number of its leaves; [`MANY`] if there are more than [`LEAVES_MAX`].
    pub(crate) leaves: u8,
}

impl Subtree {
    pub(crate) const EMPTY: Self = Self { hash: Hash::ZERO, leaves: 0 };

    /// The subtree one level up. A single leaf stays as it is.
    pub(crate) fn join(left: &Self, right: &Self) -> Self {
        let leaves = (left.leaves + right.leaves).min(MANY);
        let hash = match (left.leaves, right.leaves) {
            (_, 0) if left.leaves <= 1 => left.hash,
            (0, 1) => right.hash,
            _ => node_hash(&left.hash, &right.hash),
        };
        Self { hash, leaves }
    }

    /// The subtree above neighbours at one level; their number is a power of two.
    pub(crate) fn over(neighbours: &[Self]) -> Self {
        match neighbours {
            [] => Self::EMPTY,
            [one] => *one,
            [left, right] => Self::join(left, right),
            more => {
                let (left, right) = more.split_at(more.len() / 2);
                Self::join(&Self::over(left), &Self::over(right))
            }
        }
    }

    /// The subtree whose first node is at `depth`, from its leaves in ascending order of their paths,
    /// which agree up to there and differ from each other.
    pub(crate) fn of_leaves(leaves: &[Leaf], depth: usize) -> Self {
        // Computed in sequence without dependencies, these hashes overlap in the processor.
        let hashes: SmallVec<[Hash; LEAVES_MAX]> = leaves.iter().map(Leaf::hash).collect();
        Self::of_hashes(leaves, &hashes, depth)
    }

    fn of_hashes(leaves: &[Leaf], hashes: &[Hash], depth: usize) -> Self {
        match hashes {
            [] => Self::EMPTY,
            [hash] => Self { hash: *hash, leaves: 1 },
            _ => {
                let (left, right) = split(leaves, depth);
                let (left_hashes, right_hashes) = hashes.split_at(left.len());
                Self::join(
                    &Self::of_hashes(left, left_hashes, depth + 1),
                    &Self::of_hashes(right, right_hashes, depth + 1),
                )
            }
        }
    }
}

/// The leaves to the left and to the right of a node.
pub(crate) fn split(leaves: &[Leaf], depth: usize) -> (&[Leaf], &[Leaf]) {
    leaves.split_at(leaves.partition_point(|leaf| !turn(&leaf.path, depth)))
}
