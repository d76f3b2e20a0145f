//! Drives the stages: reads blocks, checks them, projects them and writes the rows, until it must stop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ehb_types::{Hash, Name};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::check::{CheckError, CheckedBlock, Checker, Tip};
use crate::database::{Database, DatabaseError};
use crate::progress::Progress;
use crate::project::{self, KERNEL, ModuleVersion, ProjectError, Projection, Rows};
use crate::retention::Retention;
use crate::schema;
use crate::source::{ChainStart, Source, SourceError};
use crate::verify::automatic::{Automatic, EVERY};
use crate::write::{Batch, WriteError, Writer};

/// The limits of one database transaction: blocks, and rows unless a single block has more.
const BATCH_BLOCKS_MAX: usize = 500;
const BATCH_ROWS_MAX: usize = 20_000;
/// The pause after a failure, and the longest one, milliseconds.
const PAUSE_FIRST_MS: u64 = 100;
const PAUSE_MAX_MS: u64 = 5_000;

/// The options for writing.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The number of heights in a partition of a new database.
    pub partition_heights: Option<i64>,
    /// The number of the last heights whose blocks, transactions, calls and events are kept; none keeps all.
    pub keep_heights: Option<u64>,
    /// The number of blocks between two verifications of the tables.
    pub verify_every: Option<u64>,
}

/// Why indexing cannot continue.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// No database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// No block.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A fork.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A block that cannot be turned into rows.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Nothing can be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl IndexError {
    /// Whether a retry can help.
    fn is_passing(&self) -> bool {
        match self {
            Self::Write(error) => error.is_passing(),
            Self::Source(SourceError::Endpoints(_) | SourceError::OtherChain { .. }) => false,
            Self::Source(_) => true,
            // A private cluster that was killed recovers; a server that is restarted comes back.
            Self::Database(DatabaseError::Url(_)) => false,
            Self::Database(_) => true,
            Self::Check(_) | Self::Project(_) => false,
        }
    }

    /// The stable code of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Database(_) => "DATABASE",
            Self::Source(SourceError::OtherChain { .. })
            | Self::Write(WriteError::OtherChain { .. }) => "OTHER_CHAIN",
            Self::Source(_) => "ENDPOINT",
            Self::Check(CheckError::Fork { .. }) => "FORK",
            Self::Check(_) => "NOT_PROVEN",
            Self::Project(_) => "PROJECTION",
            Self::Write(WriteError::Schema(_)) => "SCHEMA",
            Self::Write(_) => "DATABASE",
        }
    }
}

/// Indexes until `stop` is set, or an error occurs that retries cannot resolve.
pub async fn run(
    settings: &Settings,
    mut source: Source,
    database: &mut Database,
    progress: &Progress,
    mut stop: watch::Receiver<bool>,
) -> Result<(), IndexError> {
    let mut failures = 0u32;
    source.report_to(progress.clone());
    loop {
        let written = progress.height();
        let ended = tokio::select! {
            ended = session(settings, database, &mut source, progress) => ended,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        };
        let Err(error) = ended else { continue };
        progress.fail(&error.to_string());
        if !error.is_passing() {
            return Err(error);
        }
        // A success before the failure ends a series of failures.
        failures = if progress.height() > written { 1 } else { failures.saturating_add(1) };
        let pause = (PAUSE_FIRST_MS << failures.saturating_sub(1).min(10)).min(PAUSE_MAX_MS);
        tracing::warn!("{error}; retrying in {pause} ms");
        tokio::select! {
            () = sleep(Duration::from_millis(pause)) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        }
    }
}

/// Indexes from the cursor on, with one connection, until something fails. Only the endpoints are kept from
/// one session to the next, so recovery is the same as continuing.
async fn session(
    settings: &Settings,
    database: &mut Database,
    source: &mut Source,
    progress: &Progress,
) -> Result<(), IndexError> {
    let options = database.ready().await?;
    let mut connection = database.connect().await?;
    schema::migrate(&mut connection).await.map_err(WriteError::from)?;
    drop(connection);
    let mut writer = Writer::open(&options).await?;
    let start = source.start().await?;
    let set = start.genesis.validator_set();
    let set = set.map_err(|error| SourceError::Answer(error.to_string()))?;
    let network = start.genesis.network;
    let cursor = writer.begin(start.chain, network, set, settings.partition_heights).await?;
    progress.reached(cursor.tip.height, None);
    let every = settings.verify_every.unwrap_or(EVERY);
    let mut automatic = Automatic::new(options, progress.clone(), every, cursor.tip.height);
    let mut retention = Retention::new(settings.keep_heights);
    let mut stages = Stages {
        checker: Checker::new(cursor.chain, cursor.next_validators.clone(), cursor.tip.clone()),
        projection: Projection::new(network, writer.modules().await?),
        tip: cursor.tip,
        batch: Batch::default(),
        start,
    };
    loop {
        let from = stages.checker.next_height();
        let blocks = source.blocks(from).await;
        progress.head(source.head(), source.url());
        let more = blocks.last().is_some_and(|it| it.height() < source.head());
        for block in blocks {
            if !stages.take(source, block).await? {
                break;
            }
            if stages.is_full() {
                stages.flush(&mut writer, progress).await?;
            }
        }
        if !more {
            stages.flush(&mut writer, progress).await?;
        }
        if let Some(height) = progress.height() {
            automatic.wrote(height, source.url());
            writer.drop_old(&mut retention).await?;
        }
    }
}

