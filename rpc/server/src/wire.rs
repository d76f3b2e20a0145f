//! The bytes of a connection: slow readers are cut off, and a WebSocket is read only while few of its messages
//! are under way. The library bounds neither: it begins a task for each message that comes in.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::client::Client;
use crate::frames::FrameCounter;
use crate::gate::Gate;
use crate::head_end::HeadEnd;
use crate::length_lines::LengthLines;
use crate::limits::{
    BODY_SECONDS_MAX, FLUSH_SECONDS_MAX, SESSION_MESSAGES_MAX, WRITE_BYTES_MIN, WRITE_SECONDS_MAX,
};
use crate::memory::{Memory, Share, joined};
use crate::unparsed::in_words;

/// What the server knows and decides of one connection's bytes.
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
    /// What is owed to the client: bytes of messages that were handed over and are not written yet.
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

/// What reading is to do.
enum Reading {
    Go,
    /// What was checked goes first.
    Pass,
    Wait,
    End,
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
    fn incoming(&self) -> Option<(usize, bool, Budget)> {
        let state = self.lock();
        let Frames { incoming, budget, .. } = state.websocket.as_ref()?;
        Some((incoming.held_bytes(), incoming.is_within_message(), budget.clone()))
    }

    /// Skips the incoming message, for which there is no memory.
    fn drop_message(&self) {
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
    fn take_body(&self, bytes: usize) -> usize {
        let mut state = self.lock();
        let taken = usize::try_from(state.body_bytes).unwrap_or(usize::MAX).min(bytes);
        state.body_bytes -= taken as u64;
        taken
    }

    /// Whether the head that was passed on last has both a content length and a transfer encoding.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.lock().is_ambiguous
    }

    /// Whether an answer was not taken by the client yet.
    pub(crate) fn is_unsent(&self) -> bool {
        self.lock().unsent
    }

    /// Ends the connection.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let wakers = [state.reader.take(), state.writer.take()];
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
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

