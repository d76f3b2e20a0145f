//! The node's program: reads the configuration, performs the effects.

mod audit;
mod backend;
mod chain;
mod cli;
mod code;
mod compiled;
mod config;
mod driver;
mod gossips;
mod init;
mod intake;
mod keys;
mod metrics;
mod modules;
mod output;
mod performer;
mod run;
mod shared;
mod timers;
mod unlock;
mod unused;
mod workers;

use std::process::ExitCode;

use clap::Parser;

/// Faster than the C library's with many threads, and it gives memory back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let result = match cli.command {
        cli::Command::Init(arguments) => init::init(&arguments),
        cli::Command::Start(arguments) => run::start(&arguments),
        cli::Command::Unlock(arguments) => unlock::unlock(&arguments),
        cli::Command::Audit(arguments) => audit::audit(&arguments),
        cli::Command::Config(cli::ConfigCommand::Show(arguments)) => config::show(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests;
