//! Nodes that were offline and catch up.

use super::net::{HEARTBEAT_MS, Net};

#[test]
fn an_offline_node_catches_up_and_votes_from_the_next_height_on() {
    let mut net = Net::up(4);
    net.run_to(0, 2);
    net.stop(3);
    net.run_to(0, 12);
    net.start(3);
    net.run(1_000);
    assert_eq!(net.height(3), net.height(0));
    // From there on it cannot contradict its earlier signatures.
    net.run_to(3, 14);
    net.run(1_000);
    // The others are no quorum without it. It is asked to start when the others begin, long before it would
    // begin by itself.
    net.stop(1);
    let height = net.height(0);
    net.run(HEARTBEAT_MS);
    assert_eq!((net.height(0), net.height(3)), (height + 1, height + 1));
}

#[test]
fn a_node_that_starts_empty_catches_up_with_a_long_chain() {
    let mut net = Net::up(4);
    net.stop(3);
    net.run_to(0, 300);
    net.empty(3);
    net.start(3);
    net.run(1_000);
    assert_eq!(net.height(3), net.height(0));
}
