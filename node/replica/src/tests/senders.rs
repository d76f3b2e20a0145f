//! The permitted senders of messages, and penalties for invalid messages.

use ehb_consensus::{ConsensusMessage, PolkaCertificate, PolkaSignature};
use ehb_types::{Hash, PublicKey, Signature, SignedVote};

use super::net::{Net, transaction};
use crate::{Event, Message};

fn message(vote: SignedVote) -> Message {
    Message::Consensus(ConsensusMessage::Vote(vote))
}

/// The peers that node 0 blames when node 1, or a peer that is not a validator, repeats the same message; and
/// whether node 0 still takes part in the next height.
fn blamed(from: Option<usize>, times: usize, say: impl Fn(&Net) -> Message) -> Vec<PublicKey> {
    let mut net = Net::up(4);
    net.run_to(0, 1);
    net.nodes[0].blamed = Some(Vec::new());
    let said = say(&net);
    let peer = from.map_or(PublicKey([9; 32]), |at| net.peer(at));
    for _ in 0..times {
        let message = said.clone();
        net.happen(0, Event::Message { peer, message });
    }
    let blamed = net.nodes[0].blamed.replace(Vec::new()).unwrap();
    let height = net.height(0);
    net.run_to(0, height + 2);
    assert_eq!(net.nodes[0].blamed, Some(Vec::new()), "honest nodes are blamed for nothing");
    blamed
}

fn forged(net: &Net, at: usize, height: u64) -> SignedVote {
    SignedVote { signature: Signature([7; 64]), ..net.vote(at, height) }
}

#[test]
fn senders_of_wrong_signatures_are_disconnected_once_and_others_never() {
    let one = |net: &Net| vec![net.peer(1)];
    let net = Net::new(4);
    // In its own name or in another's, for the next height or a later one.
    for validator in [1, 2, 0] {
        for height in [2, 4] {
            let say = |net: &Net| message(forged(net, validator, height));
            assert_eq!(blamed(Some(1), 8, say), [], "{validator} {height}: some are tolerated");
            assert_eq!(blamed(Some(1), 5_000, say), one(&net), "{validator} {height}");
        }
    }
    // Valid messages can be repeated any number of times.
    assert_eq!(blamed(Some(1), 5_000, |net| message(net.vote(1, 2))), []);
    // Messages for irrelevant heights cost nothing and are no offence.
    assert_eq!(blamed(Some(1), 5_000, |net| message(forged(net, 1, 90))), []);
}

#[test]
fn an_invalid_certificate_is_its_senders_fault() {
    let certificate = |net: &Net| {
        let signature = |at| PolkaSignature {
            validator: net.vote(at, 2).vote.validator,
            signature: Signature([7; 64]),
        };
        let signatures = (0..3).map(signature).collect();
        let block = Hash([1; 32]);
        let polka = PolkaCertificate { height: 2, round: 0, block, signatures };
        Message::Consensus(ConsensusMessage::Polka(polka))
    };
    // It is checked only in a height in progress.
    let mut net = Net::up(4);
    net.run_to(0, 1);
    net.nodes[0].blamed = Some(Vec::new());
    let peer = net.peer(1);
    // Two of four decide nothing.
    net.stop(2);
    net.stop(3);
    net.happen(0, Event::Submit(vec![(0, transaction(0).into())]));
    net.run(200);
    assert_eq!(net.height(0), 1);
    for _ in 0..100 {
        let message = certificate(&net);
        net.happen(0, Event::Message { peer, message });
    }
    assert_eq!(net.nodes[0].blamed, Some(vec![peer]));
}

#[test]
fn an_observer_has_no_vote() {
    // It must not even send a genuine vote.
    assert_eq!(blamed(None, 8, |net| message(net.vote(1, 2))), []);
    assert_eq!(blamed(None, 5_000, |net| message(net.vote(1, 2))), [PublicKey([9; 32])]);
    // In a later height it may be a validator.
    assert_eq!(blamed(None, 5_000, |net| message(net.vote(1, 3))), []);
}

/// A validator makes invalid blocks and sends them, or others pass them on, who could do it in good faith. In each height few
/// are looked at.
#[test]
fn who_makes_invalid_blocks_is_disconnected_and_who_passes_them_on_is_not() {
    for (sender, expected) in [(1, vec![1]), (2, vec![])] {
        let mut net = Net::up(4);
        net.nodes[0].blamed = Some(Vec::new());
        for height in 1..=3 {
            for parent in 0..20 {
                let (_, mut block) = net.block_of_first_round(vec![]);
                block.header.height = height;
                block.header.parent = Hash([parent; 32]);
                block.header.proposer = net.key(1);
                let message = Message::Body(net.signed(1, block).into());
                let peer = net.peer(sender);
                net.happen(0, Event::Message { peer, message });
            }
            net.run_to(0, height);
        }
        let expected: Vec<PublicKey> = expected.into_iter().map(|at| net.peer(at)).collect();
        assert_eq!(net.nodes[0].blamed, Some(expected), "sent by {sender}");
    }
}
