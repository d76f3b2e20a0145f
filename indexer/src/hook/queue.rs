//! The webhooks and their deliveries in the database.

use std::time::Duration;

use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::message::{BODY, FIELDS, JOINS};

/// The maximum number of deliveries of a webhook that wait; more events wait in the tables of the chain.
const WAITING_MAX: i64 = 10_000;
/// The number of blocks whose events are queued in one step.
const BLOCKS_PER_STEP: i64 = 1_000;
/// The maximum number of webhooks.
pub(super) const WEBHOOKS_MAX: i64 = 256;
/// The maximum number of webhooks that accounts set up for themselves, one each.
const OWN_WEBHOOKS_MAX: i64 = 1_000;
/// The maximum length of an error that is kept, characters.
const ERROR_CHARACTERS_MAX: usize = 300;

/// What a new webhook is to send, and where.
#[derive(Clone, Debug, Default)]
pub struct NewWebhook {
    /// The endpoint.
    pub url: String,
    /// Events of this module only.
    pub module: Option<String>,
    /// Events of this name only.
    pub name: Option<String>,
    /// Events of transactions only in which this address occurs.
    pub address: Option<String>,
    /// The first height; without it, the next block.
    pub from_height: Option<i64>,
    /// The account that sets it up for itself: it gets the events that its preferences select.
    pub owner: Option<String>,
}

/// A webhook.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "as in `NewWebhook`, and counts of deliveries")]
pub struct Webhook {
    pub id: i64,
    pub url: String,
    pub module: Option<String>,
    pub name: Option<String>,
    pub address: Option<String>,
    pub owner: Option<String>,
    pub next_height: i64,
    pub waiting: i64,
    pub dead: i64,
    pub last_error: Option<String>,
}

/// A delivery that no attempt brought to its endpoint.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "its event's position, and why it failed")]
pub struct DeadLetter {
    pub webhook: i64,
    pub height: i64,
    pub index: i32,
    pub event: i32,
    pub subject: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub body: String,
}

/// A delivery to attempt.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) webhook: i64,
    pub(super) height: i64,
    pub(super) index: i32,
    pub(super) event: i32,
    pub(super) attempts: i32,
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) body: String,
}

impl Delivery {
    /// The id, by which an endpoint recognises a delivery that it got before.
    pub(super) fn id(&self) -> String {
        format!("{}-{}-{}", self.height, self.index, self.event)
    }
}

type Text = Option<String>;
type WebhookRow = (i64, String, Text, Text, Text, Text, i64, i64, i64, Text);
type DeadRow = (i64, i64, i32, i32, String, i32, Text, String);
type DeliveryRow = (i64, i64, i32, i32, i32, String, String, String);

/// Adds a webhook. Returns its id and the secret that signs its deliveries.
pub async fn add(
    connection: &mut PgConnection,
    new: &NewWebhook,
) -> Result<Option<(i64, String)>, sqlx::Error> {
    sqlx::query_as(
        "insert into service.webhook (url, module, name, address, next_height, owner)
         select $1, $2, $3, $4, coalesce($5, (select height + 1 from chain.cursor), 0), $7
         where (select count(*) from service.webhook where (owner is null) = ($7 is null)) < $6
         returning id, secret",
    )
    .bind(&new.url)
    .bind(&new.module)
    .bind(&new.name)
    .bind(&new.address)
    .bind(new.from_height)
    .bind(if new.owner.is_none() { WEBHOOKS_MAX } else { OWN_WEBHOOKS_MAX })
    .bind(&new.owner)
    .fetch_optional(connection)
    .await
}

/// Removes a webhook with its deliveries. Returns whether it existed.
pub async fn remove(connection: &mut PgConnection, id: i64) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query("delete from service.webhook where id = $1").bind(id);
    Ok(removed.execute(connection).await?.rows_affected() == 1)
}

/// All webhooks.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<Webhook>, sqlx::Error> {
    let rows: Vec<WebhookRow> = sqlx::query_as(
        "select w.id, w.url, w.module, w.name, w.address, w.owner, w.next_height,
             count(*) filter (where d.state in ('waiting', 'sending')) as waiting,
             count(*) filter (where d.state = 'dead') as dead,
             (array_agg(d.last_error order by d.height desc, d.index desc, d.event desc)
                 filter (where d.last_error is not null))[1] as last_error
         from service.webhook w left join service.delivery d on d.webhook = w.id
         group by w.id order by w.id",
    )
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(
        |(id, url, module, name, address, owner, next_height, waiting, dead, last_error)| Webhook {
            id,
            url,
            module,
            name,
            address,
            owner,
            next_height,
            waiting,
            dead,
            last_error,
        },
    );
    Ok(rows.collect())
}

/// The oldest dead letters of a webhook.
pub async fn dead_letters(
    connection: &mut PgConnection,
    webhook: i64,
    limit: i64,
) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let rows: Vec<DeadRow> = sqlx::query_as(
        "select webhook, height, index, event, subject, attempts, last_error, body from service.delivery
         where webhook = $1 and state = 'dead' order by height, index, event limit $2",
    )
    .bind(webhook)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(
        |(webhook, height, index, event, subject, attempts, last_error, body)| DeadLetter {
            webhook,
            height,
            index,
            event,
            subject,
            attempts,
            last_error,
            body,
        },
    );
    Ok(rows.collect())
}

