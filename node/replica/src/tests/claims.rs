//! Peers that announce heights that do not exist.

use super::net::Net;
use crate::Message;
use crate::peers::Peers;

/// A node that requests blocks continues to vote.
#[test]
fn a_false_announcement_stops_no_vote() {
    let mut net = Net::up(4);
    net.gossips = true;
    for liar in [2, 3] {
        for to in [0, 1] {
            let message = Message::Status {
                height: 1 << 40,
                voting: crate::Voting::Silent,
                clock_ms: net.now_ms(),
                run: 0,
            };
            net.deliver(liar, to, message);
        }
    }
    net.submit(0, 0);
    assert_eq!(net.blocks(0).iter().map(|(count, _)| *count).sum::<usize>(), 1);
    assert!(!net.status(0).catching_up || net.status(0).best_peer_height > 1);
}

/// Each time that a peer does not send announced blocks, it is distrusted for longer.
#[test]
fn an_unresponsive_peer_is_distrusted_for_longer_each_time() {
    let peer = ehb_types::PublicKey([1; 32]);
    let mut peers = Peers::default();
    peers.connect(peer);
    let mut now_ms = 0;
    let mut waits = Vec::new();
    for _ in 0..9 {
        peers.distrust(&peer, now_ms);
        let begun = now_ms;
        while peers.best_height() == 0 {
            now_ms += 1_000;
            peers.at_height(&peer, 7, now_ms);
        }
        waits.push((now_ms - begun) / 1_000);
        // A new connection does not reset it.
        peers.disconnect(&peer);
        peers.connect(peer);
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 640, 640]);
    peers.proved(&peer);
    peers.distrust(&peer, now_ms);
    peers.at_height(&peer, 7, now_ms + 10_000);
    assert_eq!(peers.best_height(), 7);
}
