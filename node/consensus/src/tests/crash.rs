//! Crashes at every step: no validator signs twice.

use ehb_types::VoteKind;

use super::network::{Faults, Network};
use super::{Alone, block, logged, sent, short};
use crate::{ConsensusMessage, Fault, Input, LogEntry, Output};

#[test]
fn crashes_at_every_step_cause_no_double_signing() {
    let crashes = crash_everywhere(0..60);
    assert!(crashes > 500, "{crashes}");
}

#[test]
#[ignore = "takes minutes"]
fn many_more_crashes_cause_no_double_signing() {
    crash_everywhere(1_000..3_000);
}

fn crash_everywhere(seeds: std::ops::Range<u64>) -> u32 {
    let mut crashes = 0;
    for seed in seeds {
        let faults =
            Faults { loss_percent: seed % 20, crash_per_mille: 2 + seed % 12, ..Faults::default() };
        let mut network = Network::new(&[1; 4], 0, seed, faults);
        network.nodes[0].two_faced = seed % 3 == 0;
        network.run_to(12, 3_600_000);
        assert_eq!(network.violations, Vec::<String>::new(), "seed {seed}");
        for node in &network.nodes[1..] {
            assert_eq!(node.faults, vec![], "seed {seed}");
        }
        crashes += network.crashes;
    }
    crashes
}

/// Proves that the check above can fail: it fails without log and record, and if messages are sent before the
/// log is durable.
#[test]
fn breaking_the_crash_rules_causes_double_signing() {
    let forgetful = Faults { forget_log: 4, forget_last_signed: 4, ..Faults::default() };
    let hasty = Faults { late_sync: true, ..Faults::default() };
    for faults in [forgetful, hasty] {
        let violated = (0..100).any(|seed| {
            let faults = Faults { crash_per_mille: 10, ..faults };
            let mut network = Network::new(&[1; 4], 0, seed, faults);
            network.run_to(12, 1_200_000);
            !network.violations.is_empty()
        });
        assert!(violated);
    }
}

#[test]
fn a_validator_without_its_log_does_not_sign_too_early() {
    let mut incomplete = 0;
    for seed in 0..20 {
        let faults = Faults { crash_per_mille: 5, forget_log: 1, ..Faults::default() };
        let mut network = Network::new(&[1; 4], 0, seed, faults);
        network.run_to(20, 1_200_000);
        assert_eq!(network.violations, Vec::<String>::new(), "seed {seed}");
        for fault in &network.nodes[0].faults {
            assert!(matches!(fault, Fault::LogIncomplete { .. }), "seed {seed}: {fault}");
            incomplete += 1;
        }
    }
    assert!(incomplete > 20, "{incomplete}");
}

/// The proposer proposes the same block again, whatever part of the log survives a crash.
#[test]
fn a_restarted_proposer_proposes_the_same_block() {
    let mut first = Alone::proposer_of(0);
    let mut outputs = first.start(vec![]);
    let built = block("built");
    outputs.extend(first.node.step(Input::Propose { height: 1, round: 0, block: built }));
    let log = logged(&outputs);
    assert_eq!(log.len(), 3);
    for kept in 0..=3 {
        let mut again = Alone::proposer_of(0);
        let outputs = again.start(log[..kept].to_vec());
        let builds = outputs.iter().any(|it| matches!(it, Output::BuildBlock { .. }));
        assert_eq!(builds, kept == 0, "{}", short(&outputs));
        if kept > 0 {
            assert_eq!(logged(&outputs), log[kept..]);
            let proposals: Vec<ConsensusMessage> = sent(&outputs)
                .into_iter()
                .filter(|it| matches!(it, ConsensusMessage::Proposal(_)))
                .collect();
            let LogEntry::Proposal(proposal) = &log[1] else { panic!("no proposal") };
            assert_eq!(proposals, [ConsensusMessage::Proposal(proposal.clone())]);
            assert!(outputs.iter().any(|it| matches!(it, Output::SendBody { .. })));
        }
    }
}

/// A logged verdict is final in its round, and a valid block stays valid in all rounds.
#[test]
fn a_logged_verdict_is_kept() {
    let own = (Alone::proposer_of(0).own + 1) % 4;
    let value = |round, valid| Input::Value { height: 1, round, block: block("a"), valid };
    for restarts in [false, true] {
        for (first, again) in [
            ((0, true), [(0, false), (1, false), (1, true)].as_slice()),
            ((0, false), [(0, true), (0, false), (1, false)].as_slice()),
        ] {
            let mut node = Alone::validator(own);
            let mut outputs = node.start(vec![]);
            outputs.extend(node.node.step(value(first.0, first.1)));
            let log = logged(&outputs);
            assert_eq!(log.len(), 1, "{}", short(&outputs));
            if restarts {
                node = Alone::validator(own);
                node.start(log);
            }
            for (round, valid) in again {
                let outputs = node.node.step(value(*round, *valid));
                assert_eq!(logged(&outputs), [], "{first:?}, then {valid} in round {round}");
            }
            // A block that was not timely in one round can be timely in a later one.
            let outputs = node.node.step(value(1, true));
            assert_eq!(logged(&outputs).len(), usize::from(!first.1), "{first:?}");
        }
    }
}

