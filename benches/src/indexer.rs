//! Measures the indexer with its private Postgres beside a network of four validators, all on this machine.

mod lag;
mod products;
mod streams;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ehb_localnet::{IndexerEntry, Network, indexer_status};
use ehb_sdk::Client;
use tokio::time::sleep;

use crate::network::{down, load, memory_mb_of, plan, up};
use crate::table::Line;
use streams::Streams;

/// The transfers that the indexer reads when it starts, and their rate a second while they are made.
const BACKFILL_TRANSFERS: usize = 100_000;
const BACKFILL_MADE_RATE: u64 = 4_000;
/// The interval between queries for the indexer's height.
const ASK_EVERY: Duration = Duration::from_millis(10);
/// The time limit for the indexer to reach a height.
const REACH_PATIENCE: Duration = Duration::from_secs(600);
/// Open live streams of which each reads all blocks.
const STREAMS: usize = 1_000;

/// Runs all measurements of the indexer, each with the tables that the one before it has left.
pub async fn run() -> anyhow::Result<Vec<Line>> {
    let (dir, mut network) = up().await?;
    let lines = measure(&mut network, dir.path()).await;
    let stopped = network.stop_indexer();
    down(network)?;
    stopped?;
    lines
}

async fn measure(network: &mut Network, dir: &Path) -> anyhow::Result<Vec<Line>> {
    let nodes = network.select(None)?;
    let node = nodes.first().context("there is no node")?.rpc.clone();
    let made = load(&plan(dir, BACKFILL_MADE_RATE, BACKFILL_TRANSFERS)).await?;
    ensure!(made.failed == 0, "of the transfers some failed: {:?}", made.failures);
    let head = Client::connect(&node).await?.status().await?.height;
    network.add_indexer().await?;
    let begun = Instant::now();
    network.start_indexer().await?;
    let entry = network.manifest().indexer.clone().context("there is no indexer")?;
    // The last block waits for the next heartbeat.
    reach(&entry, head.saturating_sub(1)).await?;
    let backfill = made.committed as f64 / begun.elapsed().as_secs_f64();
    let mut lines = vec![Line::at_least(
        "indexer: verified transfers from genesis, with its start",
        "1/s",
        5_000.0,
        backfill,
    )];

    let alone = lag::measure(dir, &node, &entry).await?;
    lines.push(Line::at_most("indexer: lag at the head at 1,000/s, p50", "ms", 150.0, alone.p50));
    lines.push(Line::at_most("indexer: lag at the head at 1,000/s, p99", "ms", 300.0, alone.p99));

    let streams = Streams::open(&entry.url, STREAMS).await?;
    let beside = lag::measure(dir, &node, &entry).await?;
    let last = streams.close().await?;
    ensure!(last > head, "the live streams ended at block {last}");
    lines.push(Line::at_most(
        "indexer: lag beside 1,000 live streams, p50, of that without",
        "%",
        120.0,
        beside.p50 * 100.0 / alone.p50,
    ));

    products::create(&node, dir).await?;
    reach(&entry, Client::connect(&node).await?.status().await?.height.saturating_sub(1)).await?;
    let search = products::search(&entry.url).await?;
    let text = "indexer: search over 100,000 products, p99";
    lines.push(Line::at_most(text, "ms", 50.0, search));

    let pid = Network::find_indexer(&entry).context("the indexer does not run any more")?;
    let peak = memory_mb_of(pid.into(), "VmHWM")?;
    lines.push(Line::at_most("indexer: most resident memory in all of this", "MB", 200.0, peak));
    Ok(lines)
}

/// Waits until a block is in the tables.
async fn reach(entry: &IndexerEntry, height: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let status = indexer_status(entry).await;
        if status.as_ref().is_some_and(|it| it.height >= Some(height)) {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < REACH_PATIENCE,
            "the indexer did not reach block {height}: {status:?}"
        );
        sleep(ASK_EVERY).await;
    }
}
