use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

/// How many lines about a peer's coming and going are logged at once.
const BURST: u32 = 10;
/// After this long, one more is.
const REFILL: Duration = Duration::from_secs(10);
/// How many peers are remembered; beyond, those that said least are forgotten.
const PEERS_MAX: usize = 1_024;

/// Bounds what is logged about the connections of one peer: one that comes and goes all the time
/// would fill the log.
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
    /// Whether a line about the peer is to be logged: then, how many were left out before it.
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
