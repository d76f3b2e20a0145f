//! How long after a block is final its rows are in the tables.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ehb_localnet::IndexerEntry;
use ehb_sdk::Client;
use ehb_sdk::api::{BlockNotice, Detail};
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use crate::connection::Connection;
use crate::network::{load, plan};
use crate::table::quantile_ms;

/// Transfers a second, and for how long.
const LOAD_RATE: u64 = 1_000;
const LOAD_SECONDS: u64 = 20;
/// The interval between queries for the last block in the tables.
const ASK_EVERY: Duration = Duration::from_millis(4);
/// How long after the load its last block must be in the tables.
const LAST_PATIENCE: Duration = Duration::from_secs(30);

/// Quantiles of the lag, milliseconds.
pub(super) struct Lag {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// The last block in the tables, as the indexer reports it after the commit.
#[derive(Deserialize)]
struct Status {
    height: Option<u64>,
}

/// When blocks became final, and when the indexer first reported that they were in the tables.
type Times = BTreeMap<u64, Instant>;

/// Sends transfers, and compares when each block became final on the node that the indexer reads from with when its rows
/// could be read.
pub(super) async fn measure(dir: &Path, node: &str, entry: &IndexerEntry) -> anyhow::Result<Lag> {
    let client = Client::connect(node).await?;
    let first = client.status().await?.height.saturating_add(1);
    let ends = Arc::new(AtomicBool::new(false));
    let (url, stop) = (entry.url.clone(), ends.clone());
    let watching = tokio::task::spawn_blocking(move || watch(&url, &stop));
    let finals = Arc::new(Mutex::new(Times::new()));
    let following = tokio::spawn(follow(client.clone(), first, finals.clone()));
    let count = usize::try_from(LOAD_RATE * LOAD_SECONDS)?;
    let report = load(&plan(dir, LOAD_RATE, count)).await;
    let last = last_with_transactions(&client).await;
    let reached = match &last {
        Ok(last) => timeout(LAST_PATIENCE, super::reach(entry, *last)).await.is_ok(),
        Err(_) => false,
    };
    ends.store(true, Ordering::Relaxed);
    following.abort();
    let written = watching.await??;
    report?;
    let last = last?;
    ensure!(reached, "block {last} was not in the tables {LAST_PATIENCE:?} after the load");
    let finals = finals.lock().unwrap_or_else(PoisonError::into_inner);
    let lags = finals.range(first..=last).map(|(height, is_final)| {
        let seen = written.range(height..).next().map(|(_, seen)| *seen);
        seen.map_or(LAST_PATIENCE, |seen| seen.saturating_duration_since(*is_final))
    });
    let lags: Vec<Duration> = lags.collect();
    ensure!(!lags.is_empty(), "no block became final");
    Ok(Lag { p50: quantile_ms(lags.clone(), 50), p99: quantile_ms(lags, 99) })
}

/// The last block with transactions. An empty one after it waits for a heartbeat, which proves its receipts.
async fn last_with_transactions(client: &Client) -> anyhow::Result<u64> {
    let mut height = client.status().await?.height;
    while client.whole_block(height, Detail::Header).await?.transaction_count == 0 {
        height = height.checked_sub(1).context("there is no block with transactions")?;
    }
    Ok(height)
}

/// Notes when blocks become final on a node, until it is aborted.
async fn follow(client: Client, from: u64, finals: Arc<Mutex<Times>>) {
    let mut blocks = client.blocks(Some(from), Detail::Header);
    loop {
        match blocks.next().await {
            Ok(BlockNotice::Block { block }) => {
                let mut finals = finals.lock().unwrap_or_else(PoisonError::into_inner);
                finals.insert(block.header.height, Instant::now());
            }
            Ok(BlockNotice::Gap { .. }) => {}
            Err(_) => sleep(ASK_EVERY).await,
        }
    }
}

/// Notes when the indexer has written up to which block.
fn watch(url: &str, ends: &AtomicBool) -> anyhow::Result<Times> {
    let (mut connection, mut times) = (Connection::open(url)?, Times::new());
    while !ends.load(Ordering::Relaxed) {
        let status: Status = serde_json::from_slice(connection.get("/status")?)?;
        if let Some(height) = status.height {
            times.entry(height).or_insert_with(Instant::now);
        }
        thread::sleep(ASK_EVERY);
    }
    Ok(times)
}
