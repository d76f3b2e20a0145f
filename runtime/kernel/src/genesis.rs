//! The kernel's part of the first state.

use std::collections::{BTreeMap, BTreeSet};

use ehb_crypto::{Domain, hash};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Account, Address, Genesis, GenesisError, Hash, Name, ValidatorSetError};

use crate::chain::{Identity, InstalledModule, MODULES_MAX, NODES_MAX, Node};
use crate::event::{ChangedAccount, ChangedValidators, InstalledCode, KernelEvent};
use crate::{chain, keys, organisations, record};

/// Why no state can be created from a genesis.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file itself is not valid.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The validators do not form a set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
    /// The code of a module is missing.
    #[error(
        "the genesis names module {name} with code {code}, which this program does not have: use the release that the genesis was made with, or put the code next to the genesis file"
    )]
    MissingCode {
        /// The module.
        name: Name,
        /// The hash of its code.
        code: Hash,
    },
    /// The genesis exceeds a limit of the kernel.
    #[error("the genesis contains {count} {what}; the maximum is {max}")]
    TooMany {
        /// The kind of item.
        what: &'static str,
        /// The number in the genesis.
        count: usize,
        /// The maximum number.
        max: usize,
    },
}

/// Writes the kernel's entries of the first state, and returns them as events. `code` contains the code of
/// modules by hash.
pub fn write(
    overlay: &mut Overlay,
    genesis: &Genesis,
    code: &BTreeMap<Hash, Vec<u8>>,
) -> Result<Vec<KernelEvent>, WriteError> {
    genesis.check()?;
    let counts = [
        ("modules", genesis.modules.len(), MODULES_MAX),
        ("nodes", genesis.validators.len() + genesis.observers.len(), NODES_MAX),
    ];
    if let Some((what, count, max)) = counts.into_iter().find(|(_, count, max)| count > max) {
        return Err(WriteError::TooMany { what, count, max });
    }
    let identity = Identity {
        chain_id: genesis.chain_id.clone(),
        network: genesis.network,
        genesis: genesis.hash(),
    };
    let validators = genesis.validator_set()?;
    record::write(overlay, keys::CHAIN.to_vec(), &identity);
    record::write(overlay, keys::PARAMETERS.to_vec(), &genesis.parameters);
    record::write(overlay, keys::VALIDATORS.to_vec(), &validators);
    let mut events = vec![
        KernelEvent::ChainStarted(identity),
        KernelEvent::ParametersChanged(Box::new(genesis.parameters.clone())),
    ];
    for organisation in names(genesis) {
        organisations::add(overlay, &organisation);
        events.push(KernelEvent::OrganisationAdded(organisation));
    }
    events.push(KernelEvent::ValidatorsChanged(ChangedValidators { from_height: 1, validators }));
    let nodes = genesis.validators.iter().map(|it| (it.node_key, &it.name, &it.organisation));
    let observers = genesis.observers.iter().map(|it| (it.node_key, &it.name, &it.organisation));
    for (key, name, organisation) in nodes.chain(observers) {
        let node = Node { name: name.clone(), organisation: organisation.clone() };
        events.push(chain::permit_node(overlay, key, node));
    }
    for it in &genesis.accounts {
        let account = Account {
            policy: it.policy.clone(),
            organisation: it.organisation.clone(),
            roles: it.roles.iter().cloned().collect(),
            status: it.status,
        };
        let address = Address::of_account(&it.policy);
        organisations::register(overlay, &address, &account)?;
        events.push(KernelEvent::AccountChanged(ChangedAccount { address, account }));
    }
    let mut modules = Vec::new();
    for it in &genesis.modules {
        let bytes =
            code.get(&it.code)
                .filter(|bytes| hash(Domain::ModuleCode, bytes) == it.code)
                .ok_or_else(|| WriteError::MissingCode { name: it.name.clone(), code: it.code })?;
        modules.push((it.name.clone(), InstalledModule { code: it.code }));
        chain::put_code(overlay, &it.code, bytes.clone());
        let installed = InstalledCode { module: it.name.clone(), code: it.code };
        events.push(KernelEvent::ModuleInstalled(installed));
    }
    modules.sort_by(|(a, _), (b, _)| a.cmp(b));
    chain::put_modules(overlay, &modules);
    Ok(events)
}

/// The organisations that run nodes or have accounts.
fn names(genesis: &Genesis) -> BTreeSet<Name> {
    let validators = genesis.validators.iter().map(|it| &it.organisation);
    let observers = genesis.observers.iter().map(|it| &it.organisation);
    let accounts = genesis.accounts.iter().map(|it| &it.organisation);
    validators.chain(observers).chain(accounts).cloned().collect()
}
