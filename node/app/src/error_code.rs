//! The stable error codes of the program. `ehb-node --help` lists them.

use std::error::Error;
use std::fmt;

use ehb_executor::{GenesisFailure, LoadError};
use ehb_network::NetworkError;
use ehb_rpc_server::ServerError;
use ehb_store::{OpenError, StoreError};
use ehb_types::GenesisError;

/// The settings are invalid or missing.
pub(crate) const CONFIG: &str = "CONFIG_INVALID";
/// The genesis file or one of its modules is invalid or missing.
pub(crate) const GENESIS: &str = "GENESIS_INVALID";
/// The data directory contains another chain, or another genesis file, than the given one.
pub(crate) const OTHER_GENESIS: &str = "OTHER_GENESIS";
/// A card is invalid or missing, or does not fit the others.
pub(crate) const CARD: &str = "CARD_INVALID";
/// The genesis is not what cards and base make.
pub(crate) const GENESIS_DIFFERS: &str = "GENESIS_DIFFERS";
/// The genesis does not name the keys of the node.
pub(crate) const NOT_IN_GENESIS: &str = "NOT_IN_GENESIS";
/// The key file is invalid, missing, or readable by others.
pub(crate) const KEYS: &str = "KEYS_INVALID";
/// Another process uses the data directory or the signer state.
const IN_USE: &str = "DIRECTORY_IN_USE";
/// The data directory has a format that this program does not know.
const FORMAT: &str = "DIRECTORY_FORMAT";
/// The data directory is damaged.
pub(crate) const DAMAGED: &str = "DIRECTORY_DAMAGED";
/// The signer state is missing, damaged, of another chain, or in a place that cannot be used.
pub(crate) const SIGNER_STATE: &str = "SIGNER_STATE";
/// The disk is full, failed, or is not writable.
pub(crate) const DISK: &str = "DISK";
/// An address cannot be listened on.
pub(crate) const LISTEN: &str = "CANNOT_LISTEN";
/// There is nothing to unlock, or not at that height.
pub(crate) const UNLOCK: &str = "UNLOCK_REFUSED";
/// The audit found violations in the data directory.
pub(crate) const AUDIT: &str = "AUDIT_FAILED";
/// The node stopped itself to protect the chain.
pub(crate) const HALTED: &str = "HALTED";
/// A result cannot be written.
const STDOUT: &str = ehb_console::WriteError::CODE;
/// Any error without another code.
const INTERNAL: &str = "INTERNAL";

/// The list of codes in `ehb-node --help`.
pub(crate) const HELP: &str = "\
Where a command fails, the last line on stderr is 'code: CODE', and the exit status is 1:
  CONFIG_INVALID     the settings are not valid, or not there
  GENESIS_INVALID    the genesis file or a module that it names is not valid, or not there
  OTHER_GENESIS      the data directory belongs to another genesis
  CARD_INVALID       a card is not valid or not there, or does not fit the others
  GENESIS_DIFFERS    the genesis is not what the cards and the base make
  NOT_IN_GENESIS     the genesis does not name the keys of the node
  KEYS_INVALID       the file with the keys is not valid, not there, or open to others
  DIRECTORY_IN_USE   another process uses the data directory or the signer state
  DIRECTORY_FORMAT   the data directory was written by another version of the program
  DIRECTORY_DAMAGED  what the data directory holds is not what was written
  SIGNER_STATE       the signer state is missing, damaged, of another chain, or cannot be opened
  DISK               the disk is full, failed, or is not writable
  CANNOT_LISTEN      an address is in use, or none of this machine
  UNLOCK_REFUSED     there is nothing to unlock, or not at that height
  AUDIT_FAILED       the audit found violations, which are listed on stdout
  HALTED             the node stopped itself to protect the chain
  STDOUT             a result cannot be written
  INTERNAL           everything else: please report it";

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

/// Attaches a code to an error.
pub(crate) fn coded(code: &'static str, error: anyhow::Error) -> anyhow::Error {
    Coded { code, error }.into()
}

/// Attaches a code to the errors of a step, unless they already have one.
pub(crate) fn step<T>(code: &'static str, result: anyhow::Result<T>) -> anyhow::Result<T> {
    result.map_err(|error| coded(own(&error).unwrap_or(code), error))
}

/// The code of an error.
pub(crate) fn of(error: &anyhow::Error) -> &'static str {
    own(error).unwrap_or(INTERNAL)
}

/// The code of the outermost cause that has one.
fn own(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(|cause| {
        if let Some(coded) = cause.downcast_ref::<Coded>() {
            return Some(coded.code);
        }
        if let Some(error) = cause.downcast_ref::<OpenError>() {
            return Some(of_open(error));
        }
        if let Some(error) = cause.downcast_ref::<StoreError>() {
            return of_store(error);
        }
        if cause.is::<GenesisError>() || cause.is::<GenesisFailure>() {
            return Some(GENESIS);
        }
        // Modules were compiled before they were stored, and reading the state fails only because of damage.
        if cause.is::<LoadError>() || cause.is::<ehb_state::StoreError>() {
            return Some(DAMAGED);
        }
        if cause.is::<ehb_console::WriteError>() {
            return Some(STDOUT);
        }
        let listens = matches!(cause.downcast_ref(), Some(NetworkError::Listen { .. }))
            || matches!(cause.downcast_ref(), Some(ServerError::Listen { .. }));
        listens.then_some(LISTEN)
    })
}

fn of_open(error: &OpenError) -> &'static str {
    match error {
        OpenError::Locked { .. } => IN_USE,
        OpenError::Format { .. } => FORMAT,
        OpenError::Damaged { .. } => DAMAGED,
        OpenError::SignerState { .. } | OpenError::SignerPlace { .. } => SIGNER_STATE,
        OpenError::Io { .. } | OpenError::Database { .. } => DISK,
    }
}

/// A programming error of the caller has none.
fn of_store(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Damaged(_) => Some(DAMAGED),
        StoreError::Disk(_) | StoreError::DiskFull(_) | StoreError::Stopped(_) => Some(DISK),
        StoreError::Height { .. } | StoreError::Mismatch { .. } | StoreError::Bound { .. } => None,
    }
}
