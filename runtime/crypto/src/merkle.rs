//! Merkle tree hashes and inclusion proofs (RFC 6962, section 2.1).
//!
//! Leaves and inner nodes are hashed with different first bytes, and odd nodes are promoted, never
//! duplicated, so that no other list of leaves has the same root.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Hash;

/// The path from a leaf to the root. The number of leaves is not part of it: a proof does not prove the
/// leaf's position unless the verifier knows that number from a trusted source.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// The leaf's position, from 0.
    pub index: u64,
    /// The sibling hashes, from the leaf upwards.
    pub path: Vec<Hash>,
}

/// The root over `leaves`; [`Hash::ZERO`] is never a root: the empty tree's is the hash of nothing.
pub fn root<L: AsRef<[u8]>>(leaves: &[L]) -> Hash {
    let mut level: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    if level.is_empty() {
        return Hash(Sha256::digest([]).into());
    }
    while level.len() > 1 {
        level = next_level(&level);
    }
    level[0]
}

/// Returns the proof of the leaf at `index` against [`root`]; `None` if there is no such leaf.
pub fn prove<L: AsRef<[u8]>>(leaves: &[L], index: usize) -> Option<InclusionProof> {
    if index >= leaves.len() {
        return None;
    }
    let mut level: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    let mut path = Vec::new();
    let mut position = index;
    while level.len() > 1 {
        if let Some(sibling) = level.get(position ^ 1) {
            path.push(*sibling);
        }
        level = next_level(&level);
        position /= 2;
    }
    Some(InclusionProof { index: index as u64, path })
}

impl InclusionProof {
    /// Whether `leaf` is at this position of the tree with this root and number of leaves.
    pub fn verify(&self, root: &Hash, leaves: u64, leaf: &[u8]) -> bool {
        if self.index >= leaves {
            return false;
        }
        let mut position = self.index;
        let mut last = leaves - 1;
        let mut hash = leaf_hash(leaf);
        let mut path = self.path.iter();
        while last > 0 {
            if position % 2 == 1 {
                let Some(sibling) = path.next() else { return false };
                hash = node_hash(sibling, &hash);
            } else if position < last {
                let Some(sibling) = path.next() else { return false };
                hash = node_hash(&hash, sibling);
            }
            position /= 2;
            last /= 2;
        }
        path.next().is_none() && hash == *root
    }
}

fn next_level(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .map(|pair| match pair {
            [left, right] => node_hash(left, right),
            [single] => *single,
            _ => unreachable!("chunks of two hold one or two"),
        })
        .collect()
}

fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(leaf).finalize().into())
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(
        Sha256::new()
            .chain_update([1])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}
