use std::collections::BTreeMap;

use ehb_types::PublicKey;

/// The connected peers and the heights they told of.
#[derive(Default)]
pub(crate) struct Peers {
    heights: BTreeMap<PublicKey, u64>,
}

impl Peers {
    pub(crate) fn connect(&mut self, peer: PublicKey) {
        self.heights.entry(peer).or_insert(0);
    }

    pub(crate) fn disconnect(&mut self, peer: &PublicKey) {
        self.heights.remove(peer);
    }

    /// Takes note of a height that a connected peer told of; heights never go back.
    pub(crate) fn at_height(&mut self, peer: &PublicKey, height: u64) {
        if let Some(known) = self.heights.get_mut(peer) {
            *known = height.max(*known);
        }
    }

    /// A peer whose word proved false is believed again when it says something new.
    pub(crate) fn forget_height(&mut self, peer: &PublicKey) {
        if let Some(known) = self.heights.get_mut(peer) {
            *known = 0;
        }
    }

    pub(crate) fn connected(&self) -> Vec<PublicKey> {
        self.heights.keys().copied().collect()
    }

    pub(crate) fn best_height(&self) -> u64 {
        self.heights.values().copied().max().unwrap_or(0)
    }

    /// The peers that have committed at least this height, ascending by key.
    pub(crate) fn at_least(&self, height: u64) -> Vec<PublicKey> {
        self.heights.iter().filter(|(_, known)| **known >= height).map(|(peer, _)| *peer).collect()
    }
}
