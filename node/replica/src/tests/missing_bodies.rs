//! Requests for the body of a proposed block.

use std::collections::BTreeSet;

use ehb_consensus::Message as Vote;
use ehb_types::PublicKey;

use super::net::Net;
use crate::{Effect, Event, Message, Ordered, Timer};

/// The peers that a node asks for a body when the request is due.
fn asked(net: &mut Net, at: usize) -> Vec<PublicKey> {
    let effects = net.effects(at, Event::Timer(Timer::BodyRequest));
    let requests = effects.into_iter().filter_map(|effect| match effect {
        Effect::Ordered(Ordered::Send { peer, message: Message::BodyRequest { .. } }) => Some(peer),
        Effect::Ordered(Ordered::Broadcast(Message::BodyRequest { .. })) => {
            panic!("all are asked at once")
        }
        _ => None,
    });
    requests.collect()
}

#[test]
fn a_missing_body_is_requested_from_two_peers_at_a_time_proposer_first() {
    let mut net = Net::up(4);
    let (proposer, block) = net.block_of_first_round(vec![]);
    let proposal = net.proposal(proposer, &block);
    let at = (proposer + 1) % 4;
    net.deliver(proposer, at, Message::Consensus(Vote::Proposal(proposal)));
    let first = asked(&mut net, at);
    assert_eq!((first.len(), first[0]), (2, net.peer(proposer)));
    let second = asked(&mut net, at);
    assert_eq!(second.len(), 2);
    assert!(!first.contains(&second[0]), "the peer that was not asked before has its turn");
    let all: BTreeSet<PublicKey> = first.into_iter().chain(second).collect();
    assert!(all.len() == 3 && !all.contains(&net.peer(at)));
}
