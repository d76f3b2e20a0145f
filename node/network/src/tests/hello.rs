use ehb_types::Hash;
use expect_test::expect;

use super::harness::genesis;
use crate::hello::{HELLO_BYTES_MAX, Hello};
use crate::identity;

fn hello(chain_id: &str, genesis: Hash) -> Hello {
    Hello { chain_id: chain_id.parse().unwrap(), genesis }
}

#[test]
fn a_greeting_says_where_a_node_belongs() {
    let ours = hello("test-chain", genesis());
    let longest = hello(&"c".repeat(32), genesis());
    assert!(longest.encode().len() <= HELLO_BYTES_MAX);
    let check = |bytes: &[u8]| match ours.check(bytes) {
        Ok(()) => "welcome".to_string(),
        Err(refusal) => refusal.to_string(),
    };
    let mut newer = ours.encode();
    newer[0] = 2;
    let mut longer = ours.encode();
    longer.push(0);
    let answers = [
        check(&ours.encode()),
        check(&hello("test-chaim", genesis()).encode()),
        check(&hello("test-chain", Hash::ZERO).encode()),
        check(&newer),
        check(&longer),
        check(&ours.encode()[..20]),
        check(&[1]),
        check(&[]),
    ];
    expect![[r#"
        welcome
        it belongs to the chain test-chaim, this node to test-chain
        its genesis is 0000000000000000000000000000000000000000000000000000000000000000, this node's is 0707070707070707070707070707070707070707070707070707070707070707: give both the same genesis file
        it speaks protocol version 2, this node 1
        it misbehaved: its greeting is malformed
        it misbehaved: its greeting is malformed
        it misbehaved: its greeting is malformed
        it misbehaved: its greeting is malformed"#]].assert_eq(&answers.join("\n"));
}

#[test]
fn node_keys_and_peer_ids_hold_the_same() {
    for seed in 1..20 {
        let secret = super::harness::key(seed);
        let peer = identity::keypair(&secret).unwrap().public().to_peer_id();
        assert_eq!(identity::peer_id(&secret.public_key()).unwrap(), peer);
        assert_eq!(identity::public_key(&peer), Some(secret.public_key()));
    }
    assert_eq!(identity::public_key(&libp2p::PeerId::random()), None);
}
