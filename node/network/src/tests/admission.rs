//! Which peers are connected and which are rejected.

use std::collections::BTreeSet;
use std::time::Duration;

use ehb_types::{ChainId, Hash};
use expect_test::expect;

use super::harness::{Node, RawPeer, config, eventually, genesis, public};
use crate::{Config, Event, Limits, PROTOCOL_VERSIONS, Refusal, Versions};

async fn refusal(node: &mut Node) -> (ehb_types::PublicKey, Refusal) {
    node.until(|event| {
        assert!(!matches!(event, Event::Connected(_)), "{event:?}");
        match event {
            Event::Refused { peer, reason } => Some((peer, reason)),
            _ => None,
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_is_not_permitted_is_rejected_at_the_handshake() {
    let mut node = Node::start(config(1)).await;
    let stranger = Config { peers: vec![node.address()], ..config(66) };
    let stranger = Node::start(stranger).await;
    assert_eq!(refusal(&mut node).await, (public(66), Refusal::NotPermitted));
    assert!(stranger.network.peers().is_empty());
    assert!(node.network.peers().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_peer_is_disconnected_at_once_and_returns_when_permitted_again() {
    let mut node = Node::start(config(1)).await;
    let mut other = Node::start(Config { peers: vec![node.address()], ..config(2) }).await;
    node.connected(public(2)).await;
    other.connected(public(1)).await;

    node.network.set_permitted(BTreeSet::from([public(3)]));
    node.disconnected(public(2)).await;
    other.disconnected(public(1)).await;
    assert_eq!(refusal(&mut node).await, (public(2), Refusal::NotPermitted));

    node.network.set_permitted(BTreeSet::from([public(2)]));
    node.connected(public(2)).await;
    other.connected(public(1)).await;
    other.reaches(&mut node, b"again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_with_different_genesis_reject_each_other_and_show_both_hashes() {
    let mut node = Node::start(config(1)).await;
    let theirs = Hash([8; 32]);
    let other = Config { peers: vec![node.address()], genesis: theirs, ..config(2) };
    let mut other = Node::start(other).await;
    let ours = genesis();
    let refused = refusal(&mut node).await;
    assert_eq!(refused, (public(2), Refusal::Genesis { ours, theirs }));
    let refused_there = refusal(&mut other).await;
    assert_eq!(refused_there, (public(1), Refusal::Genesis { ours: theirs, theirs: ours }));
    expect![[r#"its genesis is 0808080808080808080808080808080808080808080808080808080808080808, this node's is 0707070707070707070707070707070707070707070707070707070707070707: both need the same genesis file"#]]
    .assert_eq(&refused.1.to_string());
    assert_eq!(node.network.mismatch(), Some(refused.1));
    assert_eq!(other.network.mismatch(), Some(refused_there.1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_of_another_chain_is_rejected() {
    let mut node = Node::start(config(1)).await;
    let chain_id = ChainId::new("other-chain").unwrap();
    let other = Config { peers: vec![node.address()], chain_id, ..config(2) };
    let _other = Node::start(other).await;
    let (_, reason) = refusal(&mut node).await;
    expect!["it belongs to the chain other-chain, this node to test-chain"]
        .assert_eq(&reason.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_without_a_common_version_is_rejected_before_the_rest_is_read() {
    let mut node = Node::start(config(1)).await;
    let mut raw = RawPeer::connect(2, node.socket()).await;
    raw.greet(vec![9, 9, 10, 9, 1, 2, 3]).await;
    let theirs = Versions { oldest: 0x0909, newest: 0x090a };
    let expected = Refusal::Versions { ours: PROTOCOL_VERSIONS, theirs };
    assert_eq!(refusal(&mut node).await, (public(2), expected));
    raw.until_closed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_misbehaved_is_rejected_during_its_penalty() {
    let limits = Limits { penalty_first: Duration::from_millis(1_500), ..Limits::default() };
    let mut node = Node::start(Config { limits, ..config(1) }).await;
    let mut other = Node::start(Config { peers: vec![node.address()], ..config(2) }).await;
    node.connected(public(2)).await;
    other.connected(public(1)).await;

    let begun = std::time::Instant::now();
    node.network.penalise(&public(2), "its block does not match its hash");
    let mut heard = Vec::new();
    node.until(|event| {
        heard.push(event);
        (heard.len() == 2).then_some(())
    })
    .await;
    assert!(heard.contains(&Event::Disconnected(public(2))), "{heard:?}");
    let reason = Refusal::Misbehaved("its block does not match its hash".into());
    assert!(heard.contains(&Event::Refused { peer: public(2), reason }), "{heard:?}");

    node.connected(public(2)).await;
    assert!(begun.elapsed() >= Duration::from_millis(1_500));
    eventually("the peer is back", || node.network.is_connected(&public(2))).await;
}
