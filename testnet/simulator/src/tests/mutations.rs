use super::{simulate, violations};
use crate::{Mutation, Rule};

/// The rules that some seed of the first thousand shows to be broken.
fn caught(mutation: Mutation) -> Vec<Rule> {
    let runs = simulate(0, 1_000, None, Some(mutation));
    let found = violations(&runs);
    assert!(!found.is_empty(), "{mutation} broke no rule in {} seeds", runs.len());
    runs.iter().filter_map(|run| run.outcome.violation.as_ref().map(|it| it.rule)).collect()
}

#[test]
fn a_log_that_is_not_replayed_is_noticed() {
    assert!(!caught(Mutation::NoReplay).is_empty());
}

#[test]
fn a_lock_that_is_forgotten_is_noticed() {
    assert!(!caught(Mutation::NoLock).is_empty());
}

#[test]
fn a_sync_behind_the_message_is_noticed() {
    assert!(!caught(Mutation::LateSync).is_empty());
}

#[test]
fn names_lead_back_to_mutations() {
    for mutation in Mutation::ALL {
        assert_eq!(mutation.to_string().parse(), Ok(mutation));
    }
    let error = "no-sense".parse::<Mutation>().unwrap_err();
    assert_eq!(error, "there is no mutation no-sense; there are: no-replay, no-lock, late-sync");
}
