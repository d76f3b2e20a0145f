//! The accounts of a network: those of named people, and those of the load generator.

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use ehb_types::{Address, Name, Network, Policy, SecretKey};
use ehb_wallet::keystore::{KdfCost, KeyFile, Keystore, Passphrase};
use serde::{Deserialize, Serialize};

use crate::AccountEntry;
use crate::error_code::{self, step};

/// An account of a person.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) organisation: &'static str,
    pub(crate) roles: &'static [&'static str],
}

const fn person(
    name: &'static str,
    organisation: &'static str,
    roles: &'static [&'static str],
) -> Person {
    Person { name, organisation, roles }
}

/// The accounts for people, one for each part in the modules' stories: the store, which also issues credits;
/// its customer; a contractor who also runs a service; the carrier; the arbiter; and last the platform, which
/// issues the network's assets and installs and upgrades modules. Each administers its organisation, which runs a validator
/// where there are as many.
pub(crate) const PEOPLE: [Person; 6] = [
    person("alice", "acme", &["administrator", "owner", "seller", "clerk", "treasurer", "issuer"]),
    person("bob", "globex", &["administrator", "clerk", "treasurer"]),
    person("carol", "initech", &["administrator", "seller", "clerk", "issuer"]),
    person("dave", "courier", &["administrator"]),
    person("erin", "court", &["administrator", "arbiter", "auditor"]),
    person(
        ISSUER,
        "testnet",
        &["administrator", "issuer", "platform-admin", "upgrader", "deployer"],
    ),
];
/// The person who administers an organisation.
pub fn administrator_of(organisation: &str) -> Option<&'static str> {
    PEOPLE.iter().find(|person| person.organisation == organisation).map(|person| person.name)
}

/// The account that issues the network's assets.
pub(crate) const ISSUER: &str = "treasury";

/// The file with the accounts of the load generator.
pub(crate) const LOAD_FILE: &str = "load-accounts.json";
pub(crate) const PASSPHRASE_FILE: &str = "passphrase";
pub(crate) const KEYSTORE_DIR: &str = "keystore";

/// The sending accounts of the load generator. Their keys are not encrypted, because the network is
/// temporary.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LoadAccounts {
    /// The accounts with funds, which a load uses in turns.
    pub accounts: Vec<LoadAccount>,
}

/// An account of the load generator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadAccount {
    /// The address as text, with the prefix of a test network.
    pub address: String,
    /// The seed of its only key, 64 hex digits.
    pub seed: String,
}

impl LoadAccounts {
    /// New accounts.
    pub(crate) fn generate(count: usize, network: Network) -> anyhow::Result<Self> {
        let account = |_| {
            let key = SecretKey::generate().context("the system returned no random numbers")?;
            let address = Address::of_account(&Policy::Key(key.public_key())).to_text(network);
            Ok(LoadAccount { address, seed: hex::encode(*key.to_seed()) })
        };
        let accounts = (0..count).map(account).collect::<anyhow::Result<_>>()?;
        Ok(Self { accounts })
    }

    /// Whether the account at a position has a store, issues credits and meters their usage: every fourth.
    /// The others buy and work.
    pub fn sells(place: usize) -> bool {
        place.is_multiple_of(4)
    }

    /// The organisation and the roles of the account at a position.
    pub(crate) fn membership(place: usize) -> (&'static str, &'static [&'static str]) {
        match Self::sells(place) {
            true => ("load-sellers", &["seller", "clerk", "treasurer", "issuer"]),
            false => ("testnet", &[]),
        }
    }

    /// Reads the accounts of a network's folder.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(LOAD_FILE);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let read = serde_json::from_str(&text);
        let read = read.with_context(|| format!("{} is not valid", path.display()));
        read.map_err(|error| step(error_code::TESTNET_DAMAGED, error))
    }

    pub(crate) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        write_private(&dir.join(LOAD_FILE), serde_json::to_string(self)?.as_bytes())
    }
}

impl LoadAccount {
    /// The secret key, which a load signs with.
    pub fn key(&self) -> anyhow::Result<SecretKey> {
        let mut seed = [0; 32];
        hex::decode_to_slice(&self.seed, &mut seed).context("a seed is not 64 hex digits")?;
        Ok(SecretKey::from_seed(&seed))
    }
}

/// Writes the keys of the accounts for people, encrypted with one passphrase that is stored next to them.
pub(crate) fn create_named(
    dir: &Path,
    network: Network,
) -> anyhow::Result<(Vec<(AccountEntry, SecretKey)>, PathBuf)> {
    let secret = SecretKey::generate().context("the system returned no random numbers")?;
    let text = hex::encode(&secret.to_seed()[..12]);
    let passphrase_file = dir.join(PASSPHRASE_FILE);
    write_private(&passphrase_file, text.as_bytes())?;
    let passphrase = Passphrase::new(&text)?;
    let keystore = Keystore::at(dir.join(KEYSTORE_DIR));
    let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let created_ms = u64::try_from(created.as_millis()).unwrap_or(u64::MAX);
    let mut accounts = Vec::new();
    for person in &PEOPLE {
        let name = Name::new(person.name)?;
        let key = SecretKey::generate().context("the system returned no random numbers")?;
        let file = KeyFile::seal(
            name.clone(),
            &key,
            network,
            created_ms,
            &passphrase,
            KdfCost::THROW_AWAY,
        )?;
        let address = file.address().to_owned();
        let keystore = keystore.create(&file)?;
        accounts.push((AccountEntry { name, address, keystore }, key));
    }
    Ok((accounts, passphrase_file))
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
        .with_context(|| format!("cannot write {}", path.display()))
}
