//! The program `ehb-indexer`: parses the arguments, runs one command and reports its result.

mod cli;
mod commands;
mod webhooks;

use std::io::IsTerminal;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match ehb_console::parse::<cli::Cli>() {
        Ok(cli) => run(cli),
        Err(exit) => exit,
    }
}

fn run(cli: cli::Cli) -> ExitCode {
    let colour = std::io::stderr().is_terminal();
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colour)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime.map_err(Into::into).and_then(|it| it.block_on(commands::run(cli.command)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ehb_console::fail(error.chain(), commands::code(&error));
            ExitCode::FAILURE
        }
    }
}
