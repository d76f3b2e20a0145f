//! Measures a whole network of four validators on this machine, with the load on the same machine.

mod following;
mod reads;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use ehb_localnet::{Network, NodeEntry, Plan as NetworkPlan, create};
use ehb_sdk::Client;
use tokio::time::sleep;

use crate::load::{self, Plan, Report, Scenario};
use crate::table::Line;

/// The duration and rate of the load.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Transactions a second in the sustained load.
    pub rate: u64,
    /// Seconds of the sustained load.
    pub seconds: u64,
    /// Transactions of the burst.
    pub burst: usize,
}

/// Mixed calls a second, for half as long as the transfers.
const MIXED_RATE: u64 = 1_700;
/// The number of blocks that an emptied node fetches.
const CATCH_UP_BLOCKS: u64 = 10_000;
/// Transactions a second while these blocks are made: each has about one, or none.
const SMALL_BLOCKS_RATE: u64 = 60;
/// The time limit for an emptied node to catch up.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(300);

/// Transfers a second for which blocks have about 4, and for which they have hundreds; and for how long.
const SHARE_RATES: [u64; 2] = [300, 5_500];
const SHARE_SECONDS: u64 = 15;

/// The share of history in the processor time of a transfer on a node. `added_us`: the transfers in a block, a few first and
/// then hundreds, and the time that history adds to one.
pub async fn history_share(added_us: &[(u64, f64)]) -> anyhow::Result<Vec<Line>> {
    let (dir, network) = up().await?;
    let lines = history_share_of(&network, dir.path(), added_us).await;
    down(network)?;
    lines
}

async fn history_share_of(
    network: &Network,
    dir: &Path,
    added_us: &[(u64, f64)],
) -> anyhow::Result<Vec<Line>> {
    let nodes = network.select(None)?;
    let client = Client::connect(&nodes.first().context("there is no node")?.rpc).await?;
    let mut lines = Vec::new();
    for (rate, (transfers, added)) in SHARE_RATES.into_iter().zip(added_us) {
        let (cpu, height) = (cpu_seconds(&nodes)?, client.status().await?.height);
        let done = load(&plan(dir, rate, usize::try_from(rate * SHARE_SECONDS)?)).await?.committed;
        let blocks = client.status().await?.height - height;
        let each = (cpu_seconds(&nodes)? - cpu) * 1e6 / nodes.len() as f64 / done as f64;
        let size = done as f64 / blocks as f64;
        let text = format!(
            "history: share of a transfer, {transfers} a block (a node: {each:.0} us at {size:.0} a block)"
        );
        lines.push(Line::at_most(text, "%", 5.0, added * 100.0 / (each - added)));
    }
    Ok(lines)
}

/// Runs all measurements with networks.
pub async fn run(effort: Effort) -> anyhow::Result<Vec<Line>> {
    let (dir, mut network) = up().await?;
    let mut lines = measure(&mut network, dir.path(), effort).await;
    down(network)?;
    if let Ok(lines) = &mut lines {
        let (dir, mut network) = up().await?;
        let more = long_chain(&mut network, dir.path()).await;
        down(network)?;
        lines.extend(more?);
    }
    lines
}

/// Only whole blocks and reads from one node, at the head and far back.
pub async fn serving(effort: Effort) -> anyhow::Result<Vec<Line>> {
    let (dir, mut network) = up().await?;
    let lines = serve(&mut network, dir.path(), effort).await;
    down(network)?;
    lines
}

async fn serve(network: &mut Network, dir: &Path, effort: Effort) -> anyhow::Result<Vec<Line>> {
    let nodes = network.select(None)?;
    let count = usize::try_from(effort.rate * effort.seconds)?;
    load(&plan(dir, effort.rate, count)).await?;
    let mut lines = following::measure(dir, &nodes).await?;
    grow(&nodes, dir).await?;
    lines.extend(reads::measure(dir, &nodes).await?);
    Ok(lines)
}

/// Four validators in a temporary folder, which is deleted with the first value.
pub(crate) async fn up() -> anyhow::Result<(tempfile::TempDir, Network)> {
    let dir = tempfile::tempdir().context("cannot make a folder for the network")?;
    create(dir.path(), &NetworkPlan { load_accounts: 1_000, ..NetworkPlan::default() })?;
    // Its nodes end with this program, however that ends.
    let mut network = Network::open(dir.path())?.attached();
    let nodes = network.select(None)?;
    network.start(&nodes).await?;
    Ok((dir, network))
}

