//! Accepts connections, serves each in its own task, and closes them when the server stops.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use ehb_types::Code;
use http::header::{CONNECTION, HeaderValue};
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::{
    BatchRequestConfig, PingConfig, ServerBuilder, ServerConfig as LibraryConfig, ServerHandle,
    stop_channel,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::answers::Answers;
use crate::backend::Backend;
use crate::call_source::Resources;
use crate::client::Clients;
use crate::client_key::ClientKey;
use crate::connections::{Connection, Connections};
use crate::guarded::GuardedStream;
use crate::http::{Door, Site};
use crate::limits::{
    ACCEPT_PAUSE_MS, ANSWER_BYTES_MAX, BATCH_CALLS_MAX, FOLLOWERS_READING_MAX,
    FOLLOWERS_WAITING_MAX, Limits, PING_SECONDS, REFUSED_AT_ONCE_MAX, REFUSED_SECONDS_MAX,
    REQUEST_BYTES_MAX, SESSION_OUTGOING_MAX, SESSION_SUBSCRIPTIONS_MAX, SILENCE_SECONDS_MAX,
};
use crate::origin::AllowedHosts;
use crate::pages;
use crate::pool::Full;
use crate::usage::Usage;
use crate::waiters::Waiters;
use crate::workers::Workers;

/// The configuration of the server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The address to listen on, for HTTP and WebSocket; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// Host names under which clients address the node, and whose pages may call it, beyond
    /// loopback and the node's own IP address; without port.
    pub allowed_hosts: Vec<String>,
    /// Proxies whose header `X-Forwarded-For` identifies the client. Their own address is not a client.
    pub trusted_proxies: Vec<IpAddr>,
    /// The limits of clients.
    pub limits: Limits,
}

impl ServerConfig {
    /// The defaults at an address.
    pub fn at(listen: SocketAddr) -> Self {
        let (allowed_hosts, trusted_proxies) = (Vec::new(), Vec::new());
        Self { listen, allowed_hosts, trusted_proxies, limits: Limits::default() }
    }
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; is the port in use?")]
    Listen {
        /// The address from the settings.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// Two methods have the same name, which is a bug.
    #[error("the methods cannot be registered: {0}")]
    Methods(#[from] RegisterMethodError),
}

/// A server that listens, and answers while [`Server::run`] is running.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Arc<Site>,
    connections: Arc<Connections>,
    waiters: Waiters,
    readers: Workers,
    library: ServerHandle,
}

/// The time limit for connections to end when the server stops, seconds.
const STOP_SECONDS: u64 = 2;

impl Server {
    /// Listens.
    pub async fn bind(
        config: ServerConfig,
        backend: Arc<dyn Backend>,
    ) -> Result<Self, ServerError> {
        let (address, limits) = (config.listen, config.limits);
        let failed = |source| ServerError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let waiters = Waiters::default();
        let usage = Arc::new(Usage::default());
        let readers = Workers::new(FOLLOWERS_READING_MAX, FOLLOWERS_WAITING_MAX);
        let answers = Answers::new(backend.clone(), waiters.clone());
        let (stop, library) = stop_channel();
        let site = Arc::new(Site {
            backend,
            methods: answers.methods()?,
            library: ServerBuilder::with_config(library_config()).to_service_builder(),
            stop,
            hosts: AllowedHosts(config.allowed_hosts),
            proxies: config.trusted_proxies.iter().map(IpAddr::to_canonical).collect(),
            clients: Clients::new(limits),
            resources: Resources::new(&limits, usage.clone()),
            next_session: AtomicU32::new(0),
        });
        let connections =
            Connections::new(limits.connections_max, limits.client_connections_max, usage);
        Ok(Self { listener, address, site, connections, waiters, readers, library })
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's counters.
    pub fn usage(&self) -> Arc<Usage> {
        self.site.resources.usage.clone()
    }

    /// Answers until `stop` completes; then closes the connections. Dropping the future closes all at once.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        // Also if the future is dropped.
        let _closer = Closer(self.connections.clone());
        let mut tasks = JoinSet::new();
        let follower = tasks.spawn(self.waiters.follow(self.site.backend.clone(), self.readers));
        tokio::pin!(stop);
        let refusals = Arc::new(Semaphore::new(REFUSED_AT_ONCE_MAX));
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = tasks.join_next(), if !tasks.is_empty() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, remote)) => {
                        let remote = remote.ip().to_canonical();
                        let proxied = self.site.proxies.contains(&remote);
                        let client = (!proxied).then(|| ClientKey::of(remote));
                        match self.connections.enter(client) {
                            Ok(connection) => {
                                let door = (self.site.clone(), Arc::new(connection), remote);
                                tasks.spawn(serve(door, stream, stopped.clone()));
                            }
                            Err(full) => {
                                self.site.resources.usage.count_refused();
                                if let Ok(place) = refusals.clone().try_acquire_owned() {
                                    tasks.spawn(refuse(self.site.clone(), stream, full, place));
                                }
                            }
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                    }
                },
            }
        }
        stopping.send_replace(true);
        // WebSockets are closed with a close frame.
        let _ = self.library.stop();
        follower.abort();
        drop(self.listener);
        let connections = self.connections.clone();
        let ended = async {
            while tasks.join_next().await.is_some() {}
            connections.all_left().await;
        };
        // Remaining connections are closed.
        let _ = tokio::time::timeout(Duration::from_secs(STOP_SECONDS), ended).await;
    }
}

