//! Starts and stops the nodes of a network and waits until they are ready.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::bail;
use ehb_sdk::Client;
use ehb_sdk::api::{ConditionView, SigningView, Status};
use ehb_types::Name;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::error_code::{self, coded};
use crate::indexer;
use crate::lock::FolderLock;
use crate::node;
use crate::process::{ENDED_MEANWHILE, Life, Started};
use crate::{IndexerEntry, Leftover, Manifest, NodeEntry};

/// The time limit for a node to become ready.
const READY_PATIENCE: Duration = Duration::from_secs(120);
/// The time limit for a node to answer: a busy machine needs minutes to compile the modules at a first start.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// Conditions that prevent everything else, and do not pass by themselves.
const HOPELESS: [&str; 3] = ["DISK_FULL", "STUCK", "STALLED"];
/// A condition that has lasted for this time is not expected to pass soon, milliseconds.
const LASTS_MS: u64 = 5_000;
/// The same for a missing quorum of nodes that all run: a validator that is not sure of its records votes after
/// half a minute.
const QUORUM_LASTS_MS: u64 = 40_000;
/// The interval between queries of a node that is not ready.
const ASK_EVERY: Duration = Duration::from_millis(25);

/// A node that is running but not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unready {
    /// The node.
    pub name: Name,
    /// The conditions that make it so; empty if it does not answer, or has just started.
    pub conditions: Vec<ConditionView>,
    /// Why its status is not known, if it is not.
    pub error: Option<String>,
}

impl fmt::Display for Unready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions = self.conditions.iter().map(|it| format!("{}: {}", it.code, it.message));
        let mut reasons: Vec<String> = conditions.chain(self.error.clone()).collect();
        if reasons.is_empty() {
            reasons.push("it has just started".to_owned());
        }
        write!(f, "{} is running but not ready: {}", self.name, reasons.join("; "))
    }
}

/// How far a node has come that is no longer waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Come {
    /// It is ready, or will be when nodes that are not running are started.
    Up,
    /// It will not be ready by itself, and others may lack it.
    Hopeless,
}

/// The other nodes, as a node that starts can expect them.
#[derive(Clone, Copy, Debug)]
struct Others {
    /// The number of other running nodes.
    peers: usize,
    /// Whether the running nodes are a quorum of the validators, which all have the same power, and none of them is hopeless.
    quorum: bool,
}

impl Others {
    fn new(running: usize, all: usize, hopeless: bool) -> Self {
        Self { peers: running.saturating_sub(1), quorum: running * 3 > all * 2 && !hopeless }
    }

    /// Whether a condition passes only when nodes are started that are not running.
    fn are_missing_for(&self, condition: &ConditionView) -> bool {
        match condition.code.as_str() {
            "NO_PEERS" => self.peers == 0,
            "NO_QUORUM" => !self.quorum,
            _ => false,
        }
    }
}

/// A network in its folder.
pub struct Network {
    dir: PathBuf,
    manifest: Manifest,
    life: Life,
    /// The standard inputs of attached nodes, which stop when these are closed.
    attached: Vec<ChildStdin>,
    /// The nodes that this value has started.
    spawned: Vec<NodeEntry>,
    /// Whether this value has started the indexer.
    spawned_indexer: bool,
}

