use ehb_crypto::Hash;

use super::cache::Node;
use super::encoding::{damaged, decode};
use super::node::Subtree;
use super::page::Page;
use super::position::Position;
use crate::{StateStore, StoreError};

/// A page, from the cache or the store.
pub(crate) enum Loaded<'a> {
    Cached(&'a Node),
    Read(Box<Page>),
}

impl<'a> Loaded<'a> {
    pub(crate) fn page(&self) -> &Page {
        match self {
            Self::Cached(node) => node.page(),
            Self::Read(page) => page,
        }
    }

    /// What the cache holds beneath.
    pub(crate) fn below(&self, slot: usize) -> Option<&'a Node> {
        match self {
            Self::Cached(node) => node.below(slot),
            Self::Read(_) => None,
        }
    }
}

/// The first page of the tree with this root; `None` for the empty tree.
pub(crate) fn load_root<'a>(
    store: &dyn StateStore,
    cached: Option<&'a Node>,
    root: &Hash,
) -> Result<Option<Loaded<'a>>, StoreError> {
    if *root != Hash::ZERO {
        return load(store, &Position::ROOT, cached, |subtree| subtree.hash == *root).map(Some);
    }
    match store.page(&Position::ROOT.id())? {
        None => Ok(None),
        Some(_) => Err(StoreError(
            "the state tree should be empty by its root, but the store holds pages of it".into(),
        )),
    }
}

/// The page of a subtree; `None` where that is empty.
///
/// No page is taken that its parent doesn't vouch for. So a cache that is out of date costs time and
/// never gives a wrong answer.
pub(crate) fn load_child<'a>(
    store: &dyn StateStore,
    at: &Position,
    cached: Option<&'a Node>,
    expected: &Subtree,
) -> Result<Option<Loaded<'a>>, StoreError> {
    if expected.leaves == 0 {
        return Ok(None);
    }
    load(store, at, cached, |subtree| subtree == expected).map(Some)
}

fn load<'a>(
    store: &dyn StateStore,
    at: &Position,
    cached: Option<&'a Node>,
    is_expected: impl Fn(&Subtree) -> bool,
) -> Result<Loaded<'a>, StoreError> {
    match cached {
        Some(node) if is_expected(&node.page().subtree()) => Ok(Loaded::Cached(node)),
        _ => read(store, at, is_expected).map(|page| Loaded::Read(Box::new(page))),
    }
}

/// Reads and decodes a page that must exist.
pub(crate) fn read(
    store: &dyn StateStore,
    at: &Position,
    is_expected: impl Fn(&Subtree) -> bool,
) -> Result<Page, StoreError> {
    let Some(bytes) = store.page(&at.id())? else {
        return Err(damaged(at, "it is missing"));
    };
    let page = decode(at, &bytes)?;
    match is_expected(&page.subtree()) {
        true => Ok(page),
        false => Err(damaged(at, "its hash is not the one expected")),
    }
}
