//! Tracks requests for blocks, so that unrequested answers are dropped before they are decoded.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ehb_types::PublicKey;

/// The maximum number of unanswered requests to one peer that are remembered.
const REQUESTS_MAX: u32 = 4;

/// The peers with outstanding requests for blocks: unrequested answers, megabytes each, are not even decoded.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<BTreeMap<PublicKey, u32>>);

impl Asked {
    /// Records a request that is about to be sent.
    pub(crate) fn ask(&self, peer: PublicKey) {
        let mut asked = self.lock();
        let count = asked.entry(peer).or_default();
        *count = (*count + 1).min(REQUESTS_MAX);
    }

    /// Records an answer; returns whether it was requested.
    pub(crate) fn is_answer(&self, peer: &PublicKey) -> bool {
        let mut asked = self.lock();
        let Some(count) = asked.get_mut(peer) else { return false };
        *count -= 1;
        if *count == 0 {
            asked.remove(peer);
        }
        true
    }

    /// Removes the requests of a closed connection.
    pub(crate) fn forget(&self, peer: &PublicKey) {
        self.lock().remove(peer);
    }

    /// A panic while the lock was held leaves no partial change here.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<PublicKey, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