impl Network {
    /// The network in a folder. Nodes that it starts keep running when this process ends.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let manifest = Manifest::read(dir)?;
        let dir = dir.canonicalize()?;
        Ok(Self {
            dir,
            manifest,
            life: Life::Detached,
            attached: Vec::new(),
            spawned: Vec::new(),
            spawned_indexer: false,
        })
    }

    /// The same, but nodes that it starts stop with this process, however that ends.
    pub fn attached(self) -> Self {
        Self { life: Life::Attached, ..self }
    }

    /// The network's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The manifest of the network. Processes are as of the last check: when it was opened, or when this
    /// value last started or stopped nodes.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The node with a name, or all nodes.
    pub fn select(&self, name: Option<&str>) -> anyhow::Result<Vec<NodeEntry>> {
        let Some(name) = name else { return Ok(self.manifest.nodes.clone()) };
        let found = self.manifest.nodes.iter().find(|node| node.name.as_str() == name);
        let names = || {
            let names: Vec<&str> = self.manifest.nodes.iter().map(|it| it.name.as_str()).collect();
            names.join(", ")
        };
        let found = found.ok_or_else(|| {
            coded(
                error_code::UNKNOWN_NODE,
                format!("there is no node {name:?}; there are {}", names()),
            )
        })?;
        Ok(vec![found.clone()])
    }

    /// Whether the node's process is running.
    pub fn is_running(&self, node: &NodeEntry) -> bool {
        node::find(node).is_some()
    }

    /// The indexer's process, if it is running.
    pub fn find_indexer(entry: &IndexerEntry) -> Option<u32> {
        indexer::find(entry)
    }

    /// Starts the nodes that are not running, and waits until each of them is ready according to `/readyz`
    /// and connected to all running peers. A node that exits instead is an error at once. Conditions that
    /// waiting cannot resolve do not delay it: see [`Self::unready`].
    pub async fn start(&mut self, nodes: &[NodeEntry]) -> anyhow::Result<()> {
        let mut children = BTreeMap::new();
        let begun_ms;
        {
            let _lock = FolderLock::acquired(&self.dir).await?;
            begun_ms = now_ms();
            Leftover::stop_all(&self.dir)?;
            for node in nodes.iter().filter(|node| node::find(node).is_none()) {
                // Ignore the output of an earlier process.
                let _ = std::fs::remove_file(node.data_dir.join("endpoints.json"));
                let mut started = node::spawn(node, self.life)?;
                self.attached.extend(started.child.stdin.take());
                self.spawned.push(node.clone());
                children.insert(node.name.clone(), started);
            }
        }
        let ready = self.await_ready(nodes, &mut children, begun_ms).await;
        self.manifest = Manifest::read(&self.dir)?;
        ready
    }

    async fn await_ready(
        &self,
        nodes: &[NodeEntry],
        children: &mut BTreeMap<Name, Started>,
        begun_ms: u64,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let log_begin = |node: &NodeEntry| log_begin(node, children.get(&node.name));
        let log_begins: BTreeMap<Name, u64> =
            nodes.iter().map(|node| (node.name.clone(), log_begin(node))).collect();
        let tail = |node: &NodeEntry| {
            let begin = log_begins.get(&node.name).copied().unwrap_or(u64::MAX);
            node::log_tail(&node.data_dir, begin)
        };
        let mut hopeless = false;
        // When one comes up, those that were up can wait for it for a moment: all must be up one after the other.
        let mut up_in_a_row = 0;
        for node in nodes.iter().cycle() {
            for node in nodes {
                check_alive(node, children.get_mut(&node.name), &tail)?;
            }
            // One that was just started is found only once its process runs the program.
            let runs = |it: &&NodeEntry| children.contains_key(&it.name) || self.is_running(it);
            let running = self.manifest.nodes.iter().filter(runs).count();
            let others = Others::new(running, self.manifest.nodes.len(), hopeless);
            let status = starting_status(node).await;
            if let Ok(status) = &status {
                self.check_genesis(node, status)?;
            }
            let waited_ms = now_ms().saturating_sub(begun_ms);
            let come = |status: Status| come(&status, others, now_ms(), waited_ms);
            let missing = match status.and_then(come) {
                Ok(come) => {
                    hopeless |= come == Come::Hopeless;
                    up_in_a_row += 1;
                    if up_in_a_row == nodes.len() {
                        break;
                    }
                    continue;
                }
                Err(missing) => missing,
            };
            let patience = if has_started(node) { READY_PATIENCE } else { START_PATIENCE };
            if begun.elapsed() >= patience {
                let (seconds, tail) = (patience.as_secs(), tail(node));
                let text =
                    format!("{} was not ready after {seconds} s: {missing}\n{tail}", node.name);
                return Err(coded(error_code::NODE_NOT_READY, text));
            }
            // Another one may show why this one is not ready.
            up_in_a_row = 0;
            sleep(ASK_EVERY).await;
        }
        Ok(())
    }

    /// The running nodes that are not ready, with their reasons.
    pub async fn unready(&self, nodes: &[NodeEntry]) -> Vec<Unready> {
        let mut found = Vec::new();
        for node in nodes {
            let (conditions, error) = match status(node).await {
                Ok(status) if status.ready => continue,
                Ok(status) => {
                    (status.conditions.into_iter().filter(|it| it.unready).collect(), None)
                }
                Err(reason) => (Vec::new(), Some(reason)),
            };
            found.push(Unready { name: node.name.clone(), conditions, error });
        }
        found
    }

    /// Signals nodes to stop, all at once, and waits until they have.
    pub fn stop(&mut self, nodes: &[NodeEntry]) -> anyhow::Result<()> {
        self.end(nodes, node::stop)
    }

    /// Adds an indexer to the network, if it has none yet. It is started by [`Self::start_indexer`].
    pub async fn add_indexer(&mut self) -> anyhow::Result<()> {
        let _lock = FolderLock::acquired(&self.dir).await?;
        self.manifest = Manifest::read(&self.dir)?;
        if self.manifest.indexer.is_none() {
            self.manifest.indexer = Some(indexer::plan(&self.dir)?);
            self.manifest.write(&self.dir)?;
        }
        Ok(())
    }

    /// Starts the network's indexer, if it has one that is not running, and waits until it follows the chain.
    pub async fn start_indexer(&mut self) -> anyhow::Result<()> {
        let Some(entry) = self.manifest.indexer.clone() else { return Ok(()) };
        let mut started = None;
        {
            let _lock = FolderLock::acquired(&self.dir).await?;
            if indexer::find(&entry).is_none() {
                let Manifest { genesis, nodes, .. } = &self.manifest;
                let mut process = indexer::spawn(&entry, genesis, nodes, self.life)?;
                self.attached.extend(process.child.stdin.take());
                self.spawned_indexer = true;
                started = Some(process);
            }
        }
        let ready = indexer::await_ready(&entry, started.as_mut()).await;
        self.manifest = Manifest::read(&self.dir)?;
        ready
    }

    /// Stops the indexer, if there is one, and its database.
    pub fn stop_indexer(&mut self) -> anyhow::Result<()> {
        self.end_indexer(indexer::stop)
    }

    /// Kills the indexer, if there is one, and stops its database.
    pub fn kill_indexer(&mut self) -> anyhow::Result<()> {
        self.end_indexer(indexer::kill_now)
    }

    fn end_indexer(&mut self, how: fn(&IndexerEntry) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let Some(entry) = self.manifest.indexer.clone() else { return Ok(()) };
        self.check_same()?;
        let ended = {
            let _lock = FolderLock::acquire(&self.dir)?;
            how(&entry)
        };
        self.manifest = Manifest::read(&self.dir)?;
        ended
    }

    /// Stops the nodes and the indexer that this value has started. If there are none, nothing is waited for.
    pub fn stop_spawned(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.spawned_indexer) {
            self.stop_indexer()?;
        }
        match std::mem::take(&mut self.spawned) {
            none if none.is_empty() => Ok(()),
            spawned => self.stop(&spawned),
        }
    }

    /// Kills nodes, like a power cut.
    pub fn kill(&mut self, nodes: &[NodeEntry]) -> anyhow::Result<()> {
        self.end(nodes, node::kill_now)
    }

    /// Checks that the folder was not removed, and contains no other network now, whose processes have the same folders.
    fn check_same(&self) -> anyhow::Result<()> {
        if Manifest::read(&self.dir)?.genesis == self.manifest.genesis {
            return Ok(());
        }
        let text = format!(
            "the network in {} was removed, and another one was created there, whose nodes keep running",
            self.dir.display()
        );
        Err(coded(error_code::NO_TESTNET, text))
    }

    /// A node whose genesis file or data was replaced by that of another chain is no node of this network.
    fn check_genesis(&self, node: &NodeEntry, status: &Status) -> anyhow::Result<()> {
        if status.genesis_hash == self.manifest.genesis {
            return Ok(());
        }
        let text = format!(
            "{} has the genesis {}, and the network in {} was created with {}: put its genesis.json back, or create the \
             network again",
            node.name,
            status.genesis_hash,
            self.dir.display(),
            self.manifest.genesis
        );
        Err(coded(error_code::TESTNET_DAMAGED, text))
    }

    fn end(
        &mut self,
        nodes: &[NodeEntry],
        how: fn(&NodeEntry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.check_same()?;
        let _lock = FolderLock::acquire(&self.dir)?;
        let results: Vec<anyhow::Result<()>> = std::thread::scope(|scope| {
            let ending: Vec<_> = nodes.iter().map(|node| scope.spawn(|| how(node))).collect();
            let join = |it: std::thread::ScopedJoinHandle<'_, anyhow::Result<()>>| {
                it.join().unwrap_or_else(|_| bail!("a thread panicked"))
            };
            ending.into_iter().map(join).collect()
        });
        self.manifest = Manifest::read(&self.dir)?;
        results.into_iter().collect()
    }
}

