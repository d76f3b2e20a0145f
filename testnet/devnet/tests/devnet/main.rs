//! A development network as a test of a client sees it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod blocks;
mod examples;
mod history;
mod modules;
mod start;
mod upgrade;

use ehb_devnet::DevNet;
use ehb_sdk::{Client, Draft, Signer};
use serde_json::json;

/// A network with the wallet alone, and a client of it.
async fn start() -> (DevNet, Client) {
    let net = DevNet::start().unwrap();
    let client = Client::connect(net.url()).await.unwrap();
    (net, client)
}

fn signer(net: &DevNet, name: &str) -> Signer {
    Signer::of_key(net.account(name).unwrap().key.clone())
}

/// A payment of bob's to alice, or the other way round.
async fn payment(net: &DevNet, client: &Client, to: &str, units: u64) -> Draft {
    let to = net.account(to).unwrap().text();
    let arguments = json!({"to": to, "asset": "EUR", "amount": units.to_string()});
    Draft::new(client.call("wallet", "transfer", &arguments).await.unwrap())
}

/// What an account can spend, at the head or at a height.
async fn available(net: &DevNet, client: &Client, name: &str) -> String {
    let account = net.account(name).unwrap().text();
    let arguments = json!({"account": account, "asset": "EUR"});
    let balance = client.read("wallet", "get-balance", &arguments).await.unwrap();
    balance.value["available"].as_str().unwrap().to_owned()
}
