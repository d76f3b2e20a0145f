//! Single steps of a height: rounds, timeouts, resent messages and late votes.

use std::ops::Range;
use std::sync::Arc;

use ehb_types::{CommitCertificate, CommitSignature, Hash, ValidatorSet, Vote, VoteKind};
use expect_test::{Expect, expect};

use super::{Alone, block, chain, height_start, logged, sent, short, validators};
use crate::guard::SignGuard;
use crate::{
    Config, Consensus, ConsensusMessage, Fault, HeightStart, Input, LastSigned, LogEntry, Output,
    PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind, RoundVote, SignStep,
    TimerId, TimerKind,
};

fn check(outputs: &[Output], expected: Expect) {
    expected.assert_eq(&short(outputs));
}

/// A validator that is not the proposer of round 0.
fn follower() -> Alone {
    Alone::validator((Alone::proposer_of(0).own + 1) % 4)
}

fn commit(node: &Alone, signers: &[usize], round: u32, block: Hash) -> CommitCertificate {
    let signature = |index: &usize| CommitSignature {
        validator: *index as u16,
        signature: node.vote(*index, VoteKind::Precommit, round, Some(block)).signature,
    };
    CommitCertificate {
        height: 1,
        round,
        block,
        signatures: signers.iter().map(signature).collect(),
    }
}

#[test]
fn a_height_step_by_step() {
    let mut node = follower();
    let others = node.others();
    let a = block("a");
    check(&node.start(vec![]), expect!["round-0 set-rebroadcast:300 set-propose:500"]);
    let proposal = ConsensusMessage::Proposal(node.proposal(0, a, None));
    check(&node.node.step(Input::Message(proposal)), expect!["log-proposal"]);
    let value = Input::Value { height: 1, round: 0, block: a, valid: true };
    check(
        &node.node.step(value),
        expect!["log-value cancel-propose log-vote prevote@0 set-rebroadcast:300"],
    );
    let votes = node.receive_votes(&others[..2], VoteKind::Prevote, 0, Some(a));
    check(&votes, expect!["log-vote log-vote log-vote precommit@0 set-rebroadcast:300"]);
    let votes = node.receive_votes(&others[..2], VoteKind::Precommit, 0, Some(a));
    check(&votes, expect!["log-vote log-vote decide@0 cancel-rebroadcast"]);
    assert!(node.node.is_resting());
    let votes = node.receive_votes(&others[2..], VoteKind::Precommit, 0, Some(a));
    check(&votes, expect![[""]]);
    let certificate = node.node.certificate().unwrap();
    assert_eq!(certificate.signatures.len(), 4);
    certificate.verify(&chain(), &node.set).unwrap();
    let votes = node.receive_votes(&others[2..], VoteKind::Precommit, 0, Some(a));
    check(&votes, expect!["behind-1"]);
}

#[test]
fn an_invalid_block_gets_a_vote_for_nil() {
    let mut node = follower();
    node.start(vec![]);
    let a = block("a");
    let proposal = ConsensusMessage::Proposal(node.proposal(0, a, None));
    node.node.step(Input::Message(proposal));
    let value = Input::Value { height: 1, round: 0, block: a, valid: false };
    check(
        &node.node.step(value),
        expect!["log-value cancel-propose log-vote prevote-nil@0 set-rebroadcast:300"],
    );
}

