//! A network that is gone at the end of its test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ehb_localnet::{LoadAccounts, Manifest, Network, NodeEntry};
use ehb_sdk::api::{At, BlockView, ChainClient, Detail, SigningView, Status};
use ehb_sdk::{Address, Client, Draft, Error, Hash, Signer};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::program::{PATIENCE, Ran, Running, eventually, program, run};

/// The lane of the payments made here: the load generator uses the first.
const PAYMENTS_LANE: u32 = 1;

/// A network in a folder of its own. Nodes are named by their numbers, from 1.
pub(crate) struct Net {
    folder: TempDir,
    runtime: Runtime,
}

/// What all nodes agree on.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The hashes by height, from 0.
    pub(crate) hashes: Vec<Hash>,
    /// How many transactions are final.
    pub(crate) transactions: u64,
}

impl Net {
    /// A network that runs, of 32 accounts for load.
    pub(crate) fn up(validators: usize) -> Self {
        let net = Self::none();
        let validators = validators.to_string();
        net.testnet(&["up", "--validators", &validators, "--load-accounts", "32", "--detach"]).ok();
        net
    }

    /// A network that was created and does not run.
    pub(crate) fn created(validators: usize) -> Self {
        let net = Self::none();
        let plan = ehb_localnet::Plan { validators, load_accounts: 32, ..Default::default() };
        ehb_localnet::create(net.dir(), &plan).unwrap();
        net
    }

    /// An empty folder.
    pub(crate) fn none() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { folder: tempfile::tempdir().unwrap(), runtime: runtime.unwrap() }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `ehb-testnet` on this network: the first argument is the command.
    pub(crate) fn testnet(&self, arguments: &[&str]) -> Ran {
        let mut command = program("ehb-testnet");
        command.arg(arguments[0]).arg("--dir").arg(self.dir()).args(&arguments[1..]);
        run(command)
    }

    pub(crate) fn manifest(&self) -> Manifest {
        Manifest::read(self.dir()).unwrap()
    }

    /// Notes the hash of a genesis that a test has changed, without which wallets refuse the network.
    pub(crate) fn note_genesis(&self, hash: Hash) {
        Manifest { genesis: hash, ..self.manifest() }.write(self.dir()).unwrap();
    }

    pub(crate) fn node(&self, number: usize) -> NodeEntry {
        self.manifest().nodes[number - 1].clone()
    }

    /// Kills nodes, all at once.
    pub(crate) fn kill(&self, numbers: &[usize]) {
        let mut network = Network::open(self.dir()).unwrap();
        let nodes: Vec<NodeEntry> = numbers.iter().map(|number| self.node(*number)).collect();
        network.kill(&nodes).unwrap();
    }

    /// Starts the nodes that do not run, and waits until they are ready, or will not be by themselves.
    pub(crate) fn start_all(&self) {
        self.testnet(&["start"]).started();
    }

    /// Signals a node to stop, and waits until it has.
    pub(crate) fn stop(&self, number: usize) {
        self.testnet(&["stop", "--node", &name(number)]).ok();
    }

    pub(crate) fn start(&self, number: usize) {
        self.testnet(&["start", "--node", &name(number)]).started();
    }

    /// Starts a node without waiting until it is ready.
    pub(crate) fn spawn(&self, number: usize) -> Running {
        Running::start(node_command(&self.node(number).data_dir))
    }

    /// Starts the load generator.
    pub(crate) fn load(&self, arguments: &[&str]) -> Running {
        let mut command = program("ehb-load");
        command.arg("--network").arg(self.dir()).arg("--json").args(arguments);
        Running::start(command)
    }

    pub(crate) fn client(&self, number: usize) -> Client {
        let url = self.node(number).rpc;
        eventually("the node answers", || self.runtime.block_on(Client::connect(&url)).ok())
    }

