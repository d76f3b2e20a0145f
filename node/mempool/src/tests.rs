use std::collections::BTreeMap;

use ehb_types::{Address, Call, Code, Hash, Name, SecretKey, SharedTransaction, Transaction};
use proptest::prelude::*;

use crate::{BlockLimits, Limits, Mempool};

fn transaction(sender: u8, lane: u32, sequence: u64, until: u64) -> SharedTransaction {
    Transaction {
        version: Transaction::VERSION,
        chain: Hash::ZERO,
        sender: Address([sender; 32]),
        lane,
        sequence,
        valid_until_ms: until,
        gas_limit: 1_000,
        calls: vec![Call {
            module: Name::new("wallet").unwrap(),
            function: Name::new("transfer").unwrap(),
            arguments: vec![],
        }],
        memo: String::new(),
    }
    .sign(&[&SecretKey::from_seed(&[1; 32])])
    .into()
}

fn insert(pool: &mut Mempool, signed: &SharedTransaction, next: u64) -> Result<(), Code> {
    pool.insert(signed.clone(), next).map_err(|rejection| rejection.code)
}

fn sequences(selected: &[SharedTransaction]) -> Vec<(u8, u64)> {
    selected.iter().map(|s| (s.transaction.sender.0[0], s.transaction.sequence)).collect()
}

const ALL: BlockLimits = BlockLimits {
    bytes_max: usize::MAX / 2,
    gas_max: u64::MAX,
    timestamp_ms: 0,
    validity_ms_max: 10,
};

#[test]
fn a_lane_leaves_in_sequence_and_a_gap_waits() {
    let mut pool = Mempool::new(Limits::default());
    for (sender, sequence) in [(1, 2), (2, 0), (1, 0), (3, 1)] {
        insert(&mut pool, &transaction(sender, 0, sequence, 9), 0).unwrap();
    }
    assert_eq!(sequences(&pool.select(&ALL)), [(2, 0), (1, 0)]);
    insert(&mut pool, &transaction(1, 0, 1, 9), 0).unwrap();
    assert_eq!(sequences(&pool.select(&ALL)), [(2, 0), (1, 0), (1, 1), (1, 2)]);
}

#[test]
fn the_free_sequence_follows_what_is_pending() {
    let mut pool = Mempool::new(Limits::default());
    for sequence in [3, 4, 6] {
        insert(&mut pool, &transaction(1, 0, sequence, 9), 3).unwrap();
    }
    let sender = Address([1; 32]);
    assert_eq!(pool.free_sequence(&sender, 0, 3), 5);
    assert_eq!(pool.free_sequence(&sender, 0, 2), 2);
    assert_eq!(pool.free_sequence(&sender, 1, 9), 9);
}

#[test]
fn a_block_is_bounded_in_bytes_and_gas() {
    let mut pool = Mempool::new(Limits::default());
    for sequence in 0..10 {
        insert(&mut pool, &transaction(1, 0, sequence, 9), 0).unwrap();
    }
    let size = transaction(1, 0, 0, 9).encoded().len() + 8;
    assert_eq!(pool.select(&BlockLimits { bytes_max: size * 3 + size / 2, ..ALL }).len(), 3);
    assert_eq!(pool.select(&BlockLimits { gas_max: 4_999, ..ALL }).len(), 4);
}

#[test]
fn refusals_have_their_codes() {
    let limits = Limits { transactions_max: 3, sender_transactions_max: 2, bytes_max: 1 << 20 };
    let mut pool = Mempool::new(limits);
    let first = transaction(1, 0, 0, 9);
    assert_eq!(insert(&mut pool, &first, 0), Ok(()));
    assert_eq!(insert(&mut pool, &first, 0), Err(Code::AlreadyKnown));
    assert_eq!(insert(&mut pool, &transaction(1, 0, 0, 8), 0), Err(Code::SequencePending));
    assert_eq!(insert(&mut pool, &transaction(1, 1, 0, 9), 0), Ok(()));
    assert_eq!(insert(&mut pool, &transaction(1, 2, 0, 9), 0), Err(Code::SenderQuota));
    assert_eq!(insert(&mut pool, &transaction(2, 0, 0, 9), 0), Ok(()));
    assert_eq!(insert(&mut pool, &transaction(3, 0, 0, 9), 0), Err(Code::MempoolFull));
}