#[test]
fn timeouts_grow_by_round_and_stale_timers_are_ignored() {
    let mut node = follower();
    let others = node.others();
    node.start(vec![]);
    let propose = TimerId { height: 1, round: 0, kind: TimerKind::Propose };
    let precommit = TimerId { kind: TimerKind::Precommit, ..propose };
    check(&node.node.step(Input::Timeout(precommit)), expect![[""]]);
    check(
        &node.node.step(Input::Timeout(propose)),
        expect!["log-timeout-propose log-vote prevote-nil@0 set-rebroadcast:300"],
    );
    check(&node.node.step(Input::Timeout(propose)), expect![[""]]);
    node.receive_votes(&others, VoteKind::Prevote, 0, None);
    node.receive_votes(&others[..1], VoteKind::Precommit, 0, None);
    node.receive_votes(&others[1..2], VoteKind::Precommit, 0, Some(block("a")));
    check(
        &node.node.step(Input::Timeout(precommit)),
        expect![
            "log-timeout-precommit round@0 cancel-rebroadcast round-1 set-rebroadcast:500 set-propose:700 build@1"
        ],
    );
    let rebroadcast = TimerId { height: 1, round: 1, kind: TimerKind::Rebroadcast };
    check(&node.node.step(Input::Timeout(rebroadcast)), expect!["round@0 set-rebroadcast:500"]);
}

#[test]
fn a_round_that_cannot_decide_ends_at_once() {
    let mut node = follower();
    let others = node.others();
    node.start(vec![]);
    node.node.step(Input::Timeout(TimerId { height: 1, round: 0, kind: TimerKind::Propose }));
    node.receive_votes(&others[..2], VoteKind::Prevote, 0, None);
    check(&node.receive_votes(&others[..1], VoteKind::Precommit, 0, None), expect!["log-vote"]);
    check(
        &node.receive_votes(&others[1..2], VoteKind::Precommit, 0, None),
        expect![
            "log-vote set-precommit:300 cancel-precommit log-timeout-precommit round@0 cancel-rebroadcast round-1 set-rebroadcast:500 set-propose:700 build@1"
        ],
    );
    assert_eq!(node.node.round(), Some(1));
}

#[test]
fn a_proposal_is_resent_during_its_round() {
    let mut node = Alone::proposer_of(0);
    check(&node.start(vec![]), expect!["round-0 set-rebroadcast:300 set-propose:500 build@0"]);
    let a = block("a");
    check(
        &node.node.step(Input::Propose { height: 1, round: 0, block: a }),
        expect![
            "log-value cancel-propose log-proposal log-vote prevote@0 set-rebroadcast:300 proposal@0"
        ],
    );
    let again = Input::Propose { height: 1, round: 0, block: block("b") };
    check(&node.node.step(again), expect![[""]]);
    let rebroadcast = TimerId { height: 1, round: 0, kind: TimerKind::Rebroadcast };
    check(
        &node.node.step(Input::Timeout(rebroadcast)),
        expect!["proposal@0 prevote@0 set-rebroadcast:300"],
    );
}

#[test]
fn a_block_that_others_decided_is_fetched() {
    let mut node = follower();
    let others = node.others();
    node.start(vec![]);
    let a = block("a");
    let outputs = node.receive_votes(&others, VoteKind::Precommit, 0, Some(a));
    check(&outputs, expect!["log-vote log-vote log-vote set-precommit:300 fetch@0"]);
    let certificate = commit(&node, &others, 0, a);
    assert!(outputs.contains(&Output::FetchDecided { certificate: certificate.clone() }));
    let few = commit(&node, &others[..2], 0, a);
    check(
        &node.node.step(Input::Decided { certificate: few }),
        expect![
            "fault: the certificate for height 1 is invalid: the signers' power 2 of 4 is no quorum"
        ],
    );
    check(
        &node.node.step(Input::Decided { certificate: certificate.clone() }),
        expect!["decide@0 cancel-propose cancel-precommit cancel-rebroadcast"],
    );
    check(&node.node.step(Input::Decided { certificate }), expect![[""]]);
}

