//! The outbox: publishes the events to a stream of NATS JetStream, in their order, without a gap and each once.
//!
//! Each message says after which message of the stream it comes, so the servers refuse one that follows another one that they
//! lack. After a failure the stream itself says how far it is: the outbox continues after its last message.

use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, Stream};
use async_nats::jetstream::{self, Context};
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use tokio::time::{Instant, sleep};

use crate::message::{BODY, FIELDS, JOINS};
use crate::progress::Progress;

/// The lock that the one publisher of a database holds as long as its connection is open.
pub(crate) const OUTBOX_LOCK: i64 = 0x6568_6269_6f75_7462;
/// The interval between looks at the database.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The pause after a failure, or while another process publishes.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The time limits of a connection, and of the answer to a message.
const CONNECT_MAX: Duration = Duration::from_secs(5);
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// A session that was this long failed for a reason of its own.
const SESSION_LONG: Duration = Duration::from_secs(60);
/// The number of messages that are sent before the first of them is acknowledged.
const BATCH_MAX: i64 = 1_000;
/// How long the servers remember ids, so that they drop a message that they have.
const DUPLICATES_WINDOW: Duration = Duration::from_secs(600);
/// Room for the headers of a message, bytes.
const HEADERS_BYTES_MAX: usize = 1_024;

/// Where to publish.
#[derive(Clone, Debug)]
pub struct Settings {
    /// URLs of the servers, of which one is used.
    pub servers: Vec<String>,
    /// The stream, which is created if it does not exist. Subjects are `STREAM.MODULE.EVENT`.
    pub stream: String,
    /// The number of servers that store each message, for a stream that is created.
    pub replicas: usize,
    /// The first height, for a stream to which nothing was published; without it, the next block.
    pub from_height: Option<i64>,
}

/// Why nothing is published.
#[derive(Debug, thiserror::Error)]
enum OutboxError {
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("cannot connect to {servers}: {reason}")]
    Connect { servers: String, reason: String },
    #[error("the stream {stream}: {reason}")]
    Stream { stream: String, reason: String },
    #[error("the event {id}: {reason}")]
    Event { id: String, reason: String },
}

/// The position of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    height: i64,
    index: i32,
    event: i32,
}

/// The id of the message of an event.
fn id_of(Place { height, index, event }: Place) -> String {
    format!("{height}-{index}-{event}")
}

/// The event whose message has an id.
fn of_id(id: &str) -> Option<Place> {
    let mut parts = id.split('-');
    let (height, index, event) = (parts.next()?, parts.next()?, parts.next()?);
    let place = Place {
        height: height.parse().ok()?,
        index: index.parse().ok()?,
        event: event.parse().ok()?,
    };
    parts.next().is_none().then_some(place)
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reached {
    /// The first event that it can lack.
    next: Place,
    /// The sequence of its last message.
    sequence: u64,
}

/// An event to publish.
struct Outgoing {
    place: Place,
    module: String,
    name: String,
    body: String,
}

/// Publishes until the future is dropped.
pub async fn run(database: PgConnectOptions, settings: Settings, progress: Progress) {
    let mut last = String::new();
    loop {
        let began = Instant::now();
        if let Err(error) = session(&database, &settings, &progress).await {
            let text = error.to_string();
            progress.outbox_failed(&text);
            // A failure that lasts is logged once.
            if text != last || began.elapsed() > SESSION_LONG {
                tracing::warn!("the outbox waits: {text}");
            }
            last = text;
        }
        sleep(RETRY_AFTER).await;
    }
}

/// A stream to which events were published.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// Its name.
    pub stream: String,
    /// The height of the next event.
    pub next_height: i64,
    /// The sequence of the last message.
    pub sequence: String,
}

/// The streams to which events were published.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Published>, sqlx::Error> {
    let rows: Vec<(String, i64, String)> =
        sqlx::query_as("select stream, height, sequence::text from service.outbox order by stream")
            .fetch_all(connection)
            .await?;
    let published = rows.into_iter().map(|(stream, next_height, sequence)| Published {
        stream,
        next_height,
        sequence,
    });
    Ok(published.collect())
}

