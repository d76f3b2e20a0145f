//! The program `ehb-testnet`: starts, stops and shows a network on this machine.

mod cli;
mod commands;
mod demo;
mod screen;
mod starting;
mod stop_signal;
mod validators;

use std::process::ExitCode;

fn main() -> ExitCode {
    match ehb_console::parse::<cli::Cli>() {
        Ok(cli) => run(cli),
        Err(exit) => exit,
    }
}

fn run(cli: cli::Cli) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.map_err(Into::into).and_then(|it| it.block_on(commands::run(cli.command)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ehb_console::fail(error.chain(), ehb_localnet::error_code(&error));
            ehb_localnet::exit_code(&error)
        }
    }
}
