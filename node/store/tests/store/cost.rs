//! What committing costs; run by hand, on a machine that does nothing else:
//! `cargo test --release -p ehb-store cost -- --ignored --nocapture`

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ehb_state::Tree;
use ehb_store::Store;
use ehb_types::{Hash, encode};
use tempfile::tempdir;

use crate::chain::{Decided, create_with, next, noise, open, options};

const TRANSACTIONS: u64 = 1_000;
const BLOCKS: u64 = 100;
/// How many entries of the state are written at once before the first transfer.
const FIRST_ENTRIES: u64 = 20_000;

fn number(a: u64, b: u64, below: u64) -> u64 {
    u64::from_le_bytes(noise(a, b)) % below
}

fn entry(number: u64, value: u64) -> (Vec<u8>, Option<Vec<u8>>) {
    let key = [&noise::<32>(number, 1), b"/balance/coin".as_slice()].concat();
    (key, Some(noise::<24>(value, number).to_vec()))
}

/// Commits a block with these entries and the tree's pages over them.
fn commit(store: &Store, tree: &mut Tree, mut decided: Decided, numbers: Vec<u64>) -> Commits {
    let height = decided.height();
    let entries: BTreeMap<_, _> = numbers.into_iter().map(|it| entry(it, height)).collect();
    let root = if height == 1 { Hash::ZERO } else { store.head().state_root };
    decided.changes = tree.update(&*store.state(), root, entries.into_iter().collect()).unwrap();
    let body = encode(&decided.block);
    let pages = decided.changes.pages.iter();
    let pages = pages.map(|(_, page)| page.as_ref().map_or(0, |page| page.len()));
    let bytes = [
        body.len(),
        decided.receipts.iter().map(|it| encode(it).len()).sum(),
        decided.changes.pages.len(),
        pages.sum(),
    ];
    let hash = decided.block.hash();
    let (start, cpu) = (Instant::now(), thread_cpu_us());
    store.put_body(height, &hash, &body).unwrap();
    store.append_log(height, &[0; 200]).unwrap();
    store.sync().unwrap();
    let sync = start.elapsed();
    store.commit(&decided.commit()).unwrap();
    let (all, cpu_us) = (start.elapsed(), thread_cpu_us() - cpu);
    tree.accept(&decided.changes);
    Commits { decided, bytes, sync, all, cpu_us }
}

struct Commits {
    decided: Decided,
    /// Body, receipts, number of pages, pages.
    bytes: [usize; 4],
    sync: Duration,
    all: Duration,
    cpu_us: u64,
}

fn field(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn disk_bytes(dir: &Path, ending: &str) -> u64 {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|it| it.file_name().to_string_lossy().ends_with(ending));
    files.map(|file| file.metadata().map_or(0, |it| it.len())).sum()
}

/// Processor time of this thread and of the whole process.
fn thread_cpu_us() -> u64 {
    cpu_ns("/proc/thread-self/schedstat") / 1_000
}

fn cpu_ns(path: &str) -> u64 {
    fs::read_to_string(path).unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// Processor time of RocksDB's own threads.
fn background_cpu_us() -> u64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let of_rocksdb = tasks.filter(|task| {
        fs::read_to_string(task.join("comm")).is_ok_and(|name| name.starts_with("rocksdb"))
    });
    of_rocksdb.map(|task| cpu_ns(task.join("schedstat").to_str().unwrap()) / 1_000).sum()
}

#[test]
#[ignore = "a measurement"]
fn blocks_of_transfers_over_twenty_thousand_entries() {
    measure(20_000);
}

#[test]
#[ignore = "a measurement"]
fn blocks_of_transfers_over_a_million_entries() {
    measure(1_000_000);
}

fn measure(all_entries: u64) {
    let dir = tempdir().unwrap();
    let mut store = create_with(dir.path(), &options());
    let mut tree = Tree::default();
    let mut last = next(&store.head(), 0);
    for first in (0..all_entries).step_by(FIRST_ENTRIES as usize) {
        let numbers = (first..first + FIRST_ENTRIES).collect();
        commit(&store, &mut tree, next(&store.head(), 0), numbers);
    }
    drop(store);
    store = open(dir.path());
    let db = dir.path().join("db");
    let before = (disk_bytes(&db, ".sst"), field("/proc/self/io", "write_bytes:"));
    let background = background_cpu_us();
    let mut times = Vec::new();
    let (mut cpu_us, mut bytes) = (0, [0; 4]);
    for _ in 0..BLOCKS {
        let height = store.head().height() + 1;
        let numbers = (0..3 * TRANSACTIONS).map(|it| number(height, it, all_entries)).collect();
        let done = commit(&store, &mut tree, next(&store.head(), TRANSACTIONS), numbers);
        times.push((done.all, done.sync));
        cpu_us += done.cpu_us;
        bytes = std::array::from_fn(|i| bytes[i] + done.bytes[i]);
        last = done.decided;
    }
    let background = background_cpu_us() - background;
    let written = field("/proc/self/io", "write_bytes:") - before.1;
    let transactions = BLOCKS * TRANSACTIONS;
    let total: Duration = times.iter().map(|(all, _)| *all).sum();
    times.sort();
    let get = timed(3_000, || {
        let state = store.state();
        for it in 0..3_000 {
            state.get(&entry(number(it, 5, all_entries), 0).0).unwrap();
        }
    });
    let locate = timed(TRANSACTIONS, || {
        for receipt in &last.receipts {
            store.transaction(&receipt.transaction).unwrap();
        }
    });
    let each = |total: u64| total as f64 / transactions as f64;
    eprintln!(
        "a block: p50 {:?} p99 {:?} max {:?}, its body's sync p50 {:?}\n\
         us a transfer: {:.2} elapsed, cpu {:.2} and {:.2} in the background\n\
         us cpu a read: state {get:.2}, transaction {locate:.2}\n\
         bytes a transfer: body {:.0}, receipt {:.0}, {:.1} pages {:.0}; written in all {:.0}\n\
         disk: {:.0} more a transfer in tables, {:?} MB log; memory {:?}, resident {} MB",
        times[times.len() / 2].0,
        times[times.len() * 99 / 100].0,
        times[times.len() - 1].0,
        times[times.len() / 2].1,
        total.as_micros() as f64 / transactions as f64,
        each(cpu_us),
        each(background),
        each(bytes[0] as u64),
        each(bytes[1] as u64),
        each(bytes[2] as u64),
        each(bytes[3] as u64),
        each(written),
        (disk_bytes(&db, ".sst") as f64 - before.0 as f64) / transactions as f64,
        disk_bytes(&db, ".log") >> 20,
        store.usage().unwrap().memory_bytes >> 20,
        field("/proc/self/status", "VmRSS:") / 1_024,
    );
}

fn timed(times: u64, run: impl FnOnce()) -> f64 {
    let start = thread_cpu_us();
    run();
    (thread_cpu_us() - start) as f64 / times as f64
}
