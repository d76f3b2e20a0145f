//! Builds all tables again in a database beside the one in use, and takes its place: a new version of the projection, or a
//! difference that the verification found, makes nobody wait.
//!
//! The database in use is read and written as before until the end. Then its sessions are closed, what is not made from
//! blocks is copied, and both are renamed in one transaction. Clients connect again, by the same URL.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::TryStreamExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::database::{Database, DatabaseError};
use crate::hook::SENDER_LOCK;
use crate::index::{self, IndexError, Settings};
use crate::outbox::OUTBOX_LOCK;
use crate::progress::Progress;
use crate::schema::extension::quote;
use crate::schema::{self, SchemaError, organisation, report};
use crate::source::Source;
use crate::write::WRITER_LOCK;

/// What is appended to the name of the database in use.
const NEXT: &str = "_next";
const OLD: &str = "_old";
/// The database to connect to while the others are renamed.
const MAINTENANCE: &str = "postgres";
/// How many blocks the new tables can lack when they take the place: those that arrive meanwhile.
const BEHIND_MAX: u64 = 2;
/// The interval between looks at the progress.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The number of attempts to rename: a client can connect again between the end of its session and the renaming.
const ATTEMPTS_MAX: usize = 100;
/// The SQLSTATE of a database that others use.
const IN_USE: &str = "55006";
/// What is not made from blocks, in an order in which it can be written.
const SERVICE_TABLES: [&str; 7] =
    ["secret", "setting", "webhook", "delivery", "outbox", "preference", "read_to"];

/// Why the tables were not built again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// An error of Postgres.
    #[error("the database: {0}")]
    Sql(#[from] sqlx::Error),
    /// No database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The new tables cannot be filled.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The tables cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// An earlier one is still there.
    #[error("the database {0} is left from the last time: drop it with 'ehb-indexer db drop-old'")]
    Old(String),
    /// Interrupted.
    #[error("stopped before the new tables were complete: the same command continues")]
    Stopped,
    /// Others did not let go.
    #[error("the database {0} is in use: stop the programs that connect to it again and again")]
    InUse(String),
}

/// Builds the tables again and lets them take the place of the present ones, which are kept.
pub async fn run(
    settings: &Settings,
    source: Source,
    database: &mut Database,
    progress: &Progress,
    stop: watch::Receiver<bool>,
) -> Result<(), RebuildError> {
    let options = database.ready().await?;
    let name = options.get_database().unwrap_or(MAINTENANCE).to_owned();
    let (next, old) = (format!("{name}{NEXT}"), format!("{name}{OLD}"));
    let mut maintenance = options.clone().database(MAINTENANCE).connect().await?;
    if exists(&mut maintenance, &old).await? {
        return Err(RebuildError::Old(old));
    }
    begin(&mut maintenance, &options, &next).await?;
    fill(settings, source, &options.clone().database(&next), progress, stop).await?;
    for _ in 0..ATTEMPTS_MAX {
        end_sessions(&mut maintenance, &[&name, &next]).await?;
        copy_service(&options, &options.clone().database(&next)).await?;
        end_sessions(&mut maintenance, &[&name, &next]).await?;
        match rename(&mut maintenance, &[(&name, &old), (&next, &name)]).await {
            Err(error) if is(&error, IN_USE) => sleep(LOOK_EVERY).await,
            done => return Ok(done?),
        }
    }
    Err(RebuildError::InUse(name))
}

/// Drops the database that [`run`] kept. Returns whether there was one.
pub async fn drop_old(database: &mut Database) -> Result<bool, RebuildError> {
    let options = database.ready().await?;
    let old = format!("{}{OLD}", options.get_database().unwrap_or(MAINTENANCE));
    let mut maintenance = options.clone().database(MAINTENANCE).connect().await?;
    let found = exists(&mut maintenance, &old).await?;
    if found {
        execute(&mut maintenance, format!("drop database {} with (force)", quote(&old))).await?;
    }
    Ok(found)
}

/// Makes the new database; one from an earlier attempt is continued if its tables have this version.
async fn begin(
    maintenance: &mut PgConnection,
    options: &PgConnectOptions,
    next: &str,
) -> Result<(), RebuildError> {
    if exists(maintenance, next).await? {
        let mut connection = options.clone().database(next).connect().await?;
        let is_current = schema::migrate(&mut connection).await.is_ok()
            && crate::write::read_cursor(&mut connection).await.is_ok();
        connection.close().await?;
        if is_current {
            return Ok(());
        }
        execute(maintenance, format!("drop database {} with (force)", quote(next))).await?;
    }
    Ok(execute(maintenance, format!("create database {}", quote(next))).await?)
}

