//! The stable error codes of `ehb-testnet`.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// The folder contains no network.
pub(crate) const NO_TESTNET: &str = "NO_TESTNET";
/// The folder already contains a network.
pub(crate) const TESTNET_EXISTS: &str = "TESTNET_EXISTS";
/// The folder for a new network contains something else.
pub(crate) const FOLDER_NOT_EMPTY: &str = "FOLDER_NOT_EMPTY";
/// A file of the network is damaged.
pub(crate) const TESTNET_DAMAGED: &str = "TESTNET_DAMAGED";
/// The folder is not the one in which the network was created.
pub(crate) const TESTNET_MOVED: &str = "TESTNET_MOVED";
/// Such a network cannot be created, or does not support this load.
pub const BAD_PLAN: &str = "BAD_PLAN";
/// The network has no node of this name.
pub(crate) const UNKNOWN_NODE: &str = "UNKNOWN_NODE";
/// The node's program is missing or cannot be run.
pub(crate) const NO_PROGRAM: &str = "NO_PROGRAM";
/// A node could not be prepared, or exited by itself; its own code is in the message.
pub(crate) const NODE_ENDED: &str = "NODE_ENDED";
/// A node is running but not ready, or was not in time.
pub const NODE_NOT_READY: &str = "NODE_NOT_READY";
/// A node's process does not stop.
pub(crate) const NODE_NOT_STOPPED: &str = "NODE_NOT_STOPPED";
/// No node answers.
pub const UNREACHABLE: &str = "UNREACHABLE";
/// Accepted transactions did not become final in time, or became final twice.
pub const NOT_FINAL: &str = "NOT_FINAL";
/// Nodes have different blocks at one height.
pub const NODES_DIFFER: &str = "NODES_DIFFER";
/// The user interrupted the program.
pub const INTERRUPTED: &str = "INTERRUPTED";
/// An error of the operating system: a file, folder, port or process.
pub(crate) const SYSTEM: &str = "SYSTEM";
/// Any error without another code.
const INTERNAL: &str = "INTERNAL";

/// An error with a code; its text is the same as without it.
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

/// Creates an error with a code.
pub fn coded(code: &'static str, text: String) -> anyhow::Error {
    step(code, anyhow::Error::msg(text))
}

/// Attaches a code to an error.
pub(crate) fn step(code: &'static str, error: impl Into<anyhow::Error>) -> anyhow::Error {
    Coded { code, error: error.into() }.into()
}

/// The exit code of a program that ends with an error: 130 if the user interrupted it, as shells report it,
/// 3 if nodes were started and are not ready, else 1.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    match error_code(error) {
        INTERRUPTED => ExitCode::from(130),
        NODE_NOT_READY => ExitCode::from(3),
        _ => ExitCode::FAILURE,
    }
}

/// The stable code of an error: this program's own, or that of a node.
pub fn error_code(error: &anyhow::Error) -> &str {
    let known = |cause: &'_ (dyn Error + 'static)| {
        if let Some(coded) = cause.downcast_ref::<Coded>() {
            return Some(coded.code);
        }
        match cause.downcast_ref() {
            Some(ehb_sdk::Error::Unreachable { .. }) => return Some(UNREACHABLE),
            Some(ehb_sdk::Error::Url(_)) => return Some(BAD_PLAN),
            _ => {}
        }
        if cause.is::<ehb_console::WriteError>() {
            return Some(ehb_console::WriteError::CODE);
        }
        cause.is::<io::Error>().then_some(SYSTEM)
    };
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<ehb_sdk::Error>()?.code());
    refused.or_else(|| error.chain().find_map(known)).unwrap_or(INTERNAL)
}
