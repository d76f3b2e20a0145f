//! One subscription over failing connections.
//!
//! A closed connection is reported. One that dies silently is not: so after [`Patience::silence`] without a
//! message the node's status is requested, and the connection is given up if the answer takes as long again.
//! The answer also reveals a subscription that the node has forgotten. A task of jsonrpsee reads the
//! connection all the time, so pings and their answers pass however slow the consumer is; messages that the
//! consumer does not read in time are dropped and fetched again.

use std::sync::Arc;
use std::time::Duration;

use ehb_rpc_api::{ChainClient, Status};
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::{Subscription, SubscriptionCloseReason};
use jsonrpsee::ws_client::{PingConfig, WsClient, WsClientBuilder};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::endpoints::Endpoints;
use crate::{Error, Patience};

/// The maximum number of messages that the connection keeps for a slow consumer; further ones are fetched
/// again.
const MESSAGES_MAX: usize = 32;
/// The longest message, bytes.
const MESSAGE_BYTES_MAX: u32 = 32 << 20;
/// The maximum number of concurrent requests on the connection.
const REQUESTS_MAX: usize = 16;
/// The maximum factor by which the silence timeout grows on slow connections.
const PATIENCE_FACTOR_MAX: u32 = 8;
/// The number of consecutive answers that must show that the node has more than it sent: a single answer may
/// overtake a notice.
const OWED_MAX: u32 = 2;

/// The followed subject, with its position.
pub(super) trait Subject: Clone + Send + Sync + 'static {
    /// The type of its notices.
    type Notice: DeserializeOwned + Send + 'static;

    /// Begins after the head if no position was given, so that blocks decided during an interruption are not
    /// missed.
    fn begin(&mut self, head: u64);

    /// Subscribes from the position on.
    fn subscribe(
        &self,
        client: &WsClient,
    ) -> impl Future<Output = Result<Subscription<Self::Notice>, ClientError>> + Send;

    /// Expands a notice of the subscription. If whole blocks are followed, the subscription announces their
    /// headers, and the blocks are read here, as many at a time as the node sends.
    fn expand(
        &self,
        client: &WsClient,
        notice: Self::Notice,
    ) -> impl Future<Output = Result<Vec<Self::Notice>, ClientError>> + Send;

    /// Advances past a notice. Errors: it does not follow the last one.
    fn advance(&mut self, notice: &Self::Notice) -> Result<(), String>;

    /// Whether a node with this head must have sent something.
    fn is_owed(&self, head: u64) -> bool;
}

/// Follows one subject, at one endpoint after the other.
pub(super) struct Line<S: Subject> {
    endpoints: Arc<Endpoints>,
    subject: S,
    notices: mpsc::Sender<Result<S::Notice, Error>>,
    /// The number of failures without progress.
    failures: u32,
    /// The time of the first of them, or of the last returned error.
    failing_since: Option<Instant>,
    /// The number of consecutive failures that waiting does not mend, such as a node of another chain.
    lasting: usize,
    /// The current factor of the silence timeout.
    factor: u32,
    /// Whether the current connection made progress.
    progress: bool,
}

/// Why a connection ended.
enum End {
    /// The consumer was dropped.
    Unwanted,
    /// It was silent for too long.
    Silent(Error),
    /// Any other error.
    Broken(Error),
}

/// Why a subscription ended on a connection that may still work.
enum Stop {
    /// The consumer was slower than the node.
    Lagged,
    Line(End),
}

impl<S: Subject> Line<S> {
    pub(super) fn new(
        endpoints: Arc<Endpoints>,
        subject: S,
        notices: mpsc::Sender<Result<S::Notice, Error>>,
    ) -> Self {
        Self {
            endpoints,
            subject,
            notices,
            failures: 0,
            failing_since: None,
            lasting: 0,
            factor: 1,
            progress: false,
        }
    }

