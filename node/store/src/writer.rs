//! Buffers data, and performs all writes.

use std::collections::{BTreeMap, BTreeSet};

use ehb_types::Hash;
use rocksdb::{IteratorMode, WriteBatch};

use crate::acknowledged::Acknowledged;
use crate::database::Database;
use crate::family::Family;
use crate::log::{self, LOG_HEIGHTS_MAX};
use crate::signer::{SIGNED_BYTES_MAX, SignedRecord, SignerFile};
use crate::space::Space;
use crate::{StoreError, keys};

/// The maximum size of buffered data between two syncs: twice the largest bodies for all heights.
const PENDING_BYTES_MAX: usize = 256 << 20;
/// The maximum number of bodies for the heights above the head: one for each failed round.
const UNDECIDED_BODIES_MAX: usize = 4_096;
/// How many writes in sequence can find no space although the reserve is free. RocksDB resumes by itself some seconds after
/// there is space again, and the node retries once a second: a database that needs longer does not resume.
const REFUSALS_MAX: u32 = 120;

/// The state of writing; there is one instance, in a lock.
pub(crate) struct Writer {
    space: Space,
    acknowledged: Acknowledged,
    signer: Option<SignerFile>,
    /// The newest record, buffered or durable.
    signed: SignedRecord,
    /// The sequence of the newest durable record.
    signed_durable: u64,
    pending: WriteBatch,
    /// Whether something was written since the last fsync.
    unsynced: bool,
    /// The next index in the log of heights above the head.
    log_next: BTreeMap<u64, u32>,
    /// Bodies of heights above the head, buffered or durable.
    undecided: BTreeSet<(u64, Hash)>,
    /// The number of writes in sequence that found no space.
    refusals: u32,
    /// Why nothing can be written any more.
    stopped: Option<String>,
}

/// The initial state of a writer.
pub(crate) struct Start {
    pub(crate) space: Space,
    pub(crate) acknowledged: Acknowledged,
    pub(crate) signer: Option<SignerFile>,
    /// The newest record of database and signer-state file.
    pub(crate) signed: SignedRecord,
}

impl Writer {
    /// A writer that knows everything durable above the head.
    pub(crate) fn new(start: Start, database: &Database, head: u64) -> Result<Self, StoreError> {
        let mut log_next = BTreeMap::new();
        for height in (head + 1)..=(head + LOG_HEIGHTS_MAX) {
            let entries = log::read(database, height)?.len();
            log_next.insert(height, u32::try_from(entries).unwrap_or(u32::MAX));
        }
        let mut undecided = BTreeSet::new();
        let from = keys::body(head + 1, &Hash::ZERO);
        let mode = IteratorMode::From(&from, rocksdb::Direction::Forward);
        for item in database.raw().iterator_cf(database.family(Family::Bodies)?, mode) {
            undecided.insert(keys::parse_body(&item?.0)?);
        }
        let Start { space, acknowledged, signer, signed } = start;
        Ok(Self {
            space,
            acknowledged,
            signer,
            signed_durable: signed.sequence,
            signed,
            pending: WriteBatch::default(),
            unsynced: false,
            log_next,
            undecided,
            refusals: 0,
            stopped: None,
        })
    }

    /// Buffers a log entry.
    pub(crate) fn append_log(
        &mut self,
        database: &Database,
        head: u64,
        height: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        self.check(head, height, bytes.len())?;
        let next = self.log_next.entry(height).or_default();
        let (key, value) = log::entry(height, *next, bytes)?;
        self.pending.put_cf(database.family(Family::Log)?, key, value);
        *next += 1;
        Ok(())
    }

    /// Buffers a block's body; an existing one is not written again.
    pub(crate) fn put_body(
        &mut self,
        database: &Database,
        head: u64,
        (height, hash): (u64, Hash),
        body: &[u8],
    ) -> Result<(), StoreError> {
        self.check(head, height, body.len())?;
        if self.undecided.contains(&(height, hash)) {
            return Ok(());
        }
        if self.undecided.len() >= UNDECIDED_BODIES_MAX {
            let what = "the number of undecided block bodies";
            return Err(StoreError::Bound { what, max: UNDECIDED_BODIES_MAX });
        }
        self.pending.put_cf(database.family(Family::Bodies)?, keys::body(height, &hash), body);
        self.undecided.insert((height, hash));
        Ok(())
    }

    /// Buffers the removal of a body above the head; nothing happens if there is none.
    pub(crate) fn remove_body(
        &mut self,
        database: &Database,
        (height, hash): (u64, Hash),
    ) -> Result<(), StoreError> {
        self.check_buffer(0)?;
        if self.undecided.remove(&(height, hash)) {
            self.pending.delete_cf(database.family(Family::Bodies)?, keys::body(height, &hash));
        }
        Ok(())
    }

    /// Buffers the last-signed record.
    pub(crate) fn record_signed(
        &mut self,
        database: &Database,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        if bytes.len() > SIGNED_BYTES_MAX {
            let what = "the last-signed record";
            return Err(StoreError::Bound { what, max: SIGNED_BYTES_MAX });
        }
        self.check_buffer(bytes.len())?;
        let record = SignedRecord { sequence: self.signed.sequence + 1, bytes: bytes.to_vec() };
        self.pending.put_cf(database.family(Family::Meta)?, keys::SIGNED, record.to_value());
        self.signed = record;
        Ok(())
    }

