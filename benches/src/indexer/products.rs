//! Products of a large marketplace, and how long it takes to find some by their words.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use ehb_localnet::LoadAccounts;
use ehb_sdk::{Client, Signer};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::business;
use crate::connection::Connection;
use crate::load::world::execute;
use crate::table::quantile_ms;

/// The number of products, in stores of as many sellers, who create them at the same time.
const PRODUCTS: usize = 100_000;
const STORES: usize = 8;
/// The products that one transaction creates, and another lists: as many as it can have calls.
const BATCH: usize = 64;
/// The number of searches.
const SEARCHES: usize = 2_000;
/// Room in the gas limit, percent: ids and keys get longer.
const GAS_MARGIN_PERCENT: u64 = 30;

const COLOURS: [&str; 16] = [
    "amber", "azure", "black", "blue", "brass", "coral", "green", "grey", "ivory", "lilac",
    "olive", "orange", "pink", "red", "violet", "white",
];
const MATERIALS: [&str; 12] = [
    "ash", "bamboo", "brick", "carbon", "copper", "cotton", "glass", "oak", "rubber", "steel",
    "titan", "wool",
];
const THINGS: [&str; 20] = [
    "anvil", "axe", "basket", "blanket", "bolt", "chair", "chisel", "clamp", "drill", "hammer",
    "hinge", "jacket", "ladder", "lamp", "pipe", "plane", "pump", "saw", "table", "wrench",
];

/// The title of a product: three words that thousands have, and one of its own.
fn title(number: usize) -> String {
    // Steps without a common divisor, so that all combinations occur.
    let word = |words: &[&'static str], step: usize| words[number / step % words.len()];
    let (colour, material) = (word(&COLOURS, 1), word(&MATERIALS, 7));
    format!("{colour} {material} {} m{number}", word(&THINGS, 11))
}

/// Creates and lists the products.
pub(super) async fn create(node: &str, dir: &Path) -> anyhow::Result<()> {
    let accounts = LoadAccounts::read(dir)?.accounts;
    let sellers = (0..accounts.len()).filter(|place| LoadAccounts::sells(*place));
    let mut tasks = JoinSet::new();
    for (store, place) in sellers.take(STORES).enumerate() {
        let account = &accounts[place];
        let (client, signer) = (Client::connect(node).await?, Signer::of_key(account.key()?));
        let address = account.address.clone();
        tasks.spawn(async move { fill(&client, &signer, &address, store).await });
    }
    while let Some(done) = tasks.join_next().await {
        done?.context("cannot create products")?;
    }
    Ok(())
}

/// Creates the products of one store.
async fn fill(client: &Client, signer: &Signer, address: &str, place: usize) -> anyhow::Result<()> {
    let store = [("create-store", business::store("Large", address))];
    let store = execute(client, signer, "marketplace", &store, None).await?.0.remove(0);
    let mut gas_limits = [None, None];
    let numbers: Vec<usize> = (place..PRODUCTS).step_by(STORES).collect();
    for numbers in numbers.chunks(BATCH) {
        let create =
            |number: &usize| ("create-product", business::product(&store, &title(*number)));
        let calls: Vec<_> = numbers.iter().map(create).collect();
        let list =
            |product: &Value| ("set-listing", json!({ "product": product, "state": "listed" }));
        let mut made = run(client, signer, &calls, &mut gas_limits[0]).await?;
        let calls: Vec<_> = made.drain(..).map(|it| list(&it)).collect();
        run(client, signer, &calls, &mut gas_limits[1]).await?;
    }
    Ok(())
}

/// Makes calls in one transaction; the gas limit follows from the first time.
async fn run(
    client: &Client,
    signer: &Signer,
    calls: &[(&'static str, Value)],
    gas_limit: &mut Option<u64>,
) -> anyhow::Result<Vec<Value>> {
    let (results, gas) = execute(client, signer, "marketplace", calls, *gas_limit).await?;
    gas_limit.get_or_insert(gas * (100 + GAS_MARGIN_PERCENT) / 100);
    Ok(results)
}

/// The 99th percentile of searches for one, two and three words, by which one product or thousands are found, milliseconds.
pub(super) async fn search(url: &str) -> anyhow::Result<f64> {
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut connection = Connection::open(&url)?;
        let mut times: Vec<Duration> = Vec::new();
        for number in 0..SEARCHES {
            let title = title(number * (PRODUCTS / SEARCHES));
            let words: Vec<&str> = title.split(' ').collect();
            let query = match number % 4 {
                0 => format!("/v1/search?q={}", words[3]),
                1 => format!("/v1/search?q={}", words[2]),
                2 => format!("/v1/search?q={}+{}", words[0], words[2]),
                _ => format!("/v1/products?q={}+{}+{}", words[0], words[1], words[2]),
            };
            let begun = Instant::now();
            connection.get(&query)?;
            times.push(begun.elapsed());
        }
        Ok(quantile_ms(times, 99))
    })
    .await?
}
