//! The command line's grammar: noun, verb, options.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::Command;
use crate::failure::{Exit, Failure};
use crate::options::Options;

/// Keys, accounts and payments on an EHB chain.
///
/// Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 internal error, 2 wrong usage, 3
/// the node is unreachable or not ready, 4 the chain rejected the request or the transaction failed, 5 a key
/// or passphrase is wrong or missing, 6 the outcome is unknown, 130 interrupted.
#[derive(Debug, Parser)]
#[command(
    name = "ehb",
    version,
    disable_help_subcommand = true,
    after_help = "Example:\n  ehb wallet transfer --from alice --to bob --asset EUR --amount 12.50"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A parsed command line.
pub(crate) enum Parsed {
    /// A command.
    Run(Box<Cli>),
    /// An invalid command line; whether errors are printed as JSON, and the error.
    Refused(bool, Failure),
    /// Help or version, which was already printed.
    Shown(ExitCode),
}

fn try_parse() -> Result<Cli, clap::Error> {
    let matches = ehb_console::without_empty_variables(Cli::command()).try_get_matches()?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    let is_argument = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    cli.options.node_is_argument = is_argument("node");
    cli.options.testnet_is_argument = is_argument("testnet");
    Ok(cli)
}

/// Reads the process's arguments.
pub(crate) fn parse() -> Parsed {
    let error = match try_parse() {
        Ok(cli) => return Parsed::Run(Box::new(cli)),
        Err(error) => error,
    };
    let shows = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if json && !shows {
        let text = error.to_string();
        // Its first paragraph: the arguments that are missing are on lines of their own.
        let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
        let message = lines.collect::<Vec<_>>().join(" ");
        let message = message.trim_start_matches("error: ");
        let failure = Failure::new(Exit::Usage, "USAGE", message)
            .hint("run the command with --help to see its arguments");
        return Parsed::Refused(true, failure);
    }
    Parsed::Shown(ehb_console::show(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Collects the arguments of all commands below one that have the name of an option of all commands.
    fn collisions(command: &clap::Command, global: &[&clap::Id], found: &mut Vec<String>) {
        for below in command.get_subcommands() {
            let same = below.get_arguments().filter(|it| global.contains(&it.get_id()));
            found.extend(same.map(|it| format!("{} of {}", it.get_id(), below.get_name())));
            collisions(below, global, found);
        }
    }

    /// Where an argument has such a name, its value silently becomes that of the option.
    #[test]
    fn no_argument_has_the_name_of_an_option_of_all_commands() {
        let command = Cli::command();
        let global: Vec<_> = command.get_arguments().map(clap::Arg::get_id).collect();
        assert!(global.iter().any(|it| *it == "node"), "{global:?}");
        let mut found = Vec::new();
        collisions(&command, &global, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
