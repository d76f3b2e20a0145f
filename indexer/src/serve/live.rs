//! The live stream of blocks as server-sent events.
//!
//! One task reads new blocks from the database, once for all clients, into a ring of messages. A client is no more
//! than the height of its last message: it takes messages from the ring when its connection can send them, and from
//! the database when it is behind the ring. So a client that does not read holds no memory.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream;
use hyper::body::Bytes;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::api::{Api, page};
use super::clients::{Clients, Share};
use super::failure::Failure;
use super::limits::{
    KEEP_ALIVE_EVERY, LIVE_EVERY, LIVE_FRAME_BYTES_MAX, LIVE_FRAME_MAX, LIVE_NAMES_MAX,
    LIVE_READ_MAX, RING_BLOCKS_MAX, RING_BYTES_MAX,
};
use super::query::Statement;
use super::reply::{self, Body};
use super::session::Caller;

/// The pause after the database failed.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The live stream. Clones share it.
#[derive(Clone)]
pub(crate) struct Live {
    ring: Arc<Mutex<Ring>>,
    head: watch::Sender<Option<i64>>,
    /// The last block with an event of the kernel, which can end sessions.
    kernel: Arc<AtomicI64>,
    streams: Arc<Semaphore>,
    clients: Arc<Clients>,
    streams_per_client: usize,
}

/// The messages of recent blocks, in the order of their heights without a gap.
#[derive(Default)]
struct Ring {
    messages: VecDeque<(i64, Bytes)>,
    bytes: usize,
}

impl Ring {
    fn push(&mut self, height: i64, message: Bytes) {
        self.bytes += message.len();
        self.messages.push_back((height, message));
        while self.messages.len() > RING_BLOCKS_MAX || self.bytes > RING_BYTES_MAX {
            let Some((_, gone)) = self.messages.pop_front() else { return };
            self.bytes -= gone.len();
        }
    }

    /// The messages from a height on, joined, and the height after them; none if the ring does not have the first.
    fn from(&self, height: i64) -> Option<(Bytes, i64)> {
        let first = self.messages.front()?.0;
        let skip = usize::try_from(height.checked_sub(first)?).ok()?;
        frame(self.messages.iter().skip(skip))
    }
}

/// As many messages as a frame holds, joined, and the height after them; none without a message.
fn frame<'a>(messages: impl Iterator<Item = &'a (i64, Bytes)>) -> Option<(Bytes, i64)> {
    let (mut joined, mut next) = (Vec::new(), None);
    for (height, message) in messages.take(LIVE_FRAME_MAX) {
        joined.extend_from_slice(message);
        next = Some(height + 1);
        if joined.len() >= LIVE_FRAME_BYTES_MAX {
            break;
        }
    }
    Some((joined.into(), next?))
}

impl Live {
    /// A live stream, of which a number can be read in total and by one client.
    pub(crate) fn new(streams: usize, streams_per_client: usize) -> Self {
        let (head, _) = watch::channel(None);
        Self {
            ring: Arc::default(),
            head,
            kernel: Arc::default(),
            streams: Arc::new(Semaphore::new(streams)),
            clients: Arc::default(),
            streams_per_client,
        }
    }

    /// Reads new blocks, until the future is dropped.
    pub(crate) async fn follow(&self, api: &Api) {
        loop {
            if let Err(error) = self.read_new(api).await {
                tracing::debug!("the live stream waits for the database: {error}");
                sleep(RETRY_AFTER).await;
            }
            sleep(LIVE_EVERY).await;
        }
    }

