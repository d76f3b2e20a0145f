//! The command line of `ehb-testnet`: its commands and their options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs an EHB network of real node processes on this machine, for development and tests.
#[derive(Debug, Parser)]
#[command(
    name = "ehb-testnet",
    version,
    after_help = "Example:\n  ehb-testnet up --validators 4 --dir ./net --detach --json\n  ehb-testnet down --dir ./net"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a network: a new one in an empty folder, or the existing one in the folder.
    Up(Up),
    /// Show the nodes: process, height, round, peers.
    Status(Folder),
    /// Stop a node, or all, and keep the data.
    Stop(Nodes),
    /// Start a stopped node, or all, and wait until it is ready; the exit code is 3 if it runs but is not ready.
    Start(Nodes),
    /// Kill a node, or all, like a power cut.
    Kill(Nodes),
    /// Restart a node, or all, and wait as 'start' does.
    Restart(Nodes),
    /// Stop all nodes. The folder stays: 'up' continues with the same chain.
    Down(Folder),
    /// Add a validator to the running network: its node starts, and governance lets it join.
    AddValidator(AddValidator),
    /// Remove a validator from the running network by governance, and stop its node.
    RemoveValidator(RemoveValidator),
    /// Start four validators, play a story across all modules, and show the network until Ctrl-C.
    Demo(Demo),
}

/// Options of `up`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-testnet up --validators 4 --dir ./net --detach --json")]
pub(crate) struct Up {
    /// The network's folder.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    pub(crate) dir: PathBuf,
    /// Number of validators of a new network.
    #[arg(long, default_value_t = 4)]
    pub(crate) validators: usize,
    /// Number of load generator accounts of a new network.
    #[arg(long, default_value_t = 256)]
    pub(crate) load_accounts: usize,
    /// Start an indexer beside the network: its tables and its HTTP API. From then on the network has one.
    #[arg(long)]
    pub(crate) indexer: bool,
    /// Return once the network is ready, and keep it running. The exit code is 3 if a node runs but is not ready.
    #[arg(long)]
    pub(crate) detach: bool,
    /// Print the manifest as one JSON document, with the nodes that are not ready under 'unready'.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A network's folder.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// The network's folder.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    pub(crate) dir: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Nodes of a network.
#[derive(Debug, Args)]
pub(crate) struct Nodes {
    /// The network's folder.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    pub(crate) dir: PathBuf,
    /// One node, for example validator-2; default: all.
    #[arg(long)]
    pub(crate) node: Option<String>,
    /// Print the manifest as one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `add-validator`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-testnet add-validator --dir ./net")]
pub(crate) struct AddValidator {
    /// The network's folder.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    pub(crate) dir: PathBuf,
    /// Its voting power. If those of the others are too small for it, they are multiplied.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) power: u64,
    /// Print the manifest as one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `remove-validator`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-testnet remove-validator --dir ./net --node validator-2")]
pub(crate) struct RemoveValidator {
    /// The network's folder.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    pub(crate) dir: PathBuf,
    /// The node, for example validator-2.
    #[arg(long)]
    pub(crate) node: String,
    /// Print the manifest as one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-testnet demo --exit")]
pub(crate) struct Demo {
    /// The network's folder; default: a temporary one that is deleted at the end.
    #[arg(long, env = "EHB_TESTNET_DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Number of validators of a new network.
    #[arg(long, default_value_t = 4)]
    pub(crate) validators: usize,
    /// Start an indexer beside the network, and show the URLs of its HTTP API and its database.
    #[arg(long)]
    pub(crate) indexer: bool,
    /// Exit after the story.
    #[arg(long)]
    pub(crate) exit: bool,
}
