//! Which accounts and keys the user means by a name: those of the keystore and of a test network.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use ehb_types::{Address, Name, Network, SecretKey};
use ehb_wallet::keystore::{KeyFile, Keystore, Listing, read_key_file};

use crate::args::Options;
use crate::failure::{Exit, Failure};
use crate::manifest::Manifest;
use crate::output::Output;
use crate::secrets;

/// Where a node listens when nobody says otherwise.
const NODE_DEFAULT: &str = "http://127.0.0.1:7401";

/// The accounts and keys at hand.
///
/// A test network's accounts come before the user's own keys only when the user names the network
/// and no keystore; named together, both are searched, and a name that means two accounts is
/// refused.
pub(crate) struct Accounts {
    keystore: Option<Keystore>,
    manifest: Option<Manifest>,
    node: Option<String>,
    passphrase_file: Option<PathBuf>,
}

/// An account as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    /// The name, where the user gave one.
    pub(crate) name: Option<Name>,
    /// The account.
    pub(crate) address: Address,
}

impl Party {
    /// Name and full address, for people: an address is never shortened, so that it can be checked.
    pub(crate) fn shown(&self, network: Network) -> String {
        let address = self.address.to_text(network);
        match &self.name {
            Some(name) => format!("{name} ({address})"),
            None => address,
        }
    }
}

impl Accounts {
    /// As the options say.
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let manifest = options.testnet.as_deref().map(Manifest::read).transpose()?;
        let keystore = match (&options.keystore, &manifest) {
            (Some(folder), _) => Some(Keystore::at(folder)),
            (None, Some(_)) => None,
            (None, None) => Some(Keystore::at(default_folder()?)),
        };
        let of_testnet = || manifest.as_ref().and_then(|it| it.passphrase_file.clone());
        let passphrase_file = options.passphrase_file.clone().or_else(of_testnet);
        Ok(Self { keystore, manifest, node: options.node.clone(), passphrase_file })
    }

    /// The URL of the node to talk to.
    pub(crate) fn node_url(&self) -> &str {
        let first = || self.manifest.as_ref()?.nodes.first().map(|node| node.rpc.as_str());
        self.node.as_deref().or_else(first).unwrap_or(NODE_DEFAULT)
    }

    /// The keystore in which keys are made.
    pub(crate) fn keystore(&self) -> Result<&Keystore, Failure> {
        self.keystore.as_ref().ok_or_else(|| {
            let message = "the keys of a test network are made with it; none can be added";
            Failure::new(Exit::Usage, "USAGE", message)
                .hint("give the folder for your own keys: --keystore DIR")
        })
    }

    /// The file with the passphrase, where one is given.
    pub(crate) fn passphrase_file(&self) -> Option<&Path> {
        self.passphrase_file.as_deref()
    }

    /// All keys at hand, those of a test network first.
    pub(crate) fn keys(&self) -> Result<Listing, Failure> {
        let mut listing = Listing::default();
        for account in self.manifest.iter().flat_map(|it| &it.accounts) {
            match read_key_file(&account.keystore) {
                Ok(key) => listing.keys.push(key),
                Err(error) => listing.refused.push(error),
            }
        }
        if let Some(keystore) = &self.keystore {
            let Listing { keys, refused } = keystore.list()?;
            listing.keys.extend(keys);
            listing.refused.extend(refused);
        }
        Ok(listing)
    }

    /// The account that the user means by a name or an address.
    pub(crate) fn party(&self, network: Network, text: &str) -> Result<Party, Failure> {
        let Ok(name) = Name::new(text) else {
            return address_party(network, text);
        };
        let mut found = BTreeMap::new();
        for account in self.manifest.iter().flat_map(|it| &it.accounts) {
            if account.name == name {
                let address = Address::from_text(network, &account.address);
                let address = address.map_err(|e| Failure::of(Exit::Usage, "BAD_ADDRESS", &e))?;
                found.insert(address, "the test network");
            }
        }
        if let Some(keystore) = self.keystore.as_ref().filter(|it| it.contains(&name)) {
            found.insert(keystore.read(&name)?.account(), "the keystore");
        }
        let mut addresses = found.into_keys();
        match (addresses.next(), addresses.next()) {
            (Some(address), None) => Ok(Party { name: Some(name), address }),
            (Some(_), Some(_)) => Err(ambiguous(&name)),
            // An address is spelled as a name can be.
            (None, _) if looks_like_address(text) => address_party(network, text),
            (None, _) => Err(unknown(text)),
        }
    }

    /// The account that acts, and the keys that sign for it: those named, or the account's own.
    pub(crate) fn signers(
        &self,
        network: Network,
        from: &str,
        keys: &[String],
    ) -> Result<(Party, Vec<KeyFile>), Failure> {
        if keys.is_empty() {
            let key = self.key(network, from)?;
            let party = Party { name: Some(key.name().clone()), address: key.account() };
            return Ok((party, vec![key]));
        }
        let keys = keys.iter().map(|key| self.key(network, key));
        Ok((self.party(network, from)?, keys.collect::<Result<_, _>>()?))
    }

    /// The key file with which the user can sign for a name or an address.
    pub(crate) fn key(&self, network: Network, text: &str) -> Result<KeyFile, Failure> {
        let address = self.party(network, text)?.address;
        if let Ok(name) = Name::new(text) {
            // Read by name first, so that what is wrong with its file is told.
            if let Some(keystore) = self.keystore.as_ref().filter(|it| it.contains(&name)) {
                return for_network(keystore.read(&name)?, network);
            }
            let of_name = |it: &&crate::manifest::Account| it.name == name;
            if let Some(account) = self.manifest.iter().flat_map(|it| &it.accounts).find(of_name) {
                return for_network(read_key_file(&account.keystore)?, network);
            }
        }
        let listing = self.keys()?;
        match listing.keys.into_iter().find(|key| key.account() == address) {
            Some(key) => for_network(key, network),
            None => Err(Failure::new(
                Exit::Key,
                "KEY_NOT_FOUND",
                format!("you have no key for {}", address.to_text(network)),
            )
            .hint("see `ehb key list`, and the options --keystore and --testnet")),
        }
    }

    /// Opens a key file with the passphrase from the file or the terminal.
    pub(crate) fn unlock(&self, key: &KeyFile, output: &Output) -> Result<SecretKey, Failure> {
        let name = key.name().as_str();
        let passphrase = secrets::passphrase(self.passphrase_file(), name, output)?;
        Ok(key.open(&passphrase)?)
    }
}

