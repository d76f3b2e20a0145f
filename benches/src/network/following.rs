//! How fast whole blocks are read from one node, and what that costs finality.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ehb_localnet::NodeEntry;
use serde::Deserialize;
use serde_json::json;

use super::{load, plan};
use crate::connection::Connection;
use crate::table::Line;

/// Transactions a second that are read in whole blocks.
const READ_RATE: u64 = 40_000;
/// How much faster the reader tries to be, percent: an answer has many blocks.
const READ_MARGIN_PERCENT: u64 = 5;
/// Transfers a second beside it, and for how long.
const LOAD_RATE: u64 = 500;
const LOAD_SECONDS: u64 = 20;

/// A reader on a thread of its own: what it does with the answers must not delay those that measure finality.
struct Reader {
    url: String,
    transactions: AtomicU64,
    ends: AtomicBool,
}

/// The part of an answer that the reader decodes. A client that decodes the blocks does so on another machine.
#[derive(Deserialize)]
struct Answer {
    result: Blocks,
}

#[derive(Deserialize)]
struct Blocks {
    blocks: Vec<Block>,
    next: u64,
    head: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    transaction_count: u64,
}

/// Reads the chain again and again at a node while transfers become final, and compares with transfers alone.
pub(super) async fn measure(dir: &Path, nodes: &[NodeEntry]) -> anyhow::Result<Vec<Line>> {
    let plan = plan(dir, LOAD_RATE, usize::try_from(LOAD_RATE * LOAD_SECONDS)?);
    let alone = load(&plan).await?.latency_ms.p50;
    let node = nodes.first().context("there is no node to read from")?;
    let (transactions, ends) = (AtomicU64::new(0), AtomicBool::new(false));
    let reader = Arc::new(Reader { url: node.rpc.clone(), transactions, ends });
    let begun = Instant::now();
    let running = reader.clone();
    let mut reading = tokio::task::spawn_blocking(move || running.read());
    let beside = tokio::select! {
        report = load(&plan) => report?.latency_ms.p50,
        ended = &mut reading => {
            ended??;
            anyhow::bail!("the reader ended before the load");
        }
    };
    let rate = reader.transactions.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    reader.ends.store(true, Ordering::Relaxed);
    reading.await??;
    Ok(vec![
        Line::at_least("canonical blocks read from one node", "1/s", READ_RATE as f64, rate),
        Line::at_most("finality beside it, of that without", "%", 120.0, beside * 100.0 / alone),
    ])
}

impl Reader {
    /// Reads the chain again and again, no faster than it should, and counts transactions.
    fn read(&self) -> anyhow::Result<()> {
        let mut connection = Connection::open(&self.url)?;
        let (begun, mut next) = (Instant::now(), 1);
        while !self.ends.load(Ordering::Relaxed) {
            let params = json!({"from": next, "detail": "canonical"});
            let answer = connection.call("chain_getBlocks", &params)?;
            let Blocks { blocks, next: after, head } =
                serde_json::from_slice::<Answer>(answer)?.result;
            ensure!(!blocks.is_empty(), "block {next} of {head} did not come");
            let count: u64 = blocks.iter().map(|it| it.transaction_count).sum();
            let all = self.transactions.fetch_add(count, Ordering::Relaxed) + count;
            let rate = READ_RATE * (100 + READ_MARGIN_PERCENT) / 100;
            let due = begun + Duration::from_micros(all * 1_000_000 / rate);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            next = if after > head { 1 } else { after };
        }
        Ok(())
    }
}