pub(crate) fn down(mut network: Network) -> anyhow::Result<()> {
    let nodes = network.select(None)?;
    network.stop(&nodes)
}

async fn measure(network: &mut Network, dir: &Path, effort: Effort) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    let nodes = network.select(None)?;
    lines.push(Line::at_most(
        "resident memory of a validator, idle",
        "MB",
        100.0,
        memory_mb(&nodes)?,
    ));

    let calm = load(&plan(dir, 10, 100)).await?;
    lines.push(Line::at_most("submit to final at 10/s, p50", "ms", 30.0, calm.latency_ms.p50));
    lines.push(Line::at_most("submit to final at 10/s, p99", "ms", 100.0, calm.latency_ms.p99));

    let (cpu, disk) = (cpu_seconds(&nodes)?, disk_bytes(&nodes)?);
    let count = usize::try_from(effort.rate * effort.seconds)?;
    let steady: Report = load(&plan(dir, effort.rate, count)).await?;
    let done = steady.committed as f64;
    let each = (cpu_seconds(&nodes)? - cpu) * 1e6 / done;
    let grown = (disk_bytes(&nodes)?.saturating_sub(disk)) as f64 / nodes.len() as f64 / done;
    lines.push(Line::at_least("signed transfers, sustained", "1/s", 4_000.0, steady.rate));
    lines.push(Line::at_most(
        "longest pause in commits under it",
        "ms",
        1_000.0,
        steady.longest_pause_ms as f64,
    ));
    lines.push(Line::at_most("CPU a transfer, all four validators", "us", 300.0, each));
    lines.push(Line::at_most("disk a transfer", "B", 1_000.0, grown));
    lines.push(Line::at_most(
        "resident memory of a validator, after it",
        "MB",
        300.0,
        memory_mb(&nodes)?,
    ));

    lines.extend(following::measure(dir, &nodes).await?);

    let calls = usize::try_from(MIXED_RATE * effort.seconds / 2)?;
    let mixed = load(&Plan { scenario: Scenario::Mixed, ..plan(dir, MIXED_RATE, calls) }).await?;
    ensure!(mixed.failed == 0, "of the mixed calls some failed: {:?}", mixed.failures);
    lines.push(Line::at_least(
        "mixed calls: orders, jobs, credits, transfers",
        "1/s",
        1_500.0,
        mixed.rate,
    ));

    let burst = load(&plan(dir, 0, effort.burst)).await?;
    lines.push(Line::at_least(
        "burst: committed of all sent",
        "%",
        100.0,
        burst.committed as f64 * 100.0 / burst.sent as f64,
    ));
    lines.push(Line::at_most(
        "burst: longest pause in commits",
        "ms",
        1_000.0,
        burst.longest_pause_ms as f64,
    ));

    let last = network.select(Some("validator-4"))?;
    network.kill(&last)?;
    let dead = load(&plan(dir, effort.rate / 2, count / 4)).await?;
    lines.push(Line::at_least("one of four dead: rate", "1/s", 2_000.0, dead.rate));
    lines.push(Line::at_most("one of four dead: p99", "ms", 1_000.0, dead.latency_ms.p99));
    Ok(lines)
}

/// Runs a load to its end.
pub(crate) async fn load(plan: &Plan) -> anyhow::Result<Report> {
    load::run(plan, std::future::pending()).await?.good()
}

pub(crate) fn plan(dir: &Path, rate: u64, count: usize) -> Plan {
    Plan {
        network: dir.to_owned(),
        endpoints: Vec::new(),
        scenario: Scenario::Transfer,
        rate,
        count,
        patience: Duration::from_secs(120),
    }
}

/// Makes many small blocks.
async fn grow(nodes: &[NodeEntry], dir: &Path) -> anyhow::Result<()> {
    let node = nodes.first().context("there is no node to ask")?;
    let first = Client::connect(&node.rpc).await?;
    let seconds = 10;
    while first.status().await?.height < CATCH_UP_BLOCKS {
        load(&plan(dir, SMALL_BLOCKS_RATE, usize::try_from(SMALL_BLOCKS_RATE * seconds)?)).await?;
    }
    Ok(())
}

