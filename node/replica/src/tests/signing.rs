//! Validators that lost their records, and when they sign again.

use ehb_consensus::{ConsensusMessage, LastSigned, SignStep};
use ehb_types::{SecretKey, VoteKind};

use super::net::{HEARTBEAT_MS, Net, chain};
use crate::peers::{Peers, Said, Witness};
use crate::{Effect, Event, Message, Ordered, Signing, Voting};

fn said(height: u64, voting: Voting) -> Said {
    Said { height, voting, clock_offset_ms: 0 }
}

fn seen(newest: Option<ConsensusMessage>) -> Message {
    Message::Seen { newest, twin: false, height: 0, reached: Some(0) }
}

/// The highest height in which a node's key signed.
fn highest(net: &Net, at: usize) -> u64 {
    net.nodes[at].signed.last_key_value().map_or(0, |((height, _, _), _)| *height)
}

fn signing(net: &Net) -> Vec<Signing> {
    (0..net.nodes.len()).filter(|at| net.is_up(*at)).map(|at| net.status(at).signing).collect()
}

#[test]
fn validators_with_new_keys_vote_at_once() {
    let mut net = Net::up(4);
    assert_eq!(signing(&net), [Signing::Signs; 4]);
    net.run_to(0, 3);
    assert!((0..4).all(|at| highest(&net, at) >= 3));
}

#[test]
fn a_restart_before_the_first_vote_is_no_loss_of_records() {
    let mut net = Net::new(4);
    for at in 0..4 {
        net.start(at);
        net.stop(at);
    }
    (0..4).for_each(|at| net.start(at));
    assert_eq!(signing(&net), [Signing::Signs; 4]);
    net.run_to(0, 1);
    assert!(net.nodes[0].signed.contains_key(&(1, 0, SignStep::Prevote)));
}

#[test]
fn an_emptied_validator_is_silent_in_the_height_after_the_last_that_others_have() {
    let mut net = Net::up(4);
    net.run_to(3, 3);
    let signed = highest(&net, 3);
    net.empty(3);
    net.start(3);
    net.run(1_000);
    assert_eq!((net.height(3), net.status(3).signing), (3, Signing::From(5)));
    net.run_to(3, 4);
    assert_eq!(highest(&net, 3), signed, "it was silent in height 4");
    assert_eq!(net.status(3).signing, Signing::Asks, "another node may sign with its key");
    net.run(6_000);
    assert_eq!(net.status(3).signing, Signing::Signs);
    net.run_to(3, 5);
    assert_eq!(highest(&net, 3), 5);
}

/// Answers of two others are enough, but one is not: it may be the one that lags behind.
#[test]
fn an_emptied_validator_waits_for_enough_others() {
    for (down, expected) in [(vec![1, 2], Signing::Unknown), (vec![1], Signing::From(4))] {
        let mut net = Net::up(4);
        net.run_to(3, 2);
        net.empty(3);
        down.into_iter().for_each(|at| net.stop(at));
        net.start(3);
        net.run(HEARTBEAT_MS);
        assert_eq!((net.height(3), net.status(3).signing), (2, expected));
    }
}

#[test]
fn the_only_validator_cannot_know_what_it_signed() {
    let mut net = Net::up(1);
    net.run_to(0, 2);
    net.empty(0);
    net.start(0);
    net.run(3 * HEARTBEAT_MS);
    assert_eq!((net.height(0), net.status(0).signing), (0, Signing::Unknown));
    assert!(net.status(0).stalled);
}

#[test]
fn the_determined_height_survives_a_restart() {
    let mut net = Net::up(4);
    net.run_to(3, 3);
    net.empty(3);
    net.start(3);
    net.run(1_000);
    (0..4).for_each(|at| net.stop(at));
    net.start(3);
    assert_eq!(net.status(3).signing, Signing::From(5));
}

