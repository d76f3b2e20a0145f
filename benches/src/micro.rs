//! The costs of single steps: processor time of all threads in the best of several rounds, because other work
//! on the machine can only make a round slower.

mod calls;
mod compile;
pub(crate) mod execution;
mod history;
mod signatures;
mod tree;

use anyhow::{Context, anyhow};
use ehb_executor::THREAD_STACK_BYTES;
use nix::time::{ClockId, clock_gettime};

use crate::table::Line;
pub use calls::Calls;
pub use history::History;

/// The measurements.
pub struct Micro {
    /// The budget's lines.
    pub lines: Vec<Line>,
    /// The costs of the modules' calls.
    pub calls: Calls,
    /// The transfers in a block, and the processor time that history adds to one, microseconds.
    pub history_us: Vec<(u64, f64)>,
    /// The speed of this processor, 1 for the one that the budget was measured on.
    pub speed: f64,
}

/// All micro-benchmarks, on a thread like those of the node that call modules: with room for their stack,
/// which elsewhere is mapped for each call. The calls of the modules are measured in a small state and in one
/// with `large` items of each kind.
pub fn run(large: u64) -> anyhow::Result<Micro> {
    on_large_stack(move || measure(large))
}

/// Only the cost of state history.
pub fn history() -> anyhow::Result<History> {
    history::run()
}

fn on_large_stack<T: Send + 'static>(
    measure: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn(measure)?;
    thread.join().map_err(|_| anyhow!("a measurement panicked"))?
}

fn measure(large: u64) -> anyhow::Result<Micro> {
    let (mut lines, speed) = signatures::run()?;
    lines.extend(execution::run()?);
    lines.extend(tree::run()?);
    let history = history::run()?;
    lines.extend(history.lines);
    lines.extend(compile::run()?);
    let calls = calls::run(large)?;
    lines.extend(calls.budgets());
    Ok(Micro { lines, calls, history_us: history.added_us, speed })
}

/// The number of repetitions of each measurement.
pub(crate) const ROUNDS: usize = 10;

/// Processor time of one step, microseconds: the best of some rounds of `steps` steps each.
pub(crate) fn best_us(
    steps: usize,
    mut round: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let before = processor_time_us()?;
        round()?;
        best = best.min((processor_time_us()? - before) / steps as f64);
    }
    Ok(best)
}

pub(crate) fn processor_time_us() -> anyhow::Result<f64> {
    time_us(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

/// The processor time of this thread alone.
fn thread_time_us() -> anyhow::Result<f64> {
    time_us(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

fn time_us(clock: ClockId) -> anyhow::Result<f64> {
    let time = clock_gettime(clock).context("the clock of the processor time")?;
    Ok(time.tv_sec() as f64 * 1e6 + time.tv_nsec() as f64 / 1e3)
}
