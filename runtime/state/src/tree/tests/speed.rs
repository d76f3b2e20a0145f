//! `cargo nextest run --release -p ehb-state speed --run-ignored only --no-capture`

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Chain, page_bytes};

const BLOCKS: u32 = 200;

/// The processor time of this thread, which others on the machine disturb least.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

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
    let (mut update, mut accept) = (Duration::ZERO, Duration::ZERO);
    let (mut pages, mut bytes, mut changed) = (0, 0, 0);
    for block in 0..BLOCKS {
        let entries: BTreeMap<_, _> = (0..keys_per_block)
            .map(|i| random(u64::from(block) << 32 | i) % keys)
            .map(|i| (key(i), Some([i, u64::from(block)].map(u64::to_be_bytes).concat())))
            .collect();
        let count = entries.len();
        let entries = entries.into_iter().collect();
        let start = cpu_time();
        let changes = chain.tree.update(&chain.store, chain.root, entries).unwrap();
        update += cpu_time() - start;
        chain.store.apply(&changes);
        let start = cpu_time();
        chain.tree.accept(&changes);
        accept += cpu_time() - start;
        chain.root = changes.root;
        pages += changes.pages.len();
        bytes += page_bytes(&changes.pages);
        changed += count;
    }
    let count = changed as u32;
    eprintln!(
        "{keys:>8} keys, {keys_per_block:>5} a block, cache {:>4} MiB: update {:?} and accept {:?} a \
         key; {:.2} pages, {} B a key",
        cache_bytes_max >> 20,
        update / count,
        accept / count,
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
    use ehb_crypto::{Domain, Hash, PairHasher, hash};
    const ROUNDS: u32 = 2_000_000;
    let time = |name: &str, step: &dyn Fn(Hash) -> Hash| {
        let start = cpu_time();
        let end = (0..ROUNDS).fold(Hash::ZERO, |hash, _| step(hash));
        eprintln!("{name}: {:?} ({end})", (cpu_time() - start) / ROUNDS);
    };
    let pairs = PairHasher::new(Domain::StateNode);
    time("hash of a pair", &|hash| pairs.hash(&hash, &Hash::ZERO));
    time("hash of 64 bytes", &|one| hash(Domain::StateNode, &[one.0, [0; 32]].concat()));
    time("hash of 32 bytes", &|one| hash(Domain::StateNode, &one.0));
}
