//! Implements the main operations of a store: open, genesis, buffered writes, sync and commit.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ehb_state::{Changes, StateStore};
use ehb_types::{Block, Hash, Header, Receipts, SharedBlock, Signature, ValidatorSet};
use rocksdb::WriteBatch;

use crate::database::Database;
use crate::directory::{self, Directory};
use crate::family::Family;
use crate::history::record;
use crate::history::worker::Worker;
use crate::recent::{Recent, Replaced};
use crate::signer::{SignedRecord, SignerFile};
use crate::space::Space;
use crate::writer::{Start, Writer};
use crate::{
    Head, NewBlock, NewModule, OpenError, Options, Snapshot, StoreError, commit, keys, log,
};

/// A store with a chain. Clones share the same store; it can be used from several threads.
///
/// Writes are serialised; reads never wait for them. All methods may access the disk.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    /// Ends before the database is closed; there is none where nothing is written.
    _worker: Option<Worker>,
    genesis: Hash,
    writer: Mutex<Writer>,
    head: RwLock<Arc<Snapshot>>,
    recent: Arc<Recent>,
    database: Arc<Database>,
    history_heights: u64,
    space: Space,
}

/// The part of the cache's memory for recently used state entries: one part in this many.
pub(crate) const RECENT_SHARE: usize = 4;

/// The content of an opened data directory.
pub enum Opened {
    /// Empty; the genesis must be written first.
    Empty(Box<EmptyStore>),
    /// A chain whose records are complete up to its head.
    Chain(Store),
}

/// A store without a chain.
pub struct EmptyStore {
    database: Arc<Database>,
    writer: Writer,
    recent: Arc<Recent>,
    options: Options,
}

/// The genesis of a chain.
#[derive(Clone, Copy, Debug)]
pub struct GenesisBlock<'a> {
    /// The genesis file's hash.
    pub genesis: Hash,
    /// The header of height 0.
    pub header: &'a Header,
    /// The receipts of the kernel and of each genesis call, whose root header 1 contains.
    pub receipts: &'a Receipts,
    /// The first state and tree.
    pub changes: &'a Changes,
    /// The validators that decide height 1; none in tests that need no headers with validators.
    pub validators: Option<&'a ValidatorSet>,
    /// The installed modules.
    pub modules: &'a [NewModule],
}

/// The sizes of the store, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of all files in the database's folder.
    pub disk_bytes: u64,
    /// Bytes of memory in the cache, including unflushed writes.
    pub memory_bytes: u64,
}

impl Store {
    /// Opens a data directory, and creates it if it is missing or empty. The directory is locked
    /// until the store, its clones and all its snapshots are dropped.
    pub fn open(dir: &Path, options: &Options) -> Result<Opened, OpenError> {
        let Directory { database, acknowledged } = directory::open(dir, options)?;
        let damaged = |error: StoreError| directory::damaged(dir, &error.to_string());
        let (signer, signed) = open_signer(&database, options, dir)?;
        let database = Arc::new(database);
        let recent = Arc::new(Recent::new(0, options.cache_bytes / RECENT_SHARE));
        let snapshot =
            Snapshot::new(Arc::clone(&database), Arc::clone(&recent)).map_err(damaged)?;
        let height = snapshot.as_ref().map_or(0, |snapshot| snapshot.head().height());
        recent.commit(height, &[]);
        let space = Space::new(dir, options.disk_reserve_bytes);
        let start = Start { space, acknowledged, signer, signed };
        let writer = Writer::new(start, &database, height).map_err(damaged)?;
        let Some(snapshot) = snapshot else {
            let options = options.clone();
            let empty = EmptyStore { database, writer, recent, options };
            return Ok(Opened::Empty(Box::new(empty)));
        };
        open_kept(&database, height, options.history_heights).map_err(damaged)?;
        let from = database.kept().from();
        database.history().open(&database, height, from, false).map_err(damaged)?;
        let genesis = read_genesis(&database).map_err(damaged)?;
        let genesis = genesis.ok_or_else(|| directory::damaged(dir, "it has no genesis hash"))?;
        let worker = Worker::start(&database, options).map_err(damaged)?;
        let head = (snapshot, recent);
        let store =
            Self::new(genesis, database, writer, head, (options.history_heights, Some(worker)));
        store.check_head().map_err(damaged)?;
        Ok(Opened::Chain(store))
    }

