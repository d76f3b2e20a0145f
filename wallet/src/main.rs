//! The `ehb` command: parses the arguments, runs one command and reports its result.

mod accounts;
mod args;
mod clock;
mod commands;
mod contacts;
mod failure;
mod manifest;
mod node;
mod options;
mod output;
mod secrets;

use std::process::ExitCode;

use args::Parsed;

fn main() -> ExitCode {
    refuse_core_dumps();
    match args::parse() {
        Parsed::Run(cli) => {
            let output = output::Output::new(&cli.options);
            match commands::run(cli.command, &cli.options, &output) {
                Ok(()) => {
                    output.finish();
                    ExitCode::SUCCESS
                }
                Err(failure) => output.failure(&failure),
            }
        }
        Parsed::Refused(json, failure) => output::Output::of_errors(json).failure(&failure),
        Parsed::Shown(code) => code,
    }
}

/// A core dump, or a debugger of the same user, would show keys and passphrases in memory.
fn refuse_core_dumps() {
    // If the system does not support it, the only option is to continue.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
}
