//! Reads, checks and prints the node's configuration: file, environment, flags and defaults.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use ehb_network::{Limits, Rates};
use serde::{Deserialize, Serialize};

use crate::cli::{LogFormat, Settings, Show};
use crate::error_code;
use crate::peer::Peer;
use crate::rpc_config::Rpc;
use crate::setting::{check_bound, local, log_filter};

/// The file in the data directory.
pub(crate) const CONFIG_FILE: &str = "config.toml";
/// Compiled code in the data directory.
const COMPILED_DIR: &str = "compiled";

/// The maximum number of heights of history: more than a chain has in a thousand years.
const HISTORY_HEIGHTS_MAX: u64 = 1_000_000_000_000;

/// The maximum reserve, MiB: more than any disk has, and still convertible to bytes.
const DISK_RESERVE_MIB_MAX: u64 = 1 << 40;

/// A node's settings. Unknown keys in the file are errors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) p2p: P2p,
    pub(crate) rpc: Rpc,
    pub(crate) metrics: Metrics,
    pub(crate) health: Health,
    pub(crate) mempool: Mempool,
    pub(crate) store: Store,
    pub(crate) history: History,
    pub(crate) modules: Modules,
    pub(crate) log: Log,
}

/// The network of nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct P2p {
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
    /// The peers to dial. Read at startup: a change needs a restart.
    pub(crate) peers: Vec<Peer>,
    /// The maximum memory for waiting frames of all peers together, MiB, beyond about 400 KiB for each of
    /// them.
    pub(crate) inbound_memory_mib: usize,
    /// The maximum rate of each peer, MiB a second, for blocks and for catching up; gossip has half. A peer
    /// that sends more is read more slowly.
    pub(crate) peer_mib_per_second: u32,
    /// The maximum processor time of each peer, percent of one processor, for blocks, for catching up and for
    /// gossip.
    pub(crate) peer_processor_percent: u32,
    /// The duration of the first penalty of a peer that misbehaves, seconds; doubles each time.
    pub(crate) penalty_first_s: u64,
    /// The longest penalty, seconds.
    pub(crate) penalty_max_s: u64,
}

/// Metrics for Prometheus, health and readiness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Metrics {
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
}

/// The limits for readiness: accepted transactions can become final, and answers are up to date.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Health {
    /// The maximum time without a block beyond the heartbeat, milliseconds.
    pub(crate) silence_max_ms: u64,
    /// The maximum number of blocks that the node is behind the highest height that a peer claims.
    pub(crate) behind_blocks_max: u64,
    /// How long the node can be behind by any number of blocks before it counts as not ready, milliseconds.
    pub(crate) behind_max_ms: u64,
    /// How long a connected peer can be silent before it counts as away, milliseconds. Peers send their
    /// status twice a second.
    pub(crate) peer_silence_max_ms: u64,
}

/// Pending transactions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mempool {
    /// Total number of transactions.
    pub(crate) transactions_max: usize,
    /// Total encoded size, MiB.
    pub(crate) size_max_mib: usize,
    /// Transactions of one sender.
    pub(crate) sender_transactions_max: usize,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Store {
    /// Memory for blocks read from disk, MiB.
    pub(crate) cache_mib: usize,
    /// Memory for writes that are not yet in the database's files, MiB.
    pub(crate) write_buffer_mib: usize,
    /// How much of the disk must stay free, MiB; at most [`DISK_RESERVE_MIB_MAX`].
    pub(crate) disk_reserve_mib: u64,
    /// A second copy of the record of the last signed message, so that a restored old copy of the data
    /// directory cannot sign again. There is no default: it must be outside of the directory, on storage that
    /// is not restored together with it, and only the operator knows such a place.
    pub(crate) signer_state: Option<PathBuf>,
}

/// The history of the state.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct History {
    /// The number of heights below the head that are kept.
    pub(crate) heights: u64,
    /// Whether all are kept, whatever `heights` says.
    pub(crate) archive: bool,
}

/// The modules' code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Modules {
    /// A folder that caches compiled code between starts; default: `compiled` in the data directory. Nodes of
    /// one user can share it. Its files are run as machine code: files that another user can write are not
    /// used.
    pub(crate) compiled_dir: Option<PathBuf>,
}

/// Log lines, on stderr.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// What is logged.
    pub(crate) filter: String,
    /// How a line looks.
    pub(crate) format: LogFormat,
}

impl Default for P2p {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            listen: (Ipv4Addr::UNSPECIFIED, 7_400).into(),
            peers: Vec::new(),
            inbound_memory_mib: limits.inbound_bytes_max >> 20,
            peer_mib_per_second: limits.rates.bytes_per_second >> 20,
            peer_processor_percent: limits.rates.processor_percent,
            penalty_first_s: limits.penalty_first.as_secs(),
            penalty_max_s: limits.penalty_max.as_secs(),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self { listen: local(7_402) }
    }
}

impl Default for History {
    fn default() -> Self {
        Self { heights: 10_000, archive: false }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self {
            silence_max_ms: 10_000,
            behind_blocks_max: 10,
            behind_max_ms: 5_000,
            peer_silence_max_ms: 4_000,
        }
    }
}

