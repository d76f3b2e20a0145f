//! Notifications of an account: events of transactions in which it occurs, as its preferences select them, in a list of the
//! API or by a webhook.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::api::rows;
use super::failure::Failure;
use crate::hook::{self, NewWebhook};

/// The maximum number of kinds of events that an account chooses, and of bytes of a name.
const CHOICES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;
/// The number of notifications in a page, and the maximum count of unread ones.
const PAGE: usize = 50;

/// Where an account wants to be notified of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Preferences {
    events: Vec<Choice>,
    /// The endpoint of the webhook; none without one.
    #[serde(default)]
    webhook_url: Option<String>,
}

/// A kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Choice {
    module: String,
    /// The name of the event; none for all of the module.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    in_app: bool,
    #[serde(default)]
    webhook: bool,
}

/// How far an account has read.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Read {
    read_to: i64,
}

impl Preferences {
    /// The preferences in the body of a request. Errors say what is wrong.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let found: Self =
            serde_json::from_slice(body).map_err(|error| Failure::Body(error.to_string()))?;
        let wrong = |text: String| Err(Failure::Body(text));
        if found.events.len() > CHOICES_MAX {
            return wrong(format!("it has more than {CHOICES_MAX} events"));
        }
        let is_name = |text: &str| {
            let known =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !text.is_empty() && text.len() <= NAME_BYTES_MAX && text.bytes().all(known)
        };
        for (place, choice) in found.events.iter().enumerate() {
            let Choice { module, name, .. } = choice;
            if !is_name(module) || !name.as_deref().is_none_or(is_name) {
                return wrong(format!(
                    "events[{place}] has no valid names of a module and an event"
                ));
            }
            let same = |it: &Choice| (&it.module, &it.name) == (module, name);
            if found.events[..place].iter().any(same) {
                return wrong(format!("events[{place}] is in the list twice"));
            }
        }
        match &found.webhook_url {
            Some(url) => drop(hook::check_url(url).map_err(Failure::Body)?),
            None if found.events.iter().any(|it| it.webhook) => {
                return wrong(
                    "an event is to be sent to a webhook, and webhookUrl is missing".to_owned(),
                );
            }
            None => {}
        }
        Ok(found)
    }
}

/// The preferences of an account, and the secret of its webhook.
pub(crate) async fn preferences(
    connection: &mut PgConnection,
    account: &str,
) -> Result<Value, Failure> {
    type Row = (String, String, bool, bool);
    let rows: Vec<Row> = sqlx::query_as(
        "select module, name, in_app, webhook from service.preference where account = $1 order by module, name",
    )
    .bind(account)
    .fetch_all(&mut *connection)
    .await?;
    let events = rows.into_iter().map(|(module, name, in_app, webhook)| {
        let name = Some(name).filter(|it| !it.is_empty());
        Choice { module, name, in_app, webhook }
    });
    let webhook: Option<(String, String)> =
        sqlx::query_as("select url, secret from service.webhook where owner = $1")
            .bind(account)
            .fetch_optional(connection)
            .await?;
    let (url, secret) = webhook.unzip();
    Ok(json!({"events": events.collect::<Vec<_>>(), "webhookUrl": url, "webhookSecret": secret}))
}

/// Replaces the preferences of an account. A webhook whose URL stays keeps its secret and its place.
pub(crate) async fn set_preferences(
    connection: &mut PgConnection,
    account: &str,
    new: &Preferences,
) -> Result<(), Failure> {
    sqlx::query("delete from service.preference where account = $1")
        .bind(account)
        .execute(&mut *connection)
        .await?;
    for Choice { module, name, in_app, webhook } in &new.events {
        sqlx::query(
            "insert into service.preference (account, module, name, in_app, webhook) values ($1, $2, $3, $4, $5)",
        )
        .bind(account)
        .bind(module)
        .bind(name.as_deref().unwrap_or_default())
        .bind(in_app)
        .bind(webhook)
        .execute(&mut *connection)
        .await?;
    }
    let removed = "delete from service.webhook where owner = $1 and url is distinct from $2";
    sqlx::query(removed).bind(account).bind(&new.webhook_url).execute(&mut *connection).await?;
    let Some(url) = new.webhook_url.clone() else { return Ok(()) };
    let known = "select exists (select from service.webhook where owner = $1)";
    if sqlx::query_scalar(known).bind(account).fetch_one(&mut *connection).await? {
        return Ok(());
    }
    let owner = Some(account.to_owned());
    let webhook = NewWebhook { url, address: owner.clone(), owner, ..NewWebhook::default() };
    match hook::add(connection, &webhook).await? {
        Some(_) => Ok(()),
        None => Err(Failure::Busy("the maximum number of webhooks is reached")),
    }
}

/// The notifications of an account before a position, the newest first, and how many are unread, 50 at most.
pub(crate) async fn list(
    connection: &mut PgConnection,
    account: &str,
    before: Option<&str>,
) -> Result<Value, Failure> {
    let before = before.map_or(Some([i64::MAX; 3]), position);
    let [height, index, event] = before.ok_or_else(|| Failure::Value {
        name: "before".to_owned(),
        value: String::new(),
        expected: "the id of a notification, such as 120-0-2",
    })?;
    let sql = format!(
        "select e.height || '-' || e.index || '-' || e.event as id, e.height, e.module, e.name, e.value, e.time,
             t.id as transaction, e.height > coalesce(r.height, -1) as unread
         {OF_ACCOUNT}
             and (m.height, m.index, e.event) < ($2::text::bigint, $3::text::bigint, $4::text::bigint)
         order by m.height desc, m.index desc, e.event desc limit {PAGE}"
    );
    let values = [height, index, event].map(|it| it.to_string());
    let found = rows(connection, &sql, &[account, &values[0], &values[1], &values[2]]).await?;
    let unread =
        format!("select 1 as one {OF_ACCOUNT} and e.height > coalesce(r.height, -1) limit {PAGE}");
    let unread = rows(connection, &unread, &[account]).await?;
    let count = |rows: &Value| rows.as_array().map_or(0, Vec::len);
    let last = found.as_array().and_then(|rows| rows.last()).map(|row| row["id"].clone());
    let next = last.filter(|_| count(&found) == PAGE);
    Ok(json!({"unread": count(&unread), "data": found, "next": next}))
}

/// The events of which an account wants to be notified in the API.
const OF_ACCOUNT: &str = "
    from chain.mention m
    join chain.event e on e.height = m.height and e.index = m.index
    join chain.transaction t on t.height = m.height and t.index = m.index
    join service.preference p on p.account = m.address and p.in_app and p.module = e.module and p.name in ('', e.name)
    left join service.read_to r on r.account = m.address
    where m.address = $1::text";

/// The three numbers of an id.
fn position(id: &str) -> Option<[i64; 3]> {
    let mut numbers = id.splitn(3, '-').map(|it| it.parse().ok());
    let mut next = || numbers.next().flatten();
    Some([next()?, next()?, next()?])
}

/// Notes how far an account has read.
pub(crate) async fn set_read(
    connection: &mut PgConnection,
    account: &str,
    body: &[u8],
) -> Result<(), Failure> {
    let Read { read_to } =
        serde_json::from_slice(body).map_err(|error| Failure::Body(error.to_string()))?;
    sqlx::query(
        "insert into service.read_to (account, height) values ($1, $2)
         on conflict (account) do update set height = greatest(service.read_to.height, excluded.height)",
    )
    .bind(account)
    .bind(read_to)
    .execute(connection)
    .await?;
    Ok(())
}
