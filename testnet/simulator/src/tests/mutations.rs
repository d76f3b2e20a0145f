#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

use super::{NODES, THREADS};
use crate::{Batch, Mutation, Options, Rule, Setup, Timed};

fn mutated(mutation: Mutation, count: u64, stop_at: Option<Rule>) -> Vec<Timed> {
    let options = Options { mutation: Some(mutation), ..Options::default() };
    let batch = Batch { first: 0, count, options, threads: THREADS, stop_at };
    batch.run(&Setup::new(NODES).unwrap()).unwrap()
}

fn rule(run: &Timed) -> Option<Rule> {
    run.outcome.violation.as_ref().map(|it| it.rule)
}

/// Some seed of the first thousand shows that this rule is broken, and the same seed keeps all rules
/// without the mutation.
fn breaks(mutation: Mutation, broken: Rule) {
    let runs = mutated(mutation, 1_000, Some(broken));
    let found = runs.iter().find(|it| rule(it) == Some(broken));
    let Some(found) = found else {
        let others: Vec<Rule> = runs.iter().filter_map(rule).collect();
        panic!("{mutation} did not break {broken} in {} seeds, but {others:?}", runs.len());
    };
    let seed = found.outcome.seed;
    let batch =
        Batch { first: seed, count: 1, options: Options::default(), threads: 1, stop_at: None };
    let unchanged = batch.run(&Setup::new(NODES).unwrap()).unwrap();
    assert_eq!(rule(&unchanged[0]), None, "seed {seed} without {mutation}");
}

#[test]
fn a_log_that_is_not_replayed_leads_to_second_signatures() {
    breaks(Mutation::NoReplay, Rule::Signing);
}

#[test]
fn a_lock_that_is_forgotten_splits_the_chain() {
    breaks(Mutation::NoLock, Rule::Agreement);
}

#[test]
fn a_sync_behind_the_message_leads_to_second_signatures() {
    breaks(Mutation::LateSync, Rule::Signing);
}

#[test]
fn a_wallet_that_writes_something_else_does_not_conserve_value() {
    breaks(Mutation::WrongWrite, Rule::Conservation);
}

#[test]
fn a_mempool_that_is_lost_leaves_accepted_transactions_without_a_fate() {
    breaks(Mutation::LostPool, Rule::Fates);
}

#[test]
fn what_is_gossiped_once_expires_where_it_was_accepted() {
    breaks(Mutation::NoOffers, Rule::Fates);
}

#[test]
fn replicas_that_remember_all_that_they_are_sent_have_no_bounds() {
    let options = Options {
        mutation: Some(Mutation::NoBounds),
        behaviour: Some(crate::Behaviour::BodyFlooder),
        ..Options::default()
    };
    let stop_at = Some(Rule::Bounds);
    let batch = Batch { first: 0, count: 40, options, threads: THREADS, stop_at };
    let runs = batch.run(&Setup::new(NODES).unwrap()).unwrap();
    assert!(runs.iter().any(|run| rule(run) == stop_at));
}

#[test]
fn an_old_disk_that_asks_nobody_leads_to_second_signatures() {
    breaks(Mutation::NoAsking, Rule::Signing);
}

/// The last-signed record stands in where only the log is lost: the node stays silent, which may cost
/// progress and nothing else.
#[test]
fn a_lost_log_leads_to_no_second_signature() {
    for run in mutated(Mutation::LostLog, 100, None) {
        assert!(matches!(rule(&run), None | Some(Rule::Liveness)), "{:?}", run.outcome.violation);
    }
}

#[test]
fn names_lead_back_to_mutations() {
    for mutation in Mutation::ALL {
        assert_eq!(mutation.to_string().parse(), Ok(mutation));
    }
    let error = "no-sense".parse::<Mutation>().unwrap_err();
    let names = "there are: no-replay, lost-log, no-lock, late-sync, lost-pool, no-offers, no-bounds, no-asking, wrong-write";
    assert_eq!(error, format!("there is no mutation no-sense; {names}"));
}
