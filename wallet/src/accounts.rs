//! Resolves names to accounts and keys, of the keystore and of a test network.

mod known;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use ehb_sdk::api::Status;
use ehb_sdk::{Client, Signer};
use ehb_types::{Address, Name, Network, SecretKey, SignedTransaction};
use ehb_wallet::journal::Journal;
use ehb_wallet::keystore::{KeyFile, Keystore, Listing, read_key_file};

use crate::contacts::Contacts;
use crate::failure::{Exit, Failure};
use crate::manifest::{Account, Manifest};
use crate::node::connect;
use crate::options::Options;
use crate::output::Output;
use crate::secrets;

/// The default address of a node.
const NODE_DEFAULT: &str = "http://127.0.0.1:7401";

/// The available accounts and keys.
///
/// A test network's accounts have priority over the user's own keys only if the user names the network and no
/// keystore; if both are named, both are searched, and an ambiguous name is rejected.
///
/// A passphrase file belongs to the keystore that it opens: the test network's file opens only the keys in
/// the test network's folder, and is never used to encrypt keys with value.
pub(crate) struct Accounts {
    own: Own,
    manifest: Option<Manifest>,
    node: Option<String>,
    passphrase_file: Option<PathBuf>,
}

/// The user's own keystore.
enum Own {
    /// The keystore in this folder.
    Keystore(Keystore),
    /// None: the user named a test network and no keystore.
    Unwanted,
    /// It would be in the home folder, but there is none. Only commands that need a key fail.
    Homeless,
}

