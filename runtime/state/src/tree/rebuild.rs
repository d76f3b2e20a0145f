//! Recomputes the root of a state from its entries, without reading the tree's pages.

use ehb_crypto::Hash;

use super::node::{Leaf, Subtree, path_of, value_hash};
use crate::{StateStore, StoreError};

/// The approximate maximum number of leaves in memory: 64 MB.
const LEAVES_HELD: u64 = 1 << 20;
/// The number of entries that are read at a time.
const ENTRIES_READ: usize = 256;
/// The maximum number of parts in which the tree is computed, as a power of two.
const LEVELS_MAX: u32 = 16;

/// Returns the root of the tree over all entries of the state, and their number. Reads the entries once, and
/// once more for each million of them.
pub fn root_of_entries(store: &dyn StateStore) -> Result<(Hash, u64), StoreError> {
    let mut count = 0;
    visit(store, |_, _| count += 1)?;
    let levels = levels(count, LEAVES_HELD);
    Ok((root_in_parts(store, levels)?, count))
}

/// The number of levels at which each subtree below has about the target number of leaves.
fn levels(count: u64, leaves_held: u64) -> u32 {
    count.div_ceil(leaves_held).next_power_of_two().trailing_zeros().min(LEVELS_MAX)
}

/// Computes the subtrees below the first levels in sequence, and then the levels above them.
pub(super) fn root_in_parts(store: &dyn StateStore, levels: u32) -> Result<Hash, StoreError> {
    let mut parts = Vec::new();
    for part in 0..1u32 << levels {
        let mut leaves = Vec::new();
        visit(store, |key, value| {
            let path = path_of(key);
            if first_bits(&path, levels) == part {
                leaves.push(Leaf { path, value: value_hash(value) });
            }
        })?;
        leaves.sort_unstable_by_key(|leaf| leaf.path);
        parts.push(Subtree::of_leaves(&leaves, levels as usize));
    }
    Ok(Subtree::over(&parts).hash)
}

/// The first bits of a path as a number.
fn first_bits(path: &Hash, bits: u32) -> u32 {
    let [a, b, c, d, ..] = path.0;
    u32::from_be_bytes([a, b, c, d]).checked_shr(u32::BITS - bits).unwrap_or(0)
}

fn visit(store: &dyn StateStore, mut entry: impl FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = store.scan(&[], after.as_deref(), ENTRIES_READ)?;
        for (key, value) in &page {
            entry(key, value);
        }
        if page.len() < ENTRIES_READ {
            return Ok(());
        }
        after = page.into_iter().next_back().map(|(key, _)| key);
    }
}
