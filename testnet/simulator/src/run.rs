//! The entry point: the options, the run and the outcome of one seed.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ehb_types::Name;

use crate::checks::{Rule, Violation};
use crate::crashes::CrashPoints;
use crate::faults::Fired;
use crate::world::World;
use crate::{Behaviour, Mutation, Setup};

/// The options of a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The seed, which decides everything else.
    pub seed: u64,
    /// A mutation to apply.
    pub mutation: Option<&'static Mutation>,
    /// How byzantine nodes behave; `None` leaves their number and behaviour to the seed.
    pub behaviour: Option<Behaviour>,
    /// Whether to record a line for every event.
    pub trace: bool,
}

/// The number of calls of each function, by module and name.
pub type Calls = BTreeMap<(Name, Name), u64>;

/// The outcome of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed from which the run can be repeated.
    pub seed: u64,
    /// A fingerprint of all events.
    pub digest: u64,
    /// The highest height that an honest node committed.
    pub height: u64,
    /// The number of final transactions.
    pub transactions: usize,
    /// The duration of the run in virtual time, milliseconds.
    pub virtual_ms: u64,
    /// The time until the chain made progress after the faults, virtual milliseconds.
    pub recovery_ms: u64,
    /// The number of successful final calls of each function.
    pub calls: Calls,
    /// The number of events.
    pub events: u64,
    /// The number of pieces of evidence in blocks of other validators.
    pub evidence: usize,
    /// The number of blocks decided after the first round.
    pub late_rounds: usize,
    /// The number of times that honest nodes penalised a byzantine one.
    pub penalties: u64,
    /// The number of times that each kind of fault, and each byzantine behaviour, happened.
    pub fired: Fired,
    /// The points of crashes.
    pub crash_points: CrashPoints,
    /// The first rule that was broken, if any.
    pub violation: Option<Violation>,
    /// A line for every event, if requested.
    pub trace: Vec<String>,
}

/// Runs one seed to its end. The thread should have a stack of
/// [`ehb_executor::THREAD_STACK_BYTES`].
///
/// A panic in the simulated code is a violation like any other.
pub fn run(setup: &Setup, options: &Options) -> Outcome {
    let ran = catch_unwind(AssertUnwindSafe(|| World::new(setup, options).run()));
    ran.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = text.unwrap_or_else(|| "a panic without a message".to_owned());
        Outcome {
            seed: options.seed,
            digest: 0,
            height: 0,
            transactions: 0,
            virtual_ms: 0,
            recovery_ms: 0,
            calls: Calls::new(),
            events: 0,
            evidence: 0,
            late_rounds: 0,
            penalties: 0,
            fired: Fired::new(),
            crash_points: CrashPoints::new(),
            violation: Some(Violation { rule: Rule::Panic, at_ms: 0, what }),
            trace: Vec::new(),
        }
    })
}
