//! Creates the folder of a new network: genesis, keys, configurations and manifest.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use ehb_crypto::{Domain, hash};
use ehb_types::{
    ChainId, Genesis, GenesisAccount, GenesisCall, GenesisModule, GenesisValidator, Name, Network,
    Parameters, Policy, PublicKey, SecretKey, TEST_GOVERNANCE, TEST_WINDOWS, ValidatorRequest,
};
use serde_json::{Map, Value, json};

use crate::accounts::{
    ISSUER, KEYSTORE_DIR, LOAD_FILE, LoadAccounts, PASSPHRASE_FILE, PEOPLE, create_named,
};
use crate::error_code::{self, coded, step};
use crate::lock::{FolderLock, LOCK_FILE};
use crate::{AccountEntry, Leftover, Manifest, NodeEntry, node, ports};

/// The plan of a new network.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number of validators, 1 to [`Plan::VALIDATORS_MAX`].
    pub validators: usize,
    /// The number of accounts for the load generator.
    pub load_accounts: usize,
    /// The chain's parameters.
    pub parameters: Parameters,
}

impl Plan {
    /// The maximum number of validators on one machine.
    pub const VALIDATORS_MAX: usize = 50;
    /// The maximum number of load accounts.
    pub const LOAD_ACCOUNTS_MAX: usize = 10_000;
}

impl Default for Plan {
    fn default() -> Self {
        let parameters = Parameters {
            modules: TEST_WINDOWS,
            governance: TEST_GOVERNANCE,
            ..Parameters::default()
        };
        Self { validators: 4, load_accounts: 256, parameters }
    }
}

/// In the network's folder while it is being made: a process that was killed meanwhile leaves it behind.
const UNFINISHED_FILE: &str = "unfinished";
const NODES_DIR: &str = "nodes";
const GENESIS_FILE: &str = "genesis.json";
/// The request of a node to join, in its folder.
const REQUEST_FILE: &str = "validator.json";
/// The ports of a node: for peers, RPC and metrics.
const PORTS: usize = 3;
/// The maximum number of nodes that a network had at any time.
const NODES_MAX: usize = 200;
/// The network's asset: 2 decimal places.
const ASSET: &str = "EUR";
/// The modules' compiled code, in the network's folder.
const COMPILED_DIR: &str = "compiled";
/// The marketplace's first category, number 1.
const CATEGORY: &str = "Goods";
/// The initial balance of each account for people, cents.
const FUNDS: u64 = 1_000_000;
/// The initial balance of each load account, cents.
const LOAD_FUNDS: u64 = 1_000_000_000;

/// A validator of a planned network.
struct Member {
    name: Name,
    data_dir: PathBuf,
    p2p: SocketAddr,
    rpc: SocketAddr,
    metrics: SocketAddr,
    consensus_key: PublicKey,
    node_key: PublicKey,
}

/// Creates a network in a folder without one. No node is started yet.
pub fn create(dir: &Path, plan: &Plan) -> anyhow::Result<Manifest> {
    if !(1..=Plan::VALIDATORS_MAX).contains(&plan.validators) {
        let (max, got) = (Plan::VALIDATORS_MAX, plan.validators);
        let text = format!("a network has 1 to {max} validators, not {got}");
        return Err(coded(error_code::BAD_PLAN, text));
    }
    if plan.load_accounts > Plan::LOAD_ACCOUNTS_MAX {
        let (max, got) = (Plan::LOAD_ACCOUNTS_MAX, plan.load_accounts);
        let text = format!("a network has at most {max} load accounts, not {got}");
        return Err(coded(error_code::BAD_PLAN, text));
    }
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let dir = &dir.canonicalize()?;
    check_empty(dir)?;
    let _lock = FolderLock::acquire(dir)?;
    if Manifest::exists(dir) {
        let text = format!("{} already contains a network", dir.display());
        return Err(coded(error_code::TESTNET_EXISTS, text));
    }
    Leftover::stop_all(dir)?;
    begin(dir)?;
    let members = create_members(dir, plan.validators)?;
    let (named, passphrase_file) = create_named(dir, Network::Test)?;
    let load = LoadAccounts::generate(plan.load_accounts, Network::Test)?;
    load.write(dir)?;
    let genesis = genesis(&members, &named, &load, plan)?;
    for member in &members {
        write_settings(dir, member, &members)?;
        std::fs::write(member.data_dir.join(GENESIS_FILE), genesis.to_json()?)?;
    }
    std::fs::write(dir.join(GENESIS_FILE), genesis.to_json()?)?;
    let manifest = Manifest {
        chain_id: genesis.chain_id.clone(),
        genesis: genesis.hash(),
        nodes: members.into_iter().map(entry).collect(),
        indexer: None,
        accounts: named.into_iter().map(|(entry, _)| entry).collect(),
        passphrase_file,
    };
    manifest.write(dir)?;
    std::fs::remove_file(dir.join(UNFINISHED_FILE))?;
    Ok(manifest)
}

