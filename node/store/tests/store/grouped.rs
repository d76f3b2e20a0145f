//! Blocks that a node catches up with: many commits, one fsync.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ehb_store::{NewBlock, OpenError, Store};
use tempfile::tempdir;

use crate::chain::{audit, create, next, open, options, transactions_at};

/// Commits blocks of which none need be durable.
fn catch_up(store: &Store, count: u64) {
    for _ in 0..count {
        let head = store.head();
        let decided = next(&head, transactions_at(head.height() + 1));
        store.commit(&NewBlock { durable: false, ..decided.commit() }).unwrap();
    }
}

/// The newest write-ahead log of a store.
fn wal(dir: &Path) -> PathBuf {
    let files = fs::read_dir(dir.join("db")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|it| it == "log")).max().unwrap()
}

/// A copy of a store as a loss of power could leave it, which takes what was not synced: the
/// write-ahead log ends where it ended when it had `bytes`.
fn after_power_loss(dir: &Path, copy: &Path, bytes: u64) {
    for sub in ["", "db"] {
        fs::create_dir_all(copy.join(sub)).unwrap();
        for entry in fs::read_dir(dir.join(sub)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.join(sub).join(entry.file_name())).unwrap();
            }
        }
    }
    let log = fs::OpenOptions::new().write(true).open(wal(copy)).unwrap();
    log.set_len(bytes).unwrap();
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[test]
fn a_loss_of_power_takes_whole_blocks_of_those_that_need_not_be_durable() {
    let home = tempdir().unwrap();
    let dir = home.path().join("data");
    let store = create(&dir);
    let decided = next(&store.head(), 3);
    store.commit(&decided.commit()).unwrap();
    let mut ends = vec![length(&wal(&dir))];
    for _ in 0..6 {
        catch_up(&store, 1);
        ends.push(length(&wal(&dir)));
    }
    for (index, end) in ends.iter().enumerate() {
        for torn in [0, 9] {
            let copy = home.path().join(format!("copy-{index}-{torn}"));
            let more = if index + 1 < ends.len() { torn } else { 0 };
            after_power_loss(&dir, &copy, end + more);
            let left = open(&copy);
            assert_eq!(left.head().height(), 1 + index as u64);
            audit(&left).unwrap();
            // What was lost is fetched again.
            catch_up(&left, 3);
            audit(&left).unwrap();
        }
    }
    // The next sync makes all of them durable, and says so: a loss is noticed from then on.
    store.sync().unwrap();
    let copy = home.path().join("copy");
    after_power_loss(&dir, &copy, ends[0]);
    let refused = Store::open(&copy, &options()).err().unwrap();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

#[test]
fn a_durable_commit_makes_those_before_it_durable() {
    let home = tempdir().unwrap();
    let dir = home.path().join("data");
    let store = create(&dir);
    let begin = length(&wal(&dir));
    catch_up(&store, 2);
    store.record_signed(b"vote").unwrap();
    catch_up(&store, 1);
    let decided = next(&store.head(), 1);
    store.commit(&decided.commit()).unwrap();
    drop(store);
    let copy = home.path().join("copy");
    after_power_loss(&dir, &copy, begin);
    assert!(matches!(Store::open(&copy, &options()), Err(OpenError::Damaged { .. })));
    let store = open(&dir);
    assert_eq!((store.head().height(), store.last_signed().unwrap()), (4, b"vote".to_vec()));
    audit(&store).unwrap();
}

#[test]
#[ignore = "a measurement: run it by hand on a machine that does nothing else"]
fn how_many_small_blocks_a_second() {
    for durable in [true, false] {
        let home = tempdir().unwrap();
        let store = create(&home.path().join("data"));
        let begun = Instant::now();
        for _ in 0..2_000 {
            let decided = next(&store.head(), 1);
            store.commit(&NewBlock { durable, ..decided.commit() }).unwrap();
        }
        store.sync().unwrap();
        let rate = 2_000.0 / begun.elapsed().as_secs_f64();
        eprintln!("durable {durable}: {rate:.0} blocks/s");
    }
}
