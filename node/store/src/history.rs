//! State and tree of earlier heights.
//!
//! The families of state and tree hold the head alone. What a block replaces is kept beside them: the value that an
//! entry had, and the form that a page had. So an entry at a height is what the first block above that height
//! replaced, and the head's where no block did.
//!
//! ```text
//! block -> record     one value, written with the block             record.rs
//!       -> tail       the same in memory, found by key              tail.rs
//!       -> run        many records sorted by key, in files          run.rs, chunk.rs
//!       -> run        several runs merged                           merge.rs
//! ```
//!
//! Once the tail is large and its blocks are durable, it is sealed, and a thread makes a run of it (worker.rs); then
//! its records are removed. A crash at any point leaves each block in a record or in a run. What is not kept any more
//! goes with its run, or when its run is merged.

pub(crate) mod key;
pub(crate) mod record;
pub(crate) mod worker;

mod chunk;
mod known;
mod merge;
mod run;
mod scan;
mod tail;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use rocksdb::{ReadOptions, WriteBatch};

use crate::database::Database;
use crate::family::Family;
use crate::{StoreError, keys};
use known::Known;
use run::{Run, RunCursor};
pub(crate) use scan::Replaced;
use tail::Tail;

/// A commit makes itself durable where the tail is this many times as large as the one that is sealed: only what is
/// durable may become a run.
const UNSYNCED_TAILS_MAX: usize = 2;
/// A commit waits for the thread that sorts where the tail is this many times as large.
const TAILS_MAX: usize = 4;
/// The wait before the next attempt to sort on a full disk.
const SPACE_RETRY: Duration = Duration::from_secs(1);

/// The values that blocks replaced.
pub(crate) struct History {
    parts: RwLock<Parts>,
    known: Known,
    /// The tail is sealed beyond this size, bytes.
    tail_bytes: usize,
    work: Mutex<WorkState>,
    changed: Condvar,
}

/// Each block is in one of the three, ascending.
#[derive(Default)]
struct Parts {
    runs: Arc<[Run]>,
    sealed: Option<Arc<Tail>>,
    tail: Tail,
    /// Up to this height records are in runs or not kept, and are to be removed.
    done: Option<u64>,
}

#[derive(Default)]
struct WorkState {
    is_due: bool,
    /// The error of the last attempt, if it failed for lack of space.
    lacks_space: Option<StoreError>,
    /// Why nothing is sorted any more.
    failed: Option<String>,
}

