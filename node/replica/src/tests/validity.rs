//! Until when a transaction can be put into a block, by the blocks' time.

use ehb_types::{Code, Hash};

use super::net::{Net, START_MS, changed};
use crate::Event;

fn submit(net: &mut Net, at: usize, lane: u32, valid_until_ms: u64) -> Hash {
    let signed = changed(|it| {
        it.lane = lane;
        it.valid_until_ms = valid_until_ms;
    });
    let id = signed.id();
    net.happen(at, Event::Submit(vec![(0, signed.into())]));
    id
}

/// Without a quorum time goes by. What ends meanwhile is in no block, and leaves with the next one.
#[test]
fn a_transaction_that_expired_is_in_no_block() {
    let mut net = Net::up(4);
    net.stop(2);
    net.stop(3);
    // Whose turn is not the first: no block holds it before time goes by.
    let at = net.turn(1, 3);
    let ends = submit(&mut net, at, 0, START_MS + 1_000);
    let stays = submit(&mut net, at, 1, START_MS + 60_000);
    net.run(5_000);
    assert_eq!((net.height(at), net.status(at).pending), (0, 2));
    net.start(2);
    net.start(3);
    for height in 1..10 {
        if net.committed(at).contains(&stays) {
            break;
        }
        net.run_to(at, height);
    }
    assert_eq!(net.committed(at), [stays]);
    assert!(!net.committed(at).contains(&ends));
    assert_eq!(net.status(at).pending, 0, "it was evicted");
}

/// The clock says only how late the next block can be, not how early: a proposer may have a slow one.
#[test]
fn only_what_no_next_block_can_hold_is_refused() {
    let mut net = Net::up(4);
    net.stop(2);
    net.stop(3);
    net.run(5_000);
    let (week_ms, drift_ms) = (7 * 24 * 3_600_000, 5_000);
    for (valid_until_ms, code) in [
        (START_MS, Some(Code::Expired)),
        (START_MS + 1, None),
        (START_MS + 7_000 + drift_ms + week_ms, None),
        (START_MS + 8_000 + drift_ms + week_ms + 1, Some(Code::ExpiryTooFar)),
    ] {
        let lane = u32::try_from(net.nodes[0].replies.len()).unwrap();
        submit(&mut net, 0, lane, valid_until_ms);
        net.run(1_000);
        let reply = net.nodes[0].replies.last().unwrap().as_ref();
        assert_eq!(reply.err().map(|it| it.code), code, "until {valid_until_ms}");
    }
}
