//! What removed entries cost the scans after them.

use std::collections::BTreeMap;
use std::path::Path;

use ehb_state::{Changes, MemoryStore, StateStore};
use ehb_store::Store;
use proptest::prelude::*;
use rocksdb::perf::{PerfContext, PerfMetric, PerfStatsLevel, set_perf_stats};
use tempfile::tempdir;

use crate::chain::{create, next, noise, open};

type Entries = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

fn key(number: u64) -> Vec<u8> {
    [b"q".as_slice(), &number.to_be_bytes()].concat()
}

fn commit(store: &Store, entries: Entries) -> Changes {
    let mut decided = next(&store.head(), 0);
    decided.changes = Changes { entries: entries.into_iter().collect(), ..Changes::default() };
    store.commit(&decided.commit()).unwrap();
    decided.changes
}

/// A queue of 5,000 entries in a store, of which the first 4,000 were removed again.
fn queue(dir: &Path) -> Store {
    let store = create(dir);
    commit(&store, (0..5_000).map(|number| (key(number), Some(vec![7; 20]))).collect());
    commit(&store, (0..4_000).map(|number| (key(number), None)).collect());
    store
}

/// The number of the queue's first entry, and how many removed entries were passed on the way there.
fn first(store: &Store) -> (Option<u64>, u64) {
    set_perf_stats(PerfStatsLevel::EnableCount);
    let counters = PerfContext::default();
    let before = counters.metric(PerfMetric::InternalDeleteSkippedCount);
    let found = store.snapshot().scan(b"q", None, 1).unwrap();
    let passed = counters.metric(PerfMetric::InternalDeleteSkippedCount) - before;
    let number = found.first().map(|(key, _)| u64::from_be_bytes(key[1..].try_into().unwrap()));
    (number, passed)
}

#[test]
fn removed_entries_are_walked_over_once_in_later_blocks() {
    let dir = tempdir().unwrap();
    let store = queue(dir.path());
    let (found, passed) = first(&store);
    assert_eq!(found, Some(4_000));
    assert!(passed >= 4_000, "{passed} removed entries passed: the test measures nothing");
    for _ in 0..10 {
        assert_eq!(first(&store), (Some(4_000), 0));
    }
    // Emptied further, one a block: scans begin where the last one found an entry.
    let mut all = 0;
    for number in 4_000..4_200 {
        commit(&store, [(key(number), None)].into());
        let (found, passed) = first(&store);
        assert_eq!(found, Some(number + 1));
        assert!(passed <= 64, "{passed} removed entries passed before entry {number}");
        all += passed;
    }
    assert!(all <= 200 * 32, "{all}");
}

#[test]
fn ranges_split_by_writes_become_one_again() {
    let dir = tempdir().unwrap();
    let store = queue(dir.path());
    first(&store);
    let written: Entries = (0..40).map(|it| (key(it * 100), Some(vec![1]))).collect();
    commit(&store, written.clone());
    assert_eq!(first(&store), (Some(0), 0));
    let all = store.snapshot().scan(b"q", None, usize::MAX).unwrap();
    assert_eq!(all.len(), 1_040);
    commit(&store, written.into_keys().map(|key| (key, None)).collect());
    assert_eq!(first(&store).0, Some(4_000));
    assert_eq!(first(&store), (Some(4_000), 0));
}

#[test]
fn a_store_that_was_opened_again_learns_again() {
    let dir = tempdir().unwrap();
    let store = queue(dir.path());
    first(&store);
    drop(store);
    let store = open(dir.path());
    assert_eq!(first(&store).0, Some(4_000));
    assert_eq!(first(&store), (Some(4_000), 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Whole ranges are written and removed, and each height is scanned now and after later ones.
    #[test]
    fn scans_find_what_a_memory_store_has(
        steps in prop::collection::vec((0u64..600, 1u64..300, any::<bool>(), 0u64..600), 1..24),
    ) {
        let dir = tempdir().unwrap();
        let store = create(dir.path());
        let mut model = MemoryStore::default();
        let mut older = Vec::new();
        for (step, (start, count, write, after)) in steps.into_iter().enumerate() {
            let entry = |number| (key(number), write.then(|| noise::<8>(number, step as u64).to_vec()));
            let changes = commit(&store, (start..start + count).map(entry).collect());
            model.apply(&changes);
            older.push((store.snapshot(), model.clone()));
            let seen = older.iter().rev().take(3);
            for (snapshot, model) in seen {
                for after in [None, Some(key(after))] {
                    for limit in [1, 5, 1_000] {
                        let found = snapshot.scan(b"q", after.as_deref(), limit).unwrap();
                        prop_assert_eq!(found, model.scan(b"q", after.as_deref(), limit).unwrap());
                    }
                }
            }
        }
        for (snapshot, model) in older {
            let all = snapshot.scan(b"q", None, usize::MAX).unwrap();
            prop_assert_eq!(all, model.scan(b"q", None, usize::MAX).unwrap());
        }
    }
}
