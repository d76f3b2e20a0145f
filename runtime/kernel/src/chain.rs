//! The state of the chain as a whole: its identity, parameters, validators, nodes and modules.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Changes, Overlay, StoreError};
use ehb_types::{ChainId, Hash, Name, Network, Parameters, PublicKey, ValidatorSet};

use crate::event::{KernelEvent, PermittedNode};
use crate::{candidates, evidence, keys, record};

/// The maximum number of installed modules.
pub const MODULES_MAX: usize = 256;
/// The maximum number of permitted nodes.
pub const NODES_MAX: usize = 1_024;

/// The constants that genesis sets.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Identity {
    /// The chain's id.
    pub chain_id: ChainId,
    /// The class of network.
    pub network: Network,
    /// The genesis hash.
    pub genesis: Hash,
}

/// A permitted node.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Node {
    /// Its name.
    pub name: Name,
    /// The organisation that operates it.
    pub organisation: Name,
}

/// An installed module.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct InstalledModule {
    /// The hash of its code.
    pub code: Hash,
    /// Whether it refuses all calls but reads.
    pub is_paused: bool,
}

impl InstalledModule {
    /// A module that is not paused.
    pub fn active(code: Hash) -> Self {
        Self { code, is_paused: false }
    }

    /// What it does with calls.
    pub fn status(&self) -> ModuleStatus {
        if self.is_paused { ModuleStatus::Paused } else { ModuleStatus::Active }
    }
}

/// What a module does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ModuleStatus {
    /// It runs them.
    Active,
    /// The network paused it: it answers reads alone.
    Paused,
    /// The network removed it, for good.
    Removed,
}

impl ModuleStatus {
    /// The name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Removed => "removed",
        }
    }
}

/// The constants that genesis sets.
pub fn identity(overlay: &Overlay) -> Result<Identity, StoreError> {
    record::require(overlay, keys::CHAIN)
}

/// The parameters in force.
pub fn parameters(overlay: &Overlay) -> Result<Parameters, StoreError> {
    record::require(overlay, keys::PARAMETERS)
}

/// Changes the parameters from the next block on.
pub fn put_parameters(overlay: &mut Overlay, parameters: &Parameters) {
    record::write(overlay, keys::PARAMETERS.to_vec(), parameters);
}

/// The validators that decide the next height.
pub fn validators(overlay: &Overlay) -> Result<ValidatorSet, StoreError> {
    record::require(overlay, keys::VALIDATORS)
}

/// The validators that decided the last height, and thus signed its certificate.
pub fn last_validators(overlay: &Overlay) -> Result<ValidatorSet, StoreError> {
    replaced_validators(overlay)?.map_or_else(|| validators(overlay), Ok)
}

/// The validators that decided the last height, if others decide the next.
pub fn replaced_validators(overlay: &Overlay) -> Result<Option<ValidatorSet>, StoreError> {
    record::read(overlay, keys::LAST_VALIDATORS)
}

/// The validators that decide the height after the next. The next header contains their hash, so a proposer
/// must know them before its block is executed.
pub fn next_validators(overlay: &Overlay) -> Result<ValidatorSet, StoreError> {
    record::read(overlay, keys::NEXT_VALIDATORS)?.map_or_else(|| validators(overlay), Ok)
}

/// The validators that decide a height up to the next one. Sets of the past are kept as long as blocks can contain evidence
/// of their heights.
pub fn validators_at(overlay: &Overlay, height: u64) -> Result<ValidatorSet, StoreError> {
    let before = height.checked_sub(1).map(keys::past_validators);
    let past = overlay.scan(keys::PAST_VALIDATORS, before.as_deref(), 1)?;
    match past.first() {
        Some((key, bytes)) => record::parse(key, bytes),
        None => validators(overlay),
    }
}

/// The set with this hash, if it is one of the three in the state.
pub fn validators_with_hash(
    overlay: &Overlay,
    hash: &Hash,
) -> Result<Option<ValidatorSet>, StoreError> {
    for set in [validators(overlay)?, last_validators(overlay)?, next_validators(overlay)?] {
        if set.hash() == *hash {
            return Ok(Some(set));
        }
    }
    Ok(None)
}

/// Changes the validators. A change in a block at height `h` takes effect at height `h + 2`.
pub fn put_next_validators(overlay: &mut Overlay, set: &ValidatorSet) {
    record::write(overlay, keys::NEXT_VALIDATORS.to_vec(), set);
}

/// The validators that decide the height after the next, if others decide the next. During a block, the set that it wrote
/// with [`put_next_validators`]: [`advance_validators`] has already advanced earlier ones.
pub fn changed_validators(overlay: &Overlay) -> Result<Option<ValidatorSet>, StoreError> {
    record::read(overlay, keys::NEXT_VALIDATORS)
}

/// The set in a block's changes, which decides from the height after the next on.
pub fn put_validators(changes: &Changes) -> Result<Option<ValidatorSet>, StoreError> {
    let key = keys::NEXT_VALIDATORS;
    let found = changes.entries.binary_search_by(|(it, _)| it.as_slice().cmp(key));
    let value = found.ok().and_then(|index| changes.entries[index].1.as_deref());
    value.map(|value| record::parse(key, value)).transpose()
}

/// The maximum number of sets of the past that a change removes.
const FORGOTTEN_MAX: usize = 64;

