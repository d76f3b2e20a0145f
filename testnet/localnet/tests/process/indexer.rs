//! An indexer beside a network: its process and its database live and end with the network.

use std::path::Path;

use ehb_localnet::{IndexerEntry, Manifest, indexer_status};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::net::Net;
use crate::program::{Running, eventually, program, run};

const UP: [&str; 6] = ["up", "--validators", "2", "--load-accounts", "8", "--indexer"];

fn indexer(net: &Net) -> IndexerEntry {
    net.manifest().indexer.unwrap()
}

/// The rows of a query on the indexer's database.
pub(crate) fn sql(entry: &IndexerEntry, query: &str) -> Vec<Value> {
    let mut command = program("ehb-indexer");
    command.args(["sql", query, "--database-url", &entry.database]);
    run(command).ok().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits until a block is in the tables.
pub(crate) fn await_indexed(net: &Net, height: u64) {
    eventually("the block is in the tables", || {
        let status = net.runtime().block_on(indexer_status(&indexer(net)))?;
        (status.height? >= height).then_some(())
    });
}

fn states(net: &Net) -> Vec<String> {
    let seen: Value = serde_json::from_str(&net.testnet(&["status", "--json"]).ok()).unwrap();
    seen.as_array().unwrap().iter().map(|it| format!("{} {}", it["name"], it["state"])).collect()
}

fn database_runs(dir: &Path) -> bool {
    dir.join("postgres/data/postmaster.pid").exists()
}

#[test]
fn an_indexer_runs_beside_a_network_and_stops_with_it() {
    let net = Net::none();
    let up: Vec<&str> = UP.into_iter().chain(["--detach", "--json"]).collect();
    let manifest: Manifest = serde_json::from_str(&net.testnet(&up).ok()).unwrap();
    let entry = manifest.indexer.clone().unwrap();
    assert!(entry.pid.is_some() && entry.url.starts_with("http://127.0.0.1:"), "{entry:?}");
    assert_eq!(states(&net)[2], "\"indexer\" \"running\"");
    let paid = net.pay(1, 0);
    await_indexed(&net, paid);
    let payments = "select count(*) as n from emo.entry where kind = 'paid'";
    assert_eq!(sql(&entry, payments)[0]["n"], 1);

    net.testnet(&["stop"]).ok();
    assert_eq!(states(&net)[2], "\"indexer\" \"stopped\"");
    assert!(!database_runs(&entry.dir));
    // From then on the network has an indexer, whatever starts it, and it goes on where it was.
    net.testnet(&["start"]).started();
    let again = indexer(&net);
    assert_eq!((&again.url, &again.database), (&entry.url, &entry.database));
    await_indexed(&net, net.pay(2, 0));
    assert_eq!(sql(&entry, payments)[0]["n"], 2);
    // A node alone is not the network.
    net.testnet(&["stop", "--node", "validator-1"]).ok();
    assert_eq!(states(&net)[2], "\"indexer\" \"running\"");
    net.testnet(&["kill"]).ok();
    assert_eq!(states(&net)[2], "\"indexer\" \"stopped\"");
    assert!(!database_runs(&entry.dir));
}

#[test]
fn an_indexer_in_the_foreground_ends_with_its_network_however_it_ends() {
    for signal in [Signal::SIGINT, Signal::SIGKILL] {
        let net = Net::none();
        let mut command = program("ehb-testnet");
        command.args(UP).arg("--dir").arg(net.dir());
        let up = Running::start(command);
        eventually("it is up", || up.said().contains("Ctrl-C").then_some(()));
        let entry = indexer(&net);
        assert!(entry.pid.is_some() && database_runs(&entry.dir));
        up.signal(signal);
        eventually("the indexer ends", || indexer(&net).pid.is_none().then_some(()));
        eventually("its database ends", || (!database_runs(&entry.dir)).then_some(()));
    }
}

#[test]
fn an_indexer_that_cannot_run_is_reported_with_its_reason() {
    let net = Net::none();
    let mut command = program("ehb-testnet");
    command.args(UP).arg("--detach").arg("--dir").arg(net.dir());
    command.env("EHB_POSTGRES_BIN", net.dir().join("nowhere"));
    run(command).refused(&["the indexer ended", "PostgreSQL"]);
    assert!(net.manifest().nodes.iter().all(|node| node.pid.is_none()), "the network is ended");
}
