//! The methods: each parses its parameters, calls the backend and converts the answer to its view.

mod account;
mod blocks;
mod chain;
mod discover;
mod module;
mod receipts;
mod state;
mod transaction;

use std::sync::{Arc, OnceLock};

use ehb_rpc_api::{
    AccountServer, At, ChainServer, DiscoverServer, ModuleServer, StateServer, TransactionServer,
    error,
};
use ehb_types::{Address, Code, Hash, Network};
use jsonrpsee::Methods;
use jsonrpsee::core::{RegisterMethodError, RpcResult};

use crate::backend::{Backend, DecidedBlock, Refusal};
use crate::block_cache::BlockCache;
use crate::long_blocks::LongBlocks;
use crate::views::Views;
use crate::waiters::Waiters;
use crate::workers::run_in_turn;

/// State shared by the methods.
#[derive(Clone)]
pub(crate) struct Answers {
    backend: Arc<dyn Backend>,
    network: Network,
    /// The blocks that subscriptions recently read.
    cache: Arc<BlockCache>,
    /// The blocks that are too long for one answer.
    long_blocks: Arc<LongBlocks>,
    waiters: Waiters,
    /// The genesis' hash and text, after the first request for them.
    genesis: Arc<OnceLock<(Hash, String)>>,
}

impl Answers {
    pub(crate) fn new(backend: Arc<dyn Backend>, waiters: Waiters) -> Self {
        let network = backend.genesis().network;
        let (cache, long_blocks, genesis) = Default::default();
        Self { backend, network, cache, long_blocks, waiters, genesis }
    }

    /// All methods by name.
    pub(crate) fn methods(self) -> Result<Methods, RegisterMethodError> {
        let mut methods = Methods::new();
        methods.merge(ChainServer::into_rpc(self.clone()))?;
        methods.merge(TransactionServer::into_rpc(self.clone()))?;
        methods.merge(ModuleServer::into_rpc(self.clone()))?;
        methods.merge(AccountServer::into_rpc(self.clone()))?;
        methods.merge(DiscoverServer::into_rpc(self.clone()))?;
        methods.merge(StateServer::into_rpc(self))?;
        Ok(methods)
    }

    fn views(&self) -> Views<'_> {
        Views::new(&*self.backend, self.network)
    }

    /// Returns the result of light work.
    fn shown<T>(&self, result: Result<T, Refusal>) -> RpcResult<T> {
        result.map_err(|refusal| self.views().error(&refusal))
    }

    /// Runs blocking work when it is the caller's turn, and returns its result.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(Views<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> RpcResult<T> {
        let (backend, network) = (self.backend.clone(), self.network);
        let work = move || work(Views::new(&*backend, network));
        self.shown(run_in_turn(work).await)
    }

    fn address(&self, text: &str) -> RpcResult<Address> {
        Address::from_text(self.network, text)
            .map_err(|problem| error(Code::InvalidRequest, problem.to_string()))
    }
}

/// The requested height; the head by default. It can be above the head.
fn height_at(backend: &dyn Backend, at: Option<At>) -> Result<u64, Refusal> {
    match at {
        None => Ok(backend.height()),
        Some(At::Height(height)) => Ok(height),
        Some(At::Hash(hash)) => backend.height_of(&hash)?.ok_or_else(|| {
            Refusal::new(Code::NotFound, format!("this node has no decided block {hash}"))
        }),
        Some(At::Time(time_ms)) => backend.height_at_time(time_ms)?.ok_or_else(|| {
            let genesis_ms = backend.genesis().timestamp_ms;
            let problem = format!("the time {time_ms} is before genesis, which is at {genesis_ms}");
            Refusal::new(Code::NotFound, problem)
        }),
    }
}

/// The height of the requested state; `None` is the current head.
fn state_height(backend: &dyn Backend, at: Option<At>) -> Result<Option<u64>, Refusal> {
    if at.is_none() {
        return Ok(None);
    }
    let height = height_at(backend, at)?;
    match height > backend.height() {
        true => Err(above_head(backend, height)),
        false => Ok(Some(height)),
    }
}

/// Reads the state that `at` names. A block may be committed meanwhile, so that the state of a time is that of another
/// height, and the first one is pruned: then `at` is resolved again.
fn read_state<T>(
    backend: &dyn Backend,
    at: Option<At>,
    read: impl Fn(Option<u64>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut height = state_height(backend, at)?;
    loop {
        let result = read(height);
        if !result.as_ref().is_err_and(|refusal| refusal.code == Code::Pruned) {
            return result;
        }
        let now = state_height(backend, at)?;
        if now == height {
            return result;
        }
        height = now;
    }
}

/// The block at a height, which must exist.
fn block_at(backend: &dyn Backend, height: u64) -> Result<Arc<DecidedBlock>, Refusal> {
    backend.block(height)?.ok_or_else(|| above_head(backend, height))
}

fn above_head(backend: &dyn Backend, height: u64) -> Refusal {
    let head = backend.height();
    Refusal::new(
        Code::NotFound,
        format!("no block is decided at height {height}; the head is {head}"),
    )
}
