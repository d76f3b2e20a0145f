use std::fmt;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A bound on what one peer may have waiting for the application, in bytes and, because each message
/// counts as a minimum, in number. A frame takes its room before it is read, and gives it back when
/// the application has dropped the [`Held`] that comes with it.
#[derive(Clone)]
pub(crate) struct Credit {
    /// One permit for each begun KiB.
    permits: Arc<Semaphore>,
    permits_max: u32,
    /// What the smallest message takes.
    permits_min: u32,
}

/// The room that a message takes among those that wait for the application. The application keeps it
/// until it has dealt with the message, decoded or not: what is held bounds what the sender may have
/// in memory here.
#[derive(Clone, Default)]
pub struct Held(Option<Arc<OwnedSemaphorePermit>>);

impl Credit {
    /// Room for `bytes_max`; each message counts as at least `message_bytes_min` of it.
    pub(crate) fn new(bytes_max: usize, message_bytes_min: usize) -> Self {
        let permits_max = permits_for(bytes_max);
        let permits = Arc::new(Semaphore::new(permits_max.try_into().unwrap_or(usize::MAX)));
        Self { permits, permits_max, permits_min: permits_for(message_bytes_min) }
    }

    /// Waits until there is room. `None` never happens while `self` lives.
    pub(crate) async fn take(&self, bytes: usize) -> Option<Held> {
        let permit = Arc::clone(&self.permits).acquire_many_owned(self.wanted(bytes)).await.ok()?;
        Some(Held(Some(Arc::new(permit))))
    }

    /// As [`Self::take`], but `None` where it would have to wait.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Held> {
        let permit = Arc::clone(&self.permits).try_acquire_many_owned(self.wanted(bytes)).ok()?;
        Some(Held(Some(Arc::new(permit))))
    }

    /// A message that is larger than all the room takes all of it.
    fn wanted(&self, bytes: usize) -> u32 {
        permits_for(bytes).max(self.permits_min).min(self.permits_max)
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
        let permits = self.0.as_ref().map_or(0, |permit| permit.num_permits());
        write!(f, "Held({permits} KiB)")
    }
}
