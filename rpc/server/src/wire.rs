//! The state of one connection's bytes: a WebSocket is read only while few of its messages are under way. The library
//! has no such bound: it begins a task for each message that comes in.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::io::ReadBuf;

use crate::client::Client;
use crate::frames::FrameCounter;
use crate::gate::Gate;
use crate::limits::SESSION_MESSAGES_MAX;
use crate::memory::{Memory, Share, joined};
use crate::pool::Holder;

/// The server's accounts of one connection's bytes, and its decisions.
#[derive(Default)]
pub(crate) struct Wire(Mutex<State>);

#[derive(Default)]
struct State {
    closed: bool,
    /// Whether a WebSocket's handshake is answered: until then nothing is read.
    in_handshake: bool,
    /// Whether the last head has both lines that determine a body's length.
    is_ambiguous: bool,
    /// How much of a body of known length is not read yet, bytes.
    body_bytes: u64,
    /// Whether something that was written is not flushed.
    unsent: bool,
    /// Set when a WebSocket begins; frames follow the head of the response.
    websocket: Option<Frames>,
    /// Woken when the connection may be read again, or is closed.
    reader: Option<Waker>,
    /// Woken when the connection is closed.
    writer: Option<Waker>,
    /// Whether a write waits for the client.
    stalled: bool,
    /// Bytes owed to the client: of messages that were handed over and are not written yet.
    owed_bytes: usize,
    /// The share of the memory that they hold.
    share: Option<Share>,
}

/// The memory for the messages that come in over a WebSocket, until the library reads them.
#[derive(Clone)]
pub(crate) struct Budget {
    pub(crate) memory: Memory,
    pub(crate) client: Arc<Client>,
}

/// The frames of a WebSocket in both directions.
struct Frames {
    budget: Budget,
    /// How much of the end of the response's head was written.
    head_end: usize,
    incoming: Gate,
    outgoing: FrameCounter,
    /// Messages that answer none: notices of subscriptions.
    unasked: u64,
    /// Messages that are not answered: notifications.
    unanswered: u64,
}

const HEAD_END: &[u8] = b"\r\n\r\n";

impl Frames {
    /// How many messages came in whose answers are not written; none when there are more answers than
    /// messages, which no client causes that keeps to the protocol.
    fn under_way(&self) -> Option<u64> {
        let due = self.incoming.messages.saturating_add(self.unasked);
        due.checked_sub(self.outgoing.messages.saturating_add(self.unanswered))
    }

    fn written(&mut self, mut bytes: &[u8]) {
        while self.head_end < HEAD_END.len() {
            let Some((first, rest)) = bytes.split_first() else { return };
            self.head_end = match *first {
                byte if byte == HEAD_END[self.head_end] => self.head_end + 1,
                b'\r' => 1,
                _ => 0,
            };
            bytes = rest;
        }
        self.outgoing.read(bytes);
    }
}

/// The instruction for the reader.
pub(crate) enum Reading {
    Go,
    /// Checked bytes go first.
    Pass,
    Wait,
    End,
}

