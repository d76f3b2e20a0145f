//! The format of the genesis file, the checks of its content, and its hash.

use std::collections::BTreeSet;

use ehb_crypto::{Domain, Hash, Hasher, KeyError, PublicKey, hash};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Address, AddressError, ChainId, Name, Network, ParameterError, Parameters, Policy, PolicyError,
    ROLES_MAX, Status, Strict, Validator, ValidatorSet, ValidatorSetError, encode,
};

/// The genesis of the chain: one JSON file that all nodes share. Unknown keys are errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The chain's id, for people.
    pub chain_id: ChainId,
    /// The class of network, which determines the prefix of addresses.
    pub network: Network,
    /// The time of genesis, milliseconds since 1970 (UTC).
    pub timestamp_ms: u64,
    /// Limits and prices; omitted ones have their default.
    #[serde(default)]
    pub parameters: Parameters,
    /// The first validators.
    pub validators: Vec<GenesisValidator>,
    /// Nodes that can connect without validating.
    #[serde(default)]
    pub observers: Vec<GenesisObserver>,
    /// The first accounts.
    pub accounts: Vec<GenesisAccount>,
    /// The installed modules.
    pub modules: Vec<GenesisModule>,
    /// Calls that are executed, in order, before the first block. If one fails, the genesis is invalid.
    #[serde(default)]
    pub calls: Vec<GenesisCall>,
}

/// A validator of the first set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisValidator {
    /// Its name.
    pub name: Name,
    /// The organisation that operates it.
    pub organisation: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// Its voting power.
    pub power: u64,
}

/// A node that can connect without validating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisObserver {
    /// Its name.
    pub name: Name,
    /// The organisation that operates it.
    pub organisation: Name,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
}

/// An account that exists from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisAccount {
    /// The account's address, which must match its policy.
    pub address: String,
    /// The policy that defines whose signatures authorise its transactions.
    pub policy: Policy,
    /// The organisation it belongs to.
    pub organisation: Name,
    /// Its roles.
    #[serde(default)]
    pub roles: BTreeSet<Name>,
    /// Whether it can send transactions: `active`, the default, or `frozen`. Transactions of a frozen account
    /// are rejected, and modules can query the status: the wallet makes no payment to it. The default is not
    /// written, so that a file has the same hash with and without it.
    #[serde(default, skip_serializing_if = "Status::is_active")]
    pub status: Status,
}

/// A module that is installed from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisModule {
    /// The name under which it is called.
    pub name: Name,
    /// The hash of its code, under [`Domain::ModuleCode`].
    pub code: Hash,
}

/// A call that prepares the first state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisCall {
    /// The sender of the call.
    pub sender: String,
    /// The module.
    pub module: Name,
    /// The function.
    pub function: Name,
    /// The arguments by name, as JSON. A duplicate key at any depth is an error.
    #[serde(deserialize_with = "arguments")]
    pub arguments: serde_json::Map<String, serde_json::Value>,
}

fn arguments<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<serde_json::Map<String, serde_json::Value>, D::Error> {
    match Strict::deserialize(deserializer)?.0 {
        serde_json::Value::Object(arguments) => Ok(arguments),
        other => Err(D::Error::custom(format_args!(
            "the arguments of a call are an object of values by name, not {}",
            match other {
                serde_json::Value::Array(_) => "a list",
                _ => "a single value",
            }
        ))),
    }
}

/// Why a genesis is rejected.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// The file is not JSON of this format.
    #[error("the genesis file is not valid: {0}")]
    Json(serde_json::Error),
    /// A parameter is out of range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The validators do not form a set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
    /// The policy of an account is invalid.
    #[error("the account {0}: {1}")]
    Policy(String, PolicyError),
    /// More roles than an account can have.
    #[error("the account {0} has {1} roles; the maximum is {ROLES_MAX}")]
    Roles(String, usize),
    /// A node key is invalid.
    #[error("the observer {0}: {1}")]
    ObserverKey(Name, KeyError),
    /// A text is not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// An address does not match its policy.
    #[error("the account {given}: the address of its policy is {expected}")]
    WrongAddress {
        /// The address in the file.
        given: String,
        /// The expected address.
        expected: String,
    },
    /// A name, address or key is used twice.
    #[error("the {kind} {name} is in the genesis twice")]
    Twice {
        /// The kind of item.
        kind: &'static str,
        /// Its name, address or key.
        name: String,
    },
    /// A time that is not plausible in milliseconds since 1970.
    #[error(
        "timestamp_ms is {0}; it counts milliseconds since 1970 and must be before the year 3000"
    )]
    Timestamp(u64),
    /// A module has a name of the chain itself.
    #[error("no module can be called {0}")]
    ReservedName(Name),
}

