use std::sync::Arc;

use crossbeam_channel::{Sender, TrySendError};
use ehb_executor::{QueryError, call, simulate};
use ehb_kernel::admission::AdmissionError;
use ehb_kernel::{accounts, chain};
use ehb_mempool::SharedMempool;
use ehb_network::Network;
use ehb_replica::Signing;
use ehb_rpc_api::{ConditionView, MempoolView, Position, SigningView, Status, ValidatorView};
use ehb_rpc_server::{
    Backend, DecidedBlock, DecidedHeader, ModuleInfo, ProvenEntry, ReadCall, ReadResult, Readiness,
    Refusal,
};
use ehb_state::{Overlay, StateStore, prove};
use ehb_store::{Store, StoreError};
use ehb_types::{
    Account, Address, Code, Genesis, Hash, Parameters, PublicKey, Receipt, Rejection,
    SharedTransaction, Transaction, ValidatorSet,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use crate::driver::{Submission, now_ms};
use crate::health::{Reported, Severity};
use crate::modules::ModuleInfos;
use crate::shared::Shared;

/// Answers JSON-RPC from the store, the mempool and the replica's status.
pub(crate) struct NodeBackend {
    pub(crate) genesis: Arc<Genesis>,
    pub(crate) genesis_hash: Hash,
    pub(crate) consensus_key: PublicKey,
    pub(crate) store: Store,
    pub(crate) modules: ModuleInfos,
    pub(crate) mempool: SharedMempool,
    pub(crate) network: Network,
    pub(crate) shared: Arc<Shared>,
    pub(crate) submissions: Sender<Submission>,
}

fn failed(error: StoreError) -> Refusal {
    tracing::error!(%error, "cannot answer a client");
    Refusal::new(Code::Internal, "the node could not read its database")
}

fn state_failed(error: ehb_state::StoreError) -> Refusal {
    tracing::error!(%error, "cannot answer a client");
    Refusal::new(Code::Internal, "the node could not read its state")
}

impl NodeBackend {
    fn overlay(&self) -> Overlay {
        Overlay::new(self.store.state())
    }

    /// The modules at the head; none where the store fails, which the driver meets too.
    fn infos(&self) -> Arc<[Arc<ModuleInfo>]> {
        let height = *self.shared.head().borrow();
        self.modules.at(height, || self.overlay()).unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read which modules are installed");
            Arc::default()
        })
    }

    fn validators(&self) -> Result<ValidatorSet, Refusal> {
        chain::validators(&self.overlay()).map_err(state_failed)
    }
}

fn view(reported: &Reported) -> ConditionView {
    ConditionView {
        code: reported.condition.code().to_owned(),
        message: reported.text.clone(),
        since_ms: reported.since_ms,
        unready: reported.condition.severity() == Severity::Unready,
    }
}