#[test]
fn early_messages_start_the_next_height_and_count_in_it() {
    let mut node = follower();
    let others = node.others();
    let a = block("a");
    let prevotes = node.receive_votes(&others[..2], VoteKind::Prevote, 0, Some(a));
    check(&prevotes, expect!["wanted-1"]);
    assert!(node.node.is_wanted());
    let value = Input::Value { height: 1, round: 0, block: a, valid: true };
    check(&node.node.step(value), expect![[""]]);
    let proposal = ConsensusMessage::Proposal(node.proposal(0, a, None));
    check(&node.node.step(Input::Message(proposal)), expect![[""]]);
    check(
        &node.start(vec![]),
        expect![
            "round-0 set-rebroadcast:300 set-propose:500 log-value log-proposal cancel-propose log-vote prevote@0 set-rebroadcast:300 log-vote log-vote log-vote precommit@0 set-rebroadcast:300"
        ],
    );
}

#[test]
fn a_flood_of_early_messages_is_bounded_and_displaces_no_other_sender() {
    let mut node = follower();
    let others = node.others();
    for round in 0..200 {
        for name in 0..3 {
            let block = Some(block(&format!("{name}")));
            let vote = node.vote(others[0], VoteKind::Prevote, round, block);
            node.node.step(Input::Message(ConsensusMessage::Vote(vote)));
        }
    }
    node.receive_votes(&others[1..], VoteKind::Prevote, 0, None);
    let outputs = node.start(vec![]);
    let kept = logged(&outputs).iter().filter(|it| matches!(it, LogEntry::Vote(_))).count();
    assert_eq!(kept, 11 + 2);
}

#[test]
fn invalid_messages_change_nothing() {
    let mut node = follower();
    let others = node.others();
    let a = block("a");
    let good = node.vote(others[0], VoteKind::Prevote, 0, Some(a));
    let mut forged = good.clone();
    forged.vote.block = Some(block("b"));
    let mut foreign = good.clone();
    let other_chain = Hash([2; 32]);
    foreign = foreign.vote.sign(&other_chain, &node.keys[others[0]]);
    let stranger = ehb_types::SecretKey::from_seed(&[77; 32]);
    let mut unknown = good.vote.clone();
    unknown.validator = stranger.public_key();
    let unknown = unknown.sign(&chain(), &stranger);
    let mut not_its_turn = node.proposal(2, a, None);
    not_its_turn.proposal.round = 0;
    let by = node.set.index_of(&not_its_turn.proposal.proposer).unwrap();
    let not_its_turn = not_its_turn.proposal.sign(&chain(), &node.keys[by]);

    let bad = |node: &mut Alone| {
        for vote in [&forged, &foreign, &unknown] {
            only_blames(&node.node.step(Input::Message(ConsensusMessage::Vote(vote.clone()))));
        }
    };
    bad(&mut node);
    node.start(vec![]);
    bad(&mut node);
    let proposal = ConsensusMessage::Proposal(not_its_turn);
    only_blames(&node.node.step(Input::Message(proposal)));
}

/// The only output is that the message is invalid.
fn only_blames(outputs: &[Output]) {
    assert!(outputs.iter().all(|it| matches!(it, Output::Invalid(_))), "{}", short(outputs));
}

/// A signature of this node for one vote is invalid for another vote.
#[test]
fn a_signature_of_this_node_with_other_content_is_rejected() {
    let mut node = follower();
    node.start(vec![]);
    let propose = TimerId { height: 1, round: 0, kind: TimerKind::Propose };
    let outputs = node.node.step(Input::Timeout(propose));
    let [ConsensusMessage::Vote(own)] = &sent(&outputs)[..] else { panic!("{}", short(&outputs)) };
    assert_eq!(node.node.step(Input::Message(ConsensusMessage::Vote(own.clone()))), vec![]);
    let mut forged = own.clone();
    forged.vote.block = Some(block("a"));
    let outputs = node.node.step(Input::Message(ConsensusMessage::Vote(forged)));
    assert!(matches!(outputs[..], [Output::Invalid(_)]), "{}", short(&outputs));
}

