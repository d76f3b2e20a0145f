use std::sync::Arc;

use ehb_crypto::Hash;

use super::cache::Cache;
use super::encoding::{damaged, decode};
use super::node::Subtree;
use super::page::Page;
use super::position::Position;
use crate::{StateStore, StoreError};

/// Reads pages through the cache, and none that its parent doesn't vouch for.
///
/// Because each page is held against the hash that is expected of it, a cache that is out of date
/// costs time and never gives a wrong answer.
pub(crate) struct Loader<'a> {
    store: &'a dyn StateStore,
    cache: &'a mut Cache,
}

impl<'a> Loader<'a> {
    pub(crate) fn new(store: &'a dyn StateStore, cache: &'a mut Cache) -> Self {
        Self { store, cache }
    }

    /// The first page of the tree with this root; `None` for the empty tree.
    pub(crate) fn root(&mut self, root: &Hash) -> Result<Option<Arc<Page>>, StoreError> {
        if *root != Hash::ZERO {
            return self.page(&Position::ROOT, |subtree| subtree.hash == *root).map(Some);
        }
        match self.store.page(&Position::ROOT.id())? {
            None => Ok(None),
            Some(_) => Err(StoreError(
                "the state tree should be empty by its root, but the store holds pages of it"
                    .into(),
            )),
        }
    }

    /// The page of a child, which has leaves; `None` where the subtree is empty.
    pub(crate) fn child(
        &mut self,
        at: &Position,
        expected: &Subtree,
    ) -> Result<Option<Arc<Page>>, StoreError> {
        if expected.leaves == 0 {
            return Ok(None);
        }
        self.page(at, |subtree| subtree == expected).map(Some)
    }

    fn page(
        &mut self,
        at: &Position,
        is_expected: impl Fn(&Subtree) -> bool,
    ) -> Result<Arc<Page>, StoreError> {
        if let Some(page) = self.cache.get(at)
            && is_expected(&page.subtree())
        {
            return Ok(page.clone());
        }
        let page = Arc::new(read(self.store, at)?);
        if !is_expected(&page.subtree()) {
            return Err(damaged(at, "its hash is not the one expected"));
        }
        self.cache.insert(*at, page.clone());
        Ok(page)
    }
}

/// Reads and decodes a page that must exist.
pub(crate) fn read(store: &dyn StateStore, at: &Position) -> Result<Page, StoreError> {
    match store.page(&at.id())? {
        Some(bytes) => decode(at, &bytes),
        None => Err(damaged(at, "it is missing")),
    }
}
