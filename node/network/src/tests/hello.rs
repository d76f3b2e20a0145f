//! The greeting and its versions.

use ehb_types::Hash;
use expect_test::expect;

use super::harness::genesis;
use crate::hello::{HELLO_BYTES_MAX, Hello};
use crate::kind::HELLO_KIND;
use crate::{Channel, Versions, identity};

const VERSIONS: Versions = Versions { oldest: 2, newest: 4 };

fn hello(chain_id: &str, genesis: Hash) -> Hello {
    Hello { versions: VERSIONS, chain_id: chain_id.parse().unwrap(), genesis }
}

fn speaking(oldest: u16, newest: u16) -> Hello {
    let versions = Versions { oldest, newest };
    Hello { versions, ..hello("test-chain", genesis()) }
}

#[test]
fn a_greeting_contains_chain_genesis_and_versions() {
    let ours = hello("test-chain", genesis());
    let longest = hello(&"c".repeat(32), genesis());
    assert!(longest.encode().len() <= HELLO_BYTES_MAX);
    let check = |bytes: &[u8]| match ours.agree(bytes) {
        Ok(version) => format!("welcome, in version {version}"),
        Err(refusal) => refusal.to_string(),
    };
    let mut longer = speaking(3, 9).encode();
    longer.extend([1, 2, 3]);
    let answers = [
        check(&ours.encode()),
        check(&speaking(1, 2).encode()),
        check(&speaking(4, 9).encode()),
        // A newer version can append fields.
        check(&longer),
        check(&speaking(1, 1).encode()),
        check(&speaking(5, 9).encode()),
        check(&speaking(5, 4).encode()),
        check(&hello("test-chaim", genesis()).encode()),
        check(&hello("test-chain", Hash::ZERO).encode()),
        check(&ours.encode()[..20]),
        check(&[2, 0, 2]),
        check(&[]),
    ];
    expect![[r#"
        welcome, in version 4
        welcome, in version 2
        welcome, in version 4
        welcome, in version 4
        it speaks protocol version 1, this node 2 to 4: update the one whose versions are older
        it speaks protocol version 5 to 9, this node 2 to 4: update the one whose versions are older
        it misbehaved: its greeting is malformed
        it belongs to the chain test-chaim, this node to test-chain
        its genesis is 0000000000000000000000000000000000000000000000000000000000000000, this node's is 0707070707070707070707070707070707070707070707070707070707070707: both need the same genesis file
        it misbehaved: its greeting is malformed
        it misbehaved: its greeting is malformed
        it misbehaved: its greeting is malformed"#]].assert_eq(&answers.join("\n"));
}

/// The first bytes between two nodes, and the names by which they open their streams: in every version the same,
/// so that any two releases can say that they do not fit.
#[test]
fn greeting_and_streams_are_the_same_in_every_version() {
    let greeting = speaking(1, 2).encode();
    expect!["01000200 0a000000 746573742d636861696e 0707070707070707070707070707070707070707070707070707070707070707"]
        .assert_eq(&[&greeting[..4], &greeting[4..8], &greeting[8..18], &greeting[18..]].map(hex).join(" "));
    let streams = Channel::ALL.map(|channel| channel.protocol().to_string());
    assert_eq!(streams, ["/ehb/consensus/1", "/ehb/blocks/1", "/ehb/sync/1"]);
    assert_eq!(HELLO_KIND, 0);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn node_keys_and_peer_ids_convert_both_ways() {
    for seed in 1..20 {
        let secret = super::harness::key(seed);
        let peer = identity::keypair(&secret).unwrap().public().to_peer_id();
        assert_eq!(identity::peer_id(&secret.public_key()).unwrap(), peer);
        assert_eq!(identity::public_key(&peer), Some(secret.public_key()));
    }
    assert_eq!(identity::public_key(&libp2p::PeerId::random()), None);
}
