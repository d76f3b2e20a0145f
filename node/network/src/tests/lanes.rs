//! Priorities of frames, fairness between peers, and memory.

use std::sync::LazyLock;
use std::time::Instant;

use futures::FutureExt;

use super::harness::public;
use crate::credit::{Credit, Pool};
use crate::inbox::{Inbox, events};
use crate::{Bytes, Channel, Event, Held, Refusal};

/// When all frames arrived.
static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

fn frame(peer: u8, channel: Channel, number: u8) -> Event {
    let bytes = Bytes::from(vec![number]);
    let (peer, received, held) = (public(peer), *BEGUN, Held::default());
    Event::Frame { peer, kind: 1, channel, bytes, received, held }
}

fn deliver(inbox: &Inbox, peer: u8, channel: Channel, number: u8) {
    inbox.deliver_frame(channel, frame(peer, channel, number)).unwrap();
}

#[test]
fn votes_overtake_blocks_and_blocks_overtake_rejections() {
    let (inbox, mut events) = events();
    let refused = Event::Refused { peer: public(2), reason: Refusal::NotPermitted };
    inbox.offer_refusal(refused.clone());
    deliver(&inbox, 1, Channel::Sync, 0);
    deliver(&inbox, 1, Channel::Blocks, 0);
    inbox.deliver(Event::Connected(public(1))).now_or_never().unwrap().unwrap();
    deliver(&inbox, 1, Channel::Consensus, 0);
    let expected = [
        Event::Connected(public(1)),
        frame(1, Channel::Consensus, 0),
        frame(1, Channel::Blocks, 0),
        frame(1, Channel::Sync, 0),
        refused,
    ];
    for event in expected {
        assert_eq!(events.try_recv(), Some(event));
    }
    assert_eq!(events.try_recv(), None);
    assert_eq!(events.recv().now_or_never(), None);
    drop(inbox);
    assert_eq!(events.recv().now_or_never(), Some(None));
}

/// One peer floods each lane. A frame of another peer is the next or next but one in its lane, and no lane
/// waits for the end of another.
#[test]
fn a_flood_does_not_starve_other_peers_or_lanes() {
    let (inbox, mut events) = events();
    for channel in Channel::ALL {
        (0..200).for_each(|number| deliver(&inbox, 1, channel, number));
        (0..3).for_each(|number| deliver(&inbox, 2, channel, number));
    }
    let mut seen = Vec::new();
    while let Some(Event::Frame { peer, channel, .. }) = events.try_recv() {
        seen.push((peer, channel));
    }
    assert_eq!(seen.len(), 3 * 203);
    for channel in Channel::ALL {
        let of_lane: Vec<_> = seen.iter().filter(|it| it.1 == channel).collect();
        let quiet = of_lane.iter().take(6).filter(|it| it.0 == public(2)).count();
        assert_eq!(quiet, 3, "{channel:?}");
        let first = seen.iter().position(|it| it.1 == channel).unwrap();
        assert!(first < 128, "{channel:?} begins after {first} others");
    }
}

#[test]
#[expect(clippy::panic, reason = "fails the test")]
fn the_frames_of_one_peer_keep_their_order() {
    let (inbox, events) = events();
    let (mut urgent, mut bulk) = events.split();
    inbox.deliver(Event::Connected(public(1))).now_or_never().unwrap().unwrap();
    for number in 0..50 {
        for channel in [Channel::Consensus, Channel::Sync] {
            deliver(&inbox, 1, channel, number);
        }
    }
    inbox.deliver(Event::Disconnected(public(1))).now_or_never().unwrap().unwrap();
    assert_eq!(urgent.recv().now_or_never(), Some(Some(Event::Connected(public(1)))));
    for number in 0..50 {
        for (half, channel) in [(&mut urgent, Channel::Consensus), (&mut bulk, Channel::Sync)] {
            let bytes = Bytes::from(vec![number]);
            match half.recv().now_or_never() {
                Some(Some(Event::Frame { channel: of, bytes: content, .. })) => {
                    assert_eq!((of, content), (channel, bytes));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(urgent.recv().now_or_never(), Some(Some(Event::Disconnected(public(1)))));
    drop(bulk);
    let late = inbox.deliver_frame(Channel::Sync, frame(1, Channel::Sync, 0));
    assert!(late.is_err(), "nobody receives it");
}

#[test]
fn memory_is_released_when_the_application_has_processed_a_frame() {
    let (inbox, mut events) = events();
    let credit = Credit::new(10 << 10, 0);
    let held = credit.try_take(9 << 10).unwrap();
    assert!(credit.try_take(9 << 10).is_none());
    let (peer, bytes, received) = (public(1), Bytes::new(), Instant::now());
    let event = Event::Frame { peer, kind: 1, channel: Channel::Sync, bytes, received, held };
    inbox.deliver_frame(Channel::Sync, event).unwrap();
    assert!(credit.try_take(9 << 10).is_none());
    let received = events.try_recv().unwrap();
    assert!(credit.try_take(9 << 10).is_none(), "it is being processed, and still in memory");
    drop(received);
    assert!(credit.try_take(9 << 10).is_some());
    // A frame larger than the limit takes all of it, instead of waiting forever.
    assert!(credit.try_take(1 << 20).is_some());
    // Messages without content are limited too.
    let small = Credit::new(10 << 10, 1 << 10);
    let taken: Vec<_> = std::iter::from_fn(|| small.try_take(0)).take(100).collect();
    assert_eq!(taken.len(), 10);
}

#[test]
fn the_pool_is_shared_and_each_peer_has_a_reserve() {
    const KIB: usize = 1 << 10;
    let pool = Pool::new(100 * KIB);
    let credit = || Credit::new(10 * KIB, 0).with_pool(80 * KIB, &pool);
    let (first, second) = (credit(), credit());
    let large = first.try_take(70 * KIB).unwrap();
    assert_eq!(pool.taken(), 70 * KIB);
    assert!(first.try_take(20 * KIB).is_none(), "more than the limit of a peer");
    assert!(second.try_take(40 * KIB).is_none(), "more than is left");
    // A small frame uses the reserve, and then the rest of the pool.
    let small: Vec<_> = std::iter::from_fn(|| second.try_take(KIB)).take(100).collect();
    assert_eq!((small.len(), pool.taken()), (40, 100 * KIB));
    drop(large);
    assert_eq!(pool.taken(), 30 * KIB);
    assert!(second.try_take(40 * KIB).is_some());
    drop(small);
    // A frame larger than the pool takes all of it.
    assert!(first.try_take(200 * KIB).is_some());
    assert_eq!(pool.taken(), 0);
}