impl Default for Mempool {
    fn default() -> Self {
        let limits = ehb_mempool::Limits::default();
        Self {
            transactions_max: limits.transactions_max,
            size_max_mib: limits.bytes_max >> 20,
            sender_transactions_max: limits.sender_transactions_max,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        let options = ehb_store::Options::default();
        Self {
            cache_mib: options.cache_bytes >> 20,
            write_buffer_mib: options.write_buffer_bytes >> 20,
            disk_reserve_mib: options.disk_reserve_bytes >> 20,
            signer_state: None,
        }
    }
}

impl P2p {
    /// The network's limits, except those that follow from the limit of open files.
    pub(crate) fn limits(&self, within: Limits) -> Limits {
        Limits {
            inbound_bytes_max: self.inbound_memory_mib << 20,
            rates: Rates {
                bytes_per_second: self.peer_mib_per_second << 20,
                processor_percent: self.peer_processor_percent,
            },
            penalty_first: Duration::from_secs(self.penalty_first_s),
            penalty_max: Duration::from_secs(self.penalty_max_s),
            ..within
        }
    }
}

impl Modules {
    /// The folder that keeps compiled code.
    pub(crate) fn compiled_dir(&self, data_dir: &Path) -> PathBuf {
        self.compiled_dir.clone().unwrap_or_else(|| data_dir.join(COMPILED_DIR))
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            // What the libraries warn of at each invalid proposal and each contradicting vote, the replica reports now and
            // then. Gossip warns of each message whose verdict comes late.
            filter: "info,arc_malachitebft_core_consensus=error,\
                     arc_malachitebft_core_votekeeper=error,libp2p_swarm=warn,\
                     libp2p_gossipsub=error"
                .into(),
            format: LogFormat::Pretty,
        }
    }
}

impl Config {
    /// Reads the file of a data directory, and applies the flags and the environment.
    pub(crate) fn load(settings: &Settings) -> anyhow::Result<Self> {
        let mut config = Self::read(&settings.data_dir)?;
        if let Some(listen) = settings.p2p_listen {
            config.p2p.listen = listen;
        }
        if let Some(listen) = settings.rpc_listen {
            config.rpc.listen = listen;
        }
        if let Some(listen) = settings.metrics_listen {
            config.metrics.listen = listen;
        }
        if settings.compiled_dir.is_some() {
            config.modules.compiled_dir.clone_from(&settings.compiled_dir);
        }
        if let Some(filter) = &settings.log {
            config.log.filter.clone_from(filter);
        }
        if let Some(format) = settings.log_format {
            config.log.format = format;
        }
        config.check_in(&settings.data_dir)?;
        Ok(config)
    }

    /// Reads the file of a data directory.
    pub(crate) fn read(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(CONFIG_FILE);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("cannot read {}: run 'ehb-node init --data-dir {0}' first", data_dir.display())
        });
        let text = text.with_context(|| format!("no configuration at {}", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            let problem = wrong_setting(&text, &error);
            anyhow::anyhow!("{} is not valid: {problem}", path.display())
        })
    }

    /// Reads the file of a data directory, for a command without settings of its own.
    pub(crate) fn read_checked(data_dir: &Path) -> anyhow::Result<Self> {
        let config = Self::read(data_dir)?;
        config.check_in(data_dir)?;
        Ok(config)
    }

    /// The options of the database, with a maximum number of open table files.
    pub(crate) fn store_options(&self, open_files_max: usize) -> ehb_store::Options {
        ehb_store::Options {
            open_files_max,
            cache_bytes: self.store.cache_mib << 20,
            write_buffer_bytes: self.store.write_buffer_mib << 20,
            disk_reserve_bytes: self.store.disk_reserve_mib << 20,
            history_heights: if self.history.archive { u64::MAX } else { self.history.heights },
            signer_state: self.store.signer_state.clone(),
            ..ehb_store::Options::default()
        }
    }

    /// Checks the settings of a data directory.
    pub(crate) fn check_in(&self, data_dir: &Path) -> anyhow::Result<()> {
        self.check()?;
        self.store.signer_state.iter().try_for_each(|file| check_signer_state(data_dir, file))
    }

    /// Checks what the types of the settings do not: that numbers are within their limits, and the form of texts.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let (mempool, store) = (&self.mempool, &self.store);
        let cache_mib = store.cache_mib as u64;
        let sender_max = mempool.sender_transactions_max as u64;
        self.rpc.check()?;
        log_filter(&self.log.filter)?;
        if let Some(file) = self.store.signer_state.as_ref().filter(|it| !it.is_absolute()) {
            // Started from another folder, the node would not find what its key signed.
            bail!(
                "store.signer_state is {:?}: write the whole path, which begins with /",
                file.display()
            );
        }
        let p2p = &self.p2p;
        let bounds = [
            ("p2p.inbound_memory_mib", p2p.inbound_memory_mib as u64, 64, 65_536),
            ("p2p.peer_mib_per_second", p2p.peer_mib_per_second.into(), 1, 1_024),
            ("p2p.peer_processor_percent", p2p.peer_processor_percent.into(), 5, 100),
            ("p2p.penalty_first_s", p2p.penalty_first_s, 1, p2p.penalty_max_s),
            ("p2p.penalty_max_s", p2p.penalty_max_s, 1, 86_400),
            ("mempool.transactions_max", mempool.transactions_max as u64, 100, 10_000_000),
            ("mempool.size_max_mib", mempool.size_max_mib as u64, 1, 16_384),
            ("mempool.sender_transactions_max", sender_max, 1, 10_000_000),
            ("health.silence_max_ms", self.health.silence_max_ms, 1_000, 86_400_000),
            ("health.behind_blocks_max", self.health.behind_blocks_max, 1, 1_000_000),
            ("health.behind_max_ms", self.health.behind_max_ms, 1_000, 86_400_000),
            ("health.peer_silence_max_ms", self.health.peer_silence_max_ms, 1_000, 86_400_000),
            ("history.heights", self.history.heights, 0, HISTORY_HEIGHTS_MAX),
            ("store.cache_mib", cache_mib, 8, 1 << 20),
            ("store.write_buffer_mib", store.write_buffer_mib as u64, 4, cache_mib),
            ("store.disk_reserve_mib", store.disk_reserve_mib, 0, DISK_RESERVE_MIB_MAX),
        ];
        bounds.into_iter().try_for_each(check_bound)
    }
}

