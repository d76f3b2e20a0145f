//! Queries the state of all nodes and shows it as a table.

use std::fmt::Write;
use std::time::{Duration, Instant};

use ehb_localnet::{IndexerEntry, Network, NodeEntry, indexer_status};
use ehb_sdk::Client;
use ehb_sdk::api::{ConditionView, SigningView, Status};
use serde::Serialize;
use tokio::time::timeout;

/// The time limit for a node's status.
const ANSWER_PATIENCE: Duration = Duration::from_millis(800);

/// The observed state of a node.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) pid: Option<u32>,
    /// `running`, `silent` (a process that does not answer) or `stopped`.
    pub(crate) state: &'static str,
    pub(crate) height: Option<u64>,
    pub(crate) head: Option<String>,
    pub(crate) round: Option<u32>,
    pub(crate) peers: Option<u32>,
    pub(crate) pending: Option<u64>,
    pub(crate) syncing: Option<bool>,
    /// Whether what it accepts can become final and what it answers is fresh.
    pub(crate) ready: Option<bool>,
    /// Its conditions, the most serious first.
    pub(crate) conditions: Vec<ConditionView>,
    /// Whether it votes.
    pub(crate) signing: Option<SigningView>,
    /// Whether too few validators vote for the chain to make progress.
    pub(crate) stalled: Option<bool>,
    /// The response time of the node, milliseconds.
    pub(crate) answer_ms: Option<u64>,
}

/// Queries the status of all nodes.
pub(crate) async fn look(network: &Network) -> Vec<Seen> {
    let mut seen = Vec::new();
    for node in &network.manifest().nodes {
        seen.push(look_at(network, node).await);
    }
    if let Some(indexer) = &network.manifest().indexer {
        seen.push(look_at_indexer(indexer).await);
    }
    seen
}

/// The indexer as a row of the table: its height is that of its tables.
async fn look_at_indexer(entry: &IndexerEntry) -> Seen {
    let pid = Network::find_indexer(entry);
    let start = Instant::now();
    let status = match pid {
        Some(_) => timeout(ANSWER_PATIENCE, indexer_status(entry)).await.ok().flatten(),
        None => None,
    };
    let state = match (pid, &status) {
        (None, _) => "stopped",
        (Some(_), None) => "silent",
        (Some(_), Some(_)) => "running",
    };
    let problem = status.as_ref().and_then(|it| it.problem.clone());
    let condition =
        |message| ConditionView { code: "INDEXER".to_owned(), message, unready: true, since_ms: 0 };
    Seen {
        name: "indexer".to_owned(),
        pid,
        state,
        height: status.as_ref().and_then(|it| it.height),
        ready: status.as_ref().map(|it| it.problem.is_none() && it.height.is_some()),
        conditions: problem.map(condition).into_iter().collect(),
        answer_ms: status.and_then(|_| u64::try_from(start.elapsed().as_millis()).ok()),
        ..Seen::default()
    }
}

async fn look_at(network: &Network, node: &NodeEntry) -> Seen {
    let running = network.is_running(node);
    let start = Instant::now();
    let status = match running {
        true => timeout(ANSWER_PATIENCE, ask(node)).await.ok().flatten(),
        false => None,
    };
    let state = match (running, &status) {
        (false, _) => "stopped",
        (true, None) => "silent",
        (true, Some(_)) => "running",
    };
    let answer_ms = status.as_ref().and_then(|_| u64::try_from(start.elapsed().as_millis()).ok());
    Seen {
        name: node.name.to_string(),
        pid: node.pid.filter(|_| running),
        state,
        height: status.as_ref().map(|it| it.height),
        head: status.as_ref().map(|it| it.head.to_string()),
        round: status.as_ref().map(|it| it.round),
        peers: status.as_ref().map(|it| it.peers),
        pending: status.as_ref().map(|it| it.mempool.transactions),
        syncing: status.as_ref().map(|it| it.syncing),
        ready: status.as_ref().map(|it| it.ready),
        conditions: status.as_ref().map(|it| it.conditions.clone()).unwrap_or_default(),
        signing: status.as_ref().map(|it| it.signing),
        stalled: status.as_ref().map(|it| it.stalled),
        answer_ms,
    }
}

async fn ask(node: &NodeEntry) -> Option<Status> {
    Client::connect(&node.rpc).await.ok()?.status().await.ok()
}

/// The nodes as a table.
pub(crate) fn table(seen: &[Seen]) -> String {
    let mut text = String::from(
        "node            state      pid       height  round  peers  pending  ready  votes     head\n",
    );
    for node in seen {
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |it| it.to_string());
        let _ = writeln!(
            text,
            "{:14}  {:8}  {:>6}  {:>9}  {:>5}  {:>5}  {:>7}  {:5}  {:8}  {}",
            node.name,
            node.state,
            number(node.pid.map(Into::into)),
            number(node.height),
            number(node.round.map(Into::into)),
            number(node.peers.map(Into::into)),
            number(node.pending),
            node.ready.map_or("-", |ready| if ready { "yes" } else { "no" }),
            votes(node.signing),
            node.head.as_deref().map_or("-", |head| &head[..head.len().min(16)]),
        );
    }
    for node in seen {
        for ConditionView { code, message, .. } in &node.conditions {
            let _ = writeln!(text, "{}: {code}: {message}", node.name);
        }
    }
    if let Some(seen) = seen.iter().find(|it| it.stalled == Some(true)) {
        let next = seen.height.unwrap_or_default() + 1;
        let _ = writeln!(
            text,
            "\nThe chain cannot go on by itself: validators that lost their records do not vote. Start those \
             that are down.\nIf all run, stop one of those that do not vote, run 'ehb-node unlock --data-dir \
             DIR --sign-from {next}' there\n(see its --help first), and start it again."
        );
    }
    text
}

/// Whether a node votes, in a word.
fn votes(signing: Option<SigningView>) -> String {
    match signing {
        None => "-".to_owned(),
        Some(SigningView::Observes) => "observes".to_owned(),
        Some(SigningView::Signs) => "yes".to_owned(),
        Some(SigningView::Waits { from_height }) => format!("at {from_height}"),
        Some(SigningView::Unknown | SigningView::KeyUsedElsewhere) => "no".to_owned(),
        Some(SigningView::Asks) => "asks".to_owned(),
    }
}
