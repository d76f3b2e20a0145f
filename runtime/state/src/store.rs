use ehb_crypto::Hash;

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// The committed state of one height, wherever it is kept.
///
/// A store shows one consistent height for as long as it is held.
pub trait StateStore: Send + Sync {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `limit` entries whose keys start with `prefix` and, where `after` is given, are greater
    /// than it, in ascending order. `after` is a whole key.
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError>;

    /// The encoded page of the state tree under this id.
    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError>;
}

/// Where a page of the state tree stands; its bytes are the key under which it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub Vec<u8>);

impl std::fmt::Display for PageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a block changes, to be written in one atomic step. Keys are ascending and distinct.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New values by key; `None` removes the entry.
    pub entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// New tree pages by id; `None` removes the page.
    pub pages: Vec<(PageId, Option<Vec<u8>>)>,
    /// The root of the tree after the changes.
    pub root: Hash,
}

/// The store could not answer: a disk error or damaged data. It says nothing about the state, so
/// whoever meets it must stop rather than go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state store failed: {0}")]
pub struct StoreError(pub String);