/// Checks that a folder contains nothing but a network, or parts of one that is being made: what belongs to others is neither
/// overwritten nor mixed with the network's files.
fn check_empty(dir: &Path) -> anyhow::Result<()> {
    if Manifest::exists(dir) || dir.join(UNFINISHED_FILE).exists() {
        return Ok(());
    }
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
    let Some(name) = names.find(|name| name != LOCK_FILE) else { return Ok(()) };
    // Another program may have made a network meanwhile.
    if Manifest::exists(dir) || dir.join(UNFINISHED_FILE).exists() {
        return Ok(());
    }
    let text = format!(
        "{} is not empty: {} is in it; a new network needs an empty folder, or one that does not exist yet",
        dir.display(),
        name.display()
    );
    Err(coded(error_code::FOLDER_NOT_EMPTY, text))
}

/// Marks the folder as one in which a network is being made; removes what a creation left that was broken off.
fn begin(dir: &Path) -> anyhow::Result<()> {
    let mark = dir.join(UNFINISHED_FILE);
    if mark.exists() {
        for part in [NODES_DIR, KEYSTORE_DIR, PASSPHRASE_FILE, LOAD_FILE, GENESIS_FILE] {
            let path = dir.join(part);
            let removed = match path.is_dir() {
                true => std::fs::remove_dir_all(&path),
                false => std::fs::remove_file(&path),
            };
            match removed {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", path.display()));
                }
                _ => {}
            }
        }
    }
    std::fs::write(&mark, "").with_context(|| format!("cannot write {}", mark.display()))
}

fn create_members(dir: &Path, count: usize) -> anyhow::Result<Vec<Member>> {
    let mut ports = ports::free(count * PORTS)?.into_iter();
    (1..=count).map(|index| create_member(dir, index, &mut ports)).collect()
}

/// Prepares the folder of a node: its keys and configuration.
fn create_member(
    dir: &Path,
    index: usize,
    ports: &mut impl Iterator<Item = SocketAddr>,
) -> anyhow::Result<Member> {
    let mut port = || ports.next().context("no port is free");
    let name = Name::new(format!("validator-{index}"))?;
    let data_dir = dir.join(NODES_DIR).join(name.as_str());
    let (p2p, rpc, metrics) = (port()?, port()?, port()?);
    let listen = [("--p2p-listen", p2p), ("--rpc-listen", rpc), ("--metrics-listen", metrics)];
    let listen: Vec<String> =
        listen.iter().flat_map(|(option, at)| [(*option).to_owned(), at.to_string()]).collect();
    let (consensus_key, node_key) = init(&data_dir, &listen)?;
    Ok(Member { name, data_dir, p2p, rpc, metrics, consensus_key, node_key })
}

/// Runs `ehb-node init`, which keeps keys and a configuration that exist. Returns the consensus key and the node key.
fn init(data_dir: &Path, options: &[String]) -> anyhow::Result<(PublicKey, PublicKey)> {
    let output = Command::new(node::program()?)
        .args(["init", "--json", "--data-dir"])
        .arg(data_dir)
        .args(options)
        .output()
        .context("cannot run ehb-node")
        .map_err(|error| step(error_code::NO_PROGRAM, error))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(coded(error_code::NODE_ENDED, format!("ehb-node init: {}", text.trim())));
    }
    let keys: Value = serde_json::from_slice(&output.stdout).context("ehb-node init")?;
    let key = |name: &str| -> anyhow::Result<PublicKey> {
        Ok(keys[name].as_str().unwrap_or_default().parse()?)
    };
    Ok((key("consensusKey")?, key("nodeKey")?))
}

