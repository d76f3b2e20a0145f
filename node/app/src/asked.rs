use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ehb_types::PublicKey;

/// How many unanswered requests to one peer are remembered at the most.
const REQUESTS_MAX: u32 = 4;

/// Which peers were asked for blocks and have not answered: what nobody asked for, megabytes each time, is not even
/// decoded.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<BTreeMap<PublicKey, u32>>);

impl Asked {
    /// A request is about to leave.
    pub(crate) fn ask(&self, peer: PublicKey) {
        let mut asked = self.lock();
        let count = asked.entry(peer).or_default();
        *count = (*count + 1).min(REQUESTS_MAX);
    }

    /// An answer is here; returns whether it was asked for.
    pub(crate) fn is_answer(&self, peer: &PublicKey) -> bool {
        let mut asked = self.lock();
        let Some(count) = asked.get_mut(peer) else { return false };
        *count -= 1;
        if *count == 0 {
            asked.remove(peer);
        }
        true
    }

    /// A connection is gone, and its answers with it.
    pub(crate) fn forget(&self, peer: &PublicKey) {
        self.lock().remove(peer);
    }

    /// A panic elsewhere while the lock was held leaves nothing half-done here.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<PublicKey, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
