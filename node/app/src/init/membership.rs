//! The part of a node in a genesis: a validator, an observer, or none; and the peers that it dials.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{anyhow, bail};
use ehb_types::{Card, Genesis, GenesisValidator, Name, PublicKey};
use serde::Serialize;

use crate::card::CardFile;
use crate::error_code;
use crate::keys::Keys;
use crate::peer::Peer;

/// The entry of a node in a genesis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Membership {
    pub(crate) role: Role,
    pub(crate) name: Name,
    pub(crate) organisation: Name,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Validator,
    Observer,
}

impl Membership {
    /// The entry of the node with these keys. Errors: the genesis has one key of a validator and not the other.
    pub(crate) fn of(genesis: &Genesis, keys: &Keys) -> anyhow::Result<Option<Self>> {
        let (consensus, node) = (keys.consensus.public_key(), keys.node.public_key());
        for it in &genesis.validators {
            let same = (it.consensus_key == consensus, it.node_key == node);
            let has = |has, other| {
                anyhow!(
                    "the genesis names the {has} key of this node for the validator {}, with another {other} key: \
                     keys.json is not the one of its card",
                    it.name
                )
            };
            match same {
                (true, true) => {
                    let (name, organisation) = (it.name.clone(), it.organisation.clone());
                    return Ok(Some(Self { role: Role::Validator, name, organisation }));
                }
                (true, false) => return Err(has("consensus", "node")),
                (false, true) => return Err(has("node", "consensus")),
                (false, false) => {}
            }
        }
        let observer = genesis.observers.iter().find(|it| it.node_key == node);
        Ok(observer.map(|it| Self {
            role: Role::Observer,
            name: it.name.clone(),
            organisation: it.organisation.clone(),
        }))
    }

    /// For people.
    pub(crate) fn sentence(&self) -> String {
        let Self { role, name, organisation } = self;
        match role {
            Role::Validator => {
                format!("this node is the validator {name} of {organisation}")
            }
            Role::Observer => format!(
                "this node is the observer {name} of {organisation}: it follows the chain and does not vote"
            ),
        }
    }
}

/// The error for a node that the genesis does not name.
pub(super) fn unnamed(data_dir: &Path, keys: Option<&Keys>) -> anyhow::Error {
    let shown = data_dir.display();
    let error = match keys {
        None => anyhow!(
            "{shown} has no keys yet, and the genesis cannot name keys that do not exist: use the directory \
             whose keys are in the card"
        ),
        Some(keys) => anyhow!(
            "the genesis names no validator or observer with the keys in {shown}: consensus key {}, node key {}",
            keys.consensus.public_key(),
            keys.node.public_key()
        ),
    };
    error_code::coded(error_code::NOT_IN_GENESIS, error)
}

/// The nodes of all other cards. There must be a card of each other validator.
pub(super) fn peers(
    genesis: &Genesis,
    keys: Option<&Keys>,
    cards: &[CardFile],
) -> anyhow::Result<Vec<Peer>> {
    let own = keys.map(|it| it.node.public_key());
    check(genesis, cards, own)?;
    let others = cards.iter().map(|it| &it.card).filter(|it| Some(it.node_key) != own);
    let peer = |it: &Card| Peer { key: it.node_key, address: it.address.as_str().to_owned() };
    Ok(others.map(peer).collect())
}

/// Checks that the cards are those of the genesis.
fn check(genesis: &Genesis, cards: &[CardFile], own: Option<PublicKey>) -> anyhow::Result<()> {
    for CardFile { file, card } in cards {
        if (&card.chain_id, card.network) != (&genesis.chain_id, genesis.network) {
            bail!(
                "{file} is for the chain {}, the genesis for {}",
                card.chain_id,
                genesis.chain_id
            );
        }
        let is_it = |it: &&GenesisValidator| {
            (&it.organisation, &it.name, it.consensus_key, it.node_key)
                == (&card.organisation, &card.name, card.consensus_key, card.node_key)
        };
        if !genesis.validators.iter().any(|it| is_it(&it)) {
            bail!(
                "{file} is the card of {} of {}, and the genesis has no such validator with its keys",
                card.name,
                card.organisation
            );
        }
    }
    let known: BTreeSet<&PublicKey> = cards.iter().map(|it| &it.card.node_key).collect();
    let mut others = genesis.validators.iter().filter(|it| Some(it.node_key) != own);
    match others.find(|it| !known.contains(&it.node_key)) {
        None => Ok(()),
        Some(it) => bail!(
            "the genesis has the validator {} of {}, whose card is missing: add it with --card",
            it.name,
            it.organisation
        ),
    }
}
