//! The selection of transactions for a block, and their order.

use std::collections::BTreeMap;

use ehb_types::{Address, Code, Hash};
use proptest::prelude::*;

use super::{ALL, changed, commit, insert, sequences, transaction, with_gas, with_memo};
use crate::{BlockLimits, Limits, Mempool};

#[test]
fn a_lane_is_selected_in_sequence_up_to_a_gap() {
    let mut pool = Mempool::new(Limits::default());
    for (sender, sequence) in [(1, 2), (2, 0), (1, 0), (3, 1)] {
        insert(&mut pool, &transaction(sender, 0, sequence, 9), 0).unwrap();
    }
    assert_eq!(sequences(&pool.select(&ALL)), [(2, 0), (1, 0)]);
    assert_eq!(pool.executable(), 2);
    insert(&mut pool, &transaction(1, 0, 1, 9), 0).unwrap();
    assert_eq!(sequences(&pool.select(&ALL)), [(2, 0), (1, 0), (1, 1), (1, 2)]);
    assert_eq!(pool.executable(), 4);
}

#[test]
fn a_pool_of_gaps_has_nothing_for_a_block() {
    let mut pool = Mempool::new(Limits::default());
    assert!(!pool.has_executable());
    insert(&mut pool, &transaction(1, 0, 7, 9), 5).unwrap();
    assert!(!pool.has_executable());
    insert(&mut pool, &transaction(1, 0, 6, 9), 5).unwrap();
    assert!(!pool.has_executable());
    // The missing one becomes final without having been in this pool.
    commit(&mut pool, 1, &[transaction(1, 0, 5, 9)]);
    assert!(pool.has_executable());
    assert_eq!(sequences(&pool.select(&ALL)), [(1, 6), (1, 7)]);
}

#[test]
fn the_free_sequence_follows_what_is_pending() {
    let mut pool = Mempool::new(Limits::default());
    for sequence in [3, 4, 6] {
        insert(&mut pool, &transaction(1, 0, sequence, 9), 3).unwrap();
    }
    let sender = Address([1; 32]);
    assert_eq!(pool.free_sequence(&sender, 0, 3), 5);
    assert_eq!(pool.free_sequence(&sender, 0, 5), 5);
    assert_eq!(pool.free_sequence(&sender, 0, 6), 7);
    assert_eq!(pool.free_sequence(&sender, 1, 9), 9);
    // With a state older than the pool, the sequences that the pool knows as used count.
    assert_eq!(pool.free_sequence(&sender, 0, 2), 5);
}

