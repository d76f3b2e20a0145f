//! Small programs on the Rust SDK that run against a test network.
//!
//! This library reads the test network's folder: the nodes' addresses, funded accounts and the genesis. On
//! a network of your own these come from your operator: the address of a node, a key of your own, and the
//! genesis file, which must come from a place that you trust.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ehb_sdk::{Client, Genesis, SecretKey, Signer};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The folder of a network that `ehb-testnet up` made.
pub struct TestNetwork {
    dir: PathBuf,
    /// Accounts that hold EUR; their keys are in the folder. Each fourth, from the first on, may issue credits.
    pub accounts: Vec<Account>,
}

/// A funded account.
#[derive(Deserialize)]
pub struct Account {
    /// Its address, in bech32m.
    pub address: String,
    seed: String,
}

#[derive(Deserialize)]
struct Accounts {
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Manifest {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    rpc: String,
}

impl TestNetwork {
    /// Opens the network whose folder the environment variable `EHB_TESTNET_DIR` names.
    pub fn open() -> anyhow::Result<Self> {
        let dir = std::env::var_os("EHB_TESTNET_DIR").context(
            "EHB_TESTNET_DIR is not set: start a network with 'ehb-testnet up --dir ./net --detach', then \
             'export EHB_TESTNET_DIR=./net'",
        )?;
        let dir = PathBuf::from(dir);
        let Accounts { accounts } = read(&dir.join("load-accounts.json"))?;
        Ok(Self { dir, accounts })
    }

    /// Connects to the nodes: to the first that answers, and to another when that one fails.
    pub async fn connect(&self) -> anyhow::Result<Client> {
        let Manifest { nodes } = read(&self.dir.join("manifest.json"))?;
        let urls: Vec<&str> = nodes.iter().map(|node| node.rpc.as_str()).collect();
        Ok(Client::connect_any(&urls, Default::default()).await?)
    }

    /// An account by its place.
    pub fn account(&self, place: usize) -> anyhow::Result<&Account> {
        self.accounts.get(place).with_context(|| {
            format!("the network has {} load accounts, none at {place}", self.accounts.len())
        })
    }

    /// The genesis, from which all proofs follow.
    pub fn genesis(&self) -> anyhow::Result<Genesis> {
        Ok(Genesis::from_json(&text(&self.dir.join("genesis.json"))?)?)
    }
}

impl Account {
    /// The signer of the account.
    pub fn signer(&self) -> anyhow::Result<Signer> {
        let mut seed = [0; 32];
        hex::decode_to_slice(&self.seed, &mut seed).context("a seed is 64 hex digits")?;
        Ok(Signer::of_key(SecretKey::from_seed(&seed)))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    serde_json::from_str(&text(path)?).with_context(|| format!("{} is not valid", path.display()))
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
