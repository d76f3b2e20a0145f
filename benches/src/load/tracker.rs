//! Measures the latency of every transaction of a load, and counts calls, failures and pauses.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use ehb_sdk::api::{LocatedReceipt, OutcomeView};
use ehb_types::{Hash, SignedTransaction};
use hdrhistogram::Histogram;
use serde_json::Value;

use super::senders::Function;
use super::{Calls, Latency};

/// Follows each transaction from its intended send to the notification that it is final.
pub(crate) struct Tracker {
    due: HashMap<Hash, Tracked>,
    latency_us: Histogram<u64>,
    waiting: u64,
    twice: u64,
    last_commit: Option<Instant>,
    longest_pause: Duration,
    failures: BTreeMap<String, u64>,
    calls: BTreeMap<Function, Calls>,
}

struct Tracked {
    function: Function,
    due: Instant,
    state: State,
    /// The transaction, until it is final or refused: a node that was killed has lost it.
    signed: Option<SignedTransaction>,
}

/// The known state of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// No node has answered yet.
    Sent,
    /// A node accepted it.
    Accepted,
    /// It was sent, and no answer came: a node may have it.
    Unknown,
    /// No node has it, for the reason with this code.
    Refused(String),
    /// It is final, whatever a node answered before.
    Final,
}

impl State {
    /// Whether it can still become final.
    fn is_waiting(&self) -> bool {
        matches!(self, Self::Accepted | Self::Unknown)
    }
}

/// The outcomes of all transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) sent: u64,
    /// Those that a node accepted, and those that are final although no answer came.
    pub(crate) accepted: u64,
    pub(crate) committed: u64,
    /// Those of which no answer came, and that are not final.
    pub(crate) unknown: u64,
    /// The others, by code.
    pub(crate) refused: BTreeMap<String, u64>,
}

/// Latencies above this are counted as this, microseconds.
const LATENCY_MAX_US: u64 = 600_000_000;

impl Tracker {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            due: HashMap::new(),
            latency_us: Histogram::new_with_bounds(1, LATENCY_MAX_US, 3)?,
            waiting: 0,
            twice: 0,
            last_commit: None,
            longest_pause: Duration::ZERO,
            failures: BTreeMap::new(),
            calls: BTreeMap::new(),
        })
    }

    pub(crate) fn sent(
        &mut self,
        signed: &SignedTransaction,
        id: Hash,
        function: Function,
        due: Instant,
    ) {
        let signed = Some(signed.clone());
        self.due.insert(id, Tracked { function, due, state: State::Sent, signed });
    }

    /// A node accepted a transaction.
    pub(crate) fn accepted(&mut self, id: &Hash) {
        self.answered(id, State::Accepted);
    }

    /// No answer came for a transaction.
    pub(crate) fn unanswered(&mut self, id: &Hash) {
        self.answered(id, State::Unknown);
    }

    /// A transaction was refused for certain.
    pub(crate) fn refused(&mut self, id: &Hash, code: &str) {
        self.answered(id, State::Refused(code.to_owned()));
    }

    /// The first certain answer counts: a transaction that is offered again is refused for other reasons.
    fn answered(&mut self, id: &Hash, state: State) {
        let Some(it) = self.due.get_mut(id) else { return };
        if !matches!(it.state, State::Sent | State::Unknown) {
            return;
        }
        self.waiting -= u64::from(it.state.is_waiting());
        self.waiting += u64::from(state.is_waiting());
        if let State::Refused(_) = state {
            it.signed = None;
        }
        it.state = state;
    }

    /// Records final transactions.
    pub(crate) fn receipts(&mut self, receipts: &[LocatedReceipt], at: Instant) {
        let mut own = 0;
        for LocatedReceipt { receipt, .. } in receipts {
            let Some(it) = self.due.get_mut(&receipt.transaction) else { continue };
            if it.state == State::Final {
                self.twice += 1;
                continue;
            }
            own += 1;
            self.waiting -= u64::from(it.state.is_waiting());
            (it.state, it.signed) = (State::Final, None);
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

    /// The transactions that can still become final, those of a lane in their order.
    pub(crate) fn open(&self) -> Vec<SignedTransaction> {
        let waiting = self.due.values().filter(|it| it.state.is_waiting());
        let mut open: Vec<_> = waiting.filter_map(|it| it.signed.clone()).collect();
        open.sort_by_key(|it| (it.transaction.sender, it.transaction.sequence));
        open
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts { sent: self.due.len() as u64, ..Counts::default() };
        for it in self.due.values() {
            match &it.state {
                State::Accepted => counts.accepted += 1,
                State::Final => {
                    (counts.accepted, counts.committed) =
                        (counts.accepted + 1, counts.committed + 1)
                }
                State::Sent | State::Unknown => counts.unknown += 1,
                State::Refused(code) => *counts.refused.entry(code.clone()).or_default() += 1,
            }
        }
        counts
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

#[cfg(test)]
mod tests;
