//! Signs the transfers of a load in advance.

use std::sync::Arc;

use anyhow::Context;
use ehb_localnet::{BAD_PLAN, coded};
use ehb_sdk::{Client, Draft};
use ehb_types::Call;
use serde_json::json;

use super::senders::{Accounts, Function, Ready, Senders};

/// Builds and signs `count` transfers. Senders take turns, so that a sender's transactions are as far apart
/// as possible.
pub(crate) async fn prepare(
    client: &Client,
    accounts: Arc<Accounts>,
    count: usize,
) -> anyhow::Result<Vec<Ready>> {
    if accounts.len() < 2 {
        let text = "the network has fewer than two load accounts";
        return Err(coded(BAD_PLAN, text.to_owned()));
    }
    let mut calls: Vec<Call> = Vec::new();
    for place in 0..accounts.len() {
        let transfer = json!({ "to": accounts.text(place), "asset": "EUR", "amount": "1" });
        calls.push(client.call("wallet", "transfer", &transfer).await?);
    }
    let used = accounts.len().min(count);
    let gas_limit = gas_limit(client, &accounts, &calls[1]).await?;
    let mut senders = Senders::open(client, accounts, used).await?;
    let mut ready = Vec::with_capacity(count);
    for index in 0..count {
        let from = index % used;
        let to = (from + 1 + index / used) % calls.len();
        let to = if to == from { (to + 1) % calls.len() } else { to };
        let signed = senders.sign(from, calls[to].clone(), gas_limit);
        let function = Function { module: "wallet", name: "transfer" };
        ready.push(Ready { id: signed.id(), signed, function });
    }
    Ok(ready)
}

/// The gas limit of a transfer, with room for an entry that does not exist yet.
async fn gas_limit(client: &Client, accounts: &Accounts, call: &Call) -> anyhow::Result<u64> {
    let sender = accounts.signer(0).address();
    let built = client.build(&sender, Draft::new(call.clone())).await;
    client.forget_sequence(&sender, 0).await;
    Ok(built.context("a transfer does not work")?.gas_limit)
}
