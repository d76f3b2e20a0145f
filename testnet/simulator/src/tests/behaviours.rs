use super::{simulate, violations};
use crate::{Behaviour, Outcome};

/// Seeds of each behaviour.
const SEEDS: u64 = 12;

/// Runs with one byzantine node of four; no rule is broken. Gives what it led to.
fn outcomes(behaviour: Behaviour) -> Vec<Outcome> {
    let runs = simulate(0, SEEDS, Some(behaviour));
    assert_eq!(violations(&runs), Vec::<String>::new());
    runs.into_iter().map(|run| run.outcome).collect()
}

fn evidence(outcomes: &[Outcome]) -> usize {
    outcomes.iter().map(|it| it.evidence).sum()
}

fn penalties(outcomes: &[Outcome]) -> u64 {
    outcomes.iter().map(|it| it.penalties).sum()
}

#[test]
fn a_proposer_of_two_blocks_splits_nobody_and_is_found_out() {
    let outcomes = outcomes(Behaviour::Equivocator);
    assert!(evidence(&outcomes) > 0, "its two proposals or votes stand in no block");
    assert!(penalties(&outcomes) > 0, "nobody minds a body that is not that of its header");
}

#[test]
fn who_votes_twice_splits_nobody_and_is_found_out() {
    assert!(evidence(&outcomes(Behaviour::DoubleVoter)) > 0);
}

#[test]
fn who_forgets_its_lock_splits_nobody() {
    let outcomes = outcomes(Behaviour::Amnesiac);
    assert_eq!(evidence(&outcomes), 0, "it does not contradict itself in one round");
}

#[test]
fn a_silent_validator_does_not_stop_the_chain() {
    let late: usize = outcomes(Behaviour::Silent).iter().map(|it| it.late_rounds).sum();
    assert!(late > 0, "nobody had to go on without the silent proposer");
}

#[test]
fn messages_of_heights_and_rounds_far_ahead_do_not_stop_the_chain() {
    outcomes(Behaviour::Flooder);
}

#[test]
fn blocks_for_late_rounds_do_not_stop_the_chain() {
    outcomes(Behaviour::BodyFlooder);
}

#[test]
fn heights_that_nobody_has_do_not_stop_the_chain() {
    outcomes(Behaviour::Claimer);
}

#[test]
fn who_lies_about_blocks_is_cut_off() {
    assert!(penalties(&outcomes(Behaviour::CatchUpLiar)) > 0);
}

/// Whose turn it was, and who was silent, is told by headers: a proposer must not be able to forge them.
#[test]
fn who_names_another_as_the_builder_of_its_blocks_is_not_believed() {
    let outcomes = outcomes(Behaviour::ForgedProposer);
    assert!(penalties(&outcomes) > 0, "nobody minds a block that its proposer did not sign");
    let late: usize = outcomes.iter().map(|it| it.late_rounds).sum();
    assert!(late > 0, "its turns were not lost");
}

#[test]
fn names_lead_back_to_behaviours() {
    for behaviour in Behaviour::ALL {
        assert_eq!(behaviour.to_string().parse(), Ok(behaviour));
    }
    assert!("honest".parse::<Behaviour>().is_err());
}
