//! Transactions whose signatures do not verify, in gossip and in proposed blocks.

use ehb_consensus::{ConsensusMessage, SignStep};
use ehb_types::{Block, Code, Rejection, SharedBlock, SharedTransaction, Signature};

use super::net::{Net, transaction};
use crate::gossip::verdict_of;
use crate::{Event, GossipVerdict, Message};

/// A payer's transaction with the signature of another one.
fn forged(sequence: u64) -> SharedTransaction {
    let mut signed = transaction(sequence);
    signed.signatures[0].signature = Signature([7; 64]);
    signed.into()
}

fn genuine(sequence: u64) -> SharedTransaction {
    transaction(sequence).into()
}

/// The proposer of the first round is offline; in its name a block with one transaction is proposed to the
/// others. Returns the block that they prevote for, and the decided one.
fn proposed(transaction: SharedTransaction) -> [bool; 2] {
    let net = Net::up(4);
    let (absent, block) = net.block_of_first_round(vec![transaction]);
    propose(net, absent, block).1
}

/// Like [`proposed`], for a block. Also returns how often the others blamed the sender.
fn propose(mut net: Net, absent: usize, block: Block) -> (usize, [bool; 2]) {
    net.stop(absent);
    for node in &mut net.nodes {
        node.blamed = Some(Vec::new());
    }
    let hash = block.hash();
    let proposal = net.proposal(absent, &block);
    let others: Vec<usize> = (0..4).filter(|at| *at != absent).collect();
    let block = SharedBlock::from(block);
    for (index, to) in others.iter().enumerate() {
        let from = others[(index + 1) % others.len()];
        net.deliver(from, *to, Message::Body(block.clone()));
        net.deliver(from, *to, Message::Consensus(ConsensusMessage::Proposal(proposal.clone())));
    }
    net.run_to(others[0], 1);
    let prevotes = others.iter().map(|at| net.nodes[*at].signed[&(1, 0, SignStep::Prevote)].block);
    let prevotes: Vec<_> = prevotes.collect();
    assert!(prevotes.iter().all(|it| *it == prevotes[0]), "{prevotes:?}");
    let precommits = others.iter().filter_map(|at| {
        let signed = &net.nodes[*at].signed;
        signed.values().find(|it| it.step == SignStep::Precommit && it.block == Some(hash))
    });
    assert_eq!(precommits.count(), if prevotes[0].is_some() { 3 } else { 0 });
    let blames = net.nodes.iter().filter_map(|node| node.blamed.as_ref()).map(Vec::len).sum();
    (blames, [prevotes[0] == Some(hash), net.decided(others[0], 1) == hash])
}

/// A row: how the proposer of the first round forges its block, the round whose proposer signs it, whether a
/// peer is blamed, and whether it is voted for and decided. A bad signature does not prove anything about the
/// block, so the sender is to blame; a wrong turn is the proposer's fault.
#[test]
fn blocks_with_a_forged_or_wrong_proposer_get_no_votes() {
    type Change = fn(&Net, &mut Block);
    fn name_the_second(net: &Net, block: &mut Block) {
        block.header.round = 1;
        block.header.proposer = net.key(net.turn(1, 1));
    }
    let rows: [(Change, u32, bool, bool); 6] = [
        (|_, _| (), 0, false, true),
        (|_, _| (), 1, true, false),
        (|net, block| block.header.proposer = net.key(net.turn(1, 1)), 0, true, false),
        (|_, block| block.header.round = 1, 0, false, false),
        (name_the_second, 0, true, false),
        // The second proposer colludes: it is its block, before its turn.
        (name_the_second, 1, false, false),
    ];
    for (index, (change, signer, blamed, voted_for)) in rows.into_iter().enumerate() {
        let net = Net::up(4);
        let (absent, mut block) = net.block_of_first_round(vec![genuine(0)]);
        change(&net, &mut block);
        let block = net.signed(net.turn(1, signer), block);
        let (blames, verdict) = propose(net, absent, block);
        assert_eq!(verdict, [voted_for; 2], "row {index}");
        assert_eq!(blames > 0, blamed, "row {index}: {blames}");
    }
}

#[test]
fn a_block_with_an_invalid_transaction_signature_gets_no_votes() {
    assert_eq!(proposed(genuine(0)), [true, true]);
    assert_eq!(proposed(forged(0)), [false, false]);
}

#[test]
fn gossip_is_judged_by_its_transactions() {
    let rows = [
        (vec![genuine(0)], GossipVerdict::Accept),
        (vec![genuine(1), genuine(2)], GossipVerdict::Accept),
        // Already known: useless, but not a fault.
        (vec![genuine(0)], GossipVerdict::Ignore),
        (vec![genuine(0), genuine(3)], GossipVerdict::Accept),
        (vec![forged(4)], GossipVerdict::Reject),
        (vec![genuine(4), forged(5)], GossipVerdict::Reject),
        (vec![forged(6), genuine(0)], GossipVerdict::Reject),
    ];
    let mut net = Net::up(4);
    let expected: Vec<_> = (0..).zip(rows.iter().map(|(_, verdict)| *verdict)).collect();
    for (message, (transactions, _)) in (0..).zip(rows) {
        net.happen(0, Event::Gossip { message, transactions });
        net.run(1_000);
    }
    assert_eq!(net.nodes[0].judged, expected);
}

/// The id of a transaction does not cover its signatures. A copy with wrong ones that comes first does not keep the
/// transaction out, and the same copy again is known.
#[test]
fn a_copy_with_wrong_signatures_does_not_keep_the_transaction_out() {
    let mut net = Net::up(4);
    assert_eq!(genuine(0).id(), forged(0).id());
    net.happen(0, Event::Submit(vec![(0, forged(0)), (1, genuine(0)), (2, forged(0))]));
    net.run(1_000);
    let replies = net.nodes[0].replies.iter();
    let codes: Vec<_> = replies.map(|it| it.as_ref().err().map(|it| it.code)).collect();
    assert_eq!(codes.len(), 3);
    for expected in [None, Some(Code::AlreadyKnown), Some(Code::BadSignature)] {
        assert!(codes.contains(&expected), "{codes:?}");
    }
}

/// Only a transaction that is invalid on every node, at any height, is the forwarding peer's fault.
#[test]
fn senders_of_universally_invalid_transactions_are_blamed() {
    for code in Code::ALL {
        let blamed =
            [Code::BadSignature, Code::MalformedTransaction, Code::WrongChain].contains(code);
        let expected = if blamed { GossipVerdict::Reject } else { GossipVerdict::Ignore };
        assert_eq!(verdict_of(&Rejection::new(*code, "why")), expected, "{code}");
    }
}
