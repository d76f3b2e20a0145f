//! Penalties of peers, and how often their rejections are reported.

use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use super::harness::public;
use crate::driver::{Penalties, Refusals};
use crate::inbox::events;
use crate::{CutOff, Event, Refusal};

const FIRST: Duration = Duration::from_secs(10);
const MAX: Duration = Duration::from_secs(60);

#[test]
fn penalties_double_and_reset_after_good_behaviour() {
    let mut now = Instant::now();
    let mut penalties = Penalties::new(FIRST, MAX);
    for seconds in [10, 20, 40, 60, 60] {
        let refused_for = penalties.add(public(1), "it lies", now);
        assert_eq!(refused_for, Duration::from_secs(seconds));
        assert!(penalties.is_refused(&public(1)) && !penalties.is_refused(&public(2)));
        let cut_off = CutOff { peer: public(1), reason: "it lies".to_owned() };
        assert_eq!(penalties.in_force(), [cut_off]);
        now += Duration::from_secs(seconds - 1);
        assert!(!penalties.end_old(now));
        // Offences during a penalty do not extend it.
        assert_eq!(penalties.add(public(1), "it lies", now), Duration::from_secs(1));
        now += Duration::from_secs(1);
        assert!(penalties.end_old(now) && !penalties.end_old(now));
        assert!(!penalties.is_refused(&public(1)), "it may return");
        assert_eq!(penalties.in_force(), []);
    }
    now += Duration::from_secs(3_600);
    penalties.end_old(now);
    assert_eq!(penalties.add(public(1), "it lies", now), FIRST);
    penalties.keep(&[public(2)].into());
    assert!(
        !penalties.is_refused(&public(1)),
        "it is not permitted: nothing is remembered about it"
    );
}

fn stranger(number: u16) -> PublicKey {
    let mut key = [9; 32];
    key[..2].copy_from_slice(&number.to_be_bytes());
    PublicKey(key)
}

/// Unknown peers connect with more keys than are remembered; the rejection of a listed peer is still
/// reported, and so is that of a listed peer for another reason.
#[test]
fn unknown_peers_do_not_hide_the_rejection_of_a_listed_peer() {
    let (inbox, mut events) = events();
    let mut refusals = Refusals::default();
    let now = Instant::now();
    for number in 0..1_000 {
        refusals.report(&inbox, (stranger(number), false), Refusal::NotPermitted, now);
    }
    let misbehaved = Refusal::Misbehaved("it lies".into());
    let listed = [
        (public(1), misbehaved.clone()),
        (public(2), Refusal::NotPermitted),
        (public(2), misbehaved),
    ];
    for (peer, reason) in listed.clone() {
        for _ in 0..3 {
            refusals.report(&inbox, (peer, true), reason.clone(), now);
        }
    }
    let mut reported = Vec::new();
    while let Some(Event::Refused { peer, reason }) = events.try_recv() {
        reported.push((peer, reason));
    }
    let of_strangers = reported.iter().filter(|it| it.0 != public(1) && it.0 != public(2)).count();
    assert_eq!(of_strangers, 8);
    for refusal in listed {
        assert_eq!(reported.iter().filter(|it| **it == refusal).count(), 1, "{refusal:?}");
    }
    for number in 0..1_000 {
        let reason = Refusal::Misbehaved(format!("another text, {number}"));
        refusals.report(&inbox, (public(2), true), reason, now);
    }
    let more = std::iter::from_fn(|| events.try_recv()).count();
    assert_eq!(more, 2, "a peer cannot fill the log with different offences");
    refusals.forget_old(now + Duration::from_secs(31), |_| false);
    refusals.report(&inbox, (public(1), true), Refusal::NotPermitted, now);
    assert!(events.try_recv().is_some(), "it is reported again after a while");
}

/// A peer of another genesis tries again every few seconds, for days.
#[test]
fn a_peer_that_keeps_trying_is_reported_once() {
    let (inbox, mut events) = events();
    let mut refusals = Refusals::default();
    let begun = Instant::now();
    for seconds in (0..600).step_by(5) {
        let now = begun + Duration::from_secs(seconds);
        refusals.report(&inbox, (public(1), true), Refusal::NotPermitted, now);
        refusals.forget_old(now, |_| false);
    }
    assert_eq!(std::iter::from_fn(|| events.try_recv()).count(), 1);
}

/// A penalty can last longer than the time after which a peer that does not try counts as accepted.
#[test]
fn a_peer_that_is_cut_off_is_reported_once_for_its_offence() {
    let (inbox, mut events) = events();
    let mut refusals = Refusals::default();
    let begun = Instant::now();
    let reason = Refusal::Misbehaved("it lies".into());
    refusals.report(&inbox, (public(1), true), reason.clone(), begun);
    let mut tell_again = |seconds, is_refused| {
        let now = begun + Duration::from_secs(seconds);
        refusals.forget_old(now, |_| is_refused);
        refusals.report(&inbox, (public(1), true), reason.clone(), now);
        std::iter::from_fn(|| events.try_recv()).count()
    };
    assert_eq!(tell_again(1, true), 1, "when it begins");
    assert_eq!(tell_again(600, true), 0, "it is still cut off");
    assert_eq!(tell_again(640, false), 1, "it came back, and lies again");
}
