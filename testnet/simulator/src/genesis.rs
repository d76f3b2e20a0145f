//! Builds the genesis of a simulated network, with accounts, modules and business in progress.

use ehb_executor::{DEPLOYER, UPGRADER};
use ehb_types::{
    ADMINISTRATOR, ChainId, GasSchedule, Genesis, GenesisAccount, GenesisCall, GenesisModule,
    GenesisObserver, GenesisValidator, GovernanceParameters, ModuleParameters, Name, Network,
    Parameters, Policy, TEST_WINDOWS,
};
use ehb_workload::{Names, PEOPLE};

use crate::releases::Release;
use crate::setup::{Account, START_MS, SetupError, ValidatorKeys};

/// The accounts whose addresses are shown.
pub(crate) const NETWORK: Network = Network::Test;
/// The initial balance of every account, cents.
const FUNDS: u64 = 100_000;
/// The account that can upgrade modules and install new ones.
pub(crate) const UPGRADING: &str = "admin";
/// The account that votes for the organisation that runs the validators.
pub(crate) const GOVERNING: &str = "plat";
/// That organisation, which has both accounts.
pub(crate) const ORGANISATION: &str = "platform";

/// The name of a validator of genesis.
pub(crate) fn validator_name(index: usize) -> String {
    format!("validator-{index}")
}

/// The nodes of a network.
pub(crate) struct Members<'a> {
    pub(crate) validators: &'a [ValidatorKeys],
    /// The voting power of each validator.
    pub(crate) powers: &'a [u64],
    pub(crate) observer: &'a ValidatorKeys,
}

/// The genesis of a network with business in progress in all modules.
pub(crate) fn genesis(
    members: &Members<'_>,
    accounts: &[Account],
    names: &Names,
    modules: &[Release],
) -> Result<Genesis, SetupError> {
    let organisation = Name::new(ORGANISATION)?;
    let validators = members.validators.iter().zip(members.powers).enumerate();
    let validators = validators.map(|(index, (keys, power))| {
        Ok(GenesisValidator {
            name: Name::new(validator_name(index))?,
            organisation: organisation.clone(),
            consensus_key: keys.consensus.public_key(),
            node_key: keys.node.public_key(),
            power: *power,
        })
    });
    let observer = GenesisObserver {
        name: Name::new("observer")?,
        organisation: organisation.clone(),
        node_key: members.observer.node.public_key(),
    };
    let members = PEOPLE.iter().zip(accounts).map(|(person, account)| {
        let upgrades: &[&str] = if person.name == UPGRADING { &[UPGRADER, DEPLOYER] } else { &[] };
        let governs = (person.name == GOVERNING).then_some(&ADMINISTRATOR);
        let roles = person.roles.iter().chain(upgrades).chain(governs);
        Ok(GenesisAccount {
            address: account.address.to_text(NETWORK),
            policy: Policy::Key(account.key.public_key()),
            organisation: Name::new(person.organisation)?,
            roles: roles.map(|role| Name::new(*role)).collect::<Result<_, _>>()?,
            status: Default::default(),
        })
    });
    let modules =
        modules.iter().map(|it| Ok(GenesisModule { name: Name::new(it.module)?, code: it.hash }));
    Ok(Genesis {
        chain_id: ChainId::new("simulation")?,
        network: NETWORK,
        timestamp_ms: START_MS,
        parameters: Parameters {
            // A seed has about ten blocks, and code is uploaded in two of them; this process compiles it
            // once.
            gas: GasSchedule { code_byte: 16, ..GasSchedule::default() },
            modules: ModuleParameters { deployers_install: 1, ..TEST_WINDOWS },
            // Runs take seconds.
            governance: GovernanceParameters { lock_ms: 0, ..GovernanceParameters::default() },
            ..Parameters::default()
        },
        validators: validators.collect::<Result<_, SetupError>>()?,
        observers: vec![observer],
        accounts: members.collect::<Result<_, SetupError>>()?,
        modules: modules.collect::<Result<_, SetupError>>()?,
        calls: opening(names)?,
    })
}

/// The calls that give every account money and start business in all modules.
fn opening(names: &Names) -> Result<Vec<GenesisCall>, SetupError> {
    let genesis_call = |call: ehb_workload::Call| {
        let sender = names.to_addresses(&format!("@{}", call.who).into());
        Ok(GenesisCall {
            sender: serde_json::from_value(sender)?,
            module: Name::new(call.module)?,
            function: Name::new(call.function)?,
            arguments: serde_json::from_value(names.to_addresses(&call.arguments))?,
        })
    };
    let business = ehb_workload::business(FUNDS, START_MS);
    let further = ehb_workload::further_under_way(START_MS);
    business.into_iter().chain(further).map(genesis_call).collect()
}