/// A transaction after one that expired waits for its sequence until another one uses it.
#[test]
fn a_transaction_after_a_gap_names_the_missing_sequence() {
    let mut pool = Mempool::new(Limits::default());
    let [first, second, fourth] =
        [(3, 5), (4, 9), (6, 9)].map(|(at, it)| transaction(1, 0, at, it));
    for signed in [&first, &second, &fourth] {
        insert(&mut pool, signed, 3).unwrap();
    }
    let missing = |pool: &Mempool| {
        [&first, &second, &fourth].map(|signed| pool.missing_sequence(&signed.id()))
    };
    assert_eq!(missing(&pool), [None, None, Some(5)]);
    commit(&mut pool, 5, &[]);
    assert_eq!(missing(&pool), [None, Some(3), Some(3)]);
    insert(&mut pool, &with_memo(1, 0, 3, 9, "instead"), 3).unwrap();
    assert_eq!(missing(&pool), [None, None, Some(5)]);
    // The missing one becomes final without having been in this pool.
    commit(
        &mut pool,
        6,
        &[with_memo(1, 0, 3, 9, "instead"), second.clone(), transaction(1, 0, 5, 9)],
    );
    assert_eq!(missing(&pool), [None; 3]);
    assert_eq!(pool.missing_sequence(&Hash::ZERO), None);
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

/// A sender's 4,000 transactions, each of which reserves half of a block, do not keep a payment of another one waiting: it
/// is in the next block, and so is each later one, while a large transaction of a third has its turn as well.
#[test]
fn a_sender_with_few_transactions_does_not_wait_behind_one_with_many() {
    let mut pool = Mempool::new(Limits::default());
    let block = BlockLimits { gas_max: 100_000_000, ..ALL };
    for sequence in 0..4_000 {
        insert(&mut pool, &with_gas(1, sequence, 50_000_000), 0).unwrap();
    }
    insert(&mut pool, &with_gas(3, 0, 40_000_000), 0).unwrap();
    for sequence in 0..100 {
        insert(&mut pool, &with_gas(2, sequence, 30_000), sequence).unwrap();
        let selected = pool.select(&block);
        let payment = (2, sequence);
        assert!(sequences(&selected).contains(&payment), "{sequence}: {:?}", sequences(&selected));
        pool.committed(sequence, 0, &selected);
    }
    assert!(!pool.has_sender(&Address([3; 32])), "the large one had its turn");
}

/// In how many blocks a payment is that arrives now.
fn blocks_until_paid(pool: &mut Mempool) -> usize {
    let block = BlockLimits { gas_max: 100_000_000, ..ALL };
    insert(pool, &with_gas(200, 0, 200_000), 0).unwrap();
    for blocks in 1.. {
        let selected = pool.select(&block);
        assert!(!selected.is_empty());
        pool.committed(0, 0, &selected);
        if sequences(&selected).contains(&(200, 0)) {
            return blocks;
        }
    }
    unreachable!("an endless loop")
}

/// Lanes that waited for their first sequence run all at once when it comes. What newcomers begin with is not moved by it.
#[test]
fn lanes_that_waited_keep_no_newcomer_behind_them() {
    let mut pool = Mempool::new(Limits::default());
    let block = BlockLimits { gas_max: 100_000_000, ..ALL };
    let senders = [1, 2, 3];
    for sequence in (1..4_000).chain([0]) {
        for sender in senders {
            insert(&mut pool, &with_gas(sender, sequence, 50_000_000), 0).unwrap();
        }
    }
    for _ in 0..10 {
        let selected = pool.select(&block);
        assert_eq!(selected.len(), 2);
        pool.committed(0, 0, &selected);
    }
    let blocks = blocks_until_paid(&mut pool);
    assert!(blocks <= 3, "{blocks} blocks");
}

/// Other proposers take transactions in their own order: one that takes the end of a queue first delays no other.
#[test]
fn a_block_of_another_order_keeps_no_newcomer_behind_a_queue() {
    let mut pool = Mempool::new(Limits::default());
    for sequence in 0..4_000 {
        insert(&mut pool, &with_gas(1, sequence, 50_000_000), 0).unwrap();
    }
    let last = changed(1, 0, |it| {
        it.lane = 6;
        it.gas_limit = 50_000_000;
    });
    insert(&mut pool, &last, 0).unwrap();
    pool.committed(0, 0, &[last]);
    let blocks = blocks_until_paid(&mut pool);
    assert!(blocks <= 2, "{blocks} blocks");
}

/// Senders that always have something pending get equal shares of the blocks' gas, whatever the sizes and numbers of their
/// transactions.
#[test]
fn busy_senders_share_blocks_equally() {
    let mut pool = Mempool::new(Limits::default());
    let block = BlockLimits { gas_max: 1_000_000, ..ALL };
    let gas = [10_000, 30_000, 200_000];
    for (sender, gas) in (1..).zip(gas) {
        for sequence in 0..6_000_000 / gas {
            insert(&mut pool, &with_gas(sender, sequence, gas), 0).unwrap();
        }
    }
    let mut used = [0; 3];
    for height in 0..12 {
        let selected = pool.select(&block);
        for it in &selected {
            used[usize::from(it.transaction.sender.0[0]) - 1] += it.transaction.gas_limit;
        }
        pool.committed(height, 0, &selected);
    }
    for share in used {
        assert!((3_500_000..=4_500_000).contains(&share), "{used:?}");
    }
}

/// A row: the time of a block, and the pending transactions that it can contain. The validities end at 4, 5,
/// and 20.
#[test]
fn a_block_contains_only_transactions_valid_at_its_time() {
    let mut pool = Mempool::new(Limits::default());
    for (sender, sequence, until) in [(1, 0, 4), (1, 1, 9), (2, 0, 5), (3, 0, 20), (3, 1, 9)] {
        insert(&mut pool, &transaction(sender, 0, sequence, until), 0).unwrap();
    }
    for (timestamp_ms, expected) in [
        // The validity until 20 is too far ahead, and blocks its lane.
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
    assert_eq!(pool.len(), 5, "waiting transactions stay until a block is committed");
    commit(&mut pool, 5, &[]);
    assert_eq!(pool.len(), 3);
}

/// The same transaction inserted a thousand times is pooled once, and of two with one sequence the first
/// stays.
#[test]
fn a_transaction_is_pooled_once_and_a_sequence_is_not_replaced() {
    let mut pool = Mempool::new(Limits::default());
    let first = transaction(1, 0, 0, 9);
    assert_eq!(insert(&mut pool, &first, 0), Ok(()));
    for _ in 0..1_000 {
        assert_eq!(insert(&mut pool, &first, 0), Err(Code::AlreadyKnown));
    }
    for memo in ["another", "and another"] {
        let other = with_memo(1, 0, 0, 9, memo);
        assert_eq!(insert(&mut pool, &other, 0), Err(Code::SequencePending));
    }
    assert_eq!((pool.len(), pool.bytes()), (1, first.encoded().len()));
    assert_eq!(pool.select(&ALL), [first]);
}

#[test]
fn arrivals_are_listed_in_order_and_by_age() {
    let mut pool = Mempool::new(Limits::default());
    let ids: Vec<_> = (0..6).map(|sequence| transaction(1, 0, sequence, 9).id()).collect();
    for sequence in 0..6 {
        pool.insert(transaction(1, 0, sequence, 9), 0, sequence * 10).unwrap();
    }
    let listed = |after, before_ms, count| -> Vec<_> {
        pool.arrived(after, before_ms, count).map(|(_, id)| id).collect()
    };
    assert_eq!(listed(None, 30, 100), ids[..4]);
    assert_eq!(listed(Some(1), 30, 100), ids[2..4]);
    assert_eq!(listed(Some(1), 100, 3), ids[2..5]);
    assert_eq!(listed(Some(5), 100, 3), []);
    assert_eq!(listed(Some(u64::MAX), 100, 3), []);
}

proptest! {
    /// Whatever is inserted and committed, the selection can be executed in order, nothing is counted twice,
    /// and an emptied pool is empty.
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
                commit(&mut pool, 1, &block);
            }
        }
        let rest = pool.select(&ALL);
        prop_assert_eq!(rest.len(), pool.executable());
        for signed in &rest {
            let expected = next.entry((signed.transaction.sender, signed.transaction.lane)).or_default();
            prop_assert_eq!(signed.transaction.sequence, *expected);
            *expected += 1;
        }
        commit(&mut pool, 9, &[]);
        prop_assert_eq!((pool.len(), pool.bytes(), pool.executable()), (0, 0, 0));
        prop_assert!(pool.is_empty());
    }
}