    /// The status of a node; none when it does not answer.
    pub(crate) fn status(&self, number: usize) -> Option<Status> {
        let url = self.node(number).rpc;
        self.runtime.block_on(async { Client::connect(&url).await.ok()?.status().await.ok() })
    }

    /// A node's height; 0 when it does not answer.
    pub(crate) fn height(&self, number: usize) -> u64 {
        self.status(number).map_or(0, |status| status.height)
    }

    /// Waits until a node has N more blocks.
    pub(crate) fn await_blocks(&self, number: usize, more: u64) {
        let from = self.height(number);
        eventually("the chain goes on", || (self.height(number) >= from + more).then_some(()));
    }

    /// Waits until a validator votes in the next height.
    pub(crate) fn await_votes(&self, number: usize) {
        eventually("the validator votes", || {
            let status = self.status(number)?;
            (!status.syncing && status.signing == SigningView::Signs).then_some(())
        });
    }

    /// Who signs for a load account.
    pub(crate) fn load_signer(&self, account: usize) -> Signer {
        let accounts = LoadAccounts::read(self.dir()).unwrap().accounts;
        Signer::of_key(accounts[account].key().unwrap())
    }

    /// Submits a payment of a load account and returns its id.
    pub(crate) fn submit(&self, number: usize, account: usize) -> Hash {
        let accounts = LoadAccounts::read(self.dir()).unwrap().accounts;
        let signer = self.load_signer(account);
        let to = &accounts[(account + 1) % accounts.len()].address;
        let arguments = json!({ "to": to, "asset": "EUR", "amount": "1" });
        let client = self.client(number);
        self.runtime.block_on(async {
            let call = client.call("wallet", "transfer", &arguments).await.unwrap();
            let transaction = client
                .build(&signer.address(), Draft::new(call).lane(PAYMENTS_LANE))
                .await
                .unwrap();
            client.submit(&signer.sign(transaction)).await.unwrap()
        })
    }

