//! Who may be a peer.

use std::fs;

use crate::net::{Net, log, node_command};
use crate::program::{Running, eventually, program, run};
use crate::readiness::await_unready;

#[test]
fn a_node_with_another_genesis_is_turned_away() {
    let net = Net::up(4);
    net.stop(4);
    let data_dir = net.node(4).data_dir;
    let path = data_dir.join("genesis.json");
    let mut genesis: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    genesis["timestamp_ms"] = 1_700_000_000_000_u64.into();
    fs::write(&path, genesis.to_string()).unwrap();
    fs::remove_dir_all(data_dir.join("db")).unwrap();

    let stranger = net.spawn(4);
    let says = "its genesis is";
    eventually("the others log why", || {
        (1..=3).all(|number| log(&net.node(number).data_dir).contains(says)).then_some(())
    });
    eventually("it logs why itself", || stranger.said().contains(says).then_some(()));
    net.pay(1, 0);
    let status = net.status(4).unwrap();
    assert_eq!((status.height, status.peers), (0, 0));
    assert_eq!(net.status(1).unwrap().peers, 2);
    await_unready(&net, 4, "a peer was rejected: its genesis is");
    drop(stranger);
    let started = net.testnet(&["start", "--node", "validator-4"]);
    started.refused(&[
        "validator-4 has the genesis",
        "put its genesis.json back",
        "TESTNET_DAMAGED",
    ]);
}

#[test]
fn a_node_that_nobody_permitted_is_turned_away() {
    let net = Net::up(2);
    let stranger = net.dir().join("stranger");
    let mut init = program("ehb-node");
    init.args(["init", "--data-dir"]).arg(&stranger);
    init.arg("--genesis").arg(net.dir().join("genesis.json"));
    for listen in ["--p2p-listen", "--rpc-listen", "--metrics-listen"] {
        init.args([listen, "127.0.0.1:0"]);
    }
    let peers = fs::read_to_string(net.node(2).data_dir.join("config.toml")).unwrap();
    let peers: toml::Table = peers.parse().unwrap();
    let first = peers["p2p"]["peers"][0].as_str().unwrap();
    init.args(["--peer", first]);
    run(init).ok();

    let running = Running::start(node_command(&stranger));
    eventually("the node logs why", || {
        log(&net.node(1).data_dir).contains("not permitted").then_some(())
    });
    net.pay(1, 0);
    assert_eq!(net.status(1).unwrap().peers, 1);
    assert!(running.pid() > 0);
    let endpoints = stranger.join("endpoints.json");
    let published = eventually("the stranger is up", || fs::read_to_string(&endpoints).ok());
    let published: serde_json::Value = serde_json::from_str(&published).unwrap();
    let url = published["rpc"].as_str().unwrap();
    let status = net
        .runtime()
        .block_on(async { ehb_sdk::Client::connect(url).await.unwrap().status().await.unwrap() });
    assert_eq!((status.height, status.peers), (0, 0));
}
