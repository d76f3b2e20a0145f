//! A peer with a validator's key that is none of our programs.

use std::sync::mpsc::{Receiver, channel};

use ehb_network::{Config, Event, FrameKind, Limits, Network, PeerAddress, Versions};
use ehb_types::SecretKey;

use crate::net::Net;

/// The keys of a node: the one that signs and the one that identifies it.
pub(crate) fn keys(net: &Net, number: usize) -> [SecretKey; 2] {
    let path = net.node(number).data_dir.join("keys.json");
    let keys: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    ["consensus_seed", "node_seed"].map(|name| {
        let seed = hex::decode(keys[name].as_str().unwrap()).unwrap();
        SecretKey::from_seed(&seed.try_into().unwrap())
    })
}

/// Connects to the nodes 1 to 3 with the key of node 4, which must not run, and speaks these versions and kinds of
/// frames. Returns what comes from them, too.
pub(crate) fn node_4(
    net: &Net,
    versions: Versions,
    kinds: Vec<FrameKind>,
) -> (Network, Receiver<Event>) {
    let peers: Vec<PeerAddress> = (1..=3)
        .map(|number| {
            let [_, node_key] = keys(net, number);
            PeerAddress { key: node_key.public_key(), address: net.node(number).p2p }
        })
        .collect();
    let [_, node_key] = keys(net, 4);
    let genesis = net.manifest();
    let config = Config {
        listen: vec![],
        node_key,
        chain_id: genesis.chain_id.clone(),
        genesis: genesis.genesis,
        versions,
        kinds,
        permitted: peers.iter().map(|peer| peer.key).collect(),
        peers,
        limits: Limits::default(),
    };
    let (network, mut events) = net.runtime().block_on(ehb_network::start(config)).unwrap();
    let (sender, received) = channel();
    std::thread::spawn(move || {
        // What the test does not read any more is dropped.
        while let Some(event) = events.blocking_recv() {
            let _ = sender.send(event);
        }
    });
    (network, received)
}
