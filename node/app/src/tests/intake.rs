//! What a permitted peer sends that no honest one would: it goes no further than the intake.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use ehb_network::{
    Channel, Config, Events, Limits, Network, PROTOCOL_VERSIONS, PeerAddress, start,
};
use ehb_replica::{Event, Message, TRANSACTIONS_MAX, Voting};
use ehb_types::{
    Address, ChainId, Hash, PublicKey, SecretKey, SharedTransaction, Transaction, encode,
};
use tokio::time::timeout;

use super::wire::{body_of_small_calls, resident_bytes};
use crate::asked::Asked;
use crate::gossips::Gossips;
use crate::intake::{Incoming, Intake, after_wait};
use crate::performer::at_sending;
use crate::wire;

/// How long anything that must happen may take, on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn config(seed: u8, peers: Vec<PeerAddress>) -> Config {
    Config {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        node_key: key(seed),
        chain_id: ChainId::new("test-1").unwrap(),
        genesis: Hash([7; 32]),
        versions: PROTOCOL_VERSIONS,
        kinds: wire::kinds(),
        permitted: [1, 2].map(|seed| key(seed).public_key()).into(),
        peers,
        limits: Limits::default(),
    }
}

/// A node's intake, and a permitted peer that has been greeted and says what the test likes.
struct Pair {
    network: Network,
    urgent: Receiver<Incoming>,
    bulk: Receiver<Incoming>,
    peer: Network,
    peer_events: Events,
    asked: Arc<Asked>,
}

impl Pair {
    async fn connected() -> Self {
        let (network, events) = start(config(1, vec![])).await.unwrap();
        let address = network.local_addresses()[0].to_string();
        let dialled = vec![PeerAddress { key: network.local_key(), address }];
        let (peer, mut peer_events) = start(config(2, dialled)).await.unwrap();
        let (urgent, urgent_out) = bounded(64);
        let (bulk, bulk_out) = bounded(64);
        let gossips = Arc::new(Gossips::default());
        let (urgent_in, bulk_in) = events.split();
        let asked = Arc::new(Asked::default());
        let votes =
            Intake { network: network.clone(), gossips, asked: asked.clone(), events: urgent };
        let blocks = Intake { events: bulk, ..votes.clone() };
        // They end with the network, and that with the test.
        drop(std::thread::spawn(move || votes.run(urgent_in)));
        drop(std::thread::spawn(move || blocks.run(bulk_in)));
        let own = network.local_key();
        until(&mut peer_events, &ehb_network::Event::Connected(own)).await;
        let greeted = key(2).public_key();
        let event = next(&urgent_out).await;
        assert!(matches!(event, Event::Connected(peer) if peer == greeted));
        Self { network, urgent: urgent_out, bulk: bulk_out, peer, peer_events, asked }
    }

    fn node(&self) -> PublicKey {
        self.network.local_key()
    }
}

async fn until(events: &mut Events, wanted: &ehb_network::Event) {
    let found = timeout(DEADLINE, async {
        while events.recv().await.expect("the network has stopped") != *wanted {}
    });
    assert!(found.await.is_ok(), "{wanted:?} did not come");
}

/// The next event for the replica.
async fn next(events: &Receiver<Incoming>) -> Event {
    let events = events.clone();
    let found = tokio::task::spawn_blocking(move || events.recv_timeout(DEADLINE)).await;
    found.unwrap().expect("no event came").event
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let waited = timeout(DEADLINE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "did not happen in time: {what}");
}

