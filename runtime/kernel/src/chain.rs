//! What belongs to the chain as a whole: its identity, parameters, validators, nodes and modules.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{ChainId, Hash, Name, Network, Parameters, PublicKey, ValidatorSet};

use crate::{keys, record};

/// How many modules can be installed.
pub const MODULES_MAX: usize = 256;
/// How many nodes can be permitted.
pub const NODES_MAX: usize = 1_024;

/// What genesis fixed for good.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Identity {
    /// The chain's id.
    pub chain_id: ChainId,
    /// The class of network.
    pub network: Network,
    /// The genesis hash.
    pub genesis: Hash,
}

/// A node that may connect.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Node {
    /// What people call it.
    pub name: Name,
    /// Who runs it.
    pub organisation: Name,
}

/// An installed module.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct InstalledModule {
    /// The hash of its code.
    pub code: Hash,
}

/// What genesis fixed for good.
pub fn identity(overlay: &Overlay) -> Result<Identity, StoreError> {
    record::require(overlay, keys::CHAIN)
}

/// The parameters in force.
pub fn parameters(overlay: &Overlay) -> Result<Parameters, StoreError> {
    record::require(overlay, keys::PARAMETERS)
}

/// The validators that decide the next height.
pub fn validators(overlay: &Overlay) -> Result<ValidatorSet, StoreError> {
    record::require(overlay, keys::VALIDATORS)
}

/// The nodes that may connect, by node key.
pub fn nodes(overlay: &Overlay) -> Result<Vec<(PublicKey, Node)>, StoreError> {
    let entries = overlay.scan(keys::NODES, None, NODES_MAX)?;
    let node = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let node = record::parse(&key, &bytes)?;
        let node_key = record::parse(&key, &key[keys::NODES.len()..])?;
        Ok((PublicKey(node_key), node))
    };
    entries.into_iter().map(node).collect()
}

/// The installed modules, by name.
pub fn modules(overlay: &Overlay) -> Result<Vec<(Name, InstalledModule)>, StoreError> {
    let entries = overlay.scan(keys::MODULES, None, MODULES_MAX)?;
    let module = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let module = record::parse(&key, &bytes)?;
        let text = String::from_utf8_lossy(&key[keys::MODULES.len()..]).into_owned();
        let name = Name::new(text).map_err(|error| StoreError(error.to_string()))?;
        Ok((name, module))
    };
    entries.into_iter().map(module).collect()
}

/// A module's code.
pub fn code(overlay: &Overlay, hash: &Hash) -> Result<Vec<u8>, StoreError> {
    overlay
        .get(&keys::code(hash))?
        .ok_or_else(|| StoreError(format!("the state lacks the module code {hash}")))
}