    async fn read_new(&self, api: &Api) -> Result<(), Failure> {
        let mut connection = api.pool().acquire().await?;
        let height: Option<Option<i64>> = sqlx::query_scalar("select height from chain.cursor")
            .fetch_optional(&mut *connection)
            .await?;
        let Some(head) = height.flatten() else { return Ok(()) };
        let last = *self.head.borrow();
        // The stream begins at the head; tables that were made again begin a new one.
        let mut next = match last {
            Some(last) if last <= head => last + 1,
            _ => {
                *self.ring.lock().unwrap_or_else(PoisonError::into_inner) = Ring::default();
                head
            }
        };
        while next <= head {
            let messages = messages(&mut connection, next).await?;
            let Some(last) = messages.last().map(|it| it.0) else { break };
            if let Some(height) = last_of_kernel(&mut connection, next, last).await? {
                self.kernel.fetch_max(height, Ordering::Relaxed);
            }
            let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
            messages.into_iter().for_each(|(height, message)| ring.push(height, message));
            drop(ring);
            next = last + 1;
            self.head.send_replace(Some(last));
        }
        Ok(())
    }

    /// The number of clients that can still be served.
    pub(crate) fn free(&self) -> usize {
        self.streams.available_permits()
    }

    /// A client's stream after a height, or from the head on. `peer` is the client's address.
    pub(crate) async fn subscribe(
        &self,
        api: &Api,
        after: Option<i64>,
        caller: Caller,
        peer: IpAddr,
    ) -> Result<Body, Failure> {
        let checked = self.kernel.load(Ordering::Relaxed);
        caller.enter(&mut *api.pool().begin().await?).await?;
        let permit = self.streams.clone().try_acquire_owned();
        let permit =
            permit.map_err(|_| Failure::Busy("the maximum number of live streams is reached"))?;
        let share = self.clients.enter(peer, self.streams_per_client);
        let share = share
            .ok_or(Failure::Busy("this client has as many live streams as one client can have"))?;
        let mut head = self.head.subscribe();
        let waiting = timeout(super::limits::CONNECTION_WAIT_MAX, head.wait_for(Option::is_some));
        let current = match waiting.await {
            Ok(Ok(head)) => head.unwrap_or(0),
            _ => return Err(Failure::Database("it has no block yet".to_owned())),
        };
        let next = match after {
            Some(after) if after > current => {
                return Err(Failure::Value {
                    name: "Last-Event-ID".to_owned(),
                    value: after.to_string(),
                    expected: "the height of a block that the tables have",
                });
            }
            Some(after) => after + 1,
            None => current,
        };
        let (live, api) = (self.clone(), api.clone());
        let held = (permit, share);
        let client = Client { live, api, head, next, caller, checked, _held: held };
        let begin = stream::once(std::future::ready(Ok(Bytes::from_static(b"retry: 2000\n\n"))));
        let rest = stream::unfold(client, |mut client| async move {
            let bytes = client.next().await?;
            Some((Ok(bytes), client))
        });
        Ok(reply::stream(futures::StreamExt::chain(begin, rest)))
    }
}

/// A client of the live stream.
struct Client {
    live: Live,
    api: Api,
    head: watch::Receiver<Option<i64>>,
    next: i64,
    caller: Caller,
    /// The block after which its session was checked last.
    checked: i64,
    /// Its place in total, and among the streams of one client.
    _held: (OwnedSemaphorePermit, Share),
}

impl Client {
    /// The next messages, or a comment that keeps the connection alive; none when the session has ended.
    async fn next(&mut self) -> Option<Bytes> {
        let deadline = tokio::time::Instant::now() + KEEP_ALIVE_EVERY;
        loop {
            let head = *self.head.borrow_and_update();
            if !self.may_read().await {
                return None;
            }
            // Tables that were made again are behind this client.
            if head.is_some_and(|head| head + 1 < self.next) {
                self.next = head.unwrap_or(0);
            }
            if head.is_some_and(|head| self.next <= head) {
                match self.take().await {
                    Ok((bytes, next)) => {
                        self.next = next;
                        return Some(bytes);
                    }
                    Err(error) => {
                        tracing::debug!("a live stream waits for the database: {error}");
                        sleep(RETRY_AFTER).await;
                    }
                }
            } else if tokio::time::timeout_at(deadline, self.head.changed()).await.is_err() {
                return Some(Bytes::from_static(b": keep-alive\n\n"));
            }
            if tokio::time::Instant::now() >= deadline {
                return Some(Bytes::from_static(b": keep-alive\n\n"));
            }
        }
    }

