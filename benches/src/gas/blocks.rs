//! Gas measurements of whole blocks: expensive transactions, signatures, new keys and large events.

use anyhow::{Context, ensure};
use ehb_crypto::{Batch, Domain, SecretKey};
use ehb_executor::{Executor, Library, Parent};
use ehb_state::{Changes, Tree};
use ehb_types::{
    Block, Call, Event, GasSchedule, Hash, Header, Name, Outcome, Receipt, Receipts,
    SharedTransaction, Signature, Transaction,
};

use super::disk::Disk;
use super::{GasLine, measure, thread_time_ns};
use crate::micro::execution::{Ledger, transfer};

/// Transactions of a block.
const TRANSACTIONS: usize = 500;
pub(super) const ACCOUNTS: usize = 256;
/// The number of keys in the tree, and of those that are written.
const KEYS: u64 = 200_000;
const NEW_KEYS: u64 = 2_000;

/// Blocks of transactions of one kind: executed and committed, signatures not counted.
pub(super) fn lines(ledger: &Ledger) -> anyhow::Result<Vec<GasLine>> {
    let mut lines = vec![
        block(ledger, "a block of transfers", |_, _| {})?,
        block(ledger, "a block of transfers, each on a new lane", |index, it| {
            it.lane = 1 + u32::try_from(index).unwrap_or_default();
            it.sequence = 0;
        })?,
        block(ledger, "a block of calls of no function", |_, it| {
            it.calls.iter_mut().for_each(|call| call.function = none());
        })?,
        block(ledger, "a block of calls whose gas runs out", |_, it| it.gas_limit = 27_000)?,
        block(ledger, "a block of 60 KiB of malformed arguments each", |_, it| {
            let junk = vec![0xff; 60 << 10];
            it.calls.iter_mut().for_each(|call| call.arguments = junk.clone());
        })?,
        block(ledger, "a block of long memos", |_, it| it.memo = "x".repeat(256))?,
        block(ledger, "a block of 16 transfers each", |_, it| {
            it.gas_limit = 5_000_000;
            it.calls = vec![it.calls[0].clone(); 16];
        })?,
        block(ledger, "a block of batches of 60 KiB that are decoded and refused", |_, it| {
            it.gas_limit = 50_000_000;
            it.calls.iter_mut().for_each(batch);
        })?,
    ];
    lines.push(signatures()?);
    lines.push(new_keys(ledger)?);
    lines.push(events(ledger)?);
    Ok(lines)
}

fn none() -> Name {
    Name::new("none").unwrap_or_else(|_| unreachable!())
}

/// The call of a batch whose empty lines fill 60 KiB.
fn batch(call: &mut Call) {
    // Each line: an address, an empty asset, an amount, an empty reference.
    const LINE_BYTES: usize = 32 + 4 + 8 + 4;
    let lines = (60 << 10) / LINE_BYTES;
    let count = u32::try_from(lines).unwrap_or_default();
    if let Ok(function) = Name::new("batch-transfer") {
        call.function = function;
    }
    call.arguments = count.to_le_bytes().to_vec();
    call.arguments.resize(4 + lines * LINE_BYTES + 4, 0);
}

fn block(
    ledger: &Ledger,
    what: &str,
    change: impl Fn(usize, &mut Transaction),
) -> anyhow::Result<GasLine> {
    let transactions = (0..TRANSACTIONS).map(|index| {
        let from = index % ACCOUNTS;
        let to = (from + 1) % ACCOUNTS;
        let signed = transfer(ledger, from, to, (index / ACCOUNTS) as u64)?;
        let mut transaction = signed.transaction.clone();
        change(index, &mut transaction);
        Ok(SharedTransaction::from(transaction.sign(&[ledger.key(from)])))
    });
    let transactions = transactions.collect::<anyhow::Result<Vec<_>>>()?;
    let header = next(ledger, &transactions);
    let block = Block {
        header,
        transactions,
        certificate: None,
        evidence: Vec::new(),
        signature: Signature([0; 64]),
    };
    let prepare = || {
        let disk = Disk::new(&ledger.header, &ledger.first)?;
        let executor = Executor::new(Library::new(ledger.modules.clone())?);
        Ok((disk, executor))
    };
    measure(what, prepare, |(disk, executor)| {
        let parent = Parent { state: disk.state(), root: ledger.parent.root };
        let execution = executor.execute(&parent, &block)?;
        disk.commit_block(&block, &execution.receipts, &execution.changes)?;
        Ok(execution.receipts.iter().map(|receipt| receipt.gas_used).sum())
    })
}

