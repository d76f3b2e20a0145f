use bytes::Bytes;
use futures::FutureExt;

use crate::outbox::Outbox;
use crate::{Channel, SendError};

fn frame(bytes: usize) -> Bytes {
    vec![0; bytes].into()
}

#[test]
fn frames_are_counted_and_weighed() {
    for channel in Channel::ALL {
        let outbox = Outbox::new(channel);
        for _ in 0..channel.queue_frames_max() {
            outbox.push(frame(1)).unwrap();
        }
        assert_eq!(outbox.push(frame(1)), Err(SendError::QueueFull), "{channel:?}");

        let outbox = Outbox::new(channel);
        let (bytes_max, queue_bytes_max) = (channel.frame_bytes_max(), channel.queue_bytes_max());
        for _ in 0..queue_bytes_max / bytes_max {
            outbox.push(frame(bytes_max)).unwrap();
        }
        assert_eq!(outbox.push(frame(bytes_max)), Err(SendError::QueueFull), "{channel:?}");
        let bytes = bytes_max + 1;
        assert_eq!(outbox.push(frame(bytes)), Err(SendError::TooLarge { bytes, bytes_max }));
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
fn small_frames_leave_together_and_large_ones_alone() {
    let outbox = Outbox::new(Channel::Blocks);
    for bytes in [10, 20, 1 << 20, 30] {
        outbox.push(frame(bytes)).unwrap();
    }
    let mut taken = Vec::new();
    while let Some(Some(frames)) = outbox.take().now_or_never() {
        taken.push(frames.iter().map(Bytes::len).collect::<Vec<_>>());
    }
    assert_eq!(taken, [vec![10, 20], vec![1 << 20], vec![30]]);
    // What was taken makes room again.
    for _ in 0..2 {
        outbox.push(frame(33 << 20)).unwrap();
    }
    outbox.close();
    assert_eq!(outbox.len(), 0);
    assert_eq!(outbox.take().now_or_never(), Some(None));
    assert_eq!(outbox.push(frame(1)), Err(SendError::NotConnected));
}
