//! The cost of scans: the number of base entries that they pass.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Changes, MemoryStore, Overlay, PageId, StateCursor, StateStore, StoreError};

/// A store that counts the moves of its cursors.
#[derive(Default)]
struct Counting {
    store: MemoryStore,
    cursors: AtomicU64,
    moves: AtomicU64,
}

struct CountingCursor<'a>(Box<dyn StateCursor + 'a>, &'a AtomicU64);

impl StateStore for Counting {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key)
    }

    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, StoreError> {
        self.cursors.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(CountingCursor(self.store.cursor(prefix)?, &self.moves)))
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.page(id)
    }
}

impl StateCursor for CountingCursor<'_> {
    fn seek(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.seek(key)
    }

    fn step(&mut self) -> Result<(), StoreError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.step()
    }

    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.0.entry()
    }
}

const ENTRIES: u32 = 1_000;

fn key(number: u32) -> Vec<u8> {
    [b"q".as_slice(), &number.to_be_bytes()].concat()
}

/// A queue of entries, with an unrelated entry on each side.
fn queue() -> (Arc<Counting>, Overlay) {
    let mut counting = Counting::default();
    let mut entries: Vec<_> = (0..ENTRIES).map(|number| (key(number), Some(vec![1]))).collect();
    entries.push((b"p".to_vec(), Some(vec![2])));
    entries.push((b"r".to_vec(), Some(vec![2])));
    counting.store.apply(&Changes { entries, ..Changes::default() });
    let counting = Arc::new(counting);
    (counting.clone(), Overlay::new(counting))
}

/// The first entry of the queue, with the cursors and moves that it took to find it.
fn first(counting: &Counting, overlay: &mut Overlay) -> (Option<Vec<u8>>, u64, u64) {
    let counts =
        || (counting.cursors.load(Ordering::Relaxed), counting.moves.load(Ordering::Relaxed));
    let before = counts();
    let mut found = None;
    let visit = |key: &[u8], _: &[u8]| {
        found = Some(key.to_vec());
        ControlFlow::Break(())
    };
    overlay.visit(b"q", None, visit).unwrap();
    let after = counts();
    (found, after.0 - before.0, after.1 - before.1)
}

#[test]
fn removed_entries_are_walked_over_once() {
    let (counting, mut overlay) = queue();
    for number in 0..900 {
        overlay.remove(key(number));
    }
    let (found, cursors, moves) = first(&counting, &mut overlay);
    assert_eq!((found, cursors), (Some(key(900)), 1));
    assert!((900..910).contains(&moves), "{moves}");
    for _ in 0..10 {
        assert_eq!(first(&counting, &mut overlay), (Some(key(900)), 1, 2));
    }
}

#[test]
fn scans_of_a_queue_skip_its_emptied_front() {
    let (counting, mut overlay) = queue();
    let mut all = 0;
    for number in 0..ENTRIES {
        let (found, cursors, moves) = first(&counting, &mut overlay);
        assert_eq!((found, cursors), (Some(key(number)), 1));
        assert!(moves <= 10, "{moves} moves to find entry {number}");
        all += moves;
        overlay.remove(key(number));
    }
    assert_eq!(first(&counting, &mut overlay).0, None);
    assert!(all < 8 * u64::from(ENTRIES), "{all}");
}

#[test]
fn an_entry_written_where_many_were_removed_is_found() {
    let (counting, mut overlay) = queue();
    for number in 0..900 {
        overlay.remove(key(number));
    }
    assert_eq!(first(&counting, &mut overlay).0, Some(key(900)));
    overlay.set(key(500), vec![5]);
    let found = first(&counting, &mut overlay);
    assert_eq!(found.0, Some(key(500)));
    assert!(found.2 <= 3, "{found:?}");
    overlay.remove(key(500));
    // Two ranges with one removed entry between them become one.
    assert!(first(&counting, &mut overlay).2 <= 5);
    assert_eq!(first(&counting, &mut overlay), (Some(key(900)), 1, 2));
}

#[test]
fn undone_removals_are_found_again() {
    let (counting, mut overlay) = queue();
    let mark = overlay.mark();
    for number in 0..900 {
        overlay.remove(key(number));
    }
    assert_eq!(first(&counting, &mut overlay).0, Some(key(900)));
    overlay.rollback(mark);
    assert_eq!(first(&counting, &mut overlay), (Some(key(0)), 1, 1));
    assert_eq!(overlay.scan(b"q", None, usize::MAX).unwrap().len(), 1_000);
    assert_eq!(overlay.scan(b"q", Some(&key(400)), 2).unwrap()[0].0, key(401));
}

#[test]
fn removed_entries_of_the_writes_are_walked_over_once() {
    let (counting, mut overlay) = queue();
    for number in ENTRIES..2 * ENTRIES {
        overlay.set(key(number), vec![3]);
    }
    for number in 0..2 * ENTRIES - 1 {
        overlay.remove(key(number));
    }
    assert_eq!(first(&counting, &mut overlay).0, Some(key(2 * ENTRIES - 1)));
    assert_eq!(overlay.gaps.len(), 1);
    assert_eq!(first(&counting, &mut overlay), (Some(key(2 * ENTRIES - 1)), 1, 2));
}
