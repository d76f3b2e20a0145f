#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

use super::{NODES, THREADS};
use crate::{Batch, MUTATIONS, Mutation, Options, Rule, Setup, Timed};

/// Seeds in which a mutation must break its rule.
const SEEDS: u64 = 1_000;
/// How many tests share the mutations.
const PARTS: usize = 4;

fn mutated(mutation: &'static Mutation, count: u64, stop_at: Option<Rule>) -> Vec<Timed> {
    let options = Options { mutation: Some(mutation), ..Options::default() };
    let batch = Batch { first: 0, count, options, threads: THREADS, stop_at };
    batch.run(&Setup::new(NODES).unwrap()).unwrap()
}

fn rule(run: &Timed) -> Option<Rule> {
    run.outcome.violation.as_ref().map(|it| it.rule)
}

/// Some seed shows that this rule is broken.
fn breaks(mutation: &'static Mutation, broken: Rule) {
    let runs = mutated(mutation, SEEDS, Some(broken));
    if !runs.iter().any(|it| rule(it) == Some(broken)) {
        let others: Vec<Rule> = runs.iter().filter_map(rule).collect();
        panic!("{mutation} did not break {broken} in {} seeds, but {others:?}", runs.len());
    }
}

/// Each mutation breaks the rule that it says; without one the seeds of [`super::seeds`] keep all rules.
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

/// The last-signed record makes up for a log that is lost: the node stays silent, which may cost progress
/// and nothing else.
#[test]
fn a_lost_log_leads_to_no_second_signature() {
    for run in mutated(Mutation::named("lost-log").unwrap(), 20, None) {
        assert!(matches!(rule(&run), None | Some(Rule::Liveness)), "{:?}", run.outcome.violation);
    }
}

#[test]
fn names_lead_back_to_mutations() {
    for mutation in MUTATIONS {
        assert_eq!(Mutation::named(mutation.name).unwrap().name, mutation.name);
    }
    let error = Mutation::named("no-sense").unwrap_err();
    assert!(error.starts_with("there is no mutation no-sense; there are: no-replay, lost-log, "));
}
