//! The common part of subscriptions: their position, and building and sending notices.

use std::io;
use std::sync::Arc;

use ehb_rpc_api::{FOLLOW_AHEAD_HEIGHTS_MAX, error};
use ehb_types::Code;
use jsonrpsee::SubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::backend::{Backend, Refusal};
use crate::call_source::CallSource;
use crate::limits::{ANSWER_BYTES_MAX, SHARED_BYTES_MIN};
use crate::workers::run_blocking;

/// Follows the head at the pace of a subscriber.
///
/// Nothing is queued for a slow subscriber: its next block is read when it has room.
pub(crate) struct Follower {
    backend: Arc<dyn Backend>,
    head: watch::Receiver<u64>,
    next: u64,
}

/// The next event for a follower.
pub(crate) enum Step {
    /// The follower's next block can be read, and all after it up to this height.
    Ready { head: u64 },
    /// These heights are no longer kept.
    Gap { from_height: u64, to_height: u64 },
    /// The time limit is over, and there is no next block yet.
    Late,
    /// The subscriber disconnected or the node stopped.
    Ended,
}

impl Follower {
    /// Begins at a height, which may be ahead, or with the next decided block.
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        from_height: Option<u64>,
    ) -> Result<Self, ErrorObjectOwned> {
        let head = backend.head();
        let at = *head.borrow();
        let next = from_height.unwrap_or_else(|| at.saturating_add(1));
        if next > at.saturating_add(FOLLOW_AHEAD_HEIGHTS_MAX) {
            let text = format!(
                "height {next} is {} above the head, {at}; a subscription can begin at most \
                 {FOLLOW_AHEAD_HEIGHTS_MAX} above it",
                next - at
            );
            return Err(error(Code::InvalidRequest, text));
        }
        Ok(Self { backend, head, next })
    }

    /// The height of the next block.
    pub(crate) fn next_height(&self) -> u64 {
        self.next
    }

    /// Continues at a height.
    pub(crate) fn go_on_at(&mut self, next: u64) {
        self.next = next;
    }

    /// Whether the next block has been pruned.
    pub(crate) fn is_pruned(&self) -> bool {
        self.next < self.backend.earliest()
    }

    /// Waits for the next block, at most until a deadline.
    pub(crate) async fn ready(&mut self, sink: &SubscriptionSink, until: Option<Instant>) -> Step {
        let next = self.next;
        let late = async {
            match until {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        let head = tokio::select! {
            biased;
            () = sink.closed() => return Step::Ended,
            head = self.head.wait_for(|head| *head >= next) => match head {
                Ok(head) => *head,
                Err(_) => return Step::Ended,
            },
            () = late => return Step::Late,
        };
        let earliest = self.backend.earliest();
        if next < earliest {
            self.next = earliest;
            return Step::Gap { from_height: next, to_height: earliest - 1 };
        }
        Step::Ready { head }
    }
}

/// Builds and sends the notices of one subscription.
pub(crate) struct Notices<'a> {
    source: &'a CallSource,
    sink: &'a SubscriptionSink,
    /// The estimated memory of the next notice, bytes.
    expected_bytes: usize,
}

/// The result of sending a notice.
pub(crate) enum Sent<T> {
    /// It was sent, or there was none to send; with the other result of the work.
    Done { sent: bool, rest: T },
    /// It is too long for a message: it has this many bytes.
    TooLong(usize),
    /// It could not be built.
    Refused(Refusal),
    /// The subscriber disconnected.
    Closed,
}

/// The result of the work on a thread.
enum Made<T> {
    Nothing(T),
    Json(Box<RawValue>, T),
    /// Longer than the reserved memory: it has this many bytes.
    TooLong(usize),
}

/// Notices below this length need no share of the memory, bytes.
const UNSHARED_BYTES_MAX: usize = SHARED_BYTES_MIN - 1;

impl<'a> Notices<'a> {
    pub(crate) fn new(source: &'a CallSource, sink: &'a SubscriptionSink) -> Self {
        Self { source, sink, expected_bytes: UNSHARED_BYTES_MAX }
    }

