//! The values that a range of blocks replaced, sorted by key and height, in table files of its own.
//!
//! Runs are written by [`RunWriter`] beside the database and taken over in one step: a run is there as a whole or not
//! at all. Its chunks have its name and their first key as keys, so no two runs overlap, nothing of them is ever
//! compacted, and a run is dropped with its files.

use std::path::PathBuf;

use rocksdb::{DB, DBRawIteratorWithThreadMode, IngestExternalFileOptions, SstFileWriter};

use super::chunk::{ChunkReader, ChunkWriter};
use crate::StoreError;
use crate::database::Database;
use crate::family::Family;

/// A chunk ends beyond this size. Reading a key reads one chunk.
const CHUNK_BYTES: usize = 4 << 10;
/// A run goes on in another file beyond this size.
const FILE_BYTES: u64 = 256 << 20;
/// Greater than all keys in a run.
const AFTER_KEYS: [u8; 1] = [u8::MAX];
const NAME_BYTES: usize = 17;

/// A range of blocks whose history is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first block's height.
    pub(crate) first: u64,
    /// The last block's height.
    pub(crate) last: u64,
    /// How often its parts were merged.
    pub(crate) level: u8,
}

impl Run {
    /// The prefix of its keys: runs sort by their last height.
    fn name(&self) -> [u8; NAME_BYTES] {
        let mut name = [0; NAME_BYTES];
        name[..8].copy_from_slice(&self.last.to_be_bytes());
        name[8..16].copy_from_slice(&self.first.to_be_bytes());
        name[16] = self.level;
        name
    }

    fn of_name(name: [u8; NAME_BYTES]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, level] = name;
        let last = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        Self { first: u64::from_be_bytes([i, j, k, l, m, n, o, p]), last, level }
    }

    fn key(&self, key: &[u8]) -> Vec<u8> {
        [&self.name(), key].concat()
    }

    /// Whether all blocks of another run are in it too.
    fn covers(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The runs that the database has, ascending, and those that were merged into others, which a crash left over.
    pub(crate) fn list(database: &Database) -> Result<(Vec<Self>, Vec<Self>), StoreError> {
        let mut iterator = database.raw().raw_iterator_cf(database.family(Family::HistoryRuns)?);
        let mut all = Vec::new();
        iterator.seek_to_first();
        while let Some(key) = iterator.key() {
            let damaged = || StoreError::damaged("a key of a run of the history");
            let run = Self::of_name(*key.first_chunk().ok_or_else(damaged)?);
            iterator.seek(run.key(&AFTER_KEYS));
            all.push(run);
        }
        iterator.status()?;
        let is_left_over = |run: &Self| all.iter().any(|other| other != run && other.covers(run));
        Ok(all.iter().copied().partition(|run| !is_left_over(run)))
    }

    /// Removes its files. Iterators that were opened before keep them.
    pub(crate) fn drop_files(&self, database: &Database) -> Result<(), StoreError> {
        let family = database.family(Family::HistoryRuns)?;
        let (from, to) = (self.key(&[]), self.key(&AFTER_KEYS));
        Ok(database.raw().delete_file_in_range_cf(family, from, to)?)
    }

    /// The size of its files, bytes.
    pub(crate) fn file_bytes(&self, database: &Database) -> Result<u64, StoreError> {
        let files = database.raw().live_files()?;
        let name = self.name();
        let is_its = |file: &&rocksdb::LiveFile| {
            file.column_family_name == Family::HistoryRuns.name()
                && file.start_key.as_ref().is_some_and(|key| key.starts_with(&name))
        };
        Ok(files.iter().filter(is_its).map(|file| file.size as u64).sum())
    }
}

/// Where files of runs are written, beside the database.
fn new_files(database: &Database) -> PathBuf {
    database.raw().path().with_file_name("history.new")
}

/// Removes the files that a crash left unfinished.
pub(crate) fn remove_unfinished(database: &Database) -> Result<(), StoreError> {
    match std::fs::remove_dir_all(new_files(database)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(&error)),
        _ => Ok(()),
    }
}

/// Writes a run.
pub(crate) struct RunWriter<'a> {
    database: &'a Database,
    run: Run,
    file: Option<SstFileWriter<'a>>,
    files: Vec<PathBuf>,
    chunk: ChunkWriter,
    /// The first key of the chunk.
    first: Vec<u8>,
}

