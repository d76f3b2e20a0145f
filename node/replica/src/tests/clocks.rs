//! Wrong clocks, and clocks that are corrected.

use super::net::Net;
use crate::{Message, Signing, Voting};

const HOUR_MS: i64 = 3_600_000;

/// Submits transactions at a node, one every 500 ms; returns how many are final in the end.
fn final_after(net: &mut Net, at: usize, sequences: std::ops::Range<u64>) -> usize {
    for sequence in sequences {
        net.submit(at, sequence);
        net.run(500);
    }
    net.run(3_000);
    net.blocks(at).iter().map(|(count, _)| *count).sum()
}

#[test]
fn a_single_wrong_clock_does_not_affect_the_others() {
    for ahead_ms in [-HOUR_MS, HOUR_MS] {
        let mut net = Net::new(4);
        net.gossips = true;
        net.set_clock(3, ahead_ms);
        (0..4).for_each(|at| net.start(at));
        assert_eq!(final_after(&mut net, 0, 0..8), 8);
        let last = net.blocks(0).last().unwrap().1;
        assert!(last.abs_diff(net.now_ms()) < 5_000, "{last} is not {}", net.now_ms());
        let clocks = net.status(0).clocks;
        assert!(clocks.ahead_ms.is_some_and(|ahead| ahead.abs() < 100), "{clocks:?}");
        assert_eq!(clocks.wrong.len(), 1, "{clocks:?}");
        assert!(clocks.wrong[0].1.abs_diff(ahead_ms) < 100, "{clocks:?}");
        let own = net.status(3).clocks.ahead_ms;
        assert!(own.is_some_and(|own| own.abs_diff(ahead_ms) < 100), "{own:?}");
    }
}

#[test]
fn the_chain_continues_with_half_of_the_clocks_an_hour_behind() {
    let mut net = Net::new(4);
    net.gossips = true;
    net.set_clock(0, -HOUR_MS);
    net.set_clock(1, -HOUR_MS);
    (0..4).for_each(|at| net.start(at));
    assert_eq!(final_after(&mut net, 3, 0..8), 8);
    assert_eq!(final_after(&mut net, 0, 8..16), 16);
    assert_eq!(net.status(0).clocks.wrong.len(), 2);
}

/// All are an hour ahead, and then corrected: the chain's time stands still until the clocks reach it.
#[test]
fn the_chain_continues_when_clocks_are_set_back() {
    for restart in [false, true] {
        let mut net = Net::new(4);
        net.gossips = true;
        (0..4).for_each(|at| net.set_clock(at, HOUR_MS));
        (0..4).for_each(|at| net.start(at));
        assert_eq!(final_after(&mut net, 0, 0..4), 4);
        if restart {
            (0..4).for_each(|at| net.stop(at));
        }
        (0..4).for_each(|at| net.set_clock(at, 0));
        if restart {
            (0..4).for_each(|at| net.start(at));
        }
        let before = net.blocks(0).last().unwrap().1;
        assert_eq!(final_after(&mut net, 0, 4..8), 8);
        let after = net.blocks(0).last().unwrap().1;
        assert!(after > before && after < before + 100, "{before} and {after}");
    }
}

/// The verdict on a block's time is final: after a restart no clock contradicts an earlier vote of the node.
#[test]
fn a_restart_keeps_the_verdicts_on_blocks() {
    for ahead_ms in [-HOUR_MS, HOUR_MS] {
        for builder_restarts in [false, true] {
            let mut net = Net::up(4);
            net.run(1_000);
            let builder = net.turn(1, 0);
            let others: Vec<usize> = (0..4).filter(|at| *at != builder).collect();
            let restarted = if builder_restarts { builder } else { others[0] };
            net.stop(others[1]);
            net.stop(others[2]);
            net.submit(builder, 0);
            let logged = net.logged(restarted);
            assert!(logged > 2, "{logged} entries: it did not vote");
            net.stop(restarted);
            net.set_clock(restarted, ahead_ms);
            net.start(restarted);
            net.start(others[1]);
            net.start(others[2]);
            let status = net.status(restarted);
            assert_eq!(status.signing, Signing::Signs, "it has taken up the height");
            assert_eq!(status.untimely_blocks, 0, "{ahead_ms} {builder_restarts}");
            net.run_to(restarted, 1);
        }
    }
}

/// Delivers a status of each other node to node 3, as if it had been sent this long ago.
fn deliver_late(net: &mut Net, run: u64, late_ms: u64) {
    for from in 0..3 {
        let height = net.height(from);
        let (voting, clock_ms) = (Voting::Votes(height), net.now_ms() - late_ms);
        net.deliver(from, 3, Message::Status { height, voting, clock_ms, run });
    }
}

/// Statuses that waited on the line or in a process without processor time make other clocks seem slow.
#[test]
fn delays_of_a_node_are_no_wrong_clocks() {
    let mut net = Net::up(4);
    let run = net.now_ms();
    net.run(2_000);
    deliver_late(&mut net, run, 4_000);
    let clocks = net.status(3).clocks;
    assert_eq!((clocks.ahead_ms, clocks.wrong), (Some(0), vec![]));
    // It took no step for 20 seconds, and more statuses wait than a clock is judged by. A clock that was set
    // wrong looks the same at first.
    net.set_clock(3, 20_000);
    (0..12).for_each(|_| deliver_late(&mut net, run, 0));
    assert_eq!(net.status(3).clocks.wrong, []);
    net.run(6_000);
    let wrong = net.status(3).clocks.wrong;
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].0 == net.key(3) && wrong[0].1.abs_diff(20_000) < 100, "{wrong:?}");
}

/// Peers get no processor time, and their statuses come late by times that vary: no clock is wrong, not even this node's.
#[test]
fn delays_of_peers_are_no_wrong_clocks() {
    let mut net = Net::up(4);
    let run = net.now_ms();
    net.run(2_000);
    for late_ms in [46_000, 30_000, 20_000, 12_000, 41_000, 25_000, 17_000, 9_000] {
        deliver_late(&mut net, run, late_ms);
    }
    let clocks = net.status(3).clocks;
    assert_eq!((clocks.ahead_ms, clocks.wrong), (None, vec![]));
    // Once they are heard in time again, the clocks are known.
    net.run(2_000);
    assert_eq!(net.status(3).clocks.ahead_ms, Some(0));
}
