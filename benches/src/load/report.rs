use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a load did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Transactions that were sent.
    pub sent: u64,
    /// Those that a node took into its mempool.
    pub accepted: u64,
    /// Accepted ones that are final, each exactly once.
    pub committed: u64,
    /// Final ones that had no effect.
    pub failed: u64,
    /// Final transactions a second, from the first intended send to the last commit.
    pub rate: f64,
    /// From the intended send to the notice that it is final, milliseconds.
    pub latency_ms: Latency,
    /// The longest time between two commits while transactions were waiting, milliseconds.
    pub longest_pause_ms: u64,
    /// The height at the end, at which all nodes that run have the same block.
    pub height: u64,
    /// Why transactions were not accepted, by code.
    pub refused: BTreeMap<String, u64>,
    /// Why final transactions had no effect, by code, and by function and error where a module told it.
    pub failures: BTreeMap<String, u64>,
    /// What became of the calls, by `module.function`.
    pub calls: BTreeMap<String, Calls>,
}

/// The final calls of one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// How many became final.
    pub committed: u64,
    /// Those of them that had no effect.
    pub failed: u64,
    /// The gas that they used in all.
    pub gas: u64,
}

/// Quantiles of the latency, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half of all took at most this long.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}
