//! The record of transactions that left without being in a block.

use ehb_types::Hash;

use super::{ALL, commit, insert, sequences, small, transaction, with_memo};
use crate::lost::LostLog;
use crate::{LOST_KEPT_MS, LOST_TRANSACTIONS_MAX, Limits, Loss, Lost, Mempool, Slot};

fn loss(pool: &Mempool, id: &Hash) -> Option<Loss> {
    pool.lost(id).map(|lost| lost.loss.clone())
}

#[test]
fn commits_take_the_included_the_superseded_and_the_expired() {
    let mut pool = Mempool::new(Limits::default());
    let all = [
        transaction(1, 0, 0, 9),
        transaction(1, 0, 1, 9),
        transaction(1, 0, 2, 9),
        transaction(2, 0, 0, 4),
        transaction(3, 0, 0, 5),
    ];
    for signed in &all {
        insert(&mut pool, signed, 0).unwrap();
    }
    // Another transaction with sequence 1, which this pool never saw.
    let other = with_memo(1, 0, 1, 9, "other");
    commit(&mut pool, 4, &[all[0].clone(), other.clone()]);
    assert_eq!(sequences(&pool.select(&ALL)), [(3, 0), (1, 2)]);
    let expected = [
        None,
        Some(Loss::Superseded { by: other.id(), height: 4 }),
        None,
        Some(Loss::Expired { height: 4, timestamp_ms: 4 }),
        None,
    ];
    assert_eq!(all.each_ref().map(|it| loss(&pool, &it.id())), expected);
    assert_eq!(pool.lost_since(0), (2, vec![all[3].id(), all[1].id()]));
    assert_eq!(pool.lost_since(1), (2, vec![all[3].id()]));
    assert_eq!(pool.lost_since(u64::MAX), (2, vec![]));
}

/// A later transaction of the lane waits when the one before it expires.
#[test]
fn successors_of_an_expired_transaction_wait() {
    let mut pool = Mempool::new(Limits::default());
    for (sequence, until) in [(0, 9), (1, 4), (2, 9)] {
        insert(&mut pool, &transaction(1, 0, sequence, until), 0).unwrap();
    }
    assert_eq!(pool.executable(), 3);
    commit(&mut pool, 4, &[]);
    assert_eq!((pool.len(), pool.executable()), (2, 1));
    insert(&mut pool, &with_memo(1, 0, 1, 9, "again"), 0).unwrap();
    assert_eq!(pool.executable(), 3);
}

#[test]
fn the_memory_of_the_lost_is_bounded_in_number_and_time() {
    let mut log = LostLog::default();
    let more = LOST_TRANSACTIONS_MAX as u64 + 10;
    let id = |number: u64| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Hash(bytes)
    };
    let slot = Slot::from(&transaction(1, 0, 0, 9).transaction);
    let lost = Lost { slot, loss: Loss::Expired { height: 1, timestamp_ms: 1 } };
    (1..=more).for_each(|number| log.push(id(number), lost.clone(), number));
    assert_eq!(log.since(0).1.len(), LOST_TRANSACTIONS_MAX);
    assert_eq!(log.since(more - 2), (more, vec![id(more), id(more - 1)]));
    assert_eq!((log.get(&id(10)), log.get(&id(11))), (None, Some(&lost)));
    // A transaction that is lost again is remembered from the second loss on.
    log.push(id(20), lost.clone(), more + 1_000);
    log.forget(more + LOST_KEPT_MS + 1);
    assert_eq!(log.since(0), (more + 1, vec![id(20)]));
    assert_eq!((log.get(&id(20)), log.get(&id(more))), (Some(&lost), None));
    log.remove(&id(20));
    log.forget(u64::MAX);
    assert_eq!((log.get(&id(20)), log.since(0)), (None, (more + 1, vec![])));
}

/// A node that has just started, or is catching up, knows no recent block.
#[test]
fn drops_are_remembered_however_old_the_last_block_is() {
    let mut pool = Mempool::new(small());
    let (today, until) = (5 * LOST_KEPT_MS, 9 * LOST_KEPT_MS);
    let waiting = [6, 5, 4].map(|sequence| transaction(1, 0, sequence, until));
    // The last one is nearer to running than the others.
    for signed in waiting.iter().cloned() {
        pool.insert(signed, 0, today).unwrap();
    }
    // A clock that was wrong is corrected: nothing but the node's memory shows that a transaction was dropped.
    for time in [1, today - 1, today + LOST_KEPT_MS + 1, until + LOST_KEPT_MS] {
        commit(&mut pool, time, &[]);
        assert!(matches!(loss(&pool, &waiting[0].id()), Some(Loss::Dropped(_))), "{time}");
    }
    commit(&mut pool, until + LOST_KEPT_MS + 1, &[]);
    assert_eq!(loss(&pool, &waiting[0].id()), None);
}
