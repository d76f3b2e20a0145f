//! Committed blocks after reopening, and rejected commits.

use ehb_state::{Changes, MemoryStore, PageId, StateStore};
use ehb_store::{NewBlock, Opened, Store, StoreError};
use ehb_types::{Block, Code, Failure, Hash, Outcome, Receipt, Receipts};
use proptest::prelude::*;
use tempfile::tempdir;

use crate::chain::{self, audit, create, create_with, grow, head_of, next, open};

#[test]
fn what_was_committed_is_there_after_reopening() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    audit(&store).unwrap();
    grow(&store, 30);
    audit(&store).unwrap();
    for height in [31, 60] {
        drop(store.clone());
        grow(&store, height);
    }
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.head().height(), 60);
    audit(&store).unwrap();
    grow(&store, 61);
    audit(&store).unwrap();
}

#[test]
fn what_is_not_there_is_none() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    grow(&store, 2);
    assert_eq!(store.block_at(3).unwrap(), None);
    assert_eq!(store.block_bytes_at(3).unwrap(), None);
    assert_eq!(store.block(&Hash([1; 32])).unwrap(), None);
    assert_eq!(store.header_at(u64::MAX).unwrap(), None);
    assert_eq!(store.certificate(3).unwrap(), None);
    assert_eq!(store.receipts(3).unwrap(), None);
    assert_eq!(store.receipt(2, 1_000).unwrap(), None);
    assert_eq!(store.transaction(&Hash([1; 32])).unwrap(), None);
    // Only the beginning of an id is its key; the rest is compared nevertheless.
    let mut id = store.receipt(2, 0).unwrap().unwrap().transaction;
    assert!(store.transaction(&id).unwrap().is_some());
    id.0[31] ^= 1;
    assert_eq!(store.transaction(&id).unwrap(), None);
}

#[test]
fn a_commit_that_does_not_fit_changes_nothing() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    grow(&store, 3);
    let good = next(&store.head(), 2);
    let refused = |commit: &NewBlock<'_>| store.commit(commit).unwrap_err();

    let far = next(&head_of(&good.block), 2);
    assert_eq!(refused(&far.commit()), StoreError::Height { height: 5, head: 3 });
    let again = next(&head_of(&store.block_at(2).unwrap().unwrap()), 2);
    assert_eq!(refused(&again.commit()), StoreError::Height { height: 3, head: 3 });

    let mut other = Block::clone(&good.block);
    other.header.parent = Hash([3; 32]);
    let mismatch = |reason| StoreError::Mismatch { height: 4, reason };
    assert_eq!(
        refused(&NewBlock { block: &other.into(), ..good.commit() }),
        mismatch("its parent is not the head")
    );
    let mut certificate = good.certificate.clone();
    certificate.block = Hash([3; 32]);
    assert_eq!(
        refused(&NewBlock { certificate: &certificate, ..good.commit() }),
        mismatch("the certificate is for another block")
    );
    let fewer = Receipts::from(good.receipts[1..].to_vec());
    assert_eq!(
        refused(&NewBlock { receipts: &fewer, ..good.commit() }),
        mismatch("there is not one receipt for each transaction")
    );
    audit(&store).unwrap();
    store.commit(&good.commit()).unwrap();
}

#[test]
fn a_transaction_that_is_included_again_does_not_hide_the_first() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let first = next(&store.head(), 3);
    store.commit(&first.commit()).unwrap();
    let mut second = next(&store.head(), 3);
    let id = first.block.transactions[2].id();
    let mut block = Block::clone(&second.block);
    block.transactions[1] = first.block.transactions[2].clone();
    second.block = block.into();
    let mut receipts = second.receipts.to_vec();
    receipts[1].transaction = id;
    receipts[1].outcome = Outcome::Failure(Failure::new(None, Code::OutOfGas, "replay"));
    second.receipts = receipts.into();
    store.commit(&second.commit()).unwrap();
    assert_eq!(store.transaction(&id).unwrap(), Some((1, 2)));
    assert_eq!(store.transaction(&second.receipts[2].transaction).unwrap(), Some((2, 2)));
}