/// A vote of its earlier run proves less than the determined height.
#[test]
fn votes_of_an_earlier_run_are_no_records() {
    let mut net = Net::up(4);
    net.run_to(3, 3);
    net.empty(3);
    net.start(3);
    net.run(1_000);
    let learned = net.disk(3).record;
    assert_eq!(learned, Some(LastSigned::below(5)));
    let own = SecretKey::from_seed(&[4; 32]);
    let old = ehb_types::Vote {
        kind: VoteKind::Prevote,
        height: 4,
        round: 0,
        block: None,
        validator: own.public_key(),
    };
    let old = old.sign(&chain(), &own);
    net.deliver(0, 3, Message::Consensus(ConsensusMessage::Vote(old)));
    net.run_to(3, 4);
    assert!(net.disk(3).record >= learned, "{:?}", net.disk(3).record);
    net.stop(3);
    net.start(3);
    net.run_to(3, 6);
    assert_eq!(highest(&net, 3), 6);
}

#[test]
fn two_emptied_validators_stop_the_chain_until_one_is_unlocked() {
    let mut net = Net::up(4);
    net.run_to(0, 3);
    net.run(1_000);
    for at in [2, 3] {
        net.empty(at);
    }
    for at in [2, 3] {
        net.start(at);
    }
    net.run(1_000);
    // They have all blocks and do not vote, so no block can come: this need not last first.
    assert!((0..4).all(|at| net.status(at).stalled));
    net.run(6 * HEARTBEAT_MS);
    assert_eq!(signing(&net)[2..], [Signing::From(5); 2]);
    for at in 0..4 {
        let status = net.status(at);
        assert_eq!((status.height, status.stalled), (3, true), "node {at}");
    }
    // The operator's action. The key signed nothing in height 4 before; otherwise it would contradict itself.
    net.stop(2);
    net.disk(2).record = Some(LastSigned::below(4));
    net.start(2);
    net.run_to(3, 6);
    assert_eq!(signing(&net), [Signing::Signs; 4]);
    assert!((0..4).all(|at| !net.status(at).stalled));
    assert!(!net.nodes[3].signed.contains_key(&(4, 0, SignStep::Prevote)));
}

/// Each knows at its start that it does not vote. They say so as soon as they hear of each other.
#[test]
fn a_network_that_lost_all_records_says_at_once_that_it_is_stalled() {
    let mut net = Net::up(4);
    net.run_to(0, 3);
    (0..4).for_each(|at| net.empty(at));
    net.start(0);
    net.start(1);
    net.run(1_000);
    assert!(!net.status(0).stalled, "the others may vote");
    net.start(2);
    net.start(3);
    net.run(1_000);
    for at in 0..4 {
        let status = net.status(at);
        assert_eq!((status.signing, status.stalled), (Signing::Unknown, true), "node {at}");
        let silent = status.said.values().filter(|it| **it == Voting::Silent).count();
        assert_eq!(silent, 3, "node {at}");
    }
}

/// Where others are missing as well, unlocking the silent one does not help.
#[test]
fn a_silent_validator_without_which_others_are_missing_is_not_the_cause() {
    let mut net = Net::up(4);
    net.run_to(0, 3);
    net.stop(1);
    net.stop(2);
    net.empty(3);
    net.start(3);
    net.run(6 * HEARTBEAT_MS);
    assert_eq!(net.status(3).signing, Signing::Unknown);
    assert!([0, 3].iter().all(|at| !net.status(*at).stalled));
    net.start(1);
    net.run(1_000);
    assert!(!net.status(0).stalled);
}

/// Emptied one after another, with a height in between, they do not stop the chain.
#[test]
fn all_validators_can_be_emptied_one_after_another() {
    let mut net = Net::up(4);
    net.run_to(0, 2);
    for at in [3, 1, 2, 0] {
        let witness = (at + 1) % 4;
        net.empty(at);
        net.start(at);
        net.run(16_000);
        let height = net.height(witness);
        net.run_to(witness, height + 1);
        net.run(1_000);
        assert_eq!(net.status(at).signing, Signing::Signs, "node {at}");
    }
    assert!(net.height(0) >= 6);
}

#[test]
fn the_answer_of_a_distrusted_peer_is_ignored_for_a_while() {
    let (peer, mut peers) = (SecretKey::from_seed(&[1; 32]).public_key(), Peers::default());
    peers.at_status(&peer, said(5, Voting::Votes(6)));
    assert_eq!(peers.witness(&peer, 0), None, "it is not connected");
    peers.connect(peer);
    peers.at_status(&peer, said(5, Voting::Votes(6)));
    assert_eq!(peers.witness(&peer, 0), Some(Witness { height: 5, reached: 6 }));
    peers.distrust(&peer, 1);
    assert_eq!((peers.witness(&peer, 2), peers.best_height()), (None, 0));
    assert!(peers.witness(&peer, 60_000).is_some());
    peers.at_status(&peer, said(5, Voting::Silent));
    assert_eq!((peers.witness(&peer, 60_000), peers.voting(&peer)), (None, Some(Voting::Silent)));
    peers.disconnect(&peer);
    assert_eq!(peers.voting(&peer), None);
}

