//! Since when things are as they are.

use std::time::Instant;

use ehb_replica::Status;

use super::Recent;

/// Since when a node has its head, is behind, and has transactions that wait for a block.
pub(crate) struct Ages {
    height: u64,
    /// Since when the head is at this height.
    pub(crate) head: Instant,
    /// Since when something for a block waits at this height.
    pub(crate) waiting: Option<Instant>,
    behind: Option<Behind>,
    /// The peers that were heard lately.
    pub(crate) recent: Recent,
}

/// A node's height and what its peers announce.
#[derive(Clone, Copy)]
pub(crate) struct Heights {
    pub(crate) own: u64,
    /// The highest height that a connected peer announced.
    pub(crate) best_peer: u64,
    /// Whether enough peers announced more than the node has.
    pub(crate) is_catching_up: bool,
}

impl From<&Status> for Heights {
    fn from(status: &Status) -> Self {
        Self {
            own: status.height,
            best_peer: status.best_peer_height,
            is_catching_up: status.catching_up,
        }
    }
}

/// Others have decided more than the node has.
#[derive(Clone, Copy)]
struct Behind {
    since: Instant,
    /// A height that was certainly decided when enough peers last announced more: they announced blocks above the next.
    decided: u64,
    /// The best height that was known then.
    best: u64,
}

impl Default for Ages {
    fn default() -> Self {
        let recent = Recent::default();
        Self { height: 0, head: Instant::now(), waiting: None, behind: None, recent }
    }
}

impl Ages {
    /// Notes the present state.
    pub(crate) fn look(&mut self, seen: Heights, is_waiting: bool) {
        if self.height != seen.own {
            (self.height, self.head, self.waiting) = (seen.own, Instant::now(), None);
        }
        self.waiting = is_waiting.then(|| self.waiting.unwrap_or_else(Instant::now));
        self.behind = match self.behind {
            before if seen.is_catching_up => Some(Behind {
                since: before.map_or_else(Instant::now, |it| it.since),
                decided: seen.own.saturating_add(2),
                best: seen.best_peer,
            }),
            // The node forgets what peers announced when their connections end. That does not undo their blocks.
            Some(before) if seen.own < before.decided => Some(before),
            _ => None,
        };
    }

    /// Whether others have decided more than the node has, as far as it knows or has known with this head.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind.is_some()
    }

    /// Since when it is behind without a break.
    pub(crate) fn behind_since(&self) -> Option<Instant> {
        self.behind.map(|it| it.since)
    }

    /// The highest height that a peer claims, or claimed while the node was at this head.
    pub(crate) fn best_height(&self, seen: Heights) -> u64 {
        self.behind.map_or(0, |it| it.best).max(seen.best_peer)
    }
}
