//! The stored form of a page.
//!
//! First byte: how many leaves, 1 to 16, or 0 for a page of children.
//! - Leaves: for each the bytes of its path that the position doesn't give, then its value's hash.
//! - Children: the occupied slots as bits of a little-endian `u16`, then for each how many leaves it
//!   has (17: more than 16) and its hash.
//!
//! Then, for each quarter that holds two or more of those, its hash. Nothing follows.

use ehb_crypto::Hash;

use super::node::{Leaf, MANY, Subtree};
use super::page::{Content, LEAVES_MAX, Page, QUARTER_SLOTS, QUARTERS, Quarter};
use super::position::{Position, SLOTS};
use crate::StoreError;

/// Encodes a page that has leaves beneath it.
pub(crate) fn encode(at: &Position, page: &Page) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded_bytes(at, page));
    let mut items = [0; QUARTERS];
    match page.content() {
        Content::Leaves(leaves) => {
            bytes.push(leaves.len() as u8);
            for leaf in leaves {
                bytes.extend_from_slice(&leaf.path.0[at.known_bytes()..]);
                bytes.extend_from_slice(&leaf.value.0);
                items[at.slot(&leaf.path) / QUARTER_SLOTS] += 1;
            }
        }
        Content::Children(children) => {
            let occupied = (0..SLOTS).filter(|slot| children[*slot].leaves > 0);
            let bits = occupied.clone().fold(0u16, |bits, slot| bits | 1 << slot);
            bytes.push(0);
            bytes.extend_from_slice(&bits.to_le_bytes());
            for slot in occupied {
                bytes.push(children[slot].leaves);
                bytes.extend_from_slice(&children[slot].hash.0);
                items[slot / QUARTER_SLOTS] += 1;
            }
        }
    }
    for (quarter, _) in page.quarters().iter().zip(items).filter(|(_, items)| *items >= 2) {
        bytes.extend_from_slice(&quarter.subtree.hash.0);
    }
    bytes
}

/// At least as many bytes as the encoding takes.
fn encoded_bytes(at: &Position, page: &Page) -> usize {
    let items = match page.content() {
        Content::Leaves(leaves) => leaves.len() * (64 - at.known_bytes()),
        Content::Children(_) => 2 + SLOTS * 33,
    };
    1 + items + QUARTERS * 32
}

/// Decodes a page and checks its form. That its hashes are right is seen by comparing its subtree with
/// what the parent says, and by [`Page::is_right`].
pub(crate) fn decode(at: &Position, bytes: &[u8]) -> Result<Page, StoreError> {
    let mut reader = Reader { at, rest: bytes };
    let page = match reader.byte()? {
        0 => decode_children(&mut reader)?,
        count => decode_leaves(&mut reader, usize::from(count))?,
    };
    match reader.rest {
        [] => Ok(page),
        _ => Err(reader.damaged("bytes follow its end")),
    }
}

fn decode_leaves(reader: &mut Reader<'_>, count: usize) -> Result<Page, StoreError> {
    let at = reader.at;
    if count > LEAVES_MAX {
        return Err(reader.damaged("it has too many leaves"));
    }
    let mut leaves: Vec<Leaf> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut path = Hash::ZERO;
        let (known, rest) = path.0.split_at_mut(at.known_bytes());
        known.copy_from_slice(at.known());
        rest.copy_from_slice(reader.take(rest.len())?);
        if !at.holds(&path) {
            return Err(reader.damaged("a leaf belongs elsewhere"));
        }
        if leaves.last().is_some_and(|last| last.path >= path) {
            return Err(reader.damaged("its leaves are out of order"));
        }
        leaves.push(Leaf { path, value: reader.hash()? });
    }
    let mut known = [None; QUARTERS];
    for (index, known) in known.iter_mut().enumerate() {
        let within = Content::quarter_leaves(&leaves, at, index).len();
        if within >= 2 {
            *known = Some(reader.quarter(within as u8)?);
        }
    }
    Ok(Page::new(at, Content::Leaves(leaves), known))
}

fn decode_children(reader: &mut Reader<'_>) -> Result<Page, StoreError> {
    let bits = u16::from_le_bytes([reader.byte()?, reader.byte()?]);
    if reader.at.is_deepest() {
        return Err(reader.damaged("nothing can lie beneath it"));
    }
    let mut children = [Subtree::EMPTY; SLOTS];
    let mut leaves = 0;
    for (slot, child) in children.iter_mut().enumerate() {
        if bits >> slot & 1 == 0 {
            continue;
        }
        *child = Subtree { leaves: reader.byte()?, hash: reader.hash()? };
        if child.leaves == 0 || child.leaves > MANY {
            return Err(reader.damaged("a child counts wrong"));
        }
        leaves += usize::from(child.leaves);
    }
    if leaves <= LEAVES_MAX {
        return Err(reader.damaged("it has too few leaves beneath it"));
    }
    let mut known = [None; QUARTERS];
    for (quarter, known) in children.chunks(QUARTER_SLOTS).zip(&mut known) {
        if quarter.iter().filter(|child| child.leaves > 0).count() >= 2 {
            let leaves = quarter.iter().map(|child| child.leaves).sum::<u8>().min(MANY);
            *known = Some(reader.quarter(leaves)?);
        }
    }
    Ok(Page::new(reader.at, Content::Children(Box::new(children)), known))
}

struct Reader<'a> {
    at: &'a Position,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], StoreError> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.damaged("it ends too early"));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, StoreError> {
        Ok(self.take(1)?[0])
    }

    fn hash(&mut self) -> Result<Hash, StoreError> {
        let mut hash = Hash::ZERO;
        hash.0.copy_from_slice(self.take(32)?);
        Ok(hash)
    }

    fn quarter(&mut self, leaves: u8) -> Result<Quarter, StoreError> {
        let subtree = Subtree { hash: self.hash()?, leaves };
        Ok(Quarter { subtree, checked: false })
    }

    fn damaged(&self, why: &str) -> StoreError {
        damaged(self.at, why)
    }
}

/// The error for a page that is not what it should be.
pub(crate) fn damaged(at: &Position, why: &str) -> StoreError {
    StoreError(format!("page {} of the state tree is damaged: {why}", at.id()))
}
