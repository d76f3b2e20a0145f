//! Applies a sorted batch to the pages of the tree.
//!
//! All that the new root is made of is held against the old one first: a page's quarters when it is
//! read, and what lies beneath a quarter before it is hashed anew.

use ehb_crypto::Hash;

use super::cache::{Cache, Renewed};
use super::encoding::{damaged, encode};
use super::load::{Loaded, load_child, load_root};
use super::node::{Leaf, Subtree};
use super::page::{Content, LEAVES_MAX, Page, QUARTER_SLOTS, QUARTERS, Quarter};
use super::position::{Position, SLOTS};
use crate::{StateStore, StoreError};

/// A new value's hash for a path, or the removal of its leaf.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafChange {
    pub(crate) path: Hash,
    pub(crate) value: Option<Hash>,
}

/// A page to be written, or removed.
pub(crate) type PageChange = (Position, Option<Vec<u8>>);

/// What an update leads to.
pub(crate) struct Updated {
    pub(crate) root: Hash,
    /// The pages that differ, ascending.
    pub(crate) written: Vec<PageChange>,
    /// The same pages for the cache; `None` where nothing differs.
    pub(crate) renewed: Option<Option<Renewed>>,
}

/// The tree after `changes`, which ascend by path and are distinct.
pub(crate) fn update(
    store: &dyn StateStore,
    cache: &Cache,
    root: &Hash,
    changes: &[LeafChange],
) -> Result<Updated, StoreError> {
    let old = load_root(store, cache.root(), root)?;
    let mut writer = Writer { store, written: Vec::new() };
    let new = writer.apply(&Position::ROOT, old.as_ref(), changes)?;
    let root = new.page.subtree().hash;
    let old = old.map_or(Subtree::EMPTY, |old| old.page().subtree());
    let renewed = writer.put(Position::ROOT, &old, new);
    let mut written = writer.written;
    written.sort_unstable_by_key(|(at, _)| *at);
    Ok(Updated { root, written, renewed })
}

/// Collects what is to be written while it descends into the tree.
struct Writer<'a> {
    store: &'a dyn StateStore,
    written: Vec<PageChange>,
}

