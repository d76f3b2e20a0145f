use std::collections::HashMap;
use std::time::{Duration, Instant};

use ehb_types::Hash;
use hdrhistogram::Histogram;

use super::Latency;

/// Follows each transaction from its intended send to the notice that it is final.
pub(crate) struct Tracker {
    due: HashMap<Hash, Tracked>,
    latency_us: Histogram<u64>,
    waiting: u64,
    committed: u64,
    twice: u64,
    last_commit: Option<Instant>,
    longest_pause: Duration,
}

struct Tracked {
    due: Instant,
    accepted: Option<bool>,
    is_final: bool,
}

/// Latencies above this are counted as this, microseconds.
const LATENCY_MAX_US: u64 = 600_000_000;

impl Tracker {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            due: HashMap::new(),
            latency_us: Histogram::new_with_bounds(1, LATENCY_MAX_US, 3)?,
            waiting: 0,
            committed: 0,
            twice: 0,
            last_commit: None,
            longest_pause: Duration::ZERO,
        })
    }

    pub(crate) fn sent(&mut self, id: Hash, due: Instant) {
        self.due.insert(id, Tracked { due, accepted: None, is_final: false });
    }

    pub(crate) fn answered(&mut self, id: &Hash, accepted: bool) {
        if let Some(it) = self.due.get_mut(id)
            && it.accepted.is_none()
        {
            it.accepted = Some(accepted);
            if accepted && !it.is_final {
                self.waiting += 1;
            }
        }
    }

    /// Takes note of a block with these transactions.
    pub(crate) fn block(&mut self, ids: &[Hash], at: Instant) {
        let mut own = 0;
        for id in ids {
            let Some(it) = self.due.get_mut(id) else { continue };
            if it.is_final {
                self.twice += 1;
                continue;
            }
            own += 1;
            it.is_final = true;
            self.committed += 1;
            if it.accepted == Some(true) {
                self.waiting -= 1;
            }
            let latency = at.saturating_duration_since(it.due).as_micros();
            self.latency_us.saturating_record(u64::try_from(latency).unwrap_or(u64::MAX));
        }
        if own > 0 {
            self.paused_until(at);
            self.last_commit = Some(at);
        }
    }

    /// A pause counts while something waits to be committed.
    pub(crate) fn paused_until(&mut self, now: Instant) {
        if let Some(last) = self.last_commit {
            self.longest_pause = self.longest_pause.max(now.saturating_duration_since(last));
        }
    }

    pub(crate) fn nothing_waits(&mut self, now: Instant) {
        if self.waiting == 0 {
            self.last_commit = Some(now);
        }
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    pub(crate) fn committed(&self) -> u64 {
        self.committed
    }

    pub(crate) fn twice(&self) -> u64 {
        self.twice
    }

    pub(crate) fn last_commit(&self) -> Option<Instant> {
        self.last_commit
    }

    pub(crate) fn longest_pause(&self) -> Duration {
        self.longest_pause
    }

    pub(crate) fn latency(&self) -> Latency {
        let ms = |quantile| self.latency_us.value_at_quantile(quantile) as f64 / 1e3;
        if self.latency_us.is_empty() {
            return Latency::default();
        }
        Latency {
            p50: ms(0.5),
            p95: ms(0.95),
            p99: ms(0.99),
            max: self.latency_us.max() as f64 / 1e3,
        }
    }
}
