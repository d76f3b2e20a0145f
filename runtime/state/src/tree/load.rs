//! Loads pages of the tree from the cache or the store; those from the store are checked.

use std::borrow::Cow;
use std::sync::Arc;

use super::cache::Node;
use super::node::Subtree;
use super::page::check;
use super::position::Position;
use super::view::{View, damaged};
use crate::{StateStore, StoreError};

/// A page's bytes, cached or read.
type Shared<'a> = Cow<'a, Arc<[u8]>>;

/// A page, with the cached ones below it.
pub(crate) struct Loaded<'a> {
    bytes: Shared<'a>,
    node: Option<&'a Node>,
}

impl<'a> Loaded<'a> {
    /// A page of the cached state.
    pub(crate) fn cached(node: &'a Node) -> Self {
        Self { bytes: Cow::Borrowed(&node.bytes), node: Some(node) }
    }

    /// A page that was read from the store, with no cached pages below it.
    pub(crate) fn read(bytes: Vec<u8>) -> Self {
        Self { bytes: Cow::Owned(bytes.into()), node: None }
    }

    /// The page's bytes.
    pub(crate) fn shared(&self) -> Arc<[u8]> {
        Arc::clone(&self.bytes)
    }

    pub(crate) fn view<'b>(&'b self, at: &'b Position) -> Result<View<'b>, StoreError> {
        View::of(at, &self.bytes)
    }

    /// The page in a slot, which is that of the `expected` subtree and has leaves.
    pub(crate) fn child(
        &self,
        store: &dyn StateStore,
        at: &Position,
        slot: usize,
        expected: &Subtree,
    ) -> Result<Self, StoreError> {
        match self.node.and_then(|node| node.below(slot)) {
            Some(node) => Ok(Self::cached(node)),
            None => read(store, at, expected).map(Self::read),
        }
    }
}

/// Reads the page that a subtree must have.
pub(crate) fn read(
    store: &dyn StateStore,
    at: &Position,
    expected: &Subtree,
) -> Result<Vec<u8>, StoreError> {
    let Some(bytes) = store.page(&at.id())? else {
        return Err(damaged(at, "it is missing"));
    };
    check(at, &bytes, &expected.hash)?;
    let page = View::of(at, &bytes)?;
    page.check_form(at)?;
    // Only the first page contains the number of leaves of the whole tree.
    match page.leaves() == expected.leaves || *at == Position::ROOT {
        true => Ok(bytes),
        false => Err(damaged(at, "it has more or fewer leaves than the page above says")),
    }
}