/// Closes all connections when dropped.
struct Closer(Arc<Connections>);

impl Drop for Closer {
    fn drop(&mut self) {
        self.0.close_all();
    }
}

/// The limits that the library's server enforces.
fn library_config() -> LibraryConfig {
    let bytes = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let ping = PingConfig::new()
        .ping_interval(Duration::from_secs(PING_SECONDS))
        .inactive_limit(Duration::from_secs(SILENCE_SECONDS_MAX))
        .max_failures(1);
    LibraryConfig::builder()
        .max_request_body_size(bytes(REQUEST_BYTES_MAX))
        .max_response_body_size(bytes(ANSWER_BYTES_MAX))
        // Connections are counted where they are accepted.
        .max_connections(u32::MAX)
        .max_subscriptions_per_connection(SESSION_SUBSCRIPTIONS_MAX)
        .set_batch_request_config(BatchRequestConfig::Limit(bytes(BATCH_CALLS_MAX)))
        .set_message_buffer_capacity(SESSION_OUTGOING_MAX)
        .enable_ws_ping(ping)
        .build()
}

/// Answers one request of a connection without a slot, and closes it: returns whether the node is ready, or
/// why the request is rejected.
async fn refuse(site: Arc<Site>, stream: TcpStream, full: Full, _place: OwnedSemaphorePermit) {
    let service = service_fn(move |request: Request<Incoming>| {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let mut page = match request.uri().path() {
            "/health" if reads => pages::health(),
            "/readyz" if reads => pages::readiness(&site.backend.readiness()),
            _ => {
                let (code, text, hint) = without_slot(full);
                pages::refused(StatusCode::SERVICE_UNAVAILABLE, code, text, hint)
            }
        };
        page.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        std::future::ready(Ok::<_, Infallible>(page))
    });
    let http = pages::http().serve_connection(TokioIo::new(stream), service);
    // Remaining connections are closed.
    let _ = tokio::time::timeout(Duration::from_secs(REFUSED_SECONDS_MAX), http).await;
}

/// Why a connection has no slot, and what its client can do.
fn without_slot(full: Full) -> (Code, &'static str, &'static str) {
    match full {
        Full::Client => (
            Code::LimitExceeded,
            "this address has already its share of connections, and all are in use",
            "close connections, or use those that are open for more calls",
        ),
        Full::All => (
            Code::NotReady,
            "the node has already its maximum of connections",
            "try again in some seconds: connections in long use give way",
        ),
    }
}

/// Waits until the server stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Serves one connection: HTTP requests, until one of them makes it a WebSocket, which the library serves.
async fn serve(
    (site, connection, remote): (Arc<Site>, Arc<Connection>, IpAddr),
    stream: TcpStream,
    mut stopping: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else { return };
    // Without it, answers are only delayed.
    let _ = stream.set_nodelay(true);
    let stream = GuardedStream::new(stream, connection.wire().clone());
    let local = local.ip().to_canonical();
    let door = Arc::new(Door { site, connection, local, remote });
    let service = service_fn(move |request| door.clone().answer(request));
    let http = pages::http().serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(http);
    let ended = tokio::select! {
        ended = &mut http => ended,
        () = stopped(&mut stopping) => {
            http.as_mut().graceful_shutdown();
            http.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}