/// Signatures that are verified one by one: the worst case for a block of another validator.
fn signatures() -> anyhow::Result<GasLine> {
    const COUNT: u64 = 256;
    let key = SecretKey::from_seed(&[1; 32]);
    let payloads: Vec<_> = (0..COUNT).map(u64::to_le_bytes).collect();
    let signed: Vec<_> =
        payloads.iter().map(|it| key.sign(Domain::Transaction, &Hash::ZERO, it)).collect();
    let public = key.public_key();
    let line = measure(
        "signatures, one by one",
        || Ok(()),
        |()| {
            for (payload, signature) in payloads.iter().zip(&signed) {
                let mut batch = Batch::new();
                batch.push(Domain::Transaction, &Hash::ZERO, payload, &public, signature);
                ensure!(batch.verify() == [true], "a signature does not verify");
            }
            Ok(COUNT * GasSchedule::default().signature)
        },
    )?;
    Ok(line)
}

/// The cost of new entries beyond the call that writes them: pages of the tree, and the store.
fn new_keys(ledger: &Ledger) -> anyhow::Result<GasLine> {
    let entry = |index: u64| {
        let key = [b"m/probe/".as_slice(), &index.to_be_bytes()].concat();
        (key, Some(vec![7; 32]))
    };
    let mut tree = Tree::default();
    let disk = Disk::new(&ledger.header, &Changes::default())?;
    let mut root = Hash::ZERO;
    for first in (0..KEYS).step_by(20_000) {
        let entries = (first..first + 20_000).map(entry).collect();
        let changes = tree.update(&*disk.state(), root, entries)?;
        disk.commit_changes(&changes)?;
        tree.accept(&changes);
        root = changes.root;
    }
    let gas = GasSchedule::default();
    let each = gas.storage_write + gas.storage_write_byte * (8 + 32);
    let mut best = f64::INFINITY;
    for round in 0..super::ROUNDS as u64 {
        let first = KEYS + round * NEW_KEYS;
        let before = thread_time_ns()?;
        let entries = (first..first + NEW_KEYS).map(entry).collect();
        let changes = tree.update(&*disk.state(), root, entries)?;
        disk.commit_changes(&changes)?;
        best = best.min(thread_time_ns()? - before);
        tree.accept(&changes);
        root = changes.root;
    }
    let what = "new entries: state tree and store".to_owned();
    Ok(GasLine { what, gas: (NEW_KEYS * each) as f64, ns: best })
}

/// The cost of large events beyond the call that emits them: root, encoding and store.
fn events(ledger: &Ledger) -> anyhow::Result<GasLine> {
    const EVENTS: u64 = 200;
    const BYTES: u64 = 60 << 10;
    let module = Name::new("probe").context("a name")?;
    let event = Event { call: 0, module, data: vec![7; BYTES as usize] };
    const COUNT: usize = 20;
    let receipts = || {
        let receipt = |index: usize| Receipt {
            transaction: Hash([u8::try_from(index).unwrap_or_default(); 32]),
            outcome: Outcome::Success(Vec::new()),
            gas_used: 0,
            events: vec![event.clone(); EVENTS as usize / COUNT],
        };
        let receipts: Vec<_> = (0..COUNT).map(receipt).collect();
        Ok((Disk::new(&ledger.header, &Changes::default())?, receipts))
    };
    let transactions = (0..COUNT).map(|index| transfer(ledger, index, index + 1, 0));
    let transactions = transactions.collect::<anyhow::Result<Vec<_>>>()?;
    let header = next(ledger, &transactions);
    let block = Block {
        header,
        transactions,
        certificate: None,
        evidence: Vec::new(),
        signature: Signature([0; 64]),
    };
    measure("events of 60 KiB: receipts and store", receipts, |(disk, receipts)| {
        let receipts = Receipts::from(std::mem::take(receipts));
        ensure!(receipts.root() != Hash::ZERO, "no receipts");
        disk.commit_block(&block, &receipts, &Changes::default())?;
        let gas = GasSchedule::default();
        Ok(EVENTS * (gas.host_call + gas.storage_write_byte * BYTES))
    })
}

/// The header of the first block, with these transactions.
fn next(ledger: &Ledger, transactions: &[SharedTransaction]) -> Header {
    Header {
        height: 1,
        timestamp_ms: ledger.header.timestamp_ms + 1,
        parent: ledger.header.hash(),
        transactions_root: Block::transactions_root(transactions),
        state_root: ledger.parent.root,
        ..ledger.header.clone()
    }
}
