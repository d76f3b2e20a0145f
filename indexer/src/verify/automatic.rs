//! Verifies the tables at intervals while they are written.

use ehb_sdk::Client;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use super::record::{self, Kind};
use super::{NodeReads, Scope, VerifyError};
use crate::progress::Progress;

/// The number of blocks between two verifications, if the settings do not have another one.
pub const EVERY: u64 = 10_000;

/// Runs at most one verification at a time.
pub struct Automatic {
    database: PgConnectOptions,
    progress: Progress,
    /// The number of blocks between two verifications.
    every: u64,
    /// The height from which on the next verification is due.
    next: u64,
    running: Option<JoinHandle<()>>,
}

impl Automatic {
    /// With the tables at a height.
    pub fn new(
        database: PgConnectOptions,
        progress: Progress,
        every: u64,
        height: Option<u64>,
    ) -> Self {
        let every = every.max(1);
        Self { database, progress, every, next: after(height.unwrap_or(0), every), running: None }
    }

    /// Starts a verification if one is due after the block at a height was written. `url` is a node.
    pub fn wrote(&mut self, height: u64, url: &str) {
        let is_running = self.running.as_ref().is_some_and(|it| !it.is_finished());
        if height < self.next || is_running {
            return;
        }
        self.next = after(height, self.every);
        let (database, progress, url) =
            (self.database.clone(), self.progress.clone(), url.to_owned());
        self.running = Some(tokio::spawn(async move {
            match verify(&database, &progress, &url).await {
                Ok(()) => {}
                Err(error) if error.is_pruned() => {
                    tracing::warn!(
                        "not verified after height {height}: {error}; use a node with an archive"
                    );
                }
                Err(error) => tracing::warn!("not verified after height {height}: {error}"),
            }
        }));
    }
}

impl Drop for Automatic {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// The first multiple above a height.
fn after(height: u64, every: u64) -> u64 {
    (height / every).saturating_add(1).saturating_mul(every)
}

/// Verifies the rows that changed since the last verification without a difference.
async fn verify(
    database: &PgConnectOptions,
    progress: &Progress,
    url: &str,
) -> Result<(), VerifyError> {
    let mut connection = database.clone().application_name("ehb-indexer verify").connect().await?;
    let client = Client::connect(url).await?;
    let scope = Scope { at: None, since: record::verified(&mut connection).await? };
    let reads = |height| NodeReads::new(client, height);
    let report = super::run(&mut connection, reads, scope).await?;
    record::write(&mut connection, &report, Kind::Automatic).await?;
    progress.verified(report.height, report.differing);
    for difference in &report.differences {
        tracing::error!(height = report.height, "the tables differ from the chain: {difference}");
    }
    tracing::info!(
        height = report.height,
        compared = report.compared,
        differences = report.differing,
        "verified"
    );
    Ok(())
}
