//! The thread that sorts history and drops what is not kept any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::merge::{due, merge};
use super::run::{Run, RunWriter};
use crate::database::Database;
use crate::space::Space;
use crate::{Options, StoreError};

/// Ends with the store.
pub(crate) struct Worker {
    database: Arc<Database>,
    is_stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Work {
    database: Arc<Database>,
    history_heights: u64,
    space: Space,
    is_stopping: Arc<AtomicBool>,
}

impl Worker {
    /// Begins with what an earlier life of the store has left to do.
    pub(crate) fn start(database: &Arc<Database>, options: &Options) -> Result<Self, StoreError> {
        let is_stopping = Arc::<AtomicBool>::default();
        let work = Work {
            database: Arc::clone(database),
            history_heights: options.history_heights,
            space: Space::new(database.raw().path(), options.disk_reserve_bytes),
            is_stopping: Arc::clone(&is_stopping),
        };
        let thread = std::thread::Builder::new().name("store-history".to_owned());
        let thread = thread.spawn(move || work.run());
        let thread = thread.map_err(|error| StoreError::Disk(error.to_string()))?;
        Ok(Self { database: Arc::clone(database), is_stopping, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        self.database.history().wake();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by it, and there is nobody left to return it to.
            drop(thread.join());
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let panicked = StoreError::Disk("a panic".to_owned());
            self.database.history().fail(&panicked);
        }
    }
}

impl Work {
    fn run(self) {
        while !self.is_stopping() {
            let history = self.database.history();
            match self.work() {
                Ok(()) => history.wait_for_work(|| self.is_stopping()),
                Err(error) if error.is_retryable() => {
                    history.wait_for_space(error, || self.is_stopping());
                }
                Err(error) => return history.fail(&error),
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }

    fn work(&self) -> Result<(), StoreError> {
        self.sort()?;
        self.drop_old()?;
        while let Some(merged) = self.merge_due()? {
            self.database.history().replace(&merged).iter().try_for_each(|run| {
                // Files that cannot be removed now are removed when the store is opened again.
                run.drop_files(&self.database)
            })?;
        }
        Ok(())
    }

    /// Makes a run of what the newest blocks replaced, if that is complete.
    fn sort(&self) -> Result<(), StoreError> {
        let history = self.database.history();
        let Some(tail) = history.sealed() else { return Ok(()) };
        self.space.check()?;
        let given_up = self.database.kept().durable();
        let run = tail.first_above(given_up).zip(tail.last());
        let run = run.map(|(first, last)| Run { first, last, level: 0 });
        if let Some(run) = run {
            let mut writer = RunWriter::new(&self.database, run)?;
            let mut key = Vec::new();
            for (height, (of, value)) in tail.sorted(given_up)? {
                key.clear();
                key.extend_from_slice(of);
                key.extend_from_slice(&height.to_be_bytes());
                writer.push(&key, value)?;
            }
            writer.finish()?;
        }
        history.sorted(run);
        Ok(())
    }

    fn drop_old(&self) -> Result<(), StoreError> {
        let dropped = self.database.history().forget(self.database.kept().durable());
        dropped.iter().try_for_each(|run| run.drop_files(&self.database))
    }

    fn merge_due(&self) -> Result<Option<Run>, StoreError> {
        let runs = self.database.history().runs();
        let Some(due) = due(&runs, self.history_heights) else { return Ok(None) };
        if !self.has_room(due)? {
            return Ok(None);
        }
        let given_up = self.database.kept().durable();
        merge(&self.database, due, given_up, || {
            self.sort()?;
            Ok(!self.is_stopping())
        })
    }

    /// Whether merged runs can be on the disk beside those that they come from.
    fn has_room(&self, runs: &[Run]) -> Result<bool, StoreError> {
        let sizes = runs.iter().map(|run| run.file_bytes(&self.database));
        self.space.has_room(sizes.sum::<Result<u64, _>>()?)
    }
}
