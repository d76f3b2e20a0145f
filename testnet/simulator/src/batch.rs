//! Runs a range of seeds on several threads.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ehb_executor::THREAD_STACK_BYTES;

use crate::{Options, Outcome, Rule, Setup, run};

/// Runs many seeds, in sequence on each thread.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The first seed.
    pub first: u64,
    /// The number of seeds.
    pub count: u64,
    /// The other options of the runs; its seed is ignored.
    pub options: Options,
    /// The number of threads.
    pub threads: usize,
    /// The rule at whose first violation to stop.
    pub stop_at: Option<Rule>,
}

/// The outcome of a seed, and the time that it took.
#[derive(Clone, Debug)]
pub struct Timed {
    /// The result of the run of the seed.
    pub outcome: Outcome,
    /// The time that it took.
    pub took: Duration,
}

impl Batch {
    /// Runs the seeds and returns the outcomes in the order of the seeds. With [`Batch::stop_at`], outcomes
    /// after that violation may be missing.
    pub fn run(&self, setup: &Setup) -> std::io::Result<Vec<Timed>> {
        let next = AtomicU64::new(0);
        let stop = AtomicBool::new(false);
        let outcomes = Mutex::new(Vec::new());
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= self.count {
                    break;
                }
                let begun = Instant::now();
                let seed = self.first.wrapping_add(index);
                let outcome = run(setup, &Options { seed, ..self.options.clone() });
                let broken = outcome.violation.as_ref().map(|it| it.rule);
                if broken.is_some() && broken == self.stop_at {
                    stop.store(true, Ordering::Relaxed);
                }
                let timed = Timed { outcome, took: begun.elapsed() };
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((index, timed));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                std::thread::Builder::new()
                    .name("simulate".to_owned())
                    .stack_size(THREAD_STACK_BYTES)
                    .spawn_scoped(scope, work)?;
            }
            Ok::<(), std::io::Error>(())
        })?;
        let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(outcomes.into_iter().map(|(_, timed)| timed).collect())
    }
}
