//! The HTTP listener for operators, with health, readiness and metrics.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::ACCEPT;
use http::{HeaderMap, Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::backend::Readiness;
use crate::client_key::ClientKey;
use crate::connections::{Connection, Connections};
use crate::guarded::GuardedStream;
use crate::limits::{ACCEPT_PAUSE_MS, OPERATIONS_CONNECTIONS_MAX};
use crate::pages::{self, Page, TEXT, health, page, readiness};
use crate::prometheus::prometheus_text;
use crate::usage::Usage;

/// The data for operators' tools.
#[derive(Clone)]
pub struct Operations {
    /// Returns the metrics as OpenMetrics text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Returns whether the node is ready.
    pub readiness: Arc<dyn Fn() -> Readiness + Send + Sync>,
}

/// Serves `/health`, `/readyz` and `/metrics` on a separate listener, so that the load of clients cannot lock
/// out operators' tools.
pub struct OperationsServer {
    listener: TcpListener,
    address: SocketAddr,
    operations: Operations,
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

impl OperationsServer {
    /// Listens; port 0 chooses a free one.
    pub async fn bind(listen: SocketAddr, operations: Operations) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, operations })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the future is dropped.
    pub async fn run(self) {
        let most = OPERATIONS_CONNECTIONS_MAX;
        let connections = Connections::new(most, most, Arc::new(Usage::default()));
        let mut tasks = JoinSet::new();
        loop {
            tokio::select! {
                _ = tasks.join_next(), if !tasks.is_empty() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, remote)) => {
                        if let Ok(connection) = connections.enter(Some(ClientKey::of(remote.ip()))) {
                            tasks.spawn(serve(stream, connection, self.operations.clone()));
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection for metrics and health");
                        tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                    }
                },
            }
        }
    }
}

async fn serve(stream: TcpStream, connection: Connection, operations: Operations) {
    let service = service_fn(|request: Request<Incoming>| {
        let _busy = connection.busy();
        std::future::ready(Ok::<_, Infallible>(operations.answer(&request)))
    });
    let stream = TokioIo::new(GuardedStream::new(stream, connection.wire().clone()));
    if let Err(error) = pages::http().serve_connection(stream, service).await {
        tracing::debug!(%error, "a connection for metrics and health ended");
    }
}

impl Operations {
    fn answer<B>(&self, request: &Request<B>) -> Page {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "use GET\n");
        }
        match request.uri().path() {
            "/health" => health(),
            "/readyz" => readiness(&(self.readiness)()),
            "/metrics" if takes_open_metrics(request.headers()) => {
                page(StatusCode::OK, OPEN_METRICS, (self.metrics)())
            }
            "/metrics" => page(StatusCode::OK, PROMETHEUS, prometheus_text(&(self.metrics)())),
            _ => page(StatusCode::NOT_FOUND, TEXT, "use /metrics, /health or /readyz\n"),
        }
    }
}

/// Whether the header `Accept` prefers OpenMetrics to Prometheus' own format, which everything else reads.
fn takes_open_metrics(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (mut open_metrics, mut plain) = (0.0f32, 0.0f32);
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality = quality.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
        if kind.eq_ignore_ascii_case("application/openmetrics-text") {
            open_metrics = open_metrics.max(quality);
        } else if ["text/plain", "text/*", "*/*"].iter().any(|it| kind.eq_ignore_ascii_case(it)) {
            plain = plain.max(quality);
        }
    }
    open_metrics > 0.0 && open_metrics >= plain
}
