//! The session on one connection: greetings, then frames in both directions until it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ehb_types::PublicKey;
use futures::future::try_join_all;
use futures::io::BufReader;
use libp2p::Stream;
use libp2p::swarm::ConnectionId;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::credit::Credit;
use crate::error::FrameError;
use crate::frame::{Frame, Header};
use crate::hello::{HELLO_BYTES_MAX, Hello};
use crate::inbox::Inbox;
use crate::kind::{Admission, HELLO_KIND};
use crate::peers::{NetworkState, PeerHandle};
use crate::streams::Streams;
use crate::{Channel, Event, Limits, Refusal, frame};

/// The size of one read from a stream; larger frames are read directly into their buffer.
const READ_BUFFER_BYTES: usize = 16 << 10;

/// How long a rejected connection stays open, so that the other side can read the greeting and log the
/// reason.
const FAREWELL: Duration = Duration::from_millis(250);

/// How long the application is not notified of a peer that is not yet subscribed to gossip. The subscription
/// arrives about the same time as the greeting; without this wait, a message gossiped immediately could miss
/// the new peer.
const LISTENING_WAIT_MAX: Duration = Duration::from_secs(1);

/// The interval between reports on the progress of a frame.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// The minimum rate of a frame while others wait for its memory, bytes a second; the time before it applies;
/// and the interval between checks.
const CROWDED_RATE_MIN: u64 = 256 << 10;
const CROWDED_PATIENCE: Duration = Duration::from_secs(5);
const LOOK_FOR_WAITING: Duration = Duration::from_millis(500);

type Reader = BufReader<Stream>;

/// A report of a session to the driver.
pub(crate) struct Report {
    pub(crate) peer: PublicKey,
    pub(crate) connection: ConnectionId,
    pub(crate) event: SessionEvent,
}

pub(crate) enum SessionEvent {
    /// Both have greeted and are compatible.
    Established,
    /// The peer is of another chain, or broke the protocol.
    Refused(Refusal),
    /// The connection is dead.
    Lost(FrameError),
}

/// The context of all sessions.
#[derive(Clone)]
pub(crate) struct SessionContext {
    pub(crate) hello: Arc<Hello>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) shared: Arc<NetworkState>,
    pub(crate) inbox: Inbox,
    pub(crate) reports: mpsc::Sender<Report>,
}

/// A connection whose streams are open.
pub(crate) struct Opening {
    pub(crate) connection: ConnectionId,
    pub(crate) handle: Arc<PeerHandle>,
    pub(crate) streams: Streams,
    /// Resolves when the peer subscribes to gossip; `None` if it already has.
    pub(crate) listens: Option<oneshot::Receiver<()>>,
}

/// A running session.
pub(crate) struct PeerSession {
    pub(crate) handle: Arc<PeerHandle>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl PeerSession {
    /// Starts a session. It waits for `previous`, the peer's last one, so that the application receives
    /// connections and disconnections in order.
    pub(crate) fn start(
        context: SessionContext,
        opening: Opening,
        previous: Option<JoinHandle<()>>,
    ) -> Self {
        let Opening { connection, handle, streams, listens } = opening;
        let (stop, stopped) = oneshot::channel();
        let running = Running { context, connection, handle: Arc::clone(&handle), stopped };
        let task = tokio::spawn(async move {
            if let Some(previous) = previous {
                // A session that panicked has ended as well.
                let _ = previous.await;
            }
            running.run(streams, listens).await;
        });
        Self { handle, stop, task }
    }

    /// Ends the session at once; the task completes when the application was notified.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.handle.close();
        drop(self.stop);
        self.task
    }
}

struct Running {
    context: SessionContext,
    connection: ConnectionId,
    handle: Arc<PeerHandle>,
    /// Resolves when the session must end.
    stopped: oneshot::Receiver<()>,
}

impl Running {
    async fn run(mut self, streams: Streams, listens: Option<oneshot::Receiver<()>>) {
        let hello = Arc::clone(&self.context.hello);
        let patience = self.context.limits.handshake_timeout;
        let greeted = tokio::select! {
            _ = &mut self.stopped => return,
            greeted = timeout(patience, greet(&hello, streams, patience)) => greeted,
        };
        let greeted = match greeted {
            Ok(Ok(greeted)) => greeted,
            Ok(Err(event @ SessionEvent::Refused(_))) => {
                sleep(FAREWELL).await;
                return self.report(event).await;
            }
            Ok(Err(event)) => return self.report(event).await,
            Err(_) => return self.report(SessionEvent::Lost(FrameError::Stalled)).await,
        };
        if let Some(listens) = listens {
            tokio::select! {
                _ = &mut self.stopped => return,
                // A peer without gossip can still exchange frames.
                _ = timeout(LISTENING_WAIT_MAX, listens) => {}
            }
        }
        self.handle.set_version(greeted.version);
        self.context.shared.add_handle(Arc::clone(&self.handle));
        if let Some(event) = self.serve_and_notify(greeted).await {
            self.report(event).await;
        }
    }

