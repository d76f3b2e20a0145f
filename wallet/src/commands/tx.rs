//! `ehb tx`: shows a transaction, or waits until it is final; what was signed here is in `pending`.

use std::time::Duration;

use clap::Subcommand;
use ehb_sdk::api::{
    EventView, FateView, LocatedReceipt, OutcomeView, TransactionClient, TransactionView,
};
use ehb_sdk::{Client, Code, Error, Hash};
use serde_json::json;

use super::{gap, pending};
use crate::accounts::Accounts;
use crate::clock::utc;
use crate::failure::{Exit, Failure};
use crate::node::{Interrupt, follow, unknown};
use crate::options::Patience;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum TxCommand {
    /// Show a transaction and what it did
    #[command(
        after_help = "Example:\n  ehb tx show 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Show {
        /// The transaction's id, 64 hex digits
        id: Hash,
    },
    /// List what you signed and whose outcome its command did not show: id, status, time, what it does; one
    /// a line. What is final is listed for 12 hours: as long as the same command shows it and pays nothing.
    /// What can never act is listed a last time
    #[command(after_help = "Example:\n  ehb tx pending")]
    Pending,
    /// Show what became of a transaction: id, status, and the height where there is one
    #[command(
        after_help = "Example:\n  ehb tx status 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Status {
        /// The transaction's id, 64 hex digits
        id: Hash,
    },
    /// Send a transaction that you signed once more, the same one, and wait until it is final; prints its id
    /// and height
    #[command(
        after_help = "Example:\n  ehb tx resubmit 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Resubmit {
        /// The transaction's id, 64 hex digits
        id: Hash,
        #[command(flatten)]
        patience: Patience,
    },
    /// Wait until a transaction is final; prints its id and height
    #[command(
        after_help = "Example:\n  ehb tx wait 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98 \
                      --timeout 30"
    )]
    Wait {
        /// The transaction's id, 64 hex digits
        id: Hash,
        #[command(flatten)]
        patience: Patience,
    },
}

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: TxCommand,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    match command {
        TxCommand::Show { id } => show(&client, accounts, &id, output).await,
        TxCommand::Wait { id, patience } => wait(&client, accounts, &id, patience, output).await,
        TxCommand::Pending => pending::list(&client, accounts, output).await,
        TxCommand::Status { id } => pending::status(&client, accounts, &id, output).await,
        TxCommand::Resubmit { id, patience } => {
            pending::resubmit(&client, accounts, &id, patience, output).await
        }
    }
}

async fn show(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
    output: &Output,
) -> Result<(), Failure> {
    let status = TransactionClient::get(client.rpc(), *id, None).await;
    let status = status.map_err(|error| client.error(error))?;
    let rows = match &status {
        FateView::Pending { transaction, missing_sequence } => {
            if let Some(advice) = gap::advice(id, &status) {
                output.remark(&advice);
            }
            let missing = missing_sequence.map(|missing| row("missing-sequence", missing.0));
            [vec![row("status", "pending")], Vec::from_iter(missing), transaction_rows(transaction)]
                .concat()
        }
        FateView::Final { transaction, receipt } => [
            vec![row("status", "final")],
            receipt_rows(receipt),
            transaction_rows(transaction),
            receipt.receipt.events.iter().map(event_row).collect(),
        ]
        .concat(),
        FateView::Superseded { by, height } => {
            let by = by.map(|by| row("by", by));
            [vec![row("status", "superseded"), row("height", height)], Vec::from_iter(by)].concat()
        }
        FateView::Expired { height, timestamp_ms } => {
            vec![row("status", "expired"), row("height", height), row("time", utc(*timestamp_ms))]
        }
        FateView::Unknown { dropped } => {
            pending::require_this_chain(client, accounts, id)?;
            let dropped = dropped.as_ref().map(|it| &it.message);
            let message = match dropped {
                Some(reason) => format!("the node dropped the transaction {id}: {reason}"),
                None => format!("the node does not know the transaction {id}"),
            };
            return Err(Failure::new(Exit::Unknown, Code::NotFound.as_str(), message)
                .hint(Code::NotFound.hint())
                .detail("transaction", id.to_string()));
        }
    };
    output.result(&rows, &json!(status))
}

async fn wait(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
    patience: Patience,
    output: &Output,
) -> Result<(), Failure> {
    // The content of a transaction signed here is known, so it is sent again as long as no node has it.
    if let Some((journal, entry)) = pending::find(client, accounts, id)? {
        return pending::settle(client, accounts, &journal, &entry, patience, output).await;
    }
    pending::require_this_chain(client, accounts, id)?;
    let timeout = Duration::from_secs(patience.timeout);
    let mut interrupt = Interrupt::watch()?;
    let asked = client.outcome(id, timeout);
    match follow(id, output, &mut interrupt, asked).await?.into_result(id) {
        Ok(located) => pending::show_final(&located, output),
        Err(error @ Error::OutcomeUnknown { .. }) => {
            let hint = format!(
                "no key here signed it, so nothing was sent: wait for longer with --timeout, or ask another node \
                 with --node URL: ehb tx status {id}"
            );
            Err(unknown(id, error, output).hint(hint))
        }
        Err(error) => Err(error.into()),
    }
}

fn row(key: &str, value: impl ToString) -> Vec<String> {
    vec![key.to_owned(), value.to_string()]
}

fn receipt_rows(located: &LocatedReceipt) -> Vec<Vec<String>> {
    let outcome = match &located.receipt.outcome {
        OutcomeView::Success { .. } => "success".to_owned(),
        OutcomeView::Failure { code, message, .. } => format!("failure {code}: {message}"),
    };
    vec![
        row("outcome", outcome),
        row("height", located.position.height),
        row("index", located.position.index),
        row("time", utc(located.timestamp_ms)),
        row("gas-used", located.receipt.gas_used.0),
    ]
}

fn transaction_rows(transaction: &TransactionView) -> Vec<Vec<String>> {
    let mut rows = vec![
        row("id", transaction.id),
        row("version", transaction.version),
        row("chain", transaction.chain),
        row("sender", &transaction.sender),
        row("lane", transaction.lane),
        row("sequence", transaction.sequence.0),
        row("valid-until", utc(transaction.valid_until_ms)),
        row("gas-limit", transaction.gas_limit.0),
        row("memo", &transaction.memo),
    ];
    for call in &transaction.calls {
        let name = format!("{}.{}", call.module, call.function);
        rows.push(vec!["call".to_owned(), name, call.arguments.to_string()]);
    }
    for signature in &transaction.signatures {
        rows.push(row("signed-by", signature.key));
    }
    rows
}

fn event_row(event: &EventView) -> Vec<String> {
    vec!["event".to_owned(), event.module.to_string(), event.value.value.to_string()]
}
