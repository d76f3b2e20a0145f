//! Keeps a validator silent that may be one of two nodes with one key, until no sign of the other one came for some time.

use ehb_consensus::LastSigned;

use crate::replica::STATUS_MS;
use crate::{Replica, Signing};

/// How long such a validator is silent after the last sign of another node, milliseconds: validators notice two nodes with one
/// key within seconds, because the two take turns at their connections.
const WATCH_MS: u64 = 15_000;
/// The same as a time after a heartbeat: a validator of an idle chain votes at each, and the others report the vote.
const WATCH_AFTER_HEARTBEAT_MS: u64 = 5_000;

/// Whether this node watches for another node with its key, and what it knows of that one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    is_on: bool,
    /// The status round in which it ends if nothing new comes: a clock that is set forward does not shorten it.
    until_round: u32,
    /// The newest known message of the key.
    newest: Option<LastSigned>,
}

/// A node whose directory is a copy, or was emptied, may run beside the one that it was copied from. Heights do not show
/// when the other one would have signed: a fast chain decides eight within a second. So such a node is silent for a time
/// at each start until it has signed, after each newer message of its key, and while its peers report two nodes. Only then
/// the heights count in which the key can have signed.
impl Replica {
    /// The node may be a second one with its key.
    pub(crate) fn begin_watch(&mut self) {
        self.watch.is_on = true;
        self.extend_watch();
    }

    /// How long the node is silent after the last sign of another one, milliseconds.
    pub(crate) fn watch_ms(&self) -> u64 {
        let heartbeat_ms = self.rules.parameters.consensus.heartbeat_ms;
        WATCH_MS.max(heartbeat_ms.saturating_add(WATCH_AFTER_HEARTBEAT_MS))
    }

    fn extend_watch(&mut self) {
        let rounds = u32::try_from(self.watch_ms() / STATUS_MS).unwrap_or(u32::MAX);
        self.watch.until_round = self.seen.rounds.saturating_add(rounds);
    }

    /// Whether a message of the key is newer than all that are known, while this matters. Another node signs where the chain
    /// is: with old messages, one after the other, a peer would keep this one silent for ever.
    pub(crate) fn is_news(&self, signed: &LastSigned) -> bool {
        let is_newer = |newest: LastSigned| newest.place() < signed.place();
        self.watch.is_on
            && signed.height >= self.head.header.height
            && self.watch.newest.is_none_or(is_newer)
    }

    /// The key signed a message.
    pub(crate) fn note_own_message(&mut self, signed: LastSigned) {
        if self.is_news(&signed) {
            self.watch.newest = Some(signed);
            self.extend_watch();
        }
    }

    /// Whether the node is silent because another one may run with its key.
    pub(crate) fn is_watching(&self) -> bool {
        self.watch.is_on && (self.seen.rounds < self.watch.until_round || self.is_twin_reported())
    }

    /// Ends the watch once no other node was noticed for long enough.
    pub(crate) fn end_watch(&mut self) {
        if !self.watch.is_on || self.is_watching() {
            return;
        }
        self.watch.is_on = false;
        if self.own_power() > 0 {
            tracing::info!(
                signing = ?self.signing(),
                "no other node was noticed that signs with this node's key"
            );
        }
        if self.signing() == Signing::Signs && std::mem::take(&mut self.held_back) {
            self.begin_height();
        }
        self.begin_height_if_due();
    }
}
