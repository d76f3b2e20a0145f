//! A service sells credits and charges a customer for what was really used.
//!
//! The customer sets aside the most that a request can cost; the service does the work and captures what it
//! took; the rest returns to the customer. No work is done that nobody pays for, and nobody pays for more than was done.

use anyhow::Context;
use ehb_console::result;
use ehb_examples::{Account, TestNetwork};
use ehb_sdk::{Client, Draft};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let network = TestNetwork::open()?;
    let client = network.connect().await?;
    let (service, customer) = (network.account(0)?, network.account(1)?);

    // The service opens a programme. Three credits buy ten tokens, and a thousand credits cost 20.00 EUR.
    let programme =
        json!({"name": "Text API", "unit": "credit", "payout-account": service.address, "key": ""});
    let programme = execute(&client, service, "create-programme", programme).await?;
    let price = json!({"programme": programme, "service": "text/token", "credits": "3", "per": "10", "effective-ms": null});
    execute(&client, service, "set-price", price).await?;
    let meter = json!({"programme": programme, "meter": service.address, "name": "eu-1"});
    execute(&client, service, "register-meter", meter).await?;
    let sale = json!({
        "asset": "EUR", "price": "2000", "per": "1000", "credits-min": "100", "credits-max": "100000",
        "validity-ms": (30 * DAY_MS).to_string(), "priority": 0,
        "refund-window-ms": (14 * DAY_MS).to_string(), "refund-fee": 0, "breakage": 0,
    });
    let terms = json!({"programme": programme, "sale-terms": sale});
    execute(&client, service, "set-sale-terms", terms).await?;

    // The customer buys credits and sets aside the most that a request can cost: 300 credits for 1,000 tokens.
    let purchase = json!({
        "programme": programme, "account": null, "credits": "1000", "price-max": "2000", "key": "",
    });
    execute(&client, customer, "purchase-credits", purchase).await?;
    let usage = json!({
        "programme": programme, "account": customer.address, "service": "text/token",
        "quantity-max": "1000", "meter": service.address, "capture-window-ms": "3600000",
        "reference": "request 1", "key": "",
    });
    let usage = execute(&client, customer, "authorise-usage", usage).await?;

    // The service does the work, which took 420 tokens, and charges for that.
    let work = json!({"usage": usage, "quantity": "420", "key": ""});
    let cost = execute(&client, service, "capture-usage", work).await?;
    result(&format!("charged {cost} credits for 420 tokens"))?;

    let question = json!({"programme": programme, "account": customer.address});
    let position = client.read("credit", "get-balance", &question).await?;
    result(&format!("the customer's position: {}", position.value))?;
    Ok(())
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Calls a function of the module `credit`, waits until that is final, and returns the function's result.
async fn execute(
    client: &Client,
    sender: &Account,
    function: &str,
    arguments: Value,
) -> anyhow::Result<Value> {
    let call = client.call("credit", function, &arguments).await?;
    let done = client.execute(&sender.signer()?, Draft::new(call)).await?;
    let returned = done.result(0).with_context(|| format!("{function} returned nothing"))?;
    Ok(returned.clone())
}
