//! Runs a network of real node processes on one machine.
//!
//! A network is stored in one folder: the genesis, a folder for each node, the keys of funded accounts, and a
//! manifest for programs. Processes are found by their data directory, independent of who started them; only
//! one process at a time starts or stops them. Processes whose folder was removed are not those of a folder that has its
//! name later.

mod accounts;
mod create;
mod entry;
mod error_code;
mod indexer;
mod leftover;
mod lock;
mod manifest;
mod network;
mod node;
mod process;

pub mod ports;

pub use accounts::{LoadAccount, LoadAccounts, administrator_of};
pub use create::{Plan, add_node, create, remove_node};
pub use entry::{AccountEntry, IndexerEntry, NodeEntry};
pub use error_code::{
    BAD_PLAN, INTERRUPTED, NODE_NOT_READY, NODES_DIFFER, NOT_FINAL, UNREACHABLE, coded, error_code,
    exit_code,
};
pub use indexer::{IndexerStatus, has_dashboard, status as indexer_status};
pub use leftover::Leftover;
pub use manifest::Manifest;
pub use network::{Network, Unready};
