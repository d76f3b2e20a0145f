//! Answers RPC from the chain in memory.

use std::sync::Arc;

use crossbeam_channel::{Sender, TrySendError};
use ehb_executor::{QueryError, Simulated, call, call_past, simulate};
use ehb_kernel::admission::AdmissionError;
use ehb_kernel::{accounts, chain, organisations};
use ehb_rpc_api::{MempoolView, SigningView, Status, ValidatorView};
use ehb_rpc_server::{
    AtHeight, Backend, BlockModules, CanonicalBlock, DecidedBlock, DecidedHeader, Fate, Lost,
    ModuleInfo, ModuleVersion, ProvenEntry, ReadCall, ReadResult, Readiness, Refusal, Simulation,
};
use ehb_state::{MemoryStore, Overlay, StateStore, prove};
use ehb_types::{
    Account, Address, Code, Genesis, Hash, Header, Parameters, Receipt, SharedTransaction,
    Transaction, encode,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{oneshot, watch};

use crate::chain::{Chain, state_failed};
use crate::driver::Command;
use crate::{fate, modules};

/// Answers the server from the chain in memory.
pub(crate) struct MemoryBackend {
    pub(crate) chain: Arc<Chain>,
    pub(crate) commands: Sender<Command>,
}

/// The state after a height.
struct View {
    header: Header,
    root: Hash,
    state: Arc<MemoryStore>,
}

impl View {
    fn overlay(&self) -> Overlay {
        Overlay::new(self.state.clone())
    }
}

impl MemoryBackend {
    fn view(&self, height: Option<u64>) -> Result<View, Refusal> {
        let kept = self.chain.kept();
        let head = kept.head().header().height;
        let height = height.unwrap_or(head);
        if height > head {
            let text = format!("no block is decided at height {height}; the head is {head}");
            return Err(Refusal::new(Code::NotFound, text));
        }
        let found = kept.at(height).and_then(|it| Some((it, it.state.clone()?)));
        let Some((block, state)) = found else {
            let text = format!(
                "the state of height {height} is not kept; it is kept from height {} on",
                kept.first_state()
            );
            return Err(Refusal::new(Code::Pruned, text));
        };
        Ok(View { header: block.header().clone(), root: block.root, state })
    }

    /// The block of a height; `None` above the head.
    fn kept<T>(
        &self,
        height: u64,
        read: impl FnOnce(&crate::chain::KeptBlock) -> T,
    ) -> Result<Option<T>, Refusal> {
        let kept = self.chain.kept();
        let first = kept.first();
        if height < first {
            let text = format!("block {height} is not kept; blocks are kept from {first} on");
            return Err(Refusal::new(Code::Pruned, text));
        }
        Ok(kept.at(height).map(read))
    }
}

impl Backend for MemoryBackend {
    fn status(&self) -> Status {
        let genesis = &self.chain.genesis;
        let replica = self.chain.status();
        let (transactions, bytes) = {
            let mempool = self.chain.mempool.read();
            (mempool.len() as u64, mempool.bytes() as u64)
        };
        let kept = self.chain.kept();
        let head = kept.head();
        let validators = ValidatorView::all(&head.validators);
        Status {
            chain_id: genesis.chain_id.clone(),
            network: genesis.network,
            genesis_hash: self.chain.genesis_hash,
            height: head.header().height,
            head: head.decided.hash,
            earliest_height: kept.first(),
            history_from: kept.first_state(),
            timestamp_ms: head.header().timestamp_ms,
            chain_time_ms: self.chain.clock.now_ms().max(head.header().timestamp_ms + 1),
            round: replica.as_ref().map_or(0, |it| it.round),
            validator: validators.first().map(|it| it.name.clone()),
            validators,
            signing: SigningView::Signs,
            clock_ahead_ms: None,
            stalled: false,
            ready: self.readiness() == Readiness::Ready,
            conditions: Vec::new(),
            peers: 0,
            syncing: false,
            mempool: MempoolView { transactions, bytes },
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn readiness(&self) -> Readiness {
        match self.chain.status().and_then(|it| it.halted) {
            Some(reason) => Readiness::NotReady(vec![format!("HALTED: {reason}")]),
            None => Readiness::Ready,
        }
    }

    fn genesis(&self) -> Arc<Genesis> {
        self.chain.genesis.clone()
    }

    fn parameters(&self, height: Option<u64>) -> Result<AtHeight<Parameters>, Refusal> {
        let view = self.view(height)?;
        let value = chain::parameters(&view.overlay()).map_err(state_failed)?;
        Ok(AtHeight { height: view.header.height, value })
    }

    fn head(&self) -> watch::Receiver<u64> {
        self.chain.head.subscribe()
    }

    fn earliest(&self) -> u64 {
        self.chain.kept().first()
    }

    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
        self.kept(height, |it| it.decided.clone())
    }

    fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal> {
        self.kept(height, |it| CanonicalBlock {
            hash: it.decided.hash,
            header: it.header().clone(),
            block: it.decided.block.encoded().to_vec(),
            receipts: encode(&it.decided.receipts.to_vec()),
            certificate: it.certificate.as_ref().map(encode),
        })
    }

    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal> {
        self.kept(height, |it| DecidedHeader {
            header: it.header().clone(),
            certificate: it.certificate.clone(),
            validators: it.validators.clone(),
        })
    }

    fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal> {
        Ok(self.chain.kept().heights.get(block).copied())
    }

    fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal> {
        Ok(self.chain.kept().at_time(timestamp_ms))
    }

    fn height(&self) -> u64 {
        self.chain.height()
    }

    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal> {
        fate::of(&self.chain, id, content)
    }

    fn losses(&self) -> watch::Receiver<u64> {
        self.chain.losses.subscribe()
    }

    fn lost(&self, after: u64) -> Lost {
        let (last, ids) = self.chain.mempool.read().lost_since(after);
        Lost { last, ids }
    }

    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>> {
        let count = transactions.len();
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.try_send(Command::Submit { transactions, reply });
        async move {
            let refused = |code, message: &str| {
                (0..count).map(|_| Err(Refusal::new(code, message))).collect::<Vec<_>>()
            };
            match sent {
                Ok(()) => match answer.await {
                    Ok(verdicts) => verdicts
                        .into_iter()
                        .map(|it| it.map(drop).map_err(|it| Refusal::new(it.code, it.message)))
                        .collect(),
                    Err(_) => refused(Code::Halted, "the network has stopped"),
                },
                Err(TrySendError::Full(_)) => {
                    refused(Code::MempoolFull, "too many submissions wait to be looked at")
                }
                Err(TrySendError::Disconnected(_)) => {
                    refused(Code::NotReady, "the network is stopping")
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
        let value =
            organisations::acting_account(&view.overlay(), address).map_err(state_failed)?;
        Ok(AtHeight { height: view.header.height, value })
    }

    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal> {
        // The pool first; then again, where blocks have used what it had.
        let free = |next| self.chain.mempool.read().free_sequence(address, lane, next);
        let pooled = free(0);
        let state = Overlay::new(self.chain.head_state());
        let next = accounts::next_sequence(&state, address, lane).map_err(state_failed)?;
        Ok(if next > pooled { free(next) } else { pooled })
    }

    fn modules(&self) -> Vec<Arc<ModuleInfo>> {
        self.chain.kept().infos.clone()
    }

    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>> {
        self.chain.kept().infos.iter().find(|info| info.name.as_str() == name).cloned()
    }

    fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal> {
        let kept = self.chain.kept();
        Ok(Arc::new(modules::of_block(&kept.versions, &self.chain.kernel, height)))
    }

    fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal> {
        Ok(self.chain.kept().versions.iter().map(modules::Version::view).collect())
    }

    fn module_at(
        &self,
        name: &str,
        height: Option<u64>,
    ) -> Result<Option<Arc<ModuleInfo>>, Refusal> {
        let view = self.view(height)?;
        let modules = self.chain.library.past_modules(&view.overlay()).map_err(state_failed)?;
        let infos = modules::infos(&modules, &self.chain.kernel);
        Ok(infos.into_iter().find(|info| info.name.as_str() == name))
    }

    fn call(&self, read: ReadCall) -> Result<ReadResult, Refusal> {
        let View { header, state, .. } = self.view(read.height)?;
        let names = (read.module.as_str(), read.function.as_str());
        let sender = read.sender.unwrap_or(Address([0; 32]));
        let library = &self.chain.library;
        let answer = match read.height {
            Some(_) => call_past(library, state, &header, sender, names, &read.arguments),
            None => call(library, state, &header, sender, names, &read.arguments),
        };
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

    fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal> {
        let simulated = verified(simulation)?;
        let View { header, state, .. } = self.view(None)?;
        let now_ms = self.chain.clock.now_ms();
        simulate(&self.chain.library, state, &header, now_ms, simulated).map_err(|it| match it {
            AdmissionError::Rejected(rejection) => Refusal::new(rejection.code, rejection.message),
            AdmissionError::Store(error) => state_failed(error),
        })
    }

    fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal> {
        let View { header, root, state } = self.view(height)?;
        let value = state.get(key).map_err(state_failed)?;
        let proof = prove(&*state, root, key).map_err(state_failed)?;
        Ok(ProvenEntry { height: header.height, value, proof })
    }
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
