//! Implements the RPC server's backend: reads store, mempool and status, and passes submissions on.

use std::sync::Arc;

use crossbeam_channel::{Sender, TrySendError};
use ehb_executor::{QueryError, Simulated, call, call_past, simulate};
use ehb_kernel::admission::AdmissionError;
use ehb_kernel::{accounts, chain, organisations};
use ehb_mempool::SharedMempool;
use ehb_network::Network;
use ehb_replica::Signing;
use ehb_rpc_api::{ConditionView, MempoolView, Position, SigningView, Status, ValidatorView};
use ehb_rpc_server::{
    AtHeight, Backend, BlockModules, CanonicalBlock, DecidedBlock, DecidedHeader, Fate, Lost,
    ModuleInfo, ModuleVersion, ProvenEntry, ReadCall, ReadResult, Readiness, Refusal, Simulation,
};
use ehb_state::{Overlay, prove};
use ehb_store::{Installed, Snapshot, Store, StoreError};
use ehb_types::{
    Account, Address, Code, Genesis, Hash, Parameters, PublicKey, Receipt, Rejection,
    SharedTransaction, Transaction, ValidatorSet, encode,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use crate::driver::Submission;
use crate::fate::{Fates, block_in};
use crate::health::{Reported, Severity};
use crate::interfaces::Interfaces;
use crate::modules::ModuleInfos;
use crate::published::Published;
use crate::unreadable::{failed, met_in_state, state_failed};
use crate::view::View;
use crate::wall_clock::{chain_time_ms, now_ms};

/// Answers JSON-RPC from the store, the mempool and the replica's status.
pub(crate) struct NodeBackend {
    pub(crate) genesis: Arc<Genesis>,
    pub(crate) genesis_hash: Hash,
    pub(crate) consensus_key: PublicKey,
    pub(crate) store: Store,
    pub(crate) modules: ModuleInfos,
    pub(crate) interfaces: Interfaces,
    pub(crate) mempool: SharedMempool,
    pub(crate) network: Network,
    pub(crate) published: Arc<Published>,
    pub(crate) submissions: Sender<Submission>,
}

impl NodeBackend {
    fn overlay(&self) -> Overlay {
        Overlay::new(self.store.state())
    }

    /// The state after a height, the head's where it is `None`.
    fn view(&self, height: Option<u64>) -> Result<View, Refusal> {
        View::open(&self.store, height)
    }

    /// The modules at the head; none where the store fails, which the driver meets too.
    fn infos(&self) -> Arc<[Arc<ModuleInfo>]> {
        let snapshot = self.store.snapshot();
        let height = snapshot.head().height();
        self.modules.at(height, || Overlay::new(snapshot)).unwrap_or_else(|error| {
            met_in_state(&error, "cannot read which modules are installed");
            Arc::default()
        })
    }
}

fn condition_view(reported: &Reported) -> ConditionView {
    ConditionView {
        code: reported.condition.code().to_owned(),
        message: reported.text.clone(),
        since_ms: reported.since_ms,
        unready: reported.condition.severity() == Severity::Unready,
    }
}

impl Backend for NodeBackend {
    fn status(&self) -> Status {
        let replica = self.published.status();
        let snapshot = self.store.snapshot();
        let head = snapshot.head().clone();
        let validators = validators(snapshot).map(|set| ValidatorView::all(&set));
        let validators = validators.unwrap_or_default();
        let own = validators.iter().find(|it| it.consensus_key == self.consensus_key);
        let (transactions, bytes) = {
            let mempool = self.mempool.read();
            (mempool.len() as u64, mempool.bytes() as u64)
        };
        Status {
            chain_id: self.genesis.chain_id.clone(),
            network: self.genesis.network,
            genesis_hash: self.genesis_hash,
            height: head.height(),
            head: head.hash,
            earliest_height: self.earliest(),
            history_from: self.store.history_from(),
            timestamp_ms: head.header.timestamp_ms,
            chain_time_ms: chain_time_ms(
                head.header.timestamp_ms,
                now_ms(),
                replica.clocks.ahead_ms,
            ),
            round: replica.round,
            validator: own.map(|it| it.name.clone()),
            validators,
            signing: match replica.signing {
                Signing::Observes => SigningView::Observes,
                Signing::Signs => SigningView::Signs,
                Signing::From(from_height) => SigningView::Waits { from_height },
                Signing::Unknown => SigningView::Unknown,
                Signing::Asks => SigningView::Asks,
                Signing::KeyUsedElsewhere => SigningView::KeyUsedElsewhere,
            },
            clock_ahead_ms: replica.clocks.ahead_ms,
            stalled: replica.stalled,
            ready: self.readiness() == Readiness::Ready,
            conditions: self.published.conditions().iter().map(condition_view).collect(),
            peers: u32::try_from(self.network.peers().len()).unwrap_or(u32::MAX),
            syncing: replica.catching_up,
            mempool: MempoolView { transactions, bytes },
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn readiness(&self) -> Readiness {
        let conditions = self.published.conditions();
        let reasons: Vec<String> = conditions
            .iter()
            .filter(|it| it.condition.severity() == Severity::Unready)
            .map(|it| format!("{}: {}", it.condition.code(), it.text))
            .collect();
        match reasons.is_empty() {
            true => Readiness::Ready,
            false => Readiness::NotReady(reasons),
        }
    }

    fn genesis(&self) -> Arc<Genesis> {
        self.genesis.clone()
    }

    fn parameters(&self, height: Option<u64>) -> Result<AtHeight<Parameters>, Refusal> {
        let view = self.view(height)?;
        let value = chain::parameters(&view.overlay()).map_err(|error| view.failed(error))?;
        Ok(AtHeight { height: view.header.height, value })
    }

    fn head(&self) -> watch::Receiver<u64> {
        self.published.head()
    }

    fn earliest(&self) -> u64 {
        0
    }

    fn height(&self) -> u64 {
        self.store.snapshot().head().height()
    }

    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
        block_in(&self.store.snapshot(), &self.published, height)
    }

    fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal> {
        let snapshot = self.store.snapshot();
        let decided = snapshot.certified_header_at(height).map_err(failed)?;
        let Some((header, certificate)) = decided else { return Ok(None) };
        let block = snapshot.block_bytes_at(height).map_err(failed)?;
        let receipts = snapshot.receipts_bytes(height).map_err(failed)?;
        Ok(block.zip(receipts).map(|(block, receipts)| CanonicalBlock {
            hash: header.hash(),
            header,
            block,
            receipts,
            certificate: certificate.as_ref().map(encode),
        }))
    }

    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal> {
        let snapshot = self.store.snapshot();
        let found = snapshot.certified_header_at(height).map_err(failed)?;
        let Some((header, certificate)) = found else { return Ok(None) };
        let validators = snapshot.validators_at(height).map_err(failed)?;
        let validators = validators.filter(|set| set.hash() == header.validators);
        let validators = validators.ok_or_else(|| {
            failed(StoreError::Damaged(format!("the validators of height {height}")))
        })?;
        Ok(Some(DecidedHeader { header, certificate, validators }))
    }

    fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal> {
        self.store.snapshot().height_at_time(timestamp_ms).map_err(failed)
    }

    fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal> {
        self.store.height_of(block).map_err(failed)
    }

    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal> {
        if let Some(content) = content.filter(|it| it.chain != self.genesis_hash) {
            let message = format!("the transaction is for chain {}", content.chain);
            return Err(Refusal::new(Code::WrongChain, message));
        }
        let Self { store, mempool, published, .. } = self;
        Fates { store, mempool, published }.of(id, content)
    }

    fn losses(&self) -> watch::Receiver<u64> {
        self.published.losses()
    }

    fn lost(&self, after: u64) -> Lost {
        let (last, ids) = self.mempool.read().lost_since(after);
        Lost { last, ids }
    }

    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>> {
        let count = transactions.len();
        let (reply, answer) = oneshot::channel();
        let sent = self.submissions.try_send(Submission { transactions, reply });
        async move {
            // Where the answer is lost, the replica may have taken them.
            let refused = |code, message: &str| {
                (0..count).map(|_| Err(Refusal::new(code, message))).collect::<Vec<_>>()
            };
            match sent {
                Ok(()) => match answer.await {
                    Ok(results) => results.into_iter().map(answer_of).collect(),
                    Err(_) => refused(Code::Timeout, "the node stopped before it answered"),
                },
                Err(TrySendError::Full(_)) => {
                    refused(Code::MempoolFull, "too many submissions wait to be looked at")
                }
                Err(TrySendError::Disconnected(_)) => {
                    refused(Code::NotReady, "the node is stopping")
                }
            }
        }
        .boxed()
    }

    fn account(
        &self,
        address: &Address,
        height: Option<u64>,
    ) -> Result<AtHeight<Option<Account>>, Refusal> {
        let view = self.view(height)?;
        let account = organisations::acting_account(&view.overlay(), address);
        let value = account.map_err(|error| view.failed(error))?;
        Ok(AtHeight { height: view.header.height, value })
    }

    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal> {
        // The pool first, as in [`Self::fate`]; then again, where blocks have used what it had.
        let free = |next| self.mempool.read().free_sequence(address, lane, next);
        let pooled = free(0);
        let next = accounts::next_sequence(&self.overlay(), address, lane).map_err(state_failed)?;
        Ok(if next > pooled { free(next) } else { pooled })
    }

    fn modules(&self) -> Vec<Arc<ModuleInfo>> {
        self.infos().to_vec()
    }

    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>> {
        self.infos().iter().find(|info| info.name.as_str() == name).cloned()
    }

    fn module_at(
        &self,
        name: &str,
        height: Option<u64>,
    ) -> Result<Option<Arc<ModuleInfo>>, Refusal> {
        // The interfaces of a block are kept, while its state may be pruned.
        let height = self.view(height)?.header.height;
        Ok(self.modules_of_block(height)?.last(name).cloned())
    }

    fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal> {
        self.interfaces.of_block(&self.store.snapshot(), height)
    }

    fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal> {
        let installed = self.interfaces.installed(&self.store.snapshot())?;
        let version = |it: &Installed| ModuleVersion {
            module: it.module.clone(),
            code_hash: it.code,
            from: Position { height: it.height, index: it.index },
        };
        Ok(installed.iter().map(version).collect())
    }

    fn call(&self, read: ReadCall) -> Result<ReadResult, Refusal> {
        let view = self.view(read.height)?;
        let (header, state) = (&view.header, view.state.clone());
        let names = (read.module.as_str(), read.function.as_str());
        let sender = read.sender.unwrap_or(Address([0; 32]));
        let library = self.modules.library();
        let answer = match view.is_past {
            true => call_past(library, state, header, sender, names, &read.arguments),
            false => call(library, state, header, sender, names, &read.arguments),
        };
        match answer {
            Ok(answer) => Ok(ReadResult {
                height: header.height,
                output: answer.output,
                gas_used: answer.gas_used,
            }),
            Err(QueryError::Store(error)) => Err(view.failed(error)),
            Err(QueryError::Failed(failure)) => {
                Err(Refusal { code: failure.code, message: failure.message, error: failure.error })
            }
        }
    }

    fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal> {
        let simulated = verified(simulation)?;
        let snapshot = self.store.snapshot();
        let header = snapshot.head().header.clone();
        let library = self.modules.library();
        simulate(library, snapshot, &header, now_ms(), simulated).map_err(|error| match error {
            AdmissionError::Rejected(rejection) => Refusal::new(rejection.code, rejection.message),
            AdmissionError::Store(error) => state_failed(error),
        })
    }

    fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal> {
        let view = self.view(height)?;
        let read = view.state.get(key);
        let value = read.map_err(|error| view.failed(error))?;
        let proof = prove(&*view.state, view.state_root, key);
        let proof = proof.map_err(|error| view.failed(error))?;
        Ok(ProvenEntry { height: view.header.height, value, proof })
    }
}

fn validators(snapshot: Arc<Snapshot>) -> Result<ValidatorSet, Refusal> {
    chain::validators(&Overlay::new(snapshot)).map_err(state_failed)
}

fn answer_of(result: Result<Hash, Rejection>) -> Result<(), Refusal> {
    result.map(drop).map_err(|rejection| Refusal::new(rejection.code, rejection.message))
}

/// The simulation, whose signatures are valid where there are some.
fn verified(simulation: Simulation) -> Result<Simulated, Refusal> {
    let signed = match simulation {
        Simulation::Unsigned(transaction) => return Ok(Simulated::Unsigned(transaction)),
        Simulation::Signed(signed) => signed,
    };
    // Its form bounds how many signatures there are.
    if !signed.is_well_formed() {
        let message = "calls, memo or signatures are too many, too long or out of order";
        return Err(Refusal::new(Code::MalformedTransaction, message));
    }
    match signed.verify() {
        Ok(()) => Ok(Simulated::Signed(signed)),
        Err(_) => Err(Refusal::new(Code::BadSignature, "a signature is not valid")),
    }
}
