//! The figures that a load reports as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The report of a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Transactions that were sent.
    pub sent: u64,
    /// Transactions that a node accepted into its mempool, and those that are final although its answer was lost.
    pub accepted: u64,
    /// Accepted ones that are final, each exactly once.
    pub committed: u64,
    /// Transactions to which no node answered and that are not final: they may still become final.
    pub unknown: u64,
    /// Final transactions that failed.
    pub failed: u64,
    /// Final transactions a second, from the first intended send to the last commit.
    pub rate: f64,
    /// The latency from the intended send to the notification that it is final, milliseconds.
    pub latency_ms: Latency,
    /// The longest time between two commits while transactions were waiting, milliseconds.
    pub longest_pause_ms: u64,
    /// The final height, at which all nodes that answer have the same block; none if no node answers.
    pub height: Option<u64>,
    /// The addresses of the nodes that no longer answer: their chains were not compared.
    pub unreachable: Vec<String>,
    /// Why transactions were not accepted, by code.
    pub refused: BTreeMap<String, u64>,
    /// Why final transactions failed, by code, and by function and error if a module returned one.
    pub failures: BTreeMap<String, u64>,
    /// The calls, by `module.function`.
    pub calls: BTreeMap<String, Calls>,
}

/// The end of a load.
#[derive(Debug)]
pub struct Ended {
    /// The measurements, also if there is a problem.
    pub report: Report,
    /// The problem, if there is one: accepted transactions are not final, or nodes differ or do not answer.
    pub problem: Option<anyhow::Error>,
}

impl Ended {
    /// The report of a load in which nothing went wrong.
    pub fn good(self) -> anyhow::Result<Report> {
        self.problem.map_or(Ok(self.report), Err)
    }
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
