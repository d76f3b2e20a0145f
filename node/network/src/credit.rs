//! Limits the memory of received messages that wait for the application, for each peer and for all together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits the messages of one peer that wait for the application, in bytes and, because each message counts
/// as a minimum, in number. Memory for a frame is reserved before it is read, and released when the
/// application drops the [`Held`] of the frame.
///
/// Each peer has a small reserve. With a [`Pool`] for all peers, larger amounts are also taken from the pool,
/// so that the memory does not grow with the number of peers; a full pool delays large messages, but never
/// small ones.
#[derive(Clone)]
pub(crate) struct Credit {
    own: Room,
    beyond: Option<Beyond>,
    /// The amount that the smallest message takes.
    permits_min: u32,
}

/// The limits beyond the reserve: for the peer itself, and for all peers together.
#[derive(Clone)]
struct Beyond {
    peer: Room,
    pool: Pool,
}

/// One permit for each KiB, rounded up.
#[derive(Clone)]
struct Room {
    permits: Arc<Semaphore>,
    permits_max: u32,
}

/// Memory that all peers share.
#[derive(Clone)]
pub(crate) struct Pool {
    room: Room,
    /// The number of messages that wait for memory.
    waiting: Arc<AtomicUsize>,
}

/// The memory that is reserved for a message. The application keeps this value until it has processed the
/// message, decoded or not, so it limits the memory that the sender can use here.
#[derive(Clone, Default)]
pub struct Held(Option<Arc<[Option<OwnedSemaphorePermit>; 2]>>);

impl Pool {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { room: Room::new(bytes_max), waiting: Arc::default() }
    }

    /// Whether a message waits for memory that others use.
    pub(crate) fn is_short(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    async fn take(&self, permits: u32) -> Option<OwnedSemaphorePermit> {
        let _waiting = Waiting::new(&self.waiting);
        self.room.take(permits).await
    }

    /// The number of reserved bytes, in whole KiB.
    pub(crate) fn taken(&self) -> usize {
        let Room { permits, permits_max } = &self.room;
        (*permits_max as usize).saturating_sub(permits.available_permits()) << 10
    }
}

/// Counts a message as waiting for memory until it is dropped.
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

    /// A message that is larger than the whole pool takes all of it. Never `None` while `self` exists.
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
    /// A limit of `bytes_max`; each message counts as at least `message_bytes_min`.
    pub(crate) fn new(bytes_max: usize, message_bytes_min: usize) -> Self {
        let permits_min = permits_for(message_bytes_min);
        Self { own: Room::new(bytes_max), beyond: None, permits_min }
    }

    /// Raises the limit by these bytes, which are taken from the pool.
    pub(crate) fn with_pool(self, bytes_max: usize, pool: &Pool) -> Self {
        let beyond = Beyond { peer: Room::new(bytes_max), pool: pool.clone() };
        Self { beyond: Some(beyond), ..self }
    }

    /// Waits until memory is available. Never `None` while `self` exists.
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

    /// Like [`Self::take`], but returns `None` if it would have to wait.
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

/// Events are compared by their content.
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
