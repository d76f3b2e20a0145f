//! Runs a network of real node processes on one machine.
//!
//! A network lives in one folder: the genesis, a folder a node, the keys of funded accounts, and a
//! manifest that tells programs where everything is. Processes are found by the data
//! directory that they were started on, whoever started them; one process at a time starts or ends them.

mod accounts;
mod code;
mod create;
mod lock;
mod manifest;
mod network;
mod node;
mod ports;

pub use accounts::{LoadAccount, LoadAccounts};
pub use code::{
    BAD_PLAN, INTERRUPTED, NODES_DIFFER, NOT_FINAL, UNREACHABLE, coded, error_code, exit_code,
};
pub use create::{Plan, create};
pub use manifest::{AccountEntry, Manifest, NodeEntry};
pub use network::Network;
