//! The benchmark of updating a state tree with a million keys.

use ehb_state::{MemoryStore, Tree};
use ehb_types::Hash;

use super::{ROUNDS, processor_time_us};
use crate::table::Line;

const KEYS: u64 = 1_000_000;
const CHANGES: usize = 1_000;
const FILLED_AT_ONCE: u64 = 50_000;

/// The state tree over a million keys, a thousand of which change in a block: what hashing keys, values
/// and nodes and making the changed pages cost. Keeping them is the store's part.
pub(super) fn run() -> anyhow::Result<Vec<Line>> {
    let mut store = MemoryStore::default();
    let mut tree = Tree::default();
    let mut root = Hash::ZERO;
    for first in (0..KEYS).step_by(FILLED_AT_ONCE as usize) {
        let entries = (first..first + FILLED_AT_ONCE).map(|index| entry(index, 0)).collect();
        let changes = tree.update(&store, root, entries)?;
        root = changes.root;
        store.apply(&changes);
        tree.accept(&changes);
    }
    let mut best = f64::INFINITY;
    for round in 1..=ROUNDS as u64 {
        // Spread over all keys, others in each round.
        let step = KEYS / CHANGES as u64;
        let entries =
            (0..CHANGES as u64).map(|i| entry(i * step + round * 7 % step, round)).collect();
        let before = processor_time_us()?;
        let changes = tree.update(&store, root, entries)?;
        tree.accept(&changes);
        best = best.min((processor_time_us()? - before) / CHANGES as f64);
        root = changes.root;
        store.apply(&changes);
    }
    Ok(vec![Line::at_most("state tree, 1 M keys, 1,000 changes a block, per key", "us", 4.0, best)])
}

fn entry(index: u64, round: u64) -> (Vec<u8>, Option<Vec<u8>>) {
    let key = [b"m/wallet/b".as_slice(), &index.to_be_bytes()].concat();
    (key, Some(round.to_be_bytes().repeat(3)))
}