/// Checks that the second record of the last signed message is not in the data directory.
pub(crate) fn check_signer_state(data_dir: &Path, file: &Path) -> anyhow::Result<()> {
    if file.starts_with(std::path::absolute(data_dir)?) {
        bail!(
            "{} is in the data directory and would be restored together with it: choose another place",
            file.display()
        );
    }
    Ok(())
}

/// The mistake in the text of a configuration: its line, the setting, and the reason.
fn wrong_setting(text: &str, error: &toml::de::Error) -> String {
    let why = error.message();
    let Some((before, rest)) = error.span().and_then(|span| text.split_at_checked(span.start))
    else {
        return why.to_owned();
    };
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let number = before.matches('\n').count() + 1;
    let rest = rest.lines().next().unwrap_or_default();
    let line = format!("{}{rest}", &before[line_start..]);
    let key = line.split_once('=').map(|(key, _)| key.trim()).filter(|key| !key.is_empty());
    let Some(key) = key else { return format!("line {number}: {why}") };
    let is_table = |line: &&str| line.starts_with('[') && line.ends_with(']');
    let table = before[..line_start].lines().rev().map(str::trim).find(is_table);
    let table = table.map(|it| format!("{}.", it.trim_matches(['[', ']'])));
    format!("line {number}: {}{key}: {why}", table.unwrap_or_default())
}

/// Prints the settings that `start` would use.
pub(crate) fn show(arguments: &Show) -> anyhow::Result<()> {
    match shown(arguments)? {
        Shown::Document(document) => ehb_console::json(&document)?,
        Shown::Lines(lines) => lines.iter().try_for_each(|line| ehb_console::result(line))?,
    }
    Ok(())
}

/// The output of `config show`.
pub(crate) enum Shown {
    /// One JSON document.
    Document(serde_json::Map<String, serde_json::Value>),
    /// Lines for people.
    Lines(Vec<String>),
}

/// The settings that `start` would use.
pub(crate) fn shown(arguments: &Show) -> anyhow::Result<Shown> {
    let effective =
        flatten(&error_code::step(error_code::CONFIG, Config::load(&arguments.settings))?)?;
    let file = flatten(&error_code::step(
        error_code::CONFIG,
        Config::read(&arguments.settings.data_dir),
    )?)?;
    let default = flatten(&Config::default())?;
    let origin = |key: &str| match () {
        () if effective.get(key) != file.get(key) => "flag or environment",
        () if file.get(key) != default.get(key) => "file",
        () => "default",
    };
    if arguments.json {
        let entry = |(key, value): (&String, &serde_json::Value)| {
            let shown = match arguments.origin {
                true => serde_json::json!({ "value": value, "origin": origin(key) }),
                false => value.clone(),
            };
            (key.clone(), shown)
        };
        let document: serde_json::Map<String, serde_json::Value> =
            effective.iter().map(entry).collect();
        return Ok(Shown::Document(document));
    }
    let width = effective.keys().map(String::len).max().unwrap_or(0);
    let line = |(key, value): (&String, &serde_json::Value)| match arguments.origin {
        true => format!("{key:width$} = {value}  # {}", origin(key)),
        false => format!("{key:width$} = {value}"),
    };
    Ok(Shown::Lines(effective.iter().map(line).collect()))
}

/// The settings as `section.key` and value.
fn flatten(config: &Config) -> anyhow::Result<BTreeMap<String, serde_json::Value>> {
    let mut flat = BTreeMap::new();
    let sections: BTreeMap<String, BTreeMap<String, serde_json::Value>> =
        serde_json::from_value(serde_json::to_value(config)?)?;
    for (section, keys) in sections {
        for (key, value) in keys {
            flat.insert(format!("{section}.{key}"), value);
        }
    }
    Ok(flat)
}