/// Forgets a stream: old blocks do not wait for it any more. Returns whether it was known.
pub async fn remove(connection: &mut PgConnection, stream: &str) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query("delete from service.outbox where stream = $1").bind(stream);
    Ok(removed.execute(connection).await?.rows_affected() == 1)
}

/// Publishes with one connection to each side, until one fails. Returns if another process publishes.
async fn session(
    database: &PgConnectOptions,
    settings: &Settings,
    progress: &Progress,
) -> Result<(), OutboxError> {
    let mut connection = database.clone().application_name("ehb-indexer outbox").connect().await?;
    let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(OUTBOX_LOCK)
        .fetch_one(&mut connection)
        .await?;
    if !locked || !is_there(&mut connection).await? {
        return Ok(());
    }
    let client = async_nats::ConnectOptions::new()
        .name("ehb-indexer outbox")
        .connection_timeout(CONNECT_MAX)
        .request_timeout(Some(ANSWER_MAX))
        .connect(&settings.servers)
        .await
        .map_err(|error| OutboxError::Connect {
            servers: without_passwords(&settings.servers),
            reason: error.to_string(),
        })?;
    let body_max = client.max_payload().saturating_sub(HEADERS_BYTES_MAX);
    let context = jetstream::new(client);
    let stream = open(&context, settings).await?;
    let mut reached = resume(&mut connection, &stream, settings).await?;
    loop {
        progress.published(reached.next.height);
        let Some(head) = head(&mut connection).await? else {
            sleep(LOOK_EVERY).await;
            continue;
        };
        let events = next(&mut connection, reached.next, head).await?;
        let (mut now, failed) = publish(&context, settings, &events, reached, body_max).await;
        if failed.is_none() && events.len() < usize::try_from(BATCH_MAX).unwrap_or(usize::MAX) {
            // There is none up to the head any more. Tables that are filled again are behind the stream for a while.
            let after = Place { height: head.saturating_add(1), index: 0, event: 0 };
            now.next = now.next.max(after);
        }
        if now != reached {
            store(&mut connection, settings, now).await?;
            reached = now;
        }
        match failed {
            Some(error) => return Err(error),
            None if events.is_empty() => sleep(LOOK_EVERY).await,
            None => {}
        }
    }
}

