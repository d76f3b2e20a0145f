//! Applies a sorted batch to the pages of the tree.

use std::ops::Range;
use std::sync::Arc;

use ehb_crypto::Hash;

use super::cache::Cache;
use super::form::write_form;
use super::load::{Loaded, read};
use super::node::{Leaf, MANY, Subtree};
use super::page::{LEAVES_MAX, Page, PageWriter, QUARTER_SLOTS, QUARTERS};
use super::position::{Position, SLOTS};
use super::view::{ChildrenView, LeavesView, View};
use crate::{PageId, PagesBefore, StateStore, StoreError};

/// A new value's hash for a path, or the removal of its leaf.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafChange {
    pub(crate) path: Hash,
    pub(crate) value: Option<Hash>,
}

/// A page to be written, or removed.
#[derive(Debug)]
pub(crate) struct PageChange {
    pub(crate) id: PageId,
    /// Its bytes from now on.
    pub(crate) after: PageBytes,
    /// Its bytes until now.
    pub(crate) before: PageBytes,
    /// Where the form of what it was is in [`Updated::forms`].
    pub(crate) form: Range<usize>,
}

/// The changes of an update.
#[derive(Debug)]
pub(crate) struct Updated {
    pub(crate) root: Hash,
    /// The pages that differ, ascending.
    pub(crate) pages: Vec<PageChange>,
    pub(crate) forms: Vec<u8>,
}

impl Updated {
    /// The pages as they are now, and as they were.
    pub(crate) fn into_pages(self) -> (Vec<(PageId, PageBytes)>, PagesBefore) {
        let mut before = PagesBefore::default();
        let change = |it: PageChange| {
            before.push(it.before, &self.forms[it.form]);
            (it.id, it.after)
        };
        let after = self.pages.into_iter().map(change).collect();
        (after, before)
    }
}

/// A page's bytes; none where there is no page.
type PageBytes = Option<Arc<[u8]>>;

/// The root of the tree after `changes`, which ascend by path and are distinct, and the pages that
/// differ.
pub(crate) fn update(
    store: &dyn StateStore,
    cache: &Cache,
    root: &Hash,
    changes: &[LeafChange],
) -> Result<Updated, StoreError> {
    let mut writer = Writer::new(store, changes.len());
    let at = Position::ROOT;
    let old = Subtree { hash: *root, leaves: MANY };
    let mut before = None;
    let new = if let Some(cached) = cache.root(root) {
        let old = Loaded::cached(cached);
        before = Some(old.shared());
        writer.apply(&at, &old, changes)?
    } else if *root != Hash::ZERO {
        let old = Loaded::read(read(store, &at, &old)?);
        before = Some(old.shared());
        writer.apply(&at, &old, changes)?
    } else if store.page(&at.id())?.is_none() {
        writer.build(&at, &merge(&[], changes))
    } else {
        return Err(StoreError(
            "the state tree should be empty by its root, but the store holds pages of it".into(),
        ));
    };
    let new_root = new.subtree.hash;
    if new_root != *root {
        writer.put(&at, new, before);
    }
    let mut pages = Vec::with_capacity(writer.written.iter().map(Vec::len).sum());
    writer.written.iter_mut().for_each(|level| pages.append(level));
    Ok(Updated { root: new_root, pages, forms: writer.forms })
}