/// Sends the dead letters of a webhook again, with all attempts. Returns their number.
pub async fn send_again(connection: &mut PgConnection, webhook: i64) -> Result<u64, sqlx::Error> {
    let sql = "update service.delivery set state = 'waiting', attempts = 0, due = now()
         where webhook = $1 and state = 'dead'";
    Ok(sqlx::query(sql).bind(webhook).execute(connection).await?.rows_affected())
}

/// Whether the tables exist: an indexer that has just started has perhaps not migrated yet.
pub(super) async fn is_there(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let sql = "select to_regclass('service.delivery') is not null and to_regclass('chain.cursor') is not null";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// Attempts of a process that was killed are made again.
pub(super) async fn forget_attempts(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = "update service.delivery set state = 'waiting' where state = 'sending'";
    sqlx::query(sql).execute(connection).await.map(drop)
}

/// Queues events of new blocks for each webhook that has room, and moves its cursor in the same transaction.
pub(super) async fn fill(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let behind: Vec<(i64, i64)> = sqlx::query_as(
        "select w.id, least(c.height, w.next_height + $1 - 1)
         from service.webhook w cross join chain.cursor c
         where w.next_height <= c.height and (
             select count(*) from service.delivery d where d.webhook = w.id and d.state <> 'dead'
         ) < $2 order by w.id",
    )
    .bind(BLOCKS_PER_STEP)
    .bind(WAITING_MAX)
    .fetch_all(&mut *connection)
    .await?;
    for (webhook, last) in behind {
        let mut transaction = connection.begin().await?;
        sqlx::query(AssertSqlSafe(enqueue()))
            .bind(webhook)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("update service.webhook set next_height = $2 + 1 where id = $1")
            .bind(webhook)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// The statement that queues the events of a webhook up to a height.
fn enqueue() -> String {
    format!(
        "insert into service.delivery (webhook, height, index, event, subject, body)
         {FIELDS}
         select w.id, e.height, e.index, e.event, s.subject, {BODY}
         from service.webhook w
         join chain.event e on e.height between w.next_height and $2
             and (w.module is null or e.module = w.module) and (w.name is null or e.name = w.name)
             and (w.address is null or exists (
                 select from chain.mention m where m.address = w.address and m.height = e.height and m.index = e.index))
             and (w.owner is null or exists (
                 select from service.preference p where p.account = w.owner and p.webhook and p.module = e.module
                     and p.name in ('', e.name)
             ) and exists (select from edr.account a where a.address = w.owner and a.status = 'active'))
         {JOINS}
         where w.id = $1
         on conflict do nothing"
    )
}

/// Marks the next delivery of each subject as being sent, if it is due, and returns them.
pub(super) async fn take_due(
    connection: &mut PgConnection,
    limit: usize,
    limit_of_webhook: i64,
) -> Result<Vec<Delivery>, sqlx::Error> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<DeliveryRow> = sqlx::query_as(
        "with first as (
             select distinct on (webhook, subject) webhook, height, index, event, state, due
             from service.delivery where state <> 'dead' order by webhook, subject, height, index, event
         ), ranked as (
             select *, row_number() over (
                 partition by webhook order by state = 'waiting', due, height, index, event
             ) as place
             from first where state = 'sending' or due <= now()
         ), taken as (
             select webhook, height, index, event from ranked where state = 'waiting' and place <= $2
             order by due limit $1
         )
         update service.delivery d set state = 'sending' from taken t, service.webhook w
         where (d.webhook, d.height, d.index, d.event) = (t.webhook, t.height, t.index, t.event) and w.id = d.webhook
         returning d.webhook, d.height, d.index, d.event, d.attempts, w.url, w.secret, d.body",
    )
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(limit_of_webhook)
    .fetch_all(connection)
    .await?;
    let rows =
        rows.into_iter().map(|(webhook, height, index, event, attempts, url, secret, body)| {
            Delivery { webhook, height, index, event, attempts, url, secret, body }
        });
    Ok(rows.collect())
}

/// Removes a delivery that its endpoint took.
pub(super) async fn sent(
    connection: &mut PgConnection,
    delivery: &Delivery,
) -> Result<(), sqlx::Error> {
    let sql =
        "delete from service.delivery where (webhook, height, index, event) = ($1, $2, $3, $4)";
    sqlx::query(sql)
        .bind(delivery.webhook)
        .bind(delivery.height)
        .bind(delivery.index)
        .bind(delivery.event)
        .execute(connection)
        .await
        .map(drop)
}

/// Records a failed attempt: the next one is after a pause, unless the delivery is dead.
pub(super) async fn failed(
    connection: &mut PgConnection,
    delivery: &Delivery,
    error: &str,
    pause: Duration,
    dead: bool,
) -> Result<(), sqlx::Error> {
    let error: String = error.chars().filter(|it| *it != '\0').take(ERROR_CHARACTERS_MAX).collect();
    sqlx::query(
        "update service.delivery set attempts = attempts + 1, last_error = $5,
             due = now() + make_interval(secs => $6), state = case when $7 then 'dead' else 'waiting' end
         where (webhook, height, index, event) = ($1, $2, $3, $4)",
    )
    .bind(delivery.webhook)
    .bind(delivery.height)
    .bind(delivery.index)
    .bind(delivery.event)
    .bind(error)
    .bind(pause.as_secs_f64())
    .bind(dead)
    .execute(connection)
    .await
    .map(drop)
}
