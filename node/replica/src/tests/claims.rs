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
    peers.proved(&peer, true);
    peers.distrust(&peer, now_ms);
    peers.at_height(&peer, 7, now_ms + 10_000);
    assert_eq!(peers.best_height(), 7);
}

/// A peer that disconnects while it owes blocks, again and again, is distrusted like one that does not answer; one that did
/// so once is not.
#[test]
fn a_peer_that_disconnects_instead_of_answering_is_distrusted() {
    let peer = ehb_types::PublicKey([1; 32]);
    let mut peers = Peers::default();
    peers.connect(peer);
    let mut trusted = Vec::new();
    for now_ms in [0, 1, 2] {
        peers.at_height(&peer, 7, now_ms);
        trusted.push(peers.best_height() == 7);
        if now_ms == 2 {
            break;
        }
        peers.ask(&peer);
        if peers.broke(&peer) {
            peers.distrust(&peer, now_ms);
        }
        peers.disconnect(&peer);
        peers.connect(peer);
    }
    assert_eq!(trusted, [true, true, false]);
    peers.at_height(&peer, 7, 10_001);
    assert_eq!(peers.best_height(), 7);
}

/// A node that restarts behind the others is answered with an old block by a hostile peer, each time that it asks. The
/// others are no quorum without it: the chain would stand still.
#[test]
fn old_blocks_as_answers_do_not_hold_a_node_that_catches_up() {
    for liar in 1..4 {
        let mut net = Net::up(4);
        net.gossips = true;
        net.stop(0);
        net.run_to(liar, 12);
        let (head, old) = (net.height(liar), net.certified_block(liar, 1));
        net.stop(liar);
        net.start(0);
        net.connect(liar, 0);
        for _ in 0..3_000 {
            let (voting, clock_ms) = (crate::Voting::Silent, net.now_ms());
            let height = head + 50;
            net.deliver(liar, 0, Message::Status { height, voting, clock_ms, run: 0 });
            net.deliver(liar, 0, Message::Blocks(vec![old.clone()]));
            net.run(1);
        }
        assert!(net.height(0) >= head, "{liar}: {} of {head}", net.height(0));
    }
}

/// A hostile peer answers each request with one real block, late. The node asks the others as well, and is not behind because
/// that peer announces more than it sends.
#[test]
fn single_late_blocks_as_answers_do_not_hold_a_node_that_catches_up() {
    for liar in 1..4 {
        let mut net = Net::up(4);
        net.gossips = true;
        net.stop(0);
        net.run_to(liar, 60);
        let head = net.height(liar);
        net.stop(liar);
        net.start(0);
        net.connect(liar, 0);
        for _ in 0..20 {
            let (voting, clock_ms) = (crate::Voting::Silent, net.now_ms());
            let height = head + 50;
            net.deliver(liar, 0, Message::Status { height, voting, clock_ms, run: 0 });
            net.run(900);
            let next = net.height(0) + 1;
            if next <= head {
                net.deliver(liar, 0, Message::Blocks(vec![net.certified_block(liar, next)]));
            }
            net.run(900);
        }
        assert!(net.height(0) >= head, "{liar}: {} of {head}", net.height(0));
        assert!(!net.status(0).catching_up, "{liar}: {:?}", net.status(0));
    }
}

/// A hostile peer of a node that catches up, which claims more than there is and answers each request with one real block,
/// just in time.
struct Drip {
    net: Net,
    liar: usize,
    head: u64,
}

impl Drip {
    /// Node 0 is behind, the liar has stopped, and the others are no quorum without node 0.
    fn begin(liar: usize, heights: u64) -> Self {
        let mut net = Net::up(4);
        net.gossips = true;
        net.stop(0);
        net.run_to(liar, heights);
        let head = net.height(liar);
        net.stop(liar);
        net.start(0);
        net.connect(liar, 0);
        Self { net, liar, head }
    }

    fn claim(&mut self) {
        let (height, voting, clock_ms) = (self.head + 50, crate::Voting::Silent, self.net.now_ms());
        self.net.deliver(self.liar, 0, Message::Status { height, voting, clock_ms, run: 0 });
    }

    fn answer(&mut self, height: u64) {
        let other = if self.liar == 1 { 2 } else { 1 };
        if height <= self.net.height(other) {
            let block = self.net.certified_block(other, height);
            self.net.deliver(self.liar, 0, Message::Blocks(vec![block]));
        }
    }
}

/// It is asked now and then, and the others in between.
#[test]
fn single_blocks_just_in_time_do_not_hold_a_node_that_catches_up() {
    for liar in 1..4 {
        let mut drip = Drip::begin(liar, 150);
        for _ in 0..10 {
            drip.claim();
            drip.net.run(1_800);
            let next = drip.net.height(0) + 1;
            drip.answer(next);
        }
        let height = drip.net.height(0);
        assert!(height >= drip.head, "{liar}: {height} of {}", drip.head);
    }
}

/// A peer that once delivered a block is one of many again for a node that hears the others: what it alone claims makes
/// nobody unready.
#[test]
fn the_claim_of_one_peer_does_not_make_a_node_catch_up() {
    let mut drip = Drip::begin(3, 12);
    drip.claim();
    drip.net.run(100);
    let next = drip.net.height(0) + 1;
    drip.answer(next);
    drip.net.run_to(0, drip.head);
    for step in 0..100 {
        drip.head = drip.net.height(0);
        drip.claim();
        drip.net.run(100);
        drip.answer(drip.head + 1);
        assert!(!drip.net.status(0).catching_up, "step {step}");
    }
}