/// Measurements that need a chain of many blocks.
async fn long_chain(network: &mut Network, dir: &Path) -> anyhow::Result<Vec<Line>> {
    let nodes = network.select(None)?;
    grow(&nodes, dir).await?;
    let mut lines = reads::measure(dir, &nodes).await?;
    lines.push(catch_up(network).await?);
    Ok(lines)
}

/// Empties a node's directory and lets it fetch the chain from its peers.
async fn catch_up(network: &mut Network) -> anyhow::Result<Line> {
    let emptied = network.select(Some("validator-4"))?;
    network.kill(&emptied)?;
    let node = emptied.first().context("there is no node to empty")?;
    std::fs::remove_dir_all(node.data_dir.join("db")).context("cannot empty the node")?;
    let url = node.rpc.clone();
    let (started, rate) = tokio::join!(network.start(&emptied), watch(&url, CATCH_UP_BLOCKS));
    started?;
    Ok(Line::at_least("emptied node catching up, small blocks", "blocks/s", 1_000.0, rate?))
}

/// The rate of blocks a second of a node, from its first answer to a height.
async fn watch(url: &str, target: u64) -> anyhow::Result<f64> {
    let patience = Instant::now();
    let mut first: Option<(Instant, u64)> = None;
    while patience.elapsed() < CATCH_UP_PATIENCE {
        sleep(Duration::from_millis(20)).await;
        // It does not answer before it has started.
        let Ok(client) = Client::connect(url).await else { continue };
        let height = client.status().await?.height;
        let (begun, from) = *first.get_or_insert((Instant::now(), height));
        if height >= target {
            ensure!(from < target, "the node had caught up when it answered first");
            return Ok((height - from) as f64 / begun.elapsed().as_secs_f64());
        }
    }
    bail!("the emptied node did not catch up to height {target}");
}

/// Processor time of all nodes' processes so far, seconds.
fn cpu_seconds(nodes: &[NodeEntry]) -> anyhow::Result<f64> {
    let ticks_a_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK)?;
    let ticks_a_second =
        ticks_a_second.context("the system does not report its clock ticks")? as f64;
    let mut ticks = 0u64;
    for node in nodes {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid(node)?))?;
        // The fields after the program's name, which is in brackets: utime and stime are the
        // 12th and 13th of them (proc(5)).
        let rest = stat.rsplit_once(')').context("/proc/PID/stat has another form")?.1;
        let times = rest.split_whitespace().skip(11).take(2);
        ticks += times.map(|it| it.parse::<u64>().unwrap_or(0)).sum::<u64>();
    }
    Ok(ticks as f64 / ticks_a_second)
}

/// The largest resident memory among the nodes, MB.
fn memory_mb(nodes: &[NodeEntry]) -> anyhow::Result<f64> {
    let mut most = 0.0f64;
    for node in nodes {
        most = most.max(memory_mb_of(pid(node)?, "VmRSS")?);
    }
    Ok(most)
}

/// A line of `/proc/PID/status` about the memory of a process, MB.
pub(crate) fn memory_mb_of(pid: u64, name: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.with_context(|| format!("/proc/{pid}/status has no {name}"))? / 1e3 * 1.024)
}

fn disk_bytes(nodes: &[NodeEntry]) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for node in nodes {
        for entry in std::fs::read_dir(node.data_dir.join("db"))? {
            let entry = entry?;
            bytes += if entry.file_type()?.is_dir() {
                std::fs::read_dir(entry.path())?
                    .filter_map(|it| it.ok()?.metadata().ok())
                    .map(|it| it.len())
                    .sum()
            } else {
                // A file may be gone since it was listed.
                entry.metadata().map_or(0, |it| it.len())
            };
        }
    }
    Ok(bytes)
}

/// The process of a node, as the node itself reports it.
fn pid(node: &NodeEntry) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(node.data_dir.join("endpoints.json"))?;
    let endpoints: serde_json::Value = serde_json::from_str(&text)?;
    endpoints["pid"].as_u64().context("endpoints.json holds no pid")
}
