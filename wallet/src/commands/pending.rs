//! `ehb tx pending`, `status` and `resubmit`: what became of the transactions that were signed here.

use std::time::Duration;

use ehb_sdk::api::{OutcomeView, TransactionStatus};
use ehb_sdk::{Client, Error, Hash};
use ehb_wallet::pending::{Journal, Pending};
use serde_json::json;

use super::tx::show_final;
use crate::accounts::Accounts;
use crate::args::Patience;
use crate::clock::utc;
use crate::failure::{Exit, Failure};
use crate::node::{Interrupt, follow, unknown};
use crate::output::Output;

/// Lists what is pending, and forgets what is certain by now.
pub(super) async fn list(
    client: &Client,
    accounts: &Accounts,
    output: &Output,
) -> Result<(), Failure> {
    let (mut rows, mut views, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for journal in accounts.journals(client) {
        let entries = journal.all()?;
        for error in entries.refused {
            let failure = Failure::from(error);
            output.warn(&failure.summary());
            refused.push(failure.to_json());
        }
        for pending in entries.pending {
            let status = ask(client, &journal, &pending).await?;
            let (id, word) = (pending.id(), word(&status));
            let since = utc(pending.created_ms);
            rows.push(vec![id.to_string(), word.to_owned(), since, pending.summary.clone()]);
            views.push(json!({
                "id": id,
                "status": word,
                "createdMs": pending.created_ms,
                "summary": pending.summary,
                "fate": status,
            }));
        }
    }
    if rows.is_empty() {
        output.talk("nothing is pending: the outcome of all that was signed here is certain");
    }
    output.result(&rows, &json!({ "pending": views, "refused": refused }))
}

/// Shows what became of a transaction. What was signed here is known whole, so that every node can say
/// for certain that it will never act.
pub(super) async fn status(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
    output: &Output,
) -> Result<(), Failure> {
    let status = match find(client, accounts, id)? {
        Some((journal, pending)) => ask(client, &journal, &pending).await?,
        None => client.fate(id, None).await?,
    };
    let mut row = vec![id.to_string(), word(&status).to_owned()];
    row.extend(height(&status).map(|height| height.to_string()));
    output.result(&[row], &json!({ "id": id, "status": word(&status), "fate": status }))
}

/// Sends the same transaction once more, and waits.
pub(super) async fn resubmit(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
    patience: Patience,
    output: &Output,
) -> Result<(), Failure> {
    let Some((journal, pending)) = find(client, accounts, id)? else {
        let message = format!("the transaction {id} is not among those pending here");
        return Err(Failure::new(Exit::Usage, "NOT_PENDING", message)
            .hint("see `ehb tx pending` and `ehb tx status`"));
    };
    settle(client, &journal, &pending, patience, output).await
}

/// Waits for a transaction that was signed here, sending it once more as long as no node has it.
pub(super) async fn settle(
    client: &Client,
    journal: &Journal,
    pending: &Pending,
    patience: Patience,
    output: &Output,
) -> Result<(), Failure> {
    let (id, mut interrupt) = (pending.id(), Interrupt::watch()?);
    let asked = client.settle(&pending.signed, Duration::from_secs(patience.timeout));
    let outcome = follow(&id, output, &mut interrupt, asked).await?;
    if outcome.is_certain() {
        journal.remove(pending)?;
    }
    match outcome.into_result(&id) {
        Ok(located) => show_final(&located, output),
        Err(error @ Error::OutcomeUnknown { .. }) => Err(unknown(&id, error, output)?),
        Err(error) => Err(error.into()),
    }
}

/// A transaction that was signed here, and the journal that holds it.
pub(super) fn find(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
) -> Result<Option<(Journal, Pending)>, Failure> {
    for journal in accounts.journals(client) {
        if let Some(pending) = journal.find(id)? {
            return Ok(Some((journal, pending)));
        }
    }
    Ok(None)
}

/// Asks for a fate, and forgets the transaction when it is certain.
async fn ask(
    client: &Client,
    journal: &Journal,
    pending: &Pending,
) -> Result<TransactionStatus, Failure> {
    let status = client.fate(&pending.id(), Some(&pending.signed)).await?;
    if status.is_settled() {
        journal.remove(pending)?;
    }
    Ok(status)
}

/// A fate in one word.
fn word(status: &TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Pending { .. } => "pending",
        TransactionStatus::Final { receipt, .. } => match receipt.receipt.outcome {
            OutcomeView::Success { .. } => "final",
            OutcomeView::Failure { .. } => "failed",
        },
        TransactionStatus::Superseded { .. } => "superseded",
        TransactionStatus::Expired { .. } => "expired",
        TransactionStatus::Unknown { .. } => "unknown",
    }
}

fn height(status: &TransactionStatus) -> Option<u64> {
    match status {
        TransactionStatus::Final { receipt, .. } => Some(receipt.position.height),
        TransactionStatus::Superseded { height, .. }
        | TransactionStatus::Expired { height, .. } => Some(*height),
        TransactionStatus::Pending { .. } | TransactionStatus::Unknown { .. } => None,
    }
}
