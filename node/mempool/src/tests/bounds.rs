//! Admission to a full pool.

use std::collections::BTreeMap;

use ehb_types::{Address, Code};
use proptest::prelude::*;

use super::{ALL, commit, insert, pending, small, transaction, with_memo};
use crate::{BlockLimits, Limits, Loss, Mempool};

/// A row of a table: sender, lane and sequence to insert, with 0 next in the state, and the expected result.
type Row = (u8, u32, u64, Result<(), Code>);

fn fill(limits: Limits, rows: &[Row]) -> Mempool {
    let mut pool = Mempool::new(limits);
    for (sender, lane, sequence, expected) in rows {
        let inserted = insert(&mut pool, &transaction(*sender, *lane, *sequence, 9), 0);
        assert_eq!(inserted, *expected, "{sender}/{lane}/{sequence}");
    }
    pool
}

/// Any number of sequence gaps of one account, of any size, do not affect other accounts.
#[test]
fn gaps_of_one_account_do_not_block_others() {
    let limits = Limits::default();
    let mut pool = Mempool::new(limits);
    let memo = "m".repeat(200 << 10);
    let taken = (1..=100).filter(|n| {
        let signed = with_memo(1, *n as u32, *n, 9, &memo);
        insert(&mut pool, &signed, 0).is_ok()
    });
    assert!(taken.count() * memo.len() <= limits.sender_waiting_bytes_max);
    for sender in 2..=255 {
        assert_eq!(insert(&mut pool, &transaction(sender, 0, 0, 9), 0), Ok(()));
        assert_eq!(insert(&mut pool, &transaction(sender, 0, 2, 9), 0), Ok(()));
    }
}

#[test]
fn a_sender_has_a_lower_limit_for_waiting_transactions() {
    let ok = Ok(());
    let quota = Err(Code::SenderQuota);
    let pool = fill(
        small(),
        &[
            (1, 0, 3, ok),
            (1, 0, 4, ok),
            // Two wait, the maximum. A nearer sequence replaces a later one.
            (1, 0, 5, quota),
            (1, 1, 9, quota),
            (1, 0, 2, ok),
            (1, 0, 0, ok),
            // This one closes the gap: none waits now.
            (1, 0, 1, ok),
            (1, 1, 0, ok),
            (1, 2, 0, ok),
            (1, 3, 0, ok),
            (1, 4, 5, ok),
            // Eight are pending, the maximum. A transaction that can run replaces one that cannot.
            (1, 5, 5, quota),
            (1, 5, 0, ok),
            (1, 6, 0, quota),
            (2, 0, 0, ok),
        ],
    );
    let lanes = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0), (5, 0)];
    let expected = lanes.iter().map(|(lane, sequence)| (1, *lane, *sequence));
    let expected: Vec<_> = expected.chain([(2, 0, 0)]).collect();
    assert_eq!(pending(&pool), expected);
}

#[test]
fn waiting_transactions_are_evicted_and_a_part_is_reserved_for_new_senders() {
    let ok = Ok(());
    let full = Err(Code::MempoolFull);
    let mut rows: Vec<Row> = vec![
        (1, 0, 5, ok),
        (1, 0, 6, ok),
        (2, 0, 8, ok),
        (2, 0, 9, ok),
        // A quarter of the pool waits, the maximum; only a nearer sequence of a lane is accepted.
        (3, 0, 9, full),
        (2, 0, 7, ok),
    ];
    // Ten more make fourteen: the whole pool except the reserved part.
    rows.extend((0..5).map(|sequence| (4, 0, sequence, ok)));
    rows.extend((0..5).map(|sequence| (5, 0, sequence, ok)));
    // The longest waiting are evicted, each lane from its end.
    rows.extend([(4, 0, 5, ok), (5, 0, 5, ok), (4, 0, 6, ok)]);
    let mut pool = fill(small(), &rows);
    let waiting: Vec<_> = pending(&pool).into_iter().filter(|(sender, ..)| *sender < 4).collect();
    assert_eq!(waiting, [(2, 0, 7)]);
    assert_eq!(insert(&mut pool, &transaction(5, 0, 6, 9), 0), Ok(()));
    assert_eq!(insert(&mut pool, &transaction(5, 0, 7, 9), 0), Err(Code::MempoolFull));
    assert_eq!(insert(&mut pool, &transaction(7, 0, 1, 9), 0), Err(Code::MempoolFull));
    // The reserved part accepts transactions that can run, one for each sender.
    assert_eq!(insert(&mut pool, &transaction(7, 0, 0, 9), 0), Ok(()));
    assert_eq!(insert(&mut pool, &transaction(7, 0, 1, 9), 0), Err(Code::MempoolFull));
    assert_eq!(insert(&mut pool, &transaction(8, 0, 0, 9), 0), Ok(()));
    assert_eq!(insert(&mut pool, &transaction(9, 0, 0, 9), 0), Err(Code::MempoolFull));
    assert_eq!(pool.len(), 16);
}