/// The checker, the projection, and rows that wait to be written.
struct Stages {
    start: ChainStart,
    checker: Checker,
    projection: Projection,
    /// The last block in the batch, or at the cursor.
    tip: Tip,
    batch: Batch,
}

impl Stages {
    fn is_full(&self) -> bool {
        self.batch.blocks >= BATCH_BLOCKS_MAX || self.batch.rows.count() >= BATCH_ROWS_MAX
    }

    async fn flush(&mut self, writer: &mut Writer, progress: &Progress) -> Result<(), IndexError> {
        let batch = std::mem::take(&mut self.batch);
        let Some(last) = &batch.last else { return Ok(()) };
        writer.write(&batch).await?;
        let time_ms = last.block.header.timestamp_ms;
        progress.wrote(batch.blocks, batch.rows.count());
        progress.reached(Some(last.block.height()), Some(time_ms));
        Ok(())
    }

    /// Processes the next block. Returns whether it was valid; if not, another endpoint is now in use.
    async fn take(
        &mut self,
        source: &mut Source,
        block: crate::block::FetchedBlock,
    ) -> Result<bool, IndexError> {
        let next = match self.checker.needs_validators(&block) {
            Some(hash) => match source.validators(block.height(), hash).await {
                Ok(set) => Some(set),
                Err(error) => return Ok(self.reject(source, &error.to_string()).await),
            },
            None => None,
        };
        match self.checker.accept(block, next) {
            Ok(Some(checked)) => {
                let rows = self.project(source, &checked).await?;
                let (height, hash) = (Some(checked.block.height()), checked.hash);
                self.tip = Tip { height, hash, validators: Some(checked.validators.clone()) };
                self.batch.push(checked, rows);
                Ok(true)
            }
            Ok(None) => Ok(true),
            Err(fork @ CheckError::Fork { .. }) => Err(fork.into()),
            Err(error) => Ok(self.reject(source, &error.to_string()).await),
        }
    }

    async fn reject(&mut self, source: &mut Source, reason: &str) -> bool {
        self.checker.restart(self.tip.clone());
        source.reject(reason).await;
        false
    }

    async fn project(
        &mut self,
        source: &mut Source,
        checked: &CheckedBlock,
    ) -> Result<Rows, IndexError> {
        let mut genesis = Rows::default();
        if checked.block.height() == 0 {
            let mut installed = vec![(Name::new(KERNEL), Hash::ZERO)];
            let modules = self.start.genesis.modules.iter();
            installed.extend(modules.map(|it| (Ok(it.name.clone()), it.code)));
            let mut versions = Vec::new();
            for (name, code) in installed {
                let name = name.map_err(|error| SourceError::Answer(error.to_string()))?;
                let version = version(source, &name, code, 0).await?;
                versions.push((name, version));
            }
            let network = self.start.genesis.network;
            genesis = project::genesis(&self.start.genesis, &versions);
            self.projection = Projection::new(network, versions.into_iter().collect());
        }
        let mut versions = BTreeMap::new();
        for change in self.projection.changes(&checked.proven())? {
            let known = self.projection.modules().get(&change.module);
            if known.is_none_or(|known| known.code != change.code) {
                let version =
                    version(source, &change.module, change.code, checked.block.height()).await?;
                versions.insert(change.code, version);
            }
        }
        let mut rows = self.projection.block(&checked.proven(), &versions)?;
        rows.append(genesis);
        Ok(rows)
    }
}

async fn version(
    source: &mut Source,
    module: &Name,
    code: Hash,
    height: u64,
) -> Result<Arc<ModuleVersion>, IndexError> {
    let found = source.interface(module, code, height).await?;
    let version = ModuleVersion { code, interface: found.interface, wit: found.wit };
    Ok(Arc::new(version))
}
