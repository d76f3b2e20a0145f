//! The state of earlier heights.

use std::time::{Duration, Instant};

use ehb_state::{MemoryStore, PageId, StateStore};
use ehb_store::{Opened, Options, PastError, Store};
use ehb_types::{Name, Validator, ValidatorSet};
use rocksdb::perf::{PerfContext, PerfMetric, PerfStatsLevel, set_perf_stats};

use super::chain::{changes, create_with, genesis_header, next, options};

const HEIGHTS: u64 = 60;

fn with_history(history_heights: u64) -> Options {
    Options { history_heights, ..options() }
}

fn reopened(dir: &std::path::Path, options: &Options) -> Store {
    match Store::open(dir, options).unwrap() {
        Opened::Chain(store) => store,
        Opened::Empty(_) => panic!("it holds a chain"),
    }
}

/// A chain, and what a store in memory held after each height.
fn grown(dir: &std::path::Path, options: &Options) -> (Store, Vec<MemoryStore>) {
    let store = create_with(dir, options);
    let mut states = vec![MemoryStore::default()];
    states[0].apply(&changes(0));
    for _ in 0..HEIGHTS {
        states.push(grow(&store, states.last().unwrap()));
    }
    (store, states)
}

fn grow(store: &Store, state: &MemoryStore) -> MemoryStore {
    let decided = next(&store.head(), 2);
    store.commit(&decided.commit()).unwrap();
    let mut state = state.clone();
    state.apply(&decided.changes);
    state
}

/// Compares all that can be read.
fn check(past: &dyn StateStore, expected: &MemoryStore) {
    for slot in 0..200 {
        let key = format!("balance/{slot:04}").into_bytes();
        assert_eq!(past.get(&key).unwrap(), expected.get(&key).unwrap());
    }
    let keys = [&b""[..], b"balance/", b"balance/01", b"height", b"nothing"];
    for prefix in keys {
        let all = expected.scan(prefix, None, usize::MAX).unwrap();
        assert_eq!(past.scan(prefix, None, usize::MAX).unwrap(), all);
        for after in all.iter().step_by(7).map(|(key, _)| key.as_slice()) {
            let some = expected.scan(prefix, Some(after), 3).unwrap();
            assert_eq!(past.scan(prefix, Some(after), 3).unwrap(), some);
        }
    }
    for byte in 0..=u8::MAX {
        let id = PageId::new(&[2, byte]).unwrap();
        assert_eq!(past.page(&id).unwrap(), expected.page(&id).unwrap(), "page {id}");
    }
}

/// How many keys and values the runs of history have, bytes.
fn run_bytes(store: &Store) -> u64 {
    let families = store.family_bytes().unwrap();
    families.iter().filter(|(family, _)| *family == "history-runs").map(|(_, bytes)| bytes).sum()
}

/// Waits until something is so.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// How many keys the database compares while all of a state is read.
fn comparisons(past: &dyn StateStore, expected: &MemoryStore) -> u64 {
    set_perf_stats(PerfStatsLevel::EnableCount);
    let mut context = PerfContext::default();
    context.reset();
    for slot in 0..200 {
        let key = format!("balance/{slot:04}").into_bytes();
        assert_eq!(past.get(&key).unwrap(), expected.get(&key).unwrap());
    }
    for byte in 0..=u8::MAX {
        let id = PageId::new(&[2, byte]).unwrap();
        assert_eq!(past.page(&id).unwrap(), expected.page(&id).unwrap(), "page {id}");
    }
    let count = context.metric(PerfMetric::UserKeyComparisonCount);
    set_perf_stats(PerfStatsLevel::Disable);
    count
}

/// What was once read of an earlier height needs no search of the history any more, and only a part of the next height does.
#[test]
fn what_was_read_of_an_earlier_height_is_not_searched_again() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { history_buffer_bytes: 1, ..with_history(u64::MAX) };
    let (store, states) = grown(dir.path(), &options);
    wait_until("sorting", || run_bytes(&store) > 0);
    let read = |height: u64| {
        let past = store.snapshot().at(height).unwrap();
        comparisons(&past, &states[height as usize])
    };
    let (first, again, next) = (read(20), read(20), read(21));
    assert!(first > 1_000, "{first}");
    assert_eq!(again, 0);
    assert!(next < first / 2, "{next} of {first}");
    // Blocks that come change nothing of that.
    grow(&store, states.last().unwrap());
    assert_eq!(read(20), 0);
}

#[test]
fn the_state_of_every_height_can_be_read() {
    every_height(&with_history(u64::MAX), 1);
}

#[test]
fn the_state_of_every_height_can_be_read_from_sorted_history() {
    // One run for each few blocks, and many merges.
    for history_buffer_bytes in [1, 10_000] {
        every_height(&Options { history_buffer_bytes, ..with_history(u64::MAX) }, 3);
    }
}

