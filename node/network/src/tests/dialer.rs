//! Which peers are dialled, and how long a failed one waits.

use std::time::{Duration, Instant};

use ehb_types::PublicKey;
use proptest::prelude::*;

use super::harness::public;
use crate::PeerAddress;
use crate::dialer::{Dialer, Problem};

const FIRST: Duration = Duration::from_millis(100);
const MAX: Duration = Duration::from_secs(5);

fn dialer(now: Instant) -> Dialer {
    let peers = [(1, "a:1"), (2, "b:1"), (1, "a:2")]
        .map(|(seed, address)| PeerAddress { key: public(seed), address: address.into() });
    Dialer::new(peers.into(), FIRST, MAX, now)
}

fn due(dialer: &mut Dialer, now: Instant) -> Vec<PublicKey> {
    dialer.due(now, |_| true).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn all_peers_are_dialled_at_once_and_each_once_at_a_time() {
    let now = Instant::now();
    let mut dialer = dialer(now);
    let mut first = dialer.due(now, |key| *key == public(1));
    assert_eq!(first.pop(), Some((public(1), vec!["a:1".into(), "a:2".into()])));
    assert_eq!(due(&mut dialer, now), [public(2)]);
    assert!(due(&mut dialer, now + 2 * MAX).is_empty());
}

#[test]
fn a_connected_peer_is_not_dialled_until_it_is_lost() {
    let now = Instant::now();
    let mut dialer = dialer(now);
    dialer.connected(&public(1));
    assert_eq!(due(&mut dialer, now + MAX), [public(2)]);
    dialer.failed(&public(1), now, u32::MAX);
    assert_eq!(due(&mut dialer, now + FIRST), [public(1)]);
}

#[test]
fn waits_double_up_to_the_maximum_and_restart_after_success() {
    let now = Instant::now();
    let mut dialer = dialer(now);
    let key = public(1);
    let wait_after_failure = |dialer: &mut Dialer| {
        dialer.failed(&key, now, u32::MAX);
        let waited = (0..).map(|n| Duration::from_millis(100 * n));
        waited.into_iter().find(|wait| due(dialer, now + *wait).contains(&key)).unwrap().as_millis()
    };
    let waits: Vec<u128> = (0..8).map(|_| wait_after_failure(&mut dialer)).collect();
    assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    dialer.succeeded(&key);
    assert_eq!(wait_after_failure(&mut dialer), 100);
    dialer.refused(&key, now, u32::MAX);
    assert!(!due(&mut dialer, now + MAX - FIRST).contains(&key));
}

/// A peer can stay away, or another node can have its address, for days.
#[test]
fn each_problem_of_a_peer_is_reported_once_until_it_is_connected() {
    let now = Instant::now();
    let mut dialer = dialer(now);
    let key = public(1);
    let failures = |dialer: &mut Dialer, problems: &[Problem]| -> Vec<Problem> {
        let reported = problems.iter().filter(|problem| {
            let is_reported = dialer.reports(&key, **problem);
            dialer.failed(&key, now, 0);
            is_reported
        });
        reported.copied().collect()
    };
    use Problem::{OtherKey, Unreachable};
    assert_eq!(failures(&mut dialer, &[Unreachable; 3]), []);
    assert_eq!(failures(&mut dialer, &[Unreachable; 9]), [Unreachable]);
    assert_eq!(failures(&mut dialer, &[OtherKey; 9]), [OtherKey], "at once");
    assert_eq!(failures(&mut dialer, &[Unreachable, OtherKey].repeat(9)), []);
    dialer.connected(&key);
    dialer.succeeded(&key);
    assert_eq!(failures(&mut dialer, &[OtherKey; 2]), [OtherKey]);
    assert!(!dialer.reports(&public(3), OtherKey), "nobody dials it");
}

proptest! {
    #[test]
    fn jitter_stays_in_the_upper_half(jitter: u32, failures in 0u32..40) {
        let now = Instant::now();
        let mut dialer = dialer(now);
        for _ in 0..failures {
            dialer.failed(&public(1), now, 0);
        }
        dialer.failed(&public(1), now, jitter);
        let wait = FIRST.saturating_mul(1 << failures.min(16)).min(MAX);
        let early = wait / 2 - Duration::from_millis(1);
        prop_assert!(!due(&mut dialer, now + early).contains(&public(1)));
        prop_assert!(due(&mut dialer, now + wait).contains(&public(1)));
    }
}
