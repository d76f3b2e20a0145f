//! Restarts, simultaneous dials and shutdown.

use std::time::Duration;

use tokio::time::timeout;

use super::harness::{DEADLINE, Node, config, eventually, free_address, kind, public};
use crate::{Bytes, Channel, Config, Event, NetworkError, PeerAddress};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_peer_is_reconnected() {
    let address = free_address();
    let peers = vec![PeerAddress { key: public(2), address: address.to_string() }];
    // The peer is not running yet.
    let mut node = Node::start(Config { peers, ..config(1) }).await;
    for content in [&b"first life"[..], b"second life", b"third life"] {
        // The port of the last run can take a moment to become free.
        let other = timeout(DEADLINE, async {
            loop {
                let other = Config { listen: vec![address], ..config(2) };
                match crate::start(other).await {
                    Ok((network, events)) => return Node { network, events },
                    Err(error) => assert!(matches!(error, NetworkError::Listen { .. }), "{error}"),
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let mut other = other.await.unwrap();
        node.connected(public(2)).await;
        other.connected(public(1)).await;
        node.reaches(&mut other, content).await;
        drop(other);
        node.disconnected(public(2)).await;
        assert!(!node.network.is_connected(&public(2)));
    }
}

/// Of two nodes with one key, one has the connection, and the other counts that it was turned away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_of_two_nodes_with_one_key_is_turned_away() {
    let node = Node::start(config(1)).await;
    let peers = vec![node.address()];
    let one = Node::start(Config { peers: peers.clone(), ..config(2) }).await;
    let other = Node::start(Config { peers, ..config(2) }).await;
    eventually("one of the two is turned away", || {
        [&one, &other].iter().any(|it| it.network.stats().turned_away > 0)
    })
    .await;
    // A node that nobody answers is not.
    let address = free_address().to_string();
    let peers = vec![PeerAddress { key: public(2), address }];
    let alone = Node::start(Config { peers, ..config(3) }).await;
    eventually("its dials fail", || alone.network.stats().dials_failed > 1).await;
    assert_eq!(alone.network.stats().turned_away, 0);
}

/// All nodes dial all others at the same time: each pair ends with one connection that both use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_dials_leave_one_connection() {
    const COUNT: u8 = 4;
    let addresses: Vec<_> = (1..=COUNT).map(|seed| (seed, free_address())).collect();
    let peers: Vec<PeerAddress> = addresses
        .iter()
        .map(|(seed, address)| PeerAddress { key: public(*seed), address: address.to_string() })
        .collect();
    let mut nodes = Vec::new();
    for (seed, address) in addresses {
        let (listen, peers) = (vec![address], peers.clone());
        nodes.push(Node::start(Config { listen, peers, ..config(seed) }).await);
    }
    eventually("all are connected", || {
        nodes.iter().all(|node| node.network.peers().len() == usize::from(COUNT) - 1)
    })
    .await;
    eventually("both sides of each pair agree on who dialled", || {
        nodes.iter().all(|node| {
            node.network.peers().iter().all(|peer| {
                let other = nodes.iter().find(|other| other.key() == peer.peer).unwrap();
                let mirrored =
                    other.network.peers().into_iter().find(|back| back.peer == node.key());
                mirrored.is_some_and(|back| back.outbound != peer.outbound)
            })
        })
    })
    .await;
    let senders: Vec<_> = nodes.iter().map(|node| node.network.clone()).collect();
    for node in &mut nodes {
        let mut missing: Vec<_> = senders
            .iter()
            .map(|sender| sender.local_key())
            .filter(|key| *key != node.key())
            .collect();
        for sender in senders.iter().filter(|sender| sender.local_key() != node.key()) {
            sender.send(&node.key(), kind(Channel::Consensus), &b"hello"[..]).unwrap();
        }
        while !missing.is_empty() {
            let (from, _, _) = node.frame().await;
            missing.retain(|key| *key != from);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_last_handle_stops_the_network_and_frees_the_port() {
    let node = Node::start(config(1)).await;
    let address = node.socket();
    let Node { network, mut events } = node;
    let second_handle = network.clone();
    drop(network);
    assert_eq!(second_handle.local_addresses(), [address]);
    drop(second_handle);
    assert_eq!(timeout(DEADLINE, events.recv()).await.unwrap(), None::<Event>);
    eventually("the port is free", || std::net::TcpListener::bind(address).is_ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_start_returns_the_reason() {
    let node = Node::start(config(1)).await;
    let taken = crate::start(Config { listen: vec![node.socket()], ..config(2) }).await;
    let error = taken.map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on {}", node.socket())), "{error}");
    for address in ["", "host", "host:", ":1", "host:99999", "host:port"] {
        let peers = vec![PeerAddress { key: public(3), address: address.into() }];
        let error = crate::start(Config { peers, ..config(2) }).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, NetworkError::Address { .. }), "{address}: {error}");
    }
}

/// Two nodes run with one key. Neither keeps the other from being heard: their peer hears each of them again and
/// again, which is how it notices that there are two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_with_one_key_are_heard_in_turns() {
    const TURNS: usize = 2;
    let mut peer = Node::start(config(1)).await;
    let twin = |name: &'static [u8]| {
        let config = Config { peers: vec![peer.address()], ..config(2) };
        tokio::spawn(async move {
            let mut node = Node::start(config).await;
            loop {
                node.connected(public(1)).await;
                let _ = node.network.send(&public(1), kind(Channel::Sync), name);
            }
        })
    };
    let twins = [twin(b"first"), twin(b"second")];
    let mut heard: Vec<Bytes> = Vec::new();
    while heard.len() < 2 * TURNS {
        let (_, _, bytes) = peer.frame().await;
        if heard.last() != Some(&bytes) {
            heard.push(bytes);
        }
    }
    twins.iter().for_each(tokio::task::JoinHandle::abort);
}
