//! Four levels of the tree in one piece.
//!
//! A subtree of at most [`LEAVES_MAX`] leaves is one page that holds them; a larger one is a page that
//! holds the hashes of the sixteen subtrees four levels below, each of them a page again. So the pages
//! are, like the root, a function of the set of entries. Of the nodes within a page, those two levels
//! below its first are kept: with them a change costs few hashes even when the page was just read, and
//! keeping more would cost more in bytes written than it saves.

use std::mem::size_of;

use super::node::{Leaf, Subtree};
use super::position::{Position, SLOTS};

/// The most leaves that a page holds itself. Measured with [`super::position::PAGE_LEVELS`]: with more
/// the pages get larger, with fewer a change touches more of them.
pub(crate) const LEAVES_MAX: usize = 16;

/// The nodes two levels below a page's first node.
pub(crate) const QUARTERS: usize = 4;

/// The slots in a quarter.
pub(crate) const QUARTER_SLOTS: usize = SLOTS / QUARTERS;

/// What lies beneath a page.
#[derive(Debug)]
pub(crate) enum Content {
    /// At most [`LEAVES_MAX`], ascending by path. Only a page that is not stored has none.
    Leaves(Vec<Leaf>),
    /// Subtrees by slot, more than [`LEAVES_MAX`] leaves together.
    Children(Box<[Subtree; SLOTS]>),
}

/// A node two levels below a page's first node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quarter {
    pub(crate) subtree: Subtree,
    /// Whether the hash was computed from the content, here or in the page's predecessor. One that was
    /// read is vouched for by the parent's hash, but the content beneath it is not yet.
    pub(crate) checked: bool,
}

/// A decoded page.
#[derive(Debug)]
pub(crate) struct Page {
    content: Content,
    quarters: [Quarter; QUARTERS],
    subtree: Subtree,
}

impl Page {
    /// A page at a position. Quarters that are known aren't computed again.
    pub(crate) fn new(at: &Position, content: Content, known: [Option<Quarter>; QUARTERS]) -> Self {
        let quarters = std::array::from_fn(|index| {
            known[index]
                .unwrap_or_else(|| Quarter { subtree: content.quarter(at, index), checked: true })
        });
        let subtree = Subtree::over(&quarters.map(|quarter| quarter.subtree));
        Self { content, quarters, subtree }
    }

    /// A page of which nothing is known but its content.
    pub(crate) fn fresh(at: &Position, content: Content) -> Self {
        Self::new(at, content, [None; QUARTERS])
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn quarters(&self) -> &[Quarter; QUARTERS] {
        &self.quarters
    }

    /// What the page's parent holds of it.
    pub(crate) fn subtree(&self) -> Subtree {
        self.subtree
    }

    /// Whether a quarter has the hash of its content.
    pub(crate) fn is_quarter_right(&self, at: &Position, index: usize) -> bool {
        let quarter = &self.quarters[index];
        quarter.checked || quarter.subtree == self.content.quarter(at, index)
    }

    /// Whether all quarters have the hashes of their content.
    pub(crate) fn is_right(&self, at: &Position) -> bool {
        (0..QUARTERS).all(|index| self.is_quarter_right(at, index))
    }

    /// What the page takes in memory, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + match &self.content {
                Content::Leaves(leaves) => leaves.capacity() * size_of::<Leaf>(),
                Content::Children(_) => size_of::<[Subtree; SLOTS]>(),
            }
    }
}

impl Content {
    /// The leaves in a quarter.
    pub(crate) fn quarter_leaves<'a>(
        leaves: &'a [Leaf],
        at: &Position,
        index: usize,
    ) -> &'a [Leaf] {
        let start = leaves.partition_point(|leaf| at.slot(&leaf.path) / QUARTER_SLOTS < index);
        let rest = &leaves[start..];
        &rest[..rest.partition_point(|leaf| at.slot(&leaf.path) / QUARTER_SLOTS == index)]
    }

    fn quarter(&self, at: &Position, index: usize) -> Subtree {
        match self {
            Self::Leaves(leaves) => {
                Subtree::of_leaves(Self::quarter_leaves(leaves, at, index), at.depth() + 2)
            }
            Self::Children(children) => {
                Subtree::over(&children[index * QUARTER_SLOTS..][..QUARTER_SLOTS])
            }
        }
    }
}
