//! `ehb org`: what an organisation has, many accounts of it at once, and its observers.

mod observers;
mod people;
mod show;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use ehb_sdk::{Call, Client, Draft, Name};
use serde_json::{Value, json};

use super::confirm::{Question, confirm};
use super::send::Sending;
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::options::{Patience, State};
use crate::output::Output;
use people::Person;

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Many accounts at once
    #[command(
        subcommand,
        after_help = "Example:\n  ehb org accounts import people.csv --from acme-manager"
    )]
    Accounts(AccountsCommand),
    /// Show an organisation: its status, its nodes, and what it has of its quotas
    #[command(after_help = "Example:\n  ehb org show acme")]
    Show {
        /// The organisation
        organisation: Name,
        #[command(flatten)]
        state: State,
    },
    /// Permit an observer of your organisation, with its key's consent; prints the transaction's id and height
    ///
    /// The operator of the node makes the file: `ehb-node consent --organisation NAME --name NODE > node.json`.
    #[command(after_help = "Example:\n  ehb org add-observer watch.json --from acme-manager")]
    AddObserver(observers::AddObserver),
    /// Permit an observer of your organisation no more; prints the transaction's id and height
    #[command(after_help = "Example:\n  ehb org remove-observer watch --from acme-manager")]
    RemoveObserver(observers::RemoveObserver),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// Register the accounts that a CSV file lists; prints how many were registered, and how many already were
    ///
    /// The first line is `consent,roles`. Each other one names the file with the consent of an account's keys, as
    /// `ehb account consent` prints it, relative to the CSV file; and the roles that the account gets, separated by
    /// spaces. Accounts that are registered already are left out, so after an interruption the same command continues.
    #[command(after_help = "Example:\n  ehb org accounts import people.csv --from acme-manager")]
    Import(Import),
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The CSV file
    file: PathBuf,
    /// Who registers them, a manager or administrator of the organisation: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// Don't ask before registering
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    patience: Patience,
}

const QUESTION: Question = Question {
    text: "Register them?",
    verb: "register them",
    hint: "use --yes to register without confirmation",
};

/// The most accounts that one call registers.
const CALL_ACCOUNTS_MAX: usize = 64;
/// The most accounts of a page.
const PAGE_ACCOUNTS: u64 = 100;
/// The bytes of a transaction that are no account: its head and signatures.
const HEAD_BYTES: u64 = 4 << 10;

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: OrgCommand,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    match command {
        OrgCommand::Accounts(AccountsCommand::Import(command)) => {
            import(&client, accounts, &command, output).await
        }
        OrgCommand::Show { organisation, state } => {
            show::show(&client, &organisation, state, output).await
        }
        OrgCommand::AddObserver(command) => {
            observers::add(&client, accounts, &command, output).await
        }
        OrgCommand::RemoveObserver(command) => {
            observers::remove(&client, accounts, &command, output).await
        }
    }
}

async fn import(
    client: &Client,
    accounts: &Accounts,
    Import { file, from, keys, yes, patience }: &Import,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, from, keys)?;
    let people = people::read(file, client)?;
    let organisation = people.first().map(|it| it.organisation.clone()).unwrap_or_default();
    let journal = accounts.journal_of(&keys, client);
    let patience = Some(Duration::from_secs(patience.timeout));
    let mut sending = Sending::new((client, accounts), journal, output, patience, false)?;
    let known = sending.prepare(registered(client, &organisation, &people)).await??;
    let total = people.len();
    let new: Vec<Person> = people.into_iter().filter(|it| !known.contains(&it.address)).collect();
    let already = total - new.len();
    let sentence = format!(
        "{} registers {} accounts of {organisation}, and {already} are registered already, on the chain {}",
        from.shown(network),
        new.len(),
        client.chain().id
    );
    let mut sent = Vec::new();
    if !new.is_empty() {
        let asked = confirm(*yes, &sentence, &QUESTION, output);
        sending.prepare(asked).await??;
        let signer = accounts.signer(&from.address, &keys, output)?;
        let parameters = sending.prepare(client.parameters()).await??;
        let bytes_max = u64::from(parameters.transaction_bytes_max).saturating_sub(HEAD_BYTES);
        let parts = people::parts(&new, bytes_max, parameters.transaction_gas_max / 2);
        let mut done = 0;
        for part in parts {
            let calls = calls(client, part).await?;
            let draft = draft(calls)?.gas_limit(parameters.transaction_gas_max);
            let located = sending.step(&signer, &draft, &sentence).await?;
            done += part.len();
            output.talk(&format!("{done} of {} accounts are registered", new.len()));
            sent.push(json!({ "height": located.position.height, "accounts": part.len() }));
        }
    }
    let rows = [("registered", new.len()), ("already", already)]
        .map(|(name, count)| vec![name.to_owned(), count.to_string()]);
    let view = json!({
        "organisation": organisation,
        "registered": new.len(),
        "already": already,
        "transactions": sent,
    });
    output.result(&rows, &view)
}

async fn calls(client: &Client, part: &[Person]) -> Result<Vec<Call>, Failure> {
    let mut calls = Vec::new();
    for some in part.chunks(CALL_ACCOUNTS_MAX) {
        let new: Vec<&Value> = some.iter().map(|it| &it.new).collect();
        let arguments = json!({ "accounts": new });
        calls.push(client.call("kernel", "register-accounts", &arguments).await?);
    }
    Ok(calls)
}

fn draft(calls: Vec<Call>) -> Result<Draft, Failure> {
    let mut calls = calls.into_iter();
    let first = calls.next();
    let first = first.ok_or_else(|| Failure::new(Exit::Internal, "INTERNAL", "no call"))?;
    Ok(calls.fold(Draft::new(first), Draft::and))
}

/// The addresses that are registered, of these people or of the whole organisation, whichever takes fewer reads.
async fn registered(
    client: &Client,
    organisation: &str,
    people: &[Person],
) -> Result<BTreeSet<String>, Failure> {
    let arguments = json!({ "name": organisation });
    let known = client.read("kernel", "get-organisation", &arguments).await?.value;
    let count = known["accounts"].as_u64().unwrap_or(0);
    let mut found = BTreeSet::new();
    if count / PAGE_ACCOUNTS > people.len() as u64 {
        for person in people {
            let arguments = json!({ "account": person.address, "permission": "send" });
            let verdict = client.read("kernel", "check-permission", &arguments).await?.value;
            if verdict["why"] != "no account is registered at the address" {
                found.insert(person.address.clone());
            }
        }
        return Ok(found);
    }
    let mut after = Value::Null;
    loop {
        let arguments =
            json!({ "organisation": organisation, "after": after, "limit": PAGE_ACCOUNTS });
        let page = client.read("kernel", "list-accounts", &arguments).await?.value;
        let listed = page["accounts"].as_array().map(Vec::as_slice).unwrap_or_default();
        found.extend(listed.iter().filter_map(|it| it["address"].as_str().map(str::to_owned)));
        after = page["next"].clone();
        if after.is_null() {
            return Ok(found);
        }
    }
}