impl History {
    /// The history of a store that has none yet. `known_bytes`: the memory for values of earlier heights that were read.
    pub(crate) fn new(tail_bytes: usize, known_bytes: usize) -> Self {
        Self {
            parts: RwLock::default(),
            known: Known::new(known_bytes),
            tail_bytes,
            work: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The values of entries and pages at earlier heights, as far as they are in memory.
    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    /// Takes up what a database has, whose newest block has the height `head`: the history above the height `from` must be
    /// whole. Unless it is opened for reading alone, what a crash left over is removed.
    pub(crate) fn open(
        &self,
        database: &Database,
        head: u64,
        from: u64,
        read_only: bool,
    ) -> Result<(), StoreError> {
        let (runs, left_over) = Run::list(database)?;
        if !read_only {
            run::remove_unfinished(database)?;
            left_over.iter().try_for_each(|run| run.drop_files(database))?;
        }
        let mut next = from.saturating_add(1);
        let missing =
            |height: u64| StoreError::damaged(format!("the history of block {height} is missing"));
        for run in runs.iter().filter(|run| run.last >= from) {
            if run.first > next || run.last > head {
                return Err(missing(next));
            }
            next = next.max(run.last + 1);
        }
        let mut parts = self.write();
        let records = database.family(Family::History)?;
        let mut iterator = database.raw().raw_iterator_cf_opt(records, ReadOptions::default());
        iterator.seek_to_first();
        while let Some((height, record)) = iterator.item() {
            let height = keys::parse_height(height)?;
            if height < next {
                parts.done = Some(next - 1);
                iterator.seek(next.to_be_bytes());
                continue;
            }
            if height > next {
                return Err(missing(next));
            }
            record::check(height, record)?;
            parts.tail.push(height, record.to_vec());
            next += 1;
            iterator.next();
        }
        iterator.status()?;
        if next <= head {
            return Err(missing(next));
        }
        parts.runs = runs.into();
        Ok(())
    }

    /// Adds a block's record to what is written with the block.
    pub(crate) fn put(
        &self,
        batch: &mut WriteBatch,
        database: &Database,
        height: u64,
        record: &[u8],
    ) -> Result<(), StoreError> {
        batch.put_cf(database.family(Family::History)?, height.to_be_bytes(), record);
        Ok(())
    }

    /// Adds the removal of records that are in runs; up to which height, for [`Self::removed`].
    pub(crate) fn remove_sorted(
        &self,
        batch: &mut WriteBatch,
        database: &Database,
    ) -> Result<Option<u64>, StoreError> {
        let done = self.read().done;
        if let Some(done) = done {
            let family = database.family(Family::History)?;
            batch.delete_range_cf(family, [0; 8], done.saturating_add(1).to_be_bytes());
        }
        Ok(done)
    }

    /// The removal was written.
    pub(crate) fn removed(&self, done: Option<u64>) {
        let mut parts = self.write();
        if parts.done == done {
            parts.done = None;
        }
    }

    /// Takes over the record of a block that was written.
    pub(crate) fn push(&self, height: u64, record: Vec<u8>) {
        self.write().tail.push(height, record);
    }

    /// Whether the next block must be durable.
    pub(crate) fn must_sync(&self) -> bool {
        self.read().tail.bytes() > self.tail_bytes.saturating_mul(UNSYNCED_TAILS_MAX)
    }

    /// All blocks are durable: seals the tail if it is large enough and the one before is sorted. What blocks up to the
    /// height `given_up` replaced is not needed any more.
    pub(crate) fn seal(&self, given_up: u64) {
        let mut parts = self.write();
        let is_due = parts.tail.bytes() >= self.tail_bytes && parts.sealed.is_none();
        if is_due {
            let next = Tail::as_large_as(&parts.tail);
            parts.sealed = Some(Arc::new(std::mem::replace(&mut parts.tail, next)));
        }
        let is_old = parts.runs.first().is_some_and(|run| run.last <= given_up);
        drop(parts);
        if is_due || is_old {
            self.wake();
        }
    }

    /// Waits while far too much is unsorted; fails if nothing is sorted any more, or not until there is space on the disk.
    pub(crate) fn wait_for_room(&self) -> Result<(), StoreError> {
        let is_full = || {
            let parts = self.read();
            let bytes_max = self.tail_bytes.saturating_mul(TAILS_MAX);
            parts.sealed.is_some() && parts.tail.bytes() > bytes_max
        };
        let mut work = self.work();
        loop {
            if let Some(reason) = &work.failed {
                return Err(StoreError::Disk(reason.clone()));
            }
            if !is_full() {
                return Ok(());
            }
            if let Some(error) = &work.lacks_space {
                return Err(error.clone());
            }
            work = self.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The values of an entry or a page before each block above a height that replaced it, with its height, ascending,
    /// up to the first that `is_last`.
    pub(crate) fn find(
        &self,
        database: &Database,
        of: &[u8],
        above: u64,
        is_last: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        // The cursor sees the runs of this moment, also when they are merged meanwhile.
        let (runs, mut cursor, newest) = {
            let parts = self.read();
            let cursor = RunCursor::new(database, true)?;
            let newest = parts.tails().map(|tail| tail.find(of, above));
            let mut newest = newest.collect::<Result<Vec<_>, _>>()?.concat();
            let end = newest.iter().position(|(_, value)| is_last(value));
            newest.truncate(end.map_or(newest.len(), |end| end + 1));
            let newest = newest.into_iter().map(|(height, value)| (height, value.to_vec()));
            (Arc::clone(&parts.runs), cursor, newest.collect::<Vec<_>>())
        };
        let mut found = Vec::new();
        for run in runs.iter().filter(|run| run.last > above) {
            cursor.seek(run, &key::at(of, above.saturating_add(1)))?;
            while let Some((key, value)) = cursor.item()
                && let (replaced, height) = key::split(key)?
                && replaced == of
            {
                found.push((height, value.to_vec()));
                if is_last(value) {
                    return Ok(found);
                }
                cursor.step()?;
            }
        }
        found.extend(newest);
        Ok(found)
    }

    /// The entries whose keys begin with a prefix and that were replaced above a height.
    pub(crate) fn replaced<'a>(
        &self,
        database: &'a Database,
        prefix: &[u8],
        above: u64,
    ) -> Result<Replaced<'a>, StoreError> {
        let parts = self.read();
        let runs = parts.runs.iter().filter(|run| run.last > above);
        let runs = runs.map(|run| Ok((*run, RunCursor::new(database, true)?)));
        let runs = runs.collect::<Result<Vec<_>, StoreError>>()?;
        let prefix = key::entries(prefix);
        let tails = parts.tails().map(|tail| tail.first_of_each(&prefix, above));
        let tails = tails.collect::<Result<Vec<_>, _>>()?;
        Ok(Replaced::new(runs, tails, above, &prefix))
    }

    /// The tail to be sorted.
    fn sealed(&self) -> Option<Arc<Tail>> {
        self.read().sealed.clone()
    }

    /// The sealed tail became a run, or nothing of it is kept.
    fn sorted(&self, run: Option<Run>) {
        let mut parts = self.write();
        let last = parts.sealed.take().and_then(|tail| tail.last());
        parts.done = parts.done.max(last);
        if let Some(run) = run {
            parts.runs = parts.runs.iter().copied().chain([run]).collect();
        }
        drop(parts);
        self.work().lacks_space = None;
        self.wake();
    }

    fn runs(&self) -> Arc<[Run]> {
        Arc::clone(&self.read().runs)
    }

    /// Puts a merged run in the place of those that it was made of, which are returned.
    fn replace(&self, merged: &Run) -> Vec<Run> {
        let is_part = |run: &Run| merged.first <= run.first && run.last <= merged.last;
        let mut parts = self.write();
        let (old, mut runs): (Vec<Run>, Vec<Run>) =
            parts.runs.iter().copied().partition(|run| is_part(run));
        runs.insert(runs.partition_point(|run| run.last < merged.first), *merged);
        parts.runs = runs.into();
        old
    }

    /// Forgets the runs all of whose blocks are at most so high, and returns them.
    fn forget(&self, given_up: u64) -> Vec<Run> {
        let mut parts = self.write();
        let (old, runs): (Vec<Run>, Vec<Run>) =
            parts.runs.iter().copied().partition(|run| run.last <= given_up);
        parts.runs = runs.into();
        old
    }

    /// Has the worker look for what there is to do.
    fn wake(&self) {
        self.work().is_due = true;
        self.changed.notify_all();
    }

    /// Waits before the next attempt after one that failed for lack of space.
    fn wait_for_space(&self, error: StoreError, is_stopping: impl Fn() -> bool) {
        let mut work = self.work();
        work.lacks_space = Some(error);
        self.changed.notify_all();
        let waits = self.changed.wait_timeout_while(work, SPACE_RETRY, |_| !is_stopping());
        drop(waits);
    }

    fn wait_for_work(&self, is_stopping: impl Fn() -> bool) {
        let mut work = self.work();
        work.lacks_space = None;
        while !work.is_due && !is_stopping() {
            work = self.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
        work.is_due = false;
    }

    fn fail(&self, error: &StoreError) {
        self.work().failed = Some(format!("sorting the history of the state: {error}"));
        self.changed.notify_all();
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Parts> {
        self.parts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Parts> {
        self.parts.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) -> MutexGuard<'_, WorkState> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    /// The parts in memory, ascending.
    fn tails(&self) -> impl Iterator<Item = &Tail> {
        self.sealed.as_deref().into_iter().chain([&self.tail])
    }
}

#[cfg(test)]
mod tests;
