//! Places for clients, and which client makes room.

use std::sync::Arc;

use ehb_types::Code;

use super::client::numbered_client;
use crate::pool::{Full, Place, Pool, Way};
use crate::wire::Wire;

/// Takes as many places as a client gets, each on a connection of its own.
fn fill(pool: &Arc<Pool>, client: u8) -> Vec<(Place, Arc<Wire>)> {
    let mut held = Vec::new();
    let one = || {
        let wire = Arc::new(Wire::default());
        pool.place(numbered_client(client), &wire).map(|place| (place, wire))
    };
    while let Ok(one) = one() {
        held.push(one);
        assert!(held.len() < 1_000);
    }
    held
}

fn open(held: &[(Place, Arc<Wire>)]) -> usize {
    held.iter().filter(|(_, wire)| !wire.is_closed()).count()
}

/// However many clients took all that they could: each newcomer gets about as much as the others are left with.
#[test]
fn the_one_with_the_most_makes_room() {
    let pool = Pool::new("things", 128, 40);
    let held: Vec<_> = (0..20).map(|client| fill(&pool, client)).collect();
    let left: Vec<usize> = held.iter().map(|held| open(held)).collect();
    assert_eq!(left.iter().sum::<usize>(), 128);
    assert!(left.iter().all(|places| (6..=7).contains(places)), "{left:?}");
    assert_eq!(pool.taken(), 128);
    // The connections that end are those that were there first.
    assert!(held[0][0].1.is_closed() && !held[0][39].1.is_closed());
    drop(held);
    assert_eq!(pool.taken(), 0);
}

#[test]
fn a_client_makes_no_room_for_itself_or_for_one_with_as_much() {
    let pool = Pool::new("things", 4, 3);
    let first = fill(&pool, 1);
    let second = fill(&pool, 2);
    assert_eq!((first.len(), second.len(), open(&first), open(&second)), (3, 2, 2, 2));
    let wire = Arc::new(Wire::default());
    for (client, code) in [(1, Code::NotReady), (2, Code::NotReady)] {
        assert_eq!(pool.place(numbered_client(client), &wire).unwrap_err().code, code);
    }
    // Asking for many ends nothing where it does not suffice.
    assert_eq!(pool.take(numbered_client(3), 3, &wire, Way::AtOnce).unwrap_err(), Full::All);
    assert_eq!(pool.take(numbered_client(3), 4, &wire, Way::AtOnce).unwrap_err(), Full::Client);
    assert_eq!(pool.take(numbered_client(3), 1, &wire, Way::Waits).unwrap_err(), Full::All);
    assert_eq!((open(&first), open(&second)), (2, 2));
    let third = pool.take(numbered_client(3), 1, &wire, Way::AtOnce).unwrap();
    assert_eq!((pool.taken(), third.places()), (4, 1));
    let fourth = pool.place(numbered_client(4), &wire).unwrap();
    // Each of the four has one.
    assert_eq!(pool.place(numbered_client(5), &wire).unwrap_err().code, Code::NotReady);
    assert_eq!((pool.taken(), fourth.places()), (4, 1));
}
