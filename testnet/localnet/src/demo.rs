use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use ehb_localnet::{AccountEntry, Manifest, Network, Plan, create};
use ehb_sdk::api::BlockNotice;
use ehb_sdk::{Blocks, Client, Draft, Signer};
use ehb_wallet::keystore::{Passphrase, read_key_file};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::cli::Demo;
use crate::commands::stop_signal;
use crate::{output, screen};

/// The payments: from, to, cents, what for.
const PAYMENTS: [(&str, &str, u64, &str); 5] = [
    ("alice", "bob", 1_250, "two coffees and a cake"),
    ("bob", "carol", 25_000, "invoice 2026-0042"),
    ("carol", "dave", 1_999, "book"),
    ("dave", "erin", 100_000, "rent, December"),
    ("erin", "alice", 5, "the last five cents"),
];

/// How often the screen is drawn anew.
const SCREEN_EVERY: Duration = Duration::from_millis(500);
/// Over how many of the last blocks the rate is taken.
const RATE_BLOCKS: usize = 200;

/// Starts a network, makes payments, shows it until Ctrl-C, and stops it.
pub(crate) async fn run(arguments: &Demo) -> anyhow::Result<()> {
    let thrown_away = match arguments.dir {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("cannot make a folder for the network")?),
    };
    let dir = arguments.dir.as_deref().or(thrown_away.as_ref().map(tempfile::TempDir::path));
    let dir = dir.context("there is no folder for the network")?;
    if !Manifest::exists(dir) {
        output::say(&format!("creating a network of {} validators", arguments.validators));
        create(dir, &Plan { validators: arguments.validators, ..Plan::default() })?;
    }
    let mut network = Network::open(dir)?;
    let nodes = network.select(None)?;
    let shown = tokio::select! {
        shown = show(&mut network, arguments.exit) => shown,
        stopped = stop_signal() => stopped,
    };
    output::say("stopping the network");
    network.stop(&nodes)?;
    shown
}

async fn show(network: &mut Network, exit: bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    let nodes = network.select(None)?;
    network.start(&nodes).await?;
    let took = begun.elapsed().as_secs_f64();
    output::say(&format!("{} validators are ready after {took:.1} s", nodes.len()));
    for node in &network.manifest().nodes {
        output::say(&format!("  {}  {}", node.name, node.rpc));
    }
    let passphrase = passphrase(network.manifest())?;
    let client = Client::connect(&nodes[0].rpc).await?;
    let mut latencies = Vec::new();
    for payment in PAYMENTS {
        latencies.push(pay(&client, network.manifest(), &passphrase, payment).await?);
    }
    show_balances(&client, network.manifest()).await?;
    if exit {
        return Ok(());
    }
    live(network, &client, latencies).await
}

fn passphrase(manifest: &Manifest) -> anyhow::Result<Passphrase> {
    let text = std::fs::read_to_string(&manifest.passphrase_file)
        .context("cannot read the passphrase of the network's accounts")?;
    Ok(Passphrase::new(text.trim_end())?)
}

fn account<'a>(manifest: &'a Manifest, name: &str) -> anyhow::Result<&'a AccountEntry> {
    let found = manifest.accounts.iter().find(|account| account.name.as_str() == name);
    found.with_context(|| format!("the network has no account {name}"))
}

/// Makes a payment and gives how long it took to become final.
async fn pay(
    client: &Client,
    manifest: &Manifest,
    passphrase: &Passphrase,
    (from, to, cents, reference): (&str, &str, u64, &str),
) -> anyhow::Result<Duration> {
    let key = read_key_file(Path::new(&account(manifest, from)?.keystore))?.open(passphrase)?;
    let signer = Signer::of_key(key);
    let arguments = json!({
        "to": account(manifest, to)?.address,
        "asset": "EUR",
        "amount": cents.to_string(),
        "reference": reference,
    });
    let call = client.call("wallet", "transfer-with-reference", &arguments).await?;
    let transaction = client.build(&signer.address(), Draft::new(call)).await?;
    let signed = signer.sign(transaction);
    let begun = Instant::now();
    let id = client.submit(&signed).await?;
    let located = client.wait(&id, Duration::from_secs(30)).await?;
    let took = begun.elapsed();
    let failed = matches!(located.receipt.outcome, ehb_sdk::api::OutcomeView::Failure { .. });
    anyhow::ensure!(!failed, "the payment of {from} failed: {:?}", located.receipt.outcome);
    output::say(&format!(
        "{from} pays {to} {} EUR ({reference}): final at height {} after {:.1} ms",
        euros(cents),
        located.position.height,
        took.as_secs_f64() * 1e3
    ));
    Ok(took)
}

fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

async fn show_balances(client: &Client, manifest: &Manifest) -> anyhow::Result<()> {
    for account in &manifest.accounts {
        let arguments = json!({ "account": account.address, "asset": "EUR" });
        let read = client.read("wallet", "get-balance", &arguments).await?;
        let available = read.value["available"].as_str().unwrap_or_default();
        let cents: u64 = available.parse().context("the balance is no number")?;
        let (name, amount) = (account.name.as_str(), euros(cents));
        output::say(&format!("{name:8}  {amount:>14} EUR  {}", account.address));
    }
    Ok(())
}

/// Shows the network until it is stopped from outside.
async fn live(network: &Network, client: &Client, latencies: Vec<Duration>) -> anyhow::Result<()> {
    let mut blocks: Blocks = client.blocks(None, true);
    let mut recent: Vec<(Instant, u32)> = Vec::new();
    let mut tick = interval(SCREEN_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let terminal = std::io::stderr().is_terminal();
    loop {
        tokio::select! {
            notice = blocks.next() => {
                if let BlockNotice::Block { block } = notice? {
                    recent.push((Instant::now(), block.transaction_count));
                    let old = recent.len().saturating_sub(RATE_BLOCKS);
                    recent.drain(..old);
                }
            }
            _ = tick.tick() => {
                let seen = screen::look(network).await;
                let text = format!(
                    "chain {}\n\n{}\n{}\n\nCtrl-C stops the network\n",
                    network.manifest().chain_id,
                    screen::table(&seen),
                    rates(&recent, &latencies),
                );
                if terminal {
                    output::screen(&text);
                } else {
                    let heights: Vec<String> =
                        seen.iter().map(|it| it.height.map_or("-".into(), |h| h.to_string())).collect();
                    output::say(&format!("heights {}", heights.join(" ")));
                }
            }
        }
    }
}

fn rates(recent: &[(Instant, u32)], latencies: &[Duration]) -> String {
    let window = Duration::from_secs(10);
    let now = Instant::now();
    let fresh = recent.iter().filter(|(at, _)| now.duration_since(*at) < window);
    let (blocks, transactions) =
        fresh.fold((0u32, 0u64), |(blocks, sum), (_, count)| (blocks + 1, sum + u64::from(*count)));
    let seconds = window.as_secs_f64();
    let mut sorted = latencies.to_vec();
    sorted.sort();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    format!(
        "last 10 s: {:.1} blocks/s, {:.1} transactions/s    payments final after {:.1} ms (median)",
        f64::from(blocks) / seconds,
        transactions as f64 / seconds,
        median.as_secs_f64() * 1e3,
    )
}