    /// Waits until a transaction is final on a node, and returns its height; none when it is not within
    /// the time given.
    pub(crate) fn wait(&self, number: usize, id: &Hash, patience: Duration) -> Option<u64> {
        let client = self.client(number);
        match self.runtime.block_on(client.wait(id, patience)) {
            Ok(located) => Some(located.position.height),
            Err(Error::OutcomeUnknown { .. }) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Makes a payment through a node, and waits until it is final there.
    pub(crate) fn pay(&self, number: usize, account: usize) -> u64 {
        let id = self.submit(number, account);
        self.wait(number, &id, PATIENCE).unwrap_or_else(|| panic!("a payment is not final"))
    }

    /// What an account can spend of the network's asset, in cents.
    pub(crate) fn balance(&self, number: usize, account: &Address) -> u64 {
        let arguments =
            json!({ "account": account.to_text(ehb_sdk::Network::Test), "asset": "EUR" });
        let client = self.client(number);
        let read = self.runtime.block_on(client.read("wallet", "get-balance", &arguments));
        read.unwrap().value["available"].as_str().unwrap().parse().unwrap()
    }

    /// A block of a node.
    pub(crate) fn block(&self, number: usize, height: u64, detail: Detail) -> BlockView {
        block(&self.runtime, &self.client(number), height, detail)
    }

    /// Waits until all nodes have the same head, and reads their chains: all blocks are equal (and so
    /// all roots, which the headers hold), no transaction is final twice, and nobody signed twice.
    pub(crate) fn audit(&self) -> Chain {
        let numbers = 1..=self.manifest().nodes.len();
        let height = eventually("all nodes reach the same head", || {
            let statuses: Option<Vec<Status>> =
                numbers.clone().map(|number| self.status(number)).collect();
            let statuses = statuses?;
            let heads: BTreeSet<Hash> = statuses.iter().map(|it| it.head).collect();
            let rests = statuses.iter().all(|it| it.mempool.transactions == 0);
            let height = statuses[0].height;
            // The roots after a block are in the next header: the last block must be empty.
            let is_sealed = || self.block(1, height, Detail::Ids).transaction_count == 0;
            (rests && heads.len() == 1 && is_sealed()).then_some(height)
        });
        let clients: Vec<Client> = numbers.map(|number| self.client(number)).collect();
        let (mut hashes, mut ids, mut transactions) = (Vec::new(), BTreeSet::new(), 0);
        for height in 0..=height {
            let full = block(&self.runtime, &clients[0], height, Detail::Full);
            for client in &clients[1..] {
                let other = block(&self.runtime, client, height, Detail::Ids);
                assert_eq!(other.hash, full.hash, "the nodes differ at height {height}");
                ids.extend(
                    other.ids.filter(|_| std::ptr::eq(client, &clients[1])).into_iter().flatten(),
                );
            }
            transactions += u64::from(full.transaction_count);
            assert_eq!(full.evidence.unwrap_or_default(), [], "somebody signed twice");
            hashes.push(full.hash);
        }
        if clients.len() > 1 {
            assert_eq!(ids.len() as u64, transactions, "a transaction is final twice");
        }
        Chain { hashes, transactions }
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        if !Manifest::exists(self.dir()) {
            return;
        }
        let numbers: Vec<usize> = (1..=self.manifest().nodes.len()).collect();
        if std::thread::panicking() {
            self.print_logs(&numbers);
        }
        self.kill(&numbers);
        Network::open(self.dir()).unwrap().kill_indexer().unwrap();
    }
}

impl Net {
    /// Shows the ends of the nodes' logs when a test fails.
    fn print_logs(&self, numbers: &[usize]) {
        for number in numbers {
            let log = log(&self.node(*number).data_dir);
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(15)..].join("\n");
            eprintln!("--- {} says at last:\n{tail}", name(*number));
        }
    }
}

fn block(runtime: &Runtime, client: &Client, height: u64, detail: Detail) -> BlockView {
    let asked = client.rpc().block(Some(At::Height(height)), Some(detail), None);
    runtime.block_on(asked).unwrap_or_else(|error| panic!("block {height}: {error}"))
}

/// `ehb` with the accounts of a network.
pub(crate) fn ehb(net: &Net, arguments: &[&str]) -> Ran {
    let mut command = program("ehb");
    command.arg("--testnet").arg(net.dir()).args(arguments);
    run(command)
}

/// `ehb-node start` on a data directory.
pub(crate) fn node_command(data_dir: &Path) -> Command {
    let mut command = program("ehb-node");
    command.args(["start", "--data-dir"]).arg(data_dir);
    command
}

/// What the load generator reports, after it ended with success.
pub(crate) fn report(ran: Ran) -> Value {
    serde_json::from_str(&ran.ok()).unwrap()
}

/// A node's name.
pub(crate) fn name(number: usize) -> String {
    format!("validator-{number}")
}

/// What a node has logged.
pub(crate) fn log(data_dir: &Path) -> String {
    let bytes = std::fs::read(data_dir.join("node.log")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Copies a folder that holds files and folders.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Puts a copy in the place of a folder.
pub(crate) fn replace(folder: &Path, by: &Path) {
    std::fs::remove_dir_all(folder).unwrap();
    copy(by, folder);
}

/// Changes a node's settings.
pub(crate) fn configure(data_dir: &Path, change: impl FnOnce(&mut toml::Table)) {
    let path = data_dir.join("config.toml");
    let mut settings: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    change(&mut settings);
    std::fs::write(path, toml::to_string(&settings).unwrap()).unwrap();
}

/// Sets one key of a section.
pub(crate) fn set(
    settings: &mut toml::Table,
    section: &str,
    key: &str,
    value: impl Into<toml::Value>,
) {
    let section = settings.get_mut(section).unwrap().as_table_mut().unwrap();
    section.insert(key.to_owned(), value.into());
}
