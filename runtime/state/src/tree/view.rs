//! Reads a page in place, without copying its bytes.

use std::ops::Range;

use ehb_crypto::Hash;
use smallvec::SmallVec;

use super::node::{Leaf, MANY, Subtree};
use super::page::{
    CHECKSUM_BYTES, CHILD_BYTES, CHILDREN, LEAVES_MAX, QUARTER_SLOTS, QUARTERS, Quarters,
};
use super::position::{Position, SLOTS};
use crate::StoreError;

/// The content of a page.
pub(crate) enum View<'a> {
    Leaves(LeavesView<'a>),
    Children(ChildrenView<'a>),
}

/// A page of leaves.
pub(crate) struct LeavesView<'a> {
    at: &'a Position,
    items: &'a [u8],
    /// Where each quarter's leaves begin, and where the last ones end.
    bounds: [usize; QUARTERS + 1],
    quarters: &'a [u8],
}

/// A page of children.
pub(crate) struct ChildrenView<'a> {
    bits: u16,
    items: &'a [u8],
    quarters: &'a [u8],
}

impl<'a> View<'a> {
    /// The page in these bytes. Only the lengths are checked.
    pub(crate) fn of(at: &'a Position, bytes: &'a [u8]) -> Result<Self, StoreError> {
        Self::split(at, bytes).ok_or_else(|| damaged(at, "it has another length than it says"))
    }

    fn split(at: &'a Position, bytes: &'a [u8]) -> Option<Self> {
        let (view, quarters) = Self::content(at, bytes.get(CHECKSUM_BYTES..)?)?;
        let stored = match &view {
            Self::Leaves(page) => page.counts().iter().filter(|count| **count >= 2).count(),
            Self::Children(page) => (0..QUARTERS).filter(|i| page.quarter_count(*i) >= 2).count(),
        };
        (quarters.len() == stored * 32).then_some(view)
    }

    /// The page that begins with its leaves or children, and the rest of the bytes: where it is whole, its quarters.
    pub(crate) fn content(at: &'a Position, bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (first, rest) = bytes.split_first()?;
        if *first == CHILDREN {
            let (bits, rest) = rest.split_first_chunk()?;
            let bits = u16::from_le_bytes(*bits);
            let bytes = bits.count_ones() as usize * CHILD_BYTES;
            let (items, quarters) = rest.split_at_checked(bytes)?;
            return Some((Self::Children(ChildrenView { bits, items, quarters }), quarters));
        }
        let (others, rest) = rest.split_first_chunk::<{ QUARTERS - 1 }>()?;
        let counts = [*first, others[0], others[1], others[2]].map(usize::from);
        let count = counts.iter().sum::<usize>();
        let (items, quarters) = rest.split_at_checked(count * leaf_bytes(at))?;
        let view = LeavesView { quarters, ..LeavesView::new(at, &counts, items) };
        (1..=LEAVES_MAX).contains(&count).then_some((Self::Leaves(view), quarters))
    }

    /// How many leaves the page's subtree has, as in [`Subtree::leaves`].
    pub(crate) fn leaves(&self) -> u8 {
        match self {
            Self::Leaves(page) => page.count() as u8,
            Self::Children(_) => MANY,
        }
    }

    /// Whether the page is one that this crate writes; what is left to know are its hashes.
    pub(crate) fn check_form(&self, at: &Position) -> Result<(), StoreError> {
        match self {
            Self::Leaves(page) => page.check_form(),
            Self::Children(page) => page.check_form(at),
        }
    }
}

fn leaf_bytes(at: &Position) -> usize {
    64 - at.known_bytes()
}

impl<'a> LeavesView<'a> {
    /// The leaves within these bytes, of which each quarter has this many; its hash is not stored.
    pub(crate) fn new(at: &'a Position, counts: &[usize; QUARTERS], items: &'a [u8]) -> Self {
        let mut bounds = [0; QUARTERS + 1];
        for (index, count) in counts.iter().enumerate() {
            bounds[index + 1] = bounds[index] + count;
        }
        Self { at, items, bounds, quarters: &[] }
    }

    pub(crate) fn count(&self) -> usize {
        self.bounds[QUARTERS]
    }

    /// How many leaves each quarter has.
    pub(crate) fn counts(&self) -> [usize; QUARTERS] {
        std::array::from_fn(|index| self.bounds[index + 1] - self.bounds[index])
    }