#[test]
fn a_key_used_elsewhere_is_detected_and_not_contradicted() {
    let mut node = follower();
    node.start(vec![]);
    let elsewhere = node.vote(node.own, VoteKind::Prevote, 0, Some(block("a")));
    check(
        &node.node.step(Input::Message(ConsensusMessage::Vote(elsewhere))),
        expect![
            "fault: received a message that is signed with this node's key but that this node did not send: LastSigned { height: 1, round: 0, step: Prevote, block: Some(e04dd9b5f7de95421be2476fde4739ec01224d6eae1863d45e92a7b19d06a710), valid_round: None } log-vote"
        ],
    );
    let propose = TimerId { height: 1, round: 0, kind: TimerKind::Propose };
    let outputs = node.node.step(Input::Timeout(propose));
    assert_eq!(sent(&outputs), vec![]);
    assert!(outputs.iter().any(|it| matches!(it, Output::Fault(Fault::RefusedToSign { .. }))));
}

#[test]
fn an_old_copy_does_not_sign_until_it_is_past_the_last_signature() {
    let (set, keys) = validators(&[1]);
    let last_signed = LastSigned {
        height: 2,
        round: 0,
        step: SignStep::Prevote,
        block: Some(block("signed")),
        valid_round: None,
    };
    let mut node = Consensus::new(Config {
        chain: chain(),
        key: Some(keys[0].clone()),
        height: 0,
        validators: set.clone(),
        next_validators: set.clone(),
        last_signed: Some(last_signed),
    });
    for (height, signs) in [(1, false), (2, false), (3, true)] {
        let outputs = node.step(Input::Start(height_start(height, &set, vec![])));
        let incomplete = Output::Fault(Fault::LogIncomplete { last: last_signed });
        assert_eq!(!outputs.contains(&incomplete), signs);
        let outputs = node.step(Input::Propose { height, round: 0, block: block("new") });
        assert_eq!(!sent(&outputs).is_empty(), signs, "{}", short(&outputs));
    }
}

#[test]
fn the_guard_signs_only_newer_messages() {
    let at = |height, round, step, name: &str| LastSigned {
        height,
        round,
        step,
        block: Some(block(name)),
        valid_round: None,
    };
    use SignStep::{Precommit, Prevote, Proposal};
    let mut guard = SignGuard::default();
    for (wanted, admitted) in [
        (at(5, 1, Prevote, "a"), true),
        (at(5, 1, Prevote, "a"), true),
        (at(5, 1, Prevote, "b"), false),
        (at(5, 1, Proposal, "a"), false),
        (at(5, 0, Precommit, "a"), false),
        (at(4, 9, Precommit, "a"), false),
        (at(5, 1, Precommit, "b"), true),
        (at(5, 1, Prevote, "a"), false),
        (at(5, 2, Proposal, "c"), true),
        (at(6, 0, Proposal, "d"), true),
    ] {
        assert_eq!(guard.admit(wanted).is_ok(), admitted, "{wanted:?}");
    }
}

#[test]
fn a_validator_that_must_not_sign_follows() {
    let mut node = Alone::proposer_of(0);
    let others = node.others();
    let start = HeightStart { sign: false, ..height_start(1, &node.set, vec![]) };
    check(
        &node.node.step(Input::Start(start)),
        expect!["round-0 set-rebroadcast:300 set-propose:500"],
    );
    let a = block("a");
    let outputs = node.receive_votes(&others, VoteKind::Precommit, 0, Some(a));
    check(&outputs, expect!["log-vote log-vote log-vote set-precommit:300 fetch@0"]);
    assert_eq!(node.node.last_signed(), None);
}

fn polka(node: &Alone, signers: &[usize], round: u32, block: Hash) -> PolkaCertificate {
    let signature = |index: &usize| PolkaSignature {
        validator: node.keys[*index].public_key(),
        signature: node.vote(*index, VoteKind::Prevote, round, Some(block)).signature,
    };
    PolkaCertificate {
        height: 1,
        round,
        block,
        signatures: signers.iter().map(signature).collect(),
    }
}

