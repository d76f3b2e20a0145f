//! Keeps pages of the latest state's tree in memory, up to a limit of bytes.

use std::mem::size_of;
use std::sync::Arc;

use ehb_crypto::Hash;

use super::position::SLOTS;
use crate::{Changes, PageId};

/// The number of parts of the tree that are thinned out in turn when the cache is full: those two pages below
/// the first.
const REGIONS: usize = SLOTS * SLOTS;

/// Cached pages of one state, in the shape of the tree, bounded in memory.
///
/// A page is found without a search, from the page above it.
#[derive(Debug)]
pub(crate) struct Cache {
    /// The root of the state whose pages these are.
    state: Hash,
    root: Option<Node>,
    bytes: usize,
    bytes_max: usize,
    /// The region to be thinned out next.
    hand: usize,
}

/// A page, and the cached ones below it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) bytes: Arc<[u8]>,
    below: Option<Box<Below>>,
}

type Below = [Option<Node>; SLOTS];

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { state: Hash::ZERO, root: None, bytes: 0, bytes_max, hand: 0 }
    }

    /// The first page of the state with this root, if the cache contains pages of that state.
    pub(crate) fn root(&self, state: &Hash) -> Option<&Node> {
        self.root.as_ref().filter(|_| self.state == *state)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Advances to the state after the changes. They contain all pages that differ, and with a page always
    /// those above it. If they begin with another state, the cached pages are dropped.
    pub(crate) fn renew(&mut self, changes: &Changes) {
        if self.state != changes.root_before {
            self.clear();
        }
        self.state = changes.root;
        let new = changes.pages.iter().filter_map(|(_, page)| page.as_ref());
        // Pages that would fill the cache alone, as at genesis, aren't worth keeping.
        if new.map(page_bytes).sum::<usize>() > self.bytes_max {
            return self.clear();
        }
        for (id, page) in &changes.pages {
            self.place(id, page.as_ref());
        }
        self.shrink();
    }

    fn clear(&mut self) {
        self.root = None;
        self.bytes = 0;
    }

    fn place(&mut self, id: &PageId, page: Option<&Arc<[u8]>>) {
        let Some((nibbles, prefix)) = id.as_bytes().split_first() else { return };
        let mut at = &mut self.root;
        for index in 0..usize::from(*nibbles) {
            let Some(node) = at else { return };
            let byte = prefix[index / 2];
            let slot = if index.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
            let below = node.below.get_or_insert_with(|| {
                self.bytes += size_of::<Below>();
                Box::default()
            });
            at = &mut below[usize::from(slot)];
        }
        match (page, &mut *at) {
            (Some(page), Some(node)) => {
                self.bytes += page_bytes(page);
                self.bytes -= page_bytes(&node.bytes);
                node.bytes = page.clone();
            }
            (Some(page), None) => {
                self.bytes += page_bytes(page);
                *at = Some(Node { bytes: page.clone(), below: None });
            }
            (None, _) => self.bytes -= at.take().map_or(0, |node| node.memory_bytes()),
        }
    }

    /// Thins out one region after the other until the memory limit is met.
    fn shrink(&mut self) {
        for _ in 0..REGIONS {
            if self.bytes <= self.bytes_max {
                return;
            }
            let root = self.root.as_mut().and_then(|root| root.below.as_mut());
            let above = root.and_then(|below| below[self.hand / SLOTS].as_mut());
            if let Some(below) = above.and_then(|node| node.below.as_mut()) {
                self.bytes -= thin_out(&mut below[self.hand % SLOTS]);
            }
            self.hand = (self.hand + 1) % REGIONS;
        }
        if self.bytes > self.bytes_max {
            self.clear();
        }
    }
}

impl Node {
    pub(crate) fn below(&self, slot: usize) -> Option<&Self> {
        self.below.as_ref()?[slot].as_ref()
    }

    fn memory_bytes(&self) -> usize {
        let below = self.below.as_ref().map_or(0, |below| {
            size_of::<Below>() + below.iter().flatten().map(Self::memory_bytes).sum::<usize>()
        });
        page_bytes(&self.bytes) + below
    }
}

/// Removes the pages without cached pages below them: they are the least useful, because a page is needed
/// whenever one below it is. Returns the number of freed bytes.
fn thin_out(at: &mut Option<Node>) -> usize {
    let Some(node) = at else { return 0 };
    let Some(below) = &mut node.below else {
        return at.take().map_or(0, |node| node.memory_bytes());
    };
    let gone = below.iter_mut().map(thin_out).sum::<usize>();
    if below.iter().any(Option::is_some) {
        return gone;
    }
    node.below = None;
    gone + size_of::<Below>()
}

/// The memory of a page besides its node in the tree, bytes, including the counters of its `Arc`.
fn page_bytes(page: &Arc<[u8]>) -> usize {
    2 * size_of::<usize>() + page.len()
}
