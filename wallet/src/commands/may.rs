//! `ehb account may`: whether an account may do something, and why or why not.

use clap::{Args, Subcommand};
use ehb_sdk::{Client, RoleName};
use serde_json::{Value, json};

use crate::accounts::Accounts;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct May {
    /// The account: a name you know it by, or an address
    account: String,
    #[command(subcommand)]
    permission: Permission,
}

#[derive(Debug, Subcommand)]
enum Permission {
    /// Send transactions
    #[command(after_help = "Example:\n  ehb account may alice send")]
    Send,
    /// Act with a role, wherever a module or the kernel asks for it
    #[command(after_help = "Example:\n  ehb account may alice act treasurer")]
    Act {
        /// The role
        role: RoleName,
    },
    /// Register, suspend and close accounts like another one
    #[command(after_help = "Example:\n  ehb account may alice manage dora")]
    Manage {
        /// The other account
        other: String,
    },
    /// Grant a role to an account
    #[command(after_help = "Example:\n  ehb account may alice grant seller dora")]
    Grant {
        /// The role
        role: RoleName,
        /// The other account
        other: String,
    },
    /// Vote on proposals for its organisation
    #[command(after_help = "Example:\n  ehb account may alice vote")]
    Vote,
}

/// Runs the command.
pub(super) async fn may(
    client: &Client,
    accounts: &Accounts,
    May { account, permission }: &May,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let address = |account: &str| -> Result<String, Failure> {
        Ok(accounts.party(network, account)?.address.to_text(network))
    };
    let permission = match permission {
        Permission::Send => json!("send"),
        Permission::Act { role } => json!({ "act": role }),
        Permission::Manage { other } => json!({ "manage": address(other)? }),
        Permission::Grant { role, other } => {
            json!({ "grant": { "account": address(other)?, "role": role } })
        }
        Permission::Vote => json!("vote"),
    };
    let arguments = json!({ "account": address(account)?, "permission": permission });
    let verdict = client.read("kernel", "check-permission", &arguments).await?.value;
    let answer = if verdict["allowed"] == Value::Bool(true) { "yes" } else { "no" };
    let why = verdict["why"].as_str().unwrap_or_default().to_owned();
    output.result(&[vec![answer.to_owned(), why]], &verdict)
}
