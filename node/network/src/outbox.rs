//! Queues outgoing frames between the application's threads and the writer of a peer's stream.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::channel::Overflow;
use crate::frame::Frame;
use crate::{Channel, SendError};

/// The size of one write: large enough to fill packets, small enough not to delay the next vote.
const WRITE_BYTES_MAX: usize = 64 << 10;

/// The frames that wait for one peer on one channel: bounded, filled from any thread without blocking,
/// emptied by the stream's writer.
pub(crate) struct Outbox {
    channel: Channel,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Frame>,
    bytes: usize,
    closed: bool,
}

impl Outbox {
    pub(crate) fn new(channel: Channel) -> Self {
        Self { channel, waiting: Mutex::default(), changed: Notify::new() }
    }

    /// Adds a frame, or returns why not. A full queue closes itself if the channel requires it.
    pub(crate) fn push(&self, frame: Frame) -> Result<(), SendError> {
        let bytes = frame.content.len();
        {
            let mut waiting = self.lock();
            if waiting.closed {
                return Err(SendError::NotConnected);
            }
            let too_many = waiting.frames.len() >= self.channel.queue_frames_max();
            // A frame that is larger than the whole queue is queued alone.
            let too_large = !waiting.frames.is_empty()
                && waiting.bytes + bytes > self.channel.queue_bytes_max();
            if too_many || too_large {
                if self.channel.overflow() == Overflow::Disconnect {
                    waiting.close();
                    drop(waiting);
                    self.changed.notify_one();
                }
                return Err(SendError::QueueFull);
            }
            waiting.bytes += bytes;
            waiting.frames.push_back(frame);
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for frames and returns as many as fit one write, at least one; `None` once closed.
    pub(crate) async fn take(&self) -> Option<Vec<Frame>> {
        loop {
            {
                let mut waiting = self.lock();
                if waiting.closed {
                    return None;
                }
                if !waiting.frames.is_empty() {
                    return Some(waiting.take());
                }
            }
            self.changed.notified().await;
        }
    }

    /// Drops all frames and rejects further ones.
    pub(crate) fn close(&self) {
        self.lock().close();
        self.changed.notify_one();
    }

    /// Whether it is less than half full, and not closed.
    pub(crate) fn has_room(&self) -> bool {
        let waiting = self.lock();
        !waiting.closed
            && waiting.frames.len() < self.channel.queue_frames_max() / 2
            && waiting.bytes < self.channel.queue_bytes_max() / 2
    }

    /// The number of waiting frames.
    pub(crate) fn len(&self) -> usize {
        self.lock().frames.len()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Vec<Frame> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(frame) = self.frames.front() {
            if !taken.is_empty() && bytes + frame.content.len() > WRITE_BYTES_MAX {
                break;
            }
            bytes += frame.content.len();
            taken.extend(self.frames.pop_front());
        }
        self.bytes -= bytes;
        taken
    }

    fn close(&mut self) {
        *self = Self { closed: true, ..Self::default() };
    }
}
