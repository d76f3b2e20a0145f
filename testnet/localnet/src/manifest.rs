//! The manifest of a network, from which programs learn its nodes and accounts.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ehb_types::{ChainId, Hash};
use serde::{Deserialize, Serialize};

use crate::entry::{AccountEntry, IndexerEntry, NodeEntry};
use crate::error_code::{self, coded, step};
use crate::{indexer, leftover, node};

/// The manifest in a network's folder.
const MANIFEST_FILE: &str = "manifest.json";

/// The description of a network, for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The id that transactions are signed for.
    pub chain_id: ChainId,
    /// The genesis hash.
    pub genesis: Hash,
    /// All nodes, with their process while they run.
    pub nodes: Vec<NodeEntry>,
    /// The indexer beside the network, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexer: Option<IndexerEntry>,
    /// Accounts with funds.
    pub accounts: Vec<AccountEntry>,
    /// The file with the passphrase of all the accounts' keys.
    pub passphrase_file: PathBuf,
}

impl Manifest {
    /// Reads the manifest of a network's folder.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(MANIFEST_FILE);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!(
                "there is no network in {}: start one with 'ehb-testnet up --dir {0}'{}",
                dir.display(),
                leftover::warning(dir)
            )
        });
        let text = text.map_err(|error| step(error_code::NO_TESTNET, error))?;
        let read = serde_json::from_str(&text);
        let read = read.with_context(|| format!("{} is not valid", path.display()));
        let mut manifest: Self = read.map_err(|error| step(error_code::TESTNET_DAMAGED, error))?;
        manifest.check_place(dir)?;
        for node in &mut manifest.nodes {
            node.pid = node::find(node);
        }
        if let Some(entry) = &mut manifest.indexer {
            entry.pid = indexer::find(entry);
        }
        Ok(manifest)
    }

    /// Checks that the folder is the one in which the network was created: nodes are identified by their
    /// paths, so a copy would act on the original network.
    fn check_place(&self, dir: &Path) -> anyhow::Result<()> {
        let place = dir.canonicalize()?;
        let elsewhere = self.nodes.iter().find(|node| !node.data_dir.starts_with(&place));
        let Some(node) = elsewhere else { return Ok(()) };
        let text = format!(
            "the network in {} was copied or moved there: its {} is in {}. Move it back, or make another one \
             with 'ehb-testnet up' in an empty folder",
            place.display(),
            node.name,
            node.data_dir.display()
        );
        Err(coded(error_code::TESTNET_MOVED, text))
    }

    /// Whether a folder contains a network.
    pub fn exists(dir: &Path) -> bool {
        dir.join(MANIFEST_FILE).exists()
    }

    /// Writes the manifest in one step, without the processes.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let mut manifest = self.clone();
        manifest.nodes.iter_mut().for_each(|node| node.pid = None);
        manifest.indexer.iter_mut().for_each(|entry| entry.pid = None);
        let path = dir.join(MANIFEST_FILE);
        ehb_console::replace_file(&path, &serde_json::to_string_pretty(&manifest)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}