/// A directory restored from a backup is complete, but does not contain what the key signed since.
#[test]
fn an_old_copy_signs_only_above_what_its_key_may_have_signed() {
    let mut net = Net::up(4);
    net.run_to(3, 2);
    let copy = net.disk(3).clone();
    net.run_to(3, 5);
    let signed = highest(&net, 3);
    net.stop(3);
    *net.disk(3) = copy;
    net.start(3);
    net.run(1_000);
    assert_eq!((net.height(3), net.status(3).signing), (5, Signing::From(15)));
    net.run_to(3, 14);
    assert_eq!(highest(&net, 3), signed);
    net.run_to(3, 16);
    assert!(highest(&net, 3) >= 15, "it signs again");
}

/// The others have not decided the height in which it voted, so only their answers help.
#[test]
fn an_old_copy_of_the_same_height_signs_nothing_twice() {
    let mut net = Net::up(4);
    net.run_to(0, 1);
    let copy = net.disk(3).clone();
    // Two of four decide nothing, but vote, and more than once.
    net.stop(1);
    net.stop(2);
    net.submit(3, 0);
    net.run(HEARTBEAT_MS);
    assert!(highest(&net, 3) > copy.record.map_or(0, |it| it.height));
    net.stop(3);
    *net.disk(3) = copy;
    net.start(1);
    net.start(2);
    net.start(3);
    net.run(1_000);
    assert!(matches!(net.status(3).signing, Signing::From(_)), "{:?}", net.status(3).signing);
    net.run_to(3, 4);
}

/// Its last votes got lost, so no node has seen them: only the height of the others shows that it is old.
#[test]
fn an_old_copy_with_lost_last_votes_signs_nothing_twice() {
    let mut net = Net::up(4);
    net.run_to(3, 1);
    let copy = net.disk(3).clone();
    net.mute(3);
    net.run_to(0, 4);
    net.run(1_000);
    net.submit(3, 0);
    net.run(2_000);
    assert_eq!((net.height(0), highest(&net, 3)), (4, 5), "it voted alone");
    net.stop(3);
    *net.disk(3) = copy;
    net.start(3);
    assert_eq!(net.status(3).signing, Signing::From(6));
    net.run_to(3, 8);
    assert!(highest(&net, 3) > 5, "it signs again");
}

/// It was offline, and returns when the others cannot continue without it.
#[test]
fn a_chain_that_waits_for_a_validator_resumes_after_a_while() {
    let mut net = Net::up(4);
    net.run_to(0, 2);
    net.stop(3);
    net.run_to(0, 12);
    net.run(1_000);
    net.stop(1);
    net.start(3);
    net.run(25_000);
    assert_eq!((net.height(0), net.status(3).signing), (12, Signing::From(14)));
    // It knows when it will vote, and the others know that it does not yet.
    let voters = |net: &Net| {
        let said = net.status(0).said;
        (said.len(), said.values().filter(|it| matches!(it, Voting::Votes(_))).count())
    };
    let within_ms = net.status(3).votes_within_ms;
    assert!(within_ms.is_some_and(|it| (1..=10_000).contains(&it)), "{within_ms:?}");
    assert_eq!(voters(&net), (2, 1));
    net.run(within_ms.unwrap() - 1_000);
    assert_eq!(net.status(3).signing, Signing::From(14), "not earlier than it says");
    net.run(2_000);
    assert_eq!(net.status(3).signing, Signing::Signs);
    assert_eq!((net.status(3).votes_within_ms, voters(&net)), (None, (2, 2)));
    net.run_to(0, 14);
}

