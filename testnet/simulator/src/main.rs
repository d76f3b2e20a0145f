//! The program `ehb-simulate`: runs many seeds and reports which of them broke a rule.

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use ehb_simulator::{
    Batch, Behaviour, Fired, Mutation, NODES_MAX, Options, Outcome, Setup, SetupError, Timed,
};

/// The maximum number of violations that are shown.
const SHOWN_MAX: usize = 10;

/// Runs replicas in virtual time under faults, for many seeds.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  ehb-simulate --seeds 1000\n  ehb-simulate --seed 42 --trace 2>trace.txt"
)]
struct Cli {
    /// Number of seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// Number of nodes, all of them validators.
    #[arg(long, default_value_t = 4, value_parser = nodes)]
    nodes: usize,
    /// Runs only this seed and prints its digest.
    #[arg(long, conflicts_with_all = ["seeds", "first_seed"])]
    seed: Option<u64>,
    /// Prints a line for every event to stderr; only with --seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Runs a replica with a deliberate bug; an unknown name lists all mutations.
    #[arg(long, value_parser = Mutation::named)]
    mutation: Option<&'static Mutation>,
    /// Makes as many nodes byzantine as the network tolerates, all with this behaviour.
    #[arg(long)]
    byzantine: Option<Behaviour>,
    /// Number of threads; one for each processor by default.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

/// Reads the number of nodes.
fn nodes(text: &str) -> Result<usize, String> {
    let nodes = text.parse::<usize>().map_err(|error| error.to_string())?;
    match (1..=NODES_MAX).contains(&nodes) {
        true => Ok(nodes),
        false => Err(SetupError::Nodes(nodes).to_string()),
    }
}

fn main() -> ExitCode {
    let cli: Cli = match ehb_console::parse() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    match simulate(&cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let cannot_print = error.is::<ehb_console::WriteError>();
            ehb_console::fail(
                [&error],
                if cannot_print { ehb_console::WriteError::CODE } else { "INTERNAL" },
            );
            ExitCode::FAILURE
        }
    }
}

/// Returns whether no rule was broken.
fn simulate(cli: &Cli) -> Result<bool, Box<dyn std::error::Error>> {
    let setup = Setup::new(cli.nodes)?;
    let options =
        Options { seed: 0, mutation: cli.mutation, behaviour: cli.byzantine, trace: cli.trace };
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let batch = Batch {
        first: cli.seed.unwrap_or(cli.first_seed),
        count: if cli.seed.is_some() { 1 } else { cli.seeds },
        options,
        threads: cli.threads.map_or(cores, NonZeroUsize::get),
        stop_at: None,
    };
    let begun = Instant::now();
    let runs = batch.run(&setup)?;
    for line in runs.iter().flat_map(|run| &run.outcome.trace) {
        ehb_console::say(line);
    }
    let broken: Vec<&Outcome> =
        runs.iter().map(|run| &run.outcome).filter(|it| it.violation.is_some()).collect();
    for outcome in broken.iter().take(SHOWN_MAX) {
        ehb_console::result(&violation(cli, outcome))?;
    }
    match (cli.seed, runs.first()) {
        (Some(_), Some(run)) => ehb_console::result(&single(&run.outcome))?,
        _ => ehb_console::result(&summary(&runs, begun.elapsed(), broken.len()))?,
    }
    Ok(broken.is_empty())
}

fn violation(cli: &Cli, outcome: &Outcome) -> String {
    let what = outcome.violation.as_ref().map_or_else(String::new, ToString::to_string);
    let mut again = format!("ehb-simulate --nodes {} --seed {} --trace", cli.nodes, outcome.seed);
    if let Some(mutation) = cli.mutation {
        again += &format!(" --mutation {mutation}");
    }
    if let Some(behaviour) = cli.byzantine {
        again += &format!(" --byzantine {behaviour}");
    }
    format!("seed {} broke a rule: {what}\n  again: {again}", outcome.seed)
}

fn single(outcome: &Outcome) -> String {
    format!(
        "seed {}: digest {:016x}, height {}, {} transactions, {} events in {} virtual ms, {} ms to go on",
        outcome.seed,
        outcome.digest,
        outcome.height,
        outcome.transactions,
        outcome.events,
        outcome.virtual_ms,
        outcome.recovery_ms
    )
}

fn upgrades(outcome: &Outcome) -> u64 {
    let calls = outcome.calls.iter();
    calls.filter(|((_, function), _)| function.as_str() == "upgrade-modules").map(|it| it.1).sum()
}

fn summary(runs: &[Timed], took: Duration, broken: usize) -> String {
    let seconds = took.as_secs_f64().max(1e-9);
    let sum = |of: fn(&Outcome) -> u64| runs.iter().map(|run| of(&run.outcome)).sum::<u64>();
    let crashes: u64 = runs.iter().flat_map(|run| run.outcome.crash_points.values()).sum();
    let mut text = format!(
        "{} seeds in {seconds:.1} s, {:.1} seeds/s; {} heights, {} transactions, {} upgrades of modules, \
         {crashes} crashes between effects; {broken} broke a rule",
        runs.len(),
        runs.len() as f64 / seconds,
        sum(|it| it.height),
        sum(|it| it.transactions as u64),
        sum(upgrades),
    );
    if let Some(worst) = runs.iter().max_by_key(|run| run.outcome.recovery_ms) {
        let ms = worst.outcome.recovery_ms;
        text +=
            &format!("\nworst seed: {}, which took {ms} virtual ms to go on", worst.outcome.seed);
    }
    if let Some(slowest) = runs.iter().max_by_key(|run| run.took) {
        let ms = slowest.took.as_millis();
        text += &format!("\nslowest seed: {}, which took {ms} ms to run", slowest.outcome.seed);
    }
    let mut fired = Fired::new();
    for (name, count) in runs.iter().flat_map(|run| &run.outcome.fired) {
        *fired.entry(name).or_default() += count;
    }
    let fired: Vec<String> = fired.iter().map(|(name, count)| format!("{name} {count}")).collect();
    text += &format!("\nfaults: {}", fired.join(", "));
    text
}
