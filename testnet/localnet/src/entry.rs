//! The entries of a network's manifest: nodes, the indexer, and accounts.

use std::path::PathBuf;

use ehb_types::Name;
use serde::{Deserialize, Serialize};

/// A node of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeEntry {
    /// The name by which commands select it, such as `node-1`.
    pub name: Name,
    /// Its process when the manifest was read, if it was running. It is not in the file, where it could be
    /// outdated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// JSON-RPC over HTTP.
    pub rpc: String,
    /// JSON-RPC over WebSocket.
    pub ws: String,
    /// Metrics for Prometheus.
    pub metrics: String,
    /// Its address for peers, `ip:port`.
    pub p2p: String,
    /// Its data directory.
    pub data_dir: PathBuf,
}

/// The indexer beside a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexerEntry {
    /// Its process when the manifest was read, if it was running; it is not in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Its HTTP API.
    pub url: String,
    /// The URL of its database, which runs as long as the indexer.
    pub database: String,
    /// Its folder.
    pub dir: PathBuf,
}

/// An account with funds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// The name of its key in the keystore.
    pub name: Name,
    /// The address as text, with the prefix of a test network.
    pub address: String,
    /// Its key file.
    pub keystore: PathBuf,
}
