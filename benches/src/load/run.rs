//! Runs a load: sends each transaction when it is due, and waits until all accepted ones are final.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use ehb_localnet::{LoadAccounts, Manifest, NOT_FINAL, UNREACHABLE, coded};
use ehb_sdk::api::{
    LocatedReceipt, Position, ReceiptFilter, ReceiptNotice, SUBMIT_BATCH_TRANSACTIONS_MAX,
    SubmitResult,
};
use ehb_sdk::{Client, Error};
use ehb_types::{Hash, SignedTransaction};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::flows::Flows;
use super::senders::Accounts;
use super::source::Source;
use super::tracker::Tracker;
use super::{Report, audit};

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
    /// How long to wait for the last ones to become final.
    pub patience: Duration,
}

/// The interval at which due transactions are sent.
const TICK: Duration = Duration::from_millis(5);
/// The maximum number of concurrent requests to one node; due transactions wait, which counts as latency.
const REQUESTS_MAX: usize = 16;

/// State shared by the tasks of a load.
struct Shared {
    tracker: Mutex<Tracker>,
    refused: Mutex<BTreeMap<String, u64>>,
    /// The flows that wait for receipts, if any.
    flows: Option<Arc<Mutex<Flows>>>,
}

impl Shared {
    fn tracker(&self) -> MutexGuard<'_, Tracker> {
        self.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls a function with the flows, if any.
    fn with_flows(&self, run: impl FnOnce(&mut Flows)) {
        if let Some(flows) = &self.flows {
            run(&mut flows.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Records that transactions were rejected.
    fn refuse(&self, code: &str, refused: &[Hash]) {
        let mut counts = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(code.to_owned()).or_default() += refused.len() as u64;
        let mut tracker = self.tracker();
        refused.iter().for_each(|id| tracker.answered(id, false));
        self.with_flows(|flows| refused.iter().for_each(|id| flows.is_refused(id)));
    }

    /// Records final transactions.
    fn receipts(&self, receipts: &[LocatedReceipt]) {
        self.with_flows(|flows| receipts.iter().for_each(|it| flows.is_final(it)));
        self.tracker().receipts(receipts, Instant::now());
    }
}

/// Runs a load to its end: sends, waits until all that was accepted is final, and checks that each is so
/// exactly once and that all nodes agree. Once `stop` is ready nothing more is sent, as if the load had been
/// shorter. Errors: if a check fails, or the network is unreachable.
pub async fn run(plan: &Plan, stop: impl Future<Output = ()>) -> anyhow::Result<Report> {
    let manifest = Manifest::read(&plan.network)?;
    let accounts = LoadAccounts::read(&plan.network)?;
    let clients = connect(plan, &manifest).await?;
    let first = clients.first().context("no node answers")?;
    let accounts = Arc::new(Accounts::new(&accounts)?);
    let source = Source::prepare(first, accounts, plan).await?;
    let flows = source.flows();
    let (tracker, refused) = (Mutex::new(Tracker::new()?), Mutex::default());
    let shared = Arc::new(Shared { tracker, refused, flows });
    let height = first.status().await?.height;
    let follower = tokio::spawn(follow(first.clone(), height, shared.clone()));
    let begun = Instant::now();
    let sent = send(plan, &clients, source, &shared, begun, stop).await?;
    let all_final = audit::until(plan.patience, || shared.tracker().waiting() == 0).await;
    let height = audit::equal_roots(&clients).await?;
    // The last commits may be seen a moment before the last answers.
    follower.abort();

    let tracker = shared.tracker();
    let refused = shared.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let accepted = sent - refused.values().sum::<u64>();
    if !all_final {
        let (waiting, patience) = (tracker.waiting(), plan.patience);
        let text = format!("{waiting} accepted transactions are not final after {patience:?}");
        return Err(coded(NOT_FINAL, text));
    }
    if tracker.twice() > 0 {
        let text = format!("{} transactions became final twice", tracker.twice());
        return Err(coded(NOT_FINAL, text));
    }
    let seconds = tracker.last_commit().map_or(0.0, |last| (last - begun).as_secs_f64());
    Ok(Report {
        sent,
        accepted,
        committed: tracker.committed(),
        failed: tracker.failures().values().sum(),
        rate: if seconds > 0.0 { tracker.committed() as f64 / seconds } else { 0.0 },
        latency_ms: tracker.latency(),
        longest_pause_ms: u64::try_from(tracker.longest_pause().as_millis()).unwrap_or(u64::MAX),
        height,
        refused,
        failures: tracker.failures().clone(),
        calls: tracker.calls(),
    })
}

async fn connect(plan: &Plan, manifest: &Manifest) -> anyhow::Result<Vec<Client>> {
    let mut clients = Vec::new();
    if plan.endpoints.is_empty() {
        for node in &manifest.nodes {
            // A node that does not run is skipped.
            clients.extend(Client::connect(&node.rpc).await.ok());
        }
    }
    for url in &plan.endpoints {
        clients.push(Client::connect(url).await?);
    }
    if clients.is_empty() {
        let text = "no node of the network answers: start it with 'ehb-testnet start'";
        return Err(coded(UNREACHABLE, text.to_owned()));
    }
    Ok(clients)
}

/// Reads receipts as they become final, of the blocks after a height. Events are requested only if flows need them, because
/// they are most of a receipt.
async fn follow(client: Client, after_height: u64, shared: Arc<Shared>) {
    let from = Position::first_of(after_height.saturating_add(1));
    let without_events = shared.flows.is_none();
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

async fn send(
    plan: &Plan,
    clients: &[Client],
    mut source: Source,
    shared: &Arc<Shared>,
    begun: Instant,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<u64> {
    let mut stop = pin!(stop);
    let mut stopped = false;
    let mut count = plan.count;
    let mut sent = 0usize;
    let mut queues: Vec<Vec<SignedTransaction>> = clients.iter().map(|_| Vec::new()).collect();
    let mut requests: JoinSet<usize> = JoinSet::new();
    let mut busy = vec![0usize; clients.len()];
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
            let it = source.next(&clients[0]).await?.context("there is nothing more to send")?;
            shared.tracker().sent(it.id, it.function, at);
            // A sender's transactions go to one node, in order.
            let node = node_of(&it.signed, clients.len());
            queues[node].push(it.signed);
            sent += 1;
        }
        for (node, queue) in queues.iter_mut().enumerate() {
            while !queue.is_empty() && busy[node] < REQUESTS_MAX {
                let rest = queue.split_off(queue.len().min(SUBMIT_BATCH_TRANSACTIONS_MAX));
                let batch = std::mem::replace(queue, rest);
                busy[node] += 1;
                let (client, shared) = (clients[node].clone(), shared.clone());
                let until = Instant::now() + plan.patience;
                requests.spawn(async move {
                    submit(&client, batch, &shared, until).await;
                    node
                });
            }
        }
        let queued: usize = queues.iter().map(Vec::len).sum();
        if sent == count && queued == 0 && requests.is_empty() {
            return Ok(sent as u64);
        }
        shared.tracker().nothing_waits(Instant::now());
    }
}

fn node_of(signed: &SignedTransaction, nodes: usize) -> usize {
    usize::from(signed.transaction.sender.0[0]) % nodes
}

/// Submits a batch; while the node is away or has no time for it the same batch again, or all that follow it in
/// its lanes would wait for ever.
async fn submit(client: &Client, batch: Vec<SignedTransaction>, shared: &Shared, until: Instant) {
    let results = loop {
        let error = match client.submit_batch(&batch).await {
            Ok(results) => break results,
            Err(error) => error,
        };
        let is_open = matches!(error, Error::OutcomeUnknown { .. }) || error.code().is_none();
        let passes = is_open || error.retryable();
        if !passes || Instant::now() >= until {
            let ids: Vec<Hash> = batch.iter().map(SignedTransaction::id).collect();
            return shared.refuse(error.code().unwrap_or("UNREACHABLE"), &ids);
        }
        tokio::time::sleep(TICK).await;
    };
    for (signed, result) in batch.iter().zip(results) {
        match result {
            SubmitResult::Id(id) => shared.tracker().answered(&id, true),
            SubmitResult::Error(error) => shared.refuse(&error.code, &[signed.id()]),
        }
    }
}
