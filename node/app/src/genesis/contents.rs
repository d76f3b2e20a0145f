//! The content of a genesis, as `inspect` shows it.

use std::collections::{BTreeMap, BTreeSet};

use ehb_crypto::{Domain, hash};
use ehb_types::{
    ADMINISTRATOR, ChainId, Genesis, GenesisAccount, GenesisCall, GenesisObserver, Hash, Name,
    Network, Parameters, Policy, PublicKey, Status,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::roles::{is_known, is_of_organisations};

/// The contents of a genesis.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contents {
    pub(crate) chain_id: ChainId,
    pub(crate) network: Network,
    /// The hash that all organisations compare.
    pub(crate) hash: Hash,
    pub(crate) timestamp_ms: u64,
    /// The sum of all powers.
    pub(crate) total_power: u64,
    /// The least power that decides a block.
    pub(crate) quorum_power: u64,
    /// The number of validators that can fail at the same time, whichever they are.
    pub(crate) validators_may_fail: usize,
    pub(crate) validators: Vec<ValidatorEntry>,
    pub(crate) observers: Vec<GenesisObserver>,
    pub(crate) organisations: Vec<OrganisationEntry>,
    pub(crate) modules: Vec<ModuleEntry>,
    /// The parameters that differ from their defaults.
    pub(crate) parameters: Vec<ParameterEntry>,
    /// The calls before the first block.
    pub(crate) calls: Vec<GenesisCall>,
    /// Points that deserve a second look.
    pub(crate) remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValidatorEntry {
    pub(crate) name: Name,
    pub(crate) organisation: Name,
    pub(crate) power: u64,
    /// Its share of the power, thousandths.
    pub(crate) share_permille: u64,
    pub(crate) consensus_key: PublicKey,
    pub(crate) node_key: PublicKey,
}

/// An organisation and its accounts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganisationEntry {
    pub(crate) name: Name,
    /// The power of its validators, with which it votes on proposals.
    pub(crate) power: u64,
    pub(crate) share_permille: u64,
    pub(crate) accounts: Vec<AccountEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountEntry {
    pub(crate) address: String,
    pub(crate) policy: Policy,
    /// Its roles within the organisation.
    pub(crate) roles: Vec<Name>,
    /// Its roles that count for the whole network.
    pub(crate) network_roles: Vec<Name>,
    pub(crate) status: Status,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModuleEntry {
    pub(crate) name: Name,
    pub(crate) code: Hash,
    /// Whether this release has this code under this name.
    pub(crate) of_this_release: bool,
}

/// A parameter that differs from its default.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParameterEntry {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) default: Value,
}

impl Contents {
    /// The contents of a checked genesis.
    pub(crate) fn of(genesis: &Genesis) -> Self {
        let powers: Vec<u64> = genesis.validators.iter().map(|it| it.power).collect();
        let total_power = powers.iter().sum();
        let quorum_power = total_power / 3 * 2 + total_power % 3 * 2 / 3 + 1;
        let validator = |it: &ehb_types::GenesisValidator| ValidatorEntry {
            name: it.name.clone(),
            organisation: it.organisation.clone(),
            power: it.power,
            share_permille: permille(it.power, total_power),
            consensus_key: it.consensus_key,
            node_key: it.node_key,
        };
        let organisation = |name: &Name| organisation(genesis, name, total_power);
        let mut contents = Self {
            chain_id: genesis.chain_id.clone(),
            network: genesis.network,
            hash: genesis.hash(),
            timestamp_ms: genesis.timestamp_ms,
            total_power,
            quorum_power,
            validators_may_fail: may_fail(powers, total_power - quorum_power),
            validators: genesis.validators.iter().map(validator).collect(),
            observers: genesis.observers.clone(),
            organisations: organisations(genesis).into_iter().map(organisation).collect(),
            modules: genesis.modules.iter().map(module).collect(),
            parameters: changed_parameters(&genesis.parameters),
            calls: genesis.calls.clone(),
            remarks: Vec::new(),
        };
        contents.remarks = remarks(&contents, genesis);
        contents
    }
}

/// How many validators can fail together, whichever they are, if this much power can.
fn may_fail(mut powers: Vec<u64>, spare: u64) -> usize {
    powers.sort_unstable_by(|a, b| b.cmp(a));
    let mut failed = 0;
    powers
        .iter()
        .take_while(|power| {
            failed += **power;
            failed <= spare
        })
        .count()
}

fn permille(power: u64, total: u64) -> u64 {
    let share = u128::from(power) * 1_000 / u128::from(total.max(1));
    u64::try_from(share).unwrap_or(1_000)
}

fn module(module: &ehb_types::GenesisModule) -> ModuleEntry {
    let known = ehb_catalog::get(module.name.as_str());
    let is_known =
        |it: &ehb_catalog::CatalogEntry| hash(Domain::ModuleCode, it.code) == module.code;
    ModuleEntry {
        name: module.name.clone(),
        code: module.code,
        of_this_release: known.is_some_and(is_known),
    }
}

fn organisation(genesis: &Genesis, name: &Name, total: u64) -> OrganisationEntry {
    let power = power_of(genesis, name);
    let account = |it: &GenesisAccount| {
        let is_network = |role: &&Name| {
            ![ADMINISTRATOR, ehb_types::MANAGER].contains(&role.as_str())
                && !is_of_organisations(role, &genesis.parameters)
        };
        let (network_roles, roles) = it.roles.iter().partition::<Vec<&Name>, _>(is_network);
        AccountEntry {
            address: it.address.clone(),
            policy: it.policy.clone(),
            roles: roles.into_iter().cloned().collect(),
            network_roles: network_roles.into_iter().cloned().collect(),
            status: it.status,
        }
    };
    OrganisationEntry {
        name: name.clone(),
        power,
        share_permille: permille(power, total),
        accounts: accounts_of(genesis, name).map(account).collect(),
    }
}

/// All organisations of a genesis.
pub(super) fn organisations(genesis: &Genesis) -> BTreeSet<&Name> {
    let validators = genesis.validators.iter().map(|it| &it.organisation);
    let observers = genesis.observers.iter().map(|it| &it.organisation);
    let accounts = genesis.accounts.iter().map(|it| &it.organisation);
    validators.chain(observers).chain(accounts).collect()
}

/// The addresses of an organisation's active administrators.
pub(super) fn administrators<'a>(genesis: &'a Genesis, name: &Name) -> Vec<&'a GenesisAccount> {
    let is_administrator =
        |it: &&GenesisAccount| it.status == Status::Active && it.roles.contains(ADMINISTRATOR);
    accounts_of(genesis, name).filter(is_administrator).collect()
}

