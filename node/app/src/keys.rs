//! Creates and reads the file with the node's secret keys.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, bail};
use ehb_types::SecretKey;
use serde::{Deserialize, Serialize};

use crate::fresh_key;

/// The file in the data directory with the node's secret keys.
pub(crate) const KEYS_FILE: &str = "keys.json";

/// A node's keys: one signs votes, the other identifies it among peers.
pub(crate) struct Keys {
    pub(crate) consensus: SecretKey,
    pub(crate) node: SecretKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Seed of the key that signs votes, 64 hex digits.
    consensus_seed: String,
    /// Seed of the key that identifies the node, 64 hex digits.
    node_seed: String,
}

impl Keys {
    /// Creates keys from the system's randomness, and writes them to a new file.
    pub(crate) fn create(data_dir: &Path) -> anyhow::Result<Self> {
        let generate = || SecretKey::generate().context("the system gave no randomness");
        let keys = Self { consensus: generate()?, node: generate()? };
        let file = File {
            consensus_seed: hex::encode(*keys.consensus.to_seed()),
            node_seed: hex::encode(*keys.node.to_seed()),
        };
        let path = data_dir.join(KEYS_FILE);
        // Before the keys: keys without this note count as used.
        fresh_key::mark(data_dir)?;
        let written = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut out| {
                out.write_all(serde_json::to_string_pretty(&file)?.as_bytes())?;
                out.sync_all()
            });
        written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(keys)
    }

    /// Reads the keys; a file that others can read is rejected.
    pub(crate) fn read(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(KEYS_FILE);
        let shown = path.display();
        let mode = std::fs::metadata(&path)
            .with_context(|| format!("cannot read {shown}: run 'ehb-node init' first"))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            bail!("{shown} can be read by others: run 'chmod 600 {shown}'");
        }
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {shown}"))?;
        // The parser's own message could contain a part of a secret.
        let file: File = serde_json::from_str(&text)
            .map_err(|error| anyhow::anyhow!("{shown} is not valid, line {}", error.line()))?;
        let seed = |name: &str, text: &str| {
            let mut seed = [0; 32];
            match hex::decode_to_slice(text, &mut seed) {
                Ok(()) => Ok(SecretKey::from_seed(&seed)),
                Err(_) => bail!("{shown}: {name} is not 64 hex digits"),
            }
        };
        let consensus = seed("consensus_seed", &file.consensus_seed)?;
        let node = seed("node_seed", &file.node_seed)?;
        Ok(Self { consensus, node })
    }
}
