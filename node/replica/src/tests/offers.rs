//! Transactions that one node has and others lack: gossip lost them, or they were in a block that was not
//! decided.

use ehb_consensus::ConsensusMessage;
use ehb_types::{Hash, SharedBlock, SharedTransaction, Signature};

use super::net::{Net, transaction};
use crate::{Effect, Event, Immediate, Message, OFFERED_MAX, Ordered};

fn genuine(sequence: u64) -> SharedTransaction {
    transaction(sequence).into()
}

fn submit(net: &mut Net, at: usize, sequence: u64) {
    net.happen(at, Event::Submit(vec![(sequence, genuine(sequence))]));
}

/// Gossip is always lost here. Two of four are down, so that nothing is decided; then the node that accepted
/// the transactions dies as well, and they become final without it.
#[test]
fn transactions_lost_by_gossip_are_offered_and_outlive_their_node() {
    let mut net = Net::up(4);
    net.stop(2);
    net.stop(3);
    (0..3).for_each(|sequence| submit(&mut net, 0, sequence));
    net.run(100);
    assert_eq!((net.status(0).pending, net.status(1).pending), (3, 0));
    net.run(5_000);
    // The first one may be in a proposed block that is not decided.
    assert!(net.status(1).pending >= 2);
    assert_eq!(net.height(1), 0, "two of four decide nothing");
    net.stop(0);
    net.start(2);
    net.start(3);
    net.run_to(3, 1);
    net.run(5_000);
    assert_eq!(net.transactions(3), [0, 1, 2].map(genuine));
    assert_eq!(net.status(1).pending, 0);
}

#[test]
fn a_new_peer_is_offered_pending_transactions() {
    let mut net = Net::up(4);
    net.stop(1);
    net.stop(2);
    net.stop(3);
    submit(&mut net, 0, 0);
    net.start(1);
    net.run(1);
    assert_eq!(net.status(1).pending, 1);
}

/// A proposer dies after its block reached a single node, and the block is not decided: its transactions return to that node's
/// mempool, and become final.
#[test]
fn the_transactions_of_an_undecided_block_return_to_the_mempool() {
    let mut net = Net::up(4);
    let (gone, block) = net.block_of_first_round(vec![genuine(0), genuine(1)]);
    net.stop(gone);
    let to = (gone + 1) % 4;
    let proposal = net.proposal(gone, &block);
    let hash = block.hash();
    net.deliver(gone, to, Message::Body(SharedBlock::from(block)));
    net.deliver(gone, to, Message::Consensus(ConsensusMessage::Proposal(proposal)));
    net.run_to(to, 1);
    assert_ne!(net.decided(to, 1), hash);
    net.run(5_000);
    assert_eq!(net.transactions(to), [0, 1].map(genuine));
}

/// A faulty proposer sends a block that is invalid by one transaction. Nothing of it returns to the mempool, and it keeps
/// none of its transactions from being admitted when others send them.
#[test]
fn an_invalid_block_keeps_no_transaction_out_of_the_mempool() {
    let mut forged = transaction(2);
    forged.signatures[0].signature = Signature([7; 64]);
    let mut net = Net::up(4);
    let inside = vec![genuine(0), genuine(1), forged.into()];
    let (faulty, block) = net.block_of_first_round(inside);
    net.stop(faulty);
    let proposal = net.proposal(faulty, &block);
    let block = SharedBlock::from(block);
    let others: Vec<usize> = (0..4).filter(|at| *at != faulty).collect();
    let author = net.peer(faulty);
    for (index, to) in others.iter().enumerate() {
        net.nodes[*to].blamed = Some(Vec::new());
        let from = others[(index + 1) % others.len()];
        net.deliver(from, *to, Message::Body(block.clone()));
        net.deliver(from, *to, Message::Consensus(ConsensusMessage::Proposal(proposal.clone())));
        assert_eq!(net.nodes[*to].blamed, Some(vec![author]), "it is the author that is blamed");
        assert_eq!(net.pending(*to), 0);
    }
    let transactions = vec![genuine(0)];
    net.happen(others[0], Event::Gossip { message: 1, transactions });
    assert_eq!(net.pending(others[0]), 1);
    net.run_to(others[0], 1);
    assert_ne!(net.decided(others[0], 1), block.hash());
    net.run(5_000);
    assert_eq!(net.transactions(others[0]), [genuine(0)]);
}

