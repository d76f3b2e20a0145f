use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A bound on what one peer may have waiting for the application, in bytes and, because each message
/// counts as a minimum, in number. A frame takes its room before it is read, and gives it back when
/// the application has dropped the [`Held`] that comes with it.
///
/// A little room is the peer's own. With a [`Pool`] for all peers, what needs more takes it from there too, so that
/// the number of peers does not multiply what waits; a full pool delays large messages, and small ones of nobody.
#[derive(Clone)]
pub(crate) struct Credit {
    own: Room,
    beyond: Option<Beyond>,
    /// What the smallest message takes.
    permits_min: u32,
}

/// What a peer may have beyond its own room: so much itself, and all peers so much together.
#[derive(Clone)]
struct Beyond {
    peer: Room,
    pool: Pool,
}

/// One permit for each begun KiB.
#[derive(Clone)]
struct Room {
    permits: Arc<Semaphore>,
    permits_max: u32,
}

/// Room that all peers share.
#[derive(Clone)]
pub(crate) struct Pool {
    room: Room,
    /// How many messages wait for room.
    waiting: Arc<AtomicUsize>,
}

/// The room that a message takes among those that wait for the application. The application keeps it
/// until it has dealt with the message, decoded or not: what is held bounds what the sender may have
/// in memory here.
#[derive(Clone, Default)]
pub struct Held(Option<Arc<[Option<OwnedSemaphorePermit>; 2]>>);

impl Pool {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { room: Room::new(bytes_max), waiting: Arc::default() }
    }

    /// Whether a message waits for room that others take.
    pub(crate) fn is_short(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    async fn take(&self, permits: u32) -> Option<OwnedSemaphorePermit> {
        let _waiting = Waiting::new(&self.waiting);
        self.room.take(permits).await
    }

    /// How many bytes are taken, in whole KiB.
    pub(crate) fn taken(&self) -> usize {
        let Room { permits, permits_max } = &self.room;
        (*permits_max as usize).saturating_sub(permits.available_permits()) << 10
    }
}

/// A message that waits for room, until this is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Room {
    fn new(bytes_max: usize) -> Self {
        let permits_max = permits_for(bytes_max);
        let permits = usize::try_from(permits_max).unwrap_or(usize::MAX);
        Self { permits: Arc::new(Semaphore::new(permits)), permits_max }
    }

    /// What is larger than all the room takes all of it. `None` never happens while `self` lives.
    async fn take(&self, permits: u32) -> Option<OwnedSemaphorePermit> {
        let wanted = permits.min(self.permits_max);
        Arc::clone(&self.permits).acquire_many_owned(wanted).await.ok()
    }

    fn try_take(&self, permits: u32) -> Option<OwnedSemaphorePermit> {
        let wanted = permits.min(self.permits_max);
        Arc::clone(&self.permits).try_acquire_many_owned(wanted).ok()
    }
}

impl Credit {
    /// Room for `bytes_max`; each message counts as at least `message_bytes_min` of it.
    pub(crate) fn new(bytes_max: usize, message_bytes_min: usize) -> Self {
        let permits_min = permits_for(message_bytes_min);
        Self { own: Room::new(bytes_max), beyond: None, permits_min }
    }

    /// As many bytes more, as far as the pool has room for them.
    pub(crate) fn with_pool(self, bytes_max: usize, pool: &Pool) -> Self {
        let beyond = Beyond { peer: Room::new(bytes_max), pool: pool.clone() };
        Self { beyond: Some(beyond), ..self }
    }

    /// Waits until there is room. `None` never happens while `self` lives.
    pub(crate) async fn take(&self, bytes: usize) -> Option<Held> {
        let wanted = self.wanted(bytes);
        let Some(beyond) = &self.beyond else { return self.own.take(wanted).await.map(Held::one) };
        if let Some(held) = self.try_take(bytes) {
            return Some(held);
        }
        if wanted > self.own.permits_max {
            return beyond.take(wanted).await;
        }
        tokio::select! {
            permit = self.own.take(wanted) => permit.map(Held::one),
            held = beyond.take(wanted) => held,
        }
    }

    /// As [`Self::take`], but `None` where it would have to wait.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Held> {
        let wanted = self.wanted(bytes);
        let Some(beyond) = &self.beyond else { return self.own.try_take(wanted).map(Held::one) };
        if wanted <= self.own.permits_max
            && let Some(permit) = self.own.try_take(wanted)
        {
            return Some(Held::one(permit));
        }
        let peer = beyond.peer.try_take(wanted)?;
        Some(Held(Some(Arc::new([Some(peer), Some(beyond.pool.room.try_take(wanted)?)]))))
    }

    fn wanted(&self, bytes: usize) -> u32 {
        permits_for(bytes).max(self.permits_min)
    }
}

impl Beyond {
    async fn take(&self, permits: u32) -> Option<Held> {
        let peer = self.peer.take(permits).await?;
        let pool = self.pool.take(permits).await?;
        Some(Held(Some(Arc::new([Some(peer), Some(pool)]))))
    }
}

impl Held {
    fn one(permit: OwnedSemaphorePermit) -> Self {
        Self(Some(Arc::new([Some(permit), None])))
    }
}

fn permits_for(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1_024).max(1)).unwrap_or(u32::MAX)
}

/// Events are compared by what they say.
impl PartialEq for Held {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let permits = self
            .0
            .iter()
            .flat_map(|it| it.first().into_iter().flatten())
            .map(|it| it.num_permits())
            .sum::<usize>();
        write!(f, "Held({permits} KiB)")
    }
}
