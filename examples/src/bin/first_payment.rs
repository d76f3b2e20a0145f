//! Pays 12.50 EUR, waits until the payment is final, and proves its receipt by the validators' signatures.

use std::time::Duration;

use ehb_console::result;
use ehb_examples::TestNetwork;
use ehb_sdk::{Draft, Trust};
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let network = TestNetwork::open()?;
    let client = network.connect().await?;
    let (alice, bob) = (network.account(1)?, network.account(2)?);

    // Amounts are in the asset's smallest unit: cents here. The node's interface of the module types the arguments.
    let payment = json!({"to": bob.address, "asset": "EUR", "amount": "1250"});
    let pay = client.call("wallet", "transfer", &payment).await?;

    // Sequence, gas limit and validity are filled in; returns once the fate of the transaction is certain.
    let done = client.execute(&alice.signer()?, Draft::new(pay).memo("rent, May")).await?;
    result(&format!("paid 12.50 EUR at height {}", done.position.height))?;

    // A node could lie. The receipt is proven by the validators that the genesis names.
    let trust = Trust::of_genesis(&network.genesis()?)?;
    let id = done.receipt.transaction;
    let receipt = client.proven_receipt(&trust, &id, Duration::from_secs(30)).await?;
    result(&format!("proven: {} event, {} gas", receipt.events.len(), receipt.gas_used))?;
    Ok(())
}
