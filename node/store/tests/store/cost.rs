//! What committing costs; run by hand, on a machine that does nothing else:
//! `cargo test --release -p ehb-store cost -- --ignored --nocapture`

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use ehb_state::{Changes, PageId};
use ehb_types::{Hash, encode};
use tempfile::tempdir;

use crate::chain::{Decided, create, next, noise};

const TRANSACTIONS: u64 = 1_000;
const BLOCKS: u64 = 200;
/// Accounts, each with a balance of its own.
const ACCOUNTS: u64 = 1_000_000;
/// Pages at the bottom of a tree over that many entries, and what one takes.
const PAGES: u64 = 65_536;
const PAGE_BYTES: usize = 500;

fn number(a: u64, b: u64, below: u64) -> u64 {
    u64::from_le_bytes(noise(a, b)) % below
}

/// A block of transfers: each changes the sender's lane and two balances, and pages over them.
fn transfers(before: &Decided) -> Decided {
    let mut decided = next(&crate::chain::head_of(&before.block), TRANSACTIONS);
    let height = decided.height();
    let mut entries = std::collections::BTreeMap::new();
    let mut pages = std::collections::BTreeMap::new();
    for index in 0..TRANSACTIONS * 3 {
        let account = number(height, index, ACCOUNTS);
        let key = [&noise::<32>(account, index % 2), b"/balance/coin".as_slice()].concat();
        entries.insert(key, Some(noise::<24>(height, index).to_vec()));
        let page = number(account, index % 2, PAGES) as u16;
        let bytes = noise::<PAGE_BYTES>(height, u64::from(page));
        pages.insert(PageId([&[16], page.to_be_bytes().as_slice()].concat()), Some(bytes.to_vec()));
    }
    decided.changes = Changes {
        entries: entries.into_iter().collect(),
        pages: pages.into_iter().collect(),
        root: Hash::ZERO,
    };
    decided
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

fn cpu_us() -> u64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10_000
}

#[test]
#[ignore = "a measurement"]
fn a_block_of_transfers() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let mut decided = next(&store.head(), 0);
    store.commit(&decided.commit()).unwrap();
    let (written, cpu) = (field("/proc/self/io", "write_bytes:"), cpu_us());
    let mut making_us = 0;
    let mut times = Vec::new();
    let mut logical = [0u64; 3];
    for _ in 0..BLOCKS {
        let before = (Instant::now(), cpu_us());
        decided = transfers(&decided);
        let body = encode(&decided.block);
        logical[0] += body.len() as u64;
        logical[1] += decided.receipts.iter().map(|it| encode(it).len() as u64).sum::<u64>();
        let pages = decided.changes.pages.iter().map(|(_, it)| it.as_ref().unwrap().len() as u64);
        logical[2] += pages.sum::<u64>();
        let (height, hash) = (decided.height(), decided.block.hash());
        making_us += cpu_us() - before.1;
        let start = Instant::now();
        store.put_body(height, &hash, &body).unwrap();
        store.append_log(height, &[0; 200]).unwrap();
        store.sync().unwrap();
        let synced = start.elapsed();
        store.commit(&decided.commit()).unwrap();
        times.push((start.elapsed(), synced));
    }
    times.sort();
    let transactions = BLOCKS * TRANSACTIONS;
    let total: f64 = times.iter().map(|(time, _)| time.as_secs_f64()).sum();
    let start = Instant::now();
    let state = store.state();
    for (key, _) in decided.changes.entries.iter().take(2_000) {
        state.get(key).unwrap();
    }
    let get = start.elapsed().as_secs_f64() / 2_000.0;
    let start = Instant::now();
    for receipt in &decided.receipts {
        store.transaction(&receipt.transaction).unwrap();
    }
    let locate = start.elapsed().as_secs_f64() / TRANSACTIONS as f64;
    drop((store, state));
    let dir = dir.path().join("db");
    let per = |bytes: u64| bytes / transactions;
    let cpu = cpu_us() - cpu - making_us;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "a block: p50 {:?} p99 {:?} max {:?}, its body's sync p50 {:?}\n\
         a transfer: {:.2} us elapsed, {:.2} us cpu with background, get {:.2} us, locate {:.2} us\n\
         logical bytes a transfer: body {} receipts {} pages {}\n\
         disk a transfer: tables {} log {}, written in all {}\n\
         resident {} MB, peak {} MB",
        times[times.len() / 2].0,
        times[times.len() * 99 / 100].0,
        times[times.len() - 1].0,
        times[times.len() / 2].1,
        total * 1e6 / transactions as f64,
        cpu as f64 / transactions as f64,
        get * 1e6,
        locate * 1e6,
        per(logical[0]),
        per(logical[1]),
        per(logical[2]),
        per(disk_bytes(&dir, ".sst")),
        per(disk_bytes(&dir, ".log")),
        per(field("/proc/self/io", "write_bytes:") - written),
        field("/proc/self/status", "VmRSS:") / 1_024,
        field("/proc/self/status", "VmHWM:") / 1_024,
    )
    .unwrap();
}