    /// Whether the session still lasts. Only events of the kernel and time end one.
    async fn may_read(&mut self) -> bool {
        let kernel = self.live.kernel.load(Ordering::Relaxed);
        if !self.caller.needs_session() {
            return true;
        }
        if self.caller.has_expired() || self.checked == kernel {
            return !self.caller.has_expired();
        }
        let check = async {
            let mut transaction = self.api.pool().begin().await?;
            self.caller.enter(&mut transaction).await
        };
        match check.await {
            Ok(()) => {
                self.checked = kernel;
                true
            }
            Err(error) => {
                tracing::debug!("a live stream ends: {error}");
                false
            }
        }
    }

    async fn take(&self) -> Result<(Bytes, i64), Failure> {
        // Who sees only the rows of an organisation sees of a block what is not about anybody.
        if self.caller.is_limited() {
            let mut transaction = self.api.pool().begin().await?;
            self.caller.enter(&mut transaction).await?;
            let messages = messages(&mut transaction, self.next).await?;
            let found = frame(messages.iter());
            return found
                .ok_or_else(|| Failure::Database(format!("there is no block {}", self.next)));
        }
        let ring = self.live.ring.lock().unwrap_or_else(PoisonError::into_inner).from(self.next);
        if let Some(found) = ring {
            return Ok(found);
        }
        let mut connection = self.api.pool().acquire().await?;
        let messages = messages(&mut connection, self.next).await?;
        let found = frame(messages.iter());
        found.ok_or_else(|| Failure::Database(format!("there is no block {}", self.next)))
    }
}

/// The last block in a range with an event of the kernel.
async fn last_of_kernel(
    connection: &mut PgConnection,
    first: i64,
    last: i64,
) -> Result<Option<i64>, Failure> {
    let sql =
        "select max(height) from chain.event where module = 'kernel' and height between $1 and $2";
    let found = sqlx::query_scalar(sql).bind(first).bind(last).fetch_one(connection).await?;
    Ok(found)
}

/// The messages of the blocks from a height on, [`LIVE_READ_MAX`] at most.
async fn messages(connection: &mut PgConnection, from: i64) -> Result<Vec<(i64, Bytes)>, Failure> {
    let sql = format!(
        "select row_to_json(q)::text from (
             select b.height, b.hash, b.time, b.transactions, b.events,
                 coalesce((select json_agg(id) from (
                     select t.id from chain.transaction t
                     where t.height = b.height and t.kind = 'transaction' order by t.index limit {LIVE_NAMES_MAX}
                 ) t), '[]') as ids,
                 coalesce((select json_agg(module) from (
                     select distinct e.module from chain.event e where e.height = b.height
                     order by 1 limit {LIVE_NAMES_MAX}
                 ) e), '[]') as modules,
                 coalesce((select json_agg(address) from (
                     select distinct m.address from chain.mention m
                     join chain.transaction t on t.height = m.height and t.index = m.index
                     where t.height = b.height order by 1 limit {LIVE_NAMES_MAX}
                 ) m), '[]') as addresses
             from chain.block b where b.height >= $1::text::bigint and b.height < $1::text::bigint + {LIVE_READ_MAX}
             order by b.height
         ) q"
    );
    let statement = Statement { sql, values: vec![from.to_string()] };
    let limit = usize::try_from(LIVE_READ_MAX).unwrap_or(usize::MAX);
    let page = page(connection, &statement, limit).await?;
    Ok(page.rows.into_iter().filter_map(message).collect())
}

fn message(row: Map<String, Value>) -> Option<(i64, Bytes)> {
    let height = row.get("height")?.as_i64()?;
    // JSON has no line breaks, which would end the event.
    let text = format!("id: {height}\nevent: block\ndata: {}\n\n", Value::Object(row));
    Some((height, text.into()))
}

#[cfg(test)]
mod tests;
