//! Executes the commands of `ehb-testnet` and prints their results.

use anyhow::Context;
use ehb_localnet::{Leftover, Manifest, Network, NodeEntry, Plan, Unready, create, has_dashboard};
use serde::Serialize;

use crate::cli::{Command, Folder, Nodes, Up};
use crate::starting::{all_ready, say_unready, start_indexer};
use crate::stop_signal::{StopSignal, interrupted};
use crate::{demo, screen, validators};

pub(crate) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Up(arguments) => up(&arguments).await,
        Command::Status(arguments) => status(&arguments).await,
        Command::Stop(arguments) => change(&arguments, Change::Stop).await,
        Command::Start(arguments) => change(&arguments, Change::Start).await,
        Command::Kill(arguments) => change(&arguments, Change::Kill).await,
        Command::Restart(arguments) => change(&arguments, Change::Restart).await,
        Command::Down(arguments) => {
            let nodes = Nodes { dir: arguments.dir, node: None, json: arguments.json };
            change(&nodes, Change::Stop).await
        }
        Command::AddValidator(arguments) => validators::add(&arguments).await,
        Command::RemoveValidator(arguments) => validators::remove(&arguments).await,
        Command::Demo(arguments) => demo::run(&arguments).await,
    }
}

async fn up(arguments: &Up) -> anyhow::Result<()> {
    if !Manifest::exists(&arguments.dir) {
        let plan = Plan {
            validators: arguments.validators,
            load_accounts: arguments.load_accounts,
            ..Plan::default()
        };
        let created = create(&arguments.dir, &plan);
        // Another program may have made it meanwhile: then that is the network.
        if !Manifest::exists(&arguments.dir) {
            created?;
        }
    }
    let network = Network::open(&arguments.dir)?;
    let mut network = if arguments.detach { network } else { network.attached() };
    let nodes = network.select(None)?;
    let mut stop = StopSignal::new()?;
    let mut started = start(&mut network, &nodes, &mut stop).await;
    let mut unready = Vec::new();
    if started.is_ok() {
        started = start_indexer(&mut network, arguments.indexer, &mut stop).await;
    }
    if started.is_ok() {
        unready = say_unready(&network, &network.manifest().nodes).await;
        started = print(&network, Some(&unready), arguments.json);
    }
    if let Err(error) = started {
        // A partially started network, or one that was not shown, is useless. Nodes that were running before
        // keep running.
        network.stop_spawned()?;
        return Err(error);
    }
    if arguments.detach {
        return all_ready(&unready).context(RUNS_ON);
    }
    ehb_console::say("running; Ctrl-C stops the network");
    stop.received().await;
    network.stop_indexer()?;
    network.stop(&nodes)
}

/// Starts nodes, unless it is interrupted before they are ready.
async fn start(
    network: &mut Network,
    nodes: &[NodeEntry],
    stop: &mut StopSignal,
) -> anyhow::Result<()> {
    tokio::select! {
        started = network.start(nodes) => started,
        () = stop.received() => Err(interrupted("before the network was ready")),
    }
}

/// Starts nodes that outlive this process, and the indexer with all of them.
async fn start_detached(
    network: &mut Network,
    nodes: &[NodeEntry],
    all: bool,
) -> anyhow::Result<()> {
    let mut stop = StopSignal::new()?;
    start(network, nodes, &mut stop).await.context(RUNS_ON)?;
    if all {
        start_indexer(network, false, &mut stop).await.context(RUNS_ON)?;
    }
    Ok(())
}

/// The state of the nodes if one of them is not ready.
const RUNS_ON: &str = "started nodes keep running until 'ehb-testnet stop'";

enum Change {
    Stop,
    Start,
    Kill,
    Restart,
}

impl Change {
    fn done(&self) -> &'static str {
        match self {
            Self::Stop => "stopped; the data is kept",
            Self::Kill => "killed",
            Self::Start | Self::Restart => "ready; runs until 'ehb-testnet stop'",
        }
    }
}

async fn change(arguments: &Nodes, change: Change) -> anyhow::Result<()> {
    let ends = matches!(change, Change::Stop | Change::Kill);
    if ends && Leftover::stop_all(&arguments.dir)? && !Manifest::exists(&arguments.dir) {
        return Ok(());
    }
    let mut network = Network::open(&arguments.dir)?;
    let nodes: Vec<NodeEntry> = network.select(arguments.node.as_deref())?;
    // The indexer belongs to the network as a whole.
    let all = arguments.node.is_none();
    match change {
        Change::Stop | Change::Restart if all => network.stop_indexer()?,
        Change::Kill if all => network.kill_indexer()?,
        _ => {}
    }
    match change {
        Change::Stop => network.stop(&nodes)?,
        Change::Kill => network.kill(&nodes)?,
        Change::Start => start_detached(&mut network, &nodes, all).await?,
        Change::Restart => {
            network.stop(&nodes)?;
            start_detached(&mut network, &nodes, all).await?;
        }
    }
    let unready = match change {
        Change::Start | Change::Restart => Some(say_unready(&network, &nodes).await),
        Change::Stop | Change::Kill => None,
    };
    let ready = all_ready(unready.as_deref().unwrap_or_default()).context(RUNS_ON);
    if arguments.json {
        print(&network, unready.as_deref(), true)?;
    } else if ready.is_ok() {
        let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        ehb_console::say(&format!("{}: {}", names.join(", "), change.done()));
    }
    ready
}

/// The manifest, and after a start the nodes that are not ready.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    manifest: &'a Manifest,
    #[serde(skip_serializing_if = "Option::is_none")]
    unready: Option<&'a [Unready]>,
}

pub(crate) fn print(
    network: &Network,
    unready: Option<&[Unready]>,
    json: bool,
) -> anyhow::Result<()> {
    let manifest = network.manifest();
    if json {
        return Ok(ehb_console::json(&Printed { manifest, unready })?);
    }
    ehb_console::result(&format!("chain {}", manifest.chain_id))?;
    for node in &manifest.nodes {
        ehb_console::result(&format!("{}  {}", node.name, node.rpc))?;
    }
    say_indexer(manifest)?;
    for account in &manifest.accounts {
        ehb_console::result(&format!("{:8}  {}", account.name.as_str(), account.address))?;
    }
    if unready.is_some_and(|it| !it.is_empty()) {
        return Ok(());
    }
    ehb_console::say("pay with these accounts, for example:");
    ehb_console::say(&format!(
        "  ehb --testnet {} wallet transfer --from alice --to bob --asset EUR --amount 12.50",
        network.dir().display()
    ));
    Ok(())
}

/// Prints the URLs of the indexer, if there is one.
fn say_indexer(manifest: &Manifest) -> anyhow::Result<()> {
    let Some(indexer) = &manifest.indexer else { return Ok(()) };
    if has_dashboard() {
        ehb_console::result(&format!("dashboard    {}/", indexer.url))?;
    }
    ehb_console::result(&format!("indexer      {}", indexer.url))?;
    Ok(ehb_console::result(&format!("database     {}", indexer.database))?)
}

async fn status(arguments: &Folder) -> anyhow::Result<()> {
    let network = Network::open(&arguments.dir)?;
    let seen = screen::look(&network).await;
    if arguments.json {
        ehb_console::json(&seen)?;
    } else {
        ehb_console::result(screen::table(&seen).trim_end())?;
    }
    Ok(())
}
