//! Runs `ehb-node init`, which writes keys, configuration and genesis into a data directory.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use ehb_types::Genesis;

use crate::cli::Init;
use crate::code;
use crate::config::{CONFIG_FILE, Config, check_signer_state};
use crate::keys::{KEYS_FILE, Keys};

/// The genesis in the data directory.
pub(crate) const GENESIS_FILE: &str = "genesis.json";

/// Prepares a data directory. Existing keys and configuration are kept.
pub(crate) fn init(arguments: &Init) -> anyhow::Result<()> {
    let dir = &arguments.data_dir;
    // All checks come before anything is written.
    let config = code::step(code::CONFIG, new_config(arguments))?;
    let genesis = arguments.genesis.as_deref().map(|source| new_genesis(dir, source));
    let genesis = code::step(code::GENESIS, genesis.transpose())?;
    let has_keys = dir.join(KEYS_FILE).exists();
    let keys = has_keys.then(|| Keys::read(dir)).transpose();
    let keys = code::step(code::KEYS, keys)?;

    let made =
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()));
    code::step(code::DISK, made)?;
    let keys = keys.map_or_else(|| code::step(code::DISK, Keys::create(dir)), Ok)?;
    if let Some(config) = config {
        write(&dir.join(CONFIG_FILE), &toml::to_string_pretty(&config)?)?;
    }
    if let Some(genesis) = genesis {
        write(&dir.join(GENESIS_FILE), &genesis.to_json()?)?;
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
        ehb_console::json(&document)?;
    } else {
        ehb_console::result(&format!("consensus key  {consensus}\nnode key       {node}"))?;
        let next = if dir.join(GENESIS_FILE).exists() {
            format!("start the node with: ehb-node start --data-dir {}", dir.display())
        } else {
            format!("put the network's genesis at {}", dir.join(GENESIS_FILE).display())
        };
        ehb_console::say(&next);
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let written =
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()));
    code::step(code::DISK, written)
}

/// The configuration to write; none if one exists, which must be valid.
fn new_config(arguments: &Init) -> anyhow::Result<Option<Config>> {
    let path = arguments.data_dir.join(CONFIG_FILE);
    let given = !arguments.peers.is_empty()
        || arguments.p2p_listen.is_some()
        || arguments.rpc_listen.is_some()
        || arguments.metrics_listen.is_some()
        || arguments.signer_state.is_some();
    if path.exists() {
        if given {
            bail!("{} already exists: change it by hand", path.display());
        }
        Config::read_checked(&arguments.data_dir)?;
        return Ok(None);
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
    Ok(Some(config))
}

/// The absolute path, which stays valid if `start` is run from another folder.
fn signer_state(data_dir: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    let file = std::path::absolute(file).context("the signer state is no path")?;
    check_signer_state(data_dir, &file)?;
    Ok(file)
}

/// The genesis to write, which must equal the existing one, if there is one.
fn new_genesis(dir: &Path, source: &Path) -> anyhow::Result<Genesis> {
    let genesis = read_genesis(source)?;
    let path = dir.join(GENESIS_FILE);
    if path.exists() && read_genesis(&path)?.hash() != genesis.hash() {
        let error = anyhow!(
            "{} contains another genesis: a data directory belongs to one chain",
            path.display()
        );
        return Err(code::coded(code::OTHER_GENESIS, error));
    }
    Ok(genesis)
}

/// Reads a genesis file and checks it.
pub(crate) fn read_genesis(path: &Path) -> anyhow::Result<Genesis> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the genesis at {}", path.display()))?;
    Genesis::from_json(&text).with_context(|| format!("{}", path.display()))
}
