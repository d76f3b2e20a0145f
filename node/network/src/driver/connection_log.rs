//! Permits a burst of log lines about a peer's connections, then one line now and then, and counts the rest.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

/// The number of lines about connections of a peer that are logged in a burst.
const BURST: u32 = 10;
/// After this time, one more line is logged.
const REFILL: Duration = Duration::from_secs(10);
/// The maximum number of peers that are remembered; then those with the fewest lines are removed.
const PEERS_MAX: usize = 1_024;

/// Limits the log lines about the connections of one peer, so that a peer that reconnects all the time does
/// not fill the log.
#[derive(Default)]
pub(super) struct ConnectionLog {
    of: BTreeMap<PublicKey, Lines>,
}

struct Lines {
    left: u32,
    refilled: Instant,
    left_out: u64,
}

impl ConnectionLog {
    /// If a line about the peer should be logged, returns the number of lines that were suppressed before it.
    pub(super) fn may_log(&mut self, peer: &PublicKey, now: Instant) -> Option<u64> {
        if self.of.len() >= PEERS_MAX && !self.of.contains_key(peer) {
            self.of.retain(|_, lines| lines.left < BURST);
            if self.of.len() >= PEERS_MAX {
                return None;
            }
        }
        let lines =
            self.of.entry(*peer).or_insert(Lines { left: BURST, refilled: now, left_out: 0 });
        while lines.left < BURST && now.saturating_duration_since(lines.refilled) >= REFILL {
            lines.left += 1;
            lines.refilled += REFILL;
        }
        if lines.left == 0 {
            lines.left_out += 1;
            return None;
        }
        if lines.left == BURST {
            lines.refilled = now;
        }
        lines.left -= 1;
        Some(std::mem::take(&mut lines.left_out))
    }
}
