use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_catalog::CatalogEntry;
use ehb_crypto::{Domain, hash};
use ehb_executor::{
    Engine, EngineError, GenesisFailure, GenesisState, InstallError, Library, Modules,
};
use ehb_state::MemoryStore;
use ehb_types::{
    Address, ChainId, Genesis, GenesisAccount, GenesisCall, GenesisError, GenesisModule,
    GenesisValidator, Hash, Header, Name, NameError, Network, Parameters, Policy, SecretKey,
};
use serde_json::{Value, json};

/// How many nodes a simulated network can have.
pub const NODES_MAX: usize = 16;

/// How many accounts pay each other.
const ACCOUNTS: u8 = 6;
/// The asset with which they do.
pub(crate) const ASSET: &str = "EUR";
/// What each has at first.
const FUNDS: u64 = 100_000;
/// The genesis' time, and the time at which every run begins, milliseconds since 1970.
pub(crate) const START_MS: u64 = 1_700_000_000_000;

/// What all runs with the same number of nodes share: genesis, keys and compiled modules.
pub struct Setup {
    pub(crate) genesis: Genesis,
    pub(crate) validators: Vec<ValidatorKeys>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) modules: Modules,
    /// The modules of all states, for all nodes and runs together.
    pub(crate) library: Library,
    pub(crate) header: Header,
    pub(crate) state: Arc<MemoryStore>,
    pub(crate) state_root: Hash,
}

/// The keys of a validator.
pub(crate) struct ValidatorKeys {
    pub(crate) consensus: SecretKey,
    pub(crate) node: SecretKey,
}

/// An account; the first one issues the asset.
pub(crate) struct Account {
    pub(crate) key: SecretKey,
    pub(crate) address: Address,
}

