//! The start of heights.

use ehb_consensus::ConsensusMessage;
use ehb_types::{SecretKey, VoteKind};

use super::net::{Net, chain};
use crate::Message;

/// How long the chain waits for a further transaction before an empty block, milliseconds.
const SEAL_MS: u64 = 100;

fn counts(net: &Net) -> Vec<usize> {
    net.blocks(0).into_iter().map(|(count, _)| count).collect()
}

#[test]
fn a_transaction_behind_a_gap_begins_no_height() {
    let mut net = Net::up(4);
    net.gossips = true;
    net.run(SEAL_MS);
    net.submit(0, 1);
    assert_eq!(net.status(0).pending, 1);
    net.run(9_000);
    assert_eq!(counts(&net), [0; 0], "the chain is idle until the heartbeat");
    net.submit(0, 0);
    assert_eq!(counts(&net), [2]);
}

#[test]
fn an_early_next_transaction_replaces_the_empty_block() {
    let mut net = Net::up(4);
    net.gossips = true;
    net.run(SEAL_MS);
    net.submit(0, 0);
    net.run(SEAL_MS / 2);
    assert_eq!(counts(&net), [1]);
    net.submit(1, 1);
    assert_eq!(counts(&net), [1, 1]);
    net.run(SEAL_MS);
    assert_eq!(counts(&net), [1, 1, 0], "nothing arrived: an empty block follows");
    net.run(5 * SEAL_MS);
    assert_eq!(counts(&net), [1, 1, 0], "no empty block follows an empty block");
}

/// A validator votes in heights that nobody has begun, this many after the last block.
fn run_ahead(net: &mut Net, milliseconds: u64, heights: std::ops::RangeInclusive<u64>) {
    for _ in 0..milliseconds {
        for ahead in heights.clone() {
            let height = net.height(0) + ahead;
            let key = SecretKey::from_seed(&[4; 32]);
            let (kind, validator) = (VoteKind::Prevote, key.public_key());
            let vote = ehb_types::Vote { kind, height, round: 1, block: None, validator };
            let vote = Message::Consensus(ConsensusMessage::Vote(vote.sign(&chain(), &key)));
            (0..3).for_each(|to| net.deliver(3, to, vote.clone()));
        }
        net.run(1);
    }
}

/// A validator that starts height after height without a transaction is followed, but after each empty block later; also
/// one whose votes for the next heights are there before these can begin.
#[test]
fn no_validator_can_force_empty_blocks_without_a_pause() {
    for heights in [1..=1, 1..=4] {
        let mut net = Net::up(4);
        net.gossips = true;
        net.run(SEAL_MS);
        run_ahead(&mut net, 5_000, heights.clone());
        let blocks = counts(&net).len();
        // After 0.1, 0.3, 0.7, 1.5 and 3.1 s.
        assert!(
            (4..=6).contains(&blocks),
            "{blocks} blocks in five seconds, votes for {heights:?}"
        );
        // A payment ends the pause at once, and is not delayed by it.
        net.submit(0, 0);
        assert!(counts(&net).contains(&1), "{heights:?}");
    }
}
