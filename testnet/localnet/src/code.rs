//! The stable codes under which `ehb-testnet` says why it ends.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// The folder holds no network.
pub(crate) const NO_TESTNET: &str = "NO_TESTNET";
/// The folder holds a network already.
pub(crate) const TESTNET_EXISTS: &str = "TESTNET_EXISTS";
/// A file of the network is not what was written there.
pub(crate) const TESTNET_DAMAGED: &str = "TESTNET_DAMAGED";
/// The folder is not the one that the network was made in.
pub(crate) const TESTNET_MOVED: &str = "TESTNET_MOVED";
/// A network like this cannot be made, or cannot carry this load.
pub const BAD_PLAN: &str = "BAD_PLAN";
/// The network has no node of this name.
pub(crate) const UNKNOWN_NODE: &str = "UNKNOWN_NODE";
/// The node's program is not there or cannot be run.
pub(crate) const NO_PROGRAM: &str = "NO_PROGRAM";
/// A node could not be prepared, or ended by itself; its own code stands in the message.
pub(crate) const NODE_ENDED: &str = "NODE_ENDED";
/// A node runs and is not ready in time.
pub(crate) const NODE_NOT_READY: &str = "NODE_NOT_READY";
/// A node's process does not end.
pub(crate) const NODE_NOT_STOPPED: &str = "NODE_NOT_STOPPED";
/// No node answers.
pub const UNREACHABLE: &str = "UNREACHABLE";
/// What nodes accepted did not become final in time, or became so twice.
pub const NOT_FINAL: &str = "NOT_FINAL";
/// Nodes have different blocks at one height.
pub const NODES_DIFFER: &str = "NODES_DIFFER";
/// The user broke off.
pub const INTERRUPTED: &str = "INTERRUPTED";
/// The operating system refused: a file, folder, port or process.
pub(crate) const SYSTEM: &str = "SYSTEM";
/// Everything that has no other code.
const INTERNAL: &str = "INTERNAL";

/// An error under a code; to people it says the same as without it.
#[derive(Debug)]
struct Coded {
    code: &'static str,
    error: anyhow::Error,
}

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Coded {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// An error under a code.
pub fn coded(code: &'static str, text: String) -> anyhow::Error {
    step(code, anyhow::Error::msg(text))
}

/// Puts an error under a code.
pub(crate) fn step(code: &'static str, error: impl Into<anyhow::Error>) -> anyhow::Error {
    Coded { code, error: error.into() }.into()
}

/// The exit code of a program that ends with an error: 130 where the user broke off, as shells report it, else 1.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    if error_code(error) == INTERRUPTED { ExitCode::from(130) } else { ExitCode::FAILURE }
}

/// The stable code of an error: this program's own, or that of the node that refused something.
pub fn error_code(error: &anyhow::Error) -> &str {
    let known = |cause: &'_ (dyn Error + 'static)| {
        if let Some(coded) = cause.downcast_ref::<Coded>() {
            return Some(coded.code);
        }
        if let Some(ehb_sdk::Error::Unreachable { .. }) = cause.downcast_ref() {
            return Some(UNREACHABLE);
        }
        if cause.is::<ehb_console::WriteError>() {
            return Some(ehb_console::WriteError::CODE);
        }
        cause.is::<io::Error>().then_some(SYSTEM)
    };
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<ehb_sdk::Error>()?.code());
    refused.or_else(|| error.chain().find_map(known)).unwrap_or(INTERNAL)
}