    pub(crate) fn items(&self, leaves: Range<usize>) -> &'a [u8] {
        let bytes = leaf_bytes(self.at);
        &self.items[leaves.start * bytes..leaves.end * bytes]
    }

    /// The bytes of each leaf: what the position does not determine of its path, then its value's hash.
    pub(crate) fn each(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.items.chunks_exact(leaf_bytes(self.at))
    }

    fn leaves(&self, leaves: Range<usize>) -> impl Iterator<Item = Leaf> + '_ {
        let known = self.at.known_bytes();
        self.items(leaves).chunks_exact(leaf_bytes(self.at)).map(move |item| {
            let (mut path, mut value) = (Hash::ZERO, Hash::ZERO);
            let (rest, hash) = item.split_at(32 - known);
            path.0[..known].copy_from_slice(self.at.known());
            path.0[known..].copy_from_slice(rest);
            value.0.copy_from_slice(hash);
            Leaf { path, value }
        })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Leaf> + '_ {
        self.leaves(0..self.count())
    }

    /// Where a path's leaf is, or else where it would be.
    pub(crate) fn find(&self, path: &Hash) -> Result<usize, usize> {
        let known = self.at.known_bytes();
        let wanted = &path.0[known..];
        let quarter = self.at.slot(path) / QUARTER_SLOTS;
        for index in self.bounds[quarter]..self.bounds[quarter + 1] {
            match self.items(index..index + 1)[..32 - known].cmp(wanted) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Ok(index),
                std::cmp::Ordering::Greater => return Err(index),
            }
        }
        Err(self.bounds[quarter + 1])
    }

    pub(crate) fn quarter(&self, index: usize) -> Subtree {
        let leaves = self.leaves(self.bounds[index]..self.bounds[index + 1]);
        let leaves: SmallVec<[Leaf; LEAVES_MAX]> = leaves.collect();
        Subtree::of_leaves(&leaves, self.at.depth() + 2)
    }

    /// The quarters whose hashes are stored.
    pub(crate) fn known(&self) -> Quarters {
        let counts = self.counts();
        known(self.quarters, |index| counts[index], |index| counts[index] as u8)
    }

    fn check_form(&self) -> Result<(), StoreError> {
        let path_bytes = 32 - self.at.known_bytes();
        let mut last: Option<&[u8]> = None;
        for quarter in 0..QUARTERS {
            let items = self.items(self.bounds[quarter]..self.bounds[quarter + 1]);
            for item in items.chunks_exact(leaf_bytes(self.at)) {
                let path = &item[..path_bytes];
                if self.at.slot_of_rest(path).map(|slot| slot / QUARTER_SLOTS) != Some(quarter) {
                    return Err(damaged(self.at, "a leaf belongs elsewhere"));
                }
                if last.is_some_and(|last| last >= path) {
                    return Err(damaged(self.at, "its leaves are out of order"));
                }
                last = Some(path);
            }
        }
        Ok(())
    }
}

impl<'a> ChildrenView<'a> {
    /// The bytes of each child, in the order of their slots.
    pub(crate) fn items(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.items.chunks_exact(CHILD_BYTES)
    }

    /// The subtrees by slot.
    pub(crate) fn children(&self) -> [Subtree; SLOTS] {
        let mut items = self.items();
        let mut children = [Subtree::EMPTY; SLOTS];
        for (slot, child) in children.iter_mut().enumerate() {
            if self.has(slot)
                && let Some((leaves, hash)) = items.next().and_then(<[u8]>::split_first)
            {
                child.leaves = *leaves;
                child.hash.0.copy_from_slice(hash);
            }
        }
        children
    }

    /// Whether there is a child in a slot.
    pub(crate) fn has(&self, slot: usize) -> bool {
        self.bits >> slot & 1 == 1
    }

    /// The quarters whose hashes are stored.
    pub(crate) fn known(&self, children: &[Subtree; SLOTS]) -> Quarters {
        let leaves = |index: usize| {
            let quarter = &children[index * QUARTER_SLOTS..][..QUARTER_SLOTS];
            quarter.iter().fold(0, |sum, child| (sum + child.leaves).min(MANY))
        };
        known(self.quarters, |index| self.quarter_count(index), leaves)
    }

    fn quarter_count(&self, index: usize) -> usize {
        (self.bits >> (index * QUARTER_SLOTS) & 15).count_ones() as usize
    }

    fn check_form(&self, at: &Position) -> Result<(), StoreError> {
        let children = self.children();
        let leaves: usize = children.iter().map(|child| usize::from(child.leaves)).sum();
        if leaves <= LEAVES_MAX || at.is_deepest() {
            return Err(damaged(at, "it should have no children"));
        }
        let mut occupied = (0..SLOTS).filter(|slot| self.has(*slot));
        match occupied.all(|slot| (1..=MANY).contains(&children[slot].leaves)) {
            true => Ok(()),
            false => Err(damaged(at, "a child counts wrong")),
        }
    }
}

fn known(stored: &[u8], count: impl Fn(usize) -> usize, leaves: impl Fn(usize) -> u8) -> Quarters {
    let mut stored = stored.chunks_exact(32);
    std::array::from_fn(|index| {
        let bytes = if count(index) >= 2 { stored.next() } else { None };
        let mut hash = Hash::ZERO;
        hash.0.copy_from_slice(bytes?);
        Some(Subtree { hash, leaves: leaves(index) })
    })
}

/// The error for a page that is not what it should be.
pub(crate) fn damaged(at: &Position, why: &str) -> StoreError {
    StoreError(format!("page {} of the state tree is damaged: {why}", at.id()))
}
