//! What an indexer has done and where it is, for people, metrics and readiness.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// Where an indexer is. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<State>>);

/// Where an indexer is at a moment.
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
    /// What keeps it from going on, if something does.
    pub problem: Option<String>,
}

impl State {
    /// How many blocks of the head are not in the tables. The last block waits for its successor, which proves its
    /// receipts, so 1 is as near as it gets on an idle chain.
    pub fn blocks_behind(&self) -> u64 {
        let next = self.height.map_or(0, |height| height.saturating_add(1));
        self.head.saturating_add(1).saturating_sub(next)
    }

    /// Whether what is read from the tables is fresh.
    pub fn is_ready(&self) -> bool {
        self.problem.is_none() && self.height.is_some() && self.blocks_behind() <= BEHIND_MAX
    }
}

/// How many blocks a fresh index is behind at most: the block that waits for its proof, and those that come while a
/// transaction is under way.
const BEHIND_MAX: u64 = 10;

impl Progress {
    /// Where it is now.
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

    /// Takes the height that another process has reached.
    pub fn follow(&self, height: Option<u64>) {
        self.reached(height, None);
        self.head(height.unwrap_or(0), "");
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

    /// Notes what keeps it from going on.
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