#[test]
fn bytes_are_limited_like_numbers() {
    let size = transaction(1, 0, 0, 9).encoded().len();
    let limits = Limits {
        bytes_max: 16 * size,
        sender_bytes_max: 8 * size,
        sender_waiting_bytes_max: 2 * size,
        transactions_max: usize::MAX,
        sender_transactions_max: usize::MAX,
        sender_waiting_transactions_max: usize::MAX,
    };
    let quota = Err(Code::SenderQuota);
    let mut rows: Vec<Row> = vec![(1, 0, 10, Ok(())), (1, 0, 11, Ok(())), (1, 0, 12, quota)];
    rows.extend((0..8).map(|sequence| (1, 0, sequence, Ok(()))));
    rows.extend([(1, 0, 8, quota), (2, 0, 0, Ok(()))]);
    let pool = fill(limits, &rows);
    assert_eq!(pool.bytes(), 9 * size);
}

#[test]
#[expect(clippy::panic, reason = "fails the test")]
fn evictions_are_remembered_with_their_reason() {
    let mut pool = fill(small(), &[(1, 0, 5, Ok(())), (1, 0, 6, Ok(())), (1, 0, 4, Ok(()))]);
    let dropped = transaction(1, 0, 6, 9);
    let lost = pool.lost(&dropped.id()).unwrap();
    let Loss::Dropped(rejection) = &lost.loss else { panic!("{lost:?}") };
    assert_eq!(rejection.code, Code::MempoolFull);
    assert_eq!((lost.slot.sequence, lost.slot.valid_until_ms), (6, 9));
    assert_eq!(pool.lost_since(0), (1, vec![dropped.id()]));
    // It can be inserted again when there is room.
    commit(&mut pool, 1, &[transaction(1, 0, 4, 9)]);
    assert_eq!(insert(&mut pool, &dropped, 5), Ok(()));
    assert_eq!(pool.lost(&dropped.id()), None);
}

/// A block that can contain all transactions that can run.
const BLOCK: BlockLimits = BlockLimits { validity_ms_max: u64::MAX, ..ALL };

/// An arrival: sender, lane, sequence, length of the memo; at times a block is committed.
type Arrival = (u8, u32, u64, usize, bool);

/// Checks the pool's limits by counting its contents, without its own counters.
fn check_bounds(pool: &Mempool, limits: &Limits, next: &BTreeMap<(u8, u32), u64>) {
    let mut of_sender: BTreeMap<u8, [usize; 4]> = BTreeMap::new();
    let mut expected = next.clone();
    let mut runs = 0;
    for (sender, lane, sequence) in pending(pool) {
        let ids = pool.arrived(None, u64::MAX, usize::MAX).map(|(_, id)| pool.get(&id).unwrap());
        let found = ids.into_iter().find(|it| {
            let it = &it.transaction;
            (it.sender, it.lane, it.sequence) == (Address([sender; 32]), lane, sequence)
        });
        let bytes = found.unwrap().encoded().len();
        let expected = expected.entry((sender, lane)).or_default();
        let waits = sequence != *expected;
        if !waits {
            *expected += 1;
            runs += 1;
        }
        let used = of_sender.entry(sender).or_default();
        used[0] += 1;
        used[1] += bytes;
        if waits {
            used[2] += 1;
            used[3] += bytes;
        }
    }
    let sum = |index: usize| of_sender.values().map(|used| used[index]).sum::<usize>();
    assert_eq!((pool.len(), pool.bytes()), (sum(0), sum(1)));
    assert_eq!(pool.executable(), runs);
    assert!(sum(0) <= limits.transactions_max && sum(1) <= limits.bytes_max);
    assert!(sum(2) <= limits.transactions_max / 4 && sum(3) <= limits.bytes_max / 4);
    for [all, bytes, waiting, waiting_bytes] in of_sender.into_values() {
        assert!(all <= limits.sender_transactions_max && bytes <= limits.sender_bytes_max);
        assert!(waiting <= limits.sender_waiting_transactions_max);
        assert!(waiting_bytes <= limits.sender_waiting_bytes_max);
    }
}

proptest! {
    /// Whatever arrives, no limit is exceeded, and a transaction that can run is never dropped: it leaves
    /// only when it is final, superseded or expired.
    #[test]
    fn bounds_hold_and_what_can_run_stays(
        arrivals in prop::collection::vec(
            (0u8..5, 0u32..3, 0u64..8, 0usize..4, prop::bool::weighted(0.05)), 1..120),
    ) {
        let limits = Limits {
            bytes_max: 6_000,
            sender_bytes_max: 3_000,
            sender_waiting_bytes_max: 1_000,
            ..small()
        };
        let mut pool = Mempool::new(limits);
        let mut next: BTreeMap<(u8, u32), u64> = BTreeMap::new();
        let arrivals: Vec<Arrival> = arrivals;
        for (now, (sender, lane, sequence, memo, commits)) in (1u64..).zip(arrivals) {
            let expected = next.get(&(sender, lane)).copied().unwrap_or(0);
            let signed = with_memo(sender, lane, sequence, 1_000, &"m".repeat(memo * 100));
            let runs = pool.select(&BLOCK);
            if sequence >= expected {
                let _ = insert(&mut pool, &signed, expected);
            }
            for it in &runs {
                prop_assert!(pool.get(&it.id()).is_some(), "a transaction that could run was dropped");
            }
            if commits {
                let block = pool.select(&BlockLimits { bytes_max: 1_000, ..BLOCK });
                for it in &block {
                    let lane = (it.transaction.sender.0[0], it.transaction.lane);
                    *next.entry(lane).or_default() += 1;
                }
                commit(&mut pool, now, &block);
            }
            check_bounds(&pool, &limits, &next);
        }
    }
}
