//! Maps the replica's verdict numbers to gossiped messages, and reports each verdict to the network.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ehb_network::{GossipId, Network};
use ehb_replica::GossipVerdict;

/// The maximum number of messages that wait for a verdict; the oldest above it are never forwarded.
const WAITING_MAX: usize = 8_192;

/// Gossiped messages without a verdict of the replica. They are forwarded after it, so that invalid ones are
/// not spread.
#[derive(Default)]
pub(crate) struct Gossips(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    waiting: BTreeMap<u64, GossipId>,
    next: u64,
}

impl Gossips {
    /// Assigns a message the number of its verdict.
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

    /// Reports the verdict on a message to the network.
    pub(crate) fn judge(&self, network: &Network, number: u64, verdict: GossipVerdict) {
        let Some(id) = self.lock().waiting.remove(&number) else { return };
        let verdict = match verdict {
            GossipVerdict::Accept => ehb_network::Verdict::Accept,
            GossipVerdict::Ignore => ehb_network::Verdict::Ignore,
            GossipVerdict::Reject => ehb_network::Verdict::Reject,
        };
        // Without a verdict the message is not forwarded, which is acceptable under such load.
        let _ = network.report_gossip(id, verdict);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
