//! The chain on disk on which gas is measured, which can be reopened with a cold block cache.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail};
use ehb_state::{Changes, Overlay, StateStore};
use ehb_store::{GenesisBlock, NewBlock, Opened, Options, Store};
use ehb_types::{Block, CommitCertificate, Hash, Header, Receipts, Signature};
use tempfile::TempDir;

/// A store on disk whose blocks contain only changes of the state.
pub(super) struct Disk {
    store: Store,
    /// Deleted when dropped, after the store.
    dir: TempDir,
}

impl Disk {
    /// A state with these entries.
    pub(super) fn new(header: &Header, changes: &Changes) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let options = Options { disk_reserve_bytes: 0, ..Options::default() };
        let Opened::Empty(empty) = Store::open(dir.path(), &options)? else {
            bail!("a new folder holds a chain");
        };
        let receipts = Receipts::default();
        let block = GenesisBlock {
            genesis: Hash::ZERO,
            header,
            receipts: &receipts,
            changes,
            validators: None,
            modules: &[],
        };
        Ok(Self { store: empty.initialise(&block, None)?, dir })
    }

    /// The state after all commits.
    pub(super) fn state(&self) -> Arc<dyn StateStore> {
        self.store.state()
    }

    pub(super) fn overlay(&self) -> Overlay {
        Overlay::new(self.state())
    }

    /// Commits a block with the changes of the overlay.
    pub(super) fn commit(&self, overlay: Overlay) -> anyhow::Result<()> {
        let changes = Changes { entries: overlay.into_entries(), ..Changes::default() };
        self.commit_changes(&changes)
    }

    pub(super) fn commit_changes(&self, changes: &Changes) -> anyhow::Result<()> {
        let head = self.store.head();
        let header = Header {
            height: head.height() + 1,
            timestamp_ms: head.header.timestamp_ms + 1,
            parent: head.hash,
            ..head.header.clone()
        };
        let block = Block {
            header,
            transactions: Vec::new(),
            certificate: None,
            evidence: Vec::new(),
            signature: Signature([0; 64]),
        };
        self.commit_block(&block, &Receipts::default(), changes)
    }

    /// Commits a block with its changes.
    pub(super) fn commit_block(
        &self,
        block: &Block,
        receipts: &Receipts,
        changes: &Changes,
    ) -> anyhow::Result<()> {
        let (height, hash) = (block.header.height, block.header.hash());
        let certificate =
            CommitCertificate { height, round: 0, block: hash, signatures: Vec::new() };
        let block = block.clone().into();
        let commit = NewBlock {
            block: &block,
            certificate: &certificate,
            receipts,
            changes,
            validators: None,
            modules: &[],
            durable: false,
        };
        self.store.commit(&commit).context("committing a block")
    }

    /// The same chain, reopened with so small a block cache that nearly every read goes to the files.
    pub(super) fn reopened_cold(self) -> anyhow::Result<Self> {
        let Self { store, dir } = self;
        store.sync()?;
        drop(store);
        let options = Options {
            cache_bytes: 1 << 20,
            write_buffer_bytes: 256 << 10,
            disk_reserve_bytes: 0,
            ..Options::default()
        };
        match Store::open(dir.path(), &options)? {
            Opened::Chain(store) => Ok(Self { store, dir }),
            Opened::Empty(_) => bail!("the chain is gone"),
        }
    }

    /// Sets entries, in blocks of a permitted size.
    pub(super) fn fill(
        &self,
        entries: impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>,
    ) -> anyhow::Result<()> {
        let mut entries = entries.peekable();
        while entries.peek().is_some() {
            let block: BTreeMap<_, _> = entries.by_ref().take(20_000).collect();
            let entries = block.into_iter().collect();
            self.commit_changes(&Changes { entries, ..Changes::default() })?;
        }
        Ok(())
    }
}