/// Why there is nothing to simulate.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The number of nodes is out of range.
    #[error("a simulated network has 1 to {NODES_MAX} nodes, not {0}")]
    Nodes(usize),
    /// This machine cannot run modules.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The genesis is refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The genesis gives no chain.
    #[error(transparent)]
    Build(#[from] GenesisFailure),
    /// A module is refused.
    #[error(transparent)]
    Module(#[from] InstallError),
    /// A call's arguments are no object.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Setup {
    /// Builds the genesis of a network of `nodes` validators, 1 to [`NODES_MAX`], with equal power.
    /// Costs some tens of milliseconds, mostly for compiling the modules.
    pub fn new(nodes: usize) -> Result<Self, SetupError> {
        let count = u8::try_from(nodes).ok().filter(|_| (1..=NODES_MAX).contains(&nodes));
        let count = count.ok_or(SetupError::Nodes(nodes))?;
        let keys = |index| ValidatorKeys { consensus: key(1, index), node: key(2, index) };
        let validators: Vec<ValidatorKeys> = (0..count).map(keys).collect();
        let accounts: Vec<Account> =
            (0..ACCOUNTS).map(|index| Account::new(key(3, index))).collect();
        let genesis = genesis(&validators, &accounts)?;
        genesis.check()?;
        let code = wallet();
        let code: BTreeMap<Hash, Vec<u8>> =
            code.map(|it| (hash(Domain::ModuleCode, it.code), it.code.to_vec())).collect();
        let first = GenesisState::build(&Engine::new()?, &genesis, &code)?;
        let mut state = MemoryStore::default();
        state.apply(&first.changes);
        Ok(Self {
            genesis,
            validators,
            accounts,
            library: Library::new(first.modules.clone())?,
            modules: first.modules,
            header: first.header,
            state: Arc::new(state),
            state_root: first.changes.root,
        })
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.validators.len()
    }

    pub(crate) fn chain_id(&self) -> &ChainId {
        &self.genesis.chain_id
    }

    /// The canonical arguments of a function of the wallet, given as JSON by name.
    pub(crate) fn arguments(&self, function: &str, arguments: &Value) -> Result<Vec<u8>, String> {
        let wallet = self.modules.get(WALLET).ok_or("there is no wallet")?;
        let signature = wallet.interface().function(function);
        let signature = signature.ok_or_else(|| format!("the wallet has no {function}"))?;
        let bytes = signature.arguments_from_json(self.genesis.network, arguments);
        bytes.map_err(|error| format!("{function}: {error}"))
    }

    /// An address as the JSON forms show it.
    pub(crate) fn text(&self, address: &Address) -> String {
        address.to_text(self.genesis.network)
    }
}

/// The module that moves the asset.
pub(crate) const WALLET: &str = "wallet";

/// A key that depends on nothing but its purpose and number.
fn key(purpose: u8, index: u8) -> SecretKey {
    let mut seed = [0; 32];
    seed[0] = purpose;
    seed[1] = index;
    SecretKey::from_seed(&seed)
}

impl Account {
    fn new(key: SecretKey) -> Self {
        let address = Address::of_account(&Policy::Key(key.public_key()));
        Self { key, address }
    }

    /// An account that the chain does not know.
    pub(crate) fn stranger() -> Self {
        Self::new(key(4, 0))
    }
}

fn genesis(validators: &[ValidatorKeys], accounts: &[Account]) -> Result<Genesis, SetupError> {
    let network = Network::Test;
    let organisation = Name::new("simulation")?;
    let validators = validators.iter().enumerate().map(|(index, keys)| {
        Ok(GenesisValidator {
            name: Name::new(format!("validator-{index}"))?,
            organisation: organisation.clone(),
            consensus_key: keys.consensus.public_key(),
            node_key: keys.node.public_key(),
            power: 1,
        })
    });
    let issuer_role = BTreeSet::from([Name::new("issuer")?]);
    let members = accounts.iter().enumerate().map(|(index, account)| GenesisAccount {
        address: account.address.to_text(network),
        policy: Policy::Key(account.key.public_key()),
        organisation: organisation.clone(),
        roles: if index == 0 { issuer_role.clone() } else { BTreeSet::new() },
        status: Default::default(),
    });
    let modules = wallet().map(|module| {
        let code = hash(Domain::ModuleCode, module.code);
        Ok(GenesisModule { name: Name::new(module.name)?, code })
    });
    Ok(Genesis {
        chain_id: ChainId::new("simulation")?,
        network,
        timestamp_ms: START_MS,
        parameters: Parameters::default(),
        validators: validators.collect::<Result<_, SetupError>>()?,
        observers: Vec::new(),
        accounts: members.collect(),
        modules: modules.collect::<Result<_, SetupError>>()?,
        calls: funding(accounts, network)?,
    })
}

/// The only module that the simulated clients call; compiling the others would be most of a run.
fn wallet() -> impl Iterator<Item = &'static CatalogEntry> {
    ehb_catalog::get(WALLET).into_iter()
}

/// The calls that create the asset and give everybody some of it.
fn funding(accounts: &[Account], network: Network) -> Result<Vec<GenesisCall>, SetupError> {
    let texts: Vec<String> = accounts.iter().map(|it| it.address.to_text(network)).collect();
    let Some(issuer) = texts.first() else { return Ok(Vec::new()) };
    let call = |function: &str, arguments: Value| -> Result<GenesisCall, SetupError> {
        Ok(GenesisCall {
            sender: issuer.clone(),
            module: Name::new(WALLET)?,
            function: Name::new(function)?,
            arguments: serde_json::from_value(arguments)?,
        })
    };
    let asset = json!({ "asset": ASSET, "name": "Euro", "precision": 2, "issuer": issuer });
    let mut calls = vec![call("create-asset", asset)?];
    for to in &texts {
        let mint = json!({ "asset": ASSET, "to": to, "amount": FUNDS.to_string() });
        calls.push(call("mint", mint)?);
    }
    Ok(calls)
}
