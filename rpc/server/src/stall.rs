use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::limits::{WRITE_BYTES_MIN, WRITE_SECONDS_MAX};

/// A connection that breaks off when its client reads too slowly.
///
/// From a write that has to wait until all is flushed, the client must take at least
/// [`WRITE_BYTES_MIN`] in each [`WRITE_SECONDS_MAX`]: what waits for a client stays in memory only
/// so long.
pub(crate) struct StallGuard<S> {
    stream: S,
    window: Duration,
    /// Runs while the client keeps a write waiting.
    deadline: Option<Pin<Box<Sleep>>>,
    /// What it has taken since the window began.
    taken_bytes: usize,
}

impl<S> StallGuard<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self::with_window(stream, Duration::from_secs(WRITE_SECONDS_MAX))
    }

    pub(crate) fn with_window(stream: S, window: Duration) -> Self {
        Self { stream, window, deadline: None, taken_bytes: 0 }
    }

    /// Counts what a write took, and watches the time of one that has to wait.
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
        let window = self.window;
        let deadline =
            self.deadline.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + window)));
        match deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StallGuard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for StallGuard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = Pin::new(&mut self.stream).poll_flush(context);
        if flush.is_ready() {
            self.deadline = None;
            self.taken_bytes = 0;
        }
        flush
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
