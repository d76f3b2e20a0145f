//! Verifies that the tables are right: compares rows with what the modules return after the same block, and sums
//! within the tables.
//!
//! Everything is read in one snapshot of the database, so the indexer can go on meanwhile. Nothing is repaired.

pub mod automatic;
pub mod balances;
pub mod record;
mod rows;
mod sums;

use std::time::Duration;

use ehb_sdk::api::At;
use ehb_sdk::{Client, Error};
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep};

use crate::write::WriteError;

/// Interval between reads of the cursor while it lags.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// The maximum number of differences in a report.
pub const DIFFERENCES_MAX: usize = 100;

/// Why the comparison failed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The node did not answer, or returned an error.
    #[error(transparent)]
    Node(#[from] Error),
    /// The database failed.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The rows cannot be read.
    #[error(transparent)]
    Rows(#[from] WriteError),
    /// The answer is not a page of balances.
    #[error("cannot parse the node's page of balances: {0}")]
    Page(String),
    /// The tables have no block.
    #[error("the tables have no block yet")]
    Empty,
    /// The tables do not reach the height.
    #[error("the tables are at height {at:?} and do not reach {height} within {} s", .patience.as_secs())]
    Behind {
        /// The height of the tables.
        at: Option<i64>,
        /// The required height.
        height: i64,
        /// How long it waited.
        patience: Duration,
    },
}

impl VerifyError {
    /// Whether the node no longer keeps the state of that height.
    pub fn is_pruned(&self) -> bool {
        matches!(self, Self::Node(Error::Refused(data)) if data.code == "PRUNED")
    }

    /// Whether the chain has no such module at that height.
    fn is_unknown_module(&self) -> bool {
        matches!(self, Self::Node(Error::Refused(data)) if data.code == "UNKNOWN_MODULE")
    }
}

/// Reads of modules in the state after one block.
pub trait Reads: Send + Sync {
    /// The result of a read-only function, or the error that the module returned.
    fn read<'a>(
        &'a self,
        module: &'a str,
        function: &'a str,
        arguments: Value,
    ) -> BoxFuture<'a, Result<Result<Value, Value>, VerifyError>>;
}

/// Reads through a node.
pub struct NodeReads {
    client: Client,
    height: u64,
}

impl NodeReads {
    /// In the state after the block at a height.
    pub fn new(client: Client, height: u64) -> Self {
        Self { client, height }
    }
}

impl Reads for NodeReads {
    fn read<'a>(
        &'a self,
        module: &'a str,
        function: &'a str,
        arguments: Value,
    ) -> BoxFuture<'a, Result<Result<Value, Value>, VerifyError>> {
        Box::pin(async move {
            let at = At::Height(self.height);
            match self.client.read_at(module, function, &arguments, at).await {
                Ok(answer) => Ok(Ok(answer.value)),
                Err(Error::Refused(data)) => match &data.error {
                    Some(error) => Ok(Err(json!({ "error": error.value }))),
                    None => Err(Error::Refused(data).into()),
                },
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// The scope of a verification.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    /// The height of the state that is read: that of the tables if it is left out. Rows that changed later are skipped.
    pub at: Option<i64>,
    /// Only rows that changed after this height.
    pub since: Option<i64>,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The height of the block after which the values were compared.
    pub height: i64,
    /// The number of rows and balances that were compared with the chain.
    pub compared: u64,
    /// The number of rows that were skipped, because they changed after the height.
    pub skipped: u64,
    /// The number of sums that were checked.
    pub sums: u64,
    /// How many differences there are.
    pub differing: u64,
    /// The first of them, [`DIFFERENCES_MAX`] at most, each with both values.
    pub differences: Vec<String>,
}

impl Report {
    fn differs(&mut self, difference: String) {
        self.differing = self.differing.saturating_add(1);
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }
}

/// Verifies the tables. `reads` returns the reads at a height.
pub async fn run<R: Reads>(
    connection: &mut PgConnection,
    reads: impl FnOnce(u64) -> R,
    scope: Scope,
) -> Result<Report, VerifyError> {
    let mut snapshot = connection.begin().await?;
    sqlx::raw_sql("set transaction isolation level repeatable read, read only")
        .execute(&mut *snapshot)
        .await?;
    let cursor: Option<Option<i64>> = sqlx::query_scalar("select height from chain.cursor")
        .fetch_optional(&mut *snapshot)
        .await?;
    let cursor = cursor.flatten().ok_or(VerifyError::Empty)?;
    let height = scope.at.unwrap_or(cursor);
    if height > cursor {
        let patience = Duration::ZERO;
        return Err(VerifyError::Behind { at: Some(cursor), height, patience });
    }
    let now_ms: i64 = sqlx::query_scalar("select timestamp_ms from chain.block where height = $1")
        .bind(height)
        .fetch_one(&mut *snapshot)
        .await?;
    let reads = reads(u64::try_from(height).unwrap_or_default());
    let mut report = Report { height, ..Report::default() };
    let now_ms = u64::try_from(now_ms).unwrap_or_default();
    rows::compare(&mut snapshot, &reads, scope, now_ms, &mut report).await?;
    if scope.since.is_none() {
        let owned = balances::read_owned(&reads).await?;
        balances::compare(&mut snapshot, height, &owned, &mut report).await?;
        rows::find_missing(&mut snapshot, &reads, height == cursor, &mut report).await?;
    }
    if height == cursor {
        sums::check(&mut snapshot, &mut report).await?;
    }
    snapshot.rollback().await?;
    Ok(report)
}

/// Waits until the tables have the block at a height.
pub async fn wait_for(
    connection: &mut PgConnection,
    height: i64,
    patience: Duration,
) -> Result<(), VerifyError> {
    let deadline = Instant::now() + patience;
    loop {
        let at: Option<Option<i64>> = sqlx::query_scalar("select height from chain.cursor")
            .fetch_optional(&mut *connection)
            .await?;
        let at = at.flatten();
        if at.is_some_and(|at| at >= height) {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(VerifyError::Behind { at, height, patience });
        }
        sleep(ASK_EVERY).await;
    }
}