/// Has no source in the chain of causes, because the text already contains it.
impl From<serde_json::Error> for GenesisError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

/// The names that no module can have: the kernel, and the packages of the host and of what all modules share.
const RESERVED: [&str; 3] = ["common", "host", "kernel"];

/// Whether no module can have this name.
pub fn is_reserved_module(module: &str) -> bool {
    RESERVED.contains(&module)
}

/// The year 3000.
const TIMESTAMP_MAX_MS: u64 = 32_503_680_000_000;

impl Genesis {
    /// Parses and checks the text of a genesis file.
    pub fn from_json(text: &str) -> Result<Self, GenesisError> {
        let genesis: Self = serde_json::from_str(text)?;
        genesis.check()?;
        Ok(genesis)
    }

    /// The text of a genesis file.
    pub fn to_json(&self) -> Result<String, GenesisError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Performs all checks that need no module code.
    pub fn check(&self) -> Result<(), GenesisError> {
        if self.timestamp_ms >= TIMESTAMP_MAX_MS {
            return Err(GenesisError::Timestamp(self.timestamp_ms));
        }
        self.parameters.check()?;
        let set = self.validator_set()?;
        for it in &self.observers {
            let checked = it.node_key.check();
            checked.map_err(|error| GenesisError::ObserverKey(it.name.clone(), error))?;
        }
        let nodes = set.validators().iter().map(|v| v.node_key);
        let nodes = nodes.chain(self.observers.iter().map(|o| o.node_key));
        once("node key", nodes.map(|key| key.to_string()))?;
        once("account", self.accounts.iter().map(|a| a.address.clone()))?;
        once("module", self.modules.iter().map(|m| m.name.to_string()))?;
        if let Some(module) = self.modules.iter().find(|m| is_reserved_module(m.name.as_str())) {
            return Err(GenesisError::ReservedName(module.name.clone()));
        }
        for account in &self.accounts {
            account
                .policy
                .check()
                .map_err(|error| GenesisError::Policy(account.address.clone(), error))?;
            if account.roles.len() > ROLES_MAX {
                return Err(GenesisError::Roles(account.address.clone(), account.roles.len()));
            }
            let expected = Address::of_account(&account.policy);
            if Address::from_text(self.network, &account.address)? != expected {
                let expected = expected.to_text(self.network);
                return Err(GenesisError::WrongAddress {
                    given: account.address.clone(),
                    expected,
                });
            }
        }
        for call in &self.calls {
            Address::from_text(self.network, &call.sender)?;
        }
        Ok(())
    }

    /// The first validator set.
    pub fn validator_set(&self) -> Result<ValidatorSet, ValidatorSetError> {
        ValidatorSet::new(
            self.validators
                .iter()
                .map(|it| Validator {
                    name: it.name.clone(),
                    consensus_key: it.consensus_key,
                    node_key: it.node_key,
                    power: it.power,
                })
                .collect(),
        )
    }

    /// The hash that peers compare and signatures cover: over the content, independent of the file's layout.
    pub fn hash(&self) -> Hash {
        let value = serde_json::to_value(self)
            .unwrap_or_else(|error| unreachable!("a genesis is JSON: {error}"));
        hash_value(&value)
    }
}

fn once(kind: &'static str, names: impl Iterator<Item = String>) -> Result<(), GenesisError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(GenesisError::Twice { kind, name });
        }
    }
    Ok(())
}

/// Hashes JSON by content: the order of an object's keys does not matter.
fn hash_value(value: &serde_json::Value) -> Hash {
    match value {
        serde_json::Value::Array(items) => {
            let hashes: Vec<Hash> = items.iter().map(hash_value).collect();
            Hasher::new(Domain::Genesis).with(b"[").with(&encode(&hashes)).finish()
        }
        serde_json::Value::Object(fields) => {
            let mut hashes: Vec<(&String, Hash)> =
                fields.iter().map(|(key, value)| (key, hash_value(value))).collect();
            hashes.sort();
            Hasher::new(Domain::Genesis).with(b"{").with(&encode(&hashes)).finish()
        }
        scalar => hash(Domain::Genesis, scalar.to_string().as_bytes()),
    }
}
