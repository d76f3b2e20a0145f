//! Runs `ehb-node init`, which writes keys, configuration and genesis into a data directory.

mod membership;
mod settings;

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use ehb_types::Genesis;

use crate::card::read_cards;
use crate::cli::Init;
use crate::config::{CONFIG_FILE, Config, check_signer_state};
use crate::keys::{KEYS_FILE, Keys};
use crate::peer::Peer;
use crate::{error_code, text_file};

pub(crate) use membership::Membership;

/// The maximum size of a genesis file, bytes: one with 100,000 accounts and a call for each has about 50 MiB.
const GENESIS_BYTES_MAX: u64 = 64 << 20;
/// The maximum size of a configuration, bytes.
const CONFIG_BYTES_MAX: u64 = 1 << 20;

/// The genesis in the data directory.
pub(crate) const GENESIS_FILE: &str = "genesis.json";

/// Prepares a data directory. Existing keys and configuration are kept.
pub(crate) fn init(arguments: &Init) -> anyhow::Result<()> {
    let dir = &arguments.data_dir;
    // All checks come before anything is written.
    let mut config = error_code::step(error_code::CONFIG, new_config(arguments))?;
    let genesis = arguments.genesis.as_deref().map(|source| new_genesis(dir, source));
    let genesis = error_code::step(error_code::GENESIS, genesis.transpose())?;
    let has_keys = dir.join(KEYS_FILE).exists();
    let keys = has_keys.then(|| Keys::read(dir)).transpose();
    let keys = error_code::step(error_code::KEYS, keys)?;
    let membership = genesis.as_ref().zip(keys.as_ref()).map(|(it, keys)| Membership::of(it, keys));
    let membership =
        error_code::step(error_code::NOT_IN_GENESIS, membership.transpose())?.flatten();
    let cards = read_cards(&arguments.cards)?;
    let mut changed = None;
    if let Some(genesis) = genesis.as_ref().filter(|_| !cards.is_empty()) {
        if membership.is_none() {
            return Err(membership::unnamed(dir, keys.as_ref()));
        }
        let peers = membership::peers(genesis, keys.as_ref(), &cards);
        let peers = error_code::step(error_code::CARD, peers)?;
        match &mut config {
            Some(config) => settings::add_peers(&mut config.p2p.peers, &peers),
            None => {
                changed = Some(error_code::step(error_code::CONFIG, changed_config(dir, &peers))?)
            }
        }
    }

    let made =
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()));
    error_code::step(error_code::DISK, made)?;
    let keys = keys.map_or_else(|| error_code::step(error_code::DISK, Keys::create(dir)), Ok)?;
    if let Some(config) = config {
        write(&dir.join(CONFIG_FILE), &toml::to_string_pretty(&config)?)?;
    }
    if let Some(text) = changed {
        let path = dir.join(CONFIG_FILE);
        let replaced = ehb_console::replace_file(&path, &text);
        let replaced = replaced.with_context(|| format!("cannot replace {}", path.display()));
        error_code::step(error_code::DISK, replaced)?;
    }
    if let Some(genesis) = &genesis {
        write(&dir.join(GENESIS_FILE), &genesis.to_json()?)?;
    }
    report(arguments, &keys, genesis.is_some(), membership)
}

/// Prints the keys, and what the genesis makes of the node.
fn report(
    arguments: &Init,
    keys: &Keys,
    has_genesis: bool,
    membership: Option<Membership>,
) -> anyhow::Result<()> {
    let dir = &arguments.data_dir;
    let consensus = keys.consensus.public_key();
    let node = keys.node.public_key();
    if arguments.json {
        let document = serde_json::json!({
            "consensusKey": consensus,
            "nodeKey": node,
            "config": dir.join(CONFIG_FILE),
            "genesis": dir.join(GENESIS_FILE).exists().then(|| dir.join(GENESIS_FILE)),
            "inGenesis": membership,
        });
        ehb_console::json(&document)?;
    } else {
        ehb_console::result(&format!("consensus key  {consensus}\nnode key       {node}"))?;
        match membership {
            Some(membership) => ehb_console::say(&membership.sentence()),
            None if has_genesis => ehb_console::say(
                "the genesis does not name this node: other nodes turn it away until the chain permits it",
            ),
            None => {}
        }
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
    error_code::step(error_code::DISK, written)
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

/// The text of the configuration in a directory, with further peers.
fn changed_config(data_dir: &Path, peers: &[Peer]) -> anyhow::Result<String> {
    let path = data_dir.join(CONFIG_FILE);
    settings::with_peers(&text_file::read("the configuration", &path, CONFIG_BYTES_MAX)?, peers)
        .with_context(|| format!("the peers of {} cannot be changed", path.display()))
}

/// The absolute path, which stays valid if `start` is run from another folder.
fn signer_state(data_dir: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    let file = std::path::absolute(file).context("the signer state is no path")?;
    check_signer_state(data_dir, &file)?;
    let reason = match file.parent() {
        _ if file.is_dir() => "it is a folder: name a file in it".to_owned(),
        Some(folder) if !folder.is_dir() => {
            format!("the folder {} does not exist: create it, or mount it", folder.display())
        }
        _ => return Ok(file),
    };
    let error = anyhow!("the signer state cannot be {}: {reason}", file.display());
    Err(error_code::coded(error_code::SIGNER_STATE, error))
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
        return Err(error_code::coded(error_code::OTHER_GENESIS, error));
    }
    Ok(genesis)
}

/// Reads the genesis in a data directory.
pub(crate) fn genesis_in(data_dir: &Path) -> anyhow::Result<Genesis> {
    error_code::step(error_code::GENESIS, read_genesis(&data_dir.join(GENESIS_FILE)))
}

/// Reads a genesis file and checks it.
pub(crate) fn read_genesis(path: &Path) -> anyhow::Result<Genesis> {
    let text = text_file::read("the genesis", path, GENESIS_BYTES_MAX)?;
    Genesis::from_json(&text).with_context(|| format!("{}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{error_code, signer_state};

    #[test]
    fn the_signer_state_is_a_file_in_a_folder_that_exists() {
        let home = tempfile::tempdir().unwrap();
        let data_dir = home.path().join("data");
        let good = home.path().join("signed");
        assert_eq!(signer_state(&data_dir, &good).unwrap(), good);
        let deep = home.path().join("deep").join("signed");
        for (file, reason) in [(deep.as_path(), "does not exist"), (home.path(), "it is a folder")]
        {
            let error = signer_state(&data_dir, file).unwrap_err();
            assert_eq!(error_code::of(&error), error_code::SIGNER_STATE);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
