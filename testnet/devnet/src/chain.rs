//! The chain itself: a replica of one validator and what it has decided.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use ehb_executor::{GenesisState, Installation, ReadLibrary};
use ehb_kernel::chain;
use ehb_mempool::{Limits, SharedMempool};
use ehb_replica::{Commit, Status};
use ehb_rpc_server::{DecidedBlock, ModuleInfo, Refusal};
use ehb_state::{MemoryStore, Overlay, StateStore, StoreError};
use ehb_types::{Block, Code, CommitCertificate, Genesis, Hash, Header, SecretKey, ValidatorSet};
use tokio::sync::watch;

use crate::DevNetError;
use crate::modules::{self, Version};
use crate::time::NetClock;

/// How many blocks are kept.
const BLOCKS_MAX: usize = 10_000;
/// How many bytes the kept blocks and receipts have at the most, but for the last block.
const BLOCKS_BYTES_MAX: usize = 256 << 20;
/// For how many heights the state is kept.
const STATES_MAX: usize = 512;
/// How many transactions can be pending, their bytes, and how many of one sender.
const PENDING: (usize, usize, usize) = (10_000, 64 << 20, 10_000);

/// A chain in memory, which the driver writes and the server reads.
pub(crate) struct Chain {
    pub(crate) genesis: Arc<Genesis>,
    pub(crate) genesis_hash: Hash,
    pub(crate) library: ReadLibrary,
    pub(crate) kernel: Arc<ModuleInfo>,
    pub(crate) mempool: SharedMempool,
    pub(crate) clock: Arc<NetClock>,
    kept: RwLock<Kept>,
    status: RwLock<Option<Status>>,
    /// The head, and the number of the last transaction that the mempool lost.
    pub(crate) head: watch::Sender<u64>,
    pub(crate) losses: watch::Sender<u64>,
}

/// The kept data of decided blocks.
pub(crate) struct Kept {
    /// In the order of their heights; never empty.
    blocks: VecDeque<KeptBlock>,
    bytes: usize,
    pub(crate) heights: BTreeMap<Hash, u64>,
    pub(crate) positions: BTreeMap<Hash, (u64, u32)>,
    pub(crate) versions: Vec<Version>,
    /// The modules at the head.
    pub(crate) infos: Vec<Arc<ModuleInfo>>,
}

/// A decided block and the state after it.
#[derive(Clone)]
pub(crate) struct KeptBlock {
    pub(crate) decided: Arc<DecidedBlock>,
    pub(crate) certificate: Option<CommitCertificate>,
    /// The validators that decided it.
    pub(crate) validators: ValidatorSet,
    /// The state after it, where that is kept, and its root.
    pub(crate) state: Option<Arc<MemoryStore>>,
    pub(crate) root: Hash,
}

impl KeptBlock {
    pub(crate) fn header(&self) -> &Header {
        &self.decided.block.header
    }

    fn bytes(&self) -> usize {
        self.decided.block.encoded().len() + self.decided.receipts.encoded().len()
    }
}

impl Chain {
    /// A chain that has its genesis alone.
    pub(crate) fn new(
        genesis: Genesis,
        first: &GenesisState,
        library: ReadLibrary,
        clock: Arc<NetClock>,
        key: &SecretKey,
    ) -> Result<Self, DevNetError> {
        let mut state = MemoryStore::default();
        state.apply(&first.changes);
        let block = Block::sign(first.header.clone(), Vec::new(), None, Vec::new(), key);
        let decided = DecidedBlock {
            hash: first.header.hash(),
            block: block.into(),
            receipts: first.receipts.clone(),
        };
        let block = KeptBlock {
            decided: Arc::new(decided),
            certificate: None,
            validators: genesis.validator_set()?,
            state: Some(Arc::new(state)),
            root: first.changes.root,
        };
        let installed = Installation::of_genesis(&first.modules);
        let kernel = modules::kernel(&library)?;
        let kept = Kept {
            heights: BTreeMap::from([(block.decided.hash, 0)]),
            positions: positions(0, &block.decided).collect(),
            versions: installed.iter().map(|it| Version::new(0, it)).collect(),
            infos: modules::infos(&first.modules, &kernel),
            bytes: block.bytes(),
            blocks: VecDeque::from([block]),
        };
        let (transactions, bytes, of_sender) = PENDING;
        Ok(Self {
            genesis_hash: genesis.hash(),
            genesis: Arc::new(genesis),
            library,
            kernel,
            mempool: SharedMempool::new(Limits::new(transactions, bytes, of_sender)),
            clock,
            kept: RwLock::new(kept),
            status: RwLock::default(),
            head: watch::Sender::new(0),
            losses: watch::Sender::new(0),
        })
    }

