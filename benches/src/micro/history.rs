use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use ehb_crypto::{Domain, SecretKey};
use ehb_executor::{Engine, GenesisState};
use ehb_state::{StateStore, Tree, prove};
use ehb_store::{Commit, GenesisBlock, Opened, Options, Store};
use ehb_types::{Block, CommitCertificate, Hash, Header, PublicKey, Receipts, Signature};
use tempfile::TempDir;

use super::execution::genesis_without_calls;
use super::processor_time_us;
use crate::table::Line;

const ACCOUNTS: u64 = 160_000;
/// The budget of processor time for a node's first block.
const GENESIS_SECONDS_MAX: f64 = 10.0;
const HEIGHTS: u64 = 10_000;
const TRANSFERS: u64 = 4;
const READS: u64 = 5_000;
/// How far back the state is read.
const BACK: u64 = 9_000;
/// The budget that history can add to a transfer: 5 % of the 75 us of a transfer on a node.
const ADDED_US_MAX: f64 = 3.75;

/// The cost of state history: a transfer changes a lane and two balances.
pub(super) fn run() -> anyhow::Result<Vec<Line>> {
    let without = Grown::new(0)?;
    let with = Grown::new(HEIGHTS)?;
    let added_us = (with.transfer_us - without.transfer_us).max(0.0);
    let share = with.history_bytes as f64 / with.state_bytes as f64;
    let mut lines = vec![
        genesis()?,
        Line::at_most(
            "history: what it adds to a transfer, 4 a block",
            "us",
            ADDED_US_MAX,
            added_us,
        ),
        Line::at_most("history: tree and store of a transfer, with to without", "", 1.05, {
            with.transfer_us / without.transfer_us
        }),
        Line::at_most("history: bytes of 10,000 heights, to those of the state", "", 1.0, share),
    ];
    for (what, back) in [("at the head", 0), ("9,000 heights back", BACK)] {
        let [read, proof] = with.reads_ms(back)?;
        lines.push(Line::at_most(format!("read an entry {what}, p99"), "ms", 5.0, read));
        lines.push(Line::at_most(format!("prove an entry {what}, p99"), "ms", 5.0, proof));
    }
    Ok(lines)
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

/// A store after [`HEIGHTS`] blocks.
struct Grown {
    store: Store,
    transfer_us: f64,
    /// Keys and values of state and tree.
    state_bytes: u64,
    /// Keys and values that blocks replaced.
    history_bytes: u64,
    _dir: TempDir,
}

impl Grown {
    fn new(history_heights: u64) -> anyhow::Result<Self> {
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
        let (header, receipts) = (header(), Receipts::default());
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
        for _ in 0..HEIGHTS {
            commit(&store, &mut tree)?;
        }
        store.sync()?;
        let transfer_us = (processor_time_us()? - before) / (HEIGHTS * TRANSFERS) as f64;
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
        let history_bytes = bytes(["entry-history", "page-history"]);
        Ok(Self { store, transfer_us, state_bytes, history_bytes, _dir: dir })
    }

    /// The 99th percentile of reading and of proving an entry, milliseconds.
    fn reads_ms(&self, back: u64) -> anyhow::Result<[f64; 2]> {
        let (mut reads, mut proofs) = (Vec::new(), Vec::new());
        for index in 0..READS {
            let (key, _) = entries(scattered(index, 3), 0).swap_remove(0);
            let start = Instant::now();
            let height = self.store.head().height() - back;
            let past = self.store.snapshot().at(height)?;
            past.get(&key)?.context("the entry is missing")?;
            reads.push(start.elapsed());
            let start = Instant::now();
            prove(&past, past.state_root(), &key)?;
            proofs.push(start.elapsed());
        }
        Ok([reads, proofs].map(|mut times| {
            times.sort();
            times.get(times.len() * 99 / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        }))
    }
}

fn commit(store: &Store, tree: &mut Tree) -> anyhow::Result<()> {
    let head = store.head();
    let height = head.height() + 1;
    let changed = (0..TRANSFERS).flat_map(|index| {
        let [from, to] = [0, 1].map(|side| scattered(height * TRANSFERS + index, side));
        let mut changed = entries(from, height);
        changed.extend(entries(to, height).into_iter().take(1));
        changed
    });
    let changes = tree.update(&*store.state(), head.state_root, sorted(changed.collect()))?;
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
    let commit = Commit {
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

fn header() -> Header {
    Header {
        version: Header::VERSION,
        chain: Hash::ZERO,
        height: 0,
        timestamp_ms: 0,
        parent: Hash::ZERO,
        round: 0,
        proposer: PublicKey([0; 32]),
        transactions_count: 0,
        transactions_root: Hash::ZERO,
        state_root: Hash::ZERO,
        receipts_count: 0,
        receipts_root: Hash::ZERO,
        validators: Hash::ZERO,
        next_validators: Hash::ZERO,
        certificate: Hash::ZERO,
        evidence: Hash::ZERO,
    }
}
