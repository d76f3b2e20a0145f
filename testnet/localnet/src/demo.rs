//! The command `demo`: starts a network, plays payments and a story on it, and shows it until Ctrl-C.

mod books;
pub(crate) mod people;
mod story;

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anyhow::Context;
use ehb_localnet::{INTERRUPTED, Manifest, Network, Plan, create, error_code, has_dashboard};
use ehb_sdk::api::{BlockNotice, Detail, LocatedReceipt};
use ehb_sdk::{Blocks, Client};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::cli::Demo;
use crate::screen;
use crate::starting::{all_ready, say_unready, start_indexer};
use crate::stop_signal::{StopSignal, interrupted};
use books::{Move, euros};
use people::People;
use story::{Part, Step};

/// The payments: from, to, cents, reason.
const PAYMENTS: [(&str, &str, u64, &str); 5] = [
    ("alice", "bob", 1_250, "two coffees and a cake"),
    ("bob", "carol", 25_000, "invoice 2026-0042"),
    ("carol", "dave", 1_999, "book"),
    ("dave", "erin", 100_000, "rent, December"),
    ("erin", "alice", 5, "the last five cents"),
];

/// The interval at which the screen is redrawn.
const SCREEN_EVERY: Duration = Duration::from_millis(500);
/// The number of recent blocks for the rate.
const RATE_BLOCKS: usize = 200;

/// Starts a network, plays its story, shows it until Ctrl-C, and stops it.
pub(crate) async fn run(arguments: &Demo) -> anyhow::Result<()> {
    // Before the folder is made, which must be thrown away.
    let mut stop = StopSignal::new()?;
    let thrown_away = match arguments.dir {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("cannot make a folder for the network")?),
    };
    let dir = arguments.dir.as_deref().or(thrown_away.as_ref().map(tempfile::TempDir::path));
    let dir = dir.context("there is no folder for the network")?;
    if !Manifest::exists(dir) {
        ehb_console::say(&format!("creating a network of {} validators", arguments.validators));
        create(dir, &Plan { validators: arguments.validators, ..Plan::default() })?;
    }
    let mut network = Network::open(dir)?.attached();
    let shown = show(&mut network, arguments, &mut stop).await;
    ehb_console::say("stopping the network");
    network.stop_spawned()?;
    shown
}

/// Plays the story, and then shows the network until Ctrl-C; an earlier Ctrl-C is an error.
async fn show(
    network: &mut Network,
    arguments: &Demo,
    stop: &mut StopSignal,
) -> anyhow::Result<()> {
    let nodes = network.select(None)?;
    let begun = Instant::now();
    tokio::select! {
        started = network.start(&nodes) => started?,
        () = stop.received() => return Err(interrupted("before the network was ready")),
    }
    all_ready(&say_unready(network, &nodes).await)?;
    let took = begun.elapsed().as_secs_f64();
    ehb_console::say(&format!("{} validators are ready after {took:.1} s", nodes.len()));
    for node in &network.manifest().nodes {
        ehb_console::say(&format!("  {}  {}", node.name, node.rpc));
    }
    // The story needs no indexer, and not every machine has a Postgres.
    if let Err(error) = start_indexer(network, arguments.indexer, stop).await {
        if error_code(&error) == INTERRUPTED {
            return Err(error);
        }
        ehb_console::say(&format!("  there is no indexer: {error:#}"));
    } else if let Some(indexer) = &network.manifest().indexer {
        if has_dashboard() {
            ehb_console::say(&format!("  dashboard    {}/", indexer.url));
        }
        ehb_console::say(&format!("  indexer      {}", indexer.url));
        ehb_console::say(&format!("  database     {}", indexer.database));
    }
    let (client, latencies) = tokio::select! {
        played = play_all(network) => played?,
        () = stop.received() => return Err(interrupted("before the end of the story")),
    };
    if arguments.exit {
        return Ok(());
    }
    tokio::select! {
        ended = live(network, &client, latencies) => ended,
        () = stop.received() => Ok(()),
    }
}

