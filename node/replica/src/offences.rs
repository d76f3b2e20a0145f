use std::collections::BTreeMap;

use ehb_types::PublicKey;

/// How many offences of a peer are borne before it is cut off.
const OFFENCES_MAX: u32 = 8;
/// After this long, one is forgiven, milliseconds.
const FORGIVEN_MS: u64 = 10_000;
/// How many peers are remembered; beyond, the one with the fewest offences is forgotten.
const PEERS_MAX: usize = 1_024;

/// What peers sent that no node that works as it should sends. Some of it is borne, so that a fault in
/// one message costs a validator nothing; a peer that goes on is cut off, and what is still on its way
/// from it is dropped unseen.
#[derive(Debug, Default)]
pub(crate) struct Offences {
    of: BTreeMap<PublicKey, Offender>,
}

#[derive(Debug)]
struct Offender {
    offences: u32,
    forgiven_ms: u64,
    /// Whether its connection is being cut.
    is_cut: bool,
}

impl Offences {
    /// Takes note of an offence; returns whether it was one too many.
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

    /// The peer's connection is being cut: until it is gone, nothing from it counts.
    pub(crate) fn cut(&mut self, peer: PublicKey, now_ms: u64) {
        self.entry(peer, now_ms).is_cut = true;
    }

    /// Whether what still comes from the peer is to be dropped.
    pub(crate) fn is_cut(&self, peer: &PublicKey) -> bool {
        self.of.get(peer).is_some_and(|offender| offender.is_cut)
    }

    /// The peer's connection is gone, or a new one is there.
    pub(crate) fn reconnected(&mut self, peer: &PublicKey) {
        if let Some(offender) = self.of.get_mut(peer) {
            if offender.is_cut {
                // The penalty stands for what it did so far.
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
