//! Tolerated offences of peers, and how they are forgotten.

use ehb_types::PublicKey;

use super::{FORGIVEN_MS, OFFENCES_MAX, Offences, PEERS_MAX};

fn peer(number: usize) -> PublicKey {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&(number as u64).to_be_bytes());
    PublicKey(key)
}

#[test]
fn some_offences_are_tolerated_and_forgiven_with_time() {
    let mut offences = Offences::default();
    let mut now_ms = 1_000_000;
    for _ in 0..OFFENCES_MAX {
        assert!(!offences.add(peer(1), now_ms));
    }
    assert!(!offences.add(peer(2), now_ms), "each peer has its own");
    now_ms += FORGIVEN_MS;
    assert!(!offences.add(peer(1), now_ms), "one was forgiven");
    assert!(offences.add(peer(1), now_ms));
    now_ms += FORGIVEN_MS * u64::from(OFFENCES_MAX) * 2;
    for _ in 0..OFFENCES_MAX {
        assert!(!offences.add(peer(1), now_ms), "all were forgiven");
    }
    assert!(offences.add(peer(1), now_ms));
}

#[test]
fn a_reconnected_peer_starts_without_offences() {
    let mut offences = Offences::default();
    while !offences.add(peer(1), 0) {}
    offences.cut(peer(1), 0);
    assert!(offences.is_cut(&peer(1)) && !offences.is_cut(&peer(2)));
    offences.reconnected(&peer(1));
    assert!(!offences.is_cut(&peer(1)));
    assert!(!offences.add(peer(1), 0));
}

#[test]
fn few_peers_are_remembered_and_the_worst_of_them_longest() {
    let mut offences = Offences::default();
    offences.cut(peer(0), 0);
    for number in 1..PEERS_MAX * 2 {
        offences.add(peer(number), 0);
        assert!(offences.of.len() <= PEERS_MAX);
    }
    assert!(offences.is_cut(&peer(0)));
}