/// Prepares a further node of a network, which the chain does not know yet. Returns it with the request of its keys to join.
pub fn add_node(dir: &Path) -> anyhow::Result<(NodeEntry, ValidatorRequest)> {
    let dir = &dir.canonicalize()?;
    let _lock = FolderLock::acquire(dir)?;
    let mut manifest = Manifest::read(dir)?;
    // Folders of nodes that were removed stay.
    let is_free = |index: &usize| !dir.join(NODES_DIR).join(format!("validator-{index}")).exists();
    let index = (1..=NODES_MAX).find(is_free);
    let index = index.ok_or_else(|| {
        coded(error_code::BAD_PLAN, format!("the network has or had {NODES_MAX} nodes already"))
    })?;
    let mut ports = ports::free(PORTS)?.into_iter();
    let member = create_member(dir, index, &mut ports)?;
    let mut peers = Vec::new();
    for node in &manifest.nodes {
        let (_, key) = init(&node.data_dir, &[])?;
        peers.push(format!("{key}@{}", node.p2p));
    }
    write_peers(dir, &member, peers)?;
    std::fs::copy(dir.join(GENESIS_FILE), member.data_dir.join(GENESIS_FILE))?;
    let organisation = PEOPLE.iter().map(|person| person.organisation).cycle().nth(index - 1);
    let organisation = Name::new(organisation.unwrap_or_default())?;
    let request = request(&member, &organisation)?;
    let entry = entry(member);
    manifest.nodes.push(entry.clone());
    manifest.write(dir)?;
    Ok((entry, request))
}

/// Removes a node, which is stopped, from the manifest. Its folder stays.
pub fn remove_node(dir: &Path, name: &Name) -> anyhow::Result<()> {
    let dir = &dir.canonicalize()?;
    let _lock = FolderLock::acquire(dir)?;
    let mut manifest = Manifest::read(dir)?;
    manifest.nodes.retain(|node| node.name != *name);
    manifest.write(dir)
}

/// Runs `ehb-node join`.
fn request(member: &Member, organisation: &Name) -> anyhow::Result<ValidatorRequest> {
    let file = member.data_dir.join(REQUEST_FILE);
    let output = Command::new(node::program()?)
        .args(["join", "--data-dir"])
        .arg(&member.data_dir)
        .args(["--organisation", organisation.as_str(), "--name", member.name.as_str(), "--out"])
        .arg(&file)
        .output()
        .context("cannot run ehb-node")
        .map_err(|error| step(error_code::NO_PROGRAM, error))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(coded(error_code::NODE_ENDED, format!("ehb-node join: {}", text.trim())));
    }
    Ok(ValidatorRequest::from_json(&std::fs::read_to_string(&file)?)?)
}

fn write_settings(dir: &Path, member: &Member, members: &[Member]) -> anyhow::Result<()> {
    let peers = members.iter().filter(|it| it.name != member.name);
    write_peers(dir, member, peers.map(|it| format!("{}@{}", it.node_key, it.p2p)).collect())
}

/// Adds the peers, and the shared folder of compiled code, to the configuration from `ehb-node init`.
fn write_peers(dir: &Path, member: &Member, peers: Vec<String>) -> anyhow::Result<()> {
    let path = member.data_dir.join("config.toml");
    let mut settings: toml::Table = std::fs::read_to_string(&path)?.parse()?;
    let peers = peers.into_iter().map(toml::Value::from).collect();
    let compiled = dir.join(COMPILED_DIR).display().to_string();
    let changes =
        [("p2p", "peers", toml::Value::Array(peers)), ("modules", "compiled_dir", compiled.into())];
    for (section, key, value) in changes {
        let table = settings.get_mut(section).and_then(toml::Value::as_table_mut);
        table
            .with_context(|| format!("ehb-node wrote settings without [{section}]"))?
            .insert(key.to_owned(), value);
    }
    std::fs::write(&path, toml::to_string_pretty(&settings)?)?;
    Ok(())
}

