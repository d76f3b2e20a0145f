//! Health, readiness, status and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::live::Live;
use super::reply::{self, Reply};
use crate::progress::{Progress, State, now_ms};

/// The content type of the text format for metrics.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counts of answers by the class of their status. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<[AtomicU64; 3]>);

impl Counts {
    /// Counts an answer.
    pub(crate) fn count(&self, status: StatusCode) {
        let class = match status {
            status if status.is_server_error() => 2,
            status if status.is_client_error() => 1,
            _ => 0,
        };
        self.0[class].fetch_add(1, Ordering::Relaxed);
    }

    fn of(&self, class: usize) -> u64 {
        self.0[class].load(Ordering::Relaxed)
    }
}

/// Whether the tables are fresh.
pub(crate) fn ready(progress: &Progress) -> Reply {
    let state = progress.state();
    let status = if state.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    document(status, &state)
}

/// The progress.
pub(crate) fn status(progress: &Progress) -> Reply {
    document(StatusCode::OK, &progress.state())
}

fn document(status: StatusCode, state: &State) -> Reply {
    match serde_json::to_string(state) {
        Ok(text) => reply::text(status, "application/json", text),
        Err(error) => broken(&error),
    }
}

/// Metrics for Prometheus.
pub(crate) fn metrics(progress: &Progress, counts: &Counts, live: (&Live, usize)) -> Reply {
    match text(&progress.state(), counts, live) {
        Ok(text) => reply::text(StatusCode::OK, METRICS, text),
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn std::error::Error) -> Reply {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    reply::text(status, "text/plain; charset=utf-8", error.to_string())
}

fn text(state: &State, counts: &Counts, live: (&Live, usize)) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("ehb_indexer");
    let height = state.height.unwrap_or(0);
    let lag_ms = state.block_time_ms.map_or(0, |time| now_ms().saturating_sub(time));
    let streams = live.1.saturating_sub(live.0.free());
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
    let published = state.published_height.unwrap_or(0);
    gauge("published_height", "Last block whose events the outbox has published", published);
    let failing = u64::from(state.outbox_problem.is_some());
    gauge("outbox_failing", "Whether the outbox cannot publish", failing);
    gauge("ready", "Whether the tables are fresh", u64::from(state.is_ready()));
    gauge("live_streams", "Open live streams", streams as u64);
    let mut counter = |name: &str, help: &str, value: u64| {
        registry.register(name, help, ConstCounter::new(value));
    };
    counter("blocks_written", "Blocks written since the start", state.blocks_written);
    counter("rows_written", "Rows written since the start", state.rows_written);
    counter("answers", "Answers that succeeded", counts.of(0));
    counter("answers_refused", "Requests that were refused because of the client", counts.of(1));
    counter("answers_failed", "Requests that failed because of the server", counts.of(2));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
