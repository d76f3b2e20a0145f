//! `ehb tx pending`, `status` and `resubmit`: the outcomes of the transactions that were signed here.

use std::time::Duration;

use ehb_sdk::api::{FateView, LocatedReceipt, OutcomeView};
use ehb_sdk::{Client, Error, Hash, Outcome};
use ehb_wallet::journal::{Entry, Journal};
use serde_json::json;

use super::gap::{Waiting, advice};
use super::send::note;
use crate::accounts::Accounts;
use crate::clock::{now_ms, utc};
use crate::failure::{Exit, Failure};
use crate::node::{Interrupt, unknown};
use crate::options::Patience;
use crate::output::Output;

/// Lists transactions that were signed here and whose command did not show a certain outcome. Successful ones
/// are listed as long as the repeated command would show them instead of acting.
pub(super) async fn list(
    client: &Client,
    accounts: &Accounts,
    output: &Output,
) -> Result<(), Failure> {
    let (mut rows, mut views, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let mut others = Vec::new();
    for journal in accounts.journals_at_hand(client)? {
        for (genesis, journal) in journal.of_other_chains()? {
            let open =
                journal.all(now_ms())?.entries.iter().filter(|it| it.state.is_open()).count();
            if open > 0 {
                output.remark(&format!(
                    "{open} transactions that were signed here for the chain with genesis {genesis} are not listed: ask a \
                     node of that chain, with --node URL"
                ));
                others.push(json!({ "genesis": genesis, "open": open }));
            }
        }
        let held = journal.all(now_ms())?;
        for error in held.refused {
            let failure = Failure::from(error);
            output.warn(&failure.summary());
            refused.push(failure.to_json());
        }
        let is_open = |it: &Entry| !(it.state.is_final() && it.state.is_reported());
        for entry in held.entries.into_iter().filter(is_open) {
            let status = ask(client, &journal, &entry, output).await?;
            let (id, word) = (entry.id(), word(&status));
            if let Some(advice) = advice(&id, &status) {
                output.remark(&advice);
            }
            let since = utc(entry.created_ms);
            rows.push(vec![id.to_string(), word.to_owned(), since, entry.summary.clone()]);
            views.push(json!({
                "id": id,
                "status": word,
                "createdMs": entry.created_ms,
                "summary": entry.summary,
                "fate": status,
            }));
        }
    }
    if rows.is_empty() {
        output.talk("nothing is pending: all transactions signed here for this chain have a certain outcome");
    }
    output.result(&rows, &json!({ "pending": views, "refused": refused, "otherChains": others }))
}

/// Shows the status of a transaction. If it was signed here, its content is known, so that every node can
/// report for certain that it will never take effect.
pub(super) async fn status(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
    output: &Output,
) -> Result<(), Failure> {
    let status = match find(client, accounts, id)? {
        Some((journal, entry)) => ask(client, &journal, &entry, output).await?,
        None => {
            let fate = client.fate(id, None).await?;
            if let FateView::Unknown { .. } = fate {
                require_this_chain(client, accounts, id)?;
            }
            fate
        }
    };
    if let Some(advice) = advice(id, &status) {
        output.remark(&advice);
    }
    let mut row = vec![id.to_string(), word(&status).to_owned()];
    row.extend(height(&status).map(|height| height.to_string()));
    output.result(&[row], &json!({ "id": id, "status": word(&status), "fate": status }))
}

/// Prints that a transaction took effect.
pub(super) fn show_final(located: &LocatedReceipt, output: &Output) -> Result<(), Failure> {
    let id = located.receipt.transaction;
    let rows = [vec![id.to_string(), located.position.height.to_string()]];
    output.result(&rows, &json!({ "id": id, "status": "final", "receipt": located }))
}

/// Sends the same transaction again, and waits.
pub(super) async fn resubmit(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
    patience: Patience,
    output: &Output,
) -> Result<(), Failure> {
    let Some((journal, entry)) = find(client, accounts, id)? else {
        require_this_chain(client, accounts, id)?;
        let message = format!("the transaction {id} is not in the journal");
        return Err(Failure::new(Exit::Usage, "NOT_PENDING", message)
            .hint("see `ehb tx pending` and `ehb tx status`"));
    };
    settle(client, accounts, &journal, &entry, patience, output).await
}

/// Waits for a transaction that was signed here, and sends it again as long as no node has it.
pub(super) async fn settle(
    client: &Client,
    accounts: &Accounts,
    journal: &Journal,
    entry: &Entry,
    patience: Patience,
    output: &Output,
) -> Result<(), Failure> {
    let (id, mut interrupt) = (entry.id(), Interrupt::watch()?);
    if !entry.resumed {
        journal.put(&Entry { resumed: true, ..entry.clone() })?;
    }
    let waiting = Waiting { client, accounts, output };
    let patience = Duration::from_secs(patience.timeout);
    let outcome = waiting.settle(journal, entry, patience, &mut interrupt).await?;
    note(journal, entry, &outcome, output);
    match outcome.into_result(&id) {
        Ok(located) => show_final(&located, output),
        Err(error @ Error::OutcomeUnknown { .. }) => Err(unknown(&id, error, output)),
        Err(error) => Err(error.into()),
    }
}

/// A transaction that was signed here, and its journal.
pub(super) fn find(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
) -> Result<Option<(Journal, Entry)>, Failure> {
    for journal in accounts.journals(client) {
        if let Some(entry) = journal.find(id)? {
            return Ok(Some((journal, entry)));
        }
    }
    Ok(None)
}

/// Errors: the transaction was signed here for another chain, whose nodes alone know it.
pub(super) fn require_this_chain(
    client: &Client,
    accounts: &Accounts,
    id: &Hash,
) -> Result<(), Failure> {
    for journal in accounts.journals(client) {
        for (genesis, journal) in journal.of_other_chains()? {
            if journal.find(id)?.is_some() {
                let own = client.chain().genesis_hash;
                let message = format!(
                    "the transaction {id} was signed here for the chain with genesis {genesis}; the genesis of this node's \
                     chain is {own}"
                );
                return Err(Failure::new(Exit::Usage, "OTHER_CHAIN", message).hint(
                    "ask a node of that chain, with --node URL; on this chain it can never act",
                ));
            }
        }
    }
    Ok(())
}

/// Queries an outcome, and records it if it is certain.
async fn ask(
    client: &Client,
    journal: &Journal,
    entry: &Entry,
    output: &Output,
) -> Result<FateView, Failure> {
    let status = client.fate(&entry.id(), Some(&entry.signed)).await?;
    if let Some(outcome) = Outcome::of_status(status.clone()) {
        note(journal, entry, &outcome, output);
    }
    Ok(status)
}

/// A status in one word.
fn word(status: &FateView) -> &'static str {
    match status {
        FateView::Pending { .. } => "pending",
        FateView::Final { receipt, .. } => match receipt.receipt.outcome {
            OutcomeView::Success { .. } => "final",
            OutcomeView::Failure { .. } => "failed",
        },
        FateView::Superseded { .. } => "superseded",
        FateView::Expired { .. } => "expired",
        FateView::Unknown { .. } => "unknown",
    }
}

fn height(status: &FateView) -> Option<u64> {
    match status {
        FateView::Final { receipt, .. } => Some(receipt.position.height),
        FateView::Superseded { height, .. } | FateView::Expired { height, .. } => Some(*height),
        FateView::Pending { .. } | FateView::Unknown { .. } => None,
    }
}