fn accounts_of<'a>(genesis: &'a Genesis, name: &Name) -> impl Iterator<Item = &'a GenesisAccount> {
    genesis.accounts.iter().filter(move |it| it.organisation == *name)
}

fn power_of(genesis: &Genesis, name: &Name) -> u64 {
    genesis.validators.iter().filter(|it| it.organisation == *name).map(|it| it.power).sum()
}

/// The parameters by their names in the genesis file.
pub(super) fn named(parameters: &Parameters) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    if let Ok(Value::Object(all)) = serde_json::to_value(parameters) {
        flatten("", all, &mut found);
    }
    found
}

fn flatten(prefix: &str, group: Map<String, Value>, found: &mut BTreeMap<String, Value>) {
    for (name, value) in group {
        match value {
            Value::Object(group) => flatten(&format!("{prefix}{name}."), group, found),
            value => drop(found.insert(format!("{prefix}{name}"), value)),
        }
    }
}

fn changed_parameters(parameters: &Parameters) -> Vec<ParameterEntry> {
    let mut defaults = named(&Parameters::default());
    let entry = |(name, value): (String, Value)| {
        let default = defaults.remove(&name).unwrap_or_default();
        (default != value).then_some(ParameterEntry { name, value, default })
    };
    named(parameters).into_iter().filter_map(entry).collect()
}

/// Points that deserve a second look before anybody starts the network.
fn remarks(contents: &Contents, genesis: &Genesis) -> Vec<String> {
    let mut remarks = Vec::new();
    let spare = contents.total_power - contents.quorum_power;
    for OrganisationEntry { name, power, .. } in &contents.organisations {
        if *power >= contents.quorum_power {
            remarks.push(format!(
                "{name} alone decides blocks: it has more than two thirds of the power"
            ));
        } else if *power > spare {
            remarks.push(format!(
                "{name} alone can stop the chain: it has a third of the power or more"
            ));
        }
        match &administrators(genesis, name)[..] {
            [] => remarks.push(format!(
                "{name} has no active administrator: nobody can ever manage its accounts"
            )),
            [only] if loses_with_one_key(&only.policy) => remarks.push(format!(
                "{name} has one administrator, who needs every key: if one is lost, nobody can replace it"
            )),
            _ => {}
        }
    }
    for account in &genesis.accounts {
        let unknown = account.roles.iter().filter(|it| !is_known(it, &genesis.parameters));
        remarks.extend(unknown.map(|role| {
            format!("nothing in this release asks for the role {role} of {}", account.address)
        }));
    }
    let foreign = contents.modules.iter().filter(|it| !it.of_this_release);
    remarks.extend(foreign.map(|it| format!("the module {} has code of another release", it.name)));
    remarks
}

/// Whether the loss of any single key leaves the account without a way to sign.
fn loses_with_one_key(policy: &Policy) -> bool {
    match policy {
        Policy::Key(_) => true,
        Policy::Weighted { keys, threshold } => {
            let total: u32 = keys.iter().map(|it| u32::from(it.weight)).sum();
            keys.iter().any(|it| total - u32::from(it.weight) < *threshold)
        }
    }
}
