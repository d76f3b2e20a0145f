//! Reads a balance as it was before and after a payment: by height, by block and by time.

use ehb_console::result;
use ehb_examples::TestNetwork;
use ehb_sdk::Draft;
use ehb_sdk::api::{At, ChainClient};
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let network = TestNetwork::open()?;
    let client = network.connect().await?;
    let (alice, bob) = (network.account(1)?, network.account(2)?);
    let payment = json!({"to": bob.address, "asset": "EUR", "amount": "700"});
    let pay = client.call("wallet", "transfer", &payment).await?;
    let height = client.execute(&alice.signer()?, Draft::new(pay)).await?.position.height;

    // The state is named by the block that left it. Nodes keep `history.heights` of them, an archive node all.
    let block = client.rpc().header(Some(At::Height(height))).await?;
    let states = [
        ("before it", At::Height(height - 1)),
        ("after it, by height", At::Height(height)),
        ("after it, by block", At::Hash(block.hash)),
        ("after it, by time", At::Time(block.header.timestamp_ms)),
    ];
    for (when, at) in states {
        let question = json!({"account": bob.address, "asset": "EUR"});
        let balance = client.read_at("wallet", "get-balance", &question, at).await?;
        result(&format!("{when}: {} cents", balance.value["available"]))?;
    }
    Ok(())
}
