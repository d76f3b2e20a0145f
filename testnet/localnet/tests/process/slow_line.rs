//! A validator behind lines that carry little.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::net::{Net, configure, report, set};
use crate::program::eventually;

/// What each line carries in each direction, bits a second.
const BITS_PER_SECOND: usize = 1_000_000;
/// How many bytes pass at a time.
const PIECE_BYTES: usize = 4 << 10;

/// Carries bytes one way, slowly.
fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = [0; PIECE_BYTES];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..count]).is_err() {
            return;
        }
        let seconds = (count * 8) as f64 / BITS_PER_SECOND as f64;
        std::thread::sleep(Duration::from_secs_f64(seconds));
    }
}

/// A slow way to an address. Its threads end with the connections.
fn slow_way(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for incoming in listener.incoming() {
            let incoming = incoming.unwrap();
            let Ok(outgoing) = TcpStream::connect(&to) else { continue };
            let ends = [incoming.try_clone().unwrap(), outgoing.try_clone().unwrap()];
            let [from_client, from_node] = ends;
            std::thread::spawn(move || carry(from_client, outgoing));
            std::thread::spawn(move || carry(from_node, incoming));
        }
    });
    address
}

/// Some megabytes of blocks come over lines of 1 Mbit/s, which takes longer than any answer may take on
/// a good line. Meanwhile the node says that it is behind, and it moves.
#[test]
fn a_validator_behind_slow_lines_catches_up_and_says_how_far_it_is() {
    let net = Net::up(4);
    net.stop(4);
    let survivor = net.node(1).rpc;
    report(net.load(&["--rate", "500", "--duration", "8", "--endpoints", &survivor]).wait());
    let height = net.height(1);
    configure(&net.node(4).data_dir, |settings| {
        let peers = settings["p2p"]["peers"].as_array().unwrap().clone();
        let slow = peers.into_iter().map(|peer| {
            let (key, address) = peer.as_str().unwrap().split_once('@').unwrap();
            toml::Value::from(format!("{key}@{}", slow_way(address.to_owned())))
        });
        set(settings, "p2p", "peers", slow.collect::<Vec<_>>());
        // Nobody reaches it on the ways that are quick.
        set(settings, "p2p", "listen", "127.0.0.1:0");
    });
    let _running = net.spawn(4);
    let mut seen = Vec::new();
    eventually("the slow validator catches up", || {
        let status = net.status(4)?;
        if status.peers > 0 && status.height + 1 < height {
            seen.push((status.height, status.syncing));
        }
        (status.height >= height).then_some(())
    });
    let heights: std::collections::BTreeSet<u64> = seen.iter().map(|(height, _)| *height).collect();
    assert!(heights.len() >= 3, "it did not move in steps: {heights:?}");
    let syncing = seen.iter().filter(|(_, syncing)| *syncing).count();
    assert!(
        syncing * 10 >= seen.len() * 8,
        "it says {syncing} of {} times that it syncs",
        seen.len()
    );
    net.await_votes(4);
}
