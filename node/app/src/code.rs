//! The stable codes under which the program says why it ends.

use std::error::Error;
use std::fmt;

use ehb_executor::GenesisFailure;
use ehb_network::NetworkError;
use ehb_rpc_server::ServerError;
use ehb_store::OpenError;
use ehb_types::GenesisError;

/// The settings are not valid, or not there.
pub(crate) const CONFIG: &str = "CONFIG_INVALID";
/// The genesis file is not valid, or not there.
pub(crate) const GENESIS: &str = "GENESIS_INVALID";
/// The data directory holds another chain than the genesis file.
pub(crate) const OTHER_GENESIS: &str = "OTHER_GENESIS";
/// The file with the keys is not valid, not there, or open to others.
pub(crate) const KEYS: &str = "KEYS_INVALID";
/// An address cannot be listened on.
pub(crate) const LISTEN: &str = "CANNOT_LISTEN";
/// The node stopped itself to protect the chain.
pub(crate) const HALTED: &str = "HALTED";
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

/// Puts an error under a code.
pub(crate) fn coded(code: &'static str, error: anyhow::Error) -> anyhow::Error {
    Coded { code, error }.into()
}

/// The result of a step whose errors have this code unless they have one of their own.
pub(crate) fn step<T>(code: &'static str, result: anyhow::Result<T>) -> anyhow::Result<T> {
    result.map_err(|error| coded(own(&error).unwrap_or(code), error))
}

/// The code of an error.
pub(crate) fn of(error: &anyhow::Error) -> &'static str {
    own(error).unwrap_or(INTERNAL)
}

fn own(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        if let Some(coded) = cause.downcast_ref::<Coded>() {
            return Some(coded.code);
        }
        if let Some(error) = cause.downcast_ref::<OpenError>() {
            return Some(match error {
                OpenError::Locked { .. } => "DIRECTORY_IN_USE",
                OpenError::Format { .. } => "DIRECTORY_FORMAT",
                OpenError::Damaged { .. } => "DIRECTORY_DAMAGED",
                OpenError::SignerState { .. } => "SIGNER_STATE",
                OpenError::Io { .. } | OpenError::Database { .. } => "DISK",
            });
        }
        let is_genesis = cause.is::<GenesisError>() || cause.is::<GenesisFailure>();
        let listens = matches!(cause.downcast_ref(), Some(NetworkError::Listen { .. }))
            || matches!(cause.downcast_ref(), Some(ServerError::Listen { .. }));
        is_genesis.then_some(GENESIS).or_else(|| listens.then_some(LISTEN))
    })
}
