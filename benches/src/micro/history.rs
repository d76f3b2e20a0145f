//! The benchmark of state history: its cost to transfers, its size, and reads and proofs of old states.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use ehb_crypto::{Domain, SecretKey};
use ehb_executor::{Engine, GenesisState};
use ehb_state::{StateStore, Tree, prove};
use ehb_store::{GenesisBlock, NewBlock, Opened, Options, Store};
use ehb_types::{Block, CommitCertificate, Hash, Header, Receipts, Signature};
use tempfile::TempDir;

use super::execution::genesis_without_calls;
use super::{processor_time_us, thread_time_us};
use crate::table::Line;

const ACCOUNTS: u64 = 160_000;
/// The budget of processor time for a node's first block.
const GENESIS_SECONDS_MAX: f64 = 10.0;
const HEIGHTS: u64 = 10_000;
/// Transfers in a block of a chain that has little to do, and in one of a chain at its limit, with the number of blocks
/// that are measured and what history may add to a transfer, microseconds.
const LOADS: [Load; 2] = [
    Load { transfers: 4, blocks: HEIGHTS, added_us_max: 15.0, rounds: 1 },
    Load { transfers: 256, blocks: 600, added_us_max: 4.0, rounds: 4 },
];
const READS: u64 = 5_000;
/// Reads a second, each of an entry and of its proof, while blocks are committed.
const READ_RATE: u64 = 2_000;
/// Blocks a second meanwhile.
const BLOCK_RATE: u64 = 20;
/// How far back the state is read.
const BACK: u64 = 9_000;
const READ_MS_MAX: f64 = 5.0;
/// Processor time of an entry and its proof, at the head: half of a core at 2,000/s; and far back, where more runs of
/// history are searched, as merging them more often would cost each transfer.
const READ_US_MAX: f64 = 250.0;
const FAR_READ_US_MAX: f64 = 400.0;

#[derive(Clone, Copy)]
struct Load {
    transfers: u64,
    blocks: u64,
    added_us_max: f64,
    /// How often it is measured with and without history in turn: the least of each counts, because what else runs on the
    /// machine only adds.
    rounds: usize,
}

/// The cost of state history.
pub struct History {
    /// The budget's lines.
    pub lines: Vec<Line>,
    /// The transfers in a block, and the processor time that history adds to one, microseconds.
    pub added_us: Vec<(u64, f64)>,
}

/// The cost of state history: a transfer changes a lane and two balances. Processor time is that of all threads,
/// including sorting and compaction in the background.
pub(super) fn run() -> anyhow::Result<History> {
    let mut lines = vec![genesis()?];
    let mut added_us = Vec::new();
    let mut grown = None;
    for load in LOADS {
        let Load { transfers, added_us_max, .. } = load;
        let mut without_us = f64::INFINITY;
        let mut with = Grown::new(HEIGHTS, load)?;
        for _ in 0..load.rounds {
            without_us = without_us.min(Grown::new(0, load)?.transfer_us);
            let again = Grown::new(HEIGHTS, load)?;
            if again.transfer_us < with.transfer_us {
                with = again;
            }
        }
        let added = (with.transfer_us - without_us).max(0.0);
        added_us.push((transfers, added));
        lines.push(Line::at_most(
            format!("history: what it adds to a transfer, {transfers} a block"),
            "us",
            added_us_max,
            added,
        ));
        if load.blocks >= HEIGHTS {
            grown = Some(with);
        }
    }
    let grown = grown.context("no load fills the history")?;
    let share = grown.history_bytes as f64 / grown.state_bytes as f64;
    lines.push(Line::at_most(
        "history: bytes of 10,000 heights, 4 transfers a block, to those of the state",
        "",
        1.0,
        share,
    ));
    for (what, back, us_max) in
        [("at the head", 0, READ_US_MAX), ("9,000 heights back", BACK, FAR_READ_US_MAX)]
    {
        let [read, proof, both_us] = grown.reads(back)?;
        lines.push(Line::at_most(
            format!("read an entry {what}, 2,000/s beside blocks, p99"),
            "ms",
            READ_MS_MAX,
            read,
        ));
        lines.push(Line::at_most(
            format!("prove an entry {what}, 2,000/s beside blocks, p99"),
            "ms",
            READ_MS_MAX,
            proof,
        ));
        lines.push(Line::at_most(
            format!("read and prove an entry {what}, processor time"),
            "us",
            us_max,
            both_us,
        ));
    }
    Ok(History { lines, added_us })
}

