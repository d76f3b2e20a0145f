//! `cargo nextest run --release -p ehb-state speed --run-ignored only --no-capture`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Chain, page_bytes};

const BLOCKS: u32 = 60;

/// A random number, always the same ones (SplitMix64).
fn random(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

fn key(i: u64) -> Vec<u8> {
    [b"module/wallet/balance/".as_slice(), &random(i).to_be_bytes(), &i.to_be_bytes()].concat()
}

fn chain(keys: u64, cache_bytes_max: usize) -> Chain {
    let mut chain = Chain::new(cache_bytes_max);
    let numbers: Vec<u64> = (0..keys).collect();
    for batch in numbers.chunks(100_000) {
        let entries: BTreeMap<_, _> =
            batch.iter().map(|i| (key(*i), Some(i.to_be_bytes().to_vec()))).collect();
        chain.update(entries.into_iter().collect());
    }
    chain
}

fn measure(keys: u64, keys_per_block: u64, cache_bytes_max: usize) {
    let mut chain = chain(keys, cache_bytes_max);
    let (mut update, mut accept) = (Vec::new(), Duration::ZERO);
    let (mut pages, mut bytes, mut changed) = (0, 0, 0);
    for block in 0..BLOCKS {
        let entries: BTreeMap<_, _> = (0..keys_per_block)
            .map(|i| random(u64::from(block) << 32 | i) % keys)
            .map(|i| (key(i), Some([i, u64::from(block)].map(u64::to_be_bytes).concat())))
            .collect();
        let count = entries.len();
        let entries = entries.into_iter().collect();
        let start = Instant::now();
        let changes = chain.tree.update(&chain.store, chain.root, entries).unwrap();
        update.push(start.elapsed() / count as u32);
        chain.store.apply(&changes);
        let start = Instant::now();
        chain.tree.accept(&changes);
        accept += start.elapsed();
        chain.root = changes.root;
        pages += changes.pages.len();
        bytes += page_bytes(&changes.pages);
        changed += count;
    }
    update.sort();
    eprintln!(
        "{keys:>8} keys, {keys_per_block:>5} a block, cache {:>4} MiB: update {:?} median {:?} best, \
         accept {:?} a key; {:.2} pages, {} B a key",
        cache_bytes_max >> 20,
        update[update.len() / 2],
        update[0],
        accept / changed as u32,
        pages as f64 / changed as f64,
        bytes / changed,
    );
}

#[test]
#[ignore = "a measurement, for reading"]
fn speed() {
    for (keys, keys_per_block) in [(3_000, 300), (100_000, 1_000), (1_000_000, 1_000)] {
        for cache_bytes_max in [0, 32 << 20, 256 << 20] {
            measure(keys, keys_per_block, cache_bytes_max);
        }
    }
}

#[test]
#[ignore = "a measurement, for reading"]
fn speed_of_hashes() {
    use ehb_crypto::{Domain, Hash, hash, hash_pair};
    const ROUNDS: u32 = 2_000_000;
    let time = |name: &str, step: &dyn Fn(Hash) -> Hash| {
        let start = Instant::now();
        let end = (0..ROUNDS).fold(Hash::ZERO, |hash, _| step(hash));
        eprintln!("{name}: {:?} ({end})", start.elapsed() / ROUNDS);
    };
    time("hash_pair", &|hash| hash_pair(Domain::StateNode, &hash, &Hash::ZERO));
    time("hash of 64 bytes", &|one| hash(Domain::StateNode, &[one.0, [0; 32]].concat()));
    time("hash of 32 bytes", &|one| hash(Domain::StateNode, &one.0));
}