    /// Follows until the consumer is dropped.
    pub(super) async fn follow(mut self) {
        let mut at = self.endpoints.current();
        loop {
            self.progress = false;
            let begun = Instant::now();
            let end = self.session(at).await;
            if self.progress {
                self.factor = 1;
            }
            // A connection that worked for so long, without anything to announce, was no outage.
            if self.progress || begun.elapsed() > self.patience().outage {
                (self.failures, self.failing_since) = (0, None);
            }
            let error = match end {
                End::Unwanted => return,
                End::Silent(error) => {
                    self.factor = (self.factor * 2).min(PATIENCE_FACTOR_MAX);
                    error
                }
                End::Broken(error) => error,
            };
            if self.progress {
                self.lasting = 0;
                continue;
            }
            self.failures += 1;
            let now = Instant::now();
            let since = *self.failing_since.get_or_insert(now);
            at = self.endpoints.after(at);
            let lasts =
                matches!(&error, Error::Refused(_) | Error::Protocol(_)) && !error.retryable();
            self.lasting = if lasts { self.lasting + 1 } else { 0 };
            // Each endpoint has answered, and none can be used.
            let all_last = self.lasting >= self.endpoints.count();
            if now - since >= self.patience().outage || all_last {
                if self.notices.send(Err(error)).await.is_err() {
                    return;
                }
                self.failing_since = None;
            }
            tokio::select! {
                () = sleep(self.patience().pause(self.failures)) => {}
                () = self.notices.closed() => return,
            }
        }
    }

    fn patience(&self) -> &Patience {
        self.endpoints.patience()
    }

    fn silence(&self) -> Duration {
        self.patience().silence * self.factor
    }

    /// Connects to an endpoint, and delivers notices until the connection ends.
    async fn session(&mut self, at: usize) -> End {
        let url = self.endpoints.socket_url(at);
        let silence = self.silence();
        let notices = self.notices.clone();
        let opened = tokio::select! {
            opened = timeout(silence, open(&url, silence)) => opened,
            () = notices.closed() => return End::Unwanted,
        };
        let client = match opened {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return End::Broken(Error::of_call(&url, error)),
            Err(_) => return End::Silent(silent(&url, "connecting took too long")),
        };
        let status = match client.status().await {
            Ok(status) => status,
            Err(error) => return ended(&url, error),
        };
        if let Err(error) = self.endpoints.check(at, &status) {
            return End::Broken(error);
        }
        self.subject.begin(status.height);
        loop {
            let subscription = match self.subject.subscribe(&client).await {
                Ok(subscription) => subscription,
                Err(error) => return ended(&url, error),
            };
            match self.listen(&url, &client, subscription).await {
                Stop::Lagged => {}
                Stop::Line(end) => return end,
            }
        }
    }

    /// Delivers the notices of a subscription.
    async fn listen(
        &mut self,
        url: &str,
        client: &WsClient,
        mut subscription: Subscription<S::Notice>,
    ) -> Stop {
        let notices = self.notices.clone();
        let (mut heard, mut owed, mut received) = (Instant::now(), 0, 0);
        loop {
            tokio::select! {
                biased;
                () = notices.closed() => return Stop::Line(End::Unwanted),
                notice = subscription.next() => {
                    received += 1;
                    let lag = Lag { has_lagged: has_lagged(&subscription), received };
                    if let Err(stop) = self.deliver((url, client), lag, notice).await {
                        return stop;
                    }
                    (heard, owed) = (Instant::now(), 0);
                }
                error = client.on_disconnect() => return Stop::Line(ended(url, error)),
                () = sleep_until(heard + self.silence()) => {
                    let status = tokio::select! {
                        biased;
                        notice = subscription.next() => {
                            received += 1;
                            let lag = Lag { has_lagged: has_lagged(&subscription), received };
                            if let Err(stop) = self.deliver((url, client), lag, notice).await {
                                return stop;
                            }
                            None
                        }
                        status = client.status() => match status {
                            Ok(status) => Some(status),
                            Err(error) => return Stop::Line(ended(url, error)),
                        },
                    };
                    heard = Instant::now();
                    if status.as_ref().is_some_and(|it| !it.ready) && !self.endpoints.is_single() {
                        let reason = "the node is not ready";
                        return Stop::Line(End::Broken(silent(url, reason)));
                    }
                    let is_owed = |it: &Status| self.subject.is_owed(it.height);
                    owed = if status.as_ref().is_some_and(is_owed) { owed + 1 } else { 0 };
                    if owed >= OWED_MAX {
                        let reason = "the node has more than its subscription sent";
                        return Stop::Line(End::Broken(silent(url, reason)));
                    }
                }
            }
        }
    }