    /// Notifies the application of the peer, exchanges frames, and notifies it of the end.
    async fn serve_and_notify(&mut self, greeted: Greeted) -> Option<SessionEvent> {
        let peer = self.handle.peer;
        let inbox = self.context.inbox.clone();
        let delivered = tokio::select! {
            _ = &mut self.stopped => None,
            delivered = inbox.deliver(Event::Connected(peer)) => delivered.ok(),
        };
        if delivered.is_none() {
            self.context.shared.remove_handle(&peer);
            return None;
        }
        self.report(SessionEvent::Established).await;
        let mut tasks = self.spawn(greeted);
        let ended = tokio::select! {
            _ = &mut self.stopped => None,
            ended = tasks.join_next() => ended,
        };
        self.handle.close();
        self.context.shared.remove_handle(&peer);
        // No frame must be delivered after the peer's disconnection.
        tasks.shutdown().await;
        // Without a receiver the application is stopping; that is no error.
        let _ = inbox.deliver(Event::Disconnected(peer)).await;
        ended.map(|ended| match ended {
            Ok(error) if error.is_violation() => {
                SessionEvent::Refused(Refusal::Misbehaved(error.to_string()))
            }
            Ok(error) => SessionEvent::Lost(error),
            Err(panicked) => SessionEvent::Lost(FrameError::Io(std::io::Error::other(panicked))),
        })
    }

    fn spawn(&self, greeted: Greeted) -> JoinSet<FrameError> {
        let mut tasks = JoinSet::new();
        let patience = self.context.limits.frame_patience;
        for (channel, stream) in greeted.writers {
            let (handle, shared) = (Arc::clone(&self.handle), Arc::clone(&self.context.shared));
            tasks.spawn(write_frames(handle, shared, channel, stream, patience));
        }
        for (channel, reader) in greeted.readers {
            let (handle, shared) = (Arc::clone(&self.handle), Arc::clone(&self.context.shared));
            let inbox = self.context.inbox.clone();
            tasks.spawn(async move {
                match read_frames(&handle, &shared, &inbox, channel, reader, patience).await {
                    Ok(()) => FrameError::Closed,
                    Err(error) => error,
                }
            });
        }
        tasks
    }

    async fn report(&self, event: SessionEvent) {
        let report = Report { peer: self.handle.peer, connection: self.connection, event };
        // A driver that has stopped has closed all connections.
        let _ = self.context.reports.send(report).await;
    }
}

struct Greeted {
    writers: Vec<(Channel, Stream)>,
    readers: Vec<(Channel, Reader)>,
    /// The negotiated protocol version.
    version: u16,
}

/// Sends a greeting on each stream and checks the peer's greeting on each of its streams.
async fn greet(
    hello: &Hello,
    streams: Streams,
    patience: Duration,
) -> Result<Greeted, SessionEvent> {
    let Streams { mut outbound, inbound } = streams;
    let greeting = [Frame { kind: HELLO_KIND, content: hello.encode().into() }];
    for (_, stream) in &mut outbound {
        let mut buffer = Vec::new();
        frame::write_all(stream, &greeting, &mut buffer, patience)
            .await
            .map_err(SessionEvent::Lost)?;
    }
    let readers = try_join_all(inbound.into_iter().map(|(channel, stream)| async move {
        let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, stream);
        let read = read_greeting(&mut reader, channel, patience).await;
        let greeting = read.map_err(refused)?;
        let version = hello.agree(&greeting).map_err(SessionEvent::Refused)?;
        Ok(((channel, reader), version))
    }))
    .await?;
    let (readers, versions): (Vec<_>, Vec<u16>) = readers.into_iter().unzip();
    let version = versions.first().copied().unwrap_or(hello.versions.oldest);
    if versions.iter().any(|other| *other != version) {
        return Err(refused(FrameError::Greetings));
    }
    Ok(Greeted { writers: outbound, readers, version })
}

