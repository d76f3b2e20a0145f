//! The progress of an indexer, for people, metrics and readiness.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// The progress of an indexer. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<State>>);

/// The progress at a point in time.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The last block in the tables; none before genesis.
    pub height: Option<u64>,
    /// The time of that block, milliseconds since 1970 (UTC).
    pub block_time_ms: Option<u64>,
    /// The last block that the endpoints are known to have.
    pub head: u64,
    /// The endpoint in use.
    pub endpoint: String,
    /// Blocks that were written since the start.
    pub blocks_written: u64,
    /// Rows that were written since the start.
    pub rows_written: u64,
    /// When something was written last, milliseconds since 1970 (UTC).
    pub written_ms: Option<u64>,
    /// The height at which the tables were last compared with the chain; none before the first time.
    pub verified_height: Option<u64>,
    /// The number of differences that were found then.
    pub differences: u64,
    /// The current error, if any.
    pub problem: Option<String>,
    /// The last block whose events the outbox has published; none without an outbox.
    pub published_height: Option<u64>,
    /// The current error of the outbox, if any.
    pub outbox_problem: Option<String>,
}

impl State {
    /// How many blocks the tables are behind the head. The last block waits for its successor, which proves
    /// its receipts, so the minimum on an idle chain is 1.
    pub fn blocks_behind(&self) -> u64 {
        let next = self.height.map_or(0, |height| height.saturating_add(1));
        self.head.saturating_add(1).saturating_sub(next)
    }

    /// Whether the tables are up to date.
    pub fn is_ready(&self) -> bool {
        self.problem.is_none() && self.height.is_some() && self.blocks_behind() <= BEHIND_MAX
    }
}

/// The maximum lag of an index that counts as up to date, blocks: the block that waits for its proof, and
/// those that arrive during a transaction.
const BEHIND_MAX: u64 = 10;

impl Progress {
    /// The current progress.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    /// The last block in the tables.
    pub fn height(&self) -> Option<u64> {
        self.lock().height
    }

    pub(crate) fn reached(&self, height: Option<u64>, time_ms: Option<u64>) {
        let mut state = self.lock();
        state.height = height;
        state.block_time_ms = time_ms.or(state.block_time_ms);
        state.problem = None;
    }

    /// Records the block that another process has reached. Its age shows whether that process still works: after
    /// `stale_ms` the tables are not fresh.
    pub fn follow(&self, height: Option<u64>, time_ms: Option<u64>, stale_ms: u64) {
        self.reached(height, time_ms);
        self.head(height.unwrap_or(0), "");
        let age_ms = time_ms.map_or(0, |time| now_ms().saturating_sub(time));
        if age_ms > stale_ms {
            let seconds = age_ms / 1_000;
            self.fail(&format!(
                "the last block in the tables is {seconds} s old: the indexer that writes them does not run, or the \
                 chain stands still"
            ));
        }
    }

    pub(crate) fn head(&self, head: u64, endpoint: &str) {
        let mut state = self.lock();
        state.head = state.head.max(head);
        if state.endpoint != endpoint {
            endpoint.clone_into(&mut state.endpoint);
        }
    }

    pub(crate) fn wrote(&self, blocks: usize, rows: usize) {
        let mut state = self.lock();
        state.blocks_written = state.blocks_written.saturating_add(blocks as u64);
        state.rows_written = state.rows_written.saturating_add(rows as u64);
        state.written_ms = Some(now_ms());
    }

    pub(crate) fn verified(&self, height: i64, differences: u64) {
        let mut state = self.lock();
        state.verified_height = u64::try_from(height).ok();
        state.differences = differences;
    }

    /// Records the first height whose events the outbox has not all published.
    pub(crate) fn published(&self, next: i64) {
        let mut state = self.lock();
        state.published_height = u64::try_from(next.saturating_sub(1)).ok();
        state.outbox_problem = None;
    }

    /// Records the current error of the outbox.
    pub(crate) fn outbox_failed(&self, problem: &str) {
        self.lock().outbox_problem = Some(problem.to_owned());
    }

    /// The error has passed.
    pub(crate) fn recover(&self) {
        self.lock().problem = None;
    }

    /// Records the current error.
    pub fn fail(&self, problem: &str) {
        self.lock().problem = Some(problem.to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of this machine, milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
