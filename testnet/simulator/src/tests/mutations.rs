//! Each mutation of a node breaks the rule that it is for.

#![expect(clippy::panic, reason = "a test panics on unexpected outcomes")]

use super::{NODES, THREADS};
use crate::{Batch, MUTATIONS, Mutation, Options, Rule, Setup, Timed};

/// The number of seeds in which a mutation must break its rule.
const SEEDS: u64 = 1_000;
/// The number of tests that share the mutations.
const PARTS: usize = 4;

fn mutated(mutation: &'static Mutation, count: u64, stop_at: Option<Rule>) -> Vec<Timed> {
    let options = Options { mutation: Some(mutation), ..Options::default() };
    let batch = Batch { first: 0, count, options, threads: THREADS, stop_at };
    batch.run(&Setup::new(NODES).unwrap()).unwrap()
}

fn rule(run: &Timed) -> Option<Rule> {
    run.outcome.violation.as_ref().map(|it| it.rule)
}

/// Checks that some seed breaks this rule.
fn breaks(mutation: &'static Mutation, broken: Rule) {
    let runs = mutated(mutation, SEEDS, Some(broken));
    if !runs.iter().any(|it| rule(it) == Some(broken)) {
        let others: Vec<Rule> = runs.iter().filter_map(rule).collect();
        panic!("{mutation} did not break {broken} in {} seeds, but {others:?}", runs.len());
    }
}

/// Each mutation breaks its rule; without a mutation the seeds of [`super::seeds`] break none.
fn part(number: usize) {
    for mutation in MUTATIONS.into_iter().skip(number).step_by(PARTS) {
        if let Some(broken) = mutation.breaks {
            breaks(mutation, broken);
        }
    }
}

#[test]
fn each_mutation_breaks_its_rule_part_1() {
    part(0);
}

#[test]
fn each_mutation_breaks_its_rule_part_2() {
    part(1);
}

#[test]
fn each_mutation_breaks_its_rule_part_3() {
    part(2);
}

#[test]
fn each_mutation_breaks_its_rule_part_4() {
    part(3);
}

/// The last-signed record compensates for a lost log: the node stays silent, which can only cost progress.
#[test]
fn a_lost_log_causes_no_double_signing() {
    for run in mutated(Mutation::named("lost-log").unwrap(), 20, None) {
        assert!(matches!(rule(&run), None | Some(Rule::Liveness)), "{:?}", run.outcome.violation);
    }
}

#[test]
fn mutation_names_can_be_parsed() {
    for mutation in MUTATIONS {
        assert_eq!(Mutation::named(mutation.name).unwrap().name, mutation.name);
    }
    let error = Mutation::named("no-sense").unwrap_err();
    assert!(error.starts_with("there is no mutation no-sense; there are: no-replay, lost-log, "));
}