/// Building block 0 with as many accounts, and writing it.
fn genesis() -> anyhow::Result<Line> {
    let keys: Vec<SecretKey> = (0..ACCOUNTS)
        .map(|account| {
            SecretKey::from_seed(&ehb_crypto::hash(Domain::ModuleData, &account.to_le_bytes()).0)
        })
        .collect();
    let genesis = genesis_without_calls(&keys)?;
    let engine = Engine::new()?;
    let before = processor_time_us()?;
    let first = GenesisState::build(&engine, &genesis, &BTreeMap::new())?;
    let dir = tempfile::tempdir()?;
    let options = Options { disk_reserve_bytes: 0, ..Options::default() };
    let Opened::Empty(empty) = Store::open(dir.path(), &options)? else {
        bail!("a new folder holds a chain");
    };
    let set = genesis.validator_set()?;
    let written = GenesisBlock {
        genesis: genesis.hash(),
        header: &first.header,
        receipts: &first.receipts,
        changes: &first.changes,
        validators: Some(&set),
        modules: &[],
    };
    let store = empty.initialise(&written, None)?;
    let seconds = (processor_time_us()? - before) / 1e6;
    let kept = store.receipts(0)?.context("block 0 has no receipts")?;
    let events: usize = kept.iter().map(|receipt| receipt.events.len()).sum();
    ensure!(events as u64 > ACCOUNTS, "block 0 emits {events} events for {ACCOUNTS} accounts");
    let what = "genesis: block 0 with 160,000 accounts, built and written";
    Ok(Line::at_most(what, "s", GENESIS_SECONDS_MAX, seconds))
}

/// A store after the blocks of a load.
struct Grown {
    store: Store,
    /// Processor time of tree and store for one transfer.
    transfer_us: f64,
    /// Keys and values of state and tree.
    state_bytes: u64,
    /// Keys and values that blocks replaced.
    history_bytes: u64,
    _dir: TempDir,
}

impl Grown {
    fn new(history_heights: u64, load: Load) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let options = Options { disk_reserve_bytes: 0, history_heights, ..Options::default() };
        let Opened::Empty(empty) = Store::open(dir.path(), &options)? else {
            bail!("a new folder holds a chain");
        };
        let mut tree = Tree::default();
        let entries = (0..ACCOUNTS).flat_map(|account| entries(account, 0)).collect();
        let nothing = ehb_state::MemoryStore::default();
        let changes = tree.update(&nothing, Hash::ZERO, sorted(entries))?;
        tree.accept(&changes);
        let (header, receipts) = (Header::blank(Hash::ZERO), Receipts::default());
        let genesis = GenesisBlock {
            genesis: Hash::ZERO,
            header: &header,
            receipts: &receipts,
            changes: &changes,
            validators: None,
            modules: &[],
        };
        let store = empty.initialise(&genesis, None)?;
        let before = processor_time_us()?;
        for _ in 0..load.blocks {
            commit(&store, &mut tree, load.transfers)?;
            if store.head().height().is_multiple_of(SYNCED_ONE_IN) {
                store.sync()?;
            }
        }
        store.sync()?;
        let after = processor_time_at_rest_us()?;
        let transfer_us = (after - before) / (load.blocks * load.transfers) as f64;
        drop(store);
        // Data that was only in memory and log is in tables now.
        let Opened::Chain(store) = Store::open(dir.path(), &options)? else {
            bail!("the chain is gone");
        };
        let families = store.family_bytes()?;
        let bytes = |names: [&str; 2]| {
            families.iter().filter(|(name, _)| names.contains(name)).map(|(_, bytes)| bytes).sum()
        };
        let state_bytes = bytes(["state", "tree"]);
        let history_bytes = bytes(["history", "history-runs"]);
        Ok(Self { store, transfer_us, state_bytes, history_bytes, _dir: dir })
    }

    /// The 99th percentile of reading and of proving an entry while blocks are committed, milliseconds; and the
    /// processor time of both, microseconds.
    fn reads(&self, back: u64) -> anyhow::Result<[f64; 3]> {
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let blocks = scope.spawn(|| {
                let mut tree = Tree::default();
                while !is_done.load(Ordering::Relaxed) {
                    commit(&self.store, &mut tree, LOADS[0].transfers)?;
                    self.store.sync()?;
                    std::thread::sleep(Duration::from_secs(1) / BLOCK_RATE as u32);
                }
                anyhow::Ok(())
            });
            let times = self.read(back);
            is_done.store(true, Ordering::Relaxed);
            blocks.join().map_err(|_| anyhow!("committing panicked"))??;
            times
        })
    }

    fn read(&self, back: u64) -> anyhow::Result<[f64; 3]> {
        let (mut reads, mut proofs) = (Vec::new(), Vec::new());
        let (begun, before_us) = (Instant::now(), thread_time_us()?);
        for index in 0..READS {
            let due = begun + Duration::from_micros(index * 1_000_000 / READ_RATE);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let (key, _) = entries(scattered(index, 3), 0).swap_remove(0);
            let start = Instant::now();
            let snapshot = self.store.snapshot();
            let past = snapshot.at(snapshot.head().height() - back)?;
            past.get(&key)?.context("the entry is missing")?;
            reads.push(start.elapsed());
            let start = Instant::now();
            prove(&past, past.state_root(), &key)?;
            proofs.push(start.elapsed());
        }
        let both_us = (thread_time_us()? - before_us) / READS as f64;
        let [read_ms, proof_ms] = [reads, proofs].map(|mut times| {
            times.sort();
            times.get(times.len() * 99 / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        });
        Ok([read_ms, proof_ms, both_us])
    }
}

