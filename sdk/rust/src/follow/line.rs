//! One subscription over lines that fail.
//!
//! A connection that is closed says so. One that dies without a word does not: so a line on which
//! nothing came for [`Patience::silence`] is asked for the node's status, and given up where the
//! answer takes as long again. The answer also shows a subscription that the node has forgotten. The
//! connection is read all the time by a task of jsonrpsee's, so pings and their answers pass however
//! slow the consumer is; what the consumer does not take in time is dropped and asked for again.

use std::sync::Arc;
use std::time::Duration;

use ehb_rpc_api::ChainClient;
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::{Subscription, SubscriptionCloseReason};
use jsonrpsee::ws_client::{PingConfig, WsClient, WsClientBuilder};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::endpoints::Endpoints;
use crate::{Error, Patience};

/// How many messages the connection keeps for a slow consumer; what comes then is asked for again.
const MESSAGES_MAX: usize = 32;
/// The longest message, bytes.
const MESSAGE_BYTES_MAX: u32 = 32 << 20;
/// How many requests of this client are under way on its connection at most.
const REQUESTS_MAX: usize = 16;
/// After N failures without anything new, the error is returned.
const FAILURES_MAX: u32 = 10;
/// How many times longer than at first silence is borne on lines that are slow, not dead.
const PATIENCE_FACTOR_MAX: u32 = 8;
/// So many answers in a row must say that the node has more than it tells: one may overtake a notice.
const OWED_MAX: u32 = 2;

/// What is followed, and how far.
pub(super) trait Subject: Clone + Send + Sync + 'static {
    /// What is told.
    type Notice: DeserializeOwned + Send + 'static;

    /// Begins after the head where nothing else was asked for, so that what is decided while a line is
    /// broken is not missed.
    fn begin(&mut self, head: u64);

    /// Subscribes from the position on.
    fn subscribe(
        &self,
        client: &WsClient,
    ) -> impl Future<Output = Result<Subscription<Self::Notice>, ClientError>> + Send;

    /// What a notice of the subscription stands for. Where whole blocks are followed, the subscription
    /// announces their headers, and the blocks are read here, as many at a time as the node sends.
    fn expand(
        &self,
        client: &WsClient,
        notice: Self::Notice,
    ) -> impl Future<Output = Result<Vec<Self::Notice>, ClientError>> + Send;

    /// Moves past a notice. Errors: it does not follow on the last one.
    fn advance(&mut self, notice: &Self::Notice) -> Result<(), String>;

    /// Whether a node with this head must have something to tell.
    fn is_owed(&self, head: u64) -> bool;
}

/// Follows one subject at one endpoint after the other.
pub(super) struct Line<S: Subject> {
    endpoints: Arc<Endpoints>,
    subject: S,
    told: mpsc::Sender<Result<S::Notice, Error>>,
    /// What was borne so far without anything new.
    failures: u32,
    /// How many times the first patience is borne now.
    factor: u32,
    /// Whether something new came over the line at hand.
    progress: bool,
}

/// Why a line is of no use any more.
enum End {
    /// The consumer is gone.
    Unwanted,
    /// Nothing came over it in time.
    Silent(Error),
    /// All else.
    Broken(Error),
}

/// Why a subscription ended on a line that may still be good.
enum Stop {
    /// The consumer was slower than the node.
    Lagged,
    Line(End),
}

impl<S: Subject> Line<S> {
    pub(super) fn new(
        endpoints: Arc<Endpoints>,
        subject: S,
        told: mpsc::Sender<Result<S::Notice, Error>>,
    ) -> Self {
        Self { endpoints, subject, told, failures: 0, factor: 1, progress: false }
    }

    /// Follows until the consumer is gone.
    pub(super) async fn follow(mut self) {
        let mut at = self.endpoints.current();
        loop {
            self.progress = false;
            let end = self.session(at).await;
            if self.progress {
                (self.failures, self.factor) = (0, 1);
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
                continue;
            }
            self.failures += 1;
            at = self.endpoints.after(at);
            let lasting = matches!(&error, Error::Refused(_) | Error::Protocol(_))
                && !error.retryable()
                && self.endpoints.is_single();
            if self.failures >= FAILURES_MAX || lasting {
                if self.told.send(Err(error)).await.is_err() {
                    return;
                }
                self.failures = 0;
            }
            tokio::select! {
                () = sleep(self.patience().pause(self.failures)) => {}
                () = self.told.closed() => return,
            }
        }
    }

