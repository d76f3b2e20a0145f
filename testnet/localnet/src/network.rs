use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use anyhow::bail;
use ehb_sdk::Client;
use tokio::time::{Instant, sleep};

use crate::code::{self, coded};
use crate::{Manifest, NodeEntry, node};

/// How long a node may take until it is ready.
const READY_PATIENCE: Duration = Duration::from_secs(120);
/// How often a node that is not ready is asked again.
const ASK_EVERY: Duration = Duration::from_millis(25);

/// A network in its folder.
pub struct Network {
    dir: PathBuf,
    manifest: Manifest,
}

impl Network {
    /// The network in a folder.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let manifest = Manifest::read(dir)?;
        Ok(Self { dir: dir.canonicalize()?, manifest })
    }

    /// The network's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the network consists of. Process numbers are those of the last start.
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
            coded(code::UNKNOWN_NODE, format!("there is no node {name:?}; there are {}", names()))
        })?;
        Ok(vec![found.clone()])
    }

    /// Whether the node's process runs.
    pub fn is_running(&self, node: &NodeEntry) -> bool {
        node::is_running(node)
    }

    /// Starts those of the nodes that do not run, and waits until each is ready: it answers, and is
    /// connected to as many peers as run.
    pub async fn start(&mut self, nodes: &[NodeEntry]) -> anyhow::Result<()> {
        let mut children = Vec::new();
        for node in nodes.iter().filter(|node| !node::is_running(node)) {
            // What an earlier process told is no sign of this one.
            let _ = std::fs::remove_file(node.data_dir.join("endpoints.json"));
            let child = node::spawn(node)?;
            for entry in self.manifest.nodes.iter_mut().filter(|entry| entry.name == node.name) {
                entry.pid = Some(child.id());
            }
            children.push((node.clone(), child));
        }
        self.manifest.write(&self.dir)?;
        let running = self.manifest.nodes.iter().filter(|node| node::is_running(node)).count();
        for (node, mut child) in children {
            await_ready(&node, &mut child, running.saturating_sub(1)).await?;
        }
        Ok(())
    }

    /// Tells nodes to end, all at once, and waits until they have.
    pub fn stop(&mut self, nodes: &[NodeEntry]) -> anyhow::Result<()> {
        self.end(nodes, node::stop)
    }

    /// Kills nodes, as a power cut would.
    pub fn kill(&mut self, nodes: &[NodeEntry]) -> anyhow::Result<()> {
        self.end(nodes, node::kill_now)
    }

    fn end(
        &mut self,
        nodes: &[NodeEntry],
        how: fn(&NodeEntry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        // The caller's entries may be from before the processes were started.
        let named = |entry: &&NodeEntry| nodes.iter().any(|node| node.name == entry.name);
        let nodes: Vec<NodeEntry> = self.manifest.nodes.iter().filter(named).cloned().collect();
        let results: Vec<anyhow::Result<()>> = std::thread::scope(|scope| {
            let ending: Vec<_> = nodes.iter().map(|node| scope.spawn(|| how(node))).collect();
            let join = |it: std::thread::ScopedJoinHandle<'_, anyhow::Result<()>>| {
                it.join().unwrap_or_else(|_| bail!("a thread panicked"))
            };
            ending.into_iter().map(join).collect()
        });
        for node in &nodes {
            for entry in self.manifest.nodes.iter_mut().filter(|entry| entry.name == node.name) {
                entry.pid = None;
            }
        }
        self.manifest.write(&self.dir)?;
        results.into_iter().collect()
    }
}

/// Waits until a node answers, is not catching up, and is connected to so many peers.
async fn await_ready(node: &NodeEntry, child: &mut Child, peers: usize) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_PATIENCE;
    let mut last = "it does not answer".to_owned();
    loop {
        if let Some(status) = child.try_wait()? {
            let tail = node::log_tail(&node.data_dir);
            let text = format!("{} ended with {status}:\n{tail}", node.name);
            return Err(coded(code::NODE_ENDED, text));
        }
        if node.data_dir.join("endpoints.json").exists() {
            match Client::connect(&node.rpc).await {
                Err(error) => last = error.to_string(),
                Ok(client) => match client.status().await {
                    Err(error) => last = error.to_string(),
                    Ok(status) if status.syncing => last = "it is catching up".to_owned(),
                    Ok(status) if (status.peers as usize) < peers => {
                        last = format!("it has {} of {peers} peers", status.peers);
                    }
                    Ok(_) => return Ok(()),
                },
            }
        }
        if Instant::now() >= deadline {
            let (seconds, tail) = (READY_PATIENCE.as_secs(), node::log_tail(&node.data_dir));
            let text = format!("{} was not ready after {seconds} s: {last}\n{tail}", node.name);
            return Err(coded(code::NODE_NOT_READY, text));
        }
        sleep(ASK_EVERY).await;
    }
}
