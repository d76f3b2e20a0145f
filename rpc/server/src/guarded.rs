//! The stream of a connection: cuts off slow readers, passes on one head at a time, and reads a WebSocket as its wire
//! permits.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::head_end::HeadEnd;
use crate::length_lines::LengthLines;
use crate::limits::{BODY_SECONDS_MAX, FLUSH_SECONDS_MAX, WRITE_BYTES_MIN, WRITE_SECONDS_MAX};
use crate::memory::Share;
use crate::pool::Holder as _;
use crate::unparsed::in_words;
use crate::wire::{Budget, Reading, Wire};

/// A connection that breaks off when its client reads too slowly.
///
/// From a write that has to wait until all is flushed, the client must take at least
/// [`WRITE_BYTES_MIN`] in each [`WRITE_SECONDS_MAX`], and all of it, an answer or a message, within
/// [`FLUSH_SECONDS_MAX`]: what waits for a client stays in memory only so long, however it reads.
///
/// A reader gets no more than the head of one HTTP request at once, so that nothing after the head of a
/// WebSocket's handshake is read before it is known to be one.
pub(crate) struct GuardedStream<S> {
    stream: S,
    wire: Arc<Wire>,
    head: HeadEnd,
    length_lines: LengthLines,
    /// The answer in words that replaces one of the library, and the number of its bytes that were written.
    in_words: Option<(Vec<u8>, usize)>,
    /// The bytes read after the end of a head: no more than fitted into the reader's buffer.
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
    /// The bytes that it has taken since the window began.
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
                self.wire.end_head(self.length_lines.end_of_head());
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
                // Its reader must notice as well.
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