    /// Opens the chain of a data directory read-only, for example to search for damage. The directory is
    /// locked as by [`Self::open`], and nothing in it is changed: every write fails with
    /// [`StoreError::Stopped`]. The completeness of the head is not checked.
    pub fn open_read_only(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let Directory { database, acknowledged } = directory::open_read_only(dir, options)?;
        let damaged = |error: StoreError| directory::damaged(dir, &error.to_string());
        let database = Arc::new(database);
        let recent = Arc::new(Recent::new(0, options.cache_bytes / RECENT_SHARE));
        let snapshot =
            Snapshot::new(Arc::clone(&database), Arc::clone(&recent)).map_err(damaged)?;
        let snapshot = snapshot.ok_or_else(|| directory::damaged(dir, "it holds no chain"))?;
        let height = snapshot.head().height();
        recent.commit(height, &[]);
        let signed = SignedRecord::default();
        let space = Space::new(dir, options.disk_reserve_bytes);
        let start = Start { space, acknowledged, signer: None, signed };
        let mut writer = Writer::new(start, &database, height).map_err(damaged)?;
        writer.stop("the store was opened read-only");
        let genesis = read_genesis(&database).map_err(damaged)?;
        let genesis = genesis.ok_or_else(|| directory::damaged(dir, "it has no genesis hash"))?;
        open_kept(&database, height, u64::MAX).map_err(damaged)?;
        let from = database.kept().from();
        database.history().open(&database, height, from, true).map_err(damaged)?;
        Ok(Self::new(genesis, database, writer, (snapshot, recent), (u64::MAX, None)))
    }

    fn new(
        genesis: Hash,
        database: Arc<Database>,
        writer: Writer,
        (head, recent): (Snapshot, Arc<Recent>),
        (history_heights, worker): (u64, Option<Worker>),
    ) -> Self {
        let space = writer.space().clone();
        let (head, writer) = (RwLock::new(Arc::new(head)), Mutex::new(writer));
        let _worker = worker;
        let inner =
            Inner { _worker, genesis, writer, head, recent, database, history_heights, space };
        Self(Arc::new(inner))
    }

    /// Whether the next write would find enough space: [`StoreError::DiskFull`] if not. Never waits for a write.
    pub fn check_space(&self) -> Result<(), StoreError> {
        self.0.space.check()
    }

    /// Reads everything that is stored, also what nothing else reads, such as the history of the state: damage is
    /// [`StoreError::Damaged`]. `progress` is called with the name of each kind of data.
    pub fn read_all(&self, progress: &mut dyn FnMut(&str)) -> Result<(), StoreError> {
        Family::ALL.into_iter().try_for_each(|family| {
            progress(family.name());
            self.database().read_all(family)
        })
    }

    /// The first height whose state can be read. It increases with the head, unless the store keeps all
    /// history.
    pub fn history_from(&self) -> u64 {
        self.database().kept().from()
    }

    /// The genesis file's hash.
    pub fn genesis(&self) -> Hash {
        self.0.genesis
    }

    /// The newest decided block.
    pub fn head(&self) -> Head {
        self.snapshot().head().clone()
    }

    /// The state after the newest decided block. It does not change when blocks are committed.
    pub fn state(&self) -> Arc<dyn StateStore> {
        self.snapshot()
    }

    /// Like [`Self::state`], together with its block.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.head.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Buffers an entry of the consensus log of a height: one of the [`crate::LOG_HEIGHTS_MAX`]
    /// above the head.
    pub fn append_log(&self, height: u64, entry: &[u8]) -> Result<(), StoreError> {
        let mut writer = self.writer();
        writer.append_log(self.database(), self.height(), height, entry)
    }

    /// Buffers a block's body, in its canonical encoding, for a height as in [`Self::append_log`]. The caller
    /// guarantees that the hash is the block's. The body is removed when another block is committed at its
    /// height.
    pub fn put_body(&self, height: u64, hash: &Hash, body: &[u8]) -> Result<(), StoreError> {
        let mut writer = self.writer();
        writer.put_body(self.database(), self.height(), (height, *hash), body)
    }

    /// Buffers the removal of a body that is above the head and was not decided.
    pub fn remove_body(&self, height: u64, hash: &Hash) -> Result<(), StoreError> {
        self.writer().remove_body(self.database(), (height, *hash))
    }

    /// Buffers the record of what this validator signed last, at most
    /// [`crate::SIGNED_BYTES_MAX`] bytes; it replaces the previous one.
    pub fn record_signed(&self, record: &[u8]) -> Result<(), StoreError> {
        self.writer().record_signed(self.database(), record)
    }

    /// Makes everything buffered durable: one write and one fsync, and one more for the
    /// signer-state file if a record is among it.
    ///
    /// After [`StoreError::DiskFull`] everything is still buffered, and the call can be retried. After any
    /// other error the store has stopped.
    pub fn sync(&self) -> Result<(), StoreError> {
        let mut writer = self.writer();
        writer.sync(self.database())?;
        self.all_is_durable();
        Ok(())
    }

    /// The durable entries of the consensus log of a height above the head, in order.
    pub fn log(&self, height: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        if height <= self.height() {
            return Ok(Vec::new());
        }
        log::read(self.database(), height)
    }