impl Writer<'_> {
    /// The page that comes of `old` by `changes`. The pages beneath it are written; the page itself is
    /// left to the caller, who knows whether it stays a page of its own.
    fn apply(
        &mut self,
        at: &Position,
        old: Option<&Loaded<'_>>,
        changes: &[LeafChange],
    ) -> Result<Renewed, StoreError> {
        let Some(old) = old else {
            return Ok(self.build(at, &merge(&[], changes)));
        };
        let page = old.page();
        match page.content() {
            Content::Leaves(leaves) => {
                let merged = merge(leaves, changes);
                if merged.len() > LEAVES_MAX {
                    check(at, page.is_right(at))?;
                    return Ok(self.build(at, &merged));
                }
                let mut known = page.quarters().map(Some);
                for change in changes {
                    touch(at, page, &change.path, &mut known)?;
                }
                let page = Page::new(at, Content::Leaves(merged), known);
                Ok(Renewed { page, below: Vec::new() })
            }
            Content::Children(children) => self.apply_below(at, old, children, changes),
        }
    }

    fn apply_below(
        &mut self,
        at: &Position,
        old: &Loaded<'_>,
        subtrees: &[Subtree; SLOTS],
        changes: &[LeafChange],
    ) -> Result<Renewed, StoreError> {
        let mut children = Box::new(*subtrees);
        let mut known = old.page().quarters().map(Some);
        let mut changed = Vec::with_capacity(changes.len().min(SLOTS));
        for group in changes.chunk_by(|one, next| at.slot(&one.path) == at.slot(&next.path)) {
            let slot = at.slot(&group[0].path);
            touch(at, old.page(), &group[0].path, &mut known)?;
            let child = at.child(slot);
            let before = load_child(self.store, &child, old.below(slot), &subtrees[slot])?;
            let after = self.apply(&child, before.as_ref(), group)?;
            children[slot] = after.page.subtree();
            changed.push((slot, after));
        }
        let leaves: usize = children.iter().map(|child| usize::from(child.leaves)).sum();
        if leaves <= LEAVES_MAX {
            return self.collapse(at, old, subtrees, changed);
        }
        let mut below = Vec::with_capacity(changed.len());
        for (slot, after) in changed {
            let renewed = self.put(at.child(slot), &subtrees[slot], after);
            below.extend(renewed.map(|renewed| (slot, renewed)));
        }
        Ok(Renewed { page: Page::new(at, Content::Children(children), known), below })
    }

    /// Takes the few leaves that are left in the children into the page itself.
    fn collapse(
        &mut self,
        at: &Position,
        old: &Loaded<'_>,
        subtrees: &[Subtree; SLOTS],
        changed: Vec<(usize, Renewed)>,
    ) -> Result<Renewed, StoreError> {
        let mut changed = changed.into_iter().peekable();
        let mut leaves = Vec::with_capacity(LEAVES_MAX);
        for slot in 0..SLOTS {
            let child = at.child(slot);
            match changed.next_if(|(changed, _)| *changed == slot) {
                Some((_, after)) => take_leaves(&child, &after.page, &mut leaves)?,
                None => {
                    let page = load_child(self.store, &child, old.below(slot), &subtrees[slot])?;
                    if let Some(page) = page {
                        take_leaves(&child, page.page(), &mut leaves)?;
                    }
                }
            }
            if subtrees[slot].leaves > 0 {
                self.written.push((child, None));
            }
        }
        Ok(Renewed { page: Page::fresh(at, Content::Leaves(leaves)), below: Vec::new() })
    }

    /// A page for leaves where there was none, or too small a one.
    fn build(&mut self, at: &Position, leaves: &[Leaf]) -> Renewed {
        if leaves.len() <= LEAVES_MAX {
            let page = Page::fresh(at, Content::Leaves(leaves.to_vec()));
            return Renewed { page, below: Vec::new() };
        }
        let mut children = Box::new([Subtree::EMPTY; SLOTS]);
        let mut below = Vec::with_capacity(SLOTS);
        for group in leaves.chunk_by(|one, next| at.slot(&one.path) == at.slot(&next.path)) {
            let slot = at.slot(&group[0].path);
            let child = self.build(&at.child(slot), group);
            children[slot] = child.page.subtree();
            let renewed = self.put(at.child(slot), &Subtree::EMPTY, child);
            below.extend(renewed.map(|renewed| (slot, renewed)));
        }
        Renewed { page: Page::fresh(at, Content::Children(children)), below }
    }

    /// Writes a page where it differs from what was there (the same subtree is the same page), and
    /// gives what the cache should hold from then on.
    fn put(&mut self, at: Position, old: &Subtree, new: Renewed) -> Option<Option<Renewed>> {
        if new.page.subtree() == *old {
            return None;
        }
        let new = (new.page.subtree().leaves > 0).then_some(new);
        self.written.push((at, new.as_ref().map(|new| encode(&at, &new.page))));
        Some(new)
    }
}

fn take_leaves(at: &Position, page: &Page, leaves: &mut Vec<Leaf>) -> Result<(), StoreError> {
    check(at, page.is_right(at))?;
    match page.content() {
        Content::Leaves(below) => {
            leaves.extend_from_slice(below);
            Ok(())
        }
        Content::Children(_) => Err(damaged(at, "it has more leaves than its parent says")),
    }
}

/// Marks the quarter in which a path lies as to be computed, once its content is known to be right.
fn touch(
    at: &Position,
    page: &Page,
    path: &Hash,
    known: &mut [Option<Quarter>; QUARTERS],
) -> Result<(), StoreError> {
    let index = at.slot(path) / QUARTER_SLOTS;
    match known[index].take() {
        Some(_) => check(at, page.is_quarter_right(at, index)),
        None => Ok(()),
    }
}

fn check(at: &Position, is_right: bool) -> Result<(), StoreError> {
    match is_right {
        true => Ok(()),
        false => Err(damaged(at, "its content has another hash than it says")),
    }
}

/// The leaves after the changes. Both ascend by path.
fn merge(leaves: &[Leaf], changes: &[LeafChange]) -> Vec<Leaf> {
    let mut merged = Vec::with_capacity(leaves.len() + changes.len());
    let mut rest = leaves;
    for change in changes {
        let (before, after) = rest.split_at(rest.partition_point(|leaf| leaf.path < change.path));
        merged.extend_from_slice(before);
        rest = match after {
            [leaf, after @ ..] if leaf.path == change.path => after,
            _ => after,
        };
        merged.extend(change.value.map(|value| Leaf { path: change.path, value }));
    }
    merged.extend_from_slice(rest);
    merged
}
