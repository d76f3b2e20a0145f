//! Gossip: forwarding, duplicates and invalid messages.

use std::collections::BTreeSet;

use super::harness::{Node, config, eventually, mesh, public};
use crate::{Bytes, Config, Event, GossipId, Verdict};

async fn message(node: &mut Node) -> (GossipId, Bytes) {
    node.until(|event| match event {
        Event::Gossip { id, bytes, .. } => Some((id, bytes)),
        _ => None,
    })
    .await
}

/// Nodes 1, 2 and 3, where 1 and 3 know only 2.
async fn line() -> [Node; 3] {
    let mut middle = Node::start(config(2)).await;
    let mut ends = Vec::new();
    for seed in [1, 3] {
        let peers = vec![middle.address()];
        let permitted = BTreeSet::from([public(2)]);
        let mut end = Node::start(Config { peers, permitted, ..config(seed) }).await;
        end.connected(public(2)).await;
        middle.connected(public(seed)).await;
        ends.push(end);
    }
    let last = ends.pop().unwrap();
    [ends.pop().unwrap(), middle, last]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_forwarded_once_the_application_accepts_it() {
    let [first, mut middle, mut last] = line().await;
    first.network.gossip(&b"batch"[..]).unwrap();
    let (id, bytes) = message(&mut middle).await;
    assert_eq!(&bytes[..], b"batch");
    assert_eq!(last.network.stats().gossip.received, 0);
    middle.network.report_gossip(id, Verdict::Accept).unwrap();
    assert_eq!(&message(&mut last).await.1[..], b"batch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_and_ignored_messages_are_not_forwarded() {
    let [first, mut middle, mut last] = line().await;
    for (content, verdict) in [
        (&b"invalid"[..], Verdict::Reject),
        (b"of no use", Verdict::Ignore),
        (b"valid", Verdict::Accept),
    ] {
        first.network.gossip(content).unwrap();
        let (id, bytes) = message(&mut middle).await;
        assert_eq!(bytes, content);
        middle.network.report_gossip(id, verdict).unwrap();
    }
    assert_eq!(&message(&mut last).await.1[..], b"valid");
    assert_eq!(middle.network.stats().gossip.rejected, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_are_delivered_once_whatever_their_source() {
    let mut nodes = mesh(4).await;
    let mut receiver = nodes.pop().unwrap();
    for node in &nodes {
        node.network.gossip(&b"the same"[..]).unwrap();
    }
    nodes[0].network.gossip(&b"the end"[..]).unwrap();
    let mut received = Vec::new();
    while received.last().is_none_or(|bytes: &Bytes| &bytes[..] != b"the end") {
        let (id, bytes) = message(&mut receiver).await;
        receiver.network.report_gossip(id, Verdict::Accept).unwrap();
        received.push(bytes);
    }
    let same = received.iter().filter(|bytes| &bytes[..] == b"the same").count();
    assert!(same <= 1, "{received:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_gossips_invalid_messages_is_ignored() {
    let mut nodes = mesh(2).await;
    let mut receiver = nodes.pop().unwrap();
    let sender = nodes[0].network.clone();
    for n in 0..3u8 {
        sender.gossip(vec![n; 100]).unwrap();
        let (id, _) = message(&mut receiver).await;
        receiver.network.report_gossip(id, Verdict::Reject).unwrap();
        let judged = || receiver.network.stats().gossip.rejected == u64::from(n) + 1;
        eventually("it is rejected", judged).await;
    }
    let before = receiver.network.stats().gossip.received;
    sender.gossip(&b"one more"[..]).unwrap();
    // A frame that is sent later and arrives shows that the message had enough time.
    nodes[0].reaches(&mut receiver, b"afterwards").await;
    assert_eq!(receiver.network.stats().gossip.received, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_gossiped_without_peers_wait_for_the_first_peer() {
    let lonely = Node::start(config(1)).await;
    lonely.network.gossip(&b"early"[..]).unwrap();
    let mut other = Node::start(Config { peers: vec![lonely.address()], ..config(2) }).await;
    assert_eq!(&message(&mut other).await.1[..], b"early");
}

/// Batches from all nodes reach all others. Prints the processor time of the process for each transaction and
/// node (`--no-capture`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_from_all_nodes_reach_all_others() {
    const ROUNDS: u32 = 40;
    const BATCHES: u32 = 5;
    const TRANSACTIONS: u32 = 50;
    const BYTES: u32 = TRANSACTIONS * 230;
    let mut nodes = mesh(4).await;
    let begun = processor_ms();
    for round in 0..ROUNDS {
        for (sender, node) in nodes.iter().enumerate() {
            for batch in 0..BATCHES {
                let mut content = vec![0; BYTES as usize];
                content[..4].copy_from_slice(&(round * 1_000 + batch).to_be_bytes());
                content[4] = sender as u8;
                node.network.gossip(content).unwrap();
            }
        }
        for node in &mut nodes {
            // Verifying a batch takes an application about as long as receiving the others.
            let mut ids = Vec::new();
            for _ in 0..3 * BATCHES {
                ids.push(message(node).await.0);
            }
            for id in ids {
                node.network.report_gossip(id, Verdict::Accept).unwrap();
            }
        }
    }
    let transactions = ROUNDS * BATCHES * TRANSACTIONS * 4;
    let micros = (processor_ms() - begun) * 1_000.0 / f64::from(transactions) / 4.0;
    eprintln!("{micros:.2} µs for each transaction and node");
    for node in &nodes {
        assert_eq!(node.network.stats().gossip.received, u64::from(ROUNDS * BATCHES * 3));
        assert_eq!(node.network.stats().gossip.dropped, 0);
    }
}

/// User and system time of this process, milliseconds.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks * 10.0
}
