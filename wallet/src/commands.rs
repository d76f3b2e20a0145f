//! What each command does, one file a command or noun.

mod account;
mod asset;
mod balance;
mod confirm;
mod key;
mod module;
mod pending;
mod send;
mod transfer;
mod tx;

use std::future::Future;

use crate::accounts::Accounts;
use crate::args::{AccountCommand, Cli, Command, ModuleCommand, TxCommand, WalletCommand};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Carries out the command.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<(), Failure> {
    let accounts = Accounts::new(&cli.options)?;
    match cli.command {
        Command::Key(command) => key::run(&accounts, command, output),
        Command::Account(AccountCommand::Show { account }) => block_on(async {
            account::show(&accounts.connect().await?, &accounts, &account, output).await
        }),
        Command::Wallet(WalletCommand::Balance { account, asset }) => block_on(async {
            balance::show(&accounts.connect().await?, &accounts, &account, asset.as_deref(), output)
                .await
        }),
        Command::Wallet(WalletCommand::Transfer(arguments)) => block_on(async {
            transfer::run(&accounts.connect().await?, &accounts, &arguments, output).await
        }),
        Command::Module(ModuleCommand::List) => {
            block_on(async { module::list(&accounts.connect().await?, output).await })
        }
        Command::Module(ModuleCommand::Upgrade(arguments)) => block_on(async {
            module::upgrade(&accounts.connect().await?, &accounts, &arguments, output).await
        }),
        Command::Tx(TxCommand::Show { id }) => {
            block_on(async { tx::show(&accounts.connect().await?, &id, output).await })
        }
        Command::Tx(TxCommand::Wait { id, patience }) => block_on(async {
            tx::wait(&accounts.connect().await?, &accounts, &id, patience, output).await
        }),
        Command::Tx(TxCommand::Pending) => {
            block_on(async { pending::list(&accounts.connect().await?, &accounts, output).await })
        }
        Command::Tx(TxCommand::Status { id }) => block_on(async {
            pending::status(&accounts.connect().await?, &accounts, &id, output).await
        }),
        Command::Tx(TxCommand::Resubmit { id, patience }) => block_on(async {
            pending::resubmit(&accounts.connect().await?, &accounts, &id, patience, output).await
        }),
    }
}

fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))?
        .block_on(command)
}