/// A copied directory is detected even though the others are no further than its records.
#[test]
fn a_copied_directory_waits_until_it_cannot_contradict_itself() {
    let mut net = Net::up(4);
    net.run_to(3, 3);
    net.run(1_000);
    let signed = highest(&net, 3);
    net.stop(3);
    net.disk(3).copied = true;
    net.start(3);
    assert_eq!(net.status(3).signing, Signing::From(5));
    net.run_to(3, 4);
    assert_eq!(highest(&net, 3), signed);
    net.run_to(3, 6);
    assert!(highest(&net, 3) >= 5, "it signs again");
    assert!(!net.disk(3).copied, "from now on the records belong to this directory");
}

/// All are moved to other machines at once: none waits forever.
#[test]
fn copies_of_all_validators_resume_by_themselves() {
    let mut net = Net::up(4);
    net.run_to(0, 3);
    net.run(1_000);
    (0..4).for_each(|at| net.stop(at));
    (0..4).for_each(|at| net.disk(at).copied = true);
    (0..4).for_each(|at| net.start(at));
    assert_eq!(signing(&net), [Signing::From(5); 4]);
    net.run(25_000);
    assert_eq!(net.height(0), 3);
    assert!(
        (0..4).all(|at| !net.status(at).stalled),
        "this passes soon, and unlocking does not help"
    );
    net.run(10_000);
    assert_eq!(signing(&net), [Signing::Signs; 4]);
    net.run_to(0, 5);
}

/// Validators that have just started lost no records.
#[test]
fn validators_that_are_still_asking_do_not_count_as_stalled() {
    let mut net = Net::up(4);
    net.run_to(0, 2);
    (0..4).for_each(|at| net.stop(at));
    net.start(0);
    net.start(1);
    net.run(20_000);
    assert_eq!(signing(&net), [Signing::Asks; 2]);
    assert!((0..2).all(|at| !net.status(at).stalled));
}

/// A validator that only claims heights cannot keep another one from voting.
#[test]
fn a_false_claim_silences_nobody() {
    let mut net = Net::up(4);
    net.run_to(0, 2);
    net.run(1_000);
    net.stop(3);
    net.stop(2);
    net.start(3);
    for height in [2, 3, 1 << 40] {
        let reached = Some(height + 1);
        net.deliver(2, 3, Message::Seen { newest: None, twin: false, height, reached });
    }
    net.run(1_500);
    assert_eq!(net.status(3).signing, Signing::Signs);
    net.run_to(3, 4);
}

/// All lose power at once: no node saw anything newer, and all continue.
#[test]
fn validators_that_start_together_sign_at_once() {
    let mut net = Net::up(4);
    net.run_to(0, 2);
    (0..4).for_each(|at| net.stop(at));
    net.start(0);
    net.start(1);
    assert_eq!(signing(&net)[..2], [Signing::Asks; 2], "two of four are too few");
    net.start(2);
    assert_eq!(signing(&net)[..3], [Signing::Asks; 3], "the fourth may have seen something");
    net.run(1_500);
    assert_eq!(signing(&net)[..3], [Signing::Signs; 3]);
    net.run_to(0, 4);
}

#[test]
fn a_key_that_signs_elsewhere_signs_no_more_here() {
    let mut net = Net::up(4);
    net.run_to(3, 1);
    let key = SecretKey::from_seed(&[4; 32]);
    let vote = |height| {
        let validator = key.public_key();
        let vote =
            ehb_types::Vote { kind: VoteKind::Prevote, height, round: 0, block: None, validator };
        ConsensusMessage::Vote(vote.sign(&chain(), &key))
    };
    net.deliver(0, 3, seen(Some(vote(1))));
    net.deliver(0, 3, seen(None));
    assert_eq!(net.status(3).signing, Signing::Signs, "it may have signed that itself");
    net.deliver(0, 3, seen(Some(vote(9))));
    assert_eq!(net.status(3).signing, Signing::KeyUsedElsewhere);
    let signed = highest(&net, 3);
    net.run_to(3, 4);
    assert_eq!(highest(&net, 3), signed);
}

