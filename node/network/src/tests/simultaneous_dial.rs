//! Two connections with one peer: which one is kept.

use std::time::{Duration, Instant};

use libp2p::swarm::ConnectionId;
use proptest::prelude::*;

use crate::simultaneous_dial::{Connection, HELD, new_one_stays};

fn connection(id: usize, outbound: bool, since: Instant) -> Connection {
    Connection { id: ConnectionId::new_unchecked(id), outbound, since }
}

proptest! {
    /// Two nodes dial at the same time and see the two connections in any order: both keep the same.
    #[test]
    fn both_sides_keep_the_same(our_order: bool, their_order: bool, ours_is_smaller: bool) {
        let now = Instant::now();
        let keeps = |dialled_first: bool, smaller: bool| {
            let old = connection(1, dialled_first, now);
            let new = connection(2, !dialled_first, now + Duration::from_millis(3));
            if new_one_stays(&old, &new, smaller) { new.outbound } else { old.outbound }
        };
        let we_keep_our_dial = keeps(our_order, ours_is_smaller);
        let they_keep_their_dial = keeps(their_order, !ours_is_smaller);
        prop_assert_ne!(we_keep_our_dial, they_keep_their_dial);
        prop_assert_eq!(we_keep_our_dial, ours_is_smaller);
    }
}

#[test]
fn a_new_connection_of_a_peer_replaces_its_lost_one() {
    let now = Instant::now();
    let later = now + Duration::from_secs(60);
    for (old_outbound, new_outbound, since) in
        [(false, false, later), (true, true, later), (true, false, later), (false, true, later)]
    {
        for smaller in [true, false] {
            let old = connection(1, old_outbound, now);
            let new = connection(2, new_outbound, since);
            assert!(new_one_stays(&old, &new, smaller));
        }
    }
}

/// Two nodes with one key would else take a connection from each other before anything is said over it.
#[test]
fn a_connection_is_held_for_a_moment() {
    let now = Instant::now();
    for smaller in [true, false] {
        let stays = |age| {
            let old = connection(1, false, now);
            new_one_stays(&old, &connection(2, false, now + age), smaller)
        };
        assert!(!stays(Duration::ZERO) && !stays(HELD - Duration::from_millis(1)));
        assert!(stays(HELD));
    }
}
