//! Reads from a snapshot of the database: the head, and the state and tree after it.

use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{PageId, StateCursor, StateStore};
use ehb_types::{Hash, Header, decode};
use rocksdb::{
    DB, DBPinnableSlice, DBRawIteratorWithThreadMode, Direction, IteratorMode, ReadOptions,
};
use self_cell::self_cell;

use crate::cursor::SnapshotCursor;
use crate::database::Database;
use crate::family::Family;
use crate::recent::Recent;
use crate::{StoreError, keys};

/// The newest decided block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Head {
    /// The header's hash; for height 0 that of the genesis header.
    pub hash: Hash,
    /// Its header; genesis has height 0.
    pub header: Header,
    /// The root of the state tree after it, which the next header contains.
    pub state_root: Hash,
}

impl Head {
    /// The block's height.
    pub fn height(&self) -> u64 {
        self.header.height
    }
}

type RocksSnapshot<'a> = rocksdb::SnapshotWithThreadMode<'a, DB>;

self_cell!(
    /// RocksDB's snapshot borrows the database; here both are kept together.
    struct Held {
        owner: Arc<Database>,
        #[covariant]
        dependent: RocksSnapshot,
    }
);

/// The state after one block, whatever is committed later. It keeps the database open, and prevents the
/// cleanup of entries that were overwritten since: hold it for seconds, not for hours.
pub struct Snapshot {
    held: Held,
    head: Head,
    recent: Arc<Recent>,
}

impl Snapshot {
    /// The current state, with some entries cached; `None` before genesis.
    pub(crate) fn new(
        database: Arc<Database>,
        recent: Arc<Recent>,
    ) -> Result<Option<Self>, StoreError> {
        let held = Held::new(database, |database| database.raw().snapshot());
        let meta = held.borrow_owner().family(Family::Meta)?;
        let Some(head) = held.borrow_dependent().get_cf(meta, keys::HEAD)? else {
            return Ok(None);
        };
        let head = decode(&head).map_err(|error| StoreError::damaged(format!("head: {error}")))?;
        Ok(Some(Self { held, head, recent }))
    }

    /// The block of this state.
    pub fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn database(&self) -> &Database {
        self.held.borrow_owner()
    }

    fn read(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let family = self.held.borrow_owner().family(family)?;
        Ok(self.held.borrow_dependent().get_cf(family, key)?)
    }

    /// The first height whose state can be read.
    pub(crate) fn kept_from(&self) -> u64 {
        self.held.borrow_owner().kept().from()
    }

    /// The value of an entry of the state.
    pub(crate) fn entry(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let height = self.head.height();
        if let Some(known) = self.recent.get(height, key) {
            return Ok(known);
        }
        let value = self.read(Family::State, key)?;
        self.recent.fill(height, key, value.as_deref());
        Ok(value)
    }

    /// The value of an entry of the state as it is on the disk.
    pub(crate) fn stored_entry(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(Family::State, key)
    }

    /// The bytes of a page of the state tree.
    pub(crate) fn page_bytes(&self, id: &PageId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(Family::Tree, id.as_bytes())
    }

    pub(crate) fn iterator(
        &self,
        family: Family,
        options: ReadOptions,
    ) -> Result<DBRawIteratorWithThreadMode<'_, DB>, StoreError> {
        let family = self.held.borrow_owner().family(family)?;
        Ok(self.held.borrow_dependent().raw_iterator_cf_opt(family, options))
    }

    /// The values from a key on whose keys begin with a prefix, in the order of their keys.
    pub(crate) fn values(
        &self,
        family: Family,
        from: &[u8],
        prefix: &[u8],
    ) -> Result<Vec<Box<[u8]>>, StoreError> {
        let family = self.held.borrow_owner().family(family)?;
        let mode = IteratorMode::From(from, Direction::Forward);
        let mut values = Vec::new();
        for item in self.held.borrow_dependent().iterator_cf(family, mode) {
            let (key, value) = item?;
            if !key.starts_with(prefix) {
                break;
            }
            values.push(value);
        }
        Ok(values)
    }

    /// The value under a key, without a copy.
    pub(crate) fn pinned(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<DBPinnableSlice<'_>>, StoreError> {
        let family = self.held.borrow_owner().family(family)?;
        Ok(self.held.borrow_dependent().get_pinned_cf(family, key)?)
    }
}

impl StateStore for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ehb_state::StoreError> {
        Ok(self.entry(key)?)
    }

    fn cursor(&self, prefix: &[u8]) -> Result<Box<dyn StateCursor + '_>, ehb_state::StoreError> {
        let open = |options| self.iterator(Family::State, options);
        Ok(Box::new(SnapshotCursor::new(open, &self.recent, self.head.height(), prefix)))
    }

    fn page(&self, id: &PageId) -> Result<Option<Vec<u8>>, ehb_state::StoreError> {
        Ok(self.page_bytes(id)?)
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("head", &self.head).finish_non_exhaustive()
    }
}