/// The processor time so far, once no thread takes any.
fn processor_time_at_rest_us() -> anyhow::Result<f64> {
    let mut last = processor_time_us()?;
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let now = processor_time_us()?;
        if now - last < REST_US_MAX {
            return Ok(now);
        }
        last = now;
    }
}

/// Processor time within a fifth of a second below which nothing is being done any more.
const REST_US_MAX: f64 = 2_000.0;
/// One in this many blocks is made durable, as the blocks of a chain that writes fast.
const SYNCED_ONE_IN: u64 = 4;

fn commit(store: &Store, tree: &mut Tree, transfers: u64) -> anyhow::Result<()> {
    let head = store.head();
    let height = head.height() + 1;
    let changed = (0..transfers).flat_map(|index| {
        let [from, to] = [0, 1].map(|side| scattered(height * transfers + index, side));
        let mut changed = entries(from, height);
        changed.extend(entries(to, height).into_iter().take(1));
        changed
    });
    let (state, changed) = (store.state(), sorted(changed.collect()));
    // As executing the transfers does.
    for (key, _) in &changed {
        state.get(key)?;
    }
    let changes = tree.update(&*state, head.state_root, changed)?;
    let header = Header {
        height,
        timestamp_ms: head.header.timestamp_ms + 1,
        parent: head.hash,
        state_root: head.state_root,
        ..head.header
    };
    let certificate =
        CommitCertificate { height, round: 0, block: header.hash(), signatures: Vec::new() };
    let block = Block {
        header,
        transactions: Vec::new(),
        certificate: None,
        evidence: Vec::new(),
        signature: Signature([0; 64]),
    };
    let (block, receipts) = (block.into(), Receipts::default());
    let commit = NewBlock {
        block: &block,
        certificate: &certificate,
        receipts: &receipts,
        changes: &changes,
        validators: None,
        modules: &[],
        durable: false,
    };
    store.commit(&commit)?;
    tree.accept(&changes);
    Ok(())
}

type Changed = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// The balance and the lane of an account.
fn entries(account: u64, height: u64) -> Changed {
    let key = |prefix: &[u8]| {
        [prefix, &ehb_crypto::hash(Domain::ModuleData, &account.to_be_bytes()).0].concat()
    };
    let value = |bytes: usize| height.to_le_bytes().repeat(bytes / 8);
    vec![(key(b"m/wallet/b/EUR/"), Some(value(16))), (key(b"k/lane/"), Some(value(8)))]
}

/// Ascending and distinct.
fn sorted(mut entries: Changed) -> Changed {
    entries.sort();
    entries.dedup_by(|one, other| one.0 == other.0);
    entries
}

/// An account that depends on both numbers and follows no order.
fn scattered(index: u64, side: u64) -> u64 {
    let mixed = (index * 2 + side).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 20) % ACCOUNTS
}