fn status() -> Message {
    Message::Status { height: 1, voting: Voting::Votes(1), clock_ms: 1, run: 1 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_message_reaches_the_replica() {
    let pair = Pair::connected().await;
    pair.peer.send(&pair.node(), &wire::STATUS, wire::content(&status())).unwrap();
    let Event::Message { peer, message } = next(&pair.bulk).await else { panic!("no message") };
    assert_eq!((peer, message), (key(2).public_key(), status()));
}

/// Blocks are megabytes: what nobody asked for is dropped as it is, and an answer counts once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocks_are_decoded_only_if_they_were_asked_for() {
    let pair = Pair::connected().await;
    let answer = Message::Blocks(vec![]);
    let send = |kind, content| pair.peer.send(&pair.node(), kind, content).unwrap();
    // Bytes that are no message cost their sender the connection, where they are decoded.
    send(&wire::BLOCKS, b"no blocks".to_vec());
    send(&wire::STATUS, wire::content(&status()));
    let Event::Message { message, .. } = next(&pair.bulk).await else { panic!("no message") };
    assert_eq!(message, status());
    pair.asked.ask(key(2).public_key());
    send(&wire::BLOCKS, wire::content(&answer));
    send(&wire::BLOCKS, wire::content(&answer));
    send(&wire::STATUS, wire::content(&status()));
    for expected in [answer, status()] {
        let Event::Message { message, .. } = next(&pair.bulk).await else { panic!("no message") };
        assert_eq!(message, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_no_message_cuts_its_sender_off() {
    let mut longer = wire::content(&status());
    longer.push(0);
    let rows = [
        (wire::VOTE, b"no message at all".to_vec()),
        (wire::PROPOSAL, Vec::new()),
        (wire::STATUS, longer),
        (wire::BODY, wire::content(&status())),
    ];
    for (kind, frame) in rows {
        let mut pair = Pair::connected().await;
        let node = pair.node();
        pair.peer.send(&node, &kind, frame.clone()).unwrap();
        until(&mut pair.peer_events, &ehb_network::Event::Disconnected(node)).await;
        // The replica is notified that the peer is gone, and of nothing that it sent before.
        let event = next(&pair.urgent).await;
        let gone = key(2).public_key();
        assert!(matches!(event, Event::Disconnected(peer) if peer == gone), "{kind:?} {frame:?}");
        assert!(pair.urgent.is_empty() && pair.bulk.is_empty(), "{kind:?} {frame:?}");
    }
}

/// The replica takes nothing, while a permitted peer sends bodies made of what grows most when it is
/// decoded: what is in memory here stays bounded, and the peer is held back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_bodies_is_held_back_before_it_fills_memory() {
    const BODY_BYTES: usize = 4 << 20;
    let pair = Pair::connected().await;
    let body = body_of_small_calls(BODY_BYTES);
    let before = resident_bytes();
    let (node, peer) = (pair.node(), pair.peer.clone());
    let received = || {
        let stats = pair.network.stats();
        stats.channels.get(Channel::Blocks).bytes_received
    };
    let (mut sent, mut quiet, mut last) = (0, 0, 0);
    while quiet < 100 {
        if peer.send(&node, &wire::BODY, body.clone()).is_ok() {
            sent += body.len();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        quiet = if received() == last { quiet + 1 } else { 0 };
        last = received();
        assert!(sent < 200 << 20, "the peer is not held back");
    }
    // Two in the channel, one in the hand of the thread that decodes, and what waits before that.
    assert!(last <= 7 * BODY_BYTES as u64, "{last} bytes were read");
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 400 << 20, "{grown} bytes for {sent} sent and {last} read");
    eventually("two are decoded and wait", || pair.bulk.len() == 2).await;
}

fn transaction(sequence: u64) -> SharedTransaction {
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: Hash::ZERO,
        sender: Address([1; 32]),
        lane: 0,
        sequence,
        valid_until_ms: 10,
        gas_limit: 0,
        calls: vec![],
        memo: String::new(),
    };
    transaction.sign(&[]).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gossip_that_is_no_batch_of_transactions_is_rejected() {
    let pair = Pair::connected().await;
    let batch = |count: usize| -> Vec<u8> {
        let transactions: Vec<SharedTransaction> = (0..count as u64).map(transaction).collect();
        encode(&transactions)
    };
    // As many as may be in one message are for the replica to judge.
    pair.peer.gossip(batch(TRANSACTIONS_MAX)).unwrap();
    let Event::Gossip { transactions, .. } = next(&pair.bulk).await else { panic!("no gossip") };
    assert_eq!(transactions.len(), TRANSACTIONS_MAX);
    let rows = [b"garbage".to_vec(), batch(0), batch(TRANSACTIONS_MAX + 1)];
    for (before, message) in (0..).zip(rows) {
        pair.peer.gossip(message).unwrap();
        let rejected = || pair.network.stats().gossip.rejected;
        eventually("the message is rejected", || rejected() > before).await;
        assert_eq!(rejected(), before + 1);
    }
    assert!(pair.bulk.is_empty(), "nothing of it reached the replica");
}

/// A status waits in its sender for the disk, and here behind other messages: neither makes its sender's clock seem slow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_that_waited_makes_no_clock_slow() {
    let at = |clock_ms| Message::Status { height: 1, voting: Voting::Votes(1), clock_ms, run: 1 };
    assert_eq!(at_sending(status(), 5_000), at(5_000));
    let pair = Pair::connected().await;
    let begun = Instant::now();
    pair.peer.send(&pair.node(), &wire::STATUS, wire::content(&at(5_000))).unwrap();
    let events = pair.bulk.clone();
    let incoming = tokio::task::spawn_blocking(move || events.recv_timeout(DEADLINE)).await;
    let Incoming { event, cost, .. } = incoming.unwrap().expect("no event came");
    assert!((begun..=Instant::now()).contains(&cost.unwrap().received));
    let waited = Duration::from_millis(4_300);
    let Event::Message { message, .. } = after_wait(event, waited) else { panic!("no message") };
    assert_eq!(message, at(9_300));
    let other = Event::Message { peer: pair.node(), message: Message::Want(vec![]) };
    let Event::Message { message, .. } = after_wait(other, waited) else { panic!("no message") };
    assert_eq!(message, Message::Want(vec![]), "nothing else changes");
}