/// As long as newer messages of the key come, the node stays silent; some time after the last one it signs again, from
/// a height on in which the other node cannot have signed.
#[test]
fn a_key_signs_again_once_the_other_node_is_gone() {
    let mut net = Net::up(4);
    net.run_to(3, 1);
    let signed = highest(&net, 3);
    for _ in 0..4 {
        let height = net.height(3) + 2;
        let vote = ConsensusMessage::Vote(net.vote(3, height));
        net.deliver(0, 3, seen(Some(vote.clone())));
        net.run(50_000);
        // An old message is no news.
        net.deliver(0, 3, seen(Some(vote)));
        assert_eq!(net.status(3).signing, Signing::KeyUsedElsewhere);
        assert!(net.status(3).key_used_elsewhere);
    }
    net.run(11_000);
    let Signing::From(from) = net.status(3).signing else { panic!("{:?}", net.status(3).signing) };
    assert!(from > net.height(3) + 8, "from {from} at {}", net.height(3));
    assert!(!net.status(3).key_used_elsewhere);
    net.run_to(3, from - 2);
    assert_eq!(highest(&net, 3), signed, "it was silent until then");
    net.run_to(3, from + 2);
    assert!(highest(&net, 3) >= from, "it signs again");
    assert_eq!(net.status(3).signing, Signing::Signs);
}

/// Two nodes with one node key take the connection from each other in turns: their peers notice by the
/// runs that they announce, and notify both.
#[test]
fn two_nodes_with_one_key_are_noticed_by_their_peers() {
    let mut net = Net::up(4);
    let own = net.now_ms();
    let status = |run| Message::Status { height: 0, voting: Voting::Votes(0), clock_ms: 0, run };
    for run in [own, 2, own, 2, own] {
        (0..2).for_each(|to| net.deliver(3, to, status(run)));
    }
    assert!(net.status(3).key_used_elsewhere);
    net.run(6_000);
    assert!(net.status(3).key_used_elsewhere);
    assert_eq!(net.status(3).signing, Signing::Signs, "the one that was there first goes on");
    // The other one is gone.
    net.run(50_000);
    assert!(net.status(3).key_used_elsewhere);
    net.run(16_000);
    assert!(!net.status(3).key_used_elsewhere, "it ends by itself");
}

/// The second return of a run is reported at once, to each of the two nodes in its turn.
#[test]
fn twins_are_notified_at_once() {
    let mut net = Net::up(4);
    let peer = net.peer(3);
    let own = net.now_ms();
    let reports = |net: &mut Net, run| {
        let message = Message::Status { height: 0, voting: Voting::Votes(0), clock_ms: 0, run };
        let effects = net.effects(0, Event::Message { peer, message });
        effects.iter().any(|it| match it {
            Effect::Ordered(Ordered::Send { peer: to, message: Message::Seen { twin, .. } }) => {
                *twin && *to == peer
            }
            _ => false,
        })
    };
    let reported = [own, 2, own, 2, own].map(|run| reports(&mut net, run));
    assert_eq!(reported, [false, false, false, true, true]);
}

/// A copy of a running validator's directory: the chain is fast, and the original votes in each height. The copy signs nothing,
/// however many heights pass, until no newer vote of the key came for some time.
#[test]
fn a_copy_beside_its_original_signs_nothing() {
    let mut net = Net::up(4);
    net.run_to(3, 2);
    net.run(1_000);
    let signed = highest(&net, 3);
    net.stop(3);
    net.disk(3).copied = true;
    net.start(3);
    for sequence in 0..30 {
        net.submit(0, sequence);
        net.run(1_000);
        let vote = ConsensusMessage::Vote(net.vote(3, net.height(0) + 1));
        net.deliver(0, 3, seen(Some(vote)));
        assert_ne!(net.status(3).signing, Signing::Signs);
        assert_eq!(highest(&net, 3), signed);
    }
    assert!(net.height(3) > 30, "{}", net.height(3));
    assert_eq!(
        net.status(3).signing,
        Signing::KeyUsedElsewhere,
        "votes above all of an earlier run"
    );
    net.run(80_000);
    let Signing::From(from) = net.status(3).signing else { panic!("{:?}", net.status(3).signing) };
    net.run_to(3, from - 2);
    assert_eq!(highest(&net, 3), signed);
    net.run_to(3, from + 2);
    assert_eq!(net.status(3).signing, Signing::Signs);
    assert!(highest(&net, 3) >= from, "it signs once the other one is gone");
}