    /// The newest last-signed record, from the data directory or from the signer-state file,
    /// whichever is newer. A validator must sign nothing that conflicts with it.
    pub fn last_signed(&self) -> Option<Vec<u8>> {
        let writer = self.writer();
        let record = writer.last_signed();
        (record.sequence > 0).then(|| record.bytes.clone())
    }

    /// The hashes of the stored bodies for a height above the head.
    pub fn undecided(&self, height: u64) -> Vec<Hash> {
        let writer = self.writer();
        let of = writer.bodies_up_to(height).filter(|(it, _)| *it == height);
        of.map(|(_, hash)| *hash).collect()
    }

    /// Commits the next block with all its effects, in one atomic write, together with buffered data. The log
    /// and undecided bodies of its height are removed. If the commit is not marked as durable, it becomes
    /// durable with the next [`Self::sync`] or durable commit; a crash before that leaves the chain complete
    /// at an earlier block.
    ///
    /// A [`StoreError::Height`] or [`StoreError::Mismatch`] changed nothing. After [`StoreError::DiskFull`] the same
    /// call can be retried.
    pub fn commit(&self, commit: &NewBlock<'_>) -> Result<(), StoreError> {
        let before = self.snapshot();
        let head = commit.check(before.head())?;
        let database = &self.0.database;
        let NewBlock { block, certificate, receipts, changes, validators, modules, durable } =
            *commit;
        let mut batch =
            commit::batch(database, &head, Some(certificate), receipts, (changes, modules))?;
        if let Err(error) = database.history().wait_for_room() {
            return Err(self.writer().fail(error));
        }
        let durable = durable || database.history().must_sync();
        let from = head.height().saturating_sub(self.0.history_heights);
        if from > database.kept().from() {
            let meta = database.family(Family::Meta)?;
            batch.put_cf(meta, keys::KEPT_FROM, from.to_be_bytes());
        }
        if let Some((from, set)) = validators {
            commit::put_validators(&mut batch, database, from, set)?;
        }
        let mut writer = self.writer();
        // Another commit may have been faster.
        commit.check(self.snapshot().head())?;
        let bodies = database.family(Family::Bodies)?;
        if !writer.has_body(head.height(), &head.hash) {
            put_block(&mut batch, database, &head, block)?;
        }
        for (height, hash) in writer.bodies_up_to(head.height()) {
            if *hash != head.hash {
                batch.delete_cf(bodies, keys::body(*height, hash));
            }
        }
        let replaced = self.0.recent.commit(head.height(), &changes.entries);
        let written = self.write(&mut writer, batch, (changes, &replaced), &before, durable);
        if written.is_err() {
            self.0.recent.undo(before.head().height(), &changes.entries);
        }
        written?;
        database.kept().raise(from);
        if durable {
            self.all_is_durable();
        }
        writer.set_head(head.height());
        let snapshot = Snapshot::new(Arc::clone(database), Arc::clone(&self.0.recent))?
            .ok_or_else(|| StoreError::damaged("the written head is missing"))?;
        *self.0.head.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        Ok(())
    }

    /// Writes the batch of the block after a state, together with what the block replaces.
    fn write(
        &self,
        writer: &mut Writer,
        mut batch: WriteBatch,
        (changes, replaced): (&Changes, &[Replaced]),
        before: &Snapshot,
        durable: bool,
    ) -> Result<(), StoreError> {
        let (database, history) = (&self.0.database, self.0.database.history());
        let height = before.head().height() + 1;
        let record = match self.0.history_heights {
            0 => None,
            _ => Some(record::encode(height, changes, replaced, before)?),
        };
        if let Some(record) = &record {
            history.put(&mut batch, database, height, record)?;
        }
        let sorted = history.remove_sorted(&mut batch, database)?;
        writer.commit(database, batch, durable)?;
        history.removed(sorted);
        if let Some(record) = record {
            history.push(height, record);
        }
        Ok(())
    }

    /// Everything committed so far is durable. The caller holds the writer, so nothing is committed meanwhile.
    fn all_is_durable(&self) {
        let database = self.database();
        database.kept().sync();
        database.history().seal(database.kept().durable());
    }

