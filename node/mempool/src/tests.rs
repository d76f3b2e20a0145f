//! Tests of the pool with tables, and of its limits with random arrivals.

mod bounds;
mod lost;
mod order;

use ehb_types::{Address, Call, Code, Hash, Name, SecretKey, SharedTransaction, Transaction};

use crate::{BlockLimits, Limits, Mempool};

/// A transaction that is valid until a time of the chain.
fn transaction(sender: u8, lane: u32, sequence: u64, until: u64) -> SharedTransaction {
    with_memo(sender, lane, sequence, until, "")
}

fn with_memo(sender: u8, lane: u32, sequence: u64, until: u64, memo: &str) -> SharedTransaction {
    changed(sender, sequence, |it| {
        it.lane = lane;
        it.valid_until_ms = until;
        it.memo = memo.to_owned();
    })
}

/// A transaction with a gas limit.
fn with_gas(sender: u8, sequence: u64, gas_limit: u64) -> SharedTransaction {
    changed(sender, sequence, |it| it.gas_limit = gas_limit)
}

fn changed(sender: u8, sequence: u64, change: impl FnOnce(&mut Transaction)) -> SharedTransaction {
    let mut transaction = Transaction {
        version: Transaction::VERSION,
        chain: Hash::ZERO,
        sender: Address([sender; 32]),
        lane: 0,
        sequence,
        valid_until_ms: 9,
        gas_limit: 1_000,
        calls: vec![Call {
            module: Name::new("wallet").unwrap(),
            function: Name::new("transfer").unwrap(),
            arguments: vec![],
        }],
        memo: String::new(),
    };
    change(&mut transaction);
    transaction.sign(&[&SecretKey::from_seed(&[1; 32])]).into()
}

/// Commits a block at a time, which is also its height.
fn commit(pool: &mut Mempool, now: u64, transactions: &[SharedTransaction]) {
    pool.committed(now, now, transactions);
}

fn insert(pool: &mut Mempool, signed: &SharedTransaction, next: u64) -> Result<(), Code> {
    let checked = pool.check(signed, next).map_err(|rejection| rejection.code);
    let inserted = pool.insert(signed.clone(), next, 0).map_err(|rejection| rejection.code);
    assert_eq!(checked, inserted, "the check predicts the insertion");
    inserted
}

fn sequences(selected: &[SharedTransaction]) -> Vec<(u8, u64)> {
    selected.iter().map(|s| (s.transaction.sender.0[0], s.transaction.sequence)).collect()
}

/// All pending transactions, by sender, lane and sequence.
fn pending(pool: &Mempool) -> Vec<(u8, u32, u64)> {
    let ids = pool.arrived(None, u64::MAX, usize::MAX).map(|(_, id)| id);
    let mut pending: Vec<(u8, u32, u64)> = ids
        .map(|id| {
            let it = &pool.get(&id).unwrap().transaction;
            (it.sender.0[0], it.lane, it.sequence)
        })
        .collect();
    pending.sort_unstable();
    pending
}

/// Limits: sixteen transactions, of which two are reserved for new senders and four can wait; eight for each
/// sender, of which two can wait.
fn small() -> Limits {
    Limits {
        transactions_max: 16,
        bytes_max: 1 << 20,
        sender_transactions_max: 8,
        sender_bytes_max: 1 << 20,
        sender_waiting_transactions_max: 2,
        sender_waiting_bytes_max: 1 << 20,
    }
}

const ALL: BlockLimits = BlockLimits {
    bytes_max: usize::MAX / 2,
    gas_max: u64::MAX,
    timestamp_ms: 0,
    validity_ms_max: 10,
};