impl Holder for Wire {
    /// Ends the connection.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let wakers = [state.reader.take(), state.writer.take()];
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl Wire {
    /// A request for a WebSocket came in: nothing after its head is read until it is answered, so that the library
    /// gets no frame that was not checked.
    pub(crate) fn begin_handshake(&self) {
        self.lock().in_handshake = true;
    }

    /// No WebSocket begins.
    pub(crate) fn end_handshake(&self) {
        let waker = {
            let mut state = self.lock();
            state.in_handshake = false;
            state.reader.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// A WebSocket begins: its response is the next thing that is written.
    pub(crate) fn begin_websocket(&self, budget: Budget) {
        let (incoming, outgoing) = (Gate::default(), FrameCounter::default());
        let (head_end, unasked, unanswered) = (0, 0, 0);
        let frames = Frames { budget, head_end, incoming, outgoing, unasked, unanswered };
        self.lock().websocket = Some(frames);
        self.end_handshake();
    }

    /// The memory that incoming messages take, bytes, whether one of them is incomplete, and the budget for them; none
    /// before a WebSocket begins.
    pub(crate) fn incoming(&self) -> Option<(usize, bool, Budget)> {
        let state = self.lock();
        let Frames { incoming, budget, .. } = state.websocket.as_ref()?;
        Some((incoming.held_bytes(), incoming.is_within_message(), budget.clone()))
    }

    /// Skips the incoming message, for which there is no memory.
    pub(crate) fn drop_message(&self) {
        if let Some(frames) = &mut self.lock().websocket {
            frames.incoming.drop_message();
        }
    }

    /// A head was read that announces a body of this length. Ends of heads are not looked for in it: else empty lines
    /// would cut it into tiny pieces.
    pub(crate) fn begin_body(&self, bytes: u64) {
        self.lock().body_bytes = bytes;
    }

    /// Counts bytes that were read; returns how many of them belong to a body of known length.
    pub(crate) fn take_body(&self, bytes: usize) -> usize {
        let mut state = self.lock();
        let taken = usize::try_from(state.body_bytes).unwrap_or(usize::MAX).min(bytes);
        state.body_bytes -= taken as u64;
        taken
    }

    /// A head ends, which has both lines that determine a body's length, or not.
    pub(crate) fn end_head(&self, is_ambiguous: bool) {
        self.lock().is_ambiguous = is_ambiguous;
    }

    /// Whether the head that was passed on last has both a content length and a transfer encoding.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.lock().is_ambiguous
    }

    /// Whether an answer was not taken by the client yet.
    pub(crate) fn is_unsent(&self) -> bool {
        self.lock().unsent
    }

    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Counts an answer that is handed over to be written, with the share that it holds until it is.
    pub(crate) fn owe(&self, bytes: usize, share: Option<Share>) {
        let mut state = self.lock();
        state.owed_bytes = state.owed_bytes.saturating_add(bytes);
        state.share = joined(state.share.take(), share);
    }

    /// Counts a notice of a subscription that is handed over to be written.
    pub(crate) fn owe_notice(&self, bytes: usize, share: Option<Share>) {
        self.owe(bytes, share);
        if let Some(frames) = &mut self.lock().websocket {
            frames.unasked += 1;
        }
    }

    /// Counts a message that is not answered.
    pub(crate) fn no_answer(&self) {
        let waker = {
            let mut state = self.lock();
            if let Some(frames) = &mut state.websocket {
                frames.unanswered += 1;
            }
            state.reader.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn reading(&self, waker: &Waker) -> Reading {
        let mut state = self.lock();
        if state.closed {
            return Reading::End;
        }
        let Some(frames) = &state.websocket else {
            state.reader = Some(waker.clone());
            return if state.in_handshake { Reading::Wait } else { Reading::Go };
        };
        let (is_over, under_way) = (frames.incoming.is_over, frames.under_way());
        if frames.incoming.is_ready() {
            return Reading::Pass;
        }
        state.reader = Some(waker.clone());
        match under_way {
            // Nothing is read after a close frame, or after a frame that breaks the protocol.
            None => Reading::End,
            Some(_) if is_over => Reading::End,
            Some(messages) if messages >= SESSION_MESSAGES_MAX || state.stalled => Reading::Wait,
            Some(_) => Reading::Go,
        }
    }

    /// Checks what was read of a WebSocket; `false` before it begins.
    pub(crate) fn read(&self, bytes: &[u8]) -> bool {
        let mut state = self.lock();
        let Some(frames) = &mut state.websocket else { return false };
        frames.incoming.read(bytes);
        true
    }

    /// Passes on what was checked.
    pub(crate) fn pass(&self, buffer: &mut ReadBuf<'_>) {
        if let Some(frames) = &mut self.lock().websocket {
            let count = frames.incoming.pass(buffer.initialize_unfilled());
            buffer.advance(count);
        }
    }

    pub(crate) fn writing(&self, waker: &Waker) -> io::Result<()> {
        let mut state = self.lock();
        state.writer = Some(waker.clone());
        state.unsent = true;
        if state.closed { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Counts what was written.
    pub(crate) fn written(&self, bytes: &[u8]) {
        let waker = {
            let mut state = self.lock();
            let Some(frames) = &mut state.websocket else { return };
            frames.written(bytes);
            state.owed_bytes = state.owed_bytes.saturating_sub(bytes.len());
            let owed_bytes = state.owed_bytes;
            if owed_bytes == 0 {
                state.share = None;
            } else if let Some(share) = &mut state.share {
                share.shrink(owed_bytes);
            }
            state.stalled = false;
            state.reader.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn stalled(&self) {
        self.lock().stalled = true;
    }

    pub(crate) fn flushed(&self) {
        self.lock().unsent = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
