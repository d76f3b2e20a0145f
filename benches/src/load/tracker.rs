//! Measures the latency of every transaction of a load, and counts calls, failures and pauses.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use ehb_sdk::api::{LocatedReceipt, OutcomeView};
use ehb_types::Hash;
use hdrhistogram::Histogram;
use serde_json::Value;

use super::senders::Function;
use super::{Calls, Latency};

/// Follows each transaction from its intended send to the notification that it is final.
pub(crate) struct Tracker {
    due: HashMap<Hash, Tracked>,
    latency_us: Histogram<u64>,
    waiting: u64,
    committed: u64,
    twice: u64,
    last_commit: Option<Instant>,
    longest_pause: Duration,
    failures: BTreeMap<String, u64>,
    calls: BTreeMap<Function, Calls>,
}

struct Tracked {
    function: Function,
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
            failures: BTreeMap::new(),
            calls: BTreeMap::new(),
        })
    }

    pub(crate) fn sent(&mut self, id: Hash, function: Function, due: Instant) {
        self.due.insert(id, Tracked { function, due, accepted: None, is_final: false });
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

    /// Records final transactions.
    pub(crate) fn receipts(&mut self, receipts: &[LocatedReceipt], at: Instant) {
        let mut own = 0;
        for LocatedReceipt { receipt, .. } in receipts {
            let Some(it) = self.due.get_mut(&receipt.transaction) else { continue };
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
            let calls = self.calls.entry(it.function).or_default();
            calls.committed += 1;
            calls.gas += receipt.gas_used.0;
            if let Some(failure) = failure(&receipt.outcome) {
                calls.failed += 1;
                *self.failures.entry(failure).or_default() += 1;
            }
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

    /// Why final transactions failed.
    pub(crate) fn failures(&self) -> &BTreeMap<String, u64> {
        &self.failures
    }

    /// The calls by function.
    pub(crate) fn calls(&self) -> BTreeMap<String, Calls> {
        let named = |(function, calls): (&Function, &Calls)| {
            (format!("{}.{}", function.module, function.name), *calls)
        };
        self.calls.iter().map(named).collect()
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

/// Why a transaction failed: the code, and the function and error if a module returned one.
fn failure(outcome: &OutcomeView) -> Option<String> {
    let OutcomeView::Failure { code, error, .. } = outcome else { return None };
    let Some(error) = error else { return Some(code.clone()) };
    let case = match &error.value.value {
        Value::String(case) => case.as_str(),
        Value::Object(case) => case.keys().next().map_or("", String::as_str),
        _ => "",
    };
    Some(format!("{code} {}.{} {case}", error.module, error.function))
}
