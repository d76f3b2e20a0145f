use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jsonrpsee::core::RegisterMethodError;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::answers::Answers;
use crate::backend::Backend;
use crate::budget::{AnswerBudget, Workers};
use crate::connections::{Connection, Connections};
use crate::dispatch::Session;
use crate::http::{Door, Site};
use crate::limits::{ACCEPT_PAUSE_MS, HEAD_BYTES_MAX, HEAD_LINES_MAX, HEAD_SECONDS_MAX};
use crate::origin::AllowedHosts;
use crate::stall::StallGuard;
use crate::usage::Usage;
use crate::waiters::Waiters;
use crate::websocket;

/// How the server is reached.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where to listen, for HTTP and WebSocket alike; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// Host names under which clients address the node, and whose pages may call it, beyond
    /// loopback and the node's own IP address; without port.
    pub allowed_hosts: Vec<String>,
    /// How many connections can be open, at least 2.
    pub connections_max: usize,
}

impl ServerConfig {
    /// The default number of connections.
    pub const CONNECTIONS_MAX: usize = 1_024;

    /// The defaults at an address.
    pub fn at(listen: SocketAddr) -> Self {
        Self { listen, allowed_hosts: Vec::new(), connections_max: Self::CONNECTIONS_MAX }
    }
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; is the port in use?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Two methods have one name, which is a mistake in the program.
    #[error("the methods cannot be registered: {0}")]
    Methods(#[from] RegisterMethodError),
}

/// A server that listens, and answers once [`Server::run`] runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Arc<Site>,
    connections: Arc<Connections>,
    waiters: Waiters,
    readers: Workers,
}

/// How long connections have to end when the server stops, seconds.
const STOP_SECONDS: u64 = 2;

impl Server {
    /// Listens.
    pub async fn bind(
        config: ServerConfig,
        backend: Arc<dyn Backend>,
    ) -> Result<Self, ServerError> {
        let address = config.listen;
        let failed = |source| ServerError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let waiters = Waiters::default();
        let usage = Arc::new(Usage::default());
        let readers = Workers::new();
        let answers =
            Answers::new(backend.clone(), Workers::new(), readers.clone(), waiters.clone());
        let site = Arc::new(Site {
            backend,
            methods: answers.methods()?,
            budget: AnswerBudget::new(),
            hosts: AllowedHosts(config.allowed_hosts),
            usage: usage.clone(),
            sessions_max: (config.connections_max / 2) as u64,
        });
        let connections = Arc::new(Connections::new(config.connections_max, usage));
        Ok(Self { listener, address, site, connections, waiters, readers })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the server does, counted.
    pub fn usage(&self) -> Arc<Usage> {
        self.site.usage.clone()
    }

    /// Answers until `stop` is done; then ends the connections. Dropping the future ends all at
    /// once.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let session_number = Arc::new(AtomicUsize::new(1));
        let mut tasks = JoinSet::new();
        let follower = tasks.spawn(self.waiters.follow(self.site.backend.clone(), self.readers));
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = tasks.join_next(), if !tasks.is_empty() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => match self.connections.enter() {
                        Some(connection) => {
                            let session = Session::new(session_number.fetch_add(1, Ordering::Relaxed));
                            let site = self.site.clone();
                            let stopped = stopped.clone();
                            tasks.spawn(serve(site, connection, stream, session, stopped));
                        }
                        None => self.site.usage.count_refused(),
                    },
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                    }
                },
            }
        }
        stopping.send_replace(true);
        follower.abort();
        drop(self.listener);
        let ended = async { while tasks.join_next().await.is_some() {} };
        // What has not ended by then is dropped with the set of tasks.
        let _ = tokio::time::timeout(Duration::from_secs(STOP_SECONDS), ended).await;
    }
}

/// Waits until the server stops.
pub(crate) async fn stop_told(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Serves one connection: HTTP requests, and after a handshake a WebSocket.
async fn serve(
    site: Arc<Site>,
    connection: Connection,
    stream: TcpStream,
    session: Session,
    mut stopping: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else { return };
    // Without it, answers only come later.
    let _ = stream.set_nodelay(true);
    let close = connection.close.clone();
    let upgrade = Mutex::new(None);
    let door = Arc::new(Door { site, connection, local: local.ip().to_canonical(), upgrade });
    let service = service_fn({
        let door = door.clone();
        move |request| door.clone().answer(request)
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
        .max_headers(HEAD_LINES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(StallGuard::new(stream)), service)
        .with_upgrades();
    tokio::pin!(http);
    let ended = tokio::select! {
        ended = &mut http => ended,
        () = close.notified() => return,
        () = stop_told(&mut stopping) => {
            http.as_mut().graceful_shutdown();
            http.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
    let upgrade = door.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((handshake, upgraded, _guard)) = upgrade else { return };
    let _busy = door.connection.busy();
    if let Ok(upgraded) = upgraded.await {
        websocket::serve(&door.site, handshake, upgraded, session, stopping).await;
    }
}
