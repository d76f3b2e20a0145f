//! Runs a load: sends each transaction when it is due, and waits until all accepted ones are final.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use ehb_localnet::{LoadAccounts, Manifest, NOT_FINAL, UNREACHABLE, coded};
use ehb_sdk::api::{Position, ReceiptFilter, ReceiptNotice, SUBMIT_BATCH_TRANSACTIONS_MAX};
use ehb_sdk::{Client, Patience};
use ehb_types::SignedTransaction;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout_at};

use super::audit::{self, Agreed};
use super::load_state::LoadState;
use super::nodes::{Node, offer_again};
use super::senders::Accounts;
use super::source::Source;
use super::tracker::Tracker;
use super::{Ended, Report};

/// The kind of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Payments between the load accounts, signed in advance.
    Transfer,
    /// Orders of two lines: placed, accepted, shipped, delivered, confirmed.
    Marketplace,
    /// Usage of credits: authorised, captured, and a batch of four reports.
    Credit,
    /// Jobs of one milestone: posted, applied for, offered, accepted, funded, submitted, approved, paid.
    Jobs,
    /// All of these: of 100 calls 40 for orders, 20 for jobs, 20 for credits, 20 transfers.
    Mixed,
}

/// A load.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The network's folder.
    pub network: PathBuf,
    /// The nodes to send to; if empty, the running nodes of the manifest.
    pub endpoints: Vec<String>,
    /// The kind of load.
    pub scenario: Scenario,
    /// Transactions a second; 0 sends all at once.
    pub rate: u64,
    /// The number of transactions.
    pub count: usize,
    /// How long to wait for a node that is away, and for the last ones to become final.
    pub patience: Duration,
}

/// The interval at which due transactions are sent.
const TICK: Duration = Duration::from_millis(5);
/// The maximum number of concurrent requests to one node; due transactions wait, which counts as latency.
const REQUESTS_MAX: usize = 16;

/// How long nothing becomes final while transactions wait, after all were sent, before they are offered again: at most,
/// and at most this part of the load's patience, so that what is offered again has time to become final.
const OFFER_AGAIN_AFTER_MAX: Duration = Duration::from_secs(5);
const OFFERS_IN_PATIENCE: u32 = 5;
/// The interval between looks at what waits, after all were sent.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Runs a load to its end: sends, waits until all that was accepted is final, and checks that each is so
/// exactly once and that all nodes agree. Nodes can be killed and restarted meanwhile: batches are sent again, and what a
/// killed node lost is offered again. A node that is away for longer than the load's patience gets nothing more. Once
/// `stop` is ready nothing more is sent, as if the load had been shorter. Errors: if the load cannot begin.
pub async fn run(plan: &Plan, stop: impl Future<Output = ()>) -> anyhow::Result<Ended> {
    let manifest = Manifest::read(&plan.network)?;
    let accounts = LoadAccounts::read(&plan.network)?;
    let nodes: Arc<[Node]> = connect(plan, &manifest).await?.into();
    let first = &nodes.first().context("no node answers")?.client;
    let accounts = Arc::new(Accounts::new(&accounts)?);
    let source = Source::prepare(first, accounts, plan).await?;
    let flows = source.flows();
    let shared = Arc::new(LoadState::new(Tracker::new()?, flows));
    let height = first.status().await?.height;
    // A receipt is seen also if the node that was followed first is gone.
    let urls: Vec<&str> = nodes.iter().map(|it| it.url.as_str()).collect();
    let followed = Client::connect_any(&urls, Patience::default()).await?;
    let follower = tokio::spawn(follow(followed, height, shared.clone()));
    let begun = Instant::now();
    send(plan, &nodes, source, &shared, begun, stop).await?;
    settle(plan, &nodes, &shared).await;
    let agreed = audit::equal_roots(&nodes).await;
    // The last commits may be seen a moment before the last answers.
    follower.abort();
    Ok(ended(plan, &shared.tracker(), begun, agreed))
}