    /// The sizes of the store on disk and in memory.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let disk = |error: std::io::Error| StoreError::Disk(error.to_string());
        let mut usage = Usage { disk_bytes: 0, memory_bytes: self.database().memory_bytes() };
        for file in std::fs::read_dir(self.database().raw().path()).map_err(disk)? {
            // A file may vanish after it was listed.
            let metadata = file.map_err(disk)?.metadata().ok();
            usage.disk_bytes += metadata.map_or(0, |metadata| metadata.len());
        }
        Ok(usage)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    fn height(&self) -> u64 {
        self.snapshot().head().height()
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that the head's parts exist and match each other.
    fn check_head(&self) -> Result<(), StoreError> {
        let head = self.head();
        let height = head.height();
        let whole = head.header.hash() == head.hash
            && self.hash_at(height)? == Some(head.hash)
            && self.block_at(height)?.is_some_and(|block| block.header == head.header)
            && self.receipts(height)?.is_some();
        if whole {
            return Ok(());
        }
        Err(StoreError::damaged(format!("block {height} at the head is incomplete")))
    }
}

impl EmptyStore {
    /// Writes the genesis, atomically and durably, together with the first last-signed record, if it is known
    /// what the key signed and no signer-state file is newer. A crash before its end leaves an empty store.
    pub fn initialise(
        mut self,
        genesis: &GenesisBlock<'_>,
        signed: Option<&[u8]>,
    ) -> Result<Store, StoreError> {
        let GenesisBlock { genesis, header, receipts, changes, validators, modules } = *genesis;
        if header.height != 0 {
            return Err(StoreError::Height { height: header.height, head: 0 });
        }
        let database = &self.database;
        if let Some(signed) = signed.filter(|_| self.writer.last_signed().sequence == 0) {
            self.writer.record_signed(database, signed)?;
        }
        let (hash, state_root) = (header.hash(), changes.root);
        let head = Head { hash, header: header.clone(), state_root };
        let mut batch = commit::batch(database, &head, None, receipts, (changes, modules))?;
        let block = Block {
            header: header.clone(),
            transactions: Vec::new(),
            certificate: None,
            evidence: Vec::new(),
            signature: Signature([0; 64]),
        };
        put_block(&mut batch, database, &head, &block.into())?;
        if let Some(set) = validators {
            commit::put_validators(&mut batch, database, 1, set)?;
        }
        batch.put_cf(database.family(Family::Meta)?, keys::GENESIS, genesis.as_bytes());
        self.writer.commit(database, batch, true)?;
        let snapshot = Snapshot::new(Arc::clone(database), Arc::clone(&self.recent))?
            .ok_or_else(|| StoreError::damaged("the written genesis is missing"))?;
        let worker = Worker::start(&self.database, &self.options)?;
        let history = (self.options.history_heights, Some(worker));
        Ok(Store::new(genesis, self.database, self.writer, (snapshot, self.recent), history))
    }
}

/// Sets which history is kept: released history stays released.
fn open_kept(database: &Database, head: u64, heights: u64) -> Result<(), StoreError> {
    let stored = database.get(Family::Meta, keys::KEPT_FROM)?;
    let stored = stored.map(|value| keys::parse_height(&value)).transpose()?.unwrap_or(0);
    let kept = database.kept();
    kept.raise(stored);
    kept.sync();
    // Durable with the next commit.
    kept.raise(head.saturating_sub(heights));
    Ok(())
}

fn read_genesis(database: &Database) -> Result<Option<Hash>, StoreError> {
    let genesis = database.get(Family::Meta, keys::GENESIS)?;
    Ok(genesis.and_then(|hash| <[u8; 32]>::try_from(&*hash).ok()).map(Hash))
}

fn put_block(
    batch: &mut WriteBatch,
    database: &Database,
    head: &Head,
    block: &SharedBlock,
) -> Result<(), StoreError> {
    let bodies = database.family(Family::Bodies)?;
    batch.put_cf(bodies, keys::body(head.height(), &head.hash), block.encoded());
    Ok(())
}

/// Opens the signer-state file and returns the newer of its record and the database's.
fn open_signer(
    database: &Database,
    options: &Options,
    dir: &Path,
) -> Result<(Option<SignerFile>, SignedRecord), OpenError> {
    let damaged = |error: StoreError| directory::damaged(dir, &error.to_string());
    let stored = database.get(Family::Meta, keys::SIGNED).map_err(damaged)?;
    let stored = stored.map(|value| SignedRecord::from_value(&value)).transpose();
    let stored = stored.map_err(damaged)?.unwrap_or_default();
    let used = database.get(Family::Meta, keys::SIGNER_FILE).map_err(damaged)?.is_some();
    let mut batch = WriteBatch::default();
    let meta = database.family(Family::Meta).map_err(damaged)?;
    let Some(path) = &options.signer_state else {
        if used {
            batch.delete_cf(meta, keys::SIGNER_FILE);
            database.write(batch, true).map_err(damaged)?;
        }
        return Ok((None, stored));
    };
    let (file, kept) = SignerFile::open(path, used)?;
    if !used {
        batch.put_cf(meta, keys::SIGNER_FILE, []);
        database.write(batch, true).map_err(damaged)?;
    }
    if kept.sequence > stored.sequence {
        return Ok((Some(file), kept));
    }
    if kept.sequence < stored.sequence {
        // A new file, or a crash between the database's fsync and the file's.
        file.write(&stored).map_err(directory::io(path))?;
    }
    Ok((Some(file), stored))
}
