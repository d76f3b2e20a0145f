//! Execution that takes longer than a round.

use super::net::{HEARTBEAT_MS, Net};

/// As long as compiling the largest code takes that may be installed.
const EXECUTION_MS: u64 = 8_000;

/// A block is voted for before it is executed, and a height begins once its parent is: so blocks that take far
/// longer than a round make heights slow, and no round fails because of them.
#[test]
fn blocks_that_take_longer_than_rounds_are_decided_in_their_first_round() {
    let mut net = Net::up(4);
    net.nodes.iter_mut().for_each(|node| node.execution_ms = EXECUTION_MS);
    let begun = net.now_ms();
    net.submit(0, 0);
    net.run_to(0, 3);
    assert!(net.now_ms() - begun >= 3 * EXECUTION_MS);
    assert_eq!(net.rounds(0), [0; 3]);
}

/// Some nodes have compiled the code before the block came, and wait for those that have not.
#[test]
fn nodes_that_execute_at_different_speeds_go_on_together() {
    for slow in 1..=3 {
        let mut net = Net::up(4);
        (0..slow).for_each(|at| net.nodes[at].execution_ms = EXECUTION_MS);
        net.submit(3, 0);
        net.run(3 * EXECUTION_MS + 2 * HEARTBEAT_MS);
        net.nodes.iter_mut().for_each(|node| node.execution_ms = 0);
        net.run(2 * EXECUTION_MS);
        let height = net.height(3);
        assert!(height >= 3, "{slow} slow nodes: {height}");
        net.run(3 * HEARTBEAT_MS);
        assert!((0..4).all(|at| net.height(at) > height), "{slow} slow nodes");
    }
}
