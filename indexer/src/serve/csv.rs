//! Exports a list as CSV (RFC 4180), streamed row by row.

use futures::TryStreamExt;
use hyper::body::Bytes;
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::api::{Api, parse, rows_of};
use super::failure::Failure;
use super::limits::EXPORT_MAX;
use super::query::{Query, Statement};
use super::reply::{Body, stream};
use super::resource::Resource;
use super::session::Caller;

/// The size of a chunk, bytes, and the number of chunks that wait for a slow client.
const CHUNK_BYTES: usize = 32 << 10;
const CHUNKS_MAX: usize = 4;
/// A spreadsheet reads a cell that begins with one of these as a formula.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The export of all rows of a list. An error after the first chunk breaks the connection off, so that a client cannot
/// take a part for the whole.
pub(crate) async fn export(api: &Api, query: &Query, caller: Caller) -> Result<Body, Failure> {
    let permit = api.export_permit()?;
    let statement = query.statement(api.secret().await?)?;
    let (sender, mut receiver) = mpsc::channel(CHUNKS_MAX);
    let api = api.clone();
    let resource = query.resource;
    tokio::spawn(async move {
        if let Err(error) = write(&api, resource, &statement, &caller, &sender, permit).await {
            tracing::warn!("an export of {} ended early: {error}", resource.name);
            let _ = sender.send(Err(error)).await;
        }
    });
    // An error before the first chunk is an answer with its status.
    let first = receiver.recv().await.unwrap_or_else(|| Ok(Bytes::new()))?;
    let rest = futures::stream::poll_fn(move |context| receiver.poll_recv(context));
    let first = futures::stream::once(std::future::ready(Ok::<_, Failure>(first)));
    Ok(stream(futures::StreamExt::chain(first, rest)))
}

async fn write(
    api: &Api,
    resource: &'static Resource,
    statement: &Statement,
    caller: &Caller,
    to: &mpsc::Sender<Result<Bytes, Failure>>,
    _permit: OwnedSemaphorePermit,
) -> Result<(), Failure> {
    let mut transaction = api.pool().begin().await?;
    caller.enter(&mut transaction).await?;
    caller.may_list(&mut transaction, resource).await?;
    let limit = format!("set local statement_timeout = {}", EXPORT_MAX.as_millis());
    sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut *transaction).await?;
    let mut chunk = header(resource);
    {
        let mut rows = rows_of(&mut transaction, statement);
        while let Some(text) = rows.try_next().await? {
            line(resource, &parse(&text)?, &mut chunk);
            if chunk.len() >= CHUNK_BYTES {
                let full = Bytes::from(std::mem::take(&mut chunk));
                if to.send(Ok(full)).await.is_err() {
                    // The client has gone.
                    return Ok(());
                }
            }
        }
    }
    transaction.rollback().await?;
    let _ = to.send(Ok(Bytes::from(chunk))).await;
    Ok(())
}

/// The line with the names of the columns.
fn header(resource: &Resource) -> String {
    let names: Vec<&str> = resource.columns.iter().map(|it| it.name).collect();
    format!("{}\r\n", names.join(","))
}

/// Adds the line of a row.
pub(crate) fn line(resource: &Resource, row: &Map<String, Value>, to: &mut String) {
    for (place, column) in resource.columns.iter().enumerate() {
        if place > 0 {
            to.push(',');
        }
        cell(column.kind, row.get(column.name).unwrap_or(&Value::Null), to);
    }
    to.push_str("\r\n");
}

fn cell(kind: super::resource::Kind, value: &Value, to: &mut String) {
    use super::resource::Kind;
    match (kind, value) {
        (_, Value::Null) => {}
        // Numbers: a negative one is no formula.
        (Kind::Integer | Kind::Amount | Kind::Decimal, Value::String(text)) => to.push_str(text),
        (_, Value::String(text)) if kind != Kind::Json => quoted(text, to),
        (_, Value::Number(_) | Value::Bool(_)) => to.push_str(&value.to_string()),
        (_, value) => quoted(&value.to_string(), to),
    }
}

/// A text between quotes where it needs them; one that a spreadsheet would execute is preceded by an apostrophe.
fn quoted(text: &str, to: &mut String) {
    let formula = text.starts_with(FORMULA_SIGNS);
    let special = text.contains([',', '"', '\r', '\n']) || formula;
    if !special {
        return to.push_str(text);
    }
    to.push('"');
    if formula {
        to.push('\'');
    }
    to.push_str(&text.replace('"', "\"\""));
    to.push('"');
}

#[cfg(test)]
mod tests;