fn entry(member: Member) -> NodeEntry {
    NodeEntry {
        name: member.name,
        pid: None,
        rpc: format!("http://{}", member.rpc),
        ws: format!("ws://{}", member.rpc),
        metrics: format!("http://{}/metrics", member.metrics),
        p2p: member.p2p.to_string(),
        data_dir: member.data_dir,
    }
}

fn genesis(
    members: &[Member],
    named: &[(AccountEntry, SecretKey)],
    load: &LoadAccounts,
    plan: &Plan,
) -> anyhow::Result<Genesis> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut accounts = Vec::new();
    for ((entry, key), person) in named.iter().zip(&PEOPLE) {
        let roles = person.roles.iter().map(|role| Name::new(*role));
        accounts.push(GenesisAccount {
            address: entry.address.clone(),
            policy: Policy::Key(key.public_key()),
            organisation: Name::new(person.organisation)?,
            roles: roles.collect::<Result<_, _>>()?,
            status: Default::default(),
        });
    }
    for (place, account) in load.accounts.iter().enumerate() {
        let (organisation, roles) = LoadAccounts::membership(place);
        let roles = roles.iter().map(|role| Name::new(*role));
        accounts.push(GenesisAccount {
            address: account.address.clone(),
            policy: Policy::Key(account.key()?.public_key()),
            organisation: Name::new(organisation)?,
            roles: roles.collect::<Result<_, _>>()?,
            status: Default::default(),
        });
    }
    // The organisations of the people run the validators, in turn, and so govern the network.
    let organisations = PEOPLE.iter().cycle().map(|person| Name::new(person.organisation));
    let validators = members.iter().zip(organisations).map(|(member, organisation)| {
        Ok(GenesisValidator {
            name: member.name.clone(),
            organisation: organisation?,
            consensus_key: member.consensus_key,
            node_key: member.node_key,
            power: 1,
        })
    });
    let modules = ehb_catalog::all().iter().map(|module| {
        Ok(GenesisModule {
            name: Name::new(module.name)?,
            code: hash(Domain::ModuleCode, module.code),
        })
    });
    let seed = SecretKey::generate().context("the system returned no random numbers")?;
    Ok(Genesis {
        chain_id: ChainId::new(format!("testnet-{}", hex::encode(&seed.to_seed()[..4])))?,
        network: Network::Test,
        timestamp_ms: u64::try_from(now.as_millis())?,
        parameters: plan.parameters.clone(),
        validators: validators.collect::<anyhow::Result<_>>()?,
        observers: Vec::new(),
        accounts,
        modules: modules.collect::<anyhow::Result<_>>()?,
        calls: funding(named, load)?,
    })
}

/// The calls that create the asset, give some of it to all accounts, and open the marketplace's first
/// category.
fn funding(
    named: &[(AccountEntry, SecretKey)],
    load: &LoadAccounts,
) -> anyhow::Result<Vec<GenesisCall>> {
    let issuer = named.iter().find(|(entry, _)| entry.name.as_str() == ISSUER);
    let issuer = &issuer.context("the network has no issuer")?.0.address;
    let call = |module: &str, function: &str, arguments: Value| -> anyhow::Result<GenesisCall> {
        let arguments: Map<String, Value> = serde_json::from_value(arguments)?;
        Ok(GenesisCall {
            sender: issuer.clone(),
            module: Name::new(module)?,
            function: Name::new(function)?,
            arguments,
        })
    };
    let asset = json!({ "asset": ASSET, "name": "Euro", "decimals": 2, "issuer": issuer });
    let category = json!({ "parent": null, "name": CATEGORY, "key": "" });
    let mut calls = vec![
        call("marketplace", "create-category", category)?,
        call("wallet", "create-asset", asset)?,
    ];
    let people = named.iter().map(|(entry, _)| (&entry.address, FUNDS));
    let machines = load.accounts.iter().map(|account| (&account.address, LOAD_FUNDS));
    for (to, amount) in people.chain(machines) {
        let mint = json!({ "asset": ASSET, "to": to, "amount": amount.to_string() });
        calls.push(call("wallet", "mint", mint)?);
    }
    Ok(calls)
}
