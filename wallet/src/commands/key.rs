//! `ehb key`: makes, imports and lists keys.

use ehb_types::SecretKey;
use ehb_wallet::keystore::{KdfCost, KeyFile, KeystoreError};
use serde_json::{Value, json};

use crate::accounts::Accounts;
use crate::args::{KeyCommand, KeyNew};
use crate::clock::now_ms;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secrets;

pub(super) fn run(
    accounts: &Accounts,
    command: KeyCommand,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        KeyCommand::New(new) => {
            let secret = SecretKey::generate()
                .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))?;
            keep(accounts, new, output, || Ok(secret))
        }
        KeyCommand::Import(import) => {
            let seed = || secrets::seed(import.seed_file.as_deref(), output);
            keep(accounts, import.new, output, seed)
        }
        KeyCommand::List => list(accounts, output),
    }
}

fn keep(
    accounts: &Accounts,
    new: KeyNew,
    output: &Output,
    secret: impl FnOnce() -> Result<SecretKey, Failure>,
) -> Result<(), Failure> {
    let keystore = accounts.keystore()?;
    // Asked now, so that nobody types a passphrase in vain; decided when the file is written.
    if keystore.contains(&new.name) {
        return Err(KeystoreError::Exists(keystore.path(&new.name)).into());
    }
    let secret = secret()?;
    let network = new.network.into();
    let file = accounts.passphrase_file_of_new(keystore, network)?;
    let passphrase = secrets::new_passphrase(file, new.name.as_str(), output)?;
    let cost = KdfCost::STANDARD;
    let key = KeyFile::seal(new.name, &secret, network, now_ms(), &passphrase, cost)?;
    let path = keystore.create(&key)?;
    output.talk(&format!("wrote {}", path.display()));
    if let Some(file) = file {
        output.talk(&format!("its passphrase is the one in {}", file.display()));
    }
    output.talk("keep a copy of the file and its passphrase: without both, the key is lost");
    output.result(&[vec![key.address().to_owned()]], &key_json(&key))
}

fn list(accounts: &Accounts, output: &Output) -> Result<(), Failure> {
    let listing = accounts.keys()?;
    let mut refused = Vec::new();
    for error in listing.refused {
        let failure = Failure::from(error);
        output.warn(&failure.summary());
        refused.push(failure.to_json());
    }
    let rows: Vec<Vec<String>> = listing
        .keys
        .iter()
        .map(|key| vec![key.name().to_string(), key.address().to_owned()])
        .collect();
    if rows.is_empty() {
        output.talk("there are no keys yet; make one: ehb key new NAME");
    }
    let keys: Vec<Value> = listing.keys.iter().map(key_json).collect();
    output.result(&rows, &json!({ "keys": keys, "refused": refused }))
}

fn key_json(key: &KeyFile) -> Value {
    json!({
        "name": key.name(),
        "address": key.address(),
        "publicKey": key.public_key(),
        "network": key.network(),
        "createdMs": key.created_ms(),
    })
}
