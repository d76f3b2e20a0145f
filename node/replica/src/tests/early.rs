//! Messages that arrive during a commit.

use super::net::{HEARTBEAT_MS, Net};

/// The others continue while two of four still write the previous block: their early messages are processed
/// at once when the disks are done, without any timer.
#[test]
fn messages_that_arrive_during_a_commit_are_processed_after_it() {
    let mut rehearsal = Net::up(4);
    rehearsal.run_to(0, 2);
    let proposer = rehearsal.proposer(0, 2);
    let slow = [(proposer + 1) % 4, (proposer + 2) % 4];

    let mut net = Net::up(4);
    slow.iter().for_each(|at| net.hold_commits(*at));
    while net.height(proposer) < 1 {
        net.run(1);
    }
    net.run(HEARTBEAT_MS);
    assert_eq!(net.height(proposer), 1, "two of four decide nothing");

    slow.iter().for_each(|at| net.release_commits(*at));
    assert_eq!((0..4).map(|at| net.height(at)).collect::<Vec<_>>(), [2; 4]);
    assert_eq!(net.proposer(0, 2), proposer);
}
