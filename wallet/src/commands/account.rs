//! `ehb account`: the keys, roles and status of accounts, and new ones.

use clap::Subcommand;
use ehb_sdk::api::{AccountView, RoleView};
use ehb_sdk::{Client, Code, Network, Policy};
use serde_json::{Value, json};

use super::card::{self, SignCard};
use super::consent::{self, Consent, Register, Replace};
use super::may;
use super::sign_in::{self, SignIn};
use crate::accounts::{Accounts, Party};
use crate::failure::{Exit, Failure};
use crate::options::State;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show an account's keys, organisation, roles and status
    #[command(after_help = "Example:\n  ehb account show alice")]
    Show {
        /// The account: a name you know it by, or an address
        account: String,
        #[command(flatten)]
        state: State,
    },
    /// Ask whether an account may do something, and why or why not
    #[command(after_help = "Example:\n  ehb account may alice grant seller dora")]
    May(may::May),
    /// Print the consent of keys of yours to an account, for the organisation that registers it
    #[command(
        after_help = "Example:\n  ehb account consent --key carol --organisation acme > carol.json"
    )]
    Consent(Consent),
    /// Register accounts of your organisation, from their holders' consents; prints the transaction's id and height
    #[command(
        after_help = "Example:\n  ehb account register carol.json --role clerk --from acme-manager"
    )]
    Register(Register),
    /// Replace the keys of your own account, whose address stays; prints the transaction's id and height
    ///
    /// The new keys consent before: `ehb account consent --key NEW --organisation NAME --for ACCOUNT > new.json`.
    #[command(after_help = "Example:\n  ehb account replace-keys new.json --from dora")]
    ReplaceKeys(Replace),
    /// Announce other keys for an account of your organisation whose keys are lost; prints the transaction's id and
    /// height
    ///
    /// The account can object during the notice: `ehb call kernel cancel-recovery account=ACCOUNT --from ACCOUNT`. After
    /// it, anybody completes the recovery: `ehb call kernel complete-recovery account=ACCOUNT --from ANYBODY`.
    #[command(after_help = "Example:\n  ehb account recover new.json --from acme-administrator")]
    Recover(Replace),
    /// Sign the card of a validator as an administrator of its organisation, before the network exists
    ///
    /// Shows what you agree to, and asks. Nothing is sent: give the file back to the operator.
    #[command(after_help = "Example:\n  ehb account sign-card acme-1.card.json --key acme-admin")]
    SignCard(SignCard),
    /// Sign the challenge of a server that shows its data to accounts of the chain, such as the indexer
    #[command(
        after_help = "Example:\n  ehb account sign-in challenge.json --server 127.0.0.1:9670 --from alice"
    )]
    SignIn(SignIn),
}

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: AccountCommand,
    output: &Output,
) -> Result<(), Failure> {
    let connect = || accounts.connect(output);
    match command {
        AccountCommand::Consent(command) => {
            consent::consent(&connect().await?, accounts, &command, output).await
        }
        AccountCommand::Register(command) => {
            consent::register(&connect().await?, accounts, &command, output).await
        }
        AccountCommand::ReplaceKeys(command) => {
            consent::replace_keys(&connect().await?, accounts, &command, output).await
        }
        AccountCommand::Recover(command) => {
            consent::recover(&connect().await?, accounts, &command, output).await
        }
        AccountCommand::SignIn(command) => {
            sign_in::sign_in(&connect().await?, accounts, &command, output).await
        }
        AccountCommand::Show { account, state } => {
            show(&connect().await?, accounts, &account, state, output).await
        }
        AccountCommand::May(command) => {
            may::may(&connect().await?, accounts, &command, output).await
        }
        // There is no chain yet.
        AccountCommand::SignCard(command) => card::sign(accounts, &command, output).await,
    }
}

async fn show(
    client: &Client,
    accounts: &Accounts,
    account: &str,
    State { at }: State,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let party = accounts.party(network, account)?;
    let Some(view) = client.account(&party.address, at).await? else {
        let when = if at.is_some() { " in that state" } else { "" };
        return Err(not_registered(&party, network, when));
    };
    output.result(&rows(&view), &json!(view))
}

/// The error for an account that the chain does not know; `when` is the end of its sentence.
pub(super) fn not_registered(party: &Party, network: Network, when: &str) -> Failure {
    let message = format!("the account {} is not registered{when}", party.shown(network));
    Failure::new(Exit::Refused, Code::NotFound.as_str(), message).hint(Code::UnknownSender.hint())
}

fn rows(view: &AccountView) -> Vec<Vec<String>> {
    let row = |key: &str, value: String| vec![key.to_owned(), value];
    let role = |it: &RoleView| match it.until_ms {
        None => it.role.to_string(),
        Some(until_ms) => format!("{} until {until_ms}", it.role),
    };
    let roles: Vec<String> = view.roles.iter().map(role).collect();
    let status = match json!(view.status) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut rows = vec![
        row("address", view.address.clone()),
        row("organisation", view.organisation.to_string()),
        row("roles", roles.join(", ")),
        row("status", status),
    ];
    match &view.policy {
        Policy::Key(key) => rows.push(row("key", key.to_string())),
        Policy::Weighted { keys, threshold } => {
            rows.push(row("threshold", threshold.to_string()));
            for weighted in keys {
                rows.push(vec![
                    "key".to_owned(),
                    weighted.key.to_string(),
                    weighted.weight.to_string(),
                ]);
            }
        }
    }
    rows
}
