//! The figures that a load reports as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The report of a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Transactions that were sent.
    pub sent: u64,
    /// Transactions that a node accepted into its mempool.
    pub accepted: u64,
    /// Accepted ones that are final, each exactly once.
    pub committed: u64,
    /// Final transactions that failed.
    pub failed: u64,
    /// Final transactions a second, from the first intended send to the last commit.
    pub rate: f64,
    /// The latency from the intended send to the notification that it is final, milliseconds.
    pub latency_ms: Latency,
    /// The longest time between two commits while transactions were waiting, milliseconds.
    pub longest_pause_ms: u64,
    /// The final height, at which all running nodes have the same block.
    pub height: u64,
    /// Why transactions were not accepted, by code.
    pub refused: BTreeMap<String, u64>,
    /// Why final transactions failed, by code, and by function and error if a module returned one.
    pub failures: BTreeMap<String, u64>,
    /// The calls, by `module.function`.
    pub calls: BTreeMap<String, Calls>,
}

/// The final calls of one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// The number of final calls.
    pub committed: u64,
    /// The number of failed ones.
    pub failed: u64,
    /// Their total gas.
    pub gas: u64,
}

/// Quantiles of the latency, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The maximum.
    pub max: f64,
}
