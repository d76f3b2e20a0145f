//! Starts, finds and stops the indexer beside a network, which runs a private Postgres in the network's folder.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use ehb_types::Hash;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use crate::error_code::{self, coded, step};
use crate::process::{ENDED_MEANWHILE, Life, Process, Program, Started};
use crate::{IndexerEntry, NodeEntry, ports};

/// The indexer's program.
pub(crate) const PROGRAM: Program = Program {
    name: "ehb-indexer",
    path_variable: "EHB_INDEXER_BIN",
    command: "run",
    dir_flag: "--dir",
    dir_variable: "EHB_INDEXER_DIR",
};
/// Its folder in the network's folder, and the file there with its output.
const DIR: &str = "indexer";
const LOG_FILE: &str = "indexer.log";
/// The time limit for the indexer to follow the chain after its start.
const READY_PATIENCE: Duration = Duration::from_secs(120);
/// The interval between queries of an indexer that is not ready, and the time limit of a query.
const ASK_EVERY: Duration = Duration::from_millis(25);
const ANSWER_PATIENCE: Duration = Duration::from_millis(800);
/// The maximum size of its status, bytes.
const STATUS_BYTES_MAX: u64 = 64 << 10;

/// The observed progress of an indexer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexerStatus {
    /// The last block in its tables; none before the second block of the chain, which proves the first.
    pub height: Option<u64>,
    /// The last block that the nodes are known to have.
    pub head: u64,
    /// The node that it reads from; empty before it has reached one.
    pub endpoint: String,
    /// The current error, if any.
    pub problem: Option<String>,
}

/// A new indexer for the network in a folder.
pub(crate) fn plan(dir: &Path) -> anyhow::Result<IndexerEntry> {
    let address = ports::free(1)?.pop().context("no port is free")?;
    let folder = dir.join(DIR);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let output = program(&folder, &["db", "url"])?;
    Ok(IndexerEntry {
        pid: None,
        url: format!("http://{address}"),
        database: output.trim().to_owned(),
        dir: folder,
    })
}

/// Whether the indexer's program has pages to serve: 'make dashboard' puts them beside it.
pub fn has_dashboard() -> bool {
    let page = |program: PathBuf| program.with_file_name("dashboard").join("index.html");
    PROGRAM.path().is_ok_and(|program| page(program).is_file())
}

/// Starts the process, which reads these nodes of the chain with this genesis.
pub(crate) fn spawn(
    entry: &IndexerEntry,
    genesis: &Hash,
    nodes: &[NodeEntry],
    life: Life,
) -> anyhow::Result<Started> {
    let_postgres_in(&entry.dir)?;
    let listen = entry.url.trim_start_matches("http://").to_owned();
    let genesis = genesis.to_string();
    let mut arguments = vec!["--listen".to_owned(), listen, "--genesis".to_owned(), genesis];
    // The database of another chain, which the environment could name, is not this network's.
    arguments.extend(["--database-url".to_owned(), PRIVATE.to_owned()]);
    for node in nodes {
        arguments.extend(["--endpoint".to_owned(), node.rpc.clone()]);
    }
    process_of(entry).spawn(&entry.dir.join(LOG_FILE), life, &arguments)
}

/// The database URL that means the private database, whatever the environment says.
const PRIVATE: &str = "private";

/// The process, if it is running.
pub(crate) fn find(entry: &IndexerEntry) -> Option<u32> {
    process_of(entry).find()
}

/// Signals the process to stop and waits until it has; its database stops with it.
pub(crate) fn stop(entry: &IndexerEntry) -> anyhow::Result<()> {
    process_of(entry).stop()?;
    stop_database(entry)
}

/// Kills the process, and stops the database that it leaves.
pub(crate) fn kill_now(entry: &IndexerEntry) -> anyhow::Result<()> {
    process_of(entry).kill_now()?;
    stop_database(entry)
}

/// Waits until the indexer has read the chain, or has written its first blocks.
pub(crate) async fn await_ready(
    entry: &IndexerEntry,
    mut started: Option<&mut Started>,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_PATIENCE;
    loop {
        let status = status(entry).await;
        let follows = |it: &IndexerStatus| it.problem.is_none() && !it.endpoint.is_empty();
        if status.as_ref().is_some_and(follows) {
            return Ok(());
        }
        let problem = status.and_then(|it| it.problem);
        let ended = match &mut started {
            Some(started) => started.child.try_wait()?.map(|status| status.to_string()),
            None => find(entry).is_none().then(|| ENDED_MEANWHILE.to_owned()),
        };
        let tail = || started.as_ref().map_or_else(String::new, |it| it.log_tail());
        if let Some(status) = ended {
            let text = format!("the indexer ended with {status}:\n{}", tail());
            return Err(coded(error_code::NODE_ENDED, text));
        }
        if Instant::now() >= deadline {
            let seconds = READY_PATIENCE.as_secs();
            let problem = problem.unwrap_or_else(|| "it does not answer".to_owned());
            let text =
                format!("the indexer was not ready after {seconds} s: {problem}\n{}", tail());
            return Err(coded(error_code::NODE_NOT_READY, text));
        }
        sleep(ASK_EVERY).await;
    }
}

/// The indexer's progress; none if it does not answer.
pub async fn status(entry: &IndexerEntry) -> Option<IndexerStatus> {
    let address: SocketAddr = entry.url.strip_prefix("http://")?.parse().ok()?;
    let asked = tokio::task::spawn_blocking(move || ask(address));
    serde_json::from_str(&asked.await.ok()?.ok()?).ok()
}

/// The body of the status page.
fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_PATIENCE)?;
    stream.set_read_timeout(Some(ANSWER_PATIENCE))?;
    stream.set_write_timeout(Some(ANSWER_PATIENCE))?;
    let request = format!("GET /status HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(STATUS_BYTES_MAX).read_to_string(&mut answer)?;
    Ok(answer.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
}

fn process_of(entry: &IndexerEntry) -> Process<'_> {
    Process { program: &PROGRAM, name: "the indexer", dir: &entry.dir }
}

/// A killed indexer leaves its database running.
fn stop_database(entry: &IndexerEntry) -> anyhow::Result<()> {
    program(&entry.dir, &["db", "stop"]).map(drop)
}

/// Runs a command of the indexer's program that ends by itself.
fn program(dir: &Path, command: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(PROGRAM.path()?)
        .args(command)
        .arg(PROGRAM.dir_flag)
        .arg(dir)
        .args(["--database-url", PRIVATE])
        .output()
        .context("cannot run ehb-indexer")
        .map_err(|error| step(error_code::NO_PROGRAM, error))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(coded(error_code::NODE_ENDED, format!("ehb-indexer: {}", text.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Postgres refuses to run as root, so the indexer of root runs it as another user, who must be able to pass
/// through the network's folder: a temporary folder does not let him.
fn let_postgres_in(dir: &Path) -> anyhow::Result<()> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(());
    }
    for folder in dir.ancestors().take(2) {
        let mode = folder.metadata()?.permissions().mode();
        if mode & 0o001 == 0 {
            let permissions = std::fs::Permissions::from_mode(mode | 0o011);
            std::fs::set_permissions(folder, permissions)
                .with_context(|| format!("cannot let Postgres into {}", folder.display()))?;
        }
    }
    Ok(())
}
