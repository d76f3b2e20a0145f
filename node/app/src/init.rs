use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ehb_types::Genesis;

use crate::cli::Init;
use crate::config::{CONFIG_FILE, Config};
use crate::keys::{KEYS_FILE, Keys};
use crate::output;

/// The genesis in the data directory.
pub(crate) const GENESIS_FILE: &str = "genesis.json";

/// Prepares a data directory. Keys and configuration that are there already are kept.
pub(crate) fn init(arguments: &Init) -> anyhow::Result<()> {
    let dir = &arguments.data_dir;
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let has_keys = dir.join(KEYS_FILE).exists();
    let keys = if has_keys { Keys::read(dir)? } else { Keys::create(dir)? };
    write_config(arguments)?;
    if let Some(genesis) = &arguments.genesis {
        take_genesis(dir, genesis)?;
    }
    let consensus = keys.consensus.public_key();
    let node = keys.node.public_key();
    if arguments.json {
        let document = serde_json::json!({
            "consensusKey": consensus,
            "nodeKey": node,
            "config": dir.join(CONFIG_FILE),
            "genesis": dir.join(GENESIS_FILE).exists().then(|| dir.join(GENESIS_FILE)),
        });
        output::result(&serde_json::to_string_pretty(&document)?);
    } else {
        output::result(&format!("consensus key  {consensus}\nnode key       {node}"));
        let next = if dir.join(GENESIS_FILE).exists() {
            format!("start the node with: ehb-node start --data-dir {}", dir.display())
        } else {
            format!("put the network's genesis at {}", dir.join(GENESIS_FILE).display())
        };
        output::say(&next);
    }
    Ok(())
}

fn write_config(arguments: &Init) -> anyhow::Result<()> {
    let path = arguments.data_dir.join(CONFIG_FILE);
    let given = !arguments.peers.is_empty()
        || arguments.p2p_listen.is_some()
        || arguments.rpc_listen.is_some()
        || arguments.metrics_listen.is_some()
        || arguments.signer_state.is_some();
    if path.exists() {
        if given {
            bail!("{} is there already: change it by hand", path.display());
        }
        return Ok(());
    }
    let mut config = Config::default();
    config.p2p.peers.clone_from(&arguments.peers);
    config.p2p.listen = arguments.p2p_listen.unwrap_or(config.p2p.listen);
    config.rpc.listen = arguments.rpc_listen.unwrap_or(config.rpc.listen);
    config.metrics.listen = arguments.metrics_listen.unwrap_or(config.metrics.listen);
    config.store.signer_state = arguments
        .signer_state
        .as_deref()
        .map(|file| signer_state(&arguments.data_dir, file))
        .transpose()?;
    std::fs::write(&path, toml::to_string_pretty(&config)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The path from the root, which also holds where `start` is run from another folder.
fn signer_state(data_dir: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    let file = std::path::absolute(file).context("the signer state is no path")?;
    if file.starts_with(std::path::absolute(data_dir)?) {
        bail!(
            "{} lies in the data directory, with which it would be restored: choose another place",
            file.display()
        );
    }
    Ok(file)
}

fn take_genesis(dir: &Path, source: &Path) -> anyhow::Result<()> {
    let genesis = read_genesis(source)?;
    let path = dir.join(GENESIS_FILE);
    if path.exists() && read_genesis(&path)?.hash() != genesis.hash() {
        bail!("{} holds another genesis: a data directory belongs to one chain", path.display());
    }
    std::fs::write(&path, genesis.to_json()?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Reads a genesis file and checks it.
pub(crate) fn read_genesis(path: &Path) -> anyhow::Result<Genesis> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the genesis at {}", path.display()))?;
    Genesis::from_json(&text).with_context(|| format!("{}", path.display()))
}
