//! A validator behind lines that carry little.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use ehb_sdk::api::Status;

use crate::net::{Net, configure, report, set};
use crate::program::eventually;
use crate::readiness::await_unready;

/// What each line carries in each direction, bits a second.
const BITS_PER_SECOND: usize = 1_000_000;
/// How many bytes pass at a time.
const PIECE_BYTES: usize = 4 << 10;

/// Reads of more than this many bytes are lost by a line that swallows large packets.
const SWALLOWED_BYTES_MIN: usize = 4 << 10;

/// Carries bytes one way until there are many at once; these, and all after them, are lost, and the connection stays open: a
/// path with a smaller MTU than its ends know does this.
fn swallow(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = vec![0; 64 << 10];
    let mut is_lost = false;
    while let Ok(count @ 1..) = from.read(&mut piece) {
        is_lost |= count >= SWALLOWED_BYTES_MIN;
        if !is_lost && to.write_all(&piece[..count]).is_err() {
            return;
        }
    }
}

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

/// A way to an address over which `carry` carries bytes. Its threads end with the connections.
fn way(to: String, carry: fn(TcpStream, TcpStream)) -> String {
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

/// Lets all connections of node 4 pass a way of this kind.
fn lead_by(net: &Net, carry: fn(TcpStream, TcpStream)) {
    configure(&net.node(4).data_dir, |settings| {
        let peers = settings["p2p"]["peers"].as_array().unwrap().clone();
        let ways = peers.into_iter().map(|peer| {
            let (key, address) = peer.as_str().unwrap().split_once('@').unwrap();
            toml::Value::from(format!("{key}@{}", way(address.to_owned(), carry)))
        });
        set(settings, "p2p", "peers", ways.collect::<Vec<_>>());
        // Nobody reaches it on the ways that are quick.
        set(settings, "p2p", "listen", "127.0.0.1:0");
    });
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
    lead_by(&net, carry);
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

/// How often the status is looked at while nothing of it may change.
const LOOKS: usize = 40;

/// Connections come and go, since their large frames get lost. Meanwhile the node keeps saying that it is behind, since when,
/// and what to check.
#[test]
fn a_validator_whose_lines_swallow_large_frames_says_so_steadily() {
    let net = Net::up(4);
    net.stop(4);
    let survivor = net.node(1).rpc;
    report(net.load(&["--rate", "500", "--duration", "8", "--endpoints", &survivor]).wait());
    lead_by(&net, swallow);
    let running = net.spawn(4);
    let behind = |status: &Status| {
        let found = status.conditions.iter().find(|it| it.code == "CATCHING_UP")?;
        found.message.contains("no block arrives: check the lines").then_some(found.since_ms)
    };
    let since_ms = eventually("the node says what to check", || behind(&net.status(4)?));
    for _ in 0..LOOKS {
        std::thread::sleep(Duration::from_millis(500));
        let Some(status) = net.status(4) else { continue };
        // The same condition without a break, whatever else holds.
        assert_eq!(behind(&status), Some(since_ms), "{status:?}");
    }
    await_unready(&net, 4, "CATCHING_UP: at height ");
    assert!(running.said().contains("condition=\"CATCHING_UP\" ready=false"), "{}", running.said());
}