/// Requests of a peer cost a bounded number of bytes, however many it sends; unrequested transactions are
/// ignored.
#[test]
fn a_peer_cannot_make_offers_expensive() {
    let mut net = Net::up(4);
    net.stop(2);
    net.stop(3);
    (0..200).for_each(|sequence| submit(&mut net, 0, sequence));
    let ids: Vec<Hash> = (0..200).map(|sequence| genuine(sequence).id()).collect();
    let peer = net.peer(1);
    let mut bytes = 0;
    for _ in 0..1_000 {
        let message = Message::Want(ids.clone());
        for effect in net.effects(0, Event::Message { peer, message }) {
            let Effect::Ordered(Ordered::Send { message, .. }) = effect else { continue };
            let Message::Transactions(sent) = message else { continue };
            bytes += sent.iter().map(|it| it.encoded().len()).sum::<usize>();
        }
    }
    assert!((1..=512 << 10).contains(&bytes), "{bytes}");

    let unasked = Message::Transactions(vec![genuine(200)]);
    assert!(net.effects(0, Event::Message { peer, message: unasked }).is_empty());
    for message in [Message::Offer, Message::Want] {
        let message = message(vec![Hash::ZERO; OFFERED_MAX + 1]);
        let effects = net.effects(0, Event::Message { peer, message });
        assert!(matches!(&effects[..], [Effect::Ordered(Ordered::Penalise { .. })]));
        net.effects(0, Event::Disconnected(peer));
    }
}

/// A peer that offers an invalid transaction is disconnected.
#[test]
fn a_peer_that_offers_an_invalid_transaction_is_blamed() {
    let mut forged = transaction(0);
    forged.signatures[0].signature = Signature([7; 64]);
    let forged = SharedTransaction::from(forged);
    let mut net = Net::up(4);
    let peer = net.peer(1);
    let offer = Message::Offer(vec![forged.id()]);
    let effects = net.effects(0, Event::Message { peer, message: offer });
    let [Effect::Ordered(Ordered::Send { message: Message::Want(_), .. })] = &effects[..] else {
        panic!("what was offered is not wanted");
    };
    let message = Message::Transactions(vec![forged]);
    let effects = net.effects(0, Event::Message { peer, message });
    let batch = effects.iter().find_map(|effect| match effect {
        Effect::Immediate(Immediate::Verify { batch, .. }) => Some(*batch),
        _ => None,
    });
    let verified = Event::Verified { batch: batch.unwrap(), valid: vec![false] };
    let effects = net.effects(0, verified);
    let penalised = |effect: &Effect| matches!(effect, Effect::Ordered(Ordered::Penalise { .. }));
    assert!(effects.iter().any(penalised));
}

/// The ids that node 0 requests from a peer that offers some.
fn wanted(net: &mut Net, from: usize, ids: Vec<Hash>) -> Vec<Hash> {
    let (peer, message) = (net.peer(from), Message::Offer(ids));
    let effects = net.effects(0, Event::Message { peer, message });
    let wanted = effects.into_iter().filter_map(|effect| match effect {
        Effect::Ordered(Ordered::Send { message: Message::Want(ids), .. }) => Some(ids),
        _ => None,
    });
    wanted.flatten().collect()
}

/// A peer offers transactions that do not exist, or that it does not send. It is asked for fewer and fewer, and others can
/// offer theirs at any time; what it offered as well is requested from another peer as soon as it was silent once.
#[test]
fn offers_that_are_not_delivered_keep_no_other_peer_from_being_asked() {
    let mut net = Net::up(4);
    net.stop(2);
    net.stop(3);
    net.connect(2, 0);
    let real = transaction(7).id();
    let mut asked = Vec::new();
    for round in 0..20u64 {
        let junk = |part: u64| -> Vec<Hash> {
            let id = |number: u64| {
                let mut id = [9; 32];
                id[..8].copy_from_slice(&number.to_le_bytes());
                Hash(id)
            };
            let first = (round * 100 + part) * OFFERED_MAX as u64;
            (first..first + OFFERED_MAX as u64 - 1).map(id).chain([real]).collect()
        };
        asked.push((0..8).map(|part| wanted(&mut net, 2, junk(part)).len()).sum::<usize>());
        let other = genuine(100 + round).id();
        let expected = if round == 0 { vec![other] } else { vec![real, other] };
        assert_eq!(wanted(&mut net, 1, vec![real, other]), expected, "round {round}");
        let sent = Message::Transactions(vec![genuine(100 + round)]);
        net.deliver(1, 0, sent);
        net.run(3_000);
    }
    assert_eq!(asked[0], OFFERED_MAX);
    assert!(asked.iter().sum::<usize>() < 3 * OFFERED_MAX, "{asked:?}");
    assert!(asked[15..].iter().all(|count| *count <= 4), "{asked:?}");
}

/// A peer claims a height that does not exist, and is asked for its blocks: the offers of others are looked at meanwhile.
#[test]
fn a_claimed_height_keeps_no_offers_out() {
    let mut net = Net::up(4);
    net.stop(2);
    net.stop(3);
    net.connect(2, 0);
    let (voting, clock_ms) = (crate::Voting::Silent, net.now_ms());
    let status = Message::Status { height: 50, voting, clock_ms, run: 0 };
    net.deliver(2, 0, status);
    let id = genuine(0).id();
    assert_eq!(wanted(&mut net, 1, vec![id]), [id]);
}
