//! Makes a genesis from cards and a base: the same for everybody who has the same, in any order.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use ehb_crypto::{Domain, hash};
use ehb_types::{
    ADMINISTRATOR, Genesis, GenesisAccount, GenesisModule, GenesisValidator, MANAGER, Name,
    Network, Parameters, PublicKey, Status,
};

use super::base::Base;
use super::roles::{check_known, is_of_organisations};
use crate::card::CardFile;
use crate::error_code;

/// The power of a validator for which the base has none.
const POWER_DEFAULT: u64 = 1;

/// Makes the genesis of complete cards.
pub(crate) fn build(cards: &[CardFile], base: Base, timestamp_ms: u64) -> anyhow::Result<Genesis> {
    error_code::step(error_code::CARD, check_together(cards))?;
    error_code::step(error_code::CARD, check_roles(cards, &base.parameters))?;
    error_code::step(error_code::GENESIS, assemble(cards, base, timestamp_ms))
}

fn assemble(cards: &[CardFile], base: Base, timestamp_ms: u64) -> anyhow::Result<Genesis> {
    let first = &cards.first().context("a genesis needs cards: give them with --card FILE")?.card;
    let (network, mut power) = (first.network, base.power);
    let validator = |CardFile { card, .. }: &CardFile| GenesisValidator {
        name: card.name.clone(),
        organisation: card.organisation.clone(),
        consensus_key: card.consensus_key,
        node_key: card.node_key,
        power: power.remove(&card.name).unwrap_or(POWER_DEFAULT),
    };
    let mut validators: Vec<GenesisValidator> = cards.iter().map(validator).collect();
    if let Some((name, _)) = power.pop_first() {
        bail!("the base has a power of the validator {name}, of which there is no card");
    }
    let mut roles = base.roles;
    let mut accounts = administrators(cards, &mut roles);
    if let Some((address, _)) = roles.pop_first() {
        bail!("the base has roles of {address}, which is no administrator of a card");
    }
    accounts.extend(base.accounts);
    let mut observers = base.observers;
    validators.sort_by(|a, b| (&a.organisation, &a.name).cmp(&(&b.organisation, &b.name)));
    observers.sort_by(|a, b| (&a.organisation, &a.name).cmp(&(&b.organisation, &b.name)));
    accounts.sort_by(|a, b| (&a.organisation, &a.address).cmp(&(&b.organisation, &b.address)));
    let genesis = Genesis {
        chain_id: first.chain_id.clone(),
        network,
        timestamp_ms,
        parameters: base.parameters,
        validators,
        observers,
        accounts,
        modules: modules()?,
        calls: base.calls,
    };
    genesis.check()?;
    for account in &genesis.accounts {
        let known = check_known(&account.roles, &genesis.parameters);
        known.with_context(|| format!("the account {}", account.address))?;
    }
    check_administered(&genesis)?;
    Ok(genesis)
}

/// The modules of this release.
fn modules() -> anyhow::Result<Vec<GenesisModule>> {
    let module = |entry: &ehb_catalog::CatalogEntry| {
        let code = hash(Domain::ModuleCode, entry.code);
        Ok(GenesisModule { name: Name::new(entry.name)?, code })
    };
    ehb_catalog::all().iter().map(module).collect()
}

/// The accounts of the administrators in cards. Their roles in the base are taken out of it.
fn administrators(
    cards: &[CardFile],
    granted: &mut BTreeMap<String, BTreeSet<Name>>,
) -> Vec<GenesisAccount> {
    let mut accounts = Vec::new();
    for CardFile { card, .. } in cards {
        for administrator in &card.administrators {
            let address = administrator.address().to_text(card.network);
            let mut roles = administrator.roles.clone();
            roles.extend(Name::new(ADMINISTRATOR).ok());
            roles.extend(granted.remove(&address).unwrap_or_default());
            accounts.push(GenesisAccount {
                address,
                policy: administrator.policy.clone(),
                organisation: card.organisation.clone(),
                roles,
                status: Status::Active,
            });
        }
    }
    accounts
}

/// Checks that the cards are for one chain, and that no key or name is in two of them.
fn check_together(cards: &[CardFile]) -> anyhow::Result<()> {
    let Some(first) = cards.first() else { return Ok(()) };
    let (mut keys, mut names) = (BTreeMap::new(), BTreeMap::new());
    for it in cards {
        let chain = |of: &CardFile| {
            format!("{} is for the {} {}", of.file, class(of.card.network), of.card.chain_id)
        };
        if (&it.card.chain_id, it.card.network) != (&first.card.chain_id, first.card.network) {
            bail!("{}, and {}: all cards must be for one chain", chain(it), chain(first));
        }
        for (key, owner) in owners(it) {
            let Some((other, of_other)) = keys.insert(key, (it, owner)) else { continue };
            if it.card == other.card {
                bail!("{} and {} are the same card: give each card once", other.file, it.file);
            }
            bail!(
                "the {owner} {key} in {} is the {of_other} in {}: each needs a key of its own",
                it.file,
                other.file
            );
        }
        if let Some(other) = names.insert(&it.card.name, it) {
            let (name, file) = (&it.card.name, &it.file);
            bail!("{file} and {} both name their validator {name}", other.file);
        }
    }
    Ok(())
}

/// Each key of a card, and what it is.
fn owners(it: &CardFile) -> impl Iterator<Item = (PublicKey, &'static str)> {
    let validator =
        [(it.card.consensus_key, "consensus key"), (it.card.node_key, "node key")].into_iter();
    let administrators = it.card.administrator_keys().into_iter();
    validator.chain(administrators.map(|key| (key, "key of an administrator")))
}

/// The class of a network, for people.
pub(super) fn class(network: Network) -> &'static str {
    match network {
        Network::Main => "main network",
        Network::Test => "test network",
    }
}

/// Checks that cards ask for no roles that all organisations must grant together.
fn check_roles(cards: &[CardFile], parameters: &Parameters) -> anyhow::Result<()> {
    for CardFile { file, card } in cards {
        let roles: BTreeSet<Name> =
            card.administrators.iter().flat_map(|it| it.roles.clone()).collect();
        check_known(&roles, parameters).with_context(|| file.clone())?;
        let mut others = roles.iter().filter(|it| it.as_str() != MANAGER);
        if let Some(role) = others.find(|it| !is_of_organisations(it, parameters)) {
            bail!(
                "{file} asks for the role {role}, which counts for the whole network: all \
                 organisations grant it together, under roles in the base file"
            );
        }
    }
    Ok(())
}

/// Checks that each organisation has an administrator: otherwise nobody could ever manage its accounts.
fn check_administered(genesis: &Genesis) -> anyhow::Result<()> {
    let organisations = super::contents::organisations(genesis);
    let bare =
        organisations.iter().find(|it| super::contents::administrators(genesis, it).is_empty());
    if let Some(name) = bare {
        bail!(
            "the organisation {name} has no administrator, so nobody could ever manage its accounts: \
             name one in a card with --administrator, or under accounts in the base file"
        );
    }
    Ok(())
}
