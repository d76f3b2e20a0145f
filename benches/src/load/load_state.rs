//! The state that the tasks of a load share: the tracker of its transactions, and the flows that wait for receipts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ehb_sdk::api::LocatedReceipt;
use ehb_types::{Hash, SignedTransaction};

use super::flows::Flows;
use super::tracker::Tracker;

/// State shared by the tasks of a load.
pub(crate) struct LoadState {
    tracker: Mutex<Tracker>,
    /// The flows that wait for receipts, if any.
    flows: Option<Arc<Mutex<Flows>>>,
}

impl LoadState {
    /// The state of a load with these flows.
    pub(crate) fn new(tracker: Tracker, flows: Option<Arc<Mutex<Flows>>>) -> Self {
        Self { tracker: Mutex::new(tracker), flows }
    }

    pub(crate) fn tracker(&self) -> MutexGuard<'_, Tracker> {
        self.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether flows wait for receipts.
    pub(crate) fn has_flows(&self) -> bool {
        self.flows.is_some()
    }

    /// Calls a function with the flows, if any.
    fn with_flows(&self, run: impl FnOnce(&mut Flows)) {
        if let Some(flows) = &self.flows {
            run(&mut flows.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Records that a node accepted a transaction.
    pub(crate) fn accepted(&self, id: &Hash) {
        self.tracker().accepted(id);
    }

    /// Records that no answer came for transactions that a node may have.
    pub(crate) fn unanswered(&self, ids: &[Hash]) {
        let mut tracker = self.tracker();
        ids.iter().for_each(|id| tracker.unanswered(id));
    }

    /// Records that transactions were rejected.
    pub(crate) fn refuse(&self, code: &str, refused: &[Hash]) {
        let mut tracker = self.tracker();
        refused.iter().for_each(|id| tracker.refused(id, code));
        self.with_flows(|flows| refused.iter().for_each(|id| flows.is_refused(id)));
    }

    /// The transactions that can still become final, those of a lane in their order.
    pub(crate) fn open(&self) -> Vec<SignedTransaction> {
        self.tracker().open()
    }

    /// Records final transactions.
    pub(crate) fn receipts(&self, receipts: &[LocatedReceipt]) {
        self.with_flows(|flows| receipts.iter().for_each(|it| flows.is_final(it)));
        self.tracker().receipts(receipts, Instant::now());
    }
}