fn round(node: &Alone, kind: RoundCertificateKind, signers: &[usize]) -> RoundCertificate {
    let vote = |index: &usize| RoundVote {
        kind: VoteKind::Precommit,
        block: None,
        validator: node.keys[*index].public_key(),
        signature: node.vote(*index, VoteKind::Precommit, 3, None).signature,
    };
    RoundCertificate { height: 1, round: 3, kind, votes: signers.iter().map(vote).collect() }
}

#[test]
fn certificates_need_a_quorum_of_distinct_signers() {
    let a = block("a");
    let offer = |make: &dyn Fn(&Alone) -> ConsensusMessage| {
        let mut node = follower();
        node.start(vec![]);
        let message = make(&node);
        node.node.step(Input::Message(message));
        node.node.round()
    };
    let others = follower().others();
    let two = &others[..2];
    let repeated = [others[0], others[0], others[0]];
    use RoundCertificateKind::{Precommit, Skip};
    assert_eq!(offer(&|it| ConsensusMessage::Round(round(it, Skip, two))), Some(3));
    assert_eq!(offer(&|it| ConsensusMessage::Round(round(it, Skip, &others[..1]))), Some(0));
    assert_eq!(offer(&|it| ConsensusMessage::Round(round(it, Skip, &repeated))), Some(0));
    // Three precommits for nil also end their round, after a pause.
    assert_eq!(offer(&|it| ConsensusMessage::Round(round(it, Precommit, &others))), Some(3));
    assert_eq!(offer(&|it| ConsensusMessage::Round(round(it, Precommit, two))), Some(0));
    assert_eq!(offer(&|it| ConsensusMessage::Polka(polka(it, &others, 2, a))), Some(2));
    assert_eq!(offer(&|it| ConsensusMessage::Polka(polka(it, two, 2, a))), Some(0));
    let forged = |node: &Alone| {
        let mut certificate = polka(node, &node.others(), 2, a);
        certificate.block = block("b");
        ConsensusMessage::Polka(certificate)
    };
    assert_eq!(offer(&forged), Some(0));
    let mixed = |node: &Alone| {
        let mut certificate = round(node, Precommit, &node.others());
        certificate.votes[0].kind = VoteKind::Prevote;
        ConsensusMessage::Round(certificate)
    };
    assert_eq!(offer(&mixed), Some(0));
}

#[test]
fn equivocation_is_reported_when_the_height_ends() {
    let mut node = follower();
    let others = node.others();
    node.start(vec![]);
    let a = block("a");
    node.receive_votes(&others[..1], VoteKind::Prevote, 0, Some(a));
    node.receive_votes(&others[..1], VoteKind::Prevote, 0, None);
    let certificate = commit(&node, &others, 0, a);
    let outputs = node.node.step(Input::Decided { certificate });
    let Some(Output::Evidence(evidence)) = outputs.get(1) else { panic!("{}", short(&outputs)) };
    evidence.verify(&chain()).unwrap();
    assert_eq!(evidence.validator(), node.keys[others[0]].public_key());
}

#[test]
fn encodings_round_trip_within_their_bound() {
    let node = follower();
    let others = node.others();
    let a = block("a");
    let messages = [
        ConsensusMessage::Proposal(node.proposal(0, a, Some(2))),
        ConsensusMessage::Vote(node.vote(0, VoteKind::Prevote, 1, None)),
        ConsensusMessage::Polka(polka(&node, &others, 2, a)),
        ConsensusMessage::Round(round(&node, RoundCertificateKind::Precommit, &others)),
    ];
    for message in &messages {
        let bytes = ehb_types::encode(message);
        assert_eq!(ehb_types::decode::<ConsensusMessage>(&bytes).as_ref(), Ok(message));
        assert!(bytes.len() < ConsensusMessage::BYTES_MAX);
    }
}