/// Waits until all that was accepted is final, or the patience is over; what waits without anything becoming final is
/// offered again.
async fn settle(plan: &Plan, nodes: &[Node], shared: &LoadState) {
    let deadline = tokio::time::Instant::now() + plan.patience;
    let offer_again_after = OFFER_AGAIN_AFTER_MAX.min(plan.patience / OFFERS_IN_PATIENCE);
    let mut offered = Instant::now();
    while shared.tracker().waiting() > 0 {
        let all_gone = nodes.iter().all(Node::is_given_up);
        if all_gone || tokio::time::Instant::now() >= deadline {
            return;
        }
        let last = shared.tracker().last_commit().map_or(offered, |last| last.max(offered));
        if last.elapsed() >= offer_again_after {
            // A result after the deadline is of no use.
            let _ = timeout_at(deadline, offer_again(nodes, shared)).await;
            offered = Instant::now();
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The report, and what went wrong.
fn ended(plan: &Plan, tracker: &Tracker, begun: Instant, agreed: Agreed) -> Ended {
    let counts = tracker.counts();
    let seconds = tracker.last_commit().map_or(0.0, |last| (last - begun).as_secs_f64());
    let not_final = counts.accepted - counts.committed;
    let problem = if tracker.twice() > 0 {
        let text = format!("{} transactions became final twice", tracker.twice());
        Some(coded(NOT_FINAL, text))
    } else if not_final > 0 || counts.unknown > 0 {
        let (unknown, patience) = (counts.unknown, plan.patience);
        let text = format!(
            "{not_final} accepted transactions are not final after {patience:?}, and {unknown} to which no node answered"
        );
        Some(coded(NOT_FINAL, text))
    } else {
        agreed.problem
    };
    let report = Report {
        sent: counts.sent,
        accepted: counts.accepted,
        committed: counts.committed,
        unknown: counts.unknown,
        failed: tracker.failures().values().sum(),
        rate: if seconds > 0.0 { counts.committed as f64 / seconds } else { 0.0 },
        latency_ms: tracker.latency(),
        longest_pause_ms: u64::try_from(tracker.longest_pause().as_millis()).unwrap_or(u64::MAX),
        height: agreed.height,
        unreachable: agreed.unreachable,
        refused: counts.refused,
        failures: tracker.failures().clone(),
        calls: tracker.calls(),
    };
    Ended { report, problem }
}

async fn connect(plan: &Plan, manifest: &Manifest) -> anyhow::Result<Vec<Node>> {
    let mut nodes = Vec::new();
    if plan.endpoints.is_empty() {
        for node in &manifest.nodes {
            // A node that does not run is skipped.
            if let Ok(client) = Client::connect(&node.rpc).await {
                nodes.push(Node::new(node.rpc.clone(), client));
            }
        }
    }
    for url in &plan.endpoints {
        nodes.push(Node::new(url.clone(), Client::connect(url).await?));
    }
    if nodes.is_empty() {
        let text = "no node of the network answers: start it with 'ehb-testnet start'";
        return Err(coded(UNREACHABLE, text.to_owned()));
    }
    Ok(nodes)
}

/// Reads receipts as they become final, of the blocks after a height. Events are requested only if flows need them, because
/// they are most of a receipt.
async fn follow(client: Client, after_height: u64, shared: Arc<LoadState>) {
    let from = Position::first_of(after_height.saturating_add(1));
    let without_events = !shared.has_flows();
    let filter = ReceiptFilter { without_events, ..ReceiptFilter::default() };
    let mut notices = client.receipts(filter, Some(from));
    loop {
        match notices.next().await {
            Ok(ReceiptNotice::Receipts { receipts, .. }) => shared.receipts(&receipts),
            Ok(ReceiptNotice::Gap { .. }) => {}
            Err(_) => tokio::time::sleep(TICK).await,
        }
    }
}

/// Sends all transactions when they are due, and returns when each was answered or given up.
async fn send(
    plan: &Plan,
    nodes: &Arc<[Node]>,
    mut source: Source,
    shared: &Arc<LoadState>,
    begun: Instant,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut stop = pin!(stop);
    let mut stopped = false;
    let mut count = plan.count;
    let mut sent = 0usize;
    let mut queues: Vec<Vec<SignedTransaction>> = nodes.iter().map(|_| Vec::new()).collect();
    let mut requests: JoinSet<usize> = JoinSet::new();
    let mut busy = vec![0usize; nodes.len()];
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            Some(done) = requests.join_next() => busy[done?] -= 1,
            () = &mut stop, if !stopped => {
                stopped = true;
                count = sent;
            }
        }
        if nodes.iter().all(Node::is_given_up) {
            count = sent;
        }
        let due = match plan.rate {
            0 => count,
            // The first is due at once.
            rate => (begun.elapsed().as_secs_f64() * rate as f64) as usize + 1,
        };
        while sent < due.min(count) {
            let at = match plan.rate {
                0 => begun,
                rate => begun + Duration::from_secs_f64(sent as f64 / rate as f64),
            };
            let it = source.next(&nodes[0].client).await?;
            let it = it.context("there is nothing more to send")?;
            shared.tracker().sent(&it.signed, it.id, it.function, at);
            // A sender's transactions go to one node, in order.
            let node = node_of(&it.signed, nodes.len());
            queues[node].push(it.signed);
            sent += 1;
        }
        for (node, queue) in queues.iter_mut().enumerate() {
            while !queue.is_empty() && busy[node] < REQUESTS_MAX {
                let rest = queue.split_off(queue.len().min(SUBMIT_BATCH_TRANSACTIONS_MAX));
                let batch = std::mem::replace(queue, rest);
                busy[node] += 1;
                let (nodes, shared, patience) = (nodes.clone(), shared.clone(), plan.patience);
                requests.spawn(async move {
                    nodes[node].submit(batch, &shared, patience).await;
                    node
                });
            }
        }
        let queued: usize = queues.iter().map(Vec::len).sum();
        if sent == count && queued == 0 && requests.is_empty() {
            return Ok(());
        }
        shared.tracker().nothing_waits(Instant::now());
    }
}

fn node_of(signed: &SignedTransaction, nodes: usize) -> usize {
    usize::from(signed.transaction.sender.0[0]) % nodes
}
