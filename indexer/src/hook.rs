//! Webhooks: sends events to HTTP endpoints, signed, in the order of each subject, with growing pauses between attempts.
//!
//! A webhook has a cursor of its own in the database, so nothing is lost at a restart. Endpoints belong to others: each
//! attempt is bounded in time and bytes, redirects are not followed, and private addresses are refused.

mod address;
mod queue;
mod send;

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::task::JoinSet;
use tokio::time::sleep;

pub use queue::{DeadLetter, NewWebhook, Webhook, add, dead_letters, list, remove, send_again};
pub use send::check_url;

/// The lock that the one sender of a database holds as long as its connection is open.
pub(crate) const SENDER_LOCK: i64 = 0x6568_6269_686f_6f6b;
/// The interval between looks at the database.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The pause after the database failed, or while another process sends.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// The maximum number of attempts at the same time, in total and for each webhook.
const ATTEMPTS_AT_ONCE_MAX: usize = 32;
const ATTEMPTS_OF_WEBHOOK_MAX: i64 = 4;

/// How to send.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether endpoints can have private addresses: loopback, local networks, link-local.
    pub private_addresses: bool,
    /// The time limit of an attempt.
    pub attempt_max: Duration,
    /// The pause after the first failed attempt, which doubles with each further one.
    pub pause_first: Duration,
    /// The longest pause.
    pub pause_max: Duration,
    /// The number of failed attempts after which a delivery is a dead letter.
    pub attempts_max: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            private_addresses: false,
            attempt_max: Duration::from_secs(10),
            pause_first: Duration::from_secs(1),
            pause_max: Duration::from_secs(3_600),
            // With these pauses, about ten hours.
            attempts_max: 22,
        }
    }
}

/// Sends until the future is dropped.
pub async fn run(database: PgConnectOptions, settings: Settings) {
    loop {
        if let Err(error) = session(&database, &settings).await {
            tracing::warn!("webhooks wait for the database: {error}");
        }
        sleep(RETRY_AFTER).await;
    }
}

/// Sends with one connection, until the database fails. Returns if another process sends.
async fn session(database: &PgConnectOptions, settings: &Settings) -> Result<(), sqlx::Error> {
    let mut connection =
        database.clone().application_name("ehb-indexer webhooks").connect().await?;
    let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(SENDER_LOCK)
        .fetch_one(&mut connection)
        .await?;
    if !locked || !queue::is_there(&mut connection).await? {
        return Ok(());
    }
    queue::forget_attempts(&mut connection).await?;
    let mut attempts = JoinSet::new();
    loop {
        queue::fill(&mut connection).await?;
        let free = ATTEMPTS_AT_ONCE_MAX.saturating_sub(attempts.len());
        for delivery in queue::take_due(&mut connection, free, ATTEMPTS_OF_WEBHOOK_MAX).await? {
            let settings = settings.clone();
            attempts.spawn(async move {
                let outcome = send::attempt(&delivery, &settings).await;
                (delivery, outcome)
            });
        }
        tokio::select! {
            Some(ended) = attempts.join_next() => {
                if let Ok((delivery, outcome)) = ended {
                    record(&mut connection, settings, &delivery, outcome).await?;
                }
            }
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

async fn record(
    connection: &mut PgConnection,
    settings: &Settings,
    delivery: &queue::Delivery,
    outcome: Result<(), send::AttemptError>,
) -> Result<(), sqlx::Error> {
    let Err(error) = outcome else { return queue::sent(connection, delivery).await };
    let doublings = u32::try_from(delivery.attempts).unwrap_or(0).min(20);
    let pause = settings.pause_first.saturating_mul(1 << doublings).min(settings.pause_max);
    tracing::debug!("webhook {} at {}: {error}", delivery.webhook, delivery.id());
    let dead = delivery.attempts.saturating_add(1) >= settings.attempts_max;
    queue::failed(connection, delivery, &error.to_string(), pause, dead).await
}
