use std::mem::size_of;

use super::page::{Content, Page};
use super::position::SLOTS;

/// How many parts of the tree are emptied in turn when the cache is full: those two pages below the
/// first.
const REGIONS: usize = SLOTS * SLOTS;

/// Decoded pages in the shape of the tree, bounded by the memory they take.
///
/// Whether a page is still right is for the reader to see, by the hash that it expects. A page is found
/// without a search, from the page above it.
#[derive(Debug)]
pub(crate) struct Cache {
    root: Option<Box<Node>>,
    bytes: usize,
    bytes_max: usize,
    /// The region to be emptied next.
    hand: usize,
}

/// A page, and those beneath it that are at hand.
#[derive(Debug)]
pub(crate) struct Node {
    page: Page,
    below: Option<Box<[Option<Box<Node>>; SLOTS]>>,
}

/// A page that an update made, and those beneath it that it made or (`None`) removed, by slot.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) page: Page,
    pub(crate) below: Vec<(usize, Option<Renewed>)>,
}

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { root: None, bytes: 0, bytes_max, hand: 0 }
    }

    pub(crate) fn root(&self) -> Option<&Node> {
        self.root.as_deref()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Takes over what an update made of the whole tree; `None` where nothing is left of it.
    pub(crate) fn renew(&mut self, renewed: Option<Renewed>) {
        self.bytes += renewed.as_ref().map_or(0, Renewed::memory_bytes);
        self.bytes -= place(&mut self.root, renewed);
        for _ in 0..REGIONS {
            if self.bytes <= self.bytes_max {
                return;
            }
            self.empty_region(self.hand);
            self.hand = (self.hand + 1) % REGIONS;
        }
        if self.bytes > self.bytes_max {
            self.bytes -= place(&mut self.root, None);
        }
    }

    fn empty_region(&mut self, region: usize) {
        let above = self.root.as_mut().and_then(|root| root.below_mut(region / SLOTS));
        if let Some(place_below) = above.and_then(|node| node.below.as_mut()) {
            self.bytes -= place(&mut place_below[region % SLOTS], None);
        }
    }
}

impl Node {
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    pub(crate) fn below(&self, slot: usize) -> Option<&Self> {
        self.below.as_ref()?[slot].as_deref()
    }

    fn below_mut(&mut self, slot: usize) -> Option<&mut Self> {
        self.below.as_mut()?[slot].as_deref_mut()
    }

    /// Puts new pages beneath the page, which is new itself.
    fn place_below(&mut self, renewed: Vec<(usize, Option<Renewed>)>) -> usize {
        match self.page.content() {
            Content::Leaves(_) => {
                let below = self.below.take().into_iter().flat_map(|below| below.into_iter());
                below.flatten().map(|node| node.memory_bytes()).sum()
            }
            Content::Children(_) => {
                let below = self.below.get_or_insert_default();
                renewed.into_iter().map(|(slot, renewed)| place(&mut below[slot], renewed)).sum()
            }
        }
    }

    fn memory_bytes(&self) -> usize {
        let below = self.below.iter().flat_map(|below| below.iter().flatten());
        node_bytes(&self.page) + below.map(|node| node.memory_bytes()).sum::<usize>()
    }
}

impl Renewed {
    /// What the pages take in the cache, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let below = self.below.iter().filter_map(|(_, renewed)| renewed.as_ref());
        node_bytes(&self.page) + below.map(Self::memory_bytes).sum::<usize>()
    }
}

/// What a page takes in the cache, in bytes.
fn node_bytes(page: &Page) -> usize {
    let below = match page.content() {
        Content::Leaves(_) => 0,
        Content::Children(_) => size_of::<[Option<Box<Node>>; SLOTS]>(),
    };
    size_of::<Node>() - size_of::<Page>() + below + page.memory_bytes()
}

/// Puts new pages where old ones may be, and says how many bytes the pages took that had to go.
fn place(at: &mut Option<Box<Node>>, renewed: Option<Renewed>) -> usize {
    let Some(Renewed { page, below }) = renewed else {
        return at.take().map_or(0, |node| node.memory_bytes());
    };
    let Some(node) = at else {
        let mut node = Box::new(Node { page, below: None });
        let gone = node.place_below(below);
        *at = Some(node);
        return gone;
    };
    let gone = node_bytes(&node.page);
    node.page = page;
    gone + node.place_below(below)
}
