//! The consensus log and the bodies of undecided blocks.

use ehb_store::{LOG_HEIGHTS_MAX, StoreError};
use ehb_types::{Block, encode};
use tempfile::tempdir;

use crate::chain::{create, grow, next, open};

fn texts(entries: Vec<Vec<u8>>) -> Vec<String> {
    entries.into_iter().map(|entry| String::from_utf8(entry).unwrap()).collect()
}

#[test]
fn the_log_of_a_height_is_there_until_it_is_committed() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    for entry in ["a", "b", "c"] {
        store.append_log(1, entry.as_bytes()).unwrap();
    }
    store.append_log(2, b"early").unwrap();
    assert_eq!(texts(store.log(1).unwrap()), [""; 0], "nothing counts before it is durable");
    store.sync().unwrap();
    drop(store);

    let store = open(dir.path());
    assert_eq!(texts(store.log(1).unwrap()), ["a", "b", "c"]);
    store.append_log(1, b"d").unwrap();
    store.append_log(2, b"early too").unwrap();
    store.sync().unwrap();
    assert_eq!(texts(store.log(1).unwrap()), ["a", "b", "c", "d"]);
    grow(&store, 1);
    assert_eq!(texts(store.log(1).unwrap()), [""; 0]);
    assert_eq!(texts(store.log(2).unwrap()), ["early", "early too"]);
}

#[test]
fn heights_that_share_a_lane_do_not_see_each_other() {
    let dir = tempdir().unwrap();
    let mut store = create(dir.path());
    for height in 1..=3 * LOG_HEIGHTS_MAX {
        // Ever fewer entries, so that each height leaves something behind in its lane.
        for index in 0..20 - height {
            store.append_log(height, format!("{height}/{index}").as_bytes()).unwrap();
        }
        store.sync().unwrap();
        if height.is_multiple_of(3) {
            drop(store);
            store = open(dir.path());
        }
        let log = texts(store.log(height).unwrap());
        assert_eq!(log.len() as u64, 20 - height);
        assert!(log.iter().all(|entry| entry.starts_with(&format!("{height}/"))));
        grow(&store, height);
    }
}

#[test]
fn what_was_not_synced_is_gone() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    store.append_log(1, b"kept").unwrap();
    store.record_signed(b"kept").unwrap();
    store.sync().unwrap();
    store.append_log(1, b"lost").unwrap();
    store.record_signed(b"lost").unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(texts(store.log(1).unwrap()), ["kept"]);
    assert_eq!(store.last_signed().unwrap(), b"kept");
}

#[test]
fn only_heights_just_above_the_head_are_taken() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    grow(&store, 5);
    let body = next(&store.head(), 1).block;
    for height in [0, 5, 6 + LOG_HEIGHTS_MAX, u64::MAX] {
        let expected = Err(StoreError::Height { height, head: 5 });
        assert_eq!(store.append_log(height, b"x"), expected);
        assert_eq!(store.put_body(height, &body.hash(), b"x"), expected);
    }
    store.append_log(5 + LOG_HEIGHTS_MAX, b"x").unwrap();
}

#[test]
fn bodies_wait_for_their_block_and_go_with_the_others() {
    let dir = tempdir().unwrap();
    let mut store = create(dir.path());
    let decided = next(&store.head(), 4);
    let mut other = Block::clone(&decided.block);
    other.header.timestamp_ms += 1;
    let later = next(&crate::chain::head_of(&decided.block), 1).block;
    for block in [&decided.block, &other, &later] {
        store.put_body(block.header.height, &block.hash(), &encode(block)).unwrap();
    }
    store.sync().unwrap();
    drop(store);
    store = open(dir.path());
    let mut expected = [decided.block.hash(), other.hash()];
    expected.sort();
    assert_eq!(store.undecided(1), expected);
    assert_eq!(store.body(1, &other.hash()).unwrap(), Some(encode(&other)));
    assert_eq!(store.block_at(1).unwrap(), None, "a body alone is no decided block");

    store.commit(&decided.commit()).unwrap();
    assert_eq!(store.block_at(1).unwrap().as_ref(), Some(&decided.block));
    assert_eq!(store.body(1, &other.hash()).unwrap(), None);
    assert_eq!(store.undecided(1), []);
    assert_eq!(store.undecided(2), [later.hash()]);
}

#[test]
fn a_commit_takes_what_is_buffered_with_it() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let decided = next(&store.head(), 2);
    store.put_body(1, &decided.block.hash(), decided.block.encoded()).unwrap();
    store.append_log(2, b"next").unwrap();
    store.record_signed(b"precommit").unwrap();
    store.commit(&decided.commit()).unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.block_at(1).unwrap(), Some(decided.block));
    assert_eq!(texts(store.log(2).unwrap()), ["next"]);
    assert_eq!(store.last_signed().unwrap(), b"precommit");
}
