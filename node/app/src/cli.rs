use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::code;

const EXAMPLE: &str = "\
Example:
  ehb-node init --data-dir /var/lib/ehb --genesis genesis.json
  ehb-node start --data-dir /var/lib/ehb";

fn long_help() -> String {
    format!("{EXAMPLE}\n\n{}", code::HELP)
}

/// A node of an EHB network: a validator, or an observer that follows the chain.
#[derive(Debug, Parser)]
#[command(
    name = "ehb-node",
    version,
    after_help = EXAMPLE,
    after_long_help = long_help()
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prepare a data directory: make keys, write the configuration, take over the genesis.
    Init(Init),
    /// Run the node until it is told to stop by SIGTERM or Ctrl-C.
    Start(Box<Settings>),
    /// Let a validator that lost its records vote again from a height on; read the help first.
    Unlock(Unlock),
    /// Check that a stopped node's data directory holds what it must: chain, state and books.
    Audit(Audit),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every value that `start` would use, and where it comes from.
    Show(Box<Show>),
}

/// Options of `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node init --data-dir /var/lib/ehb --genesis genesis.json --json"
)]
pub(crate) struct Init {
    /// The directory for keys, configuration and chain; made if it is missing.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The genesis file; can also be put beside the configuration later, as genesis.json.
    #[arg(long)]
    pub(crate) genesis: Option<PathBuf>,
    /// A peer to dial, as KEY@HOST:PORT; can be given several times.
    #[arg(long = "peer", value_name = "KEY@HOST:PORT")]
    pub(crate) peers: Vec<crate::config::Peer>,
    /// Where to listen for peers.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) p2p_listen: Option<SocketAddr>,
    /// Where to serve JSON-RPC.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) rpc_listen: Option<SocketAddr>,
    /// Where to serve metrics.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// A file outside of the data directory that also keeps what was signed last; see store.signer_state
    /// in the configuration. Recommended for validators.
    #[arg(long, value_name = "FILE")]
    pub(crate) signer_state: Option<PathBuf>,
    /// Print the public keys and paths as one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `start`; each one that is left out comes from the configuration file.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-node start --data-dir /var/lib/ehb --log-format json")]
pub(crate) struct Settings {
    /// The directory that `init` prepared.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// Where to listen for peers.
    #[arg(long, env = "EHB_NODE_P2P_LISTEN", value_name = "IP:PORT")]
    pub(crate) p2p_listen: Option<SocketAddr>,
    /// Where to serve JSON-RPC.
    #[arg(long, env = "EHB_NODE_RPC_LISTEN", value_name = "IP:PORT")]
    pub(crate) rpc_listen: Option<SocketAddr>,
    /// Where to serve metrics.
    #[arg(long, env = "EHB_NODE_METRICS_LISTEN", value_name = "IP:PORT")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Where to keep compiled code; `compiled` in the data directory when left out.
    #[arg(long, env = "EHB_NODE_COMPILED_DIR", value_name = "DIR")]
    pub(crate) compiled_dir: Option<PathBuf>,
    /// End when standard input ends: for programs that start a node which shall not outlive them.
    #[arg(long)]
    pub(crate) stop_at_stdin_end: bool,
    /// What to log, for instance `info` or `info,ehb_consensus=debug`.
    #[arg(long, env = "EHB_NODE_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// How log lines look.
    #[arg(long, env = "EHB_NODE_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

/// Let a validator that lost its records of what it signed vote again from a height on.
///
/// Such a validator stays silent in every height in which it may have voted, and goes on by itself when
/// the others have decided them. Only where the others are no quorum without it, the chain stands still
/// until an operator says that it may vote. Check first that no validator has a block at that height, or
/// above; then unlock as few validators as a quorum needs, never a third of the voting power or more:
/// they may contradict what they signed before, which is recorded on the chain as evidence against them.
/// The node must not run.
#[derive(Debug, Args)]
#[command(
    after_help = "Example, on a chain that stands at height 41:\n  ehb-node unlock --data-dir /var/lib/ehb --sign-from 42"
)]
pub(crate) struct Unlock {
    /// The directory that `init` prepared.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The first height in which the validator may vote.
    #[arg(long, value_name = "HEIGHT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sign_from: u64,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Check that a stopped node's data directory holds what it must, by what it holds alone.
///
/// - The chain: every block follows the one before and is certified by a quorum, its body is that of its
///   header, and its receipts are those that the next header carries.
/// - The state: its root, computed anew from all entries, is that of the head.
/// - The books, by what the modules say at the head: for every asset balances and holds are what was issued
///   less what was redeemed, and what an account holds is what its holds and pending payments set aside; an
///   escrow never gave more than it got, holds what the wallet holds for it, and nothing once it is over; no
///   hold was resolved twice; goods are reserved as orders say; credits that were used are those of grants,
///   credit lines and bills.
///
/// Whether other nodes hold the same, only a comparison with them can tell: of head and state root, which
/// --json prints.
///
/// Nothing is changed. What is wrong is listed on stdout, one violation a line: code, what it is about, and
/// what was found. The exit status is then 1, and the code AUDIT_FAILED.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-node audit --data-dir /var/lib/ehb --json")]
pub(crate) struct Audit {
    /// The directory that `init` prepared.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `config show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-node config show --data-dir /var/lib/ehb --origin")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Say for each value whether it comes from a flag or the environment, the file or the default.
    #[arg(long)]
    pub(crate) origin: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
