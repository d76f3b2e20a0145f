//! Defines the command line of `ehb-node`: its commands, their options and help texts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::error_code;

pub(crate) mod forming;

const EXAMPLE: &str = "\
Example:
  ehb-node init --data-dir /var/lib/ehb --genesis genesis.json
  ehb-node start --data-dir /var/lib/ehb";

fn long_help() -> String {
    format!("{EXAMPLE}\n\n{}", error_code::HELP)
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

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prepare a data directory: create keys, write the configuration, copy the genesis.
    Init(Init),
    /// Run the node until SIGTERM or Ctrl-C.
    Start(Box<Settings>),
    Card(forming::CardArguments),
    Consent(forming::ConsentArguments),
    Join(forming::JoinArguments),
    /// Make the genesis of a network from cards, and show what one contains.
    #[command(subcommand)]
    Genesis(forming::GenesisCommand),
    Unlock(Unlock),
    Audit(Audit),
    /// Show the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// The commands for the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every value that `start` would use, and its origin.
    Show(Box<Show>),
}

/// Options of `init`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node init --data-dir /var/lib/ehb --genesis genesis.json --json"
)]
pub(crate) struct Init {
    /// The directory for keys, configuration and chain; created if it is missing.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The genesis file; it can also be added later as genesis.json next to the configuration.
    #[arg(long)]
    pub(crate) genesis: Option<PathBuf>,
    /// A peer to dial, as KEY@HOST:PORT; can be repeated.
    #[arg(long = "peer", value_name = "KEY@HOST:PORT")]
    pub(crate) peers: Vec<crate::peer::Peer>,
    /// The card of another validator, whose node becomes a peer to dial; repeated for each. The genesis must name
    /// the keys in the directory.
    #[arg(long = "card", value_name = "FILE", requires = "genesis")]
    pub(crate) cards: Vec<PathBuf>,
    /// Address to listen on for peers.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) p2p_listen: Option<SocketAddr>,
    /// Address to serve JSON-RPC on.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) rpc_listen: Option<SocketAddr>,
    /// Address to serve metrics on.
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// A file outside of the data directory that also records the last signed message; see store.signer_state
    /// in the configuration. Recommended for validators.
    #[arg(long, value_name = "FILE")]
    pub(crate) signer_state: Option<PathBuf>,
    /// Print the public keys and paths as one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `start`; they override the configuration file.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-node start --data-dir /var/lib/ehb --log-format json")]
pub(crate) struct Settings {
    /// The directory that `init` prepared.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// Address to listen on for peers.
    #[arg(long, env = "EHB_NODE_P2P_LISTEN", value_name = "IP:PORT")]
    pub(crate) p2p_listen: Option<SocketAddr>,
    /// Address to serve JSON-RPC on.
    #[arg(long, env = "EHB_NODE_RPC_LISTEN", value_name = "IP:PORT")]
    pub(crate) rpc_listen: Option<SocketAddr>,
    /// Address to serve metrics on.
    #[arg(long, env = "EHB_NODE_METRICS_LISTEN", value_name = "IP:PORT")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Folder for compiled code; default: `compiled` in the data directory.
    #[arg(long, env = "EHB_NODE_COMPILED_DIR", value_name = "DIR")]
    pub(crate) compiled_dir: Option<PathBuf>,
    /// Stop when standard input ends: for programs that start a node which must not outlive them.
    #[arg(long)]
    pub(crate) stop_at_stdin_end: bool,
    /// What to log, for example `info` or `info,ehb_consensus=debug`.
    #[arg(long, env = "EHB_NODE_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// The format of log lines.
    #[arg(long, env = "EHB_NODE_LOG_FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

/// Let a validator that lost its records of what it signed vote again from a height on.
///
/// Such a validator stays silent in every height in which it may have voted, and resumes by itself when the
/// others have decided them. Only if the others are no quorum without it, the chain stops until an operator
/// unlocks it:
///
/// - Check on every node, also those that are down, that none has a block at that height or above.
///
/// - Check that nothing else runs with the keys of the validators to unlock: no old directory, no backup.
///
/// - Unlock as few validators as are needed for a quorum. The node must be stopped.
///
/// A validator that is unlocked may contradict what it signed before, which is recorded on the chain as evidence against
/// it. With less than a third of the voting power unlocked, no two blocks of one height can become final. With more
/// they can, if the first two checks were wrong.
#[derive(Debug, Args)]
#[command(
    after_help = "Example, on a chain that stopped at height 41:\n  ehb-node unlock --data-dir /var/lib/ehb --sign-from 42"
)]
pub(crate) struct Unlock {
    /// The directory that `init` prepared.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The first height in which the validator can vote.
    #[arg(long, value_name = "HEIGHT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sign_from: u64,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Verify the data directory of a stopped node, using only its contents.
///
/// - The files: everything that is stored, with the history of the state, can be read and has its checksums.
///   Otherwise the audit ends with the code DIRECTORY_DAMAGED and what the database says.
///
/// - The chain: every block follows the previous one and is certified by a quorum, its body matches its
///   header, and its receipts match the next header.
///
/// - The state: its root, recomputed from all entries, is that of the head.
///
/// - The books, according to the modules at the head: for every asset, balances and holds equal what was
///   issued less what was redeemed, and an account's held amount equals its holds and pending payments; an
///   escrow never paid more than it received, equals its hold in the wallet, and is empty once it is over; no
///   hold was resolved twice; reserved stock matches orders; used credits match grants, credit lines and
///   bills.
///
/// Only a comparison with other nodes shows whether they have the same chain: compare head and state root,
/// which --json prints.
///
/// Nothing is changed. Violations are listed on stdout, one a line: code, subject and finding. The exit
/// status is then 1, and the code AUDIT_FAILED.
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
    /// Show for each value whether it comes from a flag or the environment, the file or the default.
    #[arg(long)]
    pub(crate) origin: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
