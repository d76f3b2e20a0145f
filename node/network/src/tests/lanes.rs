use futures::FutureExt;

use super::harness::public;
use crate::event::{Credit, events};
use crate::{Bytes, Channel, Event, Refusal};

fn frame(channel: Channel) -> Event {
    Event::Frame { peer: public(1), channel, bytes: Bytes::new() }
}

#[test]
fn votes_overtake_blocks_and_blocks_overtake_refusals() {
    let (inbox, mut events) = events();
    let credit = Credit::new(1 << 20);
    let deliver = |channel| {
        let taken = credit.try_take(0).unwrap();
        let delivered = inbox.deliver_frame(public(1), channel, Bytes::new(), taken);
        delivered.now_or_never().unwrap().unwrap();
    };
    let refused = Event::Refused { peer: public(2), reason: Refusal::NotPermitted };
    assert!(inbox.offer(refused.clone(), None, || {}));
    deliver(Channel::Sync);
    deliver(Channel::Blocks);
    inbox.deliver(Event::Connected(public(1))).now_or_never().unwrap().unwrap();
    deliver(Channel::Consensus);
    let expected = [
        Event::Connected(public(1)),
        frame(Channel::Consensus),
        frame(Channel::Sync),
        frame(Channel::Blocks),
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

#[test]
fn credit_comes_back_when_the_application_receives() {
    let (inbox, mut events) = events();
    let credit = Credit::new(10 << 10);
    let taken = credit.try_take(9 << 10).unwrap();
    assert!(credit.try_take(9 << 10).is_none());
    let event = Event::Frame { peer: public(1), channel: Channel::Sync, bytes: Bytes::new() };
    assert!(inbox.offer(event, Some(taken), || {}));
    assert!(credit.try_take(9 << 10).is_none());
    events.try_recv().unwrap();
    assert!(credit.try_take(9 << 10).is_some());
    // What is larger than all of it takes all of it, instead of waiting for ever.
    assert!(credit.try_take(1 << 20).is_some());
}
