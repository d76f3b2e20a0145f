//! Drops partitions of old blocks. The business tables, modules, validators and parameters are kept: they lead to what is in
//! force now, and their histories answer what was before.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::Instant;

use crate::schema::PARTITIONED;

/// The interval between looks for partitions to drop.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long to wait for queries that read the tables: those that come meanwhile wait as well. It is tried again later.
const LOCK_WAIT_MS: u64 = 1_000;
/// The SQLSTATE of a lock that was not available in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Drops old partitions from time to time.
#[derive(Debug)]
pub struct Retention {
    keep: Option<u64>,
    next: Instant,
}

impl Retention {
    /// Keeps at least this many of the last heights, or all.
    pub fn new(keep: Option<u64>) -> Self {
        Self { keep, next: Instant::now() }
    }

    /// Drops what is due, if it is time to look.
    pub async fn step(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let Some(keep) = self.keep.filter(|_| Instant::now() >= self.next) else { return Ok(()) };
        self.next = Instant::now() + LOOK_EVERY;
        match drop_old(connection, i64::try_from(keep).unwrap_or(i64::MAX)).await {
            Ok(None) => {}
            Ok(Some(height)) => tracing::info!("blocks below height {height} were dropped"),
            Err(error) if is_busy(&error) => {
                tracing::info!("old blocks are being read, so they are dropped later");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|it| it.code().as_deref() == Some(LOCK_NOT_AVAILABLE))
}

/// Drops the partitions whose heights are all below the last `keep` ones, except those with events that a webhook has not
/// queued yet, or the outbox has not published. Returns the first height that is left, if something was dropped.
pub async fn drop_old(
    connection: &mut PgConnection,
    keep: i64,
) -> Result<Option<i64>, sqlx::Error> {
    let row: Option<(Option<i64>, i64, Option<i64>)> = sqlx::query_as(
        "select height, partition_heights, least(
             (select min(next_height) from service.webhook), (select min(height) from service.outbox)
         ) from chain.cursor",
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some((Some(head), heights, waiting)) = row else { return Ok(None) };
    // Below this height nothing is needed.
    let first = head.saturating_add(1).saturating_sub(keep).min(waiting.unwrap_or(i64::MAX));
    let numbers: Vec<i64> = sqlx::query_scalar(
        "select substr(c.relname, 7)::bigint from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'chain.block'::regclass and c.relname ~ '^block_[0-9]+$' order by 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let end = |number: i64| number.saturating_add(1).saturating_mul(heights);
    let old: Vec<i64> = numbers.into_iter().filter(|number| end(*number) <= first).collect();
    let Some(last) = old.last() else { return Ok(None) };
    let mut transaction = connection.begin().await?;
    run(&mut transaction, format!("set local lock_timeout = {LOCK_WAIT_MS}")).await?;
    for number in &old {
        let tables = PARTITIONED.map(|table| format!("chain.{table}_{number}")).join(", ");
        run(&mut transaction, format!("drop table {tables}")).await?;
    }
    transaction.commit().await?;
    Ok(Some(end(*last)))
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}
