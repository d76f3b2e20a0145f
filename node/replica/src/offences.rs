//! Counts the protocol offences of each peer, and decides when it must be disconnected.

use std::collections::BTreeMap;

use ehb_types::PublicKey;

/// The number of offences after which a peer is disconnected.
const OFFENCES_MAX: u32 = 8;
/// The time after which one offence is forgiven, milliseconds.
const FORGIVEN_MS: u64 = 10_000;
/// The maximum number of peers that are remembered; then the one with the fewest offences is removed.
const PEERS_MAX: usize = 1_024;

/// Messages of peers that a correct node never sends. A few are tolerated, so that a fault in one message
/// does not disconnect a validator; a peer that continues is disconnected, and its messages in transit are
/// dropped unread.
#[derive(Debug, Default)]
pub(crate) struct Offences {
    of: BTreeMap<PublicKey, Offender>,
}

#[derive(Debug)]
struct Offender {
    offences: u32,
    forgiven_ms: u64,
    /// Whether its connection is being closed.
    is_cut: bool,
}

impl Offences {
    /// Records an offence; returns whether the limit is reached.
    pub(crate) fn add(&mut self, peer: PublicKey, now_ms: u64) -> bool {
        let offender = self.entry(peer, now_ms);
        let forgiven = now_ms.saturating_sub(offender.forgiven_ms) / FORGIVEN_MS;
        offender.forgiven_ms += forgiven * FORGIVEN_MS;
        offender.offences =
            offender.offences.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
        if offender.offences == 0 {
            offender.forgiven_ms = now_ms;
        }
        offender.offences += 1;
        offender.offences > OFFENCES_MAX
    }

    /// The peer is being disconnected: until then, its messages are ignored.
    pub(crate) fn cut(&mut self, peer: PublicKey, now_ms: u64) {
        self.entry(peer, now_ms).is_cut = true;
    }

    /// Whether messages from the peer are to be dropped.
    pub(crate) fn is_cut(&self, peer: &PublicKey) -> bool {
        self.of.get(peer).is_some_and(|offender| offender.is_cut)
    }

    /// The peer disconnected, or a new connection was made.
    pub(crate) fn reconnected(&mut self, peer: &PublicKey) {
        if let Some(offender) = self.of.get_mut(peer) {
            if offender.is_cut {
                // The penalty covers its earlier offences.
                offender.offences = 0;
            }
            offender.is_cut = false;
        }
    }

    fn entry(&mut self, peer: PublicKey, now_ms: u64) -> &mut Offender {
        if self.of.len() >= PEERS_MAX && !self.of.contains_key(&peer) {
            let least = self.of.iter().min_by_key(|(_, it)| (it.is_cut, it.offences));
            if let Some(least) = least.map(|(peer, _)| *peer) {
                self.of.remove(&least);
            }
        }
        self.of.entry(peer).or_insert(Offender { offences: 0, forgiven_ms: now_ms, is_cut: false })
    }
}

#[cfg(test)]
mod tests;