/// Advances the sets by one height. The block of that height does this before its transactions. Returns the nodes that are
/// no longer permitted, because their validators decide no further height.
pub fn advance_validators(
    overlay: &mut Overlay,
    height: u64,
) -> Result<Vec<KernelEvent>, StoreError> {
    let Some(next) = changed_validators(overlay)? else {
        if overlay.get(keys::LAST_VALIDATORS)?.is_some() {
            overlay.remove(keys::LAST_VALIDATORS.to_vec());
        }
        return Ok(Vec::new());
    };
    let current = validators(overlay)?;
    for (key, _) in overlay.scan(keys::PAST_VALIDATORS, None, FORGOTTEN_MAX)? {
        let last = record::parse(&key, &key[keys::PAST_VALIDATORS.len()..])?;
        if u64::from_be_bytes(last).saturating_add(evidence::HEIGHTS_MAX) >= height {
            break;
        }
        overlay.remove(key);
    }
    record::write(overlay, keys::past_validators(height), &current);
    record::write(overlay, keys::LAST_VALIDATORS.to_vec(), &current);
    record::write(overlay, keys::VALIDATORS.to_vec(), &next);
    overlay.remove(keys::NEXT_VALIDATORS.to_vec());
    let candidates = candidates::list(overlay)?;
    let mut removed = Vec::new();
    for gone in current.validators() {
        let stays = next.validators().iter().any(|it| it.node_key == gone.node_key)
            || candidates.iter().any(|it| it.node_key == gone.node_key);
        if !stays {
            removed.push(remove_node(overlay, gone.node_key));
        }
    }
    Ok(removed)
}

/// Whether a block's changes permit a node, or permit one no more.
pub fn changed_nodes(changes: &Changes) -> bool {
    let from = changes.entries.partition_point(|(key, _)| key.as_slice() < keys::NODES);
    changes.entries.get(from).is_some_and(|(key, _)| key.starts_with(keys::NODES))
}

/// The permitted node with a key.
pub fn node(overlay: &Overlay, key: &PublicKey) -> Result<Option<Node>, StoreError> {
    record::read(overlay, &keys::node(key))
}

/// The permitted nodes, by node key.
pub fn nodes(overlay: &Overlay) -> Result<Vec<(PublicKey, Node)>, StoreError> {
    let entries = overlay.scan(keys::NODES, None, NODES_MAX)?;
    let node = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let node = record::parse(&key, &bytes)?;
        let node_key = record::parse(&key, &key[keys::NODES.len()..])?;
        Ok((PublicKey(node_key), node))
    };
    entries.into_iter().map(node).collect()
}

/// The nodes of an organisation that are those of no validators and no candidates, by node key.
pub fn observers(
    overlay: &Overlay,
    organisation: &Name,
) -> Result<Vec<(PublicKey, Node)>, StoreError> {
    let sets = [validators(overlay)?, next_validators(overlay)?];
    let candidates = candidates::list(overlay)?;
    let is_validator = |key: &PublicKey| {
        let mut all = sets.iter().flat_map(ValidatorSet::validators);
        all.any(|validator| validator.node_key == *key)
            || candidates.iter().any(|candidate| candidate.node_key == *key)
    };
    let mut nodes = nodes(overlay)?;
    nodes.retain(|(key, node)| node.organisation == *organisation && !is_validator(key));
    Ok(nodes)
}

/// Permits a node to connect. Returns the event.
pub fn permit_node(overlay: &mut Overlay, key: PublicKey, node: Node) -> KernelEvent {
    record::write(overlay, keys::node(&key), &node);
    KernelEvent::NodePermitted(PermittedNode { key, node })
}

/// Permits a node no more. Returns the event.
pub fn remove_node(overlay: &mut Overlay, key: PublicKey) -> KernelEvent {
    overlay.remove(keys::node(&key));
    KernelEvent::NodeRemoved(key)
}

/// The installed modules, ascending by name.
///
/// They are in one entry, so that a single read determines which code a block runs.
pub fn modules(overlay: &Overlay) -> Result<Vec<(Name, InstalledModule)>, StoreError> {
    Ok(record::read(overlay, keys::MODULES)?.unwrap_or_default())
}

/// Writes the list of installed modules, ascending by name.
pub fn put_modules(overlay: &mut Overlay, modules: &[(Name, InstalledModule)]) {
    record::write(overlay, keys::MODULES.to_vec(), &modules.to_vec());
}

/// A module's code.
pub fn code(overlay: &Overlay, hash: &Hash) -> Result<Vec<u8>, StoreError> {
    overlay
        .get(&keys::code(hash))?
        .ok_or_else(|| StoreError(format!("the state lacks the module code {hash}")))
}

/// Stores the code of a module.
pub fn put_code(overlay: &mut Overlay, hash: &Hash, code: Vec<u8>) {
    overlay.set(keys::code(hash), code);
}

/// Deletes code that no module uses any more.
pub fn remove_code(overlay: &mut Overlay, hash: &Hash) {
    overlay.remove(keys::code(hash));
}

/// Whether a module of this name was removed: the name is not used again.
pub fn was_removed(overlay: &Overlay, module: &Name) -> Result<bool, StoreError> {
    Ok(overlay.get(&keys::removed_module(module))?.is_some())
}

/// Records that the module of this name was removed.
pub fn put_removed(overlay: &mut Overlay, module: &Name) {
    overlay.set(keys::removed_module(module), Vec::new());
}
