//! The state of the HTTP API, and its answers from the database.

use std::sync::Arc;

use futures::TryStreamExt;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Row};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use super::cursor::Secret;
use super::failure::Failure;
use super::limits::{
    ANSWER_BYTES_MAX, ANSWERS_MAX, CONNECTION_WAIT_MAX, DATABASE_CONNECTIONS_MAX, EXPORTS_MAX,
    PAGE_MAX, STATEMENT_MAX,
};
use super::query::{CountQuery, ORDERED, Query, Statement};
use super::session::Caller;
use crate::progress::now_ms;

/// The largest whole number that every JSON reader keeps exactly.
const EXACT_MAX: i64 = (1 << 53) - 1;

/// The database side of the API. Clones share it.
#[derive(Clone)]
pub(crate) struct Api {
    pool: PgPool,
    secret: Arc<OnceCell<Secret>>,
    answers: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

/// How fresh an answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Freshness {
    /// The last block in the tables; none before genesis.
    pub(crate) height: Option<i64>,
    /// The time of that block.
    pub(crate) time: Option<String>,
    /// The age of that block by the clock of this server, milliseconds.
    pub(crate) lag_ms: Option<u64>,
}

/// An answer, and the right to hold it in memory.
pub(crate) struct Answer {
    /// The JSON document.
    pub(crate) body: String,
    /// Released when the answer was sent.
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Api {
    /// Answers from a database. Connections are made when they are needed, and cannot write.
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(DATABASE_CONNECTIONS_MAX)
            .acquire_timeout(CONNECTION_WAIT_MAX)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    let sql = format!(
                        "set default_transaction_read_only = on; set timezone = 'UTC'; set statement_timeout = {}",
                        STATEMENT_MAX.as_millis()
                    );
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
                })
            })
            .connect_lazy_with(options.application_name("ehb-indexer serve"));
        Self {
            pool,
            secret: Arc::default(),
            answers: Arc::new(Semaphore::new(ANSWERS_MAX)),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
        }
    }

    /// The connections to the database.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The right to export.
    pub(crate) fn export_permit(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let permit = self.exports.clone().try_acquire_owned();
        permit.map_err(|_| Failure::Busy("other exports are running"))
    }

    /// The key of the cursors.
    pub(crate) async fn secret(&self) -> Result<&Secret, Failure> {
        let read = async {
            let bytes =
                sqlx::query_scalar("select value from service.secret where name = 'cursor'");
            Ok::<_, Failure>(Secret::new(bytes.fetch_one(&self.pool).await?))
        };
        self.secret.get_or_try_init(|| read).await
    }

    /// A page of a list.
    pub(crate) async fn list(&self, query: &Query, caller: &Caller) -> Result<Answer, Failure> {
        let secret = self.secret().await?;
        let statement = query.statement(secret)?;
        self.answer(caller, async |connection| {
            caller.may_list(connection, query.resource).await?;
            let mut page = page(connection, &statement, query.limit).await?;
            let next = match (page.more, page.rows.last()) {
                (true, Some(last)) => {
                    let ordered = query.order.is_some().then_some(ORDERED);
                    let names = ordered.into_iter().chain(query.resource.key.iter().copied());
                    let key = names.map(|name| text_of(last.get(name)));
                    Some(secret.cursor(&query.list, &key.collect::<Vec<_>>()))
                }
                _ => None,
            };
            for row in &mut page.rows {
                row.remove(ORDERED);
            }
            Ok(json!({"data": page.rows, "next": next}))
        })
        .await
    }

    /// How many rows of a list have each value of a column, the most frequent values first.
    pub(crate) async fn counts(
        &self,
        counts: &CountQuery,
        caller: &Caller,
    ) -> Result<Answer, Failure> {
        let statement = counts.statement();
        self.answer(caller, async |connection| {
            caller.may_list(connection, counts.resource).await?;
            let page = page(connection, &statement, PAGE_MAX).await?;
            Ok(json!({"data": page.rows}))
        })
        .await
    }

    /// An answer with freshness, both read from one snapshot, of what the caller may see.
    pub(crate) async fn answer<F>(&self, caller: &Caller, read: F) -> Result<Answer, Failure>
    where
        F: AsyncFnOnce(&mut PgConnection) -> Result<Value, Failure>,
    {
        let permit = self.answers.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Failure::Busy("the server stops"))?;
        let mut transaction =
            self.pool.begin_with("begin isolation level repeatable read read only").await?;
        let freshness = freshness(&mut transaction).await?;
        caller.enter(&mut transaction).await?;
        let mut document = read(&mut transaction).await?;
        transaction.rollback().await?;
        if let Value::Object(members) = &mut document {
            members.insert("freshness".to_owned(), json!(freshness));
        }
        Ok(Answer { body: document.to_string(), permit })
    }
}

