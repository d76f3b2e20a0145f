//! Serves what operators ask over HTTP: health, readiness and metrics.

use std::io;
use std::net::SocketAddr;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use crate::progress::{Progress, State, now_ms};

/// The content type of the text format for metrics.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves until the future is dropped.
pub async fn serve(listener: TcpListener, progress: Progress) -> io::Result<()> {
    axum::serve(listener, router(progress)).await
}

/// Binds the address to serve at.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

fn router(progress: Progress) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/status", get(status))
        .route("/metrics", get(metrics))
        .with_state(progress)
}

async fn ready(Shared(progress): Shared<Progress>) -> impl IntoResponse {
    let state = progress.state();
    let code = if state.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(state))
}

async fn status(Shared(progress): Shared<Progress>) -> impl IntoResponse {
    Json(progress.state())
}

async fn metrics(Shared(progress): Shared<Progress>) -> impl IntoResponse {
    match metrics_text(&progress.state()) {
        Ok(text) => Ok(([("content-type", METRICS_TYPE)], text)),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
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
