//! The genesis of the chain, with its funded accounts.

use std::collections::BTreeMap;

use ehb_crypto::{Domain, hash};
use ehb_types::{
    ChainId, Genesis, GenesisAccount, GenesisCall, GenesisModule, GenesisValidator, Hash, Name,
    SecretKey,
};
use serde_json::Value;

use crate::builder::{Builder, GenesisStep, NETWORK};
use crate::{Account, DevNetError};

/// Code of modules by its hash.
pub(crate) type Code = BTreeMap<Hash, Vec<u8>>;

/// The key that decides all blocks.
pub(crate) fn validator_key() -> SecretKey {
    SecretKey::from_seed(&[0xde; 32])
}

/// The genesis of what a builder says, with the code that it installs.
pub(crate) fn genesis(builder: &Builder, time_ms: u64) -> Result<(Genesis, Code), DevNetError> {
    let (mut modules, mut code) = (Vec::new(), Code::new());
    for entry in ehb_catalog::all() {
        if builder.modules.as_ref().is_none_or(|names| names.iter().any(|it| it == entry.name)) {
            let hash = hash(Domain::ModuleCode, entry.code);
            modules.push(GenesisModule { name: Name::new(entry.name)?, code: hash });
            code.insert(hash, entry.code.to_vec());
        }
    }
    for name in builder.modules.iter().flatten() {
        if ehb_catalog::get(name).is_none() {
            return Err(DevNetError::UnknownModule(name.clone()));
        }
    }
    let validator = GenesisValidator {
        name: Name::new("validator-0")?,
        organisation: Name::new("dev")?,
        consensus_key: validator_key().public_key(),
        node_key: SecretKey::from_seed(&[0xdf; 32]).public_key(),
        power: 1,
    };
    let genesis = Genesis {
        chain_id: ChainId::new(builder.chain_id.as_str())?,
        network: NETWORK,
        timestamp_ms: time_ms,
        parameters: builder.parameters.clone(),
        validators: vec![validator],
        observers: Vec::new(),
        accounts: builder.accounts.iter().map(account).collect::<Result<_, _>>()?,
        modules,
        calls: builder.calls.iter().map(|it| call(it, builder)).collect::<Result<_, _>>()?,
    };
    genesis.check()?;
    Ok((genesis, code))
}

fn account(account: &Account) -> Result<GenesisAccount, DevNetError> {
    Ok(GenesisAccount {
        address: account.text(),
        policy: account.policy.clone(),
        organisation: Name::new(account.organisation.as_str())?,
        roles: account.roles.iter().map(Name::new).collect::<Result<_, _>>()?,
        status: Default::default(),
    })
}

fn call(step: &GenesisStep, builder: &Builder) -> Result<GenesisCall, DevNetError> {
    let addresses = |value: &Value| with_addresses(value, builder);
    let Value::Object(arguments) = &step.arguments else {
        return Err(DevNetError::Arguments(format!("{}.{}", step.module, step.function)));
    };
    let with_address = |(name, value): (&String, &Value)| Ok((name.clone(), addresses(value)?));
    Ok(GenesisCall {
        sender: address(&step.sender, builder)?,
        module: Name::new(step.module.as_str())?,
        function: Name::new(step.function.as_str())?,
        arguments: arguments.iter().map(with_address).collect::<Result<_, DevNetError>>()?,
    })
}

fn address(name: &str, builder: &Builder) -> Result<String, DevNetError> {
    let account = builder.accounts.iter().find(|it| it.name == name);
    account.map(Account::text).ok_or_else(|| DevNetError::UnknownAccount(name.to_owned()))
}

/// The value with the address of `alice` for each text `@alice`.
fn with_addresses(value: &Value, builder: &Builder) -> Result<Value, DevNetError> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => address(name, builder)?.into(),
            None => value.clone(),
        },
        Value::Array(items) => {
            let items = items.iter().map(|it| with_addresses(it, builder));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let with = |(name, value): (&String, &Value)| {
                Ok((name.clone(), with_addresses(value, builder)?))
            };
            Value::Object(members.iter().map(with).collect::<Result<_, DevNetError>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}