/// Indexes into the new database until it has caught up.
async fn fill(
    settings: &Settings,
    source: Source,
    options: &PgConnectOptions,
    progress: &Progress,
    mut stop: watch::Receiver<bool>,
) -> Result<(), RebuildError> {
    let mut database = Database::Url(String::new(), Box::new(options.clone()));
    let (end, ended) = watch::channel(false);
    let caught_up = async {
        loop {
            let state = progress.state();
            let has_read = state.written_ms.is_some() || state.height.is_some();
            if has_read && state.head > 0 && state.blocks_behind() <= BEHIND_MAX {
                break;
            }
            sleep(LOOK_EVERY).await;
        }
        end.send_replace(true);
        std::future::pending::<()>().await
    };
    tokio::select! {
        filled = index::run(settings, source, &mut database, progress, ended) => Ok(filled?),
        () = caught_up => Ok(()),
        _ = stop.wait_for(|stop| *stop) => Err(RebuildError::Stopped),
    }
}

/// Copies what is not made from blocks: keys, webhooks and what waits for them, preferences, and who reads the reports. The
/// locks keep the indexer of the old database from writing meanwhile.
async fn copy_service(from: &PgConnectOptions, to: &PgConnectOptions) -> Result<(), RebuildError> {
    let (mut from, mut to) = (from.connect().await?, to.connect().await?);
    for lock in [WRITER_LOCK, SENDER_LOCK, OUTBOX_LOCK] {
        sqlx::query("select pg_try_advisory_lock($1)").bind(lock).execute(&mut from).await?;
    }
    for table in SERVICE_TABLES.iter().rev() {
        execute(&mut to, format!("delete from service.{table}")).await?;
    }
    for table in SERVICE_TABLES {
        let (ours, theirs) = (columns(&mut from, table).await?, columns(&mut to, table).await?);
        let common: Vec<String> = ours.intersection(&theirs).map(|it| quote(it)).collect();
        if common.is_empty() {
            continue;
        }
        let list = common.join(", ");
        let mut rows =
            from.copy_out_raw(&format!("copy service.{table} ({list}) to stdout")).await?;
        let mut copy = to.copy_in_raw(&format!("copy service.{table} ({list}) from stdin")).await?;
        let sent = async {
            while let Some(bytes) = rows.try_next().await? {
                copy.send(bytes).await?;
            }
            Ok::<_, sqlx::Error>(())
        };
        match sent.await {
            Ok(()) => drop(copy.finish().await?),
            Err(error) => {
                copy.abort("the rows could not be read").await?;
                return Err(error.into());
            }
        }
    }
    let next_id = "select setval(pg_get_serial_sequence('service.webhook', 'id'), max(id)) from service.webhook";
    execute(&mut to, next_id.to_owned()).await?;
    let limited = "select exists (select from service.setting where name = 'rows-by-organisation')";
    if sqlx::query_scalar(limited).fetch_one(&mut to).await? {
        organisation::limit(&mut to).await?;
    }
    let readers: Vec<String> = sqlx::query_scalar(
        "select r.rolname from pg_roles r where not r.rolsuper and r.rolname <> current_user
             and to_regnamespace('report') is not null and has_schema_privilege(r.oid, 'report', 'usage')
             and r.rolname !~ '^pg_' and not has_schema_privilege(r.oid, 'report', 'create') order by 1",
    )
    .fetch_all(&mut from)
    .await?;
    for reader in readers {
        report::grant(&mut to, &reader, None).await?;
    }
    from.close().await?;
    to.close().await?;
    Ok(())
}

/// The columns of a table of the schema `service`; none if it does not exist.
async fn columns(
    connection: &mut PgConnection,
    table: &str,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "select column_name::text from information_schema.columns
         where table_schema = 'service' and table_name = $1",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    Ok(names.into_iter().collect())
}

async fn exists(maintenance: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(maintenance)
        .await
}

async fn end_sessions(maintenance: &mut PgConnection, names: &[&str]) -> Result<(), sqlx::Error> {
    let names: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
    sqlx::query(
        "select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = any($1)",
    )
    .bind(names)
    .execute(maintenance)
    .await
    .map(drop)
}

async fn rename(maintenance: &mut PgConnection, names: &[(&str, &str)]) -> Result<(), sqlx::Error> {
    let mut transaction = maintenance.begin().await?;
    for (from, to) in names {
        let sql = format!("alter database {} rename to {}", quote(from), quote(to));
        execute(&mut transaction, sql).await?;
    }
    transaction.commit().await
}

fn is(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().is_some_and(|it| it.code().as_deref() == Some(code))
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}
