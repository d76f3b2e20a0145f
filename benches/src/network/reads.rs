//! How long reads take while blocks are committed, at the head and far back.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ehb_localnet::{LoadAccounts, NodeEntry};
use ehb_sdk::Client;
use ehb_sdk::api::{AccountClient, At, Bytes, StateClient, StateKey};
use ehb_types::Name;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{load, plan};
use crate::table::Line;

/// Reads a second, half of them accounts and half of them entries with proofs, and for how long.
const READ_RATE: u64 = 2_000;
const READ_SECONDS: u64 = 10;
/// Reads that may wait for their answers at once.
const IN_FLIGHT_MAX: usize = 512;
/// Transfers a second beside it.
const LOAD_RATE: u64 = 200;
/// How far back the state is read.
const BACK: u64 = 9_000;
const LATENCY_MS_MAX: f64 = 5.0;

/// Reads from one node of a network with more than 9,000 blocks while transfers become final.
pub(super) async fn measure(dir: &Path, nodes: &[NodeEntry]) -> anyhow::Result<Vec<Line>> {
    let node = nodes.first().context("there is no node to read from")?;
    let client = Client::connect(&node.rpc).await?;
    let accounts = LoadAccounts::read(dir)?.accounts.into_iter().map(|it| it.address).collect();
    let accounts: Arc<[String]> = Vec::into(accounts);
    let mut lines = Vec::new();
    for (what, back) in [("at the head", None), ("9,000 heights back", Some(BACK))] {
        let head = client.status().await?.height;
        ensure!(head > BACK, "the chain has only {head} blocks");
        let beside = plan(dir, LOAD_RATE, usize::try_from(LOAD_RATE * READ_SECONDS)?);
        let (report, times) = tokio::join!(load(&beside), read(&client, &accounts, back));
        report?;
        let p99 = p99_ms(times?);
        let text = format!("reads and proofs {what}, 2,000/s beside blocks, p99");
        lines.push(Line::at_most(text, "ms", LATENCY_MS_MAX, p99));
    }
    Ok(lines)
}

fn p99_ms(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() * 99 / 100).map_or(f64::INFINITY, |time| time.as_secs_f64() * 1e3)
}

/// How long each read took, from when it was due to begin. `back`: how many heights below the head of that second, as a
/// height that stays the same would be pruned before the end.
async fn read(
    client: &Client,
    accounts: &Arc<[String]>,
    back: Option<u64>,
) -> anyhow::Result<Vec<Duration>> {
    let room = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    let mut reads = JoinSet::new();
    let mut times = Vec::new();
    let mut at = None;
    let begun = Instant::now();
    for index in 0..READ_RATE * READ_SECONDS {
        let due = begun + Duration::from_micros(index * 1_000_000 / READ_RATE);
        sleep(due.saturating_duration_since(Instant::now())).await;
        if let Some(back) = back
            && index.is_multiple_of(READ_RATE)
        {
            at = Some(At::Height(client.status().await?.height.saturating_sub(back)));
        }
        let start = Instant::now();
        let room = Arc::clone(&room).acquire_owned().await?;
        let (client, accounts) = (client.clone(), Arc::clone(accounts));
        reads.spawn(async move {
            read_one(&client, &accounts, index, at).await?;
            drop(room);
            anyhow::Ok(start.elapsed())
        });
        while let Some(done) = reads.try_join_next() {
            times.push(done??);
        }
    }
    while let Some(done) = reads.join_next().await {
        times.push(done??);
    }
    Ok(times)
}

/// Reads an account or, every other time, an entry with its proof.
async fn read_one(
    client: &Client,
    accounts: &[String],
    index: u64,
    at: Option<At>,
) -> anyhow::Result<()> {
    if index.is_multiple_of(2) {
        let place = usize::try_from(index)? % accounts.len();
        AccountClient::get(client.rpc(), accounts[place].clone(), at).await?;
        return Ok(());
    }
    // No entry has such a key; where it would be is as deep in the tree as any entry.
    let key = ehb_crypto::hash(ehb_crypto::Domain::ModuleData, &index.to_le_bytes());
    let key = StateKey { module: Some(Name::new("wallet")?), key: Bytes(key.0.to_vec()) };
    StateClient::proof(client.rpc(), key, at).await?;
    Ok(())
}