    /// Makes everything buffered and written durable.
    pub(crate) fn sync(&mut self, database: &Database) -> Result<(), StoreError> {
        if self.pending.is_empty() && !self.unsynced {
            return self.check_stopped();
        }
        self.write(database, None, true)
    }

    /// Writes buffered data followed by this batch; if `durable`, with one fsync for both.
    pub(crate) fn commit(
        &mut self,
        database: &Database,
        batch: WriteBatch,
        durable: bool,
    ) -> Result<(), StoreError> {
        self.write(database, Some(batch), durable)
    }

    /// Removes data at or below a new head.
    pub(crate) fn set_head(&mut self, head: u64) {
        self.log_next.retain(|height, _| *height > head);
        self.undecided.retain(|(height, _)| *height > head);
    }

    /// The disk that is written to.
    pub(crate) fn space(&self) -> &Space {
        &self.space
    }

    /// Whether a body is buffered or durable.
    pub(crate) fn has_body(&self, height: u64, hash: &Hash) -> bool {
        self.undecided.contains(&(height, *hash))
    }

    /// The bodies up to a height, buffered or durable.
    pub(crate) fn bodies_up_to(&self, height: u64) -> impl Iterator<Item = &(u64, Hash)> {
        self.undecided.iter().take_while(move |(of, _)| *of <= height)
    }

    /// The newest record, buffered or durable.
    pub(crate) fn last_signed(&self) -> &SignedRecord {
        &self.signed
    }

    fn check(&self, head: u64, height: u64, bytes: usize) -> Result<(), StoreError> {
        if height <= head || height - head > LOG_HEIGHTS_MAX {
            return Err(StoreError::Height { height, head });
        }
        self.check_buffer(bytes)
    }

    fn check_buffer(&self, bytes: usize) -> Result<(), StoreError> {
        self.check_stopped()?;
        if self.pending.size_in_bytes() + bytes > PENDING_BYTES_MAX {
            let what = "what is buffered between two syncs";
            return Err(StoreError::Bound { what, max: PENDING_BYTES_MAX });
        }
        Ok(())
    }

    /// Returns an error that occurred before a write; unless the write can be retried, nothing is written any more.
    pub(crate) fn fail(&mut self, error: StoreError) -> StoreError {
        if let Err(stopped) = self.check_stopped() {
            return stopped;
        }
        if !error.is_retryable() {
            self.stop(&error.to_string());
        }
        error
    }

    /// Lets nothing be written any more.
    pub(crate) fn stop(&mut self, reason: &str) {
        self.stopped = Some(reason.to_owned());
    }

    fn check_stopped(&self) -> Result<(), StoreError> {
        self.stopped.clone().map_or(Ok(()), |reason| Err(StoreError::Stopped(reason)))
    }

    /// Writes what is buffered and `last`. If there is no space, everything stays buffered. A retry may repeat parts that
    /// were written, which changes nothing: they set and remove entries, in the same order.
    fn write(
        &mut self,
        database: &Database,
        last: Option<WriteBatch>,
        durable: bool,
    ) -> Result<(), StoreError> {
        self.check_stopped()?;
        self.space.check()?;
        let pending = std::mem::take(&mut self.pending);
        // The binding of RocksDB takes a batch for good.
        let retained = WriteBatch::from_data(pending.data());
        self.unsynced = true;
        let mut result = write_all(database, [Some(pending), last], durable);
        if durable {
            result = result.and_then(|()| self.acknowledge(database));
        }
        match &result {
            Ok(()) => self.refusals = 0,
            Err(error) if error.is_retryable() && self.refusals < REFUSALS_MAX => {
                self.refusals += 1;
                self.pending = retained;
            }
            Err(error) => self.stopped = Some(error.to_string()),
        }
        result
    }

    /// Carries what is durable in the database to the files beside it.
    fn acknowledge(&mut self, database: &Database) -> Result<(), StoreError> {
        self.acknowledged.note(database.last_write()).map_err(|error| StoreError::io(&error))?;
        if let Some(signer) = &self.signer
            && self.signed_durable < self.signed.sequence
        {
            signer.write(&self.signed).map_err(|error| StoreError::io(&error))?;
        }
        self.unsynced = false;
        self.signed_durable = self.signed.sequence;
        Ok(())
    }
}

/// Writes batches in their order. An fsync of the last one is an fsync of all that was written.
fn write_all(
    database: &Database,
    batches: [Option<WriteBatch>; 2],
    durable: bool,
) -> Result<(), StoreError> {
    let mut batches = batches.into_iter().flatten().filter(|batch| !batch.is_empty()).peekable();
    if durable && batches.peek().is_none() {
        return database.sync();
    }
    while let Some(batch) = batches.next() {
        database.write(batch, durable && batches.peek().is_none())?;
    }
    Ok(())
}
