//! Earlier forms of a page, for stores that keep them.
//!
//! A form is what a page was before a change: nothing, whole, or as the difference from what the page became.
//! Checksum and hashes of quarters follow from the rest: no form has them, and reading one computes them again.

use std::cmp::Ordering;

use super::node::{Leaf, Subtree};
use super::page::{CHECKSUM_BYTES, LEAVES_MAX, PageWriter, QUARTERS};
use super::position::{Position, SLOTS};
use super::view::{ChildrenView, LeavesView, View, damaged};
use crate::{PageId, StoreError};

/// There was no page.
const ABSENT: u8 = 0;
/// Leaves or children follow, as in the page.
const WHOLE: u8 = 1;
/// Bytes that are no page's follow as they are.
const OPAQUE: u8 = 2;
/// Follow the slots that differ, as bits of a little-endian `u16`, and for each the child that was in it: how many
/// leaves it had and, where it had some, its hash.
const CHILDREN: u8 = 3;
/// Follow the leaves that differ.
const LEAVES: u8 = 4;

/// A leaf of the page had another value: its index follows in the same byte, then the value's hash.
const CHANGED: u8 = 0;
/// A leaf of the page, whose index follows in the same byte, was not there.
const ADDED: u8 = 0x40;
/// There was a leaf that the page has not: what the position does not say of its path, then its value's hash.
const REMOVED: u8 = 0x80;

/// Appends the form that a page had `before` it became what it is `after`; with `whole` the form does not depend on what
/// the page became.
pub fn write_form(
    form: &mut Vec<u8>,
    id: &PageId,
    before: Option<&[u8]>,
    after: Option<&[u8]>,
    whole: bool,
) {
    let Some(before) = before else { return form.push(ABSENT) };
    let at = Position::of(id);
    let read = at.as_ref().and_then(|at| Some((at, View::of(at, before).ok()?)));
    let Some((at, view)) = read else {
        form.push(OPAQUE);
        return form.extend_from_slice(before);
    };
    let after = after.filter(|_| !whole).and_then(|after| View::of(at, after).ok());
    let start = form.len();
    match (&view, &after) {
        (View::Children(view), Some(View::Children(after))) => write_children(form, view, after),
        (View::Leaves(view), Some(View::Leaves(after))) => write_leaves(form, at, view, after),
        _ => {}
    }
    let content = content_bytes(at, before);
    let difference = form.len() - start;
    if difference == 0 || difference > content.len() {
        form.truncate(start);
        form.push(WHOLE);
        form.extend_from_slice(content);
    }
}

/// A page's bytes without its checksum and its quarters.
fn content_bytes<'a>(at: &'a Position, page: &'a [u8]) -> &'a [u8] {
    let page = page.get(CHECKSUM_BYTES..).unwrap_or_default();
    let quarters = View::content(at, page).map_or(0, |(_, quarters)| quarters.len());
    &page[..page.len() - quarters]
}

/// Compares the pages where their bytes are: most children are the same.
fn write_children(form: &mut Vec<u8>, before: &ChildrenView<'_>, after: &ChildrenView<'_>) {
    form.push(CHILDREN);
    let bits_at = form.len();
    form.extend_from_slice(&[0; 2]);
    let mut bits = 0u16;
    let (mut old, mut new) = (before.items(), after.items());
    for slot in 0..SLOTS {
        let child = before.has(slot).then(|| old.next()).flatten();
        if child == after.has(slot).then(|| new.next()).flatten() {
            continue;
        }
        bits |= 1 << slot;
        // An empty slot is one without leaves.
        form.extend_from_slice(child.unwrap_or(&[0]));
    }
    form[bits_at..bits_at + 2].copy_from_slice(&bits.to_le_bytes());
}

/// Compares the pages where their bytes are: most leaves are the same.
fn write_leaves(form: &mut Vec<u8>, at: &Position, old: &LeavesView<'_>, new: &LeavesView<'_>) {
    let path_bytes = 32 - at.known_bytes();
    form.push(LEAVES);
    let (mut olds, mut news) = (old.each().peekable(), new.each().enumerate().peekable());
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some((_, new))) if old == new => Ordering::Equal,
            (Some(old), Some((_, new))) => old[..path_bytes].cmp(&new[..path_bytes]),
        };
        let old = if order.is_le() { olds.next() } else { None };
        let new = if order.is_ge() { news.next() } else { None };
        match (old, new) {
            (Some(old), Some((index, new))) if old != new => {
                // A page has at most 24 leaves.
                form.push(CHANGED | index as u8);
                form.extend_from_slice(&old[path_bytes..]);
            }
            (Some(old), None) => {
                form.push(REMOVED);
                form.extend_from_slice(old);
            }
            (None, Some((index, _))) => form.push(ADDED | index as u8),
            _ => {}
        }
    }
}