/// The votes after a crash equal those before it, whatever part of the log survives.
#[test]
fn a_restarted_validator_casts_the_same_votes() {
    let run = |node: &mut Alone| {
        let mut outputs = node.start(vec![]);
        let block = block("a");
        let others = node.others();
        let proposal = ConsensusMessage::Proposal(node.proposal(0, block, None));
        outputs.extend(node.node.step(Input::Value { height: 1, round: 0, block, valid: true }));
        outputs.extend(node.node.step(Input::Message(proposal)));
        outputs.extend(node.receive_votes(&others[..2], VoteKind::Prevote, 0, Some(block)));
        outputs.extend(node.receive_votes(&others[..1], VoteKind::Precommit, 0, Some(block)));
        outputs
    };
    let own = (Alone::proposer_of(0).own + 1) % 4;
    let before = run(&mut Alone::validator(own));
    let log = logged(&before);
    let votes = |outputs: &[Output]| {
        sent(outputs)
            .into_iter()
            .filter(|it| matches!(it, ConsensusMessage::Vote(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(votes(&before).len(), 2);
    for kept in 0..=log.len() {
        let mut again = Alone::validator(own);
        let mut outputs = again.start(log[..kept].to_vec());
        for entry in &log[kept..] {
            let input = match entry.clone() {
                LogEntry::Vote(it) if it.vote.validator == again.own_key() => continue,
                LogEntry::Vote(it) => Input::Message(ConsensusMessage::Vote(it)),
                LogEntry::Proposal(it) => Input::Message(ConsensusMessage::Proposal(it)),
                LogEntry::Value(it) => Input::Value {
                    height: it.height,
                    round: it.round,
                    block: it.block,
                    valid: it.valid,
                },
                other => panic!("{other:?}"),
            };
            outputs.extend(again.node.step(input));
        }
        assert_eq!(votes(&outputs), votes(&before), "{kept} entries kept");
        assert_eq!(logged(&outputs).len(), log.len() - kept);
    }
}

#[test]
fn replaying_a_log_of_late_rounds_restores_the_round() {
    let mut node = Alone::validator((Alone::proposer_of(0).own + 1) % 4);
    let mut outputs = node.start(vec![]);
    let others = node.others();
    for round in 0..3 {
        for kind in [VoteKind::Prevote, VoteKind::Precommit] {
            outputs.extend(node.receive_votes(&others, kind, round, None));
        }
        let timers: Vec<_> = outputs
            .iter()
            .filter_map(|it| match it {
                Output::SetTimer { id, .. } if id.round == round => Some(*id),
                _ => None,
            })
            .collect();
        for id in timers {
            if id.kind == crate::TimerKind::Precommit {
                outputs.extend(node.node.step(Input::Timeout(id)));
            }
        }
    }
    assert_eq!(node.node.round(), Some(3));
    let own = node.own;
    let mut again = Alone::validator(own);
    let replayed = again.start(logged(&outputs));
    assert_eq!(again.node.round(), Some(3));
    assert_eq!(logged(&replayed), vec![]);
    assert_eq!(again.node.last_signed(), node.node.last_signed());
    let rounds = sent(&replayed).iter().map(ConsensusMessage::round).collect::<Vec<u32>>();
    assert!(rounds.iter().all(|round| *round >= 2), "{}", short(&replayed));
}

#[test]
fn a_log_that_contradicts_itself_stops_the_node() {
    let own = (Alone::proposer_of(0).own + 1) % 4;
    let mut node = Alone::validator(own);
    let a = block("a");
    let log = vec![
        LogEntry::Value(crate::LoggedValue {
            height: 1,
            round: 0,
            block: a,
            proposer: node.own_key(),
            valid: true,
        }),
        LogEntry::Proposal(node.proposal(0, a, None)),
        LogEntry::Vote(node.vote(own, VoteKind::Prevote, 0, Some(block("b")))),
    ];
    let outputs = node.start(log);
    assert!(
        matches!(&outputs[..], [Output::Fault(fault @ Fault::ReplayDiverged { .. })] if fault.is_fatal()),
        "{}",
        short(&outputs)
    );
    assert_eq!(node.start(vec![]), vec![]);
}
