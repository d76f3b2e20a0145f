//! Four organisations form a network as `docs/forming.md` says: each has a folder of its own, and nothing but public files
//! goes from one to the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ehb_localnet::ports;
use ehb_sdk::Client;
use ehb_sdk::api::Status;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::net::node_command;
use crate::program::{PATIENCE, Ran, Running, eventually, program, run};

const CHAIN: &str = "trade-1";
const TIME: &str = "2024-01-01T00:00:00Z";
const ORGANISATIONS: [&str; 4] = ["acme", "globex", "initech", "umbrella"];
const LISTEN: [&str; 3] = ["--p2p-listen", "--rpc-listen", "--metrics-listen"];

/// An organisation's machine.
struct Machine {
    folder: TempDir,
    organisation: &'static str,
    addresses: [String; 3],
}

impl Machine {
    /// A machine with an initialised node and the key of an administrator.
    fn new(organisation: &'static str) -> Self {
        let free = ports::free(3).unwrap();
        let addresses = free.iter().map(ToString::to_string).collect::<Vec<_>>();
        let addresses = addresses.try_into().unwrap();
        let machine = Self { folder: tempfile::tempdir().unwrap(), organisation, addresses };
        let passphrase = machine.path("passphrase");
        fs::write(&passphrase, "correct horse battery").unwrap();
        fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        let addresses = LISTEN.iter().zip(&machine.addresses);
        let addresses: Vec<&str> = addresses.flat_map(|(flag, it)| [*flag, it.as_str()]).collect();
        machine.init(&addresses).ok();
        machine.ehb(&["key", "new", "admin", "--network", "main"]).ok();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data_dir(&self) -> PathBuf {
        self.path("node")
    }

    /// The file of its card, as it is called everywhere.
    fn card_file(&self) -> String {
        format!("{}-1.card.json", self.organisation)
    }

    fn node(&self, arguments: &[&str]) -> Ran {
        let mut command = program("ehb-node");
        command.current_dir(self.folder.path()).args(arguments);
        run(command)
    }

    fn init(&self, arguments: &[&str]) -> Ran {
        self.node(&[&["init", "--data-dir", "node"][..], arguments].concat())
    }

    /// Runs `ehb` with the machine's own keys on its own node.
    fn ehb(&self, arguments: &[&str]) -> Ran {
        let mut command = program("ehb");
        command.current_dir(self.folder.path()).args(arguments);
        command.args(["--keystore", "keys", "--passphrase-file", "passphrase"]);
        command.args(["--node", &self.url()]);
        run(command)
    }

    fn url(&self) -> String {
        format!("http://{}", self.addresses[1])
    }

    /// The address of a key of the machine.
    fn address(&self, name: &str) -> String {
        let listed = self.ehb(&["key", "list"]).ok();
        let line = listed.lines().find(|line| line.starts_with(&format!("{name}\t")));
        line.unwrap().split('\t').nth(1).unwrap().to_owned()
    }

    /// Makes the card and signs it as the administrator.
    fn make_card(&self) {
        let key = self.ehb(&["key", "public", "admin"]).ok();
        let (name, file) = (format!("{}-1", self.organisation), self.card_file());
        let head = ["card", "--data-dir", "node", "--chain-id", CHAIN, "--network", "main"];
        let own = ["--organisation", self.organisation, "--name", name.as_str(), "--address"];
        let rest =
            [self.addresses[0].as_str(), "--administrator", key.trim(), "--out", file.as_str()];
        let said = self.node(&[&head[..], &own, &rest].concat()).said();
        assert!(said.contains("ehb account sign-card"), "{said}");
        let signed = self.ehb(&["account", "sign-card", &file, "--key", "admin", "--yes"]);
        assert!(signed.said().contains("the card is complete"));
    }

    fn build(&self, cards: &[String]) -> Ran {
        let cards = flags(cards);
        let head = ["genesis", "build", "--timestamp", TIME, "--base", "base.json"];
        self.node(&[&head[..], &strings(&cards)[..], &["--out", "genesis.json"]].concat())
    }

    fn inspect(&self, genesis: &str, cards: &[String]) -> Ran {
        let cards = flags(cards);
        let head = ["genesis", "inspect", genesis, "--base", "base.json"];
        self.node(&[&head[..], &strings(&cards)[..]].concat())
    }

    fn status(&self, runtime: &Runtime) -> Option<Status> {
        runtime.block_on(async { Client::connect(&self.url()).await.ok()?.status().await.ok() })
    }
}

fn flags(cards: &[String]) -> Vec<String> {
    cards.iter().flat_map(|it| ["--card".to_owned(), it.clone()]).collect()
}

fn strings(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Sends a public file to other machines.
fn send(from: &Path, to: &[&Machine]) {
    let name = from.file_name().unwrap().to_str().unwrap();
    for machine in to {
        fs::copy(from, machine.path(name)).unwrap();
    }
}

/// What is in no card: money for the first organisation, and a node of the second that only follows.
fn base(issuer: &str, observer_key: &str) -> Value {
    let call = |function: &str, arguments: Value| json!({ "sender": issuer, "module": "wallet", "function": function, "arguments": arguments });
    let asset = json!({ "asset": "EUR", "name": "Euro", "decimals": 2, "issuer": issuer });
    json!({
        "roles": { issuer: ["issuer"] },
        "observers": [{ "name": "globex-watch", "organisation": "globex", "node_key": observer_key }],
        "calls": [
            call("create-asset", asset),
            call("mint", json!({ "asset": "EUR", "to": issuer, "amount": "100000" })),
        ],
    })
}

/// The organisations' machines and an observer's, all of which have all cards and the base.
fn exchanged() -> (Vec<Machine>, Machine, Vec<String>) {
    let machines: Vec<Machine> = ORGANISATIONS.map(Machine::new).into();
    let observer = Machine::new("globex");
    let everybody: Vec<&Machine> = machines.iter().chain([&observer]).collect();
    for machine in &machines {
        machine.make_card();
        let others: Vec<&Machine> =
            everybody.iter().filter(|it| !std::ptr::eq(**it, machine)).copied().collect();
        send(&machine.path(&machine.card_file()), &others);
    }
    let made: Value = serde_json::from_str(&observer.init(&["--json"]).ok()).unwrap();
    let base = base(&machines[0].address("admin"), made["nodeKey"].as_str().unwrap());
    fs::write(machines[0].path("base.json"), base.to_string()).unwrap();
    send(&machines[0].path("base.json"), &everybody[1..]);
    let cards = machines.iter().map(Machine::card_file).collect();
    (machines, observer, cards)
}

#[test]
fn four_organisations_form_a_network_from_public_files() {
    let (machines, observer, mut cards) = exchanged();
    let mut hashes = Vec::new();
    for machine in machines.iter().chain([&observer]) {
        hashes.push(machine.build(&cards).ok());
        // Everybody received the cards in another order.
        cards.rotate_left(1);
        let inspected = machine.inspect("genesis.json", &cards).ok();
        assert!(
            inspected.contains("it is exactly what the 4 cards and the base make"),
            "{inspected}"
        );
        assert!(inspected.contains("the chain continues while any one validator fails"));
        let hash = machine.node(&["genesis", "hash", "genesis.json"]).ok();
        assert!(inspected.contains(hash.trim()), "{inspected}");
        hashes.push(hash);
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "all machines make the same genesis: {hashes:?}");

    let flags = flags(&cards);
    let place = [&["--genesis", "genesis.json"][..], &strings(&flags)[..]].concat();
    for machine in &machines {
        let said = machine.init(&place).said();
        let name = machine.organisation;
        assert!(said.contains(&format!("this node is the validator {name}-1 of {name}")), "{said}");
    }
    let said = observer.init(&place).said();
    assert!(said.contains("observer globex-watch of globex: it follows the chain"), "{said}");

    let running: Vec<Running> = machines
        .iter()
        .chain([&observer])
        .map(|it| Running::start(node_command(&it.data_dir())))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (machine, process) in machines.iter().chain([&observer]).zip(&running) {
        eventually(&format!("the node is ready within {PATIENCE:?}: {}", process.said()), || {
            machine.status(&runtime).filter(|it| it.ready && it.peers >= 3)
        });
    }

    // An administrator from a card registers an account, which is paid and pays.
    let [acme, globex] = &machines[..2] else { panic!("there are four") };
    acme.ehb(&["key", "new", "dora", "--network", "main"]).ok();
    let consent = acme.ehb(&["account", "consent", "--key", "dora", "--organisation", "acme"]).ok();
    fs::write(acme.path("dora.json"), consent).unwrap();
    acme.ehb(&["account", "register", "dora.json", "--from", "admin", "--yes"]).ok();
    let pay = |from: &str, to: &str, amount: &str| {
        let pay = ["wallet", "transfer", "--from", from, "--to", to, "--asset", "EUR", "--yes"];
        acme.ehb(&[&pay[..], &["--amount", amount]].concat()).ok();
    };
    pay("admin", "dora", "100");
    pay("dora", &globex.address("admin"), "40");
    // Everybody sees it, on nodes of their own.
    for machine in machines.iter().chain([&observer]) {
        eventually("the payment is everywhere", || {
            let balance = machine.ehb(&["wallet", "balance", &globex.address("admin")]);
            balance.stdout.contains("40").then_some(())
        });
    }
    let head = |machine: &Machine| machine.status(&runtime).map(|it| (it.height, it.head));
    eventually("all nodes have the same head", || {
        let first = head(&machines[0])?;
        let others = machines[1..].iter().chain([&observer]);
        others.into_iter().all(|it| head(it) == Some(first)).then_some(())
    });
}

#[test]
fn what_differs_from_the_cards_is_refused() {
    let (machines, observer, cards) = exchanged();
    let [acme, globex, ..] = &machines[..] else { panic!("there are four") };
    acme.build(&cards).ok();
    let text = fs::read_to_string(acme.path("genesis.json")).unwrap();
    // Somebody who sends the genesis around raises its own power.
    let mut genesis: Value = serde_json::from_str(&text).unwrap();
    genesis["validators"][1]["power"] = 9.into();
    fs::write(acme.path("other.json"), genesis.to_string()).unwrap();
    let ran = acme.inspect("other.json", &cards);
    ran.refused(&["is not what these cards and the base make", "code: GENESIS_DIFFERS"]);
    let line = "power of the validator globex-1 is 9 in the genesis, 1 by cards and base";
    assert!(ran.stdout.contains(line), "{ran:?}");
    // A genesis with a call that fails is not even made, and neither is one with an edited card.
    let base = fs::read_to_string(acme.path("base.json")).unwrap();
    fs::write(acme.path("base.json"), base.replace("\"100000\"", "\"0\"")).unwrap();
    fs::remove_file(acme.path("genesis.json")).unwrap();
    acme.build(&cards).refused(&["genesis call 1 failed with", "code: GENESIS_INVALID"]);
    let card = fs::read_to_string(globex.path("globex-1.card.json")).unwrap();
    fs::write(acme.path("globex-1.card.json"), card.replace("globex-1", "globex-2")).unwrap();
    acme.build(&cards).refused(&["was changed after it was signed", "code: CARD_INVALID"]);
    assert!(!acme.path("genesis.json").exists());

    // A data directory whose keys are in no card, and one that has none yet.
    fs::write(globex.path("genesis.json"), &text).unwrap();
    let own = ["--genesis", "genesis.json", "--card", "acme-1.card.json"];
    globex.init(&own).refused(&["whose card is missing", "code: CARD_INVALID"]);
    let settings = fs::read_to_string(globex.data_dir().join("config.toml")).unwrap();
    assert!(settings.contains("peers = []") && !globex.data_dir().join("genesis.json").exists());
    fs::remove_dir_all(observer.data_dir()).unwrap();
    let flags = flags(&cards);
    fs::write(observer.path("genesis.json"), &text).unwrap();
    let place = [&["--genesis", "genesis.json"][..], &strings(&flags)[..]].concat();
    observer.init(&place).refused(&["has no keys yet", "code: NOT_IN_GENESIS"]);
    assert!(!observer.data_dir().exists());
    observer.init(&[]).ok();
    observer.init(&place).refused(&["names no validator or observer with", "code: NOT_IN_GENESIS"]);
}
