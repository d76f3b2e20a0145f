use anyhow::{Context, ensure};
use ehb_localnet::LoadAccounts;
use ehb_sdk::{Client, Draft, Signer};
use ehb_types::{Address, Call, Hash, SignedTransaction, Transaction};
use serde_json::json;

/// A transaction that is ready to be sent.
pub(crate) struct Ready {
    pub(crate) id: Hash,
    pub(crate) signed: SignedTransaction,
}

/// How far ahead of the head the transactions expire, heights.
const VALID_FOR_HEIGHTS: u64 = 90_000;

/// An account that sends.
struct Sender {
    signer: Signer,
    address: Address,
    next_sequence: u64,
    gas_limit: u64,
}

/// Builds and signs `count` transfers. Senders take turns, so that a sender's transactions lie as far
/// apart as possible.
pub(crate) async fn transfers(
    client: &Client,
    accounts: &LoadAccounts,
    count: usize,
) -> anyhow::Result<Vec<Ready>> {
    ensure!(accounts.accounts.len() >= 2, "the network has fewer than two load accounts");
    let head = client.status().await?.height;
    let mut senders = Vec::new();
    let mut calls: Vec<Call> = Vec::new();
    for account in &accounts.accounts {
        let signer = Signer::of_key(account.key()?);
        let address = signer.address();
        let transfer = json!({ "to": account.address, "asset": "EUR", "amount": "1" });
        calls.push(client.call("wallet", "transfer", &transfer).await?);
        senders.push(Sender { signer, address, next_sequence: 0, gas_limit: 0 });
    }
    let used = senders.len().min(count);
    let gas_limit = gas_limit(client, &senders[0], &calls[1]).await?;
    for sender in senders.iter_mut().take(used) {
        let draft = Draft::new(calls[0].clone()).gas_limit(gas_limit);
        sender.next_sequence = client.build(&sender.address, draft).await?.sequence;
        sender.gas_limit = gas_limit;
    }
    let template = Transaction {
        chain_id: client.chain().id.clone(),
        sender: senders[0].address,
        lane: 0,
        sequence: 0,
        valid_until_height: head + VALID_FOR_HEIGHTS,
        gas_limit,
        calls: Vec::new(),
        memo: String::new(),
    };
    let mut ready = Vec::with_capacity(count);
    for index in 0..count {
        let from = index % used;
        let to = (from + 1 + index / used) % senders.len();
        let to = if to == from { (to + 1) % senders.len() } else { to };
        let sender = &mut senders[from];
        let transaction = Transaction {
            sender: sender.address,
            sequence: sender.next_sequence,
            calls: vec![calls[to].clone()],
            ..template.clone()
        };
        sender.next_sequence += 1;
        let signed = sender.signer.sign(transaction);
        ready.push(Ready { id: signed.id(), signed });
    }
    Ok(ready)
}

/// What a transfer needs, with room for an entry that does not exist yet.
async fn gas_limit(client: &Client, sender: &Sender, call: &Call) -> anyhow::Result<u64> {
    let draft = Draft::new(call.clone());
    let built = client.build(&sender.address, draft).await.context("a transfer does not work")?;
    client.forget_sequence(&sender.address, 0).await;
    Ok(built.gas_limit)
}
