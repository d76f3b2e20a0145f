use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::page::Page;
use super::position::Position;

/// What an entry takes beside its page, in bytes: the map's key and links, the counters of the `Arc`.
const ENTRY_BYTES: usize = 80;

/// Once full, the cache is emptied to this many eighths, so that not each insertion looks for a victim.
const KEPT_EIGHTHS: usize = 7;

/// Decoded pages, bounded by the memory they take.
///
/// Whether a page is still right is for the reader to see, by the hash that it expects. Victims are
/// found by the clock algorithm: a page that was used since the hand last passed gets a second chance.
#[derive(Debug)]
pub(crate) struct Cache {
    pages: BTreeMap<Position, Cached>,
    bytes: usize,
    bytes_max: usize,
    hand: Position,
}

#[derive(Debug)]
struct Cached {
    page: Arc<Page>,
    used: bool,
}

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { pages: BTreeMap::new(), bytes: 0, bytes_max, hand: Position::ROOT }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub(crate) fn get(&mut self, at: &Position) -> Option<&Arc<Page>> {
        let cached = self.pages.get_mut(at)?;
        cached.used = true;
        Some(&cached.page)
    }

    pub(crate) fn insert(&mut self, at: Position, page: Arc<Page>) {
        self.bytes += entry_bytes(&page);
        if let Some(before) = self.pages.insert(at, Cached { page, used: true }) {
            self.bytes -= entry_bytes(&before.page);
        }
        if self.bytes > self.bytes_max {
            self.evict(self.bytes_max / 8 * KEPT_EIGHTHS);
        }
    }

    pub(crate) fn remove(&mut self, at: &Position) {
        if let Some(before) = self.pages.remove(at) {
            self.bytes -= entry_bytes(&before.page);
        }
    }

    /// Removes pages until at most `bytes` are left. The first round of the hand may only take chances
    /// away; the second then finds victims.
    fn evict(&mut self, bytes: usize) {
        while self.bytes > bytes {
            let mut victims = Vec::new();
            let mut left = self.bytes;
            let mut after = Bound::Excluded(self.hand);
            if self.pages.range((after, Bound::Unbounded)).next().is_none() {
                after = Bound::Unbounded;
            }
            for (at, cached) in self.pages.range_mut((after, Bound::Unbounded)) {
                if left <= bytes {
                    break;
                }
                self.hand = *at;
                if cached.used {
                    cached.used = false;
                } else {
                    left -= entry_bytes(&cached.page);
                    victims.push(*at);
                }
            }
            for at in &victims {
                self.remove(at);
            }
        }
    }
}

pub(crate) fn entry_bytes(page: &Page) -> usize {
    page.memory_bytes() + ENTRY_BYTES
}
