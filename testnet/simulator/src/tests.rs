//! Runs of the simulator by seed, and helpers for its tests.

mod behaviours;
mod checks;
mod disk;
mod legend;
mod mutations;
mod seeds;

use crate::{Batch, Behaviour, Options, Setup, Timed};

const NODES: usize = 4;
/// Two threads, as the machines that run the tests have two cores.
const THREADS: usize = 2;

/// Runs seeds of a network of four nodes.
fn simulate(first: u64, count: u64, behaviour: Option<Behaviour>) -> Vec<Timed> {
    let options = Options { behaviour, ..Options::default() };
    let batch = Batch { first, count, options, threads: THREADS, stop_at: None };
    batch.run(&Setup::new(NODES).unwrap()).unwrap()
}

/// The violations, each with its seed.
fn violations(runs: &[Timed]) -> Vec<String> {
    let broken = runs.iter().filter_map(|run| {
        let outcome = &run.outcome;
        outcome.violation.as_ref().map(|violation| format!("seed {}: {violation}", outcome.seed))
    });
    broken.collect()
}
