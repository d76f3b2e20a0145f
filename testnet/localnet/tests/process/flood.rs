//! A validator's key in hostile hands: what its peer sends that no honest one would.

use std::time::{Duration, Instant};

use ehb_network::{Channel, FrameKind, PROTOCOL_VERSIONS};
use ehb_types::{Hash, Signature, SignedVote, Vote, VoteKind, encode};

use crate::impostor::{keys, node_4};
use crate::net::{Net, log};
use crate::program::eventually;

/// The kind of frames that hold a vote.
const VOTE: FrameKind =
    FrameKind { number: 2, name: "vote", channel: Channel::Consensus, bytes_max: 1_024, since: 1 };
/// For how long it goes on.
const FLOOD: Duration = Duration::from_secs(10);
/// What a node may log meanwhile, bytes.
const LOG_BYTES_MAX: usize = 64 << 10;
/// How many times as long as before it the slowest payment may take meanwhile; and how long at least, since a payment on an
/// idle machine takes only milliseconds. Without budgets it took as long as the flood lasted and longer.
const TIMES_AS_LONG: u32 = 20;
const PAYMENT_MAX: Duration = Duration::from_secs(8);

/// Wrongly signed votes as fast as they leave, from a permitted peer: it is cut off and kept away, the
/// others go on as if nothing were, and say little about it.
#[test]
fn wrongly_signed_votes_without_end_delay_no_payment() {
    let net = Net::up(4);
    net.stop(4);
    let begun = Instant::now();
    for number in 1..=3 {
        net.pay(number, 0);
    }
    let payment_max = PAYMENT_MAX.max(begun.elapsed() / 3 * TIMES_AS_LONG);
    let [consensus_key, _] = keys(&net, 4);
    let (network, _events) = node_4(&net, PROTOCOL_VERSIONS, vec![VOTE]);
    let peers: Vec<_> = (1..=3).map(|number| keys(&net, number)[1].public_key()).collect();
    eventually("the hostile peer is connected", || (network.peers().len() == 3).then_some(()));
    let logged = |net: &Net| log(&net.node(1).data_dir).len();
    let before = logged(&net);
    let sending = {
        let (network, validator) = (network.clone(), consensus_key.public_key());
        let first = net.height(1);
        std::thread::spawn(move || {
            let (begun, mut sent) = (Instant::now(), 0_u64);
            while begun.elapsed() < FLOOD {
                for peer in &peers {
                    let (height, round) = (first + 1 + sent / 4_096 % 64, 0);
                    let block = Some(Hash([u8::try_from(sent % 251).unwrap(); 32]));
                    let kind = VoteKind::Prevote;
                    let vote = Vote { kind, height, round, block, validator };
                    let signed = SignedVote { vote, signature: Signature([7; 64]) };
                    sent += u64::from(network.send(peer, &VOTE, encode(&signed)).is_ok());
                }
            }
            sent
        })
    };
    let mut slowest = Duration::ZERO;
    let mut paid = 0;
    while !sending.is_finished() {
        let begun = Instant::now();
        net.pay(1 + paid % 3, paid % 32);
        slowest = slowest.max(begun.elapsed());
        paid += 1;
    }
    let sent = sending.join().unwrap();
    let grown = logged(&net) - before;
    eprintln!(
        "{sent} votes sent, {paid} payments, the slowest in {slowest:?}, {grown} bytes logged"
    );
    assert!(slowest < payment_max, "a payment took {slowest:?}");
    assert!(grown < LOG_BYTES_MAX, "{grown} bytes were logged");
    let reason = "a message whose signature does not verify";
    assert!(log(&net.node(1).data_dir).contains(reason), "the log does not show it");
    eventually("it is refused", || network.peers().is_empty().then_some(()));
    drop(network);
    net.start_all();
    net.await_votes(4);
    net.audit();
}
