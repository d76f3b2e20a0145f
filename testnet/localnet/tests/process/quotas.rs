//! Quotas and observers of an organisation on a running network, with the commands of `docs/organisations.md`.

use std::fs;

use ehb_localnet::ports;
use ehb_sdk::Client;
use serde_json::Value;

use crate::governance::{execute, ran, vote};
use crate::net::node_command;
use crate::organisations::{Office, consent, refused, run};
use crate::program::{self, Running, eventually, program};

/// The lines of `ehb org show` that begin with a word.
fn shown(office: &Office, organisation: &str, word: &str) -> Vec<String> {
    let shown = run(office, &["org", "show", organisation]);
    let lines = shown.lines().filter(|line| line.starts_with(&format!("{word}\t")));
    lines.map(str::to_owned).collect()
}

/// The consent of a new node's key, as a file, the key, and the address of the node's RPC.
fn node_consent(office: &Office, organisation: &str, name: &str) -> (String, String, String) {
    let data_dir = office.home.path().join(name);
    let node = |arguments: &[&str]| {
        let mut command = program("ehb-node");
        command.args(arguments).arg("--data-dir").arg(&data_dir);
        program::run(command).ok()
    };
    let first = office.net.node(1);
    let genesis = first.data_dir.join("genesis.json");
    let known: Value = serde_json::from_str(&fs::read_to_string(&genesis).unwrap()).unwrap();
    let peer = format!("{}@{}", known["validators"][0]["node_key"].as_str().unwrap(), first.p2p);
    let free = ports::free(3).unwrap();
    let [p2p, rpc, metrics] = [0, 1, 2].map(|at| free[at].to_string());
    node(
        &["init", "--genesis", genesis.to_str().unwrap(), "--peer", &peer, "--p2p-listen", &p2p]
            .into_iter()
            .chain(["--rpc-listen", &rpc, "--metrics-listen", &metrics])
            .collect::<Vec<_>>(),
    );
    let text = node(&["consent", "--organisation", organisation, "--name", name]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let path = office.home.path().join(format!("{name}.json"));
    fs::write(&path, text).unwrap();
    let key = document["node_key"].as_str().unwrap().to_owned();
    (path.to_str().unwrap().to_owned(), key, format!("http://{rpc}"))
}

/// Running nodes let the observer connect once it is permitted, and cut it once it is removed.
#[test]
fn an_organisation_permits_an_observer_and_removes_it() {
    let office = Office::up(1);
    let (file, key, rpc) = node_consent(&office, "acme", "watch");
    let observer = Running::start(node_command(&office.home.path().join("watch")));
    let status = || {
        let asking = async { Client::connect(&rpc).await.ok()?.status().await.ok() };
        office.net.runtime().block_on(asking)
    };
    eventually("the observer answers", || status().filter(|it| it.peers == 0).map(drop));
    let add = |from: &'static str| ["org", "add-observer", &file, "--from", from, "--yes"];
    assert_eq!(refused(&office, &add("bob")), "MODULE_ERROR", "the key consents to acme");
    run(&office, &add("alice"));
    eventually("it follows", || status().filter(|it| it.peers == 1 && it.height > 0).map(drop));
    assert_eq!(shown(&office, "acme", "observer"), [format!("observer\twatch\t{key}")]);
    assert_eq!(shown(&office, "acme", "observers"), ["observers\t1 of 32\tlimit of all"]);
    // For another name, and of another chain.
    let text = fs::read_to_string(&file).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let chain = document["chain"].as_str().unwrap();
    for changed in [text.replace("\"watch\"", "\"other\""), text.replace(chain, &key)] {
        fs::write(&file, changed).unwrap();
        assert_eq!(refused(&office, &add("alice")), "BAD_FILE");
    }
    let remove = |node| ["org", "remove-observer", node, "--from", "alice", "--yes"];
    assert_eq!(refused(&office, &remove("nobody")), "NOT_FOUND");
    run(&office, &remove("watch"));
    eventually("it is cut", || status().filter(|it| it.peers == 0).map(drop));
    drop(observer);
    assert!(shown(&office, "acme", "observer").is_empty());
    office.net.audit();
}

#[test]
fn governance_limits_one_organisation() {
    let office = Office::up(4);
    run(&office, &["key", "new", "dora"]);
    let file = consent(&office, &["--key", "dora", "--organisation", "acme"], "dora.json");
    let register = ["account", "register", &file, "--from", "alice", "--yes", "--again"];
    let set = |quota| {
        let propose = ["gov", "propose", "--quota", quota, "--from", "alice", "--yes"];
        let proposed = ran(&office, &propose);
        let id = proposed.last().unwrap();
        assert!(vote(&office, id, &["alice", "bob", "carol"]).starts_with("accepted"));
        assert_eq!(execute(&office, id), "executed");
    };
    set("acme.accounts=1");
    assert!(shown(&office, "acme", "accounts")[0].ends_with(" of 1\tlimit of its own"));
    assert_eq!(refused(&office, &register), "MODULE_ERROR");
    set("acme.accounts=default");
    assert!(shown(&office, "acme", "accounts")[0].ends_with(" of 1000000\tlimit of all"));
    run(&office, &register);
    office.net.audit();
}
