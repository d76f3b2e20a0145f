use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ehb_network::{GossipId, Network};
use ehb_replica::GossipVerdict;

/// How many messages wait for their verdict; the oldest beyond are never forwarded.
const WAITING_MAX: usize = 8_192;

/// Gossiped messages that the replica has not judged yet. They are forwarded once it has, so that
/// nothing invalid goes further than one step.
#[derive(Default)]
pub(crate) struct Gossips(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    waiting: BTreeMap<u64, GossipId>,
    next: u64,
}

impl Gossips {
    /// Gives a message the number under which it is judged.
    pub(crate) fn number(&self, id: GossipId) -> u64 {
        let mut inner = self.lock();
        if inner.waiting.len() >= WAITING_MAX {
            inner.waiting.pop_first();
        }
        let number = inner.next;
        inner.next += 1;
        inner.waiting.insert(number, id);
        number
    }

    /// Tells the network the verdict on a message.
    pub(crate) fn judge(&self, network: &Network, number: u64, verdict: GossipVerdict) {
        let Some(id) = self.lock().waiting.remove(&number) else { return };
        let verdict = match verdict {
            GossipVerdict::Accept => ehb_network::Verdict::Accept,
            GossipVerdict::Ignore => ehb_network::Verdict::Ignore,
            GossipVerdict::Reject => ehb_network::Verdict::Reject,
        };
        // Unanswered, the message is not forwarded, which under such load is as well.
        let _ = network.report_gossip(id, verdict);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
