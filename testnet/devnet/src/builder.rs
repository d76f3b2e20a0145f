//! Settings of a chain before it starts.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ehb_types::{Address, Network, Parameters, Policy, SecretKey, TEST_GOVERNANCE, TEST_WINDOWS};
use serde_json::{Value, json};

use crate::{DevNet, DevNetError};

/// The account that issues the assets of [`Builder::asset`].
pub(crate) const ISSUER: &str = "bank";
/// The money of alice and bob on a network that [`DevNet::start`] starts, in cents.
const FUNDS: u64 = 100_000;

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// As on the clock of this machine, which [`DevNet::advance`] can leave behind.
    Real,
    /// It begins at the time of genesis and stands still but for [`DevNet::advance`] and
    /// [`DevNet::produce_block`]. Transactions still become final at once: a block needs no time.
    Virtual,
}

/// An account of a development network, with its key.
#[derive(Clone)]
pub struct Account {
    /// The name, which only tests know; the chain knows addresses.
    pub name: String,
    /// The first of its keys.
    pub key: SecretKey,
    /// Who may act for it.
    pub policy: Policy,
    /// The organisation it belongs to.
    pub organisation: String,
    /// The roles that it has from genesis on.
    pub roles: BTreeSet<String>,
}

impl Account {
    /// The address.
    pub fn address(&self) -> Address {
        Address::of_account(&self.policy)
    }

    /// The address as text.
    pub fn text(&self) -> String {
        self.address().to_text(NETWORK)
    }
}

/// Addresses have the prefix of test networks.
pub(crate) const NETWORK: Network = Network::Test;

/// A call that genesis makes.
#[derive(Clone, Debug)]
pub(crate) struct GenesisStep {
    pub(crate) sender: String,
    pub(crate) module: String,
    pub(crate) function: String,
    pub(crate) arguments: Value,
}

/// The beginning of a development network: accounts, calls and parameters.
#[derive(Clone)]
#[must_use]
pub struct Builder {
    pub(crate) chain_id: String,
    pub(crate) clock: Clock,
    pub(crate) genesis_ms: Option<u64>,
    pub(crate) parameters: Parameters,
    pub(crate) accounts: Vec<Account>,
    pub(crate) modules: Option<Vec<String>>,
    pub(crate) calls: Vec<GenesisStep>,
    pub(crate) compiled_dir: Option<PathBuf>,
    pub(crate) listen: SocketAddr,
}

impl Builder {
    /// A network with the account `bank`, which has the role `issuer`, and nothing else.
    pub(crate) fn new() -> Self {
        let builder = Self {
            chain_id: "dev-1".to_owned(),
            clock: Clock::Virtual,
            genesis_ms: None,
            parameters: Parameters {
                modules: TEST_WINDOWS,
                governance: TEST_GOVERNANCE,
                ..Parameters::default()
            },
            accounts: Vec::new(),
            modules: None,
            calls: Vec::new(),
            compiled_dir: None,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
        };
        builder.account(ISSUER, SecretKey::from_seed(&[0xba; 32]), ISSUER, &["issuer"])
    }

    /// As [`DevNet::start`] has it: `alice` and `bob` with 1,000.00 EUR each.
    pub(crate) fn usual() -> Self {
        let alice = SecretKey::from_seed(&[1; 32]);
        let bob = SecretKey::from_seed(&[2; 32]);
        Self::new()
            .account("alice", alice, "acme", &[])
            .account("bob", bob, "acme", &[])
            .asset("EUR", "Euro", 2)
            .funds("alice", "EUR", FUNDS)
            .funds("bob", "EUR", FUNDS)
    }

    /// The chain's id; `dev-1` if it is left out.
    pub fn chain_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.chain_id);
        self
    }

    /// How time passes; [`Clock::Virtual`] if it is left out.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The time of genesis, milliseconds since 1970; the clock of this machine if it is left out. With a given
    /// time and a virtual clock, two networks of equal builders have the same genesis hash.
    pub fn genesis_ms(mut self, time_ms: u64) -> Self {
        self.genesis_ms = Some(time_ms);
        self
    }

    /// The chain's parameters.
    pub fn parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// An account of one key.
    pub fn account(self, name: &str, key: SecretKey, organisation: &str, roles: &[&str]) -> Self {
        let policy = Policy::Key(key.public_key());
        self.account_of(name, key, policy, organisation, roles)
    }

    /// An account of any policy; `key` is one of its keys.
    pub fn account_of(
        mut self,
        name: &str,
        key: SecretKey,
        policy: Policy,
        organisation: &str,
        roles: &[&str],
    ) -> Self {
        self.accounts.push(Account {
            name: name.to_owned(),
            key,
            policy,
            organisation: organisation.to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        });
        self
    }

    /// An asset of the wallet's, issued by the account `bank`.
    pub fn asset(self, id: &str, name: &str, decimals: u8) -> Self {
        let issuer = format!("@{ISSUER}");
        let arguments = json!({"asset": id, "name": name, "decimals": decimals, "issuer": issuer});
        self.call(ISSUER, "wallet", "create-asset", arguments)
    }

    /// An amount that an account has at genesis, in the asset's base units.
    pub fn funds(self, account: &str, asset: &str, units: u64) -> Self {
        let to = format!("@{account}");
        let arguments = json!({"asset": asset, "to": to, "amount": units.to_string()});
        self.call(ISSUER, "wallet", "mint", arguments)
    }

    /// A call that genesis makes, after those before it. In the arguments, `@alice` is the address of the
    /// account named alice.
    pub fn call(mut self, sender: &str, module: &str, function: &str, arguments: Value) -> Self {
        self.calls.push(GenesisStep {
            sender: sender.to_owned(),
            module: module.to_owned(),
            function: function.to_owned(),
            arguments,
        });
        self
    }

    /// The modules that genesis installs; all that ship if it is left out. A module needs those that it calls.
    pub fn modules(mut self, names: &[&str]) -> Self {
        self.modules = Some(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    /// A folder that keeps compiled modules from one start to the next. If it is left out, a folder of this user
    /// among the temporary files.
    pub fn compiled_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.compiled_dir = Some(dir.into());
        self
    }

    /// Where the server listens; at a free port of the loopback address if it is left out.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Starts the network.
    pub fn start(self) -> Result<DevNet, DevNetError> {
        DevNet::of(self)
    }
}
