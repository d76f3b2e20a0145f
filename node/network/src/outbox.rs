use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::channel::Overflow;
use crate::{Channel, SendError};

/// How much is taken for one write: enough to fill packets, little enough that the next vote does
/// not wait behind it.
const WRITE_BYTES_MAX: usize = 64 << 10;

/// The frames that wait for one peer on one channel: bounded, filled from any thread without
/// waiting, emptied by the stream's writer.
pub(crate) struct Outbox {
    channel: Channel,
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Bytes>,
    bytes: usize,
    closed: bool,
}

impl Outbox {
    pub(crate) fn new(channel: Channel) -> Self {
        Self { channel, waiting: Mutex::default(), changed: Notify::new() }
    }

    /// Adds a frame, or says why not. A full queue closes itself where the channel says so.
    pub(crate) fn push(&self, frame: Bytes) -> Result<(), SendError> {
        let bytes_max = self.channel.frame_bytes_max();
        if frame.len() > bytes_max {
            return Err(SendError::TooLarge { bytes: frame.len(), bytes_max });
        }
        {
            let mut waiting = self.lock();
            if waiting.closed {
                return Err(SendError::NotConnected);
            }
            let full = waiting.frames.len() >= self.channel.queue_frames_max()
                || waiting.bytes + frame.len() > self.channel.queue_bytes_max();
            if full {
                if self.channel.overflow() == Overflow::Disconnect {
                    waiting.close();
                    drop(waiting);
                    self.changed.notify_one();
                }
                return Err(SendError::QueueFull);
            }
            waiting.bytes += frame.len();
            waiting.frames.push_back(frame);
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for frames and takes as many as fit one write, at least one; `None` once closed.
    pub(crate) async fn take(&self) -> Option<Vec<Bytes>> {
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

    /// Drops what waits and refuses more.
    pub(crate) fn close(&self) {
        self.lock().close();
        self.changed.notify_one();
    }

    /// How many frames wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().frames.len()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Vec<Bytes> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(frame) = self.frames.front() {
            if !taken.is_empty() && bytes + frame.len() > WRITE_BYTES_MAX {
                break;
            }
            bytes += frame.len();
            taken.extend(self.frames.pop_front());
        }
        self.bytes -= bytes;
        taken
    }

    fn close(&mut self) {
        *self = Self { closed: true, ..Self::default() };
    }
}