impl<'a> RunWriter<'a> {
    pub(crate) fn new(database: &'a Database, run: Run) -> Result<Self, StoreError> {
        std::fs::create_dir_all(new_files(database)).map_err(|error| StoreError::io(&error))?;
        let (files, chunk) = (Vec::new(), ChunkWriter::default());
        Ok(Self { database, run, file: None, files, chunk, first: Vec::new() })
    }

    /// Adds the next key, which is greater than those before.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if self.chunk.bytes().is_empty() {
            self.first.clear();
            self.first.extend_from_slice(key);
        }
        self.chunk.push(key, value);
        if self.chunk.bytes().len() >= CHUNK_BYTES {
            self.end_chunk()?;
        }
        Ok(())
    }

    fn end_chunk(&mut self) -> Result<(), StoreError> {
        if self.chunk.bytes().is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            let name = self.run.name().map(|byte| format!("{byte:02x}")).concat();
            let path = new_files(self.database).join(format!("{name}-{}", self.files.len()));
            let file = SstFileWriter::create(self.database.run_options());
            file.open(&path)?;
            self.file = Some(file);
            self.files.push(path);
        }
        if let Some(file) = &mut self.file {
            file.put(self.run.key(&self.first), self.chunk.bytes())?;
            if file.file_size() >= FILE_BYTES {
                file.finish()?;
                self.file = None;
            }
        }
        self.chunk.clear();
        Ok(())
    }

    /// Ends the run, which is durable after that and seen by iterators that are opened later.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        self.end_chunk()?;
        if let Some(file) = &mut self.file {
            file.finish()?;
        }
        if self.files.is_empty() {
            return Ok(());
        }
        let mut options = IngestExternalFileOptions::default();
        options.set_move_files(true);
        // Keys are new ones and snapshots don't matter, so that no number of a write is used up.
        options.set_snapshot_consistency(false);
        options.set_allow_global_seqno(false);
        let family = self.database.family(Family::HistoryRuns)?;
        let files = std::mem::take(&mut self.files);
        Ok(self.database.raw().ingest_external_file_cf_opts(family, &options, files)?)
    }
}

impl Drop for RunWriter<'_> {
    fn drop(&mut self) {
        // A run that was given up. What cannot be removed now is removed when the store is opened again.
        self.files.iter().for_each(|file| drop(std::fs::remove_file(file)));
    }
}

/// A position in a run.
pub(crate) struct RunCursor<'a> {
    iterator: DBRawIteratorWithThreadMode<'a, DB>,
    name: [u8; NAME_BYTES],
    chunk: ChunkReader,
    is_valid: bool,
}

impl<'a> RunCursor<'a> {
    /// A cursor for runs that are there now; it is nowhere.
    pub(crate) fn new(database: &'a Database, fill_cache: bool) -> Result<Self, StoreError> {
        let mut options = rocksdb::ReadOptions::default();
        options.fill_cache(fill_cache);
        let family = database.family(Family::HistoryRuns)?;
        let iterator = database.raw().raw_iterator_cf_opt(family, options);
        let (name, chunk) = ([0; NAME_BYTES], ChunkReader::default());
        Ok(Self { iterator, name, chunk, is_valid: false })
    }

    /// Goes to the first key of a run that is not less than this one.
    pub(crate) fn seek(&mut self, run: &Run, key: &[u8]) -> Result<(), StoreError> {
        self.name = run.name();
        let wanted = run.key(key);
        self.iterator.seek_for_prev(&wanted);
        if !self.iterator.key().is_some_and(|found| found.starts_with(&self.name)) {
            self.iterator.status()?;
            self.iterator.seek(self.name);
        }
        self.enter()?;
        while self.is_valid && self.chunk.item().0 < key {
            self.step()?;
        }
        Ok(())
    }

    /// Goes to the next key of the run.
    pub(crate) fn step(&mut self) -> Result<(), StoreError> {
        if self.is_valid && !self.chunk.step()? {
            self.iterator.next();
            self.enter()?;
        }
        Ok(())
    }

    /// Reads the first key of the chunk at which the iterator is.
    fn enter(&mut self) -> Result<(), StoreError> {
        self.is_valid = false;
        match self.iterator.item() {
            Some((key, chunk)) if key.starts_with(&self.name) => {
                self.chunk.enter(chunk);
                self.is_valid = self.chunk.step()?;
                Ok(())
            }
            _ => Ok(self.iterator.status()?),
        }
    }

    /// The key at hand with its value; `None` after the last one.
    pub(crate) fn item(&self) -> Option<(&[u8], &[u8])> {
        self.is_valid.then(|| self.chunk.item())
    }
}
