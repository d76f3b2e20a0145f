//! Frames between peers: order, broadcasts and large frames.

use std::time::{Duration, Instant};

use super::harness::{DEADLINE, kind, mesh, public};
use crate::{Bytes, Channel, Event, Held, SendError};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_are_exchanged_in_order_on_every_channel() {
    let mut nodes = mesh(2).await;
    for (from, to) in [(0, 1), (1, 0)] {
        for channel in Channel::ALL {
            let frames: Vec<Bytes> =
                (0..50u8).map(|n| vec![n; usize::from(n) * 700].into()).collect();
            for frame in &frames {
                let peer = nodes[to].key();
                nodes[from].network.send(&peer, kind(channel), frame.clone()).unwrap();
            }
            for frame in frames {
                let expected = (nodes[from].key(), channel, frame);
                assert!(nodes[to].frame().await == expected);
            }
        }
    }
    let stats = nodes[0].network.stats();
    let consensus = stats.channels.get(Channel::Consensus);
    let bytes = (0..50).map(|n| n * 700).sum::<u64>();
    assert_eq!((consensus.frames_received, consensus.bytes_received), (50, bytes));
    assert_eq!(stats.connected, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_reaches_all_peers() {
    let mut nodes = mesh(4).await;
    assert_eq!(nodes[0].network.broadcast(kind(Channel::Consensus), &b"vote"[..]), 3);
    for node in &mut nodes[1..] {
        let expected = (public(1), Channel::Consensus, Bytes::from_static(b"vote"));
        assert_eq!(node.frame().await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_thread_sends_and_receives() {
    let mut nodes = mesh(2).await;
    let mut receiver = nodes.pop().unwrap();
    let sender = nodes[0].network.clone();
    std::thread::spawn(move || sender.send(&public(2), kind(Channel::Sync), &b"from a thread"[..]))
        .join()
        .unwrap()
        .unwrap();
    let received = tokio::task::spawn_blocking(move || receiver.events.blocking_recv());
    let event = tokio::time::timeout(DEADLINE, received).await.unwrap().unwrap().unwrap();
    let bytes = Bytes::from_static(b"from a thread");
    let received = match &event {
        Event::Frame { received, .. } => *received,
        _ => unreachable!("{event:?}"),
    };
    let (peer, channel, held) = (public(1), Channel::Sync, Held::default());
    assert_eq!(event, Event::Frame { peer, kind: 3, channel, bytes, received, held });
}

/// A vote that is sent after a body of 32 MiB arrives before it. On a busy machine the body may be there before the vote is
/// sent, so it is tried some times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_block_arrives_whole_and_does_not_delay_votes() {
    const TRIES: usize = 20;
    let mut nodes = mesh(2).await;
    let body: Bytes = (0..32 << 20).map(|n: u32| (n % 251) as u8).collect::<Vec<_>>().into();
    for _ in 0..TRIES {
        nodes[0].network.send(&public(2), kind(Channel::Blocks), body.clone()).unwrap();
        nodes[0].network.send(&public(2), kind(Channel::Consensus), &b"vote"[..]).unwrap();
        let (_, first, _) = nodes[1].frame().await;
        let (_, second, bytes) = nodes[1].frame().await;
        if (first, second) == (Channel::Consensus, Channel::Blocks) {
            assert!(bytes == body);
            return;
        }
    }
    unreachable!("the block arrived before each vote");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_to_unconnected_peers_are_rejected_at_once() {
    let nodes = mesh(2).await;
    let network = &nodes[0].network;
    let unknown = network.send(&public(9), kind(Channel::Consensus), &b"x"[..]);
    assert_eq!(unknown, Err(SendError::NotConnected));
    let bytes_max = Channel::Consensus.frame_bytes_max();
    let large = network.send(&public(2), kind(Channel::Consensus), vec![0; bytes_max + 1]);
    assert_eq!(large, Err(SendError::TooLarge { bytes: bytes_max + 1, bytes_max }));
    let large = network.gossip(vec![0; (512 << 10) + 1]);
    assert_eq!(large, Err(SendError::TooLarge { bytes: (512 << 10) + 1, bytes_max: 512 << 10 }));
}

/// Prints the round trip of a small frame, and the time for each frame of a stream (`--no-capture`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_frames_are_fast() {
    const ROUNDS: u32 = 200;
    const STREAMED: u32 = 1_000;
    let mut nodes = mesh(2).await;
    let (mut right, mut left) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        left.reaches(&mut right, b"there").await;
        right.reaches(&mut left, b"back").await;
    }
    let round_trip = begun.elapsed() / ROUNDS;
    let begun = Instant::now();
    for _ in 0..STREAMED {
        left.network.send(&right.key(), kind(Channel::Consensus), vec![1; 200]).unwrap();
    }
    for _ in 0..STREAMED {
        right.frame().await;
    }
    eprintln!("round trip {round_trip:?}, streamed {:?} a frame", begun.elapsed() / STREAMED);
}

/// A stopped process keeps its connections and sends nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_sends_no_frame_is_silent() {
    let mut nodes = mesh(2).await;
    let quiet = Duration::from_millis(50);
    tokio::time::sleep(quiet).await;
    let silent = &nodes[1].network.peers()[0];
    assert!(silent.silent_for >= silent.connected_for, "{silent:?}");
    let peer = nodes[1].key();
    nodes[0].network.send(&peer, kind(Channel::Consensus), vec![1]).unwrap();
    nodes[1].frame().await;
    let heard = &nodes[1].network.peers()[0];
    assert!(heard.silent_for + quiet / 2 <= heard.connected_for, "{heard:?}");
}
