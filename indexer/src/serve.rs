//! Serves health, readiness, status and metrics over HTTP.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::progress::{Progress, State, now_ms};

/// The content type of the text format for metrics.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// The maximum number of concurrent connections; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 64;
/// The time limit of a connection, which serves one request.
const CONNECTION_MAX: Duration = Duration::from_secs(15);
/// The limits of a request's head: time, lines and bytes.
const HEAD_MAX: Duration = Duration::from_secs(5);
const HEAD_LINES_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 16 << 10;
/// The pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type Page = Response<Full<Bytes>>;

/// Binds the address to listen on.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until the future is dropped.
pub async fn serve(listener: TcpListener, progress: Progress) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let progress = progress.clone();
                tasks.spawn(async move {
                    // A client that exceeds the time limit is disconnected; there is nothing to report.
                    let _ = timeout(CONNECTION_MAX, connection(stream, &progress)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, progress: &Progress) {
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let answer = answer(request.method(), request.uri().path(), progress);
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .keep_alive(false)
        .header_read_timeout(HEAD_MAX)
        .max_headers(HEAD_LINES_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended");
    }
}

/// The answer to a request.
pub fn answer(method: &Method, path: &str, progress: &Progress) -> Page {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "use GET\n".to_owned());
    }
    let state = progress.state();
    match path {
        "/health" => page(StatusCode::OK, TEXT, "ok\n".to_owned()),
        "/readyz" if state.is_ready() => json(StatusCode::OK, &state),
        "/readyz" => json(StatusCode::SERVICE_UNAVAILABLE, &state),
        "/status" => json(StatusCode::OK, &state),
        "/metrics" => match metrics_text(&state) {
            Ok(text) => page(StatusCode::OK, METRICS, text),
            Err(error) => page(StatusCode::INTERNAL_SERVER_ERROR, TEXT, error.to_string()),
        },
        _ => {
            let text = "use /health, /readyz, /status or /metrics\n".to_owned();
            page(StatusCode::NOT_FOUND, TEXT, text)
        }
    }
}

fn json(status: StatusCode, document: &impl Serialize) -> Page {
    match serde_json::to_string(document) {
        Ok(text) => page(status, JSON, text),
        Err(error) => page(StatusCode::INTERNAL_SERVER_ERROR, TEXT, error.to_string()),
    }
}

fn page(status: StatusCode, kind: &'static str, text: String) -> Page {
    let mut page = Response::new(Full::new(Bytes::from(text)));
    *page.status_mut() = status;
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    page
}

fn metrics_text(state: &State) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("ehb_indexer");
    let height = state.height.unwrap_or(0);
    let lag_ms = state.block_time_ms.map_or(0, |time| now_ms().saturating_sub(time));
    let mut gauge = |name: &str, help: &str, value: u64| {
        registry.register(name, help, ConstGauge::new(value));
    };
    gauge("height", "Last block in the tables", height);
    gauge("head_height", "Last block that the endpoints are known to have", state.head);
    gauge("blocks_behind", "Blocks of the head that are not in the tables", state.blocks_behind());
    gauge("block_age_milliseconds", "Age of the last block in the tables", lag_ms);
    let verified = state.verified_height.unwrap_or(0);
    gauge("verified_height", "Height at which the tables were compared with the chain", verified);
    gauge("differences", "Differences that were found then", state.differences);
    gauge("ready", "Whether the tables are fresh", u64::from(state.is_ready()));
    let mut counter = |name: &str, help: &str, value: u64| {
        registry.register(name, help, ConstCounter::new(value));
    };
    counter("blocks_written", "Blocks written since the start", state.blocks_written);
    counter("rows_written", "Rows written since the start", state.rows_written);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
