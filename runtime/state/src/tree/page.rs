//! Pages: four levels of the tree in one piece.
//!
//! A subtree of at most [`LEAVES_MAX`] leaves is one page that contains them; a larger one is a page with the
//! hashes of the sixteen subtrees four levels below, each of which is a page again. So the pages, like the
//! root, depend only on the set of entries. Of the nodes within a page, only the quarters, two levels below
//! its first node, are stored: with them a change costs few hashes even if the page was just read, and
//! storing more would cost more in written bytes than it saves.
//!
//! A page has the same bytes in memory and in the store. First a CRC-32 over the rest and over the hash of
//! the page's subtree, little-endian: it detects a page that is damaged, or not the one that its parent
//! refers to, without hashing its contents. Then, for a page of
//! - leaves: four bytes with the number of leaves in each quarter, 1 to 24 together; for each leaf the bytes
//!   of its path that the position does not determine, then its value's hash;
//! - children: the byte 255 and the occupied slots as bits of a little-endian `u16`; for each child its
//!   number of leaves (25: more than 24) and its hash.
//!
//! Then, for each quarter with two or more of those, its hash.

use std::sync::Arc;

use ehb_crypto::Hash;

use super::node::{Leaf, Subtree};
use super::position::{Position, SLOTS};
use super::view::{LeavesView, damaged};
use crate::StoreError;

/// The maximum number of leaves in a page. Measured together with the page's levels: with more the
/// pages get larger, with fewer a change touches more of them.
pub(crate) const LEAVES_MAX: usize = 24;

/// The nodes two levels below a page's first node.
pub(crate) const QUARTERS: usize = 4;

pub(crate) const QUARTER_SLOTS: usize = SLOTS / QUARTERS;

pub(crate) const CHECKSUM_BYTES: usize = 4;

/// The marker of a page of children, at the position of the first quarter's count in a page of leaves.
pub(crate) const CHILDREN: u8 = u8::MAX;

/// The size of a child: its number of leaves and its hash.
pub(crate) const CHILD_BYTES: usize = 33;

/// The quarters with known hashes.
pub(crate) type Quarters = [Option<Subtree>; QUARTERS];

/// A page in its stored form, with its subtree.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) subtree: Subtree,
    pub(crate) bytes: Arc<[u8]>,
}

/// Builds pages, in sequence in the same memory.
#[derive(Default)]
pub(crate) struct PageWriter {
    bytes: Vec<u8>,
}

impl PageWriter {
    /// The page of these leaves, at most [`LEAVES_MAX`]. A page without leaves must not be stored.
    pub(crate) fn leaves(&mut self, at: &Position, leaves: &[Leaf]) -> Page {
        let mut counts = [0; QUARTERS];
        for leaf in leaves {
            counts[at.slot(&leaf.path) / QUARTER_SLOTS] += 1;
        }
        let mut page = self.begin_leaves(at);
        leaves.iter().for_each(|leaf| page.put(leaf));
        page.finish(&counts, &[None; QUARTERS])
    }

    pub(crate) fn begin_leaves<'a>(&'a mut self, at: &'a Position) -> LeavesWriter<'a> {
        self.bytes.clear();
        self.bytes.resize(CHECKSUM_BYTES + QUARTERS, 0);
        LeavesWriter { at, bytes: &mut self.bytes }
    }

    /// The page over these children, which have more than [`LEAVES_MAX`] leaves together. Known quarters are
    /// not computed again.
    pub(crate) fn children(&mut self, children: &[Subtree; SLOTS], known: &Quarters) -> Page {
        let is_child = |child: &&Subtree| child.leaves > 0;
        let bits =
            children.iter().rev().fold(0, |bits, child| bits << 1 | u16::from(is_child(&child)));
        self.bytes.clear();
        self.bytes.extend_from_slice(&[0; CHECKSUM_BYTES]);
        self.bytes.push(CHILDREN);
        self.bytes.extend_from_slice(&bits.to_le_bytes());
        for child in children.iter().filter(is_child) {
            self.bytes.push(child.leaves);
            self.bytes.extend_from_slice(&child.hash.0);
        }
        let quarter = |index: usize| &children[index * QUARTER_SLOTS..][..QUARTER_SLOTS];
        let items = std::array::from_fn(|i| quarter(i).iter().filter(is_child).count());
        let quarters =
            std::array::from_fn(|i| known[i].unwrap_or_else(|| Subtree::over(quarter(i))));
        finish(&mut self.bytes, &items, &quarters)
    }
}

/// Builds a page of leaves.
pub(crate) struct LeavesWriter<'a> {
    at: &'a Position,
    bytes: &'a mut Vec<u8>,
}

impl LeavesWriter<'_> {
    /// Adds a leaf; its path is greater than those before.
    pub(crate) fn put(&mut self, leaf: &Leaf) {
        self.bytes.extend_from_slice(&leaf.path.0[self.at.known_bytes()..]);
        self.bytes.extend_from_slice(&leaf.value.0);
    }

    /// Adds consecutive leaves of a page at the same position.
    pub(crate) fn put_all(&mut self, leaves: &[u8]) {
        self.bytes.extend_from_slice(leaves);
    }

    /// The leaves so far, possibly too many for a page. Each quarter has `counts` of them.
    pub(crate) fn view(&self, counts: &[usize; QUARTERS]) -> LeavesView<'_> {
        LeavesView::new(self.at, counts, &self.bytes[CHECKSUM_BYTES + QUARTERS..])
    }

    /// The page, each quarter of which has `counts` leaves. Known quarters are not computed again.
    pub(crate) fn finish(self, counts: &[usize; QUARTERS], known: &Quarters) -> Page {
        let page = self.view(counts);
        let quarters = std::array::from_fn(|i| known[i].unwrap_or_else(|| page.quarter(i)));
        for (byte, count) in self.bytes[CHECKSUM_BYTES..].iter_mut().zip(counts) {
            *byte = *count as u8;
        }
        finish(self.bytes, counts, &quarters)
    }
}

/// Ends a page with its quarters, of which those with several items are stored, and its checksum.
fn finish(bytes: &mut Vec<u8>, items: &[usize; QUARTERS], quarters: &[Subtree; QUARTERS]) -> Page {
    for (quarter, _) in quarters.iter().zip(items).filter(|(_, items)| **items >= 2) {
        bytes.extend_from_slice(&quarter.hash.0);
    }
    let subtree = Subtree::over(quarters);
    let checksum = checksum(&bytes[CHECKSUM_BYTES..], &subtree.hash);
    bytes[..CHECKSUM_BYTES].copy_from_slice(&checksum);
    Page { subtree, bytes: Arc::from(&**bytes) }
}

/// Checks that bytes are the undamaged page of the subtree with this hash.
pub(crate) fn check(at: &Position, bytes: &[u8], hash: &Hash) -> Result<(), StoreError> {
    match bytes.split_at_checked(CHECKSUM_BYTES) {
        Some((found, rest)) if *found == checksum(rest, hash) => Ok(()),
        _ => Err(damaged(at, "its checksum is not that of the page expected")),
    }
}

pub(crate) fn checksum(bytes: &[u8], hash: &Hash) -> [u8; CHECKSUM_BYTES] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(bytes);
    crc.update(&hash.0);
    crc.finalize().to_le_bytes()
}
