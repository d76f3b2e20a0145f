//! The store's work for calls is paid by their gas in any state.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ehb_state::{MemoryStore, PageId, StateCursor, StateStore, StoreError};
use ehb_types::GasSchedule;
use serde_json::json;

use super::stage::{CROWD, Stage};

/// A store in memory that counts its work, as the gas that it should have cost.
pub(super) struct Counted {
    store: MemoryStore,
    work: Arc<AtomicU64>,
    gas: GasSchedule,
}

struct CountedCursor<'a> {
    cursor: Box<dyn StateCursor + 'a>,
    store: &'a Counted,
}

impl Counted {
    pub(super) fn new(store: MemoryStore, work: Arc<AtomicU64>) -> Self {
        Self { store, work, gas: GasSchedule::default() }
    }

    fn count(&self, gas: u64) {
        self.work.fetch_add(gas, Ordering::Relaxed);
    }
}

impl StateStore for Counted {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.count(self.gas.storage_read);
        self.store.get(key)
    }

    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, StoreError> {
        Ok(Box::new(CountedCursor { cursor: self.store.cursor(prefix)?, store: self }))
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.page(id)
    }
}

impl StateCursor for CountedCursor<'_> {
    fn seek(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.store.count(self.store.gas.scan_entry);
        self.cursor.seek(key)
    }

    fn step(&mut self) -> Result<(), StoreError> {
        self.store.count(self.store.gas.scan_entry);
        self.cursor.step()
    }

    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.cursor.entry()
    }
}

/// Issue 9's case: closed allowances come before everything that `advance-due` could find.
#[test]
fn sweeps_do_not_walk_over_what_was_removed() {
    let mut stage = Stage::funded(&["wallet"]);
    let grant = |place: usize| {
        json!({
            "spender": format!("@crowd-{}", place % CROWD), "asset": "EUR", "limit": "1", "period-ms": null,
            "expires-ms": "900000", "payees": [], "reference": "", "key": "",
        })
    };
    let granted: Vec<_> = (0..400)
        .map(|place| stage.done("alice", "wallet", "grant-allowance", grant(place)))
        .collect();
    let later = json!({
        "spender": "@bob", "asset": "EUR", "limit": "1", "period-ms": null, "expires-ms": "1000000",
        "payees": [], "reference": "", "key": "",
    });
    stage.done("alice", "wallet", "grant-allowance", later);
    let mut stage = stage.fork();
    let idle = stage.call("till", "wallet", "advance-due", json!({"limit": 1})).gas;
    for allowance in granted {
        stage.done("alice", "wallet", "close-allowance", json!({"allowance": allowance}));
    }
    stage.done("till", "wallet", "advance-due", json!({"limit": 1}));
    let before = stage.work();
    for _ in 0..1_280 {
        let answer = stage.call("till", "wallet", "advance-due", json!({"limit": 1}));
        assert_eq!(answer.result, Ok(json!([])));
        // A simulation before the block sees none of what others removed in it, and finds the same gas.
        assert_eq!(answer.gas, idle);
    }
    let each = (stage.work() - before) / 1_280;
    assert!(each <= 3 * GasSchedule::default().scan_entry, "{each}");
}
