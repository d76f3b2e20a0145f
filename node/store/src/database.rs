//! Wraps RocksDB: creates and opens the files, reads values, and writes and syncs batches.

use std::path::Path;

use rocksdb::{Cache, ColumnFamily, DB, DBPinnableSlice, ReadOptions, WriteBatch, WriteOptions};

use crate::directory::Lock;
use crate::family::Family;
use crate::history::History;
use crate::kept::Kept;
use crate::store::RECENT_SHARE;
use crate::{Options, StoreError, tuning};

/// The part of the cache that is for values of earlier heights: one in this many.
const KNOWN_SHARE: usize = 16;

/// How much of a file is read at once where all of it is.
const READ_AHEAD_BYTES: usize = 2 << 20;

/// The memory that the other caches leave.
fn block_cache_bytes(options: &Options) -> usize {
    options.cache_bytes - options.cache_bytes / RECENT_SHARE - options.cache_bytes / KNOWN_SHARE
}

/// The open RocksDB. Snapshots keep it alive, and with it the directory's lock.
pub(crate) struct Database {
    // Fields are dropped in this order: the lock goes last.
    db: DB,
    cache: Cache,
    kept: Kept,
    history: History,
    run_options: rocksdb::Options,
    _lock: Lock,
}

impl Database {
    /// Creates the files of an empty database and closes it again.
    pub(crate) fn create(path: &Path, options: &Options) -> Result<(), rocksdb::Error> {
        let cache = Cache::new_lru_cache(options.cache_bytes);
        let mut all = tuning::database(options, &cache);
        all.create_if_missing(true);
        all.set_error_if_exists(true);
        all.create_missing_column_families(true);
        DB::open_cf_descriptors(&all, path, tuning::families(&cache)).map(drop)
    }

    /// The number of the last write in the files. Reads the manifest and the write-ahead log, whose size
    /// tuning.rs limits, and changes nothing.
    pub(crate) fn last_write_of(path: &Path, options: &Options) -> Result<u64, rocksdb::Error> {
        let cache = Cache::new_lru_cache(options.cache_bytes);
        let all = tuning::database(options, &cache);
        let families = tuning::families(&cache);
        let db = DB::open_cf_descriptors_read_only(&all, path, families, false)?;
        Ok(db.latest_sequence_number())
    }

    /// Opens an existing database; a missing part is an error.
    pub(crate) fn open(path: &Path, options: &Options, lock: Lock) -> Result<Self, rocksdb::Error> {
        let cache = Cache::new_lru_cache(block_cache_bytes(options));
        let all = tuning::database(options, &cache);
        let db = DB::open_cf_descriptors(&all, path, tuning::families(&cache))?;
        Ok(Self::new(db, cache, options, lock))
    }

    /// Opens an existing database read-only: no file is changed, and every write fails.
    pub(crate) fn open_read_only(
        path: &Path,
        options: &Options,
        lock: Lock,
    ) -> Result<Self, rocksdb::Error> {
        let cache = Cache::new_lru_cache(block_cache_bytes(options));
        let all = tuning::database(options, &cache);
        let families = tuning::families(&cache);
        let db = DB::open_cf_descriptors_read_only(&all, path, families, false)?;
        Ok(Self::new(db, cache, options, lock))
    }

    fn new(db: DB, cache: Cache, options: &Options, lock: Lock) -> Self {
        let run_options = tuning::family(Family::HistoryRuns, &cache);
        let known_bytes = options.cache_bytes / KNOWN_SHARE;
        let history = History::new(options.history_buffer_bytes, known_bytes);
        Self { db, cache, kept: Kept::default(), history, run_options, _lock: lock }
    }

    /// RocksDB itself, for snapshots and iterators.
    pub(crate) fn raw(&self) -> &DB {
        &self.db
    }

    /// The height from which history is kept.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The history of replaced values.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// How files of runs are written.
    pub(crate) fn run_options(&self) -> &rocksdb::Options {
        &self.run_options
    }

    /// The handle of a column family.
    pub(crate) fn family(&self, family: Family) -> Result<&ColumnFamily, StoreError> {
        self.db
            .cf_handle(family.name())
            .ok_or_else(|| StoreError::damaged(format!("no column family {}", family.name())))
    }

    /// The newest value under a key, without a copy.
    pub(crate) fn get(
        &self,
        family: Family,
        key: &[u8],
    ) -> Result<Option<DBPinnableSlice<'_>>, StoreError> {
        Ok(self.db.get_pinned_cf(self.family(family)?, key)?)
    }

    /// Reads all entries of a column family, which verifies the checksums of the files' blocks.
    pub(crate) fn read_all(&self, family: Family) -> Result<(), StoreError> {
        let mut options = ReadOptions::default();
        options.set_verify_checksums(true);
        options.fill_cache(false);
        options.set_total_order_seek(true);
        options.set_readahead_size(READ_AHEAD_BYTES);
        let mut entries = self.db.raw_iterator_cf_opt(self.family(family)?, options);
        entries.seek_to_first();
        while entries.valid() {
            entries.next();
        }
        Ok(entries.status()?)
    }

    /// Writes a batch, atomically; with `sync` it, and all batches before, are on the disk when this
    /// returns.
    pub(crate) fn write(&self, batch: WriteBatch, sync: bool) -> Result<(), StoreError> {
        let mut options = WriteOptions::default();
        options.set_sync(sync);
        Ok(self.db.write_opt(batch, &options)?)
    }

    /// Makes all batches durable that were written.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        Ok(self.db.flush_wal(true)?)
    }

    /// The number of the last write: it grows with every write and never goes back.
    pub(crate) fn last_write(&self) -> u64 {
        self.db.latest_sequence_number()
    }

    /// The size of the cache, including unflushed writes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        u64::try_from(self.cache.get_usage()).unwrap_or(u64::MAX)
    }
}
