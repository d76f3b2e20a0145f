use std::collections::BTreeMap;

use ehb_types::PublicKey;

/// For how long a peer that did not send the blocks it told of is not believed, milliseconds. Else
/// one that lies could keep a node busy with asking.
const DISTRUST_MS: u64 = 10_000;

/// The connected peers and the heights they told of.
#[derive(Default)]
pub(crate) struct Peers {
    known: BTreeMap<PublicKey, Peer>,
}

/// What a validator tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    /// The height up to which it has committed.
    pub(crate) height: u64,
    /// The height up to which it may have helped to decide.
    pub(crate) reached: u64,
}

#[derive(Default)]
struct Peer {
    /// What it told of itself since it connected; the inner value is `None` if it does not sign.
    told: Option<Option<Witness>>,
    /// The highest height it told of, as far as it is believed.
    height: u64,
    /// Until when its word counts for nothing, milliseconds since 1970.
    distrusted_until_ms: u64,
}

impl Peers {
    pub(crate) fn connect(&mut self, peer: PublicKey) {
        self.known.entry(peer).or_default();
    }

    pub(crate) fn disconnect(&mut self, peer: &PublicKey) {
        self.known.remove(peer);
    }

    /// Takes note of a height that a connected peer told of; heights never go back.
    pub(crate) fn at_height(&mut self, peer: &PublicKey, height: u64, now_ms: u64) {
        if let Some(known) = self.known.get_mut(peer)
            && known.distrusted_until_ms <= now_ms
        {
            known.height = height.max(known.height);
        }
    }

    /// Takes note of what a connected peer tells of itself.
    pub(crate) fn at_status(&mut self, peer: &PublicKey, height: u64, reached: Option<u64>) {
        if let Some(known) = self.known.get_mut(peer) {
            known.told = Some(reached.map(|reached| Witness { height, reached }));
        }
    }

    /// A peer whose word proved false is not believed for a while.
    pub(crate) fn distrust(&mut self, peer: &PublicKey, now_ms: u64) {
        if let Some(known) = self.known.get_mut(peer) {
            known.height = 0;
            known.distrusted_until_ms = now_ms.saturating_add(DISTRUST_MS);
        }
    }

    pub(crate) fn connected(&self) -> Vec<PublicKey> {
        self.known.keys().copied().collect()
    }

    /// Whether a connected peer told that it signs, or that it does not; `None` if it told neither.
    pub(crate) fn has_told(&self, peer: &PublicKey) -> Option<bool> {
        self.known.get(peer)?.told.map(|witness| witness.is_some())
    }

    /// How far a connected peer is that signs, unless its word counts for nothing.
    pub(crate) fn witness(&self, peer: &PublicKey, now_ms: u64) -> Option<Witness> {
        let known = self.known.get(peer).filter(|known| known.distrusted_until_ms <= now_ms)?;
        known.told.flatten()
    }

    pub(crate) fn best_height(&self) -> u64 {
        self.known.values().map(|known| known.height).max().unwrap_or(0)
    }

    /// The peers that have committed at least this height, ascending by key.
    pub(crate) fn at_least(&self, height: u64) -> Vec<PublicKey> {
        self.known.iter().filter(|(_, it)| it.height >= height).map(|(peer, _)| *peer).collect()
    }
}