impl Backend for NodeBackend {
    fn status(&self) -> Status {
        let replica = self.shared.status();
        let head = self.store.head();
        let validators = self.validators().map(|set| ValidatorView::all(&set)).unwrap_or_default();
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
            timestamp_ms: head.header.timestamp_ms,
            round: replica.round,
            validator: own.map(|it| it.name.clone()),
            validators,
            signing: match replica.signing {
                Signing::Observes => SigningView::Observes,
                Signing::Signs => SigningView::Signs,
                Signing::From(from_height) => SigningView::Waits { from_height },
                Signing::Unknown => SigningView::Unknown,
            },
            stalled: replica.stalled,
            ready: self.readiness() == Readiness::Ready,
            conditions: self.shared.conditions().unwrap_or_default().iter().map(view).collect(),
            peers: u32::try_from(self.network.peers().len()).unwrap_or(u32::MAX),
            syncing: replica.catching_up,
            mempool: MempoolView { transactions, bytes },
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn readiness(&self) -> Readiness {
        let Some(conditions) = self.shared.conditions() else {
            return Readiness::NotReady(vec!["STARTING: the node has just started".to_owned()]);
        };
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

    fn parameters(&self) -> Result<Parameters, Refusal> {
        chain::parameters(&self.overlay()).map_err(state_failed)
    }

    fn head(&self) -> watch::Receiver<u64> {
        self.shared.head()
    }

    fn earliest(&self) -> u64 {
        0
    }

    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
        if let Some(block) = self.shared.recent(height) {
            return Ok(Some(block));
        }
        if height > self.store.head().height() {
            return Ok(None);
        }
        let block = self.store.block_at(height).map_err(failed)?;
        let receipts = self.store.receipts(height).map_err(failed)?;
        Ok(block.zip(receipts).map(|(block, receipts)| {
            Arc::new(DecidedBlock { hash: block.hash(), block, receipts })
        }))
    }

    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal> {
        let Some(header) = self.store.header_at(height).map_err(failed)? else { return Ok(None) };
        let certificate = self.store.certificate(height).map_err(failed)?;
        Ok(Some(DecidedHeader { header, certificate, validators: self.validators()? }))
    }

    fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal> {
        self.store.height_of(block).map_err(failed)
    }

    fn position(&self, transaction: &Hash) -> Result<Option<Position>, Refusal> {
        let found = self.store.transaction(transaction).map_err(failed)?;
        Ok(found.map(|(height, index)| Position { height, index }))
    }

    fn pending(&self, transaction: &Hash) -> Option<SharedTransaction> {
        self.mempool.read().get(transaction).cloned()
    }

    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>> {
        let count = transactions.len();
        let (reply, answer) = oneshot::channel();
        let sent = self.submissions.try_send(Submission { transactions, reply });
        async move {
            let refused = |code, message: &str| {
                (0..count).map(|_| Err(Refusal::new(code, message))).collect::<Vec<_>>()
            };
            match sent {
                Ok(()) => match answer.await {
                    Ok(results) => results.into_iter().map(answer_of).collect(),
                    Err(_) => refused(Code::NotReady, "the node is stopping"),
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

    fn account(&self, address: &Address) -> Result<Option<Account>, Refusal> {
        accounts::account(&self.overlay(), address).map_err(state_failed)
    }

    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal> {
        let next = accounts::next_sequence(&self.overlay(), address, lane).map_err(state_failed)?;
        Ok(self.mempool.read().free_sequence(address, lane, next))
    }

    fn modules(&self) -> Vec<Arc<ModuleInfo>> {
        self.infos().to_vec()
    }

    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>> {
        self.infos().iter().find(|info| info.name.as_str() == name).cloned()
    }

    fn call(&self, read: ReadCall) -> Result<ReadResult, Refusal> {
        let snapshot = self.store.snapshot();
        let header = snapshot.head().header.clone();
        let names = (read.module.as_str(), read.function.as_str());
        let sender = read.sender.unwrap_or(Address([0; 32]));
        let library = self.modules.library();
        let answer = call(library, snapshot, &header, sender, names, &read.arguments);
        match answer {
            Ok(answer) => Ok(ReadResult {
                height: header.height,
                output: answer.output,
                gas_used: answer.gas_used,
            }),
            Err(QueryError::Store(error)) => Err(state_failed(error)),
            Err(QueryError::Failed(failure)) => {
                Err(Refusal { code: failure.code, message: failure.message, error: failure.error })
            }
        }
    }

    fn simulate(&self, transaction: Transaction) -> Result<Receipt, Refusal> {
        let snapshot = self.store.snapshot();
        let header = snapshot.head().header.clone();
        let library = self.modules.library();
        simulate(library, snapshot, &header, now_ms(), transaction).map_err(|error| match error {
            AdmissionError::Rejected(rejection) => Refusal::new(rejection.code, rejection.message),
            AdmissionError::Store(error) => state_failed(error),
        })
    }

    fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal> {
        let snapshot = self.store.snapshot();
        let head = snapshot.head().clone();
        if let Some(height) = height.filter(|height| *height != head.height()) {
            let message = format!(
                "entries can be proven at the head, height {}; height {height} is not it",
                head.height()
            );
            let code = if height > head.height() { Code::NotFound } else { Code::Pruned };
            return Err(Refusal::new(code, message));
        }
        let value = snapshot.get(key).map_err(state_failed)?;
        let proof = prove(&*snapshot, head.state_root, key).map_err(state_failed)?;
        Ok(ProvenEntry { height: head.height(), value, proof })
    }
}

fn answer_of(result: Result<Hash, Rejection>) -> Result<(), Refusal> {
    result.map(drop).map_err(|rejection| Refusal::new(rejection.code, rejection.message))
}
