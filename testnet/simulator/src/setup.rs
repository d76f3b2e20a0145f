//! Prepares the genesis, keys and compiled modules that runs share.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_executor::{
    EngineError, GenesisFailure, GenesisState, InstallError, Library, Modules, Roots,
};
use ehb_state::MemoryStore;
use ehb_types::{
    Address, Call, Genesis, GenesisError, Hash, Header, Name, NameError, Policy, SecretKey,
};
use ehb_workload::{Names, PEOPLE};
use serde_json::Value;

use crate::faults::power::POWERS;
use crate::genesis::{Members, NETWORK, genesis};
use crate::releases;
use crate::upgrade::Upgrade;

/// The maximum number of nodes in a simulated network.
pub const NODES_MAX: usize = 16;

/// The number of nodes whose validators can join, and the number of the first one's keys.
pub(crate) const JOINERS: u8 = 2;
const FIRST_JOINER: u8 = 200;

/// The genesis' time, and the time at which every run begins, milliseconds since 1970.
pub(crate) const START_MS: u64 = 1_700_000_000_000;

/// The parts that all runs with the same number of nodes share: genesis, keys and compiled modules.
pub struct Setup {
    pub(crate) genesis: Genesis,
    pub(crate) validators: Vec<ValidatorKeys>,
    /// The voting power of each validator.
    pub(crate) powers: Vec<u64>,
    /// A node that is permitted to follow the chain.
    pub(crate) observer: ValidatorKeys,
    /// Nodes whose validators can join.
    pub(crate) joiners: Vec<ValidatorKeys>,
    /// The accounts of [`PEOPLE`], in order.
    pub(crate) accounts: Vec<Account>,
    pub(crate) names: Names,
    pub(crate) modules: Modules,
    /// New versions of modules, which runs can install.
    pub(crate) upgrades: Vec<Upgrade>,
    /// The modules of all states, for all nodes and runs together.
    pub(crate) library: Library,
    pub(crate) header: Header,
    pub(crate) state: Arc<MemoryStore>,
    /// The roots for header 1.
    pub(crate) roots: Roots,
    /// The same network with unequal power; none for a single validator.
    pub(crate) unequal: Option<Box<Setup>>,
}

pub(crate) struct ValidatorKeys {
    pub(crate) consensus: SecretKey,
    pub(crate) node: SecretKey,
}

pub(crate) struct Account {
    pub(crate) key: SecretKey,
    pub(crate) address: Address,
}

/// Why no network can be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The number of nodes is out of range.
    #[error("a simulated network has 1 to {NODES_MAX} nodes, not {0}")]
    Nodes(usize),
    /// This machine cannot run modules.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A name is invalid.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The genesis is rejected.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// No chain can be created from the genesis.
    #[error(transparent)]
    Build(#[from] GenesisFailure),
    /// A module is rejected.
    #[error(transparent)]
    Module(#[from] InstallError),
    /// A call's arguments are not an object.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The text of a module is invalid.
    #[error(transparent)]
    Text(#[from] wat::Error),
    /// The upgrade call of the kernel cannot be encoded.
    #[error("{0}")]
    Upgrade(String),
}

impl Setup {
    /// Builds the genesis of a network of `nodes` validators, 1 to [`NODES_MAX`], with equal power, and
    /// of one with unequal power. The first one in a process takes seconds, mostly to compile the modules.
    pub fn new(nodes: usize) -> Result<Self, SetupError> {
        let count = u8::try_from(nodes).ok().filter(|_| (1..=NODES_MAX).contains(&nodes));
        let count = count.ok_or(SetupError::Nodes(nodes))?;
        let mut setup = Self::with_powers(&vec![1; count.into()])?;
        if count > 1 {
            let powers: Vec<u64> = POWERS.into_iter().cycle().take(count.into()).collect();
            setup.unequal = Some(Box::new(Self::with_powers(&powers)?));
        }
        Ok(setup)
    }

    fn with_powers(powers: &[u64]) -> Result<Self, SetupError> {
        let keys = |index| ValidatorKeys { consensus: key(1, index), node: key(2, index) };
        let validators: Vec<ValidatorKeys> = (0..).map(keys).take(powers.len()).collect();
        let observer = keys(u8::MAX);
        let joiners = (FIRST_JOINER..).take(JOINERS.into()).map(keys).collect();
        let accounts: Vec<Account> =
            (0..).map(|index| Account::new(key(3, index))).take(PEOPLE.len()).collect();
        let releases = releases::at_genesis()?;
        let texts = accounts.iter().map(|it| it.address.to_text(NETWORK));
        let names = Names::new(PEOPLE.iter().map(|person| person.name).zip(texts));
        let members = Members { validators: &validators, powers, observer: &observer };
        let genesis = genesis(&members, &accounts, &names, &releases)?;
        genesis.check()?;
        let code: BTreeMap<Hash, Vec<u8>> =
            releases.into_iter().map(|it| (it.hash, it.code)).collect();
        let first = GenesisState::build(&releases::engine()?, &genesis, &code)?;
        let mut state = MemoryStore::default();
        state.apply(&first.changes);
        let roots = first.roots();
        let mut setup = Self {
            names,
            genesis,
            validators,
            powers: powers.to_vec(),
            observer,
            joiners,
            accounts,
            library: Library::new(first.modules.clone())?,
            upgrades: Vec::new(),
            modules: first.modules,
            header: first.header,
            state: Arc::new(state),
            roots,
            unequal: None,
        };
        for release in releases::upgrades()? {
            let upgrade = Upgrade::new(&setup, &release).map_err(SetupError::Upgrade)?;
            setup.upgrades.push(upgrade);
        }
        Ok(setup)
    }

    /// The number of validators.
    pub fn nodes(&self) -> usize {
        self.validators.len()
    }

    /// The network with equal or unequal power.
    pub(crate) fn chosen(&self, unequal: bool) -> &Self {
        self.unequal.as_deref().filter(|_| unequal).unwrap_or(self)
    }

    pub(crate) fn chain(&self) -> &Hash {
        &self.header.chain
    }

    /// The account of one of [`PEOPLE`].
    pub(crate) fn account(&self, name: &str) -> Result<&Account, String> {
        let position = PEOPLE.iter().position(|person| person.name == name);
        let account = position.and_then(|position| self.accounts.get(position));
        account.ok_or_else(|| format!("there is no account named {name}"))
    }

    /// A call, of the kernel or a module that genesis installs. The arguments are given as JSON by name;
    /// `@alice` is replaced by her address.
    pub(crate) fn call(
        &self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Call, String> {
        let name = |text: &str| Name::new(text).map_err(|error| error.to_string());
        let interface = match self.modules.get(module) {
            Some(module) => module.interface(),
            None => self.library.kernel(),
        };
        let signature = interface.function(function);
        let signature = signature.ok_or_else(|| format!("{module} has no {function}"))?;
        let arguments = self.names.to_addresses(arguments);
        let arguments = signature
            .arguments_from_json(self.genesis.network, &arguments)
            .map_err(|error| format!("{module}.{function}: {error}"))?;
        Ok(Call { module: name(module)?, function: name(function)?, arguments })
    }
}

/// A key that depends only on its purpose and number.
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

    /// An account that is not registered on the chain.
    pub(crate) fn stranger() -> Self {
        Self::new(key(4, 0))
    }
}
