//! Registers the node's Prometheus metrics, updates them and encodes them as text.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use ehb_replica::{Commit, Status};
use ehb_rpc_server::Usage;
use ehb_types::{Hash, Outcome, Rejection};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::client_metrics::ClientMetrics;
use crate::health::{Condition, Reported};
use crate::network_metrics::NetworkMetrics;

/// The node's metrics, for Prometheus.
pub(crate) struct Metrics {
    registry: RwLock<Registry>,
    height: Gauge,
    round: Gauge,
    best_peer_height: Gauge,
    catching_up: Gauge,
    stalled: Gauge,
    clock_ahead_seconds: Gauge<f64, AtomicU64>,
    wrong_clocks: Gauge,
    untimely_blocks: Gauge,
    undecided_bodies: Gauge,
    key_used_elsewhere: Gauge,
    conditions: Family<Vec<(&'static str, &'static str)>, Gauge>,
    peers: Gauge,
    mempool_transactions: Gauge,
    mempool_bytes: Gauge,
    disk_bytes: Gauge,
    transactions_final: Counter,
    transactions_failed: Counter,
    transactions_accepted: Counter,
    transactions_refused: Counter,
    rounds_lost: Counter,
    gas_used: Counter,
    sync_seconds: Histogram,
    commit_seconds: Histogram,
}