/// The report for a connection on which reading failed.
fn refused(error: FrameError) -> SessionEvent {
    match error.is_violation() {
        true => SessionEvent::Refused(Refusal::Misbehaved(error.to_string())),
        false => SessionEvent::Lost(error),
    }
}

async fn read_greeting(
    reader: &mut Reader,
    channel: Channel,
    patience: Duration,
) -> Result<bytes::Bytes, FrameError> {
    let Header { kind, bytes } = frame::read_header(reader, patience).await?;
    if kind != HELLO_KIND {
        return Err(FrameError::Greetings);
    }
    if bytes > HELLO_BYTES_MAX {
        let bytes_max = HELLO_BYTES_MAX;
        return Err(FrameError::TooLarge { number: kind, channel, bytes, bytes_max });
    }
    frame::read_content(reader, bytes, patience, |_| {}).await
}

/// Writes the queued frames for the peer, until the stream breaks or the outbox is closed.
async fn write_frames(
    handle: Arc<PeerHandle>,
    shared: Arc<NetworkState>,
    channel: Channel,
    mut stream: Stream,
    patience: Duration,
) -> FrameError {
    let mut buffer = Vec::new();
    while let Some(frames) = handle.outbox(channel).take().await {
        if let Err(error) = frame::write_all(&mut stream, &frames, &mut buffer, patience).await {
            return error;
        }
        let bytes = frames.iter().map(|frame| frame.content.len()).sum();
        handle.counters.of(channel).sent(frames.len(), bytes);
        shared.totals.channels.of(channel).sent(frames.len(), bytes);
    }
    FrameError::Cut
}

/// Resolves when a frame that uses shared memory arrives too slowly while others wait for that memory.
async fn hinders_others(shared: &NetworkState, arrived: &AtomicUsize) {
    let begun = Instant::now();
    loop {
        sleep(LOOK_FOR_WAITING).await;
        let elapsed = begun.elapsed();
        let due = u128::from(CROWDED_RATE_MIN) * elapsed.as_millis() / 1_000;
        if elapsed >= CROWDED_PATIENCE
            && (arrived.load(Ordering::Relaxed) as u128) < due
            && shared.pool.is_short()
        {
            return;
        }
    }
}

/// Delivers frames of the peer. Memory for a frame is reserved before it is read, so that a slow application
/// slows down the peer instead of filling the memory; and a peer that exceeds its budget is not read until it
/// is within it again.
async fn read_frames(
    handle: &PeerHandle,
    shared: &NetworkState,
    inbox: &Inbox,
    channel: Channel,
    mut reader: Reader,
    patience: Duration,
) -> Result<(), FrameError> {
    let credit = Credit::new(channel.inbound_own_bytes(), channel.inbound_frame_bytes_min())
        .with_pool(channel.inbound_bytes_max(), &shared.pool);
    // One report at a time.
    let progress = Credit::new(0, 0);
    let allowances = shared.allowances(&handle.peer);
    let allowance = allowances.of(channel);
    let (counters, totals) = (handle.counters.of(channel), shared.totals.channels.of(channel));
    loop {
        allowance.ready().await;
        let Header { kind, bytes: length } = frame::read_header(&mut reader, patience).await?;
        allowance.frame(length, Instant::now());
        let admission = shared.kinds.admit((kind, length), channel, handle.version())?;
        if admission == Admission::Skip {
            frame::skip_content(&mut reader, length, patience).await?;
            counters.skipped();
            totals.skipped();
            continue;
        }
        let Some(held) = credit.take(length).await else { return Ok(()) };
        let (mut reported, arrived) = (Instant::now(), AtomicUsize::new(0));
        let report = |received| {
            arrived.store(received, Ordering::Relaxed);
            if received < length && reported.elapsed() >= PROGRESS_INTERVAL {
                reported = Instant::now();
                let event = Event::Receiving { peer: handle.peer, kind, received, bytes: length };
                inbox.offer_progress(channel, event, &progress);
            }
        };
        let takes_of_all = length > channel.inbound_own_bytes();
        let bytes = tokio::select! {
            biased;
            bytes = frame::read_content(&mut reader, length, patience, report) => bytes?,
            () = hinders_others(shared, &arrived), if takes_of_all => return Err(FrameError::Crowded),
        };
        handle.heard();
        counters.received(length);
        totals.received(length);
        let received = Instant::now();
        let event = Event::Frame { peer: handle.peer, kind, channel, bytes, received, held };
        if inbox.deliver_frame(channel, event).is_err() {
            return Ok(());
        }
    }
}