/// Receipts of genesis and of the kernel have no transaction, and are found by their own ids.
#[test]
fn a_receipt_without_a_transaction_is_found_by_its_id() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let mut first = next(&store.head(), 2);
    let mut receipts = first.receipts.to_vec();
    let own = Hash([77; 32]);
    receipts.push(Receipt { transaction: own, ..receipts[0].clone() });
    first.receipts = receipts.into();
    store.commit(&first.commit()).unwrap();
    assert_eq!(store.transaction(&own).unwrap(), Some((1, 2)));
    let genesis = store.snapshot().receipts(0).unwrap().unwrap();
    for (index, receipt) in (0..).zip(genesis.iter()) {
        assert_eq!(store.transaction(&receipt.transaction).unwrap(), Some((0, index)));
    }
}

#[test]
fn an_empty_store_stays_empty_until_it_is_initialised() {
    let dir = tempdir().unwrap();
    for _ in 0..2 {
        assert!(matches!(Store::open(dir.path(), &chain::options()), Ok(Opened::Empty(_))));
    }
    create(dir.path());
    open(dir.path());
}

type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn writes() -> impl Strategy<Value = Vec<(Writes, Writes)>> {
    let key = || prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xfe, 0xff]), 0..4);
    let value = || prop::option::of(prop::collection::vec(any::<u8>(), 0..9));
    let map = move || prop::collection::btree_map(key(), value(), 0..8);
    let block = (map(), map()).prop_map(|(entries, pages)| {
        (entries.into_iter().collect::<Writes>(), pages.into_iter().collect::<Writes>())
    });
    prop::collection::vec(block, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The store on disk answers like the one in memory, before and after reopening.
    #[test]
    fn the_state_is_the_one_of_a_memory_store(
        blocks in writes(),
        prefix in prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xfe, 0xff]), 0..3),
        after in prop::option::of(prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xff]), 0..4)),
        limit in 0usize..7,
    ) {
        let dir = tempdir().unwrap();
        let small = ehb_store::Options { write_buffer_bytes: 1 << 16, ..chain::options() };
        let store = create_with(dir.path(), &small);
        let mut model = MemoryStore::default();
        let genesis = store.snapshot().scan(b"", None, usize::MAX).unwrap();
        let entries = genesis.into_iter().map(|(key, value)| (key, Some(value))).collect();
        model.apply(&Changes { entries, ..Changes::default() });
        for (entries, pages) in blocks {
            let mut decided = next(&store.head(), 0);
            // Ids of other lengths than those of the test chain's own pages.
            let pages = pages.into_iter().map(|(mut id, page)| {
                id.splice(0..0, [9, 9, 9]);
                (PageId::new(&id).unwrap(), page.map(Into::into))
            });
            let pages = pages.collect();
            decided.changes = Changes { entries, pages, ..Changes::default() };
            store.commit(&decided.commit()).unwrap();
            model.apply(&decided.changes);
        }
        let compare = |store: &Store| {
            let state = store.state();
            let all = model.scan(b"", None, usize::MAX).unwrap();
            prop_assert_eq!(&state.scan(b"", None, usize::MAX).unwrap(), &all);
            for (key, value) in all {
                prop_assert_eq!(state.get(&key).unwrap(), Some(value));
            }
            prop_assert_eq!(
                state.scan(&prefix, after.as_deref(), limit).unwrap(),
                model.scan(&prefix, after.as_deref(), limit).unwrap()
            );
            for a in [0u8, 1, 0xfe, 0xff] {
                let id = PageId::new(&[9, 9, 9, a]).unwrap();
                prop_assert_eq!(state.page(&id).unwrap(), model.page(&id).unwrap());
            }
            Ok(())
        };
        compare(&store)?;
        drop(store);
        compare(&open(dir.path()))?;
    }
}