fn latency() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 2.0, 18))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: RwLock::new(Registry::with_prefix("ehb")),
            height: Gauge::default(),
            round: Gauge::default(),
            best_peer_height: Gauge::default(),
            catching_up: Gauge::default(),
            stalled: Gauge::default(),
            clock_ahead_seconds: Gauge::default(),
            wrong_clocks: Gauge::default(),
            untimely_blocks: Gauge::default(),
            undecided_bodies: Gauge::default(),
            key_used_elsewhere: Gauge::default(),
            conditions: Family::default(),
            peers: Gauge::default(),
            mempool_transactions: Gauge::default(),
            mempool_bytes: Gauge::default(),
            disk_bytes: Gauge::default(),
            transactions_final: Counter::default(),
            transactions_failed: Counter::default(),
            transactions_accepted: Counter::default(),
            transactions_refused: Counter::default(),
            rounds_lost: Counter::default(),
            gas_used: Counter::default(),
            sync_seconds: latency(),
            commit_seconds: latency(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", version);
        let gauges = [
            ("chain_height", "The last committed height", &self.height),
            ("consensus_round", "The round in which the next height is being decided", &self.round),
            (
                "chain_best_peer_height",
                "The highest height that a peer announced",
                &self.best_peer_height,
            ),
            ("chain_catching_up", "1 while the node is catching up", &self.catching_up),
            (
                "consensus_stalled",
                "1 while too few validators vote, because some lost their records",
                &self.stalled,
            ),
            ("clocks_wrong", "Validators whose clock is far from that median", &self.wrong_clocks),
            (
                "consensus_untimely_blocks",
                "Proposed blocks rejected since the start because of their time",
                &self.untimely_blocks,
            ),
            (
                "consensus_undecided_bodies",
                "Proposed blocks in memory for the next height",
                &self.undecided_bodies,
            ),
            (
                "consensus_key_used_elsewhere",
                "1 if another node uses this node's keys",
                &self.key_used_elsewhere,
            ),
            ("network_peers", "Connected peers", &self.peers),
            ("mempool_transactions", "Pending transactions", &self.mempool_transactions),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
        registry.register_with_unit(
            "clock_ahead",
            "How far this node's clock is ahead of the median of the validators' clocks",
            Unit::Seconds,
            self.clock_ahead_seconds.clone(),
        );
        registry.register(
            "node_condition",
            "1 while this condition impairs the node",
            self.conditions.clone(),
        );
        let bytes = [
            ("mempool_size", "Encoded size of the pending transactions", &self.mempool_bytes),
            ("store_disk", "Size of the database on disk", &self.disk_bytes),
        ];
        for (name, help, gauge) in bytes {
            registry.register_with_unit(name, help, Unit::Bytes, gauge.clone());
        }
        let counters = [
            ("transactions_final", "Final transactions", &self.transactions_final),
            ("transactions_failed", "Final transactions that failed", &self.transactions_failed),
            ("transactions_accepted", "Submissions accepted here", &self.transactions_accepted),
            ("transactions_refused", "Submissions rejected here", &self.transactions_refused),
            ("consensus_rounds_lost", "Rounds without a decision", &self.rounds_lost),
            ("gas_used", "Gas used by final transactions", &self.gas_used),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        let histograms = [
            ("store_sync", "Making the consensus log durable", &self.sync_seconds),
            ("store_commit", "Writing a block", &self.commit_seconds),
        ];
        for (name, help, histogram) in histograms {
            registry.register_with_unit(name, help, Unit::Seconds, histogram.clone());
        }
    }

    /// Adds the counters of the RPC server.
    pub(crate) fn add_clients(&self, usage: Arc<Usage>) {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(ClientMetrics(usage)));
    }

    /// Adds the counters of the network.
    pub(crate) fn add_network(&self, network: NetworkMetrics) {
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(network));
    }

    pub(crate) fn finalized(&self, commit: &Commit) {
        let receipts = &commit.execution.receipts;
        self.height.set(clamp(commit.block.header.height));
        self.transactions_final.inc_by(receipts.len() as u64);
        let failed = receipts.iter().filter(|it| matches!(it.outcome, Outcome::Failure(_)));
        self.transactions_failed.inc_by(failed.count() as u64);
        self.gas_used.inc_by(receipts.iter().map(|it| it.gas_used).sum());
        self.rounds_lost.inc_by(commit.certificate.round.into());
    }

    pub(crate) fn submitted(&self, result: &Result<Hash, Rejection>) {
        match result {
            Ok(_) => self.transactions_accepted.inc(),
            Err(_) => self.transactions_refused.inc(),
        };
    }

    pub(crate) fn timed_sync<T>(&self, write: impl FnOnce() -> T) -> T {
        timed(&self.sync_seconds, write)
    }

    pub(crate) fn timed_commit<T>(&self, write: impl FnOnce() -> T) -> T {
        timed(&self.commit_seconds, write)
    }

    /// Records the conditions that impair the node.
    pub(crate) fn conditions(&self, reported: &[Reported]) {
        for condition in Condition::ALL {
            let holds = reported.iter().any(|it| it.condition == condition);
            let labels = vec![("condition", condition.code())];
            self.conditions.get_or_create(&labels).set(holds.into());
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(
        &self,
        status: &Status,
        peers: usize,
        mempool_bytes: usize,
        disk_bytes: u64,
    ) -> String {
        self.height.set(clamp(status.height));
        self.round.set(status.round.into());
        self.best_peer_height.set(clamp(status.best_peer_height));
        self.catching_up.set(status.catching_up.into());
        self.stalled.set(status.stalled.into());
        self.clock_ahead_seconds.set(status.clocks.ahead_ms.unwrap_or_default() as f64 / 1e3);
        self.wrong_clocks.set(clamp(status.clocks.wrong.len() as u64));
        self.untimely_blocks.set(clamp(status.untimely_blocks));
        self.undecided_bodies.set(clamp(status.usage.bodies as u64));
        self.key_used_elsewhere.set(status.key_used_elsewhere.into());
        self.peers.set(clamp(peers as u64));
        self.mempool_transactions.set(clamp(status.pending as u64));
        self.mempool_bytes.set(clamp(mempool_bytes as u64));
        self.disk_bytes.set(clamp(disk_bytes));
        self.encoded()
    }

    /// The metrics as OpenMetrics text.
    pub(crate) fn encoded(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.read().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

fn timed<T>(histogram: &Histogram, write: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = write();
    histogram.observe(start.elapsed().as_secs_f64());
    result
}

fn clamp(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
