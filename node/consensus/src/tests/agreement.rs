//! Agreement of a simulated network with faults and lost messages.

use std::collections::BTreeSet;

use ehb_types::{Vote, VoteKind};

use super::network::{Faults, Network};
use super::{chain, validators};

fn check(network: &Network) {
    assert_eq!(network.violations, Vec::<String>::new());
    for node in &network.nodes {
        assert_eq!(node.faults, vec![]);
    }
}

#[test]
fn a_network_without_faults_decides_every_height_in_round_0() {
    for count in [1, 2, 3, 4, 7] {
        let mut network = Network::new(&vec![1; count], 0, 1, Faults::default());
        network.run_to(30, 60_000);
        check(&network);
        for node in &network.nodes {
            assert!(node.stored.iter().take(30).all(|it| it.round == 0));
        }
    }
}

#[test]
fn powers_may_differ() {
    for powers in [&[1, 2, 3, 4][..], &[100, 1, 1], &[u64::MAX / 16, 7, u64::MAX / 16, 3, 1]] {
        let mut network = Network::new(powers, 0, 2, Faults::default());
        network.run_to(20, 60_000);
        check(&network);
    }
}

#[test]
fn equal_inputs_give_equal_outputs() {
    let run = || {
        let faults = Faults { loss_percent: 10, crash_per_mille: 3, ..Faults::default() };
        let mut network = Network::new(&[1; 4], 1, 77, faults);
        network.run_to(15, 600_000);
        let blocks: Vec<_> = network.nodes[0].stored.iter().map(|it| it.block).collect();
        (blocks, network.now_ms, network.packets, network.crashes)
    };
    assert_eq!(run(), run());
}

#[test]
fn lost_messages_are_resent() {
    for seed in 0..20 {
        let faults = Faults { loss_percent: 5 + seed, ..Faults::default() };
        let mut network = Network::new(&[1; 4], 0, seed, faults);
        network.run_to(15, 600_000);
        check(&network);
    }
}

#[test]
fn one_silent_validator_of_four_does_not_stop_the_chain() {
    for silent in 0..4 {
        let mut network = Network::new(&[1; 4], 0, 5, Faults::default());
        network.nodes[silent].silent = true;
        network.run_to(20, 60_000);
        check(&network);
        let turns = |round| {
            network.nodes[(silent + 1) % 4].stored.iter().filter(move |it| it.round == round)
        };
        assert!(turns(1).count() >= 4 && turns(2).count() == 0);
    }
}

#[test]
fn the_chain_stops_without_a_quorum_and_resumes_with_one() {
    let mut network = Network::new(&[1; 4], 0, 6, Faults::default());
    network.run_to(3, 60_000);
    network.partition = vec![BTreeSet::from([0, 1]), BTreeSet::from([2, 3])];
    network.run_for(1_000);
    let before: Vec<usize> = network.nodes.iter().map(|it| it.stored.len()).collect();
    network.run_for(60_000);
    let after: Vec<usize> = network.nodes.iter().map(|it| it.stored.len()).collect();
    assert_eq!(before, after);
    network.partition.clear();
    network.run_to(after.iter().max().unwrap() + 10, 30_000);
    check(&network);
}

#[test]
fn a_partitioned_validator_catches_up() {
    let mut network = Network::new(&[1; 4], 0, 7, Faults::default());
    network.partition = vec![BTreeSet::from([0, 1, 2]), BTreeSet::from([3])];
    network.run_for(3_000);
    assert!(network.nodes[0].stored.len() > 10 && network.nodes[3].stored.is_empty());
    network.partition.clear();
    network.busy = false;
    let height = network.nodes[0].stored.len();
    network.run_to(height, 120_000);
    check(&network);
}

#[test]
fn equivocation_is_detected_and_does_not_fork_the_chain() {
    let mut found = 0;
    for seed in 0..20 {
        let mut network = Network::new(&[1; 4], 0, seed, Faults::default());
        network.nodes[0].two_faced = true;
        network.run_to(12, 120_000);
        assert_eq!(network.violations, Vec::<String>::new());
        let (set, _) = validators(&[1; 4]);
        for evidence in network.nodes[1..].iter().flat_map(|it| &it.evidence) {
            found += 1;
            evidence.verify(&chain()).unwrap();
            assert_eq!(set.index_of(&evidence.validator()), Some(0));
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn an_observer_follows_and_sends_nothing() {
    let mut network = Network::new(&[1; 4], 1, 9, Faults::default());
    network.run_to(20, 60_000);
    check(&network);
    assert_eq!(network.nodes[4].packets, 0);
    let observer = network.nodes[4].consensus.as_ref().unwrap();
    assert_eq!(observer.last_signed(), None);
}

#[test]
fn an_idle_chain_waits_and_one_validator_starts_all() {
    let mut network = Network::new(&[1; 4], 0, 10, Faults::default());
    network.busy = false;
    network.run_for(100_000);
    assert_eq!(network.packets, 0);
    for (height, first) in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 0)] {
        network.start(first);
        network.run_to(height, 5_000);
        let packets = network.packets;
        network.run_for(100_000);
        // The last precommits may still be on their way when the height is decided.
        assert!(network.packets <= packets + 20, "an idle chain sends messages");
        assert!(network.nodes.iter().all(|it| it.stored.len() == height));
    }
    check(&network);
}

/// Measures only, checks nothing: `cargo nextest run --release -p ehb-consensus --run-ignored only
/// --no-capture` prints the cost of a height.
#[test]
#[ignore = "a measurement"]
fn measure_the_cost_of_a_height() {
    let (_, keys) = validators(&[1]);
    let before = cpu_ns();
    for round in 0..1_000 {
        let validator = keys[0].public_key();
        let vote = Vote { kind: VoteKind::Prevote, height: 1, round, block: None, validator };
        vote.sign(&chain(), &keys[0]).verify(&chain()).unwrap();
    }
    eprintln!("one signature made and verified: {} µs", (cpu_ns() - before) / 1_000_000);
    for count in [1, 4, 7, 50] {
        let heights = if count > 7 { 20 } else { 1_000 };
        let mut network = Network::new(&vec![1; count], 0, 11, Faults::default());
        network.checks_certificates = false;
        let before = cpu_ns();
        network.run_to(heights, u64::MAX / 2);
        let height = (cpu_ns() - before) / 1_000 / heights as u64;
        eprintln!("{count} validators: {height} µs a height, {} each", height / count as u64);
    }
}

/// The processor time of this thread, which excludes other work on the machine.
fn cpu_ns() -> u64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedstat.split(' ').next().unwrap().parse().unwrap()
}
