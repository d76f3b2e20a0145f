//! What every command understands, and the options that several commands have.

use std::path::PathBuf;

use clap::Args;
use ehb_sdk::api::At;

use crate::clock::from_utc;

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "General options")]
pub(crate) struct Options {
    /// The node's RPC address [default: the test network's first node, or http://127.0.0.1:7401]
    #[arg(long, global = true, value_name = "URL", env = "EHB_NODE", hide_env_values = true)]
    pub(crate) node: Option<String>,
    /// Whether the node's address is on the command line, and not in the environment alone.
    #[arg(skip)]
    pub(crate) node_is_argument: bool,
    /// Whether the test network is on the command line, and not in the environment alone.
    #[arg(skip)]
    pub(crate) testnet_is_argument: bool,
    /// The folder of the keys [default: the test network's, or ~/.config/ehb/keys]
    #[arg(long, global = true, value_name = "DIR", env = "EHB_KEYSTORE", hide_env_values = true)]
    pub(crate) keystore: Option<PathBuf>,
    /// The folder of a test network made by ehb-testnet: takes node, accounts and keys from it
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "EHB_TESTNET_DIR",
        hide_env_values = true
    )]
    pub(crate) testnet: Option<PathBuf>,
    /// A file whose first line is the passphrase of your keys; asked for on the terminal where it is
    /// missing. The keys of a test network have their own
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "EHB_PASSPHRASE_FILE",
        hide_env_values = true
    )]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print the result, or the error, as one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but results, warnings and errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

/// The state that a command reads.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct State {
    /// In the state after this block instead of the last one: its height, its hash, or a day or time (UTC) such as
    /// 2026-11-30 or 2026-11-30T08:05:00Z, which means the last block up to then
    #[arg(long, value_name = "BLOCK", value_parser = block)]
    pub(crate) at: Option<At>,
}

fn block(text: &str) -> Result<At, String> {
    if let Ok(height) = text.parse() {
        return Ok(At::Height(height));
    }
    if let Some(time_ms) = from_utc(text) {
        return Ok(At::Time(time_ms));
    }
    text.parse().map(At::Hash).map_err(|_| {
        "expected a block's height or hash, or a day or time such as 2026-11-30 or 2026-11-30T08:05:00Z"
            .to_owned()
    })
}

/// How long a command waits for each transaction.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Patience {
    /// How long to wait until it is final, 1 to 3600
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=3_600)
    )]
    pub(crate) timeout: u64,
}
