//! Validators join and leave a running network under load, with `ehb-testnet add-validator` and `remove-validator`.

use ehb_sdk::api::ValidatorView;

use crate::net::{Net, name};
use crate::organisations::Office;
use crate::program::eventually;

/// The names and powers of the validators that a node knows, ascending by name.
fn validators(net: &Net, number: usize) -> Vec<(String, u64)> {
    let status = eventually("the node answers", || net.status(number));
    let of = |it: &ValidatorView| (it.name.to_string(), it.power.0);
    let mut found: Vec<(String, u64)> = status.validators.iter().map(of).collect();
    found.sort();
    found
}

/// The number of a node in the manifest by its name.
fn number(net: &Net, name: &str) -> usize {
    let nodes = net.manifest().nodes;
    nodes.iter().position(|node| node.name.as_str() == name).unwrap() + 1
}

/// Accepts and executes a change of the validators.
fn govern(office: &Office, change: &[&str], voters: &[&str]) {
    let propose = ["gov", "propose", "--from", "alice", "--yes", "--reason", "equal shares"];
    let proposed = office.ehb(&[&propose[..], change].concat()).ok();
    let id = proposed.trim().split('\t').next_back().unwrap().to_owned();
    for voter in voters {
        office.ehb(&["gov", "vote", &id, "yes", "--from", voter, "--yes"]).ok();
    }
    let execute = ["gov", "execute", id.as_str(), "--from", "dave", "--yes", "--again"];
    eventually("the proposal is executed", || {
        let ran = office.ehb(&execute);
        (ran.exit == Some(0) && ran.stdout.contains("executed")).then_some(())
    });
}

/// From one validator to four, to seven, and back to four, while payments go on and one of the seven is killed. Each one
/// joins by itself, and a node that was removed is cut.
#[test]
fn validators_join_and_leave_under_load() {
    let office = Office::up(1);
    let net = &office.net;
    let load = net.load(&["--rate", "20", "--duration", "600"]);
    for joining in 2..=4 {
        net.testnet(&["add-validator"]).ok();
        assert_eq!(validators(net, 1).len(), joining);
    }
    // The first one has three votes, so that others could join it.
    assert_eq!(validators(net, 1)[0], (name(1), 3));
    govern(&office, &["--set-power", "validator-1=1"], &["alice", "bob", "carol"]);
    eventually("all have one vote", || {
        validators(net, 4).iter().all(|(_, power)| *power == 1).then_some(())
    });
    for _ in 5..=7 {
        net.testnet(&["add-validator"]).ok();
    }
    assert_eq!(validators(net, 7).len(), 7);
    // Two of seven can fail: the chain goes on without one.
    net.kill(&[3]);
    net.await_blocks(1, 5);
    for leaving in [3, 5, 6] {
        net.testnet(&["remove-validator", "--node", &name(leaving)]).ok();
    }
    let left: Vec<String> = validators(net, 1).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, [1, 2, 4, 7].map(name));
    for node in [1, 2, 4, 7].map(|index| number(net, &name(index))) {
        net.await_votes(node);
        let peers = || net.status(node).filter(|status| status.peers == 3).map(drop);
        eventually("removed nodes are cut", peers);
    }
    net.pay(1, 3);
    drop(load);
    net.audit();
}

/// An accepted validator without a running node counts for nothing, and another one can take its place.
#[test]
fn a_candidate_that_does_not_come_does_not_count() {
    let office = Office::up(4);
    let net = &office.net;
    let (entry, _) = ehb_localnet::add_node(net.dir()).unwrap();
    let request = entry.data_dir.join("validator.json");
    let request = request.to_str().unwrap();
    govern(&office, &["--add-validator", request], &["alice", "bob", "carol"]);
    net.await_blocks(1, 3);
    assert_eq!(validators(net, 1).len(), 4);
    let listed = office.ehb(&["read", "kernel", "list-candidates", "--json"]).ok();
    assert!(listed.contains("validator-5"), "{listed}");
    govern(&office, &["--remove-validator", "validator-5"], &["alice", "bob", "carol"]);
    let listed = office.ehb(&["read", "kernel", "list-candidates", "--json"]).ok();
    assert!(!listed.contains("validator-5"), "{listed}");
    ehb_localnet::remove_node(net.dir(), &entry.name).unwrap();
}
