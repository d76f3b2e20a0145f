//! Snapshots: readers see whole blocks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ehb_state::{Changes, StateStore};
use tempfile::tempdir;

use crate::chain::{audit, create, create_with, grow, head_of, next, options};

#[test]
fn a_snapshot_stays_as_it_was() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    grow(&store, 5);
    let old = store.snapshot();
    let before = old.scan(b"", None, usize::MAX).unwrap();
    grow(&store, 40);
    assert_eq!(old.head().height(), 5);
    assert_eq!(old.scan(b"", None, usize::MAX).unwrap(), before);
    assert_ne!(store.snapshot().scan(b"", None, usize::MAX).unwrap(), before);
    // It outlives the store that gave it.
    drop(store);
    assert_eq!(old.scan(b"", None, usize::MAX).unwrap(), before);
}

/// What is known of one transaction of a block is known of the whole block, at every moment of its
/// commit: the index, the block, its receipts and the head are of one height.
#[test]
fn a_transaction_is_found_with_its_block_or_not_at_all() {
    let dir = tempdir().unwrap();
    let store = create_with(dir.path(), &options());
    let mut blocks = Vec::new();
    let mut head = store.head();
    for _ in 0..60 {
        let decided = next(&head, 400);
        head = head_of(&decided.block);
        blocks.push(decided);
    }
    thread::scope(|scope| {
        for reader in 0..2 {
            let (store, blocks) = (store.clone(), &blocks);
            scope.spawn(move || {
                for decided in blocks {
                    // The first and the last of the batch that is written.
                    let receipts = &decided.receipts;
                    let index = if reader == 0 { 0 } else { receipts.len() - 1 };
                    let id = receipts[index].transaction;
                    while store.transaction(&id).unwrap().is_none() {
                        std::hint::spin_loop();
                    }
                    let height = decided.height();
                    assert!(store.head().height() >= height, "the head is below the index");
                    assert_eq!(store.hash_at(height).unwrap(), Some(decided.block.hash()));
                    assert!(store.block_at(height).unwrap().is_some());
                    assert_eq!(store.receipts(height).unwrap().as_ref(), Some(receipts));
                }
            });
        }
        for decided in &blocks {
            store.commit(&decided.commit()).unwrap();
        }
    });
}

/// Every block sets all keys to its height: a reader that sees two heights at once saw half a block.
#[test]
fn readers_see_whole_blocks_while_blocks_are_committed() {
    let dir = tempdir().unwrap();
    let store = create_with(dir.path(), &options());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            let (store, done) = (store.clone(), &done);
            scope.spawn(move || {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let snapshot = store.snapshot();
                    let height = snapshot.head().height();
                    assert!(height >= last, "the head went back");
                    last = height;
                    let read = snapshot.scan(b"k", None, 100).unwrap();
                    assert_eq!(read.len(), if height == 0 { 0 } else { 20 });
                    for (key, value) in read {
                        assert_eq!(value, height.to_be_bytes());
                        assert_eq!(snapshot.get(&key).unwrap(), Some(value));
                    }
                    assert_eq!(store.hash_at(height).unwrap(), Some(snapshot.head().hash));
                }
            });
        }
        for height in 1..=300u64 {
            let mut decided = next(&store.head(), 2);
            let value = Some(height.to_be_bytes().to_vec());
            let entries = (0..20u8).map(|i| (vec![b'k', i], value.clone())).collect();
            decided.changes = Changes { entries, ..Changes::default() };
            store.commit(&decided.commit()).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(store.head().height(), 300);
}

#[test]
fn the_store_may_be_moved_between_threads() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let moved = store.clone();
    thread::spawn(move || grow(&moved, 3)).join().unwrap();
    audit(&store).unwrap();
}
