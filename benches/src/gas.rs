//! Measures the longest time that a unit of gas can take: processor time for each unit of gas of every host
//! function, of instructions, of checks of hostile code, of every function of the modules, and of whole blocks, in
//! states that a hostile account would create.
//!
//! Everything runs on a store on disk, as in a node. The measure is the time of a unit of gas divided by its
//! time in a plain transfer in the same run, so that the speed of the machine cancels out.

mod blocks;
mod checking;
mod disk;
mod functions;
mod host;
mod instructions;
mod probe;
mod queues;

use anyhow::{Context, anyhow};
use ehb_executor::THREAD_STACK_BYTES;
use nix::time::{ClockId, clock_gettime};

use crate::micro::execution::Ledger;

/// The maximum ratio of the time of a unit of gas to that in a plain transfer.
pub const RATIO_MAX: f64 = 15.0;

/// The number of repetitions of each measurement; the fastest counts, because other work on the machine can
/// only make it slower.
const ROUNDS: usize = 7;

/// The measurement of one kind of work.
#[derive(Clone, Debug, PartialEq)]
pub struct GasLine {
    /// The work.
    pub what: String,
    /// Its gas.
    pub gas: f64,
    /// Its processor time, nanoseconds.
    pub ns: f64,
}

impl GasLine {
    /// Nanoseconds for a unit of gas.
    pub fn ns_by_gas(&self) -> f64 {
        self.ns / self.gas.max(1.0)
    }
}

/// The plain transfer, and everything else.
pub struct GasTable {
    /// A transfer of the wallet, without signature and block.
    pub transfer: GasLine,
    /// The rest, in groups.
    pub lines: Vec<GasLine>,
}

impl GasTable {
    /// The ratio of the time of a unit of gas to that in the transfer.
    pub fn ratio(&self, line: &GasLine) -> f64 {
        line.ns_by_gas() / self.transfer.ns_by_gas()
    }

    /// The lines above [`RATIO_MAX`].
    pub fn too_cheap(&self) -> impl Iterator<Item = &GasLine> {
        self.lines.iter().filter(|line| self.ratio(line) > RATIO_MAX)
    }
}

/// Measures everything, on a thread like those of the node that call modules.
pub fn run() -> anyhow::Result<GasTable> {
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn(measure_all)?;
    thread.join().map_err(|_| anyhow!("a measurement panicked"))?
}

fn measure_all() -> anyhow::Result<GasTable> {
    let ledger = Ledger::new(blocks::ACCOUNTS)?;
    let header = &ledger.header;
    let business = functions::Business::new(header)?;
    let transfer = business.transfer()?;
    let mut lines = host::lines(header)?;
    lines.extend(instructions::lines(header)?);
    lines.extend(checking::lines(header)?);
    lines.extend(queues::lines(header)?);
    lines.extend(business.lines()?);
    lines.extend(blocks::lines(&ledger)?);
    Ok(GasTable { transfer, lines })
}

/// Measures work that is prepared again for each round, and returns its gas.
fn measure<T>(
    what: impl Into<String>,
    mut prepare: impl FnMut() -> anyhow::Result<T>,
    mut work: impl FnMut(&mut T) -> anyhow::Result<u64>,
) -> anyhow::Result<GasLine> {
    let what = what.into();
    let (mut best_ns, mut gas) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let mut prepared = prepare().with_context(|| what.clone())?;
        let before = thread_time_ns()?;
        gas = work(&mut prepared).with_context(|| what.clone())?;
        best_ns = best_ns.min(thread_time_ns()? - before);
    }
    Ok(GasLine { what, gas: gas as f64, ns: best_ns })
}

/// Processor time of this thread alone: RocksDB works on others in the background.
fn thread_time_ns() -> anyhow::Result<f64> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .context("the clock of the processor time")?;
    Ok(time.tv_sec() as f64 * 1e9 + time.tv_nsec() as f64)
}