/// An account as the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    /// The name, if the user gave one.
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
    /// Created from the options.
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let manifest = options.testnet.as_deref().map(Manifest::read).transpose()?;
        let own = match (&options.keystore, &manifest) {
            (Some(folder), _) => Own::Keystore(Keystore::at(folder)),
            (None, Some(_)) => Own::Unwanted,
            (None, None) => match default_folder() {
                Some(folder) => Own::Keystore(Keystore::at(folder)),
                None => Own::Homeless,
            },
        };
        // A network on the command line has priority over a node in the environment.
        let kept = options.node_is_argument || !options.testnet_is_argument;
        let node = options.node.clone().filter(|_| kept);
        let passphrase_file = options.passphrase_file.clone();
        Ok(Self { own, manifest, node, passphrase_file })
    }

    /// The URL of the node to talk to.
    fn node_url(&self) -> &str {
        let first = || self.manifest.as_ref()?.nodes.first().map(|node| node.rpc.as_str());
        self.node.as_deref().or_else(first).unwrap_or(NODE_DEFAULT)
    }

    /// The keystore in which keys are created.
    pub(crate) fn keystore(&self) -> Result<&Keystore, Failure> {
        match &self.own {
            Own::Keystore(keystore) => Ok(keystore),
            Own::Homeless => Err(no_home()),
            Own::Unwanted => {
                let message = "the keys of a test network are created with it; none can be added";
                Err(Failure::new(Exit::Usage, "USAGE", message)
                    .hint("give the folder for your own keys: --keystore DIR"))
            }
        }
    }

    /// The user's own keystore, if there is one.
    fn own(&self) -> Option<&Keystore> {
        match &self.own {
            Own::Keystore(keystore) => Some(keystore),
            Own::Unwanted | Own::Homeless => None,
        }
    }

    /// The file with the passphrase that encrypts a new key: the one that the user names, or the test
    /// network's, but only for a test key in the test network's own folder.
    pub(crate) fn passphrase_file_of_new(
        &self,
        keystore: &Keystore,
        network: Network,
    ) -> Result<Option<&Path>, Failure> {
        let belongs =
            |testnet: &Manifest| network == Network::Test && testnet.contains(keystore.folder());
        let Some(file) = &self.passphrase_file else {
            let testnet = self.manifest.as_ref().filter(|testnet| belongs(testnet));
            return Ok(testnet.and_then(|testnet| testnet.passphrase_file.as_deref()));
        };
        let around = Manifest::around(file);
        let mut testnets = self.manifest.iter().chain(&around);
        match testnets.find(|testnet| testnet.contains(file) && !belongs(testnet)) {
            None => Ok(Some(file)),
            Some(testnet) => {
                let message = format!(
                    "{} belongs to the test network in {}, and is lost with it",
                    file.display(),
                    testnet.folder.display()
                );
                Err(Failure::new(Exit::Key, "BAD_PASSPHRASE", message)
                    .hint("keep the passphrase of this key in a file of its own"))
            }
        }
    }

    /// Connects to the node, and warns if it is not ready. The names and keys of a test network are not used on another chain.
    pub(crate) async fn connect(&self, output: &Output) -> Result<Client, Failure> {
        let client = connect(self.node_url()).await?;
        let chain = client.chain();
        match &self.manifest {
            Some(testnet) if testnet.genesis != chain.genesis_hash => {
                let message = format!(
                    "the node at {} is on the chain {} (genesis {}), and the test network in {} on \
                     another (genesis {})",
                    self.node_url(),
                    chain.id,
                    chain.genesis_hash,
                    testnet.folder.display(),
                    testnet.genesis
                );
                let hint = match &self.node {
                    Some(_) => {
                        "leave out --node and unset EHB_NODE, or leave out --testnet and unset EHB_TESTNET_DIR"
                    }
                    None => {
                        "another network runs at the address: stop it, or create the test network again"
                    }
                };
                Err(Failure::new(Exit::Usage, "OTHER_CHAIN", message).hint(hint))
            }
            _ => {
                warn_unready(self.node_url(), client.first_status(), output);
                Ok(client)
            }
        }
    }

    /// The file with the passphrase of a key, if one is given.
    fn passphrase_file_of(&self, key: &FoundKey) -> Option<&Path> {
        let testnet = self.manifest.as_ref().filter(|it| it.contains(&key.folder));
        let of_testnet = testnet.and_then(|it| it.passphrase_file.as_deref());
        let named = self.passphrase_file.as_deref();
        if key.of_testnet { of_testnet.or(named) } else { named.or(of_testnet) }
    }

    /// All available keys, those of a test network first.
    pub(crate) fn keys(&self) -> Result<Listing, Failure> {
        let mut listing = Listing::default();
        for account in self.testnet_accounts() {
            match read_key_file(&account.keystore) {
                Ok(key) => listing.keys.push(key),
                Err(error) => listing.refused.push(error),
            }
        }
        if matches!(self.own, Own::Homeless) && self.manifest.is_none() {
            return Err(no_home());
        }
        if let Some(keystore) = self.own() {
            let Listing { keys, refused } = keystore.list()?;
            listing.keys.extend(keys);
            listing.refused.extend(refused);
        }
        Ok(listing)
    }

    /// The account with a name or an address.
    pub(crate) fn party(&self, network: Network, text: &str) -> Result<Party, Failure> {
        // An address is that account, whatever has it for its name.
        if let Ok(address) = Address::from_text(network, text) {
            return Ok(Party { name: None, address });
        }
        let Ok(name) = Name::new(text) else {
            return address_party(network, text);
        };
        let mut found = BTreeMap::new();
        for account in self.testnet_accounts() {
            if account.name == name {
                let address = Address::from_text(network, &account.address);
                let address = address.map_err(|e| Failure::of(Exit::Usage, "BAD_ADDRESS", &e))?;
                found.insert(address, "the test network");
            }
        }
        if let Some(keystore) = self.own().filter(|it| it.contains(&name)) {
            found.insert(keystore.read(&name)?.account(), "the keystore");
        }
        if let Some(keystore) = self.own() {
            let contacts = Contacts::of(keystore.folder()).read()?;
            if let Some(contact) = contacts.into_iter().find(|it| it.name == name) {
                let address = Address::from_text(network, &contact.address);
                let address = address.map_err(|e| Failure::of(Exit::Usage, "BAD_ADDRESS", &e))?;
                found.insert(address, "the contacts");
            }
        }
        let mut addresses = found.into_keys();
        match (addresses.next(), addresses.next()) {
            (Some(address), None) => Ok(Party { name: Some(name), address }),
            (Some(_), Some(_)) => Err(ambiguous(&name)),
            // With a mistake in it.
            (None, _) if looks_like_address(text) => address_party(network, text),
            (None, _) if matches!(self.own, Own::Homeless) => Err(no_home()),
            (None, _) => Err(unknown(text)),
        }
    }

    /// The sending account, and the keys that sign for it: the named ones, or the account's own.
    pub(crate) fn signers(
        &self,
        network: Network,
        from: &str,
        keys: &[String],
    ) -> Result<(Party, Vec<FoundKey>), Failure> {
        if keys.is_empty() {
            let key = self.key(network, from)?;
            let party = Party { name: Some(key.file.name().clone()), address: key.file.account() };
            return Ok((party, vec![key]));
        }
        let keys = keys.iter().map(|key| self.key(network, key));
        Ok((self.party(network, from)?, keys.collect::<Result<_, _>>()?))
    }

    /// The key file with which the user can sign for a name or an address.
    fn key(&self, network: Network, text: &str) -> Result<FoundKey, Failure> {
        let address = self.party(network, text)?.address;
        if let Ok(name) = Name::new(text) {
            // Read by name first, so that an error in its file is reported.
            if let Some(keystore) = self.own().filter(|it| it.contains(&name)) {
                return for_network(FoundKey::own(keystore.read(&name)?, keystore), network);
            }
            if let Some(account) = self.testnet_accounts().find(|it| it.name == name) {
                return for_network(FoundKey::of_testnet(account)?, network);
            }
        }
        let is_it = |found: &FoundKey| found.file.account() == address;
        if let Some(found) = self.testnet_keys().find(is_it) {
            return for_network(found, network);
        }
        match self.own_keys()?.into_iter().find(is_it) {
            Some(found) => for_network(found, network),
            None if matches!(self.own, Own::Homeless) => Err(no_home()),
            None => Err(Failure::new(
                Exit::Key,
                "KEY_NOT_FOUND",
                format!("you have no key for {}", address.to_text(network)),
            )
            .hint("see `ehb key list`, and the options --keystore and --testnet")),
        }
    }

    /// The keys of a test network. A damaged file of one hides that one alone.
    fn testnet_keys(&self) -> impl Iterator<Item = FoundKey> {
        self.testnet_accounts().filter_map(|account| FoundKey::of_testnet(account).ok())
    }

    /// The keys of the user's own keystore.
    fn own_keys(&self) -> Result<Vec<FoundKey>, Failure> {
        let Some(keystore) = self.own() else { return Ok(Vec::new()) };
        let keys = keystore.list()?.keys.into_iter();
        Ok(keys.map(|key| FoundKey::own(key, keystore)).collect())
    }

    /// Opens a key file with the passphrase from its file or the terminal.
    fn unlock(&self, key: &FoundKey, output: &Output) -> Result<SecretKey, Failure> {
        let name = key.file.name().as_str();
        let passphrase = secrets::passphrase(self.passphrase_file_of(key), name, output)?;
        Ok(key.file.open(&passphrase)?)
    }

    /// Opens all keys that sign for an account.
    pub(crate) fn signer(
        &self,
        account: &Address,
        keys: &[FoundKey],
        output: &Output,
    ) -> Result<Signer, Failure> {
        let keys = keys.iter().map(|key| self.unlock(key, output));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        Signer::new(*account, keys).map_err(|error| Failure::of(Exit::Usage, "BAD_KEYS", &error))
    }

    /// Opens the keys that signed a transaction.
    pub(crate) fn signer_of(
        &self,
        signed: &SignedTransaction,
        network: Network,
        output: &Output,
    ) -> Result<Signer, Failure> {
        let known: Vec<FoundKey> = self.testnet_keys().chain(self.own_keys()?).collect();
        let keys = signed.signers().into_iter().map(|signer| {
            let found = known.iter().find(|it| it.file.public_key() == signer).cloned();
            let found = found.ok_or_else(|| {
                let message = format!("you do not have the key {signer}, which signed it");
                Failure::new(Exit::Key, "KEY_NOT_FOUND", message)
            })?;
            for_network(found, network)
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        self.signer(&signed.transaction.sender, &keys, output)
    }

    /// The journal next to the keystore of an account's keys; the same one of several keystores, in any order
    /// of the keys.
    pub(crate) fn journal_of(&self, keys: &[FoundKey], client: &Client) -> Journal {
        let folder = keys.iter().map(|key| key.folder.as_path()).min().unwrap_or(Path::new("."));
        let chain = client.chain();
        Journal::beside(folder, &chain.genesis_hash, chain.network)
    }

    /// Like [`Accounts::journals`]. Errors: there is no keystore.
    pub(crate) fn journals_at_hand(&self, client: &Client) -> Result<Vec<Journal>, Failure> {
        if matches!(self.own, Own::Homeless) && self.manifest.is_none() {
            return Err(no_home());
        }
        Ok(self.journals(client))
    }

    /// The journals next to all available keystores.
    pub(crate) fn journals(&self, client: &Client) -> Vec<Journal> {
        let of_testnet = self.testnet_accounts().filter_map(|it| it.keystore.parent());
        let folders: BTreeSet<&Path> = of_testnet.chain(self.own().map(Keystore::folder)).collect();
        let chain = client.chain();
        let beside = |folder| Journal::beside(folder, &chain.genesis_hash, chain.network);
        folders.into_iter().map(beside).collect()
    }

    fn testnet_accounts(&self) -> impl Iterator<Item = &Account> {
        self.manifest.iter().flat_map(|it| &it.accounts)
    }
}

/// A key file, and where it was found.
#[derive(Clone, Debug)]
pub(crate) struct FoundKey {
    pub(crate) file: KeyFile,
    pub(crate) folder: PathBuf,
    /// Whether the test network's manifest names it.
    of_testnet: bool,
}

impl FoundKey {
    fn own(file: KeyFile, keystore: &Keystore) -> Self {
        Self { file, folder: keystore.folder().to_owned(), of_testnet: false }
    }

    fn of_testnet(account: &Account) -> Result<Self, Failure> {
        let folder = account.keystore.parent().unwrap_or(Path::new("."));
        Ok(Self {
            file: read_key_file(&account.keystore)?,
            folder: folder.to_owned(),
            of_testnet: true,
        })
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

/// Keys are created for one class of networks: a test key, whose passphrase may be stored next to it, must
/// not sign on a network with real value.
fn for_network(found: FoundKey, network: Network) -> Result<FoundKey, Failure> {
    let key = &found.file;
    if key.network() == network {
        return Ok(found);
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
    Failure::new(Exit::Usage, "UNKNOWN_ACCOUNT", format!("unknown account {text}"))
        .hint("give its address, which `ehb contact add` keeps, or --testnet DIR for the accounts of a test network")
}

fn ambiguous(name: &Name) -> Failure {
    let message = format!(
        "{name} is one account of the test network and another of the keystore or the contacts"
    );
    Failure::new(Exit::Usage, "AMBIGUOUS_ACCOUNT", message).hint("give the address you mean")
}

/// The keys' folder by the XDG base directory specification.
fn default_folder() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    Some(config?.join("ehb/keys"))
}

fn no_home() -> Failure {
    let message = "there is no home folder to keep keys in";
    Failure::new(Exit::Usage, "NO_HOME", message)
        .hint("give --keystore DIR, or an address instead of a name")
}

/// Warns that a node is not ready, with its reasons: what it shows can be old, and what it accepts might never become final.
fn warn_unready(url: &str, status: &Status, output: &Output) {
    if status.ready {
        return;
    }
    let reasons = status.conditions.iter().filter(|it| it.unready);
    let reasons: Vec<String> = reasons.map(|it| format!("{}: {}", it.code, it.message)).collect();
    output.caution(format!(
        "the node at {url} is not ready, so what it shows at height {} may be old, and what it accepts might never become final: {}",
        status.height,
        if reasons.is_empty() { "it has just started".to_owned() } else { reasons.join("; ") }
    ));
}
