//! Each byzantine behaviour: the chain does not fork or stop.

use super::{simulate, violations};
use crate::{Behaviour, Outcome};

/// The number of seeds for each behaviour.
const SEEDS: u64 = 12;

/// Runs with one byzantine node of four; no rule must be broken. Returns the outcomes.
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
fn equivocating_proposals_are_recorded_and_do_not_fork_the_chain() {
    let outcomes = outcomes(Behaviour::Equivocator);
    assert!(evidence(&outcomes) > 0, "no block contains evidence of its two proposals or votes");
    assert!(penalties(&outcomes) > 0, "a body that does not match its header is not penalised");
}

#[test]
fn double_votes_are_recorded_and_do_not_fork_the_chain() {
    assert!(evidence(&outcomes(Behaviour::DoubleVoter)) > 0);
}

#[test]
fn forgetting_the_lock_does_not_fork_the_chain() {
    let outcomes = outcomes(Behaviour::Amnesiac);
    assert_eq!(evidence(&outcomes), 0, "it does not contradict itself in one round");
}

#[test]
fn a_silent_validator_does_not_stop_the_chain() {
    let late: usize = outcomes(Behaviour::Silent).iter().map(|it| it.late_rounds).sum();
    assert!(late > 0, "no round had to continue without the silent proposer");
}

#[test]
fn messages_for_far_heights_and_rounds_do_not_stop_the_chain() {
    outcomes(Behaviour::Flooder);
}

#[test]
fn blocks_for_late_rounds_do_not_stop_the_chain() {
    outcomes(Behaviour::BodyFlooder);
}

#[test]
fn claimed_heights_do_not_stop_the_chain() {
    outcomes(Behaviour::Claimer);
}

#[test]
fn single_blocks_as_answers_do_not_stop_the_chain() {
    outcomes(Behaviour::Miser);
}

#[test]
fn blocks_with_wrong_signatures_do_not_stop_the_chain_and_their_author_is_penalised() {
    assert!(penalties(&outcomes(Behaviour::WrongSigner)) > 0);
}

#[test]
fn senders_of_false_blocks_are_penalised() {
    assert!(penalties(&outcomes(Behaviour::CatchUpLiar)) > 0);
}

/// Headers determine the rotation and which validators were silent: a proposer must not be able to forge
/// them.
#[test]
fn forged_block_builders_are_rejected() {
    let outcomes = outcomes(Behaviour::ForgedProposer);
    assert!(penalties(&outcomes) > 0, "a block that its proposer did not sign is not penalised");
    let late: usize = outcomes.iter().map(|it| it.late_rounds).sum();
    assert!(late > 0, "its turns were not lost");
}

#[test]
fn behaviour_names_can_be_parsed() {
    for behaviour in Behaviour::ALL {
        assert_eq!(behaviour.to_string().parse(), Ok(behaviour));
    }
    assert!("honest".parse::<Behaviour>().is_err());
}
