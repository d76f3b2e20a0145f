//! `ehb account show`: the keys, roles and status of an account.

use clap::Subcommand;
use ehb_sdk::api::AccountView;
use ehb_sdk::{Client, Code, Policy};
use serde_json::{Value, json};

use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show an account's keys, organisation, roles and status
    #[command(after_help = "Example:\n  ehb account show alice")]
    Show {
        /// The account: a name you know it by, or an address
        account: String,
    },
}

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: AccountCommand,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect().await?;
    match command {
        AccountCommand::Show { account } => show(&client, accounts, &account, output).await,
    }
}

async fn show(
    client: &Client,
    accounts: &Accounts,
    account: &str,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let party = accounts.party(network, account)?;
    let Some(view) = client.account(&party.address).await? else {
        let message = format!("the account {} is not registered", party.shown(network));
        return Err(Failure::new(Exit::Refused, Code::NotFound.as_str(), message)
            .hint(Code::UnknownSender.hint()));
    };
    output.result(&rows(&view), &json!(view))
}

fn rows(view: &AccountView) -> Vec<Vec<String>> {
    let row = |key: &str, value: String| vec![key.to_owned(), value];
    let roles: Vec<&str> = view.roles.iter().map(|role| role.as_str()).collect();
    let status = match json!(view.status) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut rows = vec![
        row("address", view.address.clone()),
        row("organisation", view.organisation.to_string()),
        row("roles", roles.join(",")),
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