    /// Delivers a notice to the consumer when it has room.
    async fn deliver(
        &mut self,
        (url, client): (&str, &WsClient),
        lag: Lag,
        notice: Option<Result<S::Notice, serde_json::Error>>,
    ) -> Result<(), Stop> {
        let wrong = |text: String| {
            let reason = format!("the node at {url} sent an unexpected notice: {text}");
            Stop::Line(End::Broken(Error::Protocol(reason)))
        };
        let notice = match notice {
            Some(Ok(notice)) => notice,
            Some(Err(error)) => return Err(wrong(error.to_string())),
            None => {
                let closed = || Stop::Line(End::Broken(silent(url, "the subscription was closed")));
                return Err(if lag.has_lagged { Stop::Lagged } else { closed() });
            }
        };
        if lag.can_be_after_a_gap() {
            return Err(Stop::Lagged);
        }
        let notices = self.subject.expand(client, notice).await;
        for notice in notices.map_err(|error| Stop::Line(ended(url, error)))? {
            self.subject.advance(&notice).map_err(wrong)?;
            self.progress = true;
            self.notices.send(Ok(notice)).await.map_err(|_| Stop::Line(End::Unwanted))?;
        }
        Ok(())
    }
}

async fn open(url: &str, silence: Duration) -> Result<WsClient, ClientError> {
    // The pings prevent proxies from closing an idle connection; requests detect whether it is alive.
    let pings = PingConfig::new().ping_interval(silence / 2).inactive_limit(silence * 4);
    WsClientBuilder::default()
        // The caller's timeout decides: it knows the silence from other errors.
        .connection_timeout(silence * 2)
        .request_timeout(silence)
        .max_concurrent_requests(REQUESTS_MAX)
        .max_buffer_capacity_per_subscription(MESSAGES_MAX)
        .max_response_size(MESSAGE_BYTES_MAX)
        .enable_ws_ping(pings)
        .build(url)
        .await
}

/// How a message was received.
#[derive(Clone, Copy)]
pub(super) struct Lag {
    /// Whether messages were dropped by the time it was received.
    pub(super) has_lagged: bool,
    /// Its number in the subscription, from 1.
    pub(super) received: usize,
}

impl Lag {
    /// Whether messages before this one can be missing. The library ends a subscription some time after it dropped a
    /// message, and delivers those that come until then if there is room for them. It drops none before it kept the
    /// first [`MESSAGES_MAX`], so these are complete, and each subscription makes progress.
    pub(super) fn can_be_after_a_gap(self) -> bool {
        self.has_lagged && self.received > MESSAGES_MAX
    }
}

/// Whether the connection dropped messages for which the consumer had no room.
fn has_lagged<N>(subscription: &Subscription<N>) -> bool {
    matches!(subscription.close_reason(), Some(SubscriptionCloseReason::Lagged))
}

fn ended(url: &str, error: ClientError) -> End {
    match error {
        ClientError::RequestTimeout => End::Silent(silent(url, "no answer came in time")),
        other => match Error::of_call(url, other) {
            // The library's error text for a closed connection.
            Error::Protocol(reason) if reason.contains("reason could not be found") => {
                End::Broken(silent(url, "the connection was closed"))
            }
            error => End::Broken(error),
        },
    }
}

fn silent(url: &str, reason: &str) -> Error {
    Error::Unreachable { url: url.to_owned(), reason: reason.to_owned() }
}
