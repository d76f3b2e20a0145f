//! A validator that sends as much as its key permits.

use ehb_consensus::ConsensusMessage;
use ehb_types::{Block, SharedBlock};

use super::net::{HEARTBEAT_MS, Net, transaction};
use crate::{Bounds, Effect, Event, Immediate, Message, Timer};

/// Blocks for height 1 by the proposer of its first round, valid and all different.
fn variants(net: &Net, count: u32) -> (usize, Vec<Block>) {
    let (at, block) = net.block_of_first_round(vec![]);
    (at, (0..count).map(|round| variant(net, at, &block, round)).collect())
}

/// The block as it would be in a round.
fn variant(net: &Net, at: usize, block: &Block, round: u32) -> Block {
    let mut block = block.clone();
    block.header.timestamp_ms += u64::from(round);
    block.header.round = round;
    net.signed(at, block)
}

/// While the chain is idle it announces blocks for all of its rounds, the late ones first, and sends their
/// bodies. Others remember only those of rounds that consensus accepts, and continue.
#[test]
fn blocks_for_late_rounds_are_bounded() {
    let mut net = Net::up(4);
    let (attacker, blocks) = variants(&net, 1_000);
    let to = (attacker + 1) % 4;
    for block in blocks.into_iter().rev() {
        let round = block.header.round;
        if net.turn(1, round) == attacker {
            let proposal = net.proposal_in(round, attacker, &block);
            net.deliver(attacker, to, Message::Consensus(ConsensusMessage::Proposal(proposal)));
            net.deliver(attacker, to, Message::Body(SharedBlock::from(block)));
        }
    }
    let usage = net.status(to).usage;
    let bounds = Bounds::default();
    assert!(usage.bodies <= 3 + bounds.bodies_per_peer, "{usage:?}");
    assert!(usage.bodies <= usage.bodies_max, "{usage:?}");
    assert!(net.stored_bodies(to) <= usage.bodies, "{}", net.stored_bodies(to));
    net.run_to(to, 2);
}

/// Only a few unannounced bodies are kept for each peer, also in the height after the next.
#[test]
fn unannounced_blocks_are_bounded() {
    let mut net = Net::up(4);
    let (attacker, blocks) = variants(&net, 100);
    let to = (attacker + 1) % 4;
    for block in blocks {
        let mut early = block.clone();
        early.header.height = 2;
        let early = net.signed(attacker, early);
        net.deliver(attacker, to, Message::Body(SharedBlock::from(block)));
        net.deliver(attacker, to, Message::Body(SharedBlock::from(early)));
    }
    assert_eq!(net.status(to).usage.bodies, Bounds::default().bodies_per_peer);
    net.run_to(to, 2);
}

/// Two of four are down: the repeated proposal is logged once, and its body kept.
#[test]
fn a_repeated_proposal_is_logged_once() {
    let mut net = Net::up(4);
    let proposer = net.turn(1, 0);
    let others: Vec<usize> = (0..4).filter(|at| *at != proposer).collect();
    net.stop(others[1]);
    net.stop(others[2]);
    net.run(HEARTBEAT_MS + 2_000);
    let logged = net.logged(others[0]);
    assert!(logged > 0);
    net.run(60_000);
    assert_eq!(net.logged(others[0]), logged);
    net.start(others[1]);
    net.run_to(others[0], 1);
}

/// A validator sends bodies of its own for its later rounds, with wrong signatures of transactions. None is verified before its
/// round, nothing of them returns to the mempool, and the first one that is verified cuts the validator off.
#[test]
fn bodies_with_wrong_signatures_cost_little_and_their_author_is_cut_off() {
    let mut net = Net::up(4);
    let forged = || {
        let mut signed = transaction(0);
        signed.signatures[0].signature = ehb_types::Signature([7; 64]);
        ehb_types::SharedTransaction::from(signed)
    };
    let (attacker, first) = net.block_of_first_round(vec![forged()]);
    let to = (attacker + 1) % 4;
    net.nodes[to].blamed = Some(Vec::new());
    let peer = net.peer(attacker);
    // Nothing announced them.
    let mut later = first.clone();
    later.header.round = (1..).find(|round| net.turn(1, *round) == attacker).unwrap();
    let later = net.signed(attacker, later);
    for body in [first.clone(), later] {
        let message = Message::Body(SharedBlock::from(body));
        let effects = net.effects(to, Event::Message { peer, message });
        let verifies = |it: &Effect| matches!(it, Effect::Immediate(Immediate::VerifyBody { .. }));
        assert!(!effects.iter().any(verifies));
    }
    let proposal = net.proposal(attacker, &first);
    let message = Message::Consensus(ConsensusMessage::Proposal(proposal));
    net.happen(to, Event::Message { peer, message });
    net.run(5_000);
    assert_eq!(net.nodes[to].blamed, Some(vec![peer]), "it is cut off");
    assert_eq!(net.pending(to), 0);
    net.run_to(to, 1);
}

/// The client's transaction that `to` verifies now, as the number of its batch.
fn batch(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|it| match it {
        Effect::Immediate(Immediate::Verify { batch, .. }) => Some(*batch),
        _ => None,
    })
}

/// A validator announces bodies for the rounds at hand, and their verification takes as long as it likes. One is verified
/// at a time, so that what is queued has at most the size of a block; and a client's transaction is verified and accepted
/// meanwhile.
#[test]
fn a_clients_transaction_does_not_wait_behind_bodies_of_peers() {
    let mut net = Net::up(4);
    let (attacker, first) = net.block_of_first_round(vec![transaction(0).into()]);
    let to = (attacker + 1) % 4;
    let peer = net.peer(attacker);
    let mut second = first.clone();
    second.header.timestamp_ms += 1;
    let second = net.signed(attacker, second);
    let mut queued = Vec::new();
    for block in [first, second] {
        let proposal =
            Message::Consensus(ConsensusMessage::Proposal(net.proposal(attacker, &block)));
        for message in [proposal, Message::Body(SharedBlock::from(block))] {
            let effects = net.effects(to, Event::Message { peer, message });
            queued.extend(effects.into_iter().filter_map(|it| match it {
                Effect::Immediate(Immediate::VerifyBody { block, transactions, source }) => {
                    assert_eq!(source, Some(peer));
                    Some((block, transactions))
                }
                _ => None,
            }));
        }
    }
    let [(block, transactions)] = queued.as_slice() else {
        panic!("{} are verified", queued.len())
    };
    let bytes: usize = transactions.iter().map(|it| it.encoded().len()).sum();
    assert!(bytes <= net.block_bytes_max(to));
    let submitted = vec![(7, transaction(0).into())];
    let mut effects = net.effects(to, Event::Submit(submitted));
    if batch(&effects).is_none() {
        effects = net.effects(to, Event::Timer(Timer::Gather));
    }
    let verified = Event::Verified { batch: batch(&effects).unwrap(), valid: vec![true] };
    let accepted = |it: &Effect| {
        matches!(it, Effect::Immediate(Immediate::Reply { ticket: 7, result: Ok(_) }))
    };
    assert!(net.effects(to, verified).iter().any(accepted));
    // The second body follows the first; nothing is verified for a height that is over.
    let verified = || Event::BodyVerified { block: *block, valid: true };
    let next = |it: &Effect| matches!(it, Effect::Immediate(Immediate::VerifyBody { .. }));
    let effects = net.effects(to, verified());
    assert_eq!(
        effects.iter().filter(|it| next(it)).count(),
        0,
        "its transaction is in the mempool now"
    );
    assert!(net.effects(to, verified()).is_empty(), "it is answered once");
}
