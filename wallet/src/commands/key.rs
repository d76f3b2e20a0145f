//! `ehb key`: creates, imports and lists keys.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ehb_types::{Name, Network, SecretKey};
use ehb_wallet::keystore::{KdfCost, KeyFile, KeystoreError, Listing};
use ehb_wallet::words::Words;
use serde_json::{Value, json};

use crate::accounts::Accounts;
use crate::clock::now_ms;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secrets;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a new key from 24 words and keep it encrypted; prints its address
    ///
    /// On a terminal the words are shown once: a person who has them has the key, and can make its file again with
    /// `ehb key import`.
    #[command(after_help = "Example:\n  ehb key new alice")]
    New(KeyMake),
    /// Keep a key that exists, given as its words (BIP-39) or 64 hex digits on stdin or in a file; prints its address
    #[command(after_help = "Example:\n  ehb key import alice --seed-file ./alice.seed")]
    Import(KeyImport),
    /// List the keys: name and address, one a line
    #[command(after_help = "Example:\n  ehb key list --json")]
    List,
    /// Print the public key of a key of yours, for a policy or a card; it is not secret
    #[command(after_help = "Example:\n  ehb key public acme-admin")]
    Public {
        /// The key's name
        name: Name,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeyNew {
    /// What you call the key: a-z, 0-9 and -, starting with a letter
    pub(crate) name: Name,
    /// The class of networks it is for
    #[arg(long, default_value = "test", env = "EHB_NETWORK", hide_env_values = true)]
    pub(crate) network: NetworkArg,
}

#[derive(Debug, Args)]
pub(crate) struct KeyMake {
    #[command(flatten)]
    pub(crate) new: KeyNew,
    /// Show the words also where there is no terminal; with --json they are in the result
    #[arg(long)]
    pub(crate) words: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeyImport {
    #[command(flatten)]
    pub(crate) new: KeyNew,
    /// A file with the words, or with the seed in 64 hex digits [default: stdin]
    #[arg(long, value_name = "FILE")]
    pub(crate) seed_file: Option<PathBuf>,
    /// Which account of the words: the last number of the path m/44'/9650'/0' [default: 0]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(..1 << 31))]
    pub(crate) index: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NetworkArg {
    /// Tests and demonstrations: addresses start with ehbt1
    Test,
    /// Value is real: addresses start with ehb1
    Main,
}

impl From<NetworkArg> for Network {
    fn from(arg: NetworkArg) -> Self {
        match arg {
            NetworkArg::Test => Self::Test,
            NetworkArg::Main => Self::Main,
        }
    }
}

pub(super) fn run(
    accounts: &Accounts,
    command: KeyCommand,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        KeyCommand::New(KeyMake { new, words: asked }) => {
            let words = Words::generate()?;
            let secret = words.secret_key(0);
            let shown = asked || io::stderr().is_terminal();
            let shown = shown.then_some(Shown { words: &words, in_result: asked });
            keep(accounts, new, output, || Ok(secret), shown)
        }
        KeyCommand::Import(import) => {
            let secret = || secrets::secret_key(import.seed_file.as_deref(), import.index, output);
            keep(accounts, import.new, output, secret, None)
        }
        KeyCommand::List => list(accounts, output),
        KeyCommand::Public { name } => public(accounts, &name, output),
    }
}

/// The words of a new key, which its user sees once.
struct Shown<'a> {
    words: &'a Words,
    /// Whether they are in the JSON document: only if they were asked for, because it may be written into a file.
    in_result: bool,
}

fn keep(
    accounts: &Accounts,
    new: KeyNew,
    output: &Output,
    secret: impl FnOnce() -> Result<SecretKey, Failure>,
    shown: Option<Shown<'_>>,
) -> Result<(), Failure> {
    let keystore = accounts.keystore()?;
    // Checked now, so that nobody types a passphrase in vain; decided when the file is written.
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
    let mut document = key_json(&key);
    match shown {
        Some(Shown { words, in_result }) => {
            output.remark("write down the words of the key, which are not shown again, and show them to nobody:");
            output.remark(words.text());
            if in_result {
                document["words"] = words.text().into();
            }
        }
        None => {
            output
                .talk("keep a copy of the file and its passphrase: without both, the key is lost");
        }
    }
    output.result(&[vec![key.address().to_owned()]], &document)
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
        output.talk("there are no keys yet; create one: ehb key new NAME");
    }
    let keys: Vec<Value> = listing.keys.iter().map(key_json).collect();
    output.result(&rows, &json!({ "keys": keys, "refused": refused }))
}

fn public(accounts: &Accounts, name: &Name, output: &Output) -> Result<(), Failure> {
    let Listing { keys, refused } = accounts.keys()?;
    let mut named = keys.iter().filter(|it| it.name() == name);
    match (named.next(), named.next()) {
        (Some(key), None) => output.result(&[vec![key.public_key().to_string()]], &key_json(key)),
        (Some(_), Some(_)) => {
            let message =
                format!("{name} is a key of the test network and another of the keystore");
            Err(Failure::new(Exit::Usage, "AMBIGUOUS_ACCOUNT", message)
                .hint("leave out --testnet or --keystore"))
        }
        (None, _) => {
            // A damaged file can be the one that was meant.
            refused.iter().for_each(|error| output.warn(&error.to_string()));
            let message = format!("you have no key {name}");
            Err(Failure::new(Exit::Key, "KEY_NOT_FOUND", message).hint("see `ehb key list`"))
        }
    }
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