fn every_height(options: &Options, step: usize) {
    let dir = tempfile::tempdir().unwrap();
    let (store, states) = grown(dir.path(), options);
    if options.history_buffer_bytes < 1 << 20 {
        wait_until("a run", || run_bytes(&store) > 0);
    }
    let look = |store: &Store| {
        let snapshot = store.snapshot();
        for (height, expected) in states.iter().enumerate().step_by(step) {
            let past = snapshot.at(height as u64).unwrap();
            assert_eq!(past.header().height, height as u64);
            check(&past, expected);
        }
        let next = snapshot.header_at(6).unwrap().unwrap();
        assert_eq!(snapshot.at(5).unwrap().state_root(), next.state_root);
        assert_eq!(snapshot.at(HEIGHTS).unwrap().state_root(), snapshot.head().state_root);
    };
    look(&store);
    assert_eq!(store.history_from(), 0);
    drop(store);
    look(&reopened(dir.path(), options));
}

#[test]
fn sorted_history_that_is_not_kept_any_more_leaves_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let small = |heights| Options { history_buffer_bytes: 1, ..with_history(heights) };
    let (store, states) = grown(dir.path(), &small(u64::MAX));
    wait_until("a run", || run_bytes(&store) > 0);
    drop(store);

    let store = reopened(dir.path(), &small(10));
    let (mut states, mut bytes) = (states, Vec::new());
    for _ in 0..40 {
        states.push(grow(&store, states.last().unwrap()));
        bytes.push(run_bytes(&store));
    }
    let from = HEIGHTS + 40 - 10;
    assert_eq!(store.history_from(), from);
    for height in from..=HEIGHTS + 40 {
        check(&store.snapshot().at(height).unwrap(), &states[height as usize]);
    }
    let most = bytes.iter().copied().max().unwrap();
    wait_until("that old runs are dropped", || {
        states.push(grow(&store, states.last().unwrap()));
        run_bytes(&store) < most / 3
    });
    drop(store);

    // Without history the rest goes too.
    let store = reopened(dir.path(), &small(0));
    wait_until("that all runs are dropped", || {
        states.push(grow(&store, states.last().unwrap()));
        run_bytes(&store) == 0
    });
    let head = store.head().height();
    check(&store.snapshot().at(head).unwrap(), states.last().unwrap());
    drop(store);
    reopened(dir.path(), &small(10));
}

#[test]
fn history_that_is_not_durable_is_not_sorted() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { history_buffer_bytes: 20_000, ..with_history(u64::MAX) };
    let store = create_with(dir.path(), &options);
    let mut states = vec![MemoryStore::default()];
    states[0].apply(&changes(0));
    let mut grow = |store: &Store| {
        let decided = next(&store.head(), 2);
        store.commit(&ehb_store::NewBlock { durable: false, ..decided.commit() }).unwrap();
        let mut state = states.last().unwrap().clone();
        state.apply(&decided.changes);
        states.push(state);
    };
    let record = || {
        let families = store.family_bytes().unwrap();
        families.iter().find(|(family, _)| *family == "history").unwrap().1
    };
    while record() < 20_000 {
        grow(&store);
    }
    assert_eq!(run_bytes(&store), 0);
    // Far more than the buffer makes the blocks durable nevertheless.
    wait_until("a run", || {
        grow(&store);
        run_bytes(&store) > 0
    });
    for (height, expected) in states.iter().enumerate() {
        check(&store.snapshot().at(height as u64).unwrap(), expected);
    }
}

#[test]
fn history_with_a_gap_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(grown(dir.path(), &with_history(u64::MAX)));
    let mut options = rocksdb::Options::default();
    options.set_error_if_exists(false);
    let path = dir.path().join("db");
    let families = rocksdb::DB::list_cf(&options, &path).unwrap();
    let database = rocksdb::DB::open_cf(&options, &path, &families).unwrap();
    let records = database.cf_handle("history").unwrap();
    database.delete_cf(records, 7u64.to_be_bytes()).unwrap();
    drop(database);
    let Err(error) = Store::open(dir.path(), &with_history(u64::MAX)) else { panic!("a gap") };
    assert!(error.to_string().contains("the history of block 7 is missing"), "{error}");
}

#[test]
fn heights_that_are_not_kept_or_not_there_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut states) = grown(dir.path(), &with_history(10));
    let from = HEIGHTS - 10;
    let refused = |store: &Store, height| store.snapshot().at(height).unwrap_err().to_string();
    assert_eq!(store.history_from(), from);
    assert_eq!(refused(&store, from - 1), format!("the state is kept from height {from} on"));
    assert_eq!(refused(&store, 0), format!("the state is kept from height {from} on"));
    assert_eq!(refused(&store, HEIGHTS + 1), format!("the head is {HEIGHTS}"));
    check(&store.snapshot().at(from).unwrap(), &states[from as usize]);

    // It is given up while somebody reads it.
    let past = store.snapshot().at(from).unwrap();
    states.push(grow(&store, states.last().unwrap()));
    assert!(!past.is_kept());
    let error = past.get(b"height").unwrap_err().to_string();
    assert!(error.contains(&format!("the state of height {from} is no longer kept")), "{error}");
    past.page(&PageId::new(&[2, 1]).unwrap()).unwrap_err();
    past.scan(b"balance/", None, 5).unwrap_err();
    drop(past);
    drop(store);

    // What was given up does not come back, and more is kept from now on.
    let store = reopened(dir.path(), &with_history(u64::MAX));
    assert_eq!(store.history_from(), from + 1);
    states.push(grow(&store, states.last().unwrap()));
    assert_eq!(store.history_from(), from + 1);
    let snapshot = store.snapshot();
    assert!(matches!(snapshot.at(from), Err(PastError::Pruned { .. })));
    check(&snapshot.at(from + 1).unwrap(), &states[from as usize + 1]);
}