    /// Builds a notice on a thread, in the turn of its client and with memory that was reserved before, and
    /// sends it. If the memory is not enough, the work is repeated once, with as much as it needs.
    pub(crate) async fn send_made<N: Serialize, T: Send + 'static>(
        &mut self,
        work: impl Fn() -> Result<(Option<N>, T), Refusal> + Clone + Send + 'static,
    ) -> Sent<T> {
        loop {
            let bytes_max = self.expected_bytes;
            let ready = async {
                let share = self.source.notice_share(bytes_max).await;
                (share, self.source.notice_turn().await)
            };
            let (mut share, turn) = tokio::select! {
                ready = ready => ready,
                () = self.sink.closed() => return Sent::Closed,
            };
            let work = work.clone();
            let made = move || {
                Ok(match work()? {
                    (None, rest) => Made::Nothing(rest),
                    (Some(notice), rest) => match json_within(&notice, bytes_max)? {
                        Ok(json) => Made::Json(json, rest),
                        Err(bytes) => Made::TooLong(bytes),
                    },
                })
            };
            match run_blocking(made, turn).await {
                Ok(Made::Nothing(rest)) => return Sent::Done { sent: false, rest },
                Ok(Made::TooLong(bytes)) if bytes > ANSWER_BYTES_MAX => {
                    return Sent::TooLong(bytes);
                }
                Ok(Made::TooLong(bytes)) => self.expected_bytes = bytes,
                Ok(Made::Json(json, rest)) => {
                    let bytes = json.get().len();
                    if let Some(share) = &mut share {
                        share.shrink(bytes);
                    }
                    self.expected_bytes =
                        (bytes + bytes / 4).clamp(UNSHARED_BYTES_MAX, ANSWER_BYTES_MAX);
                    self.source.wire().owe_notice(bytes, share);
                    return match self.sink.send(json).await {
                        Ok(()) => Sent::Done { sent: true, rest },
                        Err(_) => Sent::Closed,
                    };
                }
                Err(refusal) => return Sent::Refused(refusal),
            }
        }
    }

    /// Sends a short notice; `false` if the subscriber disconnected.
    pub(crate) async fn send(&self, notice: &impl Serialize) -> bool {
        let Ok(Ok(json)) = json_within(notice, UNSHARED_BYTES_MAX) else { return false };
        self.source.wire().owe_notice(json.get().len(), None);
        self.sink.send(json).await.is_ok()
    }

    /// Ends a subscription whose blocks cannot be read, and notifies the client.
    pub(crate) fn failed(&self, height: u64, refusal: &Refusal) -> String {
        let text = if refusal.code == Code::InvalidRequest {
            // The client's mistake, which is none of the operator's business.
            format!("the subscription ends: {}", refusal.message)
        } else {
            tracing::warn!(height, %refusal, "a subscription ends: a block cannot be read");
            format!("the subscription ends: block {height} cannot be read")
        };
        self.source.wire().owe_notice(text.len(), None);
        text
    }
}

/// The JSON of a value, or its length if it is too long.
fn json_within(
    value: &impl Serialize,
    bytes_max: usize,
) -> Result<Result<Box<RawValue>, usize>, Refusal> {
    let mut writer = Bounded { bytes: Vec::new(), bytes_max, written_bytes: 0 };
    let written = serde_json::to_writer(&mut writer, value);
    if writer.written_bytes > bytes_max {
        return Ok(Err(writer.written_bytes));
    }
    let json = written
        .map_err(|error| error.to_string())
        .and_then(|()| String::from_utf8(writer.bytes).map_err(|error| error.to_string()))
        .and_then(|text| RawValue::from_string(text).map_err(|error| error.to_string()));
    json.map(Ok).map_err(|error| {
        tracing::error!(%error, "a notice is not JSON");
        Refusal::new(Code::Internal, "the node failed to write a notice")
    })
}

/// A buffer for a limited number of bytes; if there are more, it only counts them.
struct Bounded {
    bytes: Vec<u8>,
    bytes_max: usize,
    written_bytes: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written_bytes += bytes.len();
        if self.written_bytes <= self.bytes_max {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.bytes = Vec::new();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The length of a value's JSON, bytes.
pub(crate) fn json_len(value: &impl Serialize) -> usize {
    struct Counted(usize);
    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    match serde_json::to_writer(&mut counted, value) {
        Ok(()) => counted.0,
        Err(_) => usize::MAX,
    }
}