#[test]
fn commits_take_the_included_the_overtaken_and_the_expired() {
    let mut pool = Mempool::new(Limits::default());
    for signed in [
        transaction(1, 0, 0, 9),
        transaction(1, 0, 1, 9),
        transaction(1, 0, 2, 9),
        transaction(2, 0, 0, 4),
        transaction(3, 0, 0, 5),
    ] {
        insert(&mut pool, &signed, 0).unwrap();
    }
    // Another copy of sequence 1, which this pool never saw.
    pool.committed(4, &[transaction(1, 0, 0, 9), transaction(1, 0, 1, 8)]);
    assert_eq!(sequences(&pool.select(&ALL)), [(1, 2), (3, 0)]);
    assert_eq!(pool.len(), 2);
}

/// One row: a block's time, and which of the pending it can hold. The validities end at 4, 5, and 20.
#[test]
fn a_block_holds_nothing_that_its_time_does_not_allow() {
    let mut pool = Mempool::new(Limits::default());
    for (sender, sequence, until) in [(1, 0, 4), (1, 1, 9), (2, 0, 5), (3, 0, 20), (3, 1, 9)] {
        insert(&mut pool, &transaction(sender, 0, sequence, until), 0).unwrap();
    }
    for (timestamp_ms, expected) in [
        // What ends at 20 is too far ahead, and holds up its lane.
        (3, vec![(1, 0), (1, 1), (2, 0)]),
        (5, vec![(2, 0)]),
        (9, vec![]),
        (10, vec![(3, 0)]),
        (20, vec![(3, 0)]),
        (21, vec![]),
    ] {
        let limits = BlockLimits { timestamp_ms, ..ALL };
        assert_eq!(sequences(&pool.select(&limits)), expected, "at {timestamp_ms}");
    }
    assert_eq!(pool.len(), 5, "what waits stays until a block is committed");
    pool.committed(5, &[]);
    assert_eq!(pool.len(), 3);
}

proptest! {
    /// Whatever is inserted and committed: what is selected is executable in order, nothing is
    /// counted twice, and an emptied pool is empty.
    #[test]
    fn selections_are_executable(
        arrivals in prop::collection::vec((0u8..3, 0u32..2, 0u64..6), 1..60),
        cut in 0usize..60,
    ) {
        let mut pool = Mempool::new(Limits::default());
        let mut next: BTreeMap<(Address, u32), u64> = BTreeMap::new();
        for (index, (sender, lane, sequence)) in arrivals.iter().enumerate() {
            let id = (Address([*sender; 32]), *lane);
            let expected = next.get(&id).copied().unwrap_or(0);
            if *sequence >= expected {
                let _ = insert(&mut pool, &transaction(*sender, *lane, *sequence, 9), expected);
            }
            if index == cut {
                let block = pool.select(&BlockLimits { bytes_max: 1_000, ..ALL });
                for signed in &block {
                    let id = (signed.transaction.sender, signed.transaction.lane);
                    let expected = next.entry(id).or_default();
                    prop_assert_eq!(signed.transaction.sequence, *expected);
                    *expected += 1;
                }
                pool.committed(1, &block);
            }
        }
        let rest = pool.select(&ALL);
        for signed in &rest {
            let expected = next.entry((signed.transaction.sender, signed.transaction.lane)).or_default();
            prop_assert_eq!(signed.transaction.sequence, *expected);
            *expected += 1;
        }
        pool.committed(9, &[]);
        prop_assert_eq!((pool.len(), pool.bytes()), (0, 0));
        prop_assert!(pool.is_empty());
    }
}
