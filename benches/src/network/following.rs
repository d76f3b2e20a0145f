//! How fast whole blocks are read from one node, and what that costs finality.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ehb_localnet::NodeEntry;
use ehb_sdk::Client;
use ehb_sdk::api::{BlocksView, ChainClient, Detail};
use tokio::time::sleep;

use super::{load, plan};
use crate::table::Line;

/// Transactions a second that are read in whole blocks.
const READ_RATE: u64 = 40_000;
/// How much faster the reader tries to be, percent: an answer has many blocks.
const READ_MARGIN_PERCENT: u64 = 5;
/// Transfers a second beside it, and for how long.
const LOAD_RATE: u64 = 500;
const LOAD_SECONDS: u64 = 20;

/// Reads the chain again and again at a node while transfers become final, and compares with transfers alone.
pub(super) async fn measure(dir: &Path, nodes: &[NodeEntry]) -> anyhow::Result<Vec<Line>> {
    let plan = plan(dir, LOAD_RATE, usize::try_from(LOAD_RATE * LOAD_SECONDS)?);
    let alone = load(&plan).await?.latency_ms.p50;
    let node = nodes.first().context("there is no node to read from")?;
    let client = Client::connect(&node.rpc).await?;
    let (transactions, begun) = (AtomicU64::new(0), Instant::now());
    let beside = tokio::select! {
        report = load(&plan) => report?.latency_ms.p50,
        failed = read(&client, &transactions) => return Err(failed),
    };
    let rate = transactions.into_inner() as f64 / begun.elapsed().as_secs_f64();
    Ok(vec![
        Line::at_least("canonical blocks read from one node", "1/s", READ_RATE as f64, rate),
        Line::at_most("finality beside it, of that without", "%", 120.0, beside * 100.0 / alone),
    ])
}

/// Reads until it fails, no faster than it should, and counts transactions.
async fn read(client: &Client, transactions: &AtomicU64) -> anyhow::Error {
    let begun = Instant::now();
    loop {
        if let Err(error) = read_chain(client, transactions, begun).await {
            return error;
        }
    }
}

async fn read_chain(
    client: &Client,
    transactions: &AtomicU64,
    begun: Instant,
) -> anyhow::Result<()> {
    let mut next = 1;
    loop {
        let answer = client.rpc().blocks(next, None, Some(Detail::Canonical)).await?;
        let BlocksView { blocks, next: after, head } = answer;
        ensure!(!blocks.is_empty(), "block {next} of {head} did not come");
        let count: u64 = blocks.iter().map(|it| u64::from(it.transaction_count)).sum();
        let all = transactions.fetch_add(count, Ordering::Relaxed) + count;
        let rate = READ_RATE * (100 + READ_MARGIN_PERCENT) / 100;
        let due = begun + Duration::from_micros(all * 1_000_000 / rate);
        sleep(due.saturating_duration_since(Instant::now())).await;
        next = after;
        if next > head {
            return Ok(());
        }
    }
}
