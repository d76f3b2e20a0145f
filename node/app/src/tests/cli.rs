//! The help of commands that change or verify what a validator signs.

use clap::CommandFactory;

use crate::cli::Cli;

/// Conditions, the log and the status send operators to these texts.
#[test]
fn the_help_of_a_command_is_its_whole_text() {
    let rows = [
        (
            "unlock",
            "Let a validator that lost its records",
            "Unlock as few validators as are needed for a quorum.",
        ),
        (
            "audit",
            "Verify the data directory of a stopped node",
            "every block follows the previous one",
        ),
    ];
    let mut all = Cli::command();
    for (name, in_list, in_help) in rows {
        let command = all.find_subcommand_mut(name).unwrap();
        let about = command.get_about().unwrap().to_string();
        assert!(about.starts_with(in_list) && about.lines().count() == 1, "{about}");
        let help = command.render_long_help().to_string();
        assert!(help.contains(in_help), "{help}");
    }
}
