//! Serves the tables over HTTP: lists, single items, search, exports, a live stream, health and metrics.

mod api;
mod clients;
mod connection;
mod csv;
mod cursor;
mod dashboard;
mod detail;
mod failure;
mod hosts;
mod limits;
mod live;
mod notifications;
mod openapi;
mod query;
mod reply;
mod resource;
mod routes;
mod session;
mod status;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;

use crate::progress::Progress;
use api::Api;
pub use dashboard::Dashboard;
use hosts::AllowedHosts;
pub use limits::Limits;
use live::Live;
use routes::Site;
pub use session::Access;
use status::Counts;

/// The options of a server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Host names under which clients address the server, besides loopback and the local address; pages from them can
    /// read its answers.
    pub allowed_hosts: Vec<String>,
    /// Who may read what.
    pub access: Access,
    /// The limits.
    pub limits: Limits,
    /// The pages for people, if there are any.
    pub dashboard: Option<Dashboard>,
}

/// Binds the address to listen on.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// The heartbeats without a block after which tables are not fresh any more: on an idle chain the last block waits for
/// its successor, so two are usual.
const STALE_HEARTBEATS: i64 = 5;

/// Updates the progress from the cursor that another process moves.
pub async fn follow(connection: &mut PgConnection, progress: &Progress) -> Result<(), sqlx::Error> {
    let row: Option<(Option<i64>, Option<i64>, Option<i64>)> = sqlx::query_as(
        "select height, (extract(epoch from block_time) * 1000)::bigint, (
             select (value #>> '{}')::bigint from chain.parameter where name = 'consensus.heartbeat_ms'
             order by from_height desc limit 1
         ) from chain.cursor",
    )
    .fetch_optional(connection)
    .await?;
    let (height, time_ms, heartbeat_ms) = row.unwrap_or_default();
    let natural = |number: i64| u64::try_from(number).unwrap_or(0);
    let stale_ms = heartbeat_ms.unwrap_or(i64::MAX).saturating_mul(STALE_HEARTBEATS);
    progress.follow(height.map(natural), time_ms.map(natural), natural(stale_ms));
    Ok(())
}

/// Serves a database until the future is dropped. It never writes, so a replica serves as well.
pub async fn serve(
    listener: TcpListener,
    progress: Progress,
    database: PgConnectOptions,
    settings: Settings,
) {
    let api = Api::new(database);
    let live = Live::new(settings.limits.streams, settings.limits.streams_per_client);
    let site = Site {
        progress,
        access: settings.access,
        api: api.clone(),
        live: (live.clone(), settings.limits.streams),
        hosts: Arc::new(AllowedHosts(settings.allowed_hosts)),
        counts: Counts::default(),
        dashboard: settings.dashboard,
    };
    let limits = settings.limits.within_files();
    tokio::join!(connection::accept(listener, site, &limits), live.follow(&api));
}
