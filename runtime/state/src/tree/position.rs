//! The positions of pages in the tree: their depth, their slots, and the ids under which they are stored.

use ehb_crypto::Hash;

use crate::{PAGE_ID_BYTES_MAX, PageId};

/// The number of branches of a page: it spans one half byte of the path, four levels of the tree.
pub(crate) const SLOTS: usize = 16;

/// The levels of the tree within a page.
pub(crate) const PAGE_LEVELS: usize = 4;

/// The half bytes of a path.
const NIBBLES_MAX: u8 = 64;

/// The position of a page: the first half bytes of all paths below it. The rest is zero, so that positions
/// are ordered like their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    nibbles: u8,
    prefix: [u8; 32],
}

impl Position {
    /// The position of the first page.
    pub(crate) const ROOT: Self = Self { nibbles: 0, prefix: [0; 32] };

    /// The position that an id stands for; `None` for one that is no page's.
    pub(crate) fn of(id: &PageId) -> Option<Self> {
        let (nibbles, prefix) = id.as_bytes().split_first()?;
        let mut at = Self { nibbles: *nibbles, prefix: [0; 32] };
        at.prefix.get_mut(..prefix.len())?.copy_from_slice(prefix);
        (*nibbles <= NIBBLES_MAX && at.id() == *id).then_some(at)
    }

    /// The level of the page's first node, in bits of the path: 0 to 256.
    pub(crate) fn depth(&self) -> usize {
        usize::from(self.nibbles) * PAGE_LEVELS
    }

    /// The number of pages above.
    pub(crate) fn pages_above(&self) -> usize {
        usize::from(self.nibbles)
    }

    /// The number of bytes at the beginning of each path that the position determines.
    pub(crate) fn known_bytes(&self) -> usize {
        usize::from(self.nibbles) / 2
    }

    /// Whether no page can be deeper.
    pub(crate) fn is_deepest(&self) -> bool {
        self.nibbles >= NIBBLES_MAX
    }

    /// The position below a slot, 0 to 15. The deepest position has none and returns itself.
    pub(crate) fn child(&self, slot: usize) -> Self {
        let mut child = *self;
        if let Some(byte) = child.prefix.get_mut(self.known_bytes()) {
            let nibble = (slot % SLOTS) as u8;
            *byte |= if self.nibbles.is_multiple_of(2) { nibble << 4 } else { nibble };
            child.nibbles += 1;
        }
        child
    }

    /// The slot in which a path below continues; 0 at the deepest position.
    pub(crate) fn slot(&self, path: &Hash) -> usize {
        let byte = path.0.get(self.known_bytes()).copied().unwrap_or(0);
        usize::from(if self.nibbles.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
    }

    /// The slot, from the bytes of a path that the position does not determine; `None` if the path is
    /// elsewhere.
    pub(crate) fn slot_of_rest(&self, rest: &[u8]) -> Option<usize> {
        let Some(byte) = rest.first() else { return Some(0) };
        if self.nibbles.is_multiple_of(2) {
            return Some(usize::from(byte >> 4));
        }
        let is_beneath = byte >> 4 == self.prefix[self.known_bytes()] >> 4;
        is_beneath.then_some(usize::from(byte & 15))
    }

    /// The bytes known from the position, to be joined with the rest of a path.
    pub(crate) fn known(&self) -> &[u8] {
        &self.prefix[..self.known_bytes()]
    }

    /// The first path beneath it.
    pub(crate) fn first_path(&self) -> Hash {
        Hash(self.prefix)
    }

    /// The key under which the page is stored: the number of half bytes, then as many bytes as needed for
    /// them.
    pub(crate) fn id(&self) -> PageId {
        let mut id = [0; PAGE_ID_BYTES_MAX];
        id[0] = self.nibbles;
        id[1..].copy_from_slice(&self.prefix);
        PageId::of(id, 1 + self.nibbles.div_ceil(2))
    }
}