/// Collects what is to be written while it descends into the tree.
struct Writer<'a> {
    store: &'a dyn StateStore,
    pages: PageWriter,
    /// The changed pages by how many are above them. The descent meets those of one level in order.
    written: Vec<Vec<PageChange>>,
    changes: usize,
    /// The forms of the pages, in the order in which they were written.
    forms: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(store: &'a dyn StateStore, changes: usize) -> Self {
        let (pages, written) = (PageWriter::default(), Vec::new());
        Self { store, pages, written, changes, forms: Vec::with_capacity(64 * changes) }
    }

    /// The page that comes of `old` by `changes`. The pages beneath it are written; the page itself is
    /// left to the caller, who knows whether it stays a page of its own.
    fn apply(
        &mut self,
        at: &Position,
        old: &Loaded<'_>,
        changes: &[LeafChange],
    ) -> Result<Page, StoreError> {
        match old.view(at)? {
            View::Leaves(page) => Ok(self.apply_here(at, &page, changes)),
            View::Children(page) => self.apply_below(at, old, &page, changes),
        }
    }

    fn apply_here(&mut self, at: &Position, old: &LeavesView<'_>, changes: &[LeafChange]) -> Page {
        let mut known = old.known();
        let mut counts = old.counts();
        let mut page = self.pages.begin_leaves(at);
        let mut taken = 0;
        for change in changes {
            let quarter = at.slot(&change.path) / QUARTER_SLOTS;
            known[quarter] = None;
            let (before, after) = match old.find(&change.path) {
                Ok(index) => (index, index + 1),
                Err(index) => (index, index),
            };
            page.put_all(old.items(taken..before));
            if let Some(value) = change.value {
                page.put(&Leaf { path: change.path, value });
                counts[quarter] += 1;
            }
            counts[quarter] -= after - before;
            taken = after;
        }
        page.put_all(old.items(taken..old.count()));
        if counts.iter().sum::<usize>() > LEAVES_MAX {
            let leaves: Vec<Leaf> = page.view(&counts).all().collect();
            return self.build(at, &leaves);
        }
        page.finish(&counts, &known)
    }

    fn apply_below(
        &mut self,
        at: &Position,
        old: &Loaded<'_>,
        page: &ChildrenView<'_>,
        changes: &[LeafChange],
    ) -> Result<Page, StoreError> {
        let mut children = page.children();
        let mut known = page.known(&children);
        let mut changed = [const { None }; SLOTS];
        for group in changes.chunk_by(|one, next| at.slot(&one.path) == at.slot(&next.path)) {
            let slot = at.slot(&group[0].path);
            let child = at.child(slot);
            let before = children[slot];
            let mut bytes = None;
            let after = match before.leaves {
                0 => self.build(&child, &merge(&[], group)),
                _ => {
                    let before = old.child(self.store, &child, slot, &before)?;
                    bytes = Some(before.shared());
                    self.apply(&child, &before, group)?
                }
            };
            // The same subtree is the same page.
            if after.subtree != before {
                children[slot] = after.subtree;
                known[slot / QUARTER_SLOTS] = None;
                changed[slot] = Some((after, bytes));
            }
        }
        let leaves: usize = children.iter().map(|child| usize::from(child.leaves)).sum();
        if leaves <= LEAVES_MAX {
            return self.collapse(at, old, page, &children, &changed);
        }
        for (slot, after) in changed.into_iter().enumerate() {
            if let Some((after, before)) = after {
                self.put(&at.child(slot), after, before);
            }
        }
        Ok(self.pages.children(&children, &known))
    }

    /// Takes the few leaves that are left in the children into the page itself.
    fn collapse(
        &mut self,
        at: &Position,
        old: &Loaded<'_>,
        page: &ChildrenView<'_>,
        children: &[Subtree; SLOTS],
        changed: &[Option<(Page, PageBytes)>; SLOTS],
    ) -> Result<Page, StoreError> {
        let mut leaves = Vec::with_capacity(LEAVES_MAX);
        for (slot, subtree) in children.iter().enumerate() {
            let child = at.child(slot);
            let mut before = changed[slot].as_ref().and_then(|(_, before)| before.clone());
            match &changed[slot] {
                _ if subtree.leaves == 0 => {}
                Some((after, _)) => take_leaves(View::of(&child, &after.bytes)?, &mut leaves),
                None => {
                    let page = old.child(self.store, &child, slot, subtree)?;
                    before = Some(page.shared());
                    take_leaves(page.view(&child)?, &mut leaves);
                }
            }
            if page.has(slot) {
                self.change(&child, None, before);
            }
        }
        Ok(self.build(at, &leaves))
    }

    /// A page for leaves where there was none, or too small a one.
    fn build(&mut self, at: &Position, leaves: &[Leaf]) -> Page {
        if leaves.len() <= LEAVES_MAX {
            return self.pages.leaves(at, leaves);
        }
        let mut children = [Subtree::EMPTY; SLOTS];
        for group in leaves.chunk_by(|one, next| at.slot(&one.path) == at.slot(&next.path)) {
            let slot = at.slot(&group[0].path);
            let child = self.build(&at.child(slot), group);
            children[slot] = child.subtree;
            self.put(&at.child(slot), child, None);
        }
        self.pages.children(&children, &[None; QUARTERS])
    }

    /// Writes a page, or removes it where nothing is left of it.
    fn put(&mut self, at: &Position, page: Page, before: PageBytes) {
        self.change(at, (page.subtree.leaves > 0).then_some(page.bytes), before);
    }

    fn change(&mut self, at: &Position, after: PageBytes, before: PageBytes) {
        let level = at.pages_above();
        while self.written.len() <= level {
            // As many as there are changes, but no more than there can be: the most where all pages stay.
            let pages_max = SLOTS.saturating_pow(self.written.len() as u32);
            self.written.push(Vec::with_capacity(self.changes.min(pages_max)));
        }
        // Now both are at hand: later they would have to come from memory again.
        let (id, start) = (at.id(), self.forms.len());
        write_form(&mut self.forms, &id, before.as_deref(), after.as_deref(), false);
        let form = start..self.forms.len();
        self.written[level].push(PageChange { id, after, before, form });
    }
}

/// The leaves of a child that has few; one with children of its own has none here.
fn take_leaves(page: View<'_>, leaves: &mut Vec<Leaf>) {
    if let View::Leaves(page) = page {
        leaves.extend(page.all());
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