/// Whether a node has opened its interfaces.
fn has_started(node: &NodeEntry) -> bool {
    node.data_dir.join("endpoints.json").exists()
}

/// The offset in a node's log from which its process has written it. Of a process that was started elsewhere, only what
/// follows is certainly its own.
fn log_begin(node: &NodeEntry, started: Option<&Started>) -> u64 {
    started.map_or_else(|| node::log_bytes(&node.data_dir), |it| it.log_begin)
}

/// Checks that an awaited node is still running.
fn check_alive(
    node: &NodeEntry,
    mut started: Option<&mut Started>,
    tail: &dyn Fn(&NodeEntry) -> String,
) -> anyhow::Result<()> {
    let status = match &mut started {
        Some(started) => started.child.try_wait()?.map(|status| status.to_string()),
        None => node::find(node).is_none().then(|| ENDED_MEANWHILE.to_owned()),
    };
    let Some(status) = status else { return Ok(()) };
    let tail = tail(node);
    Err(coded(error_code::NODE_ENDED, format!("{} ended with {status}:\n{tail}", node.name)))
}

async fn status(node: &NodeEntry) -> Result<Status, String> {
    let client = Client::connect(&node.rpc).await.map_err(|error| error.to_string())?;
    client.status().await.map_err(|error| error.to_string())
}

