//! The commands: a noun has a file with its commands, their arguments and examples, and what they do; a long
//! command has one of its own.

mod account;
mod arguments;
mod asset;
mod balance;
mod call;
mod card;
mod confirm;
mod consent;
mod contact;
mod gap;
mod gov;
mod key;
mod may;
mod module;
mod org;
mod pending;
mod proof;

mod send;
mod sign_in;
mod submit;
mod transfer;
mod tx;
mod wallet;

use std::future::Future;

use clap::Subcommand;

use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::options::Options;
use crate::output::Output;

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, made once")]
pub(crate) enum Command {
    /// Make, import and list keys
    #[command(subcommand, after_help = "Example:\n  ehb key new alice")]
    Key(key::KeyCommand),
    /// Look at accounts, and register new ones
    #[command(subcommand, after_help = "Example:\n  ehb account show alice")]
    Account(account::AccountCommand),
    /// Name the accounts of others
    #[command(subcommand, after_help = "Example:\n  ehb contact list")]
    Contact(contact::ContactCommand),
    /// See balances and pay
    #[command(
        subcommand,
        after_help = "Example:\n  ehb wallet transfer --from alice --to bob --asset EUR --amount 12.50"
    )]
    Wallet(wallet::WalletCommand),
    /// Call any function of any installed module, and wait until the transaction is final; prints its id and height
    #[command(
        after_help = "Example:\n  ehb call wallet create-asset asset=EUR name=Euro decimals=2 issuer=bank --from bank"
    )]
    Call(call::Call),
    /// Call a function that changes nothing, and print its result as JSON
    #[command(after_help = "Example:\n  ehb read wallet get-balance account=alice asset=EUR")]
    Read(call::Read),
    /// See the installed modules, and give them new code
    #[command(subcommand, after_help = "Example:\n  ehb module list")]
    Module(module::ModuleCommand),
    /// Register many accounts of your organisation
    #[command(
        subcommand,
        after_help = "Example:\n  ehb org accounts import people.csv --from acme-manager"
    )]
    Org(org::OrgCommand),
    /// See, make and vote on proposals that change what concerns the whole network
    #[command(subcommand, after_help = "Example:\n  ehb gov list")]
    Gov(gov::GovCommand),
    /// Follow transactions
    #[command(
        subcommand,
        after_help = "Example:\n  ehb tx show 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Tx(tx::TxCommand),
    /// Write proofs into files, and check them without a network
    #[command(
        subcommand,
        after_help = "Example:\n  ehb proof verify balance.json --genesis genesis.json"
    )]
    Proof(proof::ProofCommand),
}

/// Runs the command.
pub(crate) fn run(command: Command, options: &Options, output: &Output) -> Result<(), Failure> {
    let accounts = &Accounts::new(options)?;
    match command {
        Command::Key(command) => key::run(accounts, command, output),
        Command::Account(command) => block_on(account::run(accounts, command, output)),
        Command::Contact(command) => contact::run(accounts, command, output),
        Command::Wallet(command) => block_on(wallet::run(accounts, command, output)),
        Command::Call(command) => block_on(call::call(accounts, &command, output)),
        Command::Read(command) => block_on(call::read(accounts, &command, output)),
        Command::Module(command) => block_on(module::run(accounts, command, output)),
        Command::Org(command) => block_on(org::run(accounts, command, output)),
        Command::Gov(command) => block_on(gov::run(accounts, command, output)),
        Command::Tx(command) => block_on(tx::run(accounts, command, output)),
        Command::Proof(command) => block_on(proof::run(accounts, command, output)),
    }
}

fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))?
        .block_on(command)
}