/// Peers repeat a proposal during a round; the verdict on its block is already in the log.
#[test]
fn a_verdict_is_logged_once() {
    let mut node = follower();
    node.start(vec![]);
    let a = block("a");
    node.node.step(Input::Message(ConsensusMessage::Proposal(node.proposal(0, a, None))));
    let value_in = |round, valid| Input::Value { height: 1, round, block: a, valid };
    let value = |valid| value_in(0, valid);
    let first = node.node.step(value(false));
    assert_eq!(logged(&first).iter().filter(|it| matches!(it, LogEntry::Value(_))).count(), 1);
    check(&node.node.step(value(false)), expect![[""]]);
    // In another round, a different verdict is logged once.
    check(&node.node.step(value(true)), expect![[""]]);
    assert_eq!(logged(&node.node.step(value_in(1, true))).len(), 1);
    check(&node.node.step(value_in(1, true)), expect![[""]]);
    check(&node.node.step(value(true)), expect![[""]]);
    let mut again = follower();
    again.start(logged(&first));
    check(&again.node.step(value(false)), expect![[""]]);
}

/// Rounds that fail because all validators vote for nil at once do not spin.
#[test]
fn failing_rounds_are_paced() {
    let mut node = follower();
    let others = node.others();
    node.start(vec![]);
    let mut pauses = Vec::new();
    for round in 0..12 {
        node.receive_votes(&others, VoteKind::Prevote, round, None);
        let outputs = node.receive_votes(&others, VoteKind::Precommit, round, None);
        let id = TimerId { height: 1, round, kind: TimerKind::Precommit };
        let set = outputs.iter().rev().find_map(|output| match output {
            Output::SetTimer { id: of, after_ms } if *of == id => Some(*after_ms),
            _ => None,
        });
        if round == 0 {
            assert_eq!(
                node.node.round(),
                Some(1),
                "a silent proposer costs no more than its timeout"
            );
        } else {
            assert_eq!(node.node.round(), Some(round));
            pauses.extend(set);
            node.node.step(Input::Timeout(id));
            assert_eq!(node.node.round(), Some(round + 1));
        }
    }
    assert_eq!(pauses, [20, 40, 80, 160, 320, 640, 1_280, 1_900, 2_100, 2_300, 2_500]);
}

#[test]
fn a_recently_silent_proposer_has_a_shorter_timeout() {
    let mut node = follower();
    let proposer = node.set.proposer(&Default::default(), 1, 0).consensus_key;
    let mut start = height_start(1, &node.set, vec![]);
    start.silent.insert(proposer);
    let outputs = node.node.step(Input::Start(start));
    check(&outputs, expect!["round-0 set-rebroadcast:300 set-propose:62"]);
}

/// A vote for the next height is kept if its signer is a validator of that height, also if it is none of this one.
#[test]
fn an_early_vote_is_judged_by_the_validators_of_its_height() {
    let (all, keys) = validators(&[1; 5]);
    let part = |range: Range<usize>| {
        Arc::new(ValidatorSet::new(all.validators()[range].to_vec()).unwrap())
    };
    let (now, next) = (part(0..4), part(1..5));
    let mut node = Consensus::new(Config {
        chain: chain(),
        key: Some(keys[1].clone()),
        height: 0,
        validators: now.clone(),
        next_validators: next.clone(),
        last_signed: None,
    });
    let start = HeightStart { next_validators: next, ..height_start(1, &now, vec![]) };
    node.step(Input::Start(start));
    for (by, is_kept) in [(4, true), (0, false), (2, true)] {
        let validator = keys[by].public_key();
        let vote = Vote { kind: VoteKind::Prevote, height: 2, round: 0, block: None, validator };
        let vote = vote.sign(&chain(), &keys[by]);
        node.step(Input::Message(ConsensusMessage::Vote(vote)));
        assert_eq!(node.newest_early(&validator).is_some(), is_kept, "{by}");
    }
}