    fn reading(&self, waker: &Waker) -> Reading {
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
            // What follows a message that is too long cannot be distinguished from its rest, and a frame that is not
            // masked ends the connection (RFC 6455, section 5.1).
            None => Reading::End,
            Some(_) if is_over => Reading::End,
            Some(messages) if messages >= SESSION_MESSAGES_MAX || state.stalled => Reading::Wait,
            Some(_) => Reading::Go,
        }
    }

    /// Checks what was read of a WebSocket; `false` before it begins.
    fn read(&self, bytes: &[u8]) -> bool {
        let mut state = self.lock();
        let Some(frames) = &mut state.websocket else { return false };
        frames.incoming.read(bytes);
        true
    }

    /// Passes on what was checked.
    fn pass(&self, buffer: &mut ReadBuf<'_>) {
        if let Some(frames) = &mut self.lock().websocket {
            let count = frames.incoming.pass(buffer.initialize_unfilled());
            buffer.advance(count);
        }
    }

    fn writing(&self, waker: &Waker) -> io::Result<()> {
        let mut state = self.lock();
        state.writer = Some(waker.clone());
        state.unsent = true;
        if state.closed { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Counts what was written.
    fn written(&self, bytes: &[u8]) {
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

    fn stalled(&self) {
        self.lock().stalled = true;
    }

    fn flushed(&self) {
        self.lock().unsent = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that breaks off when its client reads too slowly.
///
/// From a write that has to wait until all is flushed, the client must take at least
/// [`WRITE_BYTES_MIN`] in each [`WRITE_SECONDS_MAX`], and all of it, an answer or a message, within
/// [`FLUSH_SECONDS_MAX`]: what waits for a client stays in memory only so long, however it reads.
///
/// Whoever reads gets no more than the head of one HTTP request at once, so that nothing after the head of a
/// WebSocket's handshake is read before it is known to be one.
pub(crate) struct GuardedStream<S> {
    stream: S,
    wire: Arc<Wire>,
    head: HeadEnd,
    length_lines: LengthLines,
    /// The answer in words that replaces one of the library, and the number of its bytes that were written.
    in_words: Option<(Vec<u8>, usize)>,
    /// What was read after the end of a head: no more than fitted into the buffer of who reads.
    held: Vec<u8>,
    /// The share of the memory for incoming messages of a WebSocket, and their size, bytes.
    incoming: (Option<Share>, usize),
    /// Runs while a message of a WebSocket is incomplete.
    message_deadline: Option<Pin<Box<Sleep>>>,
    window: Duration,
    /// Runs while the client keeps a write waiting.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Runs from a write that had to wait until all is flushed.
    stall: Option<Pin<Box<Sleep>>>,
    /// What it has taken since the window began.
    taken_bytes: usize,
}

impl<S> GuardedStream<S> {
    pub(crate) fn new(stream: S, wire: Arc<Wire>) -> Self {
        Self::with_window(stream, wire, Duration::from_secs(WRITE_SECONDS_MAX))
    }

    pub(crate) fn with_window(stream: S, wire: Arc<Wire>, window: Duration) -> Self {
        Self {
            stream,
            wire,
            head: HeadEnd::default(),
            length_lines: LengthLines::default(),
            in_words: None,
            held: Vec::new(),
            incoming: (None, 0),
            message_deadline: None,
            window,
            deadline: None,
            stall: None,
            taken_bytes: 0,
        }
    }

    /// Reserves memory for the incoming messages of a WebSocket, and releases it. A message for which there is none is
    /// skipped. Not while the wire is locked: other clients' connections may be closed for it.
    fn reserve_incoming(&mut self) {
        let Some((bytes, is_incomplete, Budget { memory, client })) = self.wire.incoming() else {
            return;
        };
        if !is_incomplete {
            self.message_deadline = None;
        }
        if bytes == self.incoming.1 {
            return;
        }
        let share = self.incoming.0.take();
        match memory.fitted(share, &client, &self.wire, bytes) {
            Ok(share) => self.incoming = (share, bytes),
            Err(_) => {
                self.incoming.1 = 0;
                self.wire.drop_message();
            }
        }
    }

    /// While the rest of a message does not come: whether it takes too long.
    fn is_message_late(&mut self, context: &mut Context<'_>) -> bool {
        if !self.wire.incoming().is_some_and(|(_, is_incomplete, _)| is_incomplete) {
            return false;
        }
        let limit = Duration::from_secs(BODY_SECONDS_MAX);
        let deadline = self
            .message_deadline
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + limit)));
        deadline.as_mut().poll(context).is_ready()
    }

    /// Passes on what was held back.
    fn pass_held(&mut self, buffer: &mut ReadBuf<'_>) {
        let count = self.held.len().min(buffer.remaining());
        buffer.put_slice(&self.held[..count]);
        self.held.drain(..count);
    }

    /// Holds back what follows the end of a head, or of a body, in the bytes that were read.
    fn hold_back(&mut self, buffer: &mut ReadBuf<'_>, before: usize) {
        let bytes = &buffer.filled()[before..];
        let end = match self.wire.take_body(bytes.len()) {
            0 => {
                let Some(end) = self.head.find(bytes) else { return self.length_lines.read(bytes) };
                self.length_lines.read(&bytes[..end]);
                self.wire.lock().is_ambiguous = self.length_lines.end_of_head();
                end
            }
            end => end,
        };
        self.held.splice(..0, bytes[end..].iter().copied());
        buffer.set_filled(before + end);
    }

    /// Watches the time of a write that has to wait.
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        write: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &write {
            self.taken_bytes += bytes;
            if self.taken_bytes >= WRITE_BYTES_MIN {
                self.deadline = None;
                self.taken_bytes = 0;
            }
        }
        if write.is_ready() {
            return write;
        }
        self.wire.stalled();
        let after = |duration| Box::pin(sleep_until(Instant::now() + duration));
        let window = self.window;
        let deadline = self.deadline.get_or_insert_with(|| after(window));
        let flush = Duration::from_secs(FLUSH_SECONDS_MAX);
        let stall = self.stall.get_or_insert_with(|| after(flush));
        // Both are to wake the task.
        let is_over = [deadline.as_mut().poll(context), stall.as_mut().poll(context)];
        match is_over.iter().find(|it| it.is_ready()).copied().unwrap_or(Poll::Pending) {
            Poll::Ready(()) => {
                // Whoever reads for it is to notice as well.
                self.wire.close();
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> GuardedStream<S> {
    /// Writes bytes of the library. Its answer to a head that it cannot parse gets words.
    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.in_words.is_none() {
            let Some(words) = in_words(bytes) else {
                return Pin::new(&mut self.stream).poll_write(context, bytes);
            };
            self.in_words = Some((words, 0));
        }
        while let Some((words, written)) = &mut self.in_words
            && *written < words.len()
        {
            let write = Pin::new(&mut self.stream).poll_write(context, &words[*written..]);
            match std::task::ready!(write)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => *written += count,
            }
        }
        self.in_words = None;
        Poll::Ready(Ok(bytes.len()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.wire.reading(context.waker()) {
            Reading::End => return Poll::Ready(Ok(())),
            Reading::Wait => {
                // It is not the client that keeps its message waiting.
                self.message_deadline = None;
                return Poll::Pending;
            }
            Reading::Pass => {
                self.wire.pass(buffer);
                self.reserve_incoming();
                return Poll::Ready(Ok(()));
            }
            Reading::Go => {}
        }
        let before = buffer.filled().len();
        let read = if self.held.is_empty() {
            Pin::new(&mut self.stream).poll_read(context, buffer)
        } else {
            self.pass_held(buffer);
            Poll::Ready(Ok(()))
        };
        let more = buffer.filled().len() > before;
        if read.is_pending() && self.is_message_late(context) {
            self.wire.close();
            return Poll::Ready(Ok(()));
        }
        if !matches!(read, Poll::Ready(Ok(()))) || !more {
            return read;
        }
        if self.wire.read(&buffer.filled()[before..]) {
            self.reserve_incoming();
            buffer.set_filled(before);
            // Others go first; and no bytes would be the end, where no message is whole yet.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.hold_back(buffer, before);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.wire.writing(context.waker())?;
        let write = self.write(context, bytes);
        if let Poll::Ready(Ok(count)) = &write {
            self.wire.written(&bytes[..*count]);
        }
        self.watch(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [bytes] = slices {
            return self.poll_write(context, bytes);
        }
        self.wire.writing(context.waker())?;
        let write = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        if let Poll::Ready(Ok(count)) = &write {
            let mut left = *count;
            for slice in slices {
                let taken = left.min(slice.len());
                self.wire.written(&slice[..taken]);
                left -= taken;
            }
        }
        self.watch(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = Pin::new(&mut self.stream).poll_flush(context);
        if flush.is_ready() {
            self.wire.flushed();
            self.deadline = None;
            self.stall = None;
            self.taken_bytes = 0;
        }
        flush
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