/// Plays the story. Returns the time until each step was final.
async fn play_all(network: &Network) -> anyhow::Result<(Client, Vec<Duration>)> {
    let node = network.manifest().nodes.first().context("the network has no node")?;
    let client = Client::connect(&node.rpc).await?;
    let mut people = People::new(client, network.manifest())?;
    let latencies = play(&mut people).await?;
    Ok((people.client().clone(), latencies))
}

/// Plays payments and story, and shows the books. Returns the time until each step was final.
async fn play(people: &mut People) -> anyhow::Result<Vec<Duration>> {
    let before = people.owned().await?;
    let mut moves: Vec<Move> = Vec::new();
    let mut latencies = Vec::new();
    ehb_console::say("\nPayments (wallet)");
    for (from, to, cents, reference) in PAYMENTS {
        latencies.push(pay(people, (from, to, cents, reference)).await?);
        moves.push((from, to, cents));
    }
    for (title, steps) in story::chapters() {
        ehb_console::say(&format!("\n{title}"));
        for step in steps {
            latencies.push(take(people, &step).await?);
            moves.extend(step.moves);
        }
    }
    let after = people.owned().await?;
    let table = books::compare(&people.names(), &before, &after, &moves)?;
    ehb_console::say(&format!("\n{}", table.trim_end()));
    ehb_console::say("everybody is paid, nothing is held, and the statements add up\n");
    Ok(latencies)
}

/// Makes a payment and returns the time until it was final.
async fn pay(
    people: &People,
    (from, to, cents, reference): (&str, &str, u64, &str),
) -> anyhow::Result<Duration> {
    let arguments = json!({
        "to": format!("@{to}"),
        "asset": "EUR",
        "amount": cents.to_string(),
        "reference": reference,
    });
    let done = people.act(from, "wallet", "transfer-with-reference", &arguments).await;
    let done = done.with_context(|| format!("the payment of {from} failed"))?;
    say(from, &format!("pays {to} {} EUR ({reference})", euros(cents)), &done.located, done.took);
    Ok(done.took)
}

/// Performs a step of the story and returns the time until it was final.
async fn take(people: &mut People, step: &Step) -> anyhow::Result<Duration> {
    let Step { who, module, function, arguments, description, keep, .. } = step;
    let done = people.act(who, module, function, arguments).await;
    let done = done.with_context(|| format!("{who} cannot call {module}.{function}"))?;
    if let Some((name, part)) = keep {
        people.keep(name, kept(&done.located, module, *part));
    }
    say(who, description, &done.located, done.took);
    Ok(done.took)
}

fn say(who: &str, description: &str, located: &LocatedReceipt, took: Duration) {
    let (height, ms) = (located.position.height, took.as_secs_f64() * 1e3);
    ehb_console::say(&format!(
        "  {who:8}  {description:66}  final at height {height:<4} after {ms:.1} ms"
    ));
}

/// A part of a receipt; null if it is missing, which makes a later step fail.
fn kept(located: &LocatedReceipt, module: &str, part: Part) -> Value {
    let found = match part {
        Part::BlockMs => return located.timestamp_ms.to_string().into(),
        Part::Result => located.result(0),
        Part::Event(place) => located.event(module, place),
    };
    found.cloned().unwrap_or_default()
}

/// Shows the network until it is stopped from outside.
async fn live(network: &Network, client: &Client, latencies: Vec<Duration>) -> anyhow::Result<()> {
    let mut blocks: Blocks = client.blocks(None, Detail::Ids);
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
                    ehb_console::screen(&text);
                } else {
                    let heights: Vec<String> =
                        seen.iter().map(|it| it.height.map_or("-".into(), |h| h.to_string())).collect();
                    ehb_console::say(&format!("heights {}", heights.join(" ")));
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
        "last 10 s: {:.1} blocks/s, {:.1} transactions/s    calls final after {:.1} ms (median)",
        f64::from(blocks) / seconds,
        transactions as f64 / seconds,
        median.as_secs_f64() * 1e3,
    )
}