fn looks_like_address(text: &str) -> bool {
    let prefix = text.split_once('1').map(|(prefix, _)| prefix);
    [Network::Main, Network::Test].iter().any(|network| prefix == Some(network.prefix()))
}

fn address_party(network: Network, text: &str) -> Result<Party, Failure> {
    match Address::from_text(network, text) {
        Ok(address) => Ok(Party { name: None, address }),
        Err(error) => Err(Failure::of(Exit::Usage, "BAD_ADDRESS", &error)),
    }
}

/// Keys are made for one class of networks: a test key, whose passphrase may lie beside it, must
/// not sign where value is real.
fn for_network(key: KeyFile, network: Network) -> Result<KeyFile, Failure> {
    if key.network() == network {
        return Ok(key);
    }
    let message = format!(
        "the key {} was made for networks whose addresses start with {}1; this chain's start with \
         {}1",
        key.name(),
        key.network().prefix(),
        network.prefix()
    );
    Err(Failure::new(Exit::Key, "KEY_OF_OTHER_NETWORK", message)
        .hint("make one for this chain: ehb key new NAME --network test|main"))
}

fn unknown(text: &str) -> Failure {
    Failure::new(Exit::Usage, "UNKNOWN_ACCOUNT", format!("you know no account by the name {text}"))
        .hint("give its address, or --testnet DIR for the accounts of a test network")
}

fn ambiguous(name: &Name) -> Failure {
    let message = format!("{name} is one account of the test network and another of the keystore");
    Failure::new(Exit::Usage, "AMBIGUOUS_ACCOUNT", message).hint("give the address you mean")
}

/// The keys' folder by the XDG base directory specification.
fn default_folder() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    absolute("XDG_CONFIG_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".config")))
        .map(|config| config.join("ehb/keys"))
        .ok_or_else(|| {
            let message = "there is no home folder to keep keys in";
            Failure::new(Exit::Usage, "NO_HOME", message).hint("give --keystore DIR")
        })
}
