//! Releases side by side.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use ehb_network::{Channel, Event, FrameKind, Versions};

use crate::impostor::{keys, node_4};
use crate::net::{Net, log};
use crate::program::{PATIENCE, eventually, run};
use crate::readiness::page;

const fn kind(number: u16, name: &'static str, channel: Channel) -> FrameKind {
    FrameKind { number, name, channel, bytes_max: channel.frame_bytes_max(), since: 1 }
}

/// Kinds of version 1, by their numbers and bytes: this test uses none of the node's own code for them.
const STATUS: FrameKind = kind(7, "status", Channel::Sync);
const BLOCKS_REQUEST: FrameKind = kind(8, "blocks request", Channel::Sync);
const BLOCKS: FrameKind = kind(9, "blocks", Channel::Sync);
const OFFER: FrameKind = kind(10, "offer", Channel::Sync);
const WANT: FrameKind = kind(11, "want", Channel::Sync);
/// Kinds that this release does not know, one on each channel.
const UNKNOWN: [FrameKind; 3] = [
    kind(40_001, "unknown", Channel::Consensus),
    kind(40_002, "unknown", Channel::Blocks),
    kind(40_003, "unknown", Channel::Sync),
];

fn kinds() -> Vec<FrameKind> {
    [&[STATUS, BLOCKS_REQUEST, BLOCKS, OFFER, WANT][..], &UNKNOWN].concat()
}

/// The status of a node that has committed a height and does not vote.
fn status(height: u64) -> Vec<u8> {
    const SILENT: u8 = 2;
    [&height.to_le_bytes()[..], &[SILENT], &[0; 8], &[0; 8]].concat()
}

/// Asks for blocks from a height on.
fn blocks_request(from: u64, count: u16) -> Vec<u8> {
    [&from.to_le_bytes()[..], &count.to_le_bytes()].concat()
}

/// How often a node passed over a frame on a channel.
fn skipped(net: &Net, number: usize, channel: Channel) -> u64 {
    let metrics = page(net, number, "/metrics").unwrap().1;
    let name = format!("ehb_network_frames_skipped_total{{channel=\"{}\"}} ", channel.name());
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
}

/// A newer and an older release, which send what this one does not know, and what version 1 has always known.
#[test]
fn releases_with_a_version_in_common_speak_with_each_other() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.stop(4);
    let first = keys(&net, 1)[1].public_key();
    for (round, versions) in [Versions { oldest: 1, newest: 2 }, Versions { oldest: 0, newest: 1 }]
        .into_iter()
        .enumerate()
    {
        let (network, events) = node_4(&net, versions, kinds());
        eventually("it is connected", || (network.peers().len() == 3).then_some(()));
        assert!(network.peers().iter().all(|peer| peer.version == 1), "{:?}", network.peers());
        let before = UNKNOWN.map(|kind| skipped(&net, 1, kind.channel));
        for unknown in &UNKNOWN {
            for bytes in [0, 1, 5_000] {
                network.send(&first, unknown, vec![7; bytes]).unwrap();
            }
        }
        network.send(&first, &STATUS, status(0)).unwrap();
        network.send(&first, &BLOCKS_REQUEST, blocks_request(1, 1)).unwrap();
        let deadline = Instant::now() + PATIENCE;
        let (mut answered, mut said) = (false, false);
        while !(answered && said) {
            let left = deadline.saturating_duration_since(Instant::now());
            let event = events.recv_timeout(left).unwrap();
            let Event::Frame { peer, kind, bytes, .. } = event else { continue };
            if peer == first && kind == BLOCKS.number {
                // One block, which is that of height 1 as its header says after version and chain.
                assert_eq!(bytes[..4], [1, 0, 0, 0]);
                answered = true;
            }
            if peer == first && kind == STATUS.number {
                let height = u64::from_le_bytes(bytes[..8].try_into().unwrap());
                assert!(height >= 1, "its status says {height}");
                said = true;
            }
        }
        for (kind, before) in UNKNOWN.iter().zip(before) {
            assert!(skipped(&net, 1, kind.channel) >= before + 3, "{}", kind.channel.name());
        }
        assert_eq!(network.peers().len(), 3, "nobody was blamed");
        net.pay(1, round + 1);
    }
    // A release without a version in common is refused with the reason, and disturbs nobody.
    let (network, _events) = node_4(&net, Versions { oldest: 2, newest: 3 }, kinds());
    let reason =
        "it speaks protocol version 2 to 3, this node 1: update the one whose versions are older";
    eventually("the reason is logged", || {
        (1..=3).all(|number| log(&net.node(number).data_dir).contains(reason)).then_some(())
    });
    assert_eq!(network.peers().len(), 0);
    drop(network);
    net.pay(2, 3);
    net.start(4);
    net.audit();
}

/// The variable that names a folder with the programs of another release.
const OTHER_RELEASE: &str = "EHB_OTHER_RELEASE";

/// A network that another release made and runs is brought to this release one validator after another, while it
/// works: in each of the mixtures payments through every node are final, and all have the same chain.
#[test]
#[ignore = "needs the programs of another release: scripts/two-releases FOLDER"]
fn another_release_runs_beside_this_one() {
    let other = std::env::var_os(OTHER_RELEASE);
    let other = other.unwrap_or_else(|| panic!("{OTHER_RELEASE} names no folder"));
    let net = Net::none();
    let mut up = Command::new(PathBuf::from(other).join("ehb-testnet"));
    up.arg("up").arg("--dir").arg(net.dir());
    up.args(["--validators", "4", "--load-accounts", "32", "--detach"]);
    run(up).ok();
    let (mut account, mut payments) = (0, 0);
    for renewed in 0..=4 {
        if renewed > 0 {
            net.stop(renewed);
            net.start(renewed);
            net.await_votes(renewed);
        }
        for number in 1..=4 {
            net.pay(number, account);
            account += 1;
            payments += 1;
        }
        assert_eq!(net.audit().transactions, payments, "{renewed} of 4 are renewed");
    }
}
