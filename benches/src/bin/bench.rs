//! The program `ehb-bench`: one table of budget, measured and ratio.

use std::process::ExitCode;

use anyhow::ensure;
use clap::Parser;
use ehb_benches::gas;
use ehb_benches::indexer;
use ehb_benches::micro::{self, Micro};
use ehb_benches::network::{self, Effort};
use ehb_benches::table;
use tikv_jemallocator::Jemalloc;

/// The same allocator as in the node.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Measures the budget's lines on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "ehb-bench",
    version,
    after_help = "Example:\n  ehb-bench --rate 4000 --seconds 60"
)]
struct Arguments {
    /// Only the costs of single steps.
    #[arg(long)]
    micro: bool,
    /// Only the cost of state history, and its share of the processor time of a node.
    #[arg(long, conflicts_with_all = ["micro", "gas"])]
    history: bool,
    /// Only whole blocks and reads from one node while blocks are committed, at the head and 9,000 heights back.
    #[arg(long, conflicts_with_all = ["micro", "history", "gas"])]
    following: bool,
    /// Only the indexer, with a private Postgres.
    #[arg(long, conflicts_with_all = ["micro", "history", "following", "gas"])]
    indexer: bool,
    /// Only the longest time that a unit of gas can take.
    #[arg(long, conflicts_with = "micro")]
    gas: bool,
    /// Number of products, orders, jobs, accounts and grants in the large state for calls.
    #[arg(long, default_value_t = 100_000)]
    large: u64,
    /// Transactions a second in the sustained load.
    #[arg(long, default_value_t = 5_500)]
    rate: u64,
    /// Seconds of the sustained load.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Transactions of the burst.
    #[arg(long, default_value_t = 60_000)]
    burst: usize,
}

impl Arguments {
    fn effort(&self) -> Effort {
        let Self { rate, seconds, burst, .. } = *self;
        Effort { rate, seconds, burst }
    }
}

fn main() -> ExitCode {
    let arguments: Arguments = match ehb_console::parse() {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ehb_console::fail(error.chain(), ehb_localnet::error_code(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.history {
        let history = micro::history()?;
        ehb_console::result(&table::render(&history.lines, 1.0))?;
        let shares = on_runtime(network::history_share(&history.added_us))?;
        return Ok(ehb_console::result(&table::render(&shares, 1.0))?);
    }
    if arguments.following {
        let lines = on_runtime(network::serving(arguments.effort()))?;
        return Ok(ehb_console::result(&table::render(&lines, 1.0))?);
    }
    if arguments.indexer {
        return Ok(ehb_console::result(&table::render(&on_runtime(indexer::run())?, 1.0))?);
    }
    if !arguments.gas {
        budget(arguments)?;
    }
    let measured = gas::run()?;
    ehb_console::result(table::render_gas(&measured).trim_end())?;
    let too_cheap = measured.too_cheap().count();
    ensure!(
        too_cheap == 0,
        "{too_cheap} lines of the gas table take more than {} times as long for a unit of gas as a transfer",
        gas::RATIO_MAX
    );
    Ok(())
}

fn on_runtime<T>(measure: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build()?.block_on(measure)
}

fn budget(arguments: &Arguments) -> anyhow::Result<()> {
    let Micro { mut lines, calls, history_us, speed } = micro::run(arguments.large)?;
    if !arguments.micro {
        lines.extend(on_runtime(network::run(arguments.effort()))?);
        lines.extend(on_runtime(network::history_share(&history_us))?);
        lines.extend(on_runtime(indexer::run())?);
    }
    ehb_console::result(&table::render(&lines, speed))?;
    ehb_console::result(table::render_calls(calls.sizes, &calls.lines).trim_end())?;
    Ok(())
}