    fn patience(&self) -> &Patience {
        self.endpoints.patience()
    }

    fn silence(&self) -> Duration {
        self.patience().silence * self.factor
    }

    /// Connects to an endpoint, and tells what comes until the line ends.
    async fn session(&mut self, at: usize) -> End {
        let url = self.endpoints.socket_url(at);
        let silence = self.silence();
        let told = self.told.clone();
        let opened = tokio::select! {
            opened = timeout(silence, open(&url, silence)) => opened,
            () = told.closed() => return End::Unwanted,
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

    /// Tells what comes over a subscription.
    async fn listen(
        &mut self,
        url: &str,
        client: &WsClient,
        mut subscription: Subscription<S::Notice>,
    ) -> Stop {
        let told = self.told.clone();
        let (mut heard, mut owed) = (Instant::now(), 0);
        loop {
            tokio::select! {
                biased;
                () = told.closed() => return Stop::Line(End::Unwanted),
                notice = subscription.next() => {
                    let lagged = has_lagged(&subscription);
                    if let Err(stop) = self.tell((url, client), lagged, notice).await {
                        return stop;
                    }
                    (heard, owed) = (Instant::now(), 0);
                }
                error = client.on_disconnect() => return Stop::Line(ended(url, error)),
                () = sleep_until(heard + self.silence()) => {
                    let head = tokio::select! {
                        biased;
                        notice = subscription.next() => {
                            let lagged = has_lagged(&subscription);
                            if let Err(stop) = self.tell((url, client), lagged, notice).await {
                                return stop;
                            }
                            None
                        }
                        status = client.status() => match status {
                            Ok(status) => Some(status.height),
                            Err(error) => return Stop::Line(ended(url, error)),
                        },
                    };
                    heard = Instant::now();
                    owed = if head.is_some_and(|it| self.subject.is_owed(it)) { owed + 1 } else { 0 };
                    if owed >= OWED_MAX {
                        let reason = "the node has more than its subscription tells";
                        return Stop::Line(End::Broken(silent(url, reason)));
                    }
                }
            }
        }
    }

    /// Passes a notice on to the consumer, when it has room.
    async fn tell(
        &mut self,
        (url, client): (&str, &WsClient),
        has_lagged: bool,
        notice: Option<Result<S::Notice, serde_json::Error>>,
    ) -> Result<(), Stop> {
        let wrong = |text: String| {
            let reason = format!("the node at {url} tells what does not fit: {text}");
            Stop::Line(End::Broken(Error::Protocol(reason)))
        };
        let notice = match notice {
            Some(Ok(notice)) => notice,
            Some(Err(error)) => return Err(wrong(error.to_string())),
            None => {
                let closed = || Stop::Line(End::Broken(silent(url, "the subscription was closed")));
                return Err(if has_lagged { Stop::Lagged } else { closed() });
            }
        };
        let notices = self.subject.expand(client, notice).await;
        for notice in notices.map_err(|error| Stop::Line(ended(url, error)))? {
            self.subject.advance(&notice).map_err(wrong)?;
            self.progress = true;
            self.told.send(Ok(notice)).await.map_err(|_| Stop::Line(End::Unwanted))?;
        }
        Ok(())
    }
}

async fn open(url: &str, silence: Duration) -> Result<WsClient, ClientError> {
    // The pings keep proxies from closing an idle line; whether it lives is found out by requests.
    let pings = PingConfig::new().ping_interval(silence / 2).inactive_limit(silence * 4);
    WsClientBuilder::default()
        .connection_timeout(silence)
        .request_timeout(silence)
        .max_concurrent_requests(REQUESTS_MAX)
        .max_buffer_capacity_per_subscription(MESSAGES_MAX)
        .max_response_size(MESSAGE_BYTES_MAX)
        .enable_ws_ping(pings)
        .build(url)
        .await
}

/// Whether the connection dropped messages for which the consumer had no room.
fn has_lagged<N>(subscription: &Subscription<N>) -> bool {
    matches!(subscription.close_reason(), Some(SubscriptionCloseReason::Lagged))
}

fn ended(url: &str, error: ClientError) -> End {
    match error {
        ClientError::RequestTimeout => End::Silent(silent(url, "no answer came in time")),
        other => match Error::of_call(url, other) {
            // The library's own words for a connection that is gone.
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