/// The directory was restored from a backup, and the record that is kept apart was not: the node is silent up to what its key
/// signed, says so, and is no part of a quorum meanwhile.
#[test]
fn a_directory_that_is_older_than_its_record_signs_only_above_it() {
    let mut net = Net::up(4);
    net.run_to(3, 2);
    net.run(1_000);
    let head = net.height(3);
    net.stop(3);
    net.stop(2);
    let step = SignStep::Prevote;
    let record = LastSigned { height: head + 1, round: 0, step, block: None, valid_round: None };
    net.disk(3).kept_apart = true;
    net.disk(3).record = Some(record);
    net.start(3);
    net.submit(0, 0);
    net.run(60_000);
    assert_eq!((net.height(0), net.status(3).signing), (head, Signing::From(head + 2)));
    assert!(net.status(0).stalled && net.status(3).stalled, "an operator must act");
    // Another validator returns.
    net.start(2);
    net.run_to(3, head + 1);
    assert!(!net.nodes[3].signed.keys().any(|(height, _, _)| *height == head + 1));
    net.run(20_000);
    let next = net.height(3) + 1;
    net.submit(0, 1);
    net.run_to(3, next);
    assert_eq!(net.status(3).signing, Signing::Signs);
    assert!(highest(&net, 3) >= next);
}

/// A copy is restarted while it is silent, or a second node with an empty directory: neither forgets that another node may sign
/// with its key, although its record was written by itself.
#[test]
fn a_restart_does_not_end_the_silence_of_a_copy() {
    for is_emptied in [false, true] {
        let mut net = Net::up(4);
        net.run_to(3, 2);
        net.run(1_000);
        let signed = highest(&net, 3);
        if is_emptied {
            net.empty(3);
        } else {
            net.stop(3);
            net.disk(3).copied = true;
        }
        net.start(3);
        let newer = ConsensusMessage::Vote(net.vote(3, 4));
        net.deliver(0, 3, seen(Some(newer)));
        net.run(1_000);
        assert!(!net.disk(3).copied && net.disk(3).record.and_then(|it| it.floor()).is_some());
        net.stop(3);
        // The other node goes on for longer than the heights that an old copy is silent, and nobody reports its votes.
        for sequence in 0..20 {
            net.submit(0, sequence);
            net.run(100);
        }
        net.start(3);
        for sequence in 20..30 {
            net.submit(0, sequence);
            net.run(1_000);
            assert_ne!(net.status(3).signing, Signing::Signs, "emptied: {is_emptied}");
        }
        assert!(net.height(3) > 20, "{}", net.height(3));
        assert_eq!(highest(&net, 3), signed);
        net.run(6_000);
        let next = net.height(3) + 1;
        net.run_to(3, next + 1);
        assert_eq!(net.status(3).signing, Signing::Signs);
        assert!(
            highest(&net, 3) >= next,
            "it signs once nothing of another node came for some time"
        );
    }
}

/// Peers report two nodes with the key: the copy is silent as long as they do, whatever the time.
#[test]
fn a_copy_is_silent_while_peers_report_two_nodes() {
    let mut net = Net::up(4);
    net.run_to(3, 2);
    net.stop(3);
    net.disk(3).copied = true;
    net.start(3);
    let own = net.now_ms();
    let status = |run| Message::Status { height: 2, voting: Voting::Asks, clock_ms: 0, run };
    for run in [own, 2, own, 2, own] {
        (0..2).for_each(|to| net.deliver(3, to, status(run)));
    }
    let signed = highest(&net, 3);
    net.run(50_000);
    assert!(net.height(3) > 5, "{}", net.height(3));
    assert!(net.status(3).key_used_elsewhere);
    assert_ne!(net.status(3).signing, Signing::Signs);
    assert_eq!((highest(&net, 3), net.status(3).votes_within_ms), (signed, None));
    net.run(40_000);
    assert_eq!(net.status(3).signing, Signing::Signs);
    assert!(highest(&net, 3) > signed);
}

/// A peer sends an emptied validator its old votes, one after the other: they show no other node.
#[test]
fn old_votes_of_a_key_do_not_prolong_its_silence() {
    let mut net = Net::up(4);
    net.run_to(3, 8);
    net.run(1_000);
    net.empty(3);
    net.start(3);
    net.run(1_000);
    assert_eq!(net.height(3), 8);
    for height in 1..8 {
        let vote = ConsensusMessage::Vote(net.vote(3, height));
        net.deliver(0, 3, seen(Some(vote)));
        net.run(5_000);
    }
    assert_eq!(net.status(3).signing, Signing::Signs);
}