/// How fresh the tables are.
pub(crate) async fn freshness(connection: &mut PgConnection) -> Result<Freshness, Failure> {
    let row: Option<(Option<i64>, Option<String>, Option<i64>)> = sqlx::query_as(
        "select height, to_char(block_time, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
             (extract(epoch from block_time) * 1000)::bigint
         from chain.cursor",
    )
    .fetch_optional(connection)
    .await?;
    let Some((height, time, time_ms)) = row else { return Ok(Freshness::default()) };
    // A clock that is behind the chain's shows no lag.
    let lag = |ms: i64| now_ms().saturating_sub(u64::try_from(ms).unwrap_or(0));
    Ok(Freshness { height, time, lag_ms: time_ms.map(lag) })
}

/// Rows of a page.
pub(crate) struct Page {
    /// The rows, as JSON objects.
    pub(crate) rows: Vec<Map<String, Value>>,
    /// Whether there are more.
    pub(crate) more: bool,
}

/// Reads rows up to a number, and up to [`ANSWER_BYTES_MAX`].
pub(crate) async fn page(
    connection: &mut PgConnection,
    statement: &Statement,
    limit: usize,
) -> Result<Page, Failure> {
    let mut rows = Vec::new();
    let mut bytes = 0;
    let mut stream = rows_of(connection, statement);
    while let Some(text) = stream.try_next().await? {
        bytes += text.len();
        // The first row is always in the page: otherwise a large one would end the list.
        if rows.len() == limit || (bytes > ANSWER_BYTES_MAX && !rows.is_empty()) {
            return Ok(Page { rows, more: true });
        }
        rows.push(parse(&text)?);
    }
    Ok(Page { rows, more: false })
}

/// The rows of a statement, as JSON texts.
pub(crate) fn rows_of<'a>(
    connection: &'a mut PgConnection,
    statement: &'a Statement,
) -> impl futures::Stream<Item = Result<String, Failure>> + Unpin + use<'a> {
    let mut query = sqlx::query::<Postgres>(AssertSqlSafe(statement.sql.clone()));
    for value in &statement.values {
        query = query.bind(value);
    }
    let rows = query.fetch(connection);
    Box::pin(
        rows.map_err(Failure::from)
            .and_then(|row| std::future::ready(row.try_get::<String, _>(0).map_err(Failure::from))),
    )
}

/// A row, with numbers that not every reader keeps exactly as text.
pub(crate) fn parse(text: &str) -> Result<Map<String, Value>, Failure> {
    let mut row: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| Failure::Database(error.to_string()))?;
    row.values_mut().for_each(keep_exact);
    Ok(row)
}

fn keep_exact(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let exact = number.as_i64().is_some_and(|it| (-EXACT_MAX..=EXACT_MAX).contains(&it));
            if !exact {
                *value = Value::String(number.to_string());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(keep_exact),
        Value::Object(members) => members.values_mut().for_each(keep_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// A value of a key as text.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// Rows of a query with text parameters, as a JSON array; for details of one item.
pub(crate) async fn rows(
    connection: &mut PgConnection,
    sql: &str,
    values: &[&str],
) -> Result<Value, Failure> {
    let values = values.iter().map(|it| (*it).to_owned()).collect();
    let statement =
        Statement { sql: format!("select row_to_json(q)::text from ({sql}) q"), values };
    let page = page(connection, &statement, super::limits::PAGE_MAX).await?;
    Ok(page.rows.into_iter().map(Value::Object).collect())
}
