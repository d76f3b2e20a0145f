//! The node's program: reads the configuration, performs the effects.

mod asked;
mod audit;
mod backend;
mod card;
mod cli;
mod client_metrics;
mod config;
mod consent;
mod descriptors;
mod driver;
mod error_code;
mod fate;
mod fresh_key;
mod genesis;
mod gossips;
mod health;
mod init;
mod intake;
mod interfaces;
mod joining;
mod keys;
mod metrics;
mod modules;
mod network_metrics;
mod open;
mod peer;
mod performer;
mod place;
mod priority;
mod published;
mod rpc_config;
mod run;
mod setting;
mod text_file;
mod timers;
mod unlock;
mod unreadable;
mod view;
mod wall_clock;
mod watch;
mod wire;
mod workers;

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// RocksDB uses it too, because it replaces the C library's allocator. A background thread returns memory
/// that was unused for ten seconds, so that an idle node is small, and a busy one makes few requests to the
/// system.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli: cli::Cli = match ehb_console::parse() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let result = match cli.command {
        cli::Command::Init(arguments) => init::init(&arguments),
        cli::Command::Start(arguments) => run::start(&arguments),
        cli::Command::Card(arguments) => card::card(&arguments),
        cli::Command::Consent(arguments) => consent::consent(&arguments),
        cli::Command::Join(arguments) => joining::join(&arguments),
        cli::Command::Genesis(command) => genesis::run(&command),
        cli::Command::Unlock(arguments) => unlock::unlock(&arguments),
        cli::Command::Audit(arguments) => audit::audit(&arguments),
        cli::Command::Config(cli::ConfigCommand::Show(arguments)) => config::show(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ehb_console::fail(error.chain(), error_code::of(&error));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests;