async fn starting_status(node: &NodeEntry) -> Result<Status, String> {
    if !has_started(node) {
        return Err("it is still starting; its first start compiles the modules".to_owned());
    }
    status(node).await
}

/// Whether a node is ready and, for a moment, connected to all others that run, or prevented from it by a condition that waiting
/// cannot resolve: nodes that are not running, or a condition that has lasted. Otherwise returns what is missing. What
/// began before the start that waits, `waited_ms` ago, may pass because of it.
fn come(status: &Status, others: Others, now_ms: u64, waited_ms: u64) -> Result<Come, String> {
    let lasts = |it: &&&ConditionView| {
        let lasts_ms = match it.code.as_str() {
            "STARTING" => return false,
            "NO_QUORUM" => QUORUM_LASTS_MS,
            _ => LASTS_MS,
        };
        now_ms.saturating_sub(it.since_ms).min(waited_ms) >= lasts_ms
    };
    let unready: Vec<&ConditionView> = status.conditions.iter().filter(|it| it.unready).collect();
    let hopeless = |it: &&&ConditionView| HOPELESS.contains(&it.code.as_str());
    if unready.iter().filter(hopeless).any(|it| lasts(&it)) {
        return Ok(Come::Hopeless);
    }
    if status.syncing {
        return Err("it is catching up".to_owned());
    }
    // A process can run and not answer; a node that is ready does not need it.
    let does_without = status.ready && waited_ms >= LASTS_MS;
    if (status.peers as usize) < others.peers && !does_without {
        return Err(format!("it has {} of {} peers", status.peers, others.peers));
    }
    if unready.iter().any(|it| others.are_missing_for(it)) {
        return Ok(Come::Up);
    }
    if let Some(reason) = unready.iter().find(|it| !lasts(it)) {
        return Err(format!("{}: {}", reason.code, reason.message));
    }
    if unready.is_empty() && !status.ready {
        return Err("it has just started".to_owned());
    }
    if unready.is_empty() && status.signing == SigningView::Asks {
        return Err("it is asking the others what they saw of its key".to_owned());
    }
    Ok(Come::Up)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
