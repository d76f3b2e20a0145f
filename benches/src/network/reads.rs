//! How long reads take while blocks are committed, at the head and far back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use ehb_localnet::{LoadAccounts, NodeEntry};
use ehb_sdk::Client;
use ehb_sdk::api::Bytes;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{load, plan};
use crate::connection::Connection;
use crate::table::{Line, quantile_ms};

/// Reads a second, half of them accounts and half of them entries with proofs, and for how long.
const READ_RATE: u64 = 2_000;
const READ_SECONDS: u64 = 10;
/// Connections that take turns; a read whose connection still waits for an answer begins late, which counts.
const CONNECTIONS: u64 = 64;
/// Transfers a second beside it.
const LOAD_RATE: u64 = 200;
/// How far back the state is read.
const BACK: u64 = 9_000;
const LATENCY_MS_MAX: f64 = 5.0;

/// The reads of a run: their times are fixed before it begins, so that a slow answer delays none of the others.
struct Reads {
    url: String,
    accounts: Vec<String>,
    begun: Instant,
    /// The height to read at, if it is not the head.
    at: Option<AtomicU64>,
    failed: AtomicBool,
}

/// Reads from one node of a network with more than 9,000 blocks while transfers become final.
pub(super) async fn measure(dir: &Path, nodes: &[NodeEntry]) -> anyhow::Result<Vec<Line>> {
    let node = nodes.first().context("there is no node to read from")?;
    let client = Client::connect(&node.rpc).await?;
    let accounts: Vec<String> =
        LoadAccounts::read(dir)?.accounts.into_iter().map(|it| it.address).collect();
    let mut lines = Vec::new();
    for (what, back) in [("at the head", None), ("9,000 heights back", Some(BACK))] {
        let head = client.status().await?.height;
        ensure!(head > BACK, "the chain has only {head} blocks");
        let reads = Reads {
            url: node.rpc.clone(),
            accounts: accounts.clone(),
            begun: Instant::now() + Duration::from_millis(500),
            at: back.map(|back| AtomicU64::new(head - back)),
            failed: AtomicBool::new(false),
        };
        let beside = plan(dir, LOAD_RATE, usize::try_from(LOAD_RATE * READ_SECONDS)?);
        let reads = Arc::new(reads);
        let run = reads.clone();
        let times = tokio::task::spawn_blocking(move || run.times());
        let (report, (), times) =
            tokio::join!(load(&beside), reads.move_on(&client, back.unwrap_or(0)), times);
        report?;
        let p99 = quantile_ms(times??, 99);
        let text = format!("reads and proofs {what}, 2,000/s beside blocks, p99");
        lines.push(Line::at_most(text, "ms", LATENCY_MS_MAX, p99));
    }
    Ok(lines)
}

impl Reads {
    /// Moves the height with the head, once a second: one that stays the same would be pruned before the end.
    async fn move_on(&self, client: &Client, back: u64) {
        let Some(at) = &self.at else { return };
        for _ in 0..READ_SECONDS {
            sleep(Duration::from_secs(1)).await;
            if let Ok(status) = client.status().await {
                at.store(status.height.saturating_sub(back), Ordering::Relaxed);
            }
        }
    }

    /// How long each read took.
    fn times(&self) -> anyhow::Result<Vec<Duration>> {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..CONNECTIONS)
                .map(|first| scope.spawn(move || self.of_connection(first)))
                .collect();
            let mut times = Vec::new();
            for thread in threads {
                times.extend(thread.join().map_err(|_| anyhow!("a thread that reads failed"))??);
            }
            Ok(times)
        })
    }

    fn of_connection(&self, first: u64) -> anyhow::Result<Vec<Duration>> {
        let mut connection = Connection::open(&self.url)?;
        let mut times = Vec::new();
        let step = usize::try_from(CONNECTIONS)?;
        for index in (first..READ_RATE * READ_SECONDS).step_by(step) {
            let due = self.begun + Duration::from_micros(index * 1_000_000 / READ_RATE);
            // A read that is late since the one before it took long began when it was due; how long this thread takes to
            // wake up is not the node's time.
            let wait = due.saturating_duration_since(Instant::now());
            thread::sleep(wait);
            let begin = if wait.is_zero() { due } else { Instant::now() };
            if self.failed.load(Ordering::Relaxed) {
                break;
            }
            let (method, params) = self.read(index)?;
            if let Err(error) = connection.call(method, &params) {
                self.failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
            times.push(begin.elapsed());
        }
        Ok(times)
    }

    /// A read of an account or, every other time, of an entry with its proof.
    fn read(&self, index: u64) -> anyhow::Result<(&'static str, Value)> {
        let (method, mut params) = if index.is_multiple_of(2) {
            let place = usize::try_from(index)? % self.accounts.len();
            ("account_get", json!({"address": self.accounts[place]}))
        } else {
            // No entry has such a key; where it would be is as deep in the tree as any entry.
            let key = ehb_crypto::hash(ehb_crypto::Domain::ModuleData, &index.to_le_bytes());
            let key = Bytes(key.0.to_vec());
            ("state_getProof", json!({"key": {"module": "wallet", "key": key}}))
        };
        if let Some(at) = &self.at {
            params["at"] = at.load(Ordering::Relaxed).into();
        }
        Ok((method, params))
    }
}
