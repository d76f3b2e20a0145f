//! Requests for the body of a proposed block.

use std::collections::BTreeSet;

use ehb_consensus::ConsensusMessage;
use ehb_types::PublicKey;

use super::net::Net;
use crate::Message;

/// A node that knows a proposal, and whose three peers do not answer. The proposer is the first of them.
fn waiting() -> (Net, usize, [PublicKey; 3]) {
    let mut net = Net::new(4);
    let (proposer, block) = net.block_of_first_round(vec![]);
    let at = (proposer + 1) % 4;
    net.start(at);
    (0..4).filter(|peer| *peer != at).for_each(|peer| net.connect(peer, at));
    let proposal = net.proposal(proposer, &block);
    net.deliver(proposer, at, Message::Consensus(ConsensusMessage::Proposal(proposal)));
    let others = (0..4).filter(|peer| *peer != at && *peer != proposer);
    let peers: Vec<PublicKey> =
        [proposer].into_iter().chain(others).map(|it| net.peer(it)).collect();
    (net, at, peers.try_into().unwrap())
}

#[test]
fn a_missing_body_is_requested_from_two_peers_and_then_from_one_after_the_other() {
    let (mut net, at, peers) = waiting();
    let requests = |net: &Net| -> Vec<(usize, PublicKey)> {
        net.body_requests.iter().map(|(by, of, _)| (*by, *of)).collect()
    };
    assert_eq!(requests(&net), []);
    net.run(100);
    let first = requests(&net);
    assert_eq!((first.len(), first[0]), (2, (at, peers[0])), "the proposer is the first");
    net.run(250);
    net.run(500);
    let all = requests(&net);
    assert_eq!((all.len(), all[3]), (4, first[0]));
    let asked: BTreeSet<PublicKey> = all.iter().map(|(_, of)| *of).collect();
    assert_eq!(asked, peers.into());
}

/// On a slow line a body takes seconds: further copies of it would delay the bodies after it.
#[test]
fn a_body_that_takes_long_is_requested_ever_less_often() {
    let (mut net, ..) = waiting();
    net.run(4_000);
    assert_eq!(net.body_requests.len(), 6);
    net.run(36_000);
    assert_eq!(net.body_requests.len(), 11, "each 8 seconds");
}
