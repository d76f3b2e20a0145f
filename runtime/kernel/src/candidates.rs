//! Validators that are to join: each is a candidate until its node has shown that it has the chain's blocks.
//!
//! A candidate's node signs, with the consensus key, the hash of a recent block. Only then the validator counts, so that one
//! that was accepted and does not run never takes part in a quorum.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Block, Hash, Name, PublicKey, Validator};

use crate::{keys, record};

/// The number of last blocks of which a candidate can name one.
pub const RECENT_BLOCKS_MAX: usize = 128;

/// A validator that is to join.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Candidate {
    /// Its name.
    pub name: Name,
    /// The organisation that operates it.
    pub organisation: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// The voting power that it will have.
    pub power: u64,
}

impl Candidate {
    /// The validator that it becomes.
    pub fn validator(&self) -> Validator {
        let Self { name, consensus_key, node_key, power, .. } = self.clone();
        Validator { name, consensus_key, node_key, power }
    }
}

/// A block that a candidate can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct RecentBlock {
    /// Its height.
    height: u64,
    /// The hash of its header.
    hash: Hash,
}

/// All candidates, ascending by consensus key.
pub fn list(overlay: &Overlay) -> Result<Vec<Candidate>, StoreError> {
    Ok(record::read(overlay, keys::CANDIDATES)?.unwrap_or_default())
}

/// The candidate with this consensus key.
pub fn get(overlay: &Overlay, key: &PublicKey) -> Result<Option<Candidate>, StoreError> {
    Ok(list(overlay)?.into_iter().find(|it| it.consensus_key == *key))
}

/// Adds a candidate, or replaces the one with its consensus key.
pub fn put(overlay: &mut Overlay, candidate: Candidate) -> Result<(), StoreError> {
    let mut all = list(overlay)?;
    match all.binary_search_by_key(&candidate.consensus_key, |it| it.consensus_key) {
        Ok(known) => all[known] = candidate,
        Err(position) => all.insert(position, candidate),
    }
    record::write(overlay, keys::CANDIDATES.to_vec(), &all);
    Ok(())
}

/// Removes a candidate. Its node stays permitted.
pub fn remove(overlay: &mut Overlay, key: &PublicKey) -> Result<(), StoreError> {
    let mut all = list(overlay)?;
    all.retain(|it| it.consensus_key != *key);
    if all.is_empty() {
        overlay.remove(keys::CANDIDATES.to_vec());
        overlay.remove(keys::RECENT_BLOCKS.to_vec());
    } else {
        record::write(overlay, keys::CANDIDATES.to_vec(), &all);
    }
    Ok(())
}

/// Records the parent of a block while there are candidates. A block does this before its transactions.
pub fn record_block(overlay: &mut Overlay, block: &Block) -> Result<(), StoreError> {
    if overlay.get(keys::CANDIDATES)?.is_none() {
        return Ok(());
    }
    let mut recent: Vec<RecentBlock> =
        record::read(overlay, keys::RECENT_BLOCKS)?.unwrap_or_default();
    if recent.len() >= RECENT_BLOCKS_MAX {
        recent.remove(0);
    }
    let height = block.header.height.saturating_sub(1);
    recent.push(RecentBlock { height, hash: block.header.parent });
    record::write(overlay, keys::RECENT_BLOCKS.to_vec(), &recent);
    Ok(())
}

/// Whether this is the hash of one of the last blocks.
pub fn is_recent(overlay: &Overlay, height: u64, hash: &Hash) -> Result<bool, StoreError> {
    let recent: Vec<RecentBlock> = record::read(overlay, keys::RECENT_BLOCKS)?.unwrap_or_default();
    Ok(recent.contains(&RecentBlock { height, hash: *hash }))
}
