use anyhow::Context;
use ehb_localnet::{Manifest, Network, NodeEntry, Plan, create};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Command, Folder, Nodes, Up};
use crate::{demo, output, screen};

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
        create(&arguments.dir, &plan)?;
    }
    let mut network = Network::open(&arguments.dir)?;
    let nodes = network.select(None)?;
    if let Err(error) = network.start(&nodes).await {
        // A network that came up in part is of no use to anybody.
        network.stop(&nodes)?;
        return Err(error);
    }
    tell(&network, arguments.json)?;
    if !arguments.detach {
        output::say("running; Ctrl-C stops the network");
        stop_signal().await?;
        network.stop(&nodes)?;
    }
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

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
            Self::Start | Self::Restart => "ready",
        }
    }
}

async fn change(arguments: &Nodes, change: Change) -> anyhow::Result<()> {
    let mut network = Network::open(&arguments.dir)?;
    let nodes: Vec<NodeEntry> = network.select(arguments.node.as_deref())?;
    match change {
        Change::Stop => network.stop(&nodes)?,
        Change::Kill => network.kill(&nodes)?,
        Change::Start => network.start(&nodes).await?,
        Change::Restart => {
            network.stop(&nodes)?;
            network.start(&nodes).await?;
        }
    }
    if arguments.json {
        return tell(&network, true);
    }
    let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    output::say(&format!("{}: {}", names.join(", "), change.done()));
    Ok(())
}

fn tell(network: &Network, json: bool) -> anyhow::Result<()> {
    let manifest = network.manifest();
    if json {
        output::result(&serde_json::to_string_pretty(manifest)?);
        return Ok(());
    }
    output::result(&format!("chain {}", manifest.chain_id));
    for node in &manifest.nodes {
        output::result(&format!("{}  {}", node.name, node.rpc));
    }
    for account in &manifest.accounts {
        output::result(&format!("{:8}  {}", account.name.as_str(), account.address));
    }
    output::say("pay with these accounts, for instance:");
    output::say(&format!(
        "  ehb --testnet {} wallet transfer --from alice --to bob --asset EUR --amount 12.50",
        network.dir().display()
    ));
    Ok(())
}

async fn status(arguments: &Folder) -> anyhow::Result<()> {
    let network = Network::open(&arguments.dir)?;
    let seen = screen::look(&network).await;
    if arguments.json {
        let document = serde_json::to_string_pretty(&seen).context("the status is no JSON")?;
        output::result(&document);
    } else {
        output::result(screen::table(&seen).trim_end());
    }
    Ok(())
}