/// The URLs of servers as a log can have them.
fn without_passwords(servers: &[String]) -> String {
    let shown = servers.iter().map(|url| match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        _ => url.clone(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Whether the tables exist: an indexer that has just started has perhaps not migrated yet.
async fn is_there(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let sql = "select to_regclass('service.outbox') is not null and to_regclass('chain.cursor') is not null";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// The last block in the tables.
async fn head(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let height: Option<Option<i64>> =
        sqlx::query_scalar("select height from chain.cursor").fetch_optional(connection).await?;
    Ok(height.flatten())
}

async fn open(context: &Context, settings: &Settings) -> Result<Stream, OutboxError> {
    let config = Config {
        name: settings.stream.clone(),
        description: Some("Events of an EHB chain, by ehb-indexer".to_owned()),
        subjects: vec![format!("{}.>", settings.stream)],
        num_replicas: settings.replicas,
        duplicate_window: DUPLICATES_WINDOW,
        ..Config::default()
    };
    let stream = context.get_or_create_stream(config).await;
    stream.map_err(|error| failed_stream(settings, &error))
}

fn failed_stream(settings: &Settings, error: &dyn std::error::Error) -> OutboxError {
    OutboxError::Stream { stream: settings.stream.clone(), reason: error.to_string() }
}

/// How far the stream is, by what the database knows and by the stream's last message.
async fn resume(
    connection: &mut PgConnection,
    stream: &Stream,
    settings: &Settings,
) -> Result<Reached, OutboxError> {
    let info = stream.get_info().await.map_err(|error| failed_stream(settings, &error))?;
    let sequence = info.state.last_sequence;
    let row: Option<(i64, i32, i32, String)> = sqlx::query_as(
        "select height, index, event, sequence::text from service.outbox where stream = $1",
    )
    .bind(&settings.stream)
    .fetch_optional(&mut *connection)
    .await?;
    let (mut next, stored) = match row {
        Some((height, index, event, stored)) => {
            (Place { height, index, event }, stored.parse().unwrap_or(0))
        }
        None => {
            let first = head(connection).await?.map_or(0, |height| height.saturating_add(1));
            let height = settings.from_height.unwrap_or(first);
            (Place { height, index: 0, event: 0 }, 0)
        }
    };
    if sequence < stored {
        tracing::warn!(
            "the stream {} lacks messages that it had: what was published to it before is not published again",
            settings.stream
        );
    }
    if sequence > stored {
        // It has messages that were not noted any more. One of somebody else, or one that was removed, says nothing.
        let last = stream.get_raw_message(sequence).await.ok();
        let id = last.as_ref().and_then(|it| it.headers.get(NATS_MESSAGE_ID));
        if let Some(last) = id.and_then(|it| of_id(it.as_str())).filter(|it| *it >= next) {
            next = Place { event: last.event.saturating_add(1), ..last };
        }
    }
    let reached = Reached { next, sequence };
    store(connection, settings, reached).await?;
    Ok(reached)
}

/// The next events from a place on, up to a height.
async fn next(
    connection: &mut PgConnection,
    from: Place,
    head: i64,
) -> Result<Vec<Outgoing>, sqlx::Error> {
    let sql = format!(
        "{FIELDS}
         select e.height, e.index, e.event, e.module, e.name, {BODY}
         from (
             select * from chain.event
             where height >= $1 and height <= $4 and (height, index, event) >= ($1, $2, $3)
             order by height, index, event limit {BATCH_MAX}
         ) e {JOINS}
         order by e.height, e.index, e.event"
    );
    let rows: Vec<(i64, i32, i32, String, String, String)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(from.height)
        .bind(from.index)
        .bind(from.event)
        .bind(head)
        .fetch_all(connection)
        .await?;
    let events = rows.into_iter().map(|(height, index, event, module, name, body)| Outgoing {
        place: Place { height, index, event },
        module,
        name,
        body,
    });
    Ok(events.collect())
}

/// Publishes events. Returns how far the stream is known to be, and why it is not at the end of them.
async fn publish(
    context: &Context,
    settings: &Settings,
    events: &[Outgoing],
    from: Reached,
    body_max: usize,
) -> (Reached, Option<OutboxError>) {
    let failed = |event: &Outgoing, error: &dyn std::error::Error| {
        Some(OutboxError::Event { id: id_of(event.place), reason: error.to_string() })
    };
    let (mut known, mut failure) = (from, None);
    let mut sent = Vec::with_capacity(events.len());
    for (expected, event) in (from.sequence..).zip(events) {
        let message = PublishMessage::build()
            .payload(fitting(&event.body, body_max).into())
            .message_id(id_of(event.place))
            .expected_stream(&settings.stream)
            .expected_last_sequence(expected);
        let subject = format!("{}.{}.{}", settings.stream, event.module, event.name);
        match context.send_publish(subject, message).await {
            Ok(answer) => sent.push((event, answer)),
            Err(error) => {
                failure = failed(event, &error);
                break;
            }
        }
    }
    for (event, answer) in sent {
        match answer.await {
            Ok(answer) => {
                // A duplicate has the sequence that it got the first time.
                known.sequence = known.sequence.max(answer.sequence);
                known.next = Place { event: event.place.event.saturating_add(1), ..event.place };
            }
            Err(error) => return (known, failed(event, &error)),
        }
    }
    (known, failure)
}

/// The message without the event's value where the servers take none of this length.
fn fitting(body: &str, bytes_max: usize) -> String {
    if body.len() <= bytes_max {
        return body.to_owned();
    }
    let mut message: Value = serde_json::from_str(body).unwrap_or_default();
    message["value"] = Value::Null;
    message["valueOmitted"] = true.into();
    message.to_string()
}

async fn store(
    connection: &mut PgConnection,
    settings: &Settings,
    Reached { next, sequence }: Reached,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into service.outbox (stream, height, index, event, sequence) values ($1, $2, $3, $4, $5::text::numeric)
         on conflict (stream) do update set height = excluded.height, index = excluded.index, event = excluded.event,
             sequence = excluded.sequence",
    )
    .bind(&settings.stream)
    .bind(next.height)
    .bind(next.index)
    .bind(next.event)
    .bind(sequence.to_string())
    .execute(connection)
    .await
    .map(drop)
}

#[cfg(test)]
mod tests;
