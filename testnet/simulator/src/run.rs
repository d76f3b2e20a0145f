use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ehb_types::Name;

use crate::checks::{Rule, Violation};
use crate::crashes::CrashPoints;
use crate::faults::Fired;
use crate::world::World;
use crate::{Behaviour, Mutation, Setup};

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Decides everything else.
    pub seed: u64,
    /// A rule to break on purpose.
    pub mutation: Option<&'static Mutation>,
    /// How byzantine nodes behave; `None` leaves their number and behaviour to the seed.
    pub behaviour: Option<Behaviour>,
    /// Whether to keep a line for everything that happens.
    pub trace: bool,
}

/// How many calls there are of each function, by module and name.
pub type Calls = BTreeMap<(Name, Name), u64>;

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// A fingerprint of everything that happened.
    pub digest: u64,
    /// The highest height that an honest node committed.
    pub height: u64,
    /// How many transactions became final.
    pub transactions: usize,
    /// How long the run took in virtual time, milliseconds.
    pub virtual_ms: u64,
    /// How long the chain took to go on after the faults, virtual milliseconds.
    pub recovery_ms: u64,
    /// How many calls of each function were final and successful.
    pub calls: Calls,
    /// How many events there were.
    pub events: u64,
    /// How many pieces of evidence against validators stand in blocks of others.
    pub evidence: usize,
    /// How many blocks were decided after the first round.
    pub late_rounds: usize,
    /// How often honest nodes cut off a byzantine one.
    pub penalties: u64,
    /// How often each kind of fault happened, and each byzantine behaviour.
    pub fired: Fired,
    /// Where crashes fell.
    pub crash_points: CrashPoints,
    /// The first rule that was broken, if any.
    pub violation: Option<Violation>,
    /// A line for everything that happened, if asked for.
    pub trace: Vec<String>,
}

/// Runs one seed to its end. The thread should have a stack of
/// [`ehb_executor::THREAD_STACK_BYTES`].
///
/// A panic in the code that is simulated is a broken rule like any other.
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
