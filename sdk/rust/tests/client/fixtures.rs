//! Keys, addresses and a genesis of four validators that no chain was made of.

use ehb_types::{
    Address, Genesis, GenesisAccount, GenesisValidator, Name, Network, Parameters, Policy,
    SecretKey,
};

const NETWORK: Network = Network::Test;

/// Alice's key has the seed 1, Bob's 2; 9 is nobody's.
pub(crate) const ALICE: u8 = 1;
pub(crate) const BOB: u8 = 2;
pub(crate) const NOBODY: u8 = 9;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(crate) fn address(seed: u8) -> Address {
    Address::of_account(&Policy::Key(key(seed).public_key()))
}

pub(crate) fn text(seed: u8) -> String {
    address(seed).to_text(NETWORK)
}

pub(crate) fn validator_keys() -> Vec<SecretKey> {
    let mut keys: Vec<SecretKey> = (101..105).map(key).collect();
    keys.sort_by_key(SecretKey::public_key);
    keys
}

pub(crate) fn genesis(validator_keys: &[SecretKey]) -> Genesis {
    let validator = |(index, key): (usize, &SecretKey)| GenesisValidator {
        name: name(&format!("validator-{index}")),
        organisation: name("acme"),
        consensus_key: key.public_key(),
        node_key: self::key(200 + index as u8).public_key(),
        power: 10,
    };
    let account = |key: &SecretKey| {
        let policy = Policy::Key(key.public_key());
        GenesisAccount {
            address: Address::of_account(&policy).to_text(NETWORK),
            policy,
            organisation: name("acme"),
            roles: [name("issuer")].into(),
            status: Default::default(),
        }
    };
    Genesis {
        chain_id: "ehb-test".parse().unwrap(),
        network: NETWORK,
        timestamp_ms: 1_700_000_000_000,
        parameters: Parameters::default(),
        validators: validator_keys.iter().enumerate().map(validator).collect(),
        observers: Vec::new(),
        accounts: [account(&key(ALICE)), account(&key(BOB))].into(),
        modules: Vec::new(),
        calls: Vec::new(),
    }
}
