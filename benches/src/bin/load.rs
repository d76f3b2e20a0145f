//! The program `ehb-load`: loads a network at a fixed rate and measures latencies from the intended
//! send time.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use ehb_benches::load::{Ended, Plan, Report, Scenario, run};
use ehb_console::WriteError;
use ehb_localnet::{BAD_PLAN, INTERRUPTED, coded};
use ehb_sdk::check_url;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Loads an EHB network, open-loop, and checks that nothing is lost.
#[derive(Debug, Parser)]
#[command(
    name = "ehb-load",
    version,
    after_help = "Ctrl-C ends the sending early: what was accepted is waited for and reported. A second one ends \
                  at once. Nodes can be killed and restarted meanwhile. Where something went wrong, the report is \
                  printed all the same, and the exit code is 1.\n\nExample:\n  ehb-load --network ./net --scenario mixed --rate 1000 --duration 10 --json"
)]
struct Arguments {
    /// The folder of the network, as passed to ehb-testnet.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    network: PathBuf,
    /// Nodes to send to; by default all running ones.
    #[arg(long, value_delimiter = ',', value_parser = endpoint)]
    endpoints: Vec<String>,
    /// The kind of load.
    #[arg(long, default_value = "transfer")]
    scenario: ScenarioName,
    /// Transactions a second, each with one call. A call that depends on another is sent once that is final;
    /// meanwhile other flows are started, so that the rate is kept.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rate: u64,
    /// Duration, seconds, at most a day.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    duration: u64,
    /// Send this many at once, instead of at a rate. Of dependent calls only the first ones are sent.
    #[arg(
        long,
        conflicts_with_all = ["rate", "duration"],
        value_parser = clap::value_parser!(u64).range(1..=TRANSACTIONS_MAX)
    )]
    burst: Option<u64>,
    /// How long to wait for a node that is away, and for the last transactions to become final, seconds, at most a day.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: u64,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// The maximum number of transactions of a load: each is kept in memory until the end.
const TRANSACTIONS_MAX: u64 = 10_000_000;

/// The URL of a node.
fn endpoint(text: &str) -> Result<String, String> {
    check_url(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScenarioName {
    /// Payments between the load accounts, signed in advance.
    Transfer,
    /// Orders of two lines: placed, accepted, shipped, delivered, confirmed.
    Marketplace,
    /// Usage of credits: authorised, captured, and a batch of four reports.
    Credit,
    /// Jobs of one milestone: posted, applied for, offered, accepted, funded, submitted, approved, paid.
    Jobs,
    /// Of 100 calls, 40 for orders, 20 for jobs, 20 for credits, 20 transfers.
    Mixed,
}

fn main() -> ExitCode {
    let arguments: Arguments = match ehb_console::parse() {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let ended = load(&arguments).and_then(|Ended { report, problem }| {
        // Measurements are printed also after an error.
        print(&report, arguments.json)?;
        problem.map_or(Ok(()), Err)
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ehb_console::fail(error.chain(), ehb_localnet::error_code(&error));
            ehb_localnet::exit_code(&error)
        }
    }
}

fn load(arguments: &Arguments) -> anyhow::Result<Ended> {
    let scenario = match arguments.scenario {
        ScenarioName::Transfer => Scenario::Transfer,
        ScenarioName::Marketplace => Scenario::Marketplace,
        ScenarioName::Credit => Scenario::Credit,
        ScenarioName::Jobs => Scenario::Jobs,
        ScenarioName::Mixed => Scenario::Mixed,
    };
    let count = arguments.burst.unwrap_or(arguments.rate * arguments.duration);
    if count > TRANSACTIONS_MAX {
        let text = format!(
            "{count} transactions are more than the {TRANSACTIONS_MAX} whose outcomes a load can follow: lower --rate or \
             --duration"
        );
        return Err(coded(BAD_PLAN, text));
    }
    let plan = Plan {
        network: arguments.network.clone(),
        endpoints: arguments.endpoints.clone(),
        scenario,
        rate: if arguments.burst.is_some() { 0 } else { arguments.rate },
        count: usize::try_from(count)?,
        patience: Duration::from_secs(arguments.patience),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run_until_interrupted(&plan))
}

/// Runs a load until its end or the first Ctrl-C, and aborts at the second.
async fn run_until_interrupted(plan: &Plan) -> anyhow::Result<Ended> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let (stop, stopped) = oneshot::channel::<()>();
    let twice = async move {
        interrupts.recv().await;
        drop(stop);
        interrupts.recv().await;
    };
    let stopped = async {
        // It ends only when the other end is dropped.
        let _ = stopped.await;
    };
    tokio::select! {
        ended = run(plan, stopped) => ended,
        () = twice => Err(coded(
            INTERRUPTED,
            "interrupted twice: the outcome of the remaining transactions is unknown".to_owned(),
        )),
    }
}

fn print(report: &Report, json: bool) -> Result<(), WriteError> {
    if json {
        return ehb_console::json(report);
    }
    let latency = &report.latency_ms;
    let mut lines = vec![
        format!(
            "sent {}  accepted {}  committed {}  failed {}  rate {:.0}/s",
            report.sent, report.accepted, report.committed, report.failed, report.rate
        ),
        format!(
            "latency ms  p50 {:.1}  p95 {:.1}  p99 {:.1}  max {:.1}  longest pause {} ms",
            latency.p50, latency.p95, latency.p99, latency.max, report.longest_pause_ms
        ),
    ];
    if report.unknown > 0 {
        lines.push(format!("without an answer, and not final  {}", report.unknown));
    }
    lines.extend(report.unreachable.iter().map(|url| format!("not compared, no answer  {url}")));
    lines.extend(report.refused.iter().map(|(code, count)| format!("refused {code} {count}")));
    lines
        .extend(report.failures.iter().map(|(failure, count)| format!("failed {failure} {count}")));
    lines.extend(report.calls.iter().map(|(function, calls)| {
        let gas = calls.gas.checked_div(calls.committed).unwrap_or_default();
        format!("{function:30}  {:>8} committed  {:>8} gas each", calls.committed, gas)
    }));
    ehb_console::result(&lines.join("\n"))
}