/// Whether a form says only in what a page differed from the one that followed.
pub fn is_difference(form: &[u8]) -> bool {
    matches!(form.first(), Some(&(CHILDREN | LEAVES)))
}

/// The page that a form stands for. `forms` follow each other in time, beginning with it, and end with the first that is
/// no difference; without such a one, the page of the `head` comes after the last.
pub fn page_before<Form: AsRef<[u8]>>(
    id: &PageId,
    forms: &[Form],
    head: impl FnOnce() -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let wrong = || StoreError(format!("the history of page {id} of the state tree is damaged"));
    let Some((last, rest)) = forms.split_last() else { return head() };
    let ends_whole = !is_difference(last.as_ref());
    let differences = if ends_whole { rest } else { forms };
    let newest;
    let (at, bytes) = match (ends_whole.then_some(last.as_ref()), Position::of(id)) {
        (Some([ABSENT]), _) if rest.is_empty() => return Ok(None),
        (Some([OPAQUE, bytes @ ..]), _) if rest.is_empty() => return Ok(Some(bytes.to_vec())),
        (Some([WHOLE, content @ ..]), Some(at)) => (at, content),
        (None, Some(at)) => {
            newest = head()?.ok_or_else(wrong)?;
            (at, newest.get(CHECKSUM_BYTES..).ok_or_else(wrong)?)
        }
        _ => return Err(wrong()),
    };
    let mut writer = PageWriter::default();
    let differences = differences.iter().rev().map(AsRef::as_ref);
    let page = match View::content(&at, bytes).ok_or_else(wrong)?.0 {
        View::Children(page) => {
            let mut children = page.children();
            for form in differences {
                apply_children(form, &mut children).ok_or_else(wrong)?;
            }
            writer.children(&children, &[None; QUARTERS])
        }
        View::Leaves(page) => {
            let mut leaves: Vec<Leaf> = page.all().collect();
            for form in differences {
                apply_leaves(form, &at, &mut leaves).ok_or_else(wrong)?;
            }
            if leaves.is_empty() || leaves.len() > LEAVES_MAX {
                return Err(damaged(&at, "its history says another number of leaves"));
            }
            writer.leaves(&at, &leaves)
        }
    };
    Ok(Some(page.bytes.to_vec()))
}

fn apply_children(form: &[u8], children: &mut [Subtree; SLOTS]) -> Option<()> {
    let (bits, mut rest) = form.strip_prefix(&[CHILDREN])?.split_first_chunk()?;
    let bits = u16::from_le_bytes(*bits);
    for (slot, child) in children.iter_mut().enumerate() {
        if bits >> slot & 1 == 0 {
            continue;
        }
        let (leaves, after) = rest.split_first()?;
        (*child, rest) = (Subtree { leaves: *leaves, ..Subtree::EMPTY }, after);
        if *leaves > 0 {
            let (hash, after) = rest.split_first_chunk()?;
            (child.hash.0, rest) = (*hash, after);
        }
    }
    rest.is_empty().then_some(())
}

fn apply_leaves(form: &[u8], at: &Position, leaves: &mut Vec<Leaf>) -> Option<()> {
    let mut rest = form.strip_prefix(&[LEAVES])?;
    let path_bytes = 32 - at.known_bytes();
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    while let Some((&change, after)) = rest.split_first() {
        rest = after;
        let index = usize::from(change & !(ADDED | REMOVED));
        match change & (ADDED | REMOVED) {
            CHANGED => {
                let (value, after) = rest.split_first_chunk()?;
                (leaves.get_mut(index)?.value.0, rest) = (*value, after);
            }
            ADDED => added.push(index),
            _ => {
                let (path, after) = rest.split_at_checked(path_bytes)?;
                let (value, after) = after.split_first_chunk()?;
                let mut leaf = Leaf { path: at.first_path(), value: ehb_crypto::Hash(*value) };
                leaf.path.0[at.known_bytes()..].copy_from_slice(path);
                removed.push(leaf);
                rest = after;
            }
        }
    }
    let is_ascending = added.is_sorted_by(|one, next| one < next);
    if !is_ascending || added.last().is_some_and(|last| *last >= leaves.len()) {
        return None;
    }
    added.iter().rev().for_each(|index| {
        leaves.remove(*index);
    });
    leaves.extend(removed);
    leaves.sort_unstable_by_key(|leaf| leaf.path);
    Some(())
}