#[test]
fn without_history_nothing_of_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (store, states) = grown(dir.path(), &with_history(0));
    let history = |store: &Store| {
        let mut families = store.family_bytes().unwrap();
        families.retain(|(family, bytes)| family.starts_with("history") && *bytes > 0);
        families.len()
    };
    assert_eq!(history(&store), 0);
    check(&store.snapshot().at(HEIGHTS).unwrap(), &states[HEIGHTS as usize]);
    let refused = store.snapshot().at(HEIGHTS - 1).unwrap_err();
    assert!(matches!(refused, PastError::Pruned { from: HEIGHTS }), "{refused}");
    drop(store);

    // From when it is asked for, it is kept.
    let store = reopened(dir.path(), &with_history(10));
    grow(&store, states.last().unwrap());
    assert_eq!(history(&store), 1);
    check(&store.snapshot().at(HEIGHTS).unwrap(), &states[HEIGHTS as usize]);
    store.snapshot().at(HEIGHTS - 1).unwrap_err();
}

#[test]
fn without_history_the_head_is_read_by_height_and_time() {
    let dir = tempfile::tempdir().unwrap();
    let (store, states) = grown(dir.path(), &with_history(0));
    let (snapshot, expected) = (store.snapshot(), states.last().unwrap());
    let header = store.head().header;
    let by_time = |time_ms| snapshot.height_at_time(time_ms).unwrap();
    for height in [by_time(header.timestamp_ms), by_time(u64::MAX), Some(HEIGHTS)] {
        let past = snapshot.at(height.unwrap()).unwrap();
        assert_eq!((past.header(), past.state_root()), (&header, store.head().state_root));
        check(&past, expected);
    }
    assert_eq!(store.height_of(&store.head().hash).unwrap(), Some(HEIGHTS));

    // Blocks that are committed meanwhile change nothing for who reads it.
    let past = snapshot.at(HEIGHTS).unwrap();
    grow(&store, expected);
    assert!(past.is_kept());
    check(&past, expected);
    check(&snapshot.at(HEIGHTS).unwrap(), expected);
    let refused = store.snapshot().at(HEIGHTS).unwrap_err();
    assert!(matches!(refused, PastError::Pruned { from } if from == HEIGHTS + 1), "{refused}");
}

#[test]
fn a_time_is_that_of_the_last_block_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = grown(dir.path(), &with_history(u64::MAX));
    let snapshot = store.snapshot();
    let genesis_ms = genesis_header().timestamp_ms;
    // Blocks come a millisecond after each other here.
    let rows =
        [(0, None), (genesis_ms - 1, None), (genesis_ms, Some(0)), (genesis_ms + 7, Some(7))];
    for (time_ms, height) in rows {
        assert_eq!(snapshot.height_at_time(time_ms).unwrap(), height, "{time_ms}");
    }
    for time_ms in [genesis_ms + HEIGHTS, genesis_ms + 10_000, u64::MAX] {
        assert_eq!(snapshot.height_at_time(time_ms).unwrap(), Some(HEIGHTS));
    }
}

#[test]
fn validators_are_those_of_the_height() {
    let dir = tempfile::tempdir().unwrap();
    let store = create_with(dir.path(), &options());
    let set = |power| {
        let key = |seed| ehb_types::SecretKey::from_seed(&[seed; 32]).public_key();
        let (consensus_key, node_key) = (key(1), key(2));
        let name = Name::new("v1").unwrap();
        ValidatorSet::new(vec![Validator { name, consensus_key, node_key, power }]).unwrap()
    };
    assert_eq!(store.snapshot().validators_at(0).unwrap(), None);
    for height in 1..=20 {
        let decided = next(&store.head(), 0);
        let put = set(height);
        let validators = (height % 5 == 1).then_some((height + 2, &put));
        store.commit(&ehb_store::NewBlock { validators, ..decided.commit() }).unwrap();
    }
    let of = |height| store.snapshot().validators_at(height).unwrap();
    assert_eq!((of(2), of(3), of(7), of(8)), (None, Some(set(1)), Some(set(1)), Some(set(6))));
    assert_eq!((of(12), of(13), of(22)), (Some(set(6)), Some(set(11)), Some(set(16))));
}
