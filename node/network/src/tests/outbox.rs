//! The queue of frames to one peer.

use futures::FutureExt;

use crate::frame::Frame;
use crate::outbox::Outbox;
use crate::{Channel, SendError};

fn frame(bytes: usize) -> Frame {
    Frame { kind: 1, content: vec![0; bytes].into() }
}

#[test]
fn the_queue_is_limited_in_frames_and_bytes() {
    for channel in Channel::ALL {
        let outbox = Outbox::new(channel);
        for _ in 0..channel.queue_frames_max() {
            outbox.push(frame(1)).unwrap();
        }
        assert_eq!(outbox.push(frame(1)), Err(SendError::QueueFull), "{channel:?}");

        let outbox = Outbox::new(channel);
        for bytes in [channel.queue_bytes_max() / 2 - 1, channel.queue_bytes_max() / 2 + 1] {
            assert!(outbox.has_room());
            outbox.push(frame(bytes)).unwrap();
        }
        assert!(!outbox.has_room());
        assert_eq!(outbox.push(frame(1)), Err(SendError::QueueFull), "{channel:?}");

        let outbox = Outbox::new(channel);
        outbox.push(frame(channel.queue_bytes_max() * 2)).unwrap();
        assert_eq!(outbox.push(frame(1)), Err(SendError::QueueFull), "it waits alone");
    }
}

#[test]
fn a_full_queue_of_votes_closes_and_others_stay_open() {
    for (channel, afterwards) in [
        (Channel::Consensus, SendError::NotConnected),
        (Channel::Blocks, SendError::QueueFull),
        (Channel::Sync, SendError::QueueFull),
    ] {
        let outbox = Outbox::new(channel);
        while outbox.push(frame(1)).is_ok() {}
        assert_eq!(outbox.push(frame(1)), Err(afterwards), "{channel:?}");
    }
}

#[test]
fn small_frames_are_sent_together_and_large_ones_alone() {
    let outbox = Outbox::new(Channel::Blocks);
    for bytes in [10, 20, 1 << 20, 30] {
        outbox.push(frame(bytes)).unwrap();
    }
    let mut taken = Vec::new();
    while let Some(Some(frames)) = outbox.take().now_or_never() {
        taken.push(frames.iter().map(|frame| frame.content.len()).collect::<Vec<_>>());
    }
    assert_eq!(taken, [vec![10, 20], vec![1 << 20], vec![30]]);
    // Taken frames free their space.
    for _ in 0..2 {
        outbox.push(frame(8 << 20)).unwrap();
    }
    outbox.close();
    assert_eq!(outbox.len(), 0);
    assert_eq!(outbox.take().now_or_never(), Some(None));
    assert_eq!(outbox.push(frame(1)), Err(SendError::NotConnected));
}
