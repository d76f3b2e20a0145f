use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::http::page;
use crate::limits::{
    ACCEPT_PAUSE_MS, HEAD_BYTES_MAX, HEAD_LINES_MAX, HEAD_SECONDS_MAX, METRICS_CONNECTIONS_MAX,
};
use crate::stall::StallGuard;

/// Gives the metrics as OpenMetrics text whenever they are asked for.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// Serves `/metrics` on a listener of its own, which need not be reachable by clients.
pub struct MetricsServer {
    listener: TcpListener,
    address: SocketAddr,
    text: MetricsText,
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl MetricsServer {
    /// Listens; port 0 chooses a free one.
    pub async fn bind(listen: SocketAddr, text: MetricsText) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, text })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the future is dropped.
    pub async fn run(self) {
        let places = Arc::new(Semaphore::new(METRICS_CONNECTIONS_MAX));
        let mut tasks = JoinSet::new();
        loop {
            tokio::select! {
                _ = tasks.join_next(), if !tasks.is_empty() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        if let Ok(place) = places.clone().try_acquire_owned() {
                            let text = self.text.clone();
                            tasks.spawn(async move {
                                serve(stream, text).await;
                                drop(place);
                            });
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection for metrics");
                        tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                    }
                },
            }
        }
    }
}

async fn serve(stream: TcpStream, text: MetricsText) {
    let service = service_fn(move |request: Request<Incoming>| {
        let response = match (request.method(), request.uri().path()) {
            (&Method::GET, "/metrics") => page(StatusCode::OK, OPEN_METRICS, text()),
            _ => page(
                StatusCode::NOT_FOUND,
                "text/plain; charset=utf-8",
                "metrics are at /metrics\n",
            ),
        };
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
        .max_headers(HEAD_LINES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(StallGuard::new(stream)), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection for metrics ended");
    }
}
