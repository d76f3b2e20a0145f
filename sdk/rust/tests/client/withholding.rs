//! A double of a node that keeps the transactions that it takes to itself until a test releases them, as a node does
//! that is cut off from the validators. Everything else that it says is what the chain says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use ehb_rpc_server::{
    AtHeight, Backend, BlockModules, CanonicalBlock, DecidedBlock, DecidedHeader, Fate, Lost,
    ModuleInfo, ModuleVersion, ProvenEntry, ReadCall, ReadResult, Readiness, Refusal, Simulation,
};
use ehb_sdk::api::Status;
use ehb_types::{
    Account, Address, Code, Genesis, Hash, Parameters, Receipt, SharedTransaction, Transaction,
    encode,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{RwLock, watch};

pub(crate) struct Withholding {
    chain: Arc<dyn Backend>,
    /// Whether it passes transactions on at once, as an honest node does.
    passes: AtomicBool,
    /// Whether it reports that it is ready.
    pub(crate) is_ready: AtomicBool,
    kept: Mutex<Kept>,
    losses: watch::Sender<u64>,
    /// While it is locked, submissions are taken and not answered.
    pub(crate) answers: Arc<RwLock<()>>,
    /// The wallet has this description instead of its own.
    wallet: Mutex<Option<Arc<ModuleInfo>>>,
    /// The block at its height has these receipts instead of its own.
    block: Mutex<Option<Arc<DecidedBlock>>>,
    /// It has these headers instead of the chain's.
    headers: Mutex<Option<Arc<Headers>>>,
}

/// The header at each height.
type Headers = dyn Fn(u64) -> Option<DecidedHeader> + Send + Sync;

#[derive(Default)]
struct Kept {
    held: Vec<SharedTransaction>,
    /// What was taken away, in order, and what the node says of it where the chain knows nothing.
    lost: Vec<(Hash, Fate)>,
}

impl Withholding {
    /// A node that passes everything on, until [`Self::withhold`].
    pub(crate) fn before(chain: Arc<dyn Backend>) -> Arc<Self> {
        Arc::new(Self {
            chain,
            passes: AtomicBool::new(true),
            is_ready: AtomicBool::new(true),
            kept: Mutex::default(),
            losses: watch::Sender::new(0),
            answers: Arc::default(),
            wallet: Mutex::default(),
            block: Mutex::default(),
            headers: Mutex::default(),
        })
    }

    pub(crate) fn withhold(&self, withholds: bool) {
        self.passes.store(!withholds, Ordering::Relaxed);
    }

    /// The ids of what it holds, in their order.
    pub(crate) fn waiting(&self) -> Vec<Hash> {
        self.kept().held.iter().map(|it| it.id()).collect()
    }

    /// Takes a transaction away, if it holds it.
    pub(crate) fn lose(&self, id: Hash, fate: Fate) {
        let mut kept = self.kept();
        kept.held.retain(|it| it.id() != id);
        kept.lost.push((id, fate));
        self.losses.send_replace(kept.lost.len() as u64);
    }

    /// Passes on what it holds, which the chain must take.
    pub(crate) async fn pass_on(&self) {
        let held = std::mem::take(&mut self.kept().held);
        let taken = self.chain.submit(held).await;
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    }

    /// Describes another wallet from now on than the one that is installed.
    pub(crate) fn describe_wallet(&self, change: impl FnOnce(&mut ModuleInfo)) {
        let mut info = ModuleInfo::clone(&self.chain.module("wallet").unwrap());
        change(&mut info);
        *self.wallet.lock().unwrap() = Some(Arc::new(info));
    }

    /// Shows other receipts of a block from now on than those that it has.
    pub(crate) fn show_receipts(&self, height: u64, receipts: Vec<Receipt>) {
        let mut block = DecidedBlock::clone(&self.chain.block(height).unwrap().unwrap());
        block.receipts = receipts.into();
        *self.block.lock().unwrap() = Some(Arc::new(block));
    }

    /// Shows other headers from now on than those of the chain.
    pub(crate) fn show_headers(
        &self,
        headers: impl Fn(u64) -> Option<DecidedHeader> + Send + Sync + 'static,
    ) {
        *self.headers.lock().unwrap() = Some(Arc::new(headers));
    }

    fn block_shown(&self, height: u64) -> Option<Arc<DecidedBlock>> {
        self.block.lock().unwrap().clone().filter(|it| it.block.header.height == height)
    }

    /// The first sequence of a lane that neither the chain has used nor a held transaction has.
    fn free_sequence(&self, kept: &Kept, address: &Address, lane: u32) -> Option<u64> {
        let next = self.chain.next_sequence(address, lane).ok()?;
        let is_held = |sequence: &u64| {
            let mut held = kept.held.iter().map(|it| &it.transaction);
            held.any(|it| (it.sender, it.lane, it.sequence) == (*address, lane, *sequence))
        };
        (next..).find(|sequence| !is_held(sequence))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }
}

/// What the chain says.
macro_rules! as_the_chain {
    ($(fn $name:ident(&self $(, $argument:ident: $type:ty)*) -> $answer:ty;)*) => {
        $(fn $name(&self $(, $argument: $type)*) -> $answer { self.chain.$name($($argument),*) })*
    };
}

impl Backend for Withholding {
    as_the_chain! {
        fn readiness(&self) -> Readiness;
        fn genesis(&self) -> Arc<Genesis>;
        fn parameters(&self, height: Option<u64>) -> Result<AtHeight<Parameters>, Refusal>;
        fn head(&self) -> watch::Receiver<u64>;
        fn earliest(&self) -> u64;
        fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal>;
        fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal>;
        fn height(&self) -> u64;
        fn account(&self, address: &Address, height: Option<u64>) -> Result<AtHeight<Option<Account>>, Refusal>;
        fn modules(&self) -> Vec<Arc<ModuleInfo>>;
        fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal>;
        fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal>;
        fn module_at(&self, name: &str, height: Option<u64>) -> Result<Option<Arc<ModuleInfo>>, Refusal>;
        fn call(&self, call: ReadCall) -> Result<ReadResult, Refusal>;
        fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal>;
        fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal>;
    }

    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal> {
        let shown = self.headers.lock().unwrap().clone();
        shown.map_or_else(|| self.chain.header(height), |headers| Ok(headers(height)))
    }

    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
        self.block_shown(height).map_or_else(|| self.chain.block(height), |block| Ok(Some(block)))
    }

    fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal> {
        let mut canonical = self.chain.canonical(height)?;
        if let Some((canonical, block)) = canonical.as_mut().zip(self.block_shown(height)) {
            canonical.receipts = encode(&block.receipts.to_vec());
        }
        Ok(canonical)
    }

    fn status(&self) -> Status {
        Status { ready: self.is_ready.load(Ordering::Relaxed), ..self.chain.status() }
    }

    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>> {
        let other = self.wallet.lock().unwrap().clone().filter(|_| name == "wallet");
        other.or_else(|| self.chain.module(name))
    }

    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal> {
        let known = self.chain.fate(id, content)?;
        let kept = self.kept();
        let held = kept.held.iter().find(|it| it.id() == *id).cloned().map(|transaction| {
            let Transaction { sender, lane, sequence, .. } = transaction.transaction;
            let missing = self.free_sequence(&kept, &sender, lane).filter(|it| *it < sequence);
            Fate::Pending { transaction, missing_sequence: missing }
        });
        let lost = || kept.lost.iter().find(|(lost, _)| lost == id).map(|(_, fate)| fate.clone());
        match known {
            Fate::Unknown { .. } => Ok(held.or_else(lost).unwrap_or(known)),
            _ => Ok(known),
        }
    }

    fn losses(&self) -> watch::Receiver<u64> {
        self.losses.subscribe()
    }

    fn lost(&self, after: u64) -> Lost {
        let kept = self.kept();
        let newer = kept.lost.iter().skip(usize::try_from(after).unwrap_or(usize::MAX));
        Lost { last: kept.lost.len() as u64, ids: newer.map(|(id, _)| *id).collect() }
    }

    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>> {
        if self.passes.load(Ordering::Relaxed) {
            return self.chain.submit(transactions);
        }
        let mut kept = self.kept();
        let mut take = |signed: SharedTransaction| {
            if kept.held.iter().any(|it| it.id() == signed.id()) {
                return Err(Refusal::new(Code::AlreadyKnown, "the transaction is known"));
            }
            kept.held.push(signed);
            Ok(())
        };
        let results = transactions.into_iter().map(&mut take).collect();
        let answers = self.answers.clone();
        async move {
            let _answered = answers.read().await;
            results
        }
        .boxed()
    }

    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal> {
        let free = self.free_sequence(&self.kept(), address, lane);
        free.map_or_else(|| self.chain.next_sequence(address, lane), Ok)
    }
}
