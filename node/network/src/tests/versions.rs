//! Nodes of different releases in one network.

use futures::AsyncWriteExt;

use super::harness::{KINDS, Node, RawPeer, config, eventually, hello, kind, public};
use crate::{Channel, Config, FrameKind, SendError, Versions};

/// A kind of frames that only the newer release knows.
static NEW: FrameKind =
    FrameKind { number: 40, name: "new", channel: Channel::Sync, bytes_max: 1_000, since: 2 };

const OLD: Versions = Versions { oldest: 1, newest: 1 };
const BOTH: Versions = Versions { oldest: 1, newest: 2 };

fn newer(seed: u8) -> Config {
    let kinds = KINDS.iter().copied().chain([NEW]).collect();
    Config { versions: BOTH, kinds, ..config(seed) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_two_releases_use_the_newest_common_version() {
    let mut newest = Node::start(newer(1)).await;
    let peers = vec![newest.address()];
    let mut older = Node::start(Config { versions: OLD, peers: peers.clone(), ..config(2) }).await;
    newest.connected(public(2)).await;
    let mut other = Node::start(Config { peers, ..newer(3) }).await;
    newest.connected(public(3)).await;
    older.connected(public(1)).await;
    other.connected(public(1)).await;
    let version = |peer| {
        let found = newest.network.peers().into_iter().find(|it| it.peer == public(peer));
        found.unwrap().version
    };
    assert_eq!((version(2), version(3)), (1, 2));
    // New kinds are sent only to nodes that know them, old kinds to all.
    let refused = newest.network.send(&public(2), &NEW, &b"new"[..]);
    assert_eq!(refused, Err(SendError::NotSpoken { version: 1 }));
    assert_eq!(newest.network.broadcast(&NEW, &b"new"[..]), 1);
    assert_eq!(newest.network.broadcast(kind(Channel::Sync), &b"old"[..]), 2);
    assert_eq!(&other.frame().await.2[..], b"new");
    assert_eq!(&other.frame().await.2[..], b"old");
    assert_eq!(&older.frame().await.2[..], b"old");
    older.reaches(&mut newest, b"and back").await;
}

/// A newer release sends an unknown kind nevertheless: it is skipped whatever its size, and counted, and the
/// connection stays open. A frame larger than the maximum is not skipped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_unknown_kinds_are_skipped() {
    let mut node = Node::start(config(1)).await;
    let mut raw = RawPeer::connect(2, node.socket()).await;
    let mut greeting = hello(BOTH).encode();
    greeting.extend(b"fields of a newer release");
    raw.greet(greeting).await;
    node.connected(public(2)).await;
    for (number, bytes) in [(40, 0), (41, 300), (u16::MAX, 5 << 20), (0, 10)] {
        raw.write(Channel::Sync, number, vec![1; bytes]).await;
    }
    raw.write(Channel::Sync, kind(Channel::Sync).number, b"known".to_vec()).await;
    let (_, _, bytes) = node.frame().await;
    assert_eq!(&bytes[..], b"known");
    let network = node.network.clone();
    eventually("they are counted", || {
        network.stats().channels.get(Channel::Sync).frames_skipped == 4
    })
    .await;
    let length = u32::try_from(Channel::Sync.frame_bytes_max() + 1).unwrap();
    let header = [&length.to_be_bytes()[..], &[0, 40]].concat();
    let stream = raw.outbound(Channel::Sync);
    stream.write_all(&header).await.unwrap();
    stream.flush().await.unwrap();
    raw.until_closed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_on_the_wrong_stream_ends_the_connection() {
    let mut node = Node::start(config(1)).await;
    let mut raw = RawPeer::connect(2, node.socket()).await;
    raw.greet(hello(OLD).encode()).await;
    node.connected(public(2)).await;
    raw.write(Channel::Consensus, kind(Channel::Sync).number, b"here?".to_vec()).await;
    node.disconnected(public(2)).await;
    raw.until_closed().await;
}
