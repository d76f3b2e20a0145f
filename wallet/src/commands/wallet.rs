//! `ehb wallet`: what accounts own, and payments.

use clap::Subcommand;

use super::{balance, transfer};
use crate::accounts::Accounts;
use crate::failure::Failure;
use crate::options::State;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Show what an account owns: asset, available, held; one asset a line
    #[command(after_help = "Example:\n  ehb wallet balance alice --asset EUR")]
    Balance {
        /// The account: a name you know it by, or an address
        account: String,
        /// Only this asset
        #[arg(long, value_name = "ASSET")]
        asset: Option<String>,
        #[command(flatten)]
        state: State,
    },
    /// Pay from an account of yours, and wait until the payment is final; prints its id and height
    #[command(
        after_help = "Example:\n  ehb wallet transfer --from alice --to bob --asset EUR --amount 12.50 \
                      --reference 'invoice 42'"
    )]
    Transfer(transfer::Transfer),
}

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: WalletCommand,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    match command {
        WalletCommand::Balance { account, asset, state } => {
            balance::show(&client, accounts, &account, asset.as_deref(), state, output).await
        }
        WalletCommand::Transfer(arguments) => {
            transfer::run(&client, accounts, &arguments, output).await
        }
    }
}
