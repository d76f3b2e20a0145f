//! The byte budget of a peer.

use std::time::{Duration, Instant};

use super::harness::{Node, eventually, kind, mesh, public};
use crate::allowance::Allowances;
use crate::{Channel, Limits, Network, Rates};

#[test]
fn the_budget_of_a_peer_is_configurable() {
    let begun = Instant::now();
    let wait = |bytes_per_second| {
        let rates = Rates { bytes_per_second, processor_percent: 10 };
        let of_peer = Allowances::new(&rates, begun);
        for channel in [Channel::Blocks, Channel::Sync] {
            of_peer.of(channel).frame(82 << 20, begun);
        }
        of_peer.of(Channel::Consensus).frame(1 << 20, begun);
        assert_eq!(of_peer.of(Channel::Consensus).wait(begun), Duration::ZERO);
        assert_eq!(of_peer.of(Channel::Blocks).wait(begun), of_peer.of(Channel::Sync).wait(begun));
        of_peer.of(Channel::Sync).wait(begun).as_secs()
    };
    // 10 MiB beyond a burst of two of the largest frames.
    assert_eq!((wait(1 << 20), wait(5 << 20)), (10, 2));
}

#[test]
fn the_budget_of_a_peer_refills_with_time() {
    let begun = Instant::now();
    let at = |ms: u64| begun + Duration::from_millis(ms);
    let of_peer = Allowances::new(&Limits::default().rates, begun);
    let votes = of_peer.of(Channel::Consensus);
    assert_eq!(votes.wait(at(0)), Duration::ZERO);
    // A burst of frames, and then the steady rate.
    (0..8_001).for_each(|_| votes.frame(200, at(0)));
    let wait = votes.wait(at(0));
    assert!(wait > Duration::ZERO && wait < Duration::from_millis(10), "{wait:?}");
    assert_eq!(votes.wait(at(10)), Duration::ZERO);
    // The other channels are not affected.
    assert_eq!(of_peer.of(Channel::Sync).wait(at(0)), Duration::ZERO);
    // Processor time: a burst of 0.6 s, then 30 % of a processor.
    votes.processor(Duration::from_millis(900), at(4_000));
    let wait = votes.wait(at(4_000));
    assert!((990..1_020).contains(&wait.as_millis()), "{wait:?}");
    assert_eq!(votes.wait(at(5_100)), Duration::ZERO);
    // The debt is limited to the size of a burst, whatever the cost of one frame.
    votes.processor(Duration::from_secs(3_600), at(10_000));
    assert!(votes.wait(at(10_000)) < Duration::from_secs(3));
    // A clock that steps back changes nothing.
    assert!(votes.wait(at(0)) < Duration::from_secs(3));
}

fn received(node: &Network, channel: Channel) -> u64 {
    node.stats().channels.get(channel).frames_received
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_over_budget_on_one_channel_is_slowed_down_only_there() {
    let mut nodes = mesh(3).await;
    let node: Node = nodes.remove(0);
    let network = node.network.clone();
    network.charge(&public(2), Channel::Sync, Duration::from_secs(4));
    for _ in 0..2 {
        nodes[0].network.send(&public(1), kind(Channel::Sync), &b"costly"[..]).unwrap();
    }
    nodes[0].network.send(&public(1), kind(Channel::Blocks), &b"another channel"[..]).unwrap();
    nodes[1].network.send(&public(1), kind(Channel::Sync), &b"another peer"[..]).unwrap();
    eventually("the others pass", || {
        received(&network, Channel::Blocks) == 1 && received(&network, Channel::Sync) >= 1
    })
    .await;
    // The reader was already waiting for a frame when the peer was charged: that one passes.
    let passed = received(&network, Channel::Sync);
    assert!(passed <= 2, "{passed} passed");
    eventually("it is within its budget again", || received(&network, Channel::Sync) == 3).await;
}
