//! What a permitted peer sends that no honest one would: it goes no further than the intake.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use ehb_network::{Channel, Config, Events, Limits, Network, PeerAddress, start};
use ehb_replica::{Event, Message, TRANSACTIONS_MAX};
use ehb_types::{
    Address, ChainId, Hash, PublicKey, SecretKey, SharedTransaction, Transaction, encode,
};
use tokio::time::timeout;

use crate::gossips::Gossips;
use crate::intake::Intake;

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
        permitted: [1, 2].map(|seed| key(seed).public_key()).into(),
        peers,
        limits: Limits::default(),
    }
}

/// A node's intake, and a permitted peer that has been greeted and says what the test likes.
struct Pair {
    network: Network,
    urgent: Receiver<Event>,
    bulk: Receiver<Event>,
    peer: Network,
    peer_events: Events,
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
        let intake = Intake { network: network.clone(), gossips, urgent, bulk };
        // It ends with the network, and that with the test.
        drop(std::thread::spawn(move || intake.run(events)));
        let own = network.local_key();
        until(&mut peer_events, &ehb_network::Event::Connected(own)).await;
        let greeted = key(2).public_key();
        let told = next(&urgent_out).await;
        assert!(matches!(told, Event::Connected(peer) if peer == greeted));
        Self { network, urgent: urgent_out, bulk: bulk_out, peer, peer_events }
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
async fn next(events: &Receiver<Event>) -> Event {
    let events = events.clone();
    let found = tokio::task::spawn_blocking(move || events.recv_timeout(DEADLINE)).await;
    found.unwrap().expect("no event came")
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
    Message::Status { height: 1, reached: Some(1), clock_ms: 1, run: 1 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_message_reaches_the_replica() {
    let pair = Pair::connected().await;
    pair.peer.send(&pair.node(), Channel::Sync, encode(&status())).unwrap();
    let Event::Message { peer, message } = next(&pair.bulk).await else { panic!("no message") };
    assert_eq!((peer, message), (key(2).public_key(), status()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_no_message_or_on_the_wrong_channel_cuts_its_sender_off() {
    let mut longer = encode(&status());
    longer.push(0);
    let rows = [
        (Channel::Consensus, b"no message at all".to_vec()),
        (Channel::Consensus, Vec::new()),
        (Channel::Sync, longer),
        (Channel::Blocks, encode(&status())),
        (Channel::Consensus, encode(&status())),
    ];
    for (channel, frame) in rows {
        let mut pair = Pair::connected().await;
        let node = pair.node();
        pair.peer.send(&node, channel, frame.clone()).unwrap();
        until(&mut pair.peer_events, &ehb_network::Event::Disconnected(node)).await;
        // The replica is told that the peer is gone, and of nothing that it said before.
        let told = next(&pair.urgent).await;
        let gone = key(2).public_key();
        assert!(matches!(told, Event::Disconnected(peer) if peer == gone), "{channel:?} {frame:?}");
        assert!(pair.urgent.is_empty() && pair.bulk.is_empty(), "{channel:?} {frame:?}");
    }
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
