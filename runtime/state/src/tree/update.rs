//! Applies a sorted batch to the pages of the tree.
//!
//! All that the new root is made of is held against the old one first: a page's quarters when it is
//! read, and what lies beneath a quarter before it is hashed anew.

use std::sync::Arc;

use ehb_crypto::Hash;

use super::encoding::damaged;
use super::load::Loader;
use super::node::{Leaf, Subtree};
use super::page::{Content, LEAVES_MAX, Page, QUARTER_SLOTS, QUARTERS, Quarter};
use super::position::{Position, SLOTS};
use crate::StoreError;

/// A new value's hash for a path, or the removal of its leaf.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafChange {
    pub(crate) path: Hash,
    pub(crate) value: Option<Hash>,
}

/// A page that was written, or removed.
pub(crate) type PageChange = (Position, Option<Arc<Page>>);

/// Collects what changes while it descends into the tree.
pub(crate) struct Update<'a> {
    loader: Loader<'a>,
    changed: Vec<PageChange>,
}

/// The root after `changes`, which ascend by path and are distinct, and the pages that differ.
pub(crate) fn update(
    mut loader: Loader<'_>,
    root: &Hash,
    changes: &[LeafChange],
) -> Result<(Hash, Vec<PageChange>), StoreError> {
    let old = loader.root(root)?;
    let mut update = Update { loader, changed: Vec::new() };
    let new = update.apply(&Position::ROOT, old.as_deref(), changes)?;
    let root = new.subtree().hash;
    update.put(Position::ROOT, &old.map_or(Subtree::EMPTY, |page| page.subtree()), new);
    update.changed.sort_unstable_by_key(|(at, _)| *at);
    Ok((root, update.changed))
}

impl Update<'_> {
    /// The page that comes of `old` by `changes`. The pages beneath it are written; the page itself is
    /// left to the caller, who knows whether it stays a page of its own.
    fn apply(
        &mut self,
        at: &Position,
        old: Option<&Page>,
        changes: &[LeafChange],
    ) -> Result<Page, StoreError> {
        match old.map(|page| (page, page.content())) {
            None => Ok(self.build(at, &merge(&[], changes))),
            Some((page, Content::Leaves(leaves))) => {
                let merged = merge(leaves, changes);
                if merged.len() > LEAVES_MAX {
                    check(at, page.is_right(at))?;
                    return Ok(self.build(at, &merged));
                }
                let mut known = page.quarters().map(Some);
                for change in changes {
                    touch(at, page, &change.path, &mut known)?;
                }
                Ok(Page::new(at, Content::Leaves(merged), known))
            }
            Some((page, Content::Children(children))) => {
                self.apply_below(at, page, children, changes)
            }
        }
    }

    fn apply_below(
        &mut self,
        at: &Position,
        page: &Page,
        old: &[Subtree; SLOTS],
        changes: &[LeafChange],
    ) -> Result<Page, StoreError> {
        let mut children = Box::new(*old);
        let mut known = page.quarters().map(Some);
        let mut changed = Vec::with_capacity(changes.len().min(SLOTS));
        for group in changes.chunk_by(|one, next| at.slot(&one.path) == at.slot(&next.path)) {
            let slot = at.slot(&group[0].path);
            touch(at, page, &group[0].path, &mut known)?;
            let before = self.loader.child(&at.child(slot), &old[slot])?;
            let after = self.apply(&at.child(slot), before.as_deref(), group)?;
            children[slot] = after.subtree();
            changed.push((slot, after));
        }
        let leaves: usize = children.iter().map(|child| usize::from(child.leaves)).sum();
        if leaves <= LEAVES_MAX {
            return self.collapse(at, old, &children, changed);
        }
        for (slot, page) in changed {
            self.put(at.child(slot), &old[slot], page);
        }
        Ok(Page::new(at, Content::Children(children), known))
    }

    /// Takes the few leaves that are left in the children into the page itself.
    fn collapse(
        &mut self,
        at: &Position,
        old: &[Subtree; SLOTS],
        new: &[Subtree; SLOTS],
        changed: Vec<(usize, Page)>,
    ) -> Result<Page, StoreError> {
        let mut changed = changed.into_iter().peekable();
        let mut leaves = Vec::with_capacity(LEAVES_MAX);
        for slot in 0..SLOTS {
            let child = at.child(slot);
            let page = match changed.next_if(|(changed, _)| *changed == slot) {
                Some((_, page)) => Some(Arc::new(page)),
                None => self.loader.child(&child, &new[slot])?,
            };
            if let Some(page) = page {
                check(&child, page.is_right(&child))?;
                match page.content() {
                    Content::Leaves(below) => leaves.extend_from_slice(below),
                    Content::Children(_) => return Err(damaged(&child, "it has leaves uncounted")),
                }
            }
            if old[slot].leaves > 0 {
                self.changed.push((child, None));
            }
        }
        Ok(Page::fresh(at, Content::Leaves(leaves)))
    }

    /// A page for leaves where there was none, or too small a one.
    fn build(&mut self, at: &Position, leaves: &[Leaf]) -> Page {
        if leaves.len() <= LEAVES_MAX {
            return Page::fresh(at, Content::Leaves(leaves.to_vec()));
        }
        let mut children = Box::new([Subtree::EMPTY; SLOTS]);
        for group in leaves.chunk_by(|one, next| at.slot(&one.path) == at.slot(&next.path)) {
            let slot = at.slot(&group[0].path);
            let page = self.build(&at.child(slot), group);
            children[slot] = page.subtree();
            self.put(at.child(slot), &Subtree::EMPTY, page);
        }
        Page::fresh(at, Content::Children(children))
    }

    /// Writes a page where it differs from what was there; the same subtree is the same page.
    fn put(&mut self, at: Position, old: &Subtree, new: Page) {
        if new.subtree() != *old {
            let page = (new.subtree().leaves > 0).then(|| Arc::new(new));
            self.changed.push((at, page));
        }
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