    pub(crate) fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn height(&self) -> u64 {
        self.kept().head().header().height
    }

    /// The state after the head.
    pub(crate) fn head_state(&self) -> Arc<MemoryStore> {
        self.kept().head().state.clone().unwrap_or_default()
    }

    /// The replica's head; `None` until it has started.
    pub(crate) fn status(&self) -> Option<Status> {
        self.status.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_status(&self, status: Status, lost: u64) {
        *self.status.write().unwrap_or_else(PoisonError::into_inner) = Some(status);
        self.losses.send_if_modified(|known| std::mem::replace(known, lost) != lost);
    }

    /// Keeps a decided block, and returns the state after it.
    pub(crate) fn commit(&self, commit: &Commit) -> Result<Arc<dyn StateStore>, StoreError> {
        let before = self.head_state();
        let mut state = MemoryStore::clone(&before);
        state.apply(&commit.execution.changes);
        let state = Arc::new(state);
        let validators = chain::validators(&Overlay::new(before))?;
        let infos = match commit.execution.installed.is_empty() {
            true => None,
            false => {
                let installed = self.library.modules(&Overlay::new(state.clone()))?;
                Some(modules::infos(&installed, &self.kernel))
            }
        };
        let decided = DecidedBlock {
            hash: commit.hash,
            block: commit.block.clone(),
            receipts: commit.execution.receipts.clone(),
        };
        let block = KeptBlock {
            decided: Arc::new(decided),
            certificate: Some(commit.certificate.clone()),
            validators,
            state: Some(state.clone()),
            root: commit.execution.changes.root,
        };
        let height = commit.block.header.height;
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let installed = commit.execution.installed.iter();
        kept.versions.extend(installed.map(|it| Version::new(height, it)));
        if let Some(infos) = infos {
            kept.infos = infos;
        }
        kept.push(block);
        Ok(state)
    }
}

impl Kept {
    /// The last block; there is always one.
    pub(crate) fn head(&self) -> &KeptBlock {
        &self.blocks[self.blocks.len() - 1]
    }

    /// The first height that is kept.
    pub(crate) fn first(&self) -> u64 {
        self.blocks.front().map_or(0, |it| it.header().height)
    }

    /// The first height whose state is kept.
    pub(crate) fn first_state(&self) -> u64 {
        let with_state = self.blocks.iter().find(|it| it.state.is_some());
        with_state.map_or(0, |it| it.header().height)
    }

    /// The block of a height, where it is kept.
    pub(crate) fn at(&self, height: u64) -> Option<&KeptBlock> {
        let index = height.checked_sub(self.first())?;
        self.blocks.get(usize::try_from(index).ok()?)
    }

    /// The height of the last block whose time is not after a moment.
    pub(crate) fn at_time(&self, timestamp_ms: u64) -> Option<u64> {
        let count = self.blocks.partition_point(|it| it.header().timestamp_ms <= timestamp_ms);
        Some(self.blocks.get(count.checked_sub(1)?)?.header().height)
    }

    fn push(&mut self, block: KeptBlock) {
        let height = block.header().height;
        self.heights.insert(block.decided.hash, height);
        self.positions.extend(positions(height, &block.decided));
        self.bytes += block.bytes();
        self.blocks.push_back(block);
        if let Some(index) = self.blocks.len().checked_sub(STATES_MAX + 1) {
            self.blocks[index].state = None;
        }
        while self.blocks.len() > BLOCKS_MAX
            || (self.bytes > BLOCKS_BYTES_MAX && self.blocks.len() > 1)
        {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some(block) = self.blocks.pop_front() else { return };
        self.bytes -= block.bytes();
        self.heights.remove(&block.decided.hash);
        for receipt in block.decided.receipts.iter() {
            self.positions.remove(&receipt.transaction);
        }
    }
}

/// Where each receipt of a block is, by its id: that of its transaction, or its own.
fn positions(height: u64, block: &DecidedBlock) -> impl Iterator<Item = (Hash, (u64, u32))> {
    let ids = block.receipts.iter().map(|it| it.transaction);
    (0..).zip(ids).map(move |(index, id)| (id, (height, index)))
}

/// Logs that the state cannot be read, and answers the client.
pub(crate) fn state_failed(error: StoreError) -> Refusal {
    tracing::error!(%error, "cannot answer a client");
    Refusal::new(Code::Internal, "the network could not read its state")
}
