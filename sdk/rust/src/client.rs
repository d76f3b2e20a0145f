//! The client: queries and building transactions; `settle.rs` submits them and determines their outcomes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ehb_rpc_api::{
    AccountClient, AccountView, At, Base64, BlockView, ChainClient, Detail, FateView,
    ModuleCallResult, ModuleClient, ModuleDescription, OutcomeView, Position, ReceiptFilter,
    ReceiptView, SignedHeaderView, StateClient, StateKey, Status, Strict, TransactionClient,
    WAIT_MAX_MS,
};
use ehb_types::{
    Address, Call, ChainId, Code, Hash, Name, Network, Parameters, Receipt, SignedTransaction,
    Transaction, encode,
};
use jsonrpsee::core::ClientError;
use jsonrpsee::http_client::HttpClient;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use crate::draft::Validity;
use crate::endpoints::{Endpoints, Patience};
use crate::gaps::Known;
use crate::sequences::Sequences;
use crate::upgrade::KERNEL;
use crate::whole_block::whole_block;
use crate::{Blocks, Draft, Error, Receipts, Signer, Trust};

/// A connection to one node. Clones share it.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    endpoints: Arc<Endpoints>,
    modules: Mutex<BTreeMap<Name, Arc<ModuleDescription>>>,
    sequences: Sequences,
    known: Known,
    /// Held by the task that closes gaps in lanes.
    closing: tokio::sync::Mutex<()>,
}

/// The chain of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The id, for people.
    pub id: ChainId,
    /// The class of network, which determines the prefix of addresses.
    pub network: Network,
    /// The genesis hash, which signatures cover.
    pub genesis_hash: Hash,
}

/// The time limit for one request, in addition to the node's own wait, milliseconds.
const REQUEST_MARGIN_MS: u64 = 15_000;
/// The pause between queries, milliseconds.
const ASK_AGAIN_MS: u64 = 50;
/// The bytes that each signature adds to a transaction: a key and the signature itself.
const SIGNATURE_BYTES: u64 = 32 + 64;
/// The gas limit relative to the simulated gas, in percent: the state may have changed.
const GAS_MARGIN_PERCENT: u64 = 30;
/// The gas limit of simulations if the node sets no other limit.
const SIMULATED_GAS_MAX: u64 = u64::MAX;

impl Client {
    /// Connects to a node at `http://host:port` and queries its chain. `ws://` means the same, as
    /// both are served on one port.
    ///
    /// A node itself does not support TLS. Through a TLS proxy, `https://` (or `wss://`) is verified with the
    /// certificates that the system trusts, or those in the file named by the environment variable
    /// `SSL_CERT_FILE`.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_any(&[url], Patience::default()).await
    }

    /// Connects to the first of several nodes that answers. When it fails, subscriptions and waits for
    /// transactions continue with another node on the same chain.
    pub async fn connect_any(urls: &[&str], patience: Patience) -> Result<Self, Error> {
        let request_timeout = Duration::from_millis(WAIT_MAX_MS + REQUEST_MARGIN_MS);
        let endpoints = Arc::new(Endpoints::connect(urls, patience, request_timeout).await?);
        Ok(Self {
            inner: Arc::new(Inner {
                endpoints,
                modules: Mutex::default(),
                sequences: Sequences::default(),
                known: Known::default(),
                closing: tokio::sync::Mutex::default(),
            }),
        })
    }

    /// The chain as it was found when connecting: its id, network and genesis.
    pub fn chain(&self) -> &Chain {
        self.inner.endpoints.chain()
    }

    /// The status of the node when the client connected to it: whether it was ready, and if not, why.
    pub fn first_status(&self) -> &Status {
        self.inner.endpoints.first_status()
    }

    /// How far the clock of this machine was ahead of the chain's time when the client connected, milliseconds;
    /// negative if it was slow. The time that the answer took is not counted. Nothing that the client builds depends
    /// on this clock, but times that a person or a program computes from it do.
    pub fn clock_ahead_ms(&self) -> i64 {
        self.inner.endpoints.clock_ahead_ms()
    }

    /// All methods of the node through the traits of [`crate::api`], with their own errors.
    pub fn rpc(&self) -> &HttpClient {
        self.inner.endpoints.http()
    }

    /// Converts the error of a call through [`Client::rpc`] into the library's own.
    pub fn error(&self, error: ClientError) -> Error {
        Error::of_call(self.inner.endpoints.url(), error)
    }

    /// Waits for an answer with a time limit.
    pub(crate) async fn answer<T>(
        &self,
        asked: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, Error> {
        let silence = self.inner.endpoints.patience().silence;
        match timeout(silence, asked).await {
            Ok(answer) => answer.map_err(|error| self.error(error)),
            Err(_) => Err(Error::silent(self.inner.endpoints.url(), silence)),
        }
    }

    /// The status of the chain and the node.
    pub async fn status(&self) -> Result<Status, Error> {
        self.answer(self.rpc().status()).await
    }

    /// The parameters in force at the head.
    pub async fn parameters(&self) -> Result<Parameters, Error> {
        Ok(self.answer(self.rpc().parameters(None)).await?.parameters)
    }

    /// The account at an address, in a state, by default that of the head; none if it is not registered then. Errors:
    /// `NOT_FOUND` for a block that is not decided or a time before genesis, `PRUNED`.
    pub async fn account(
        &self,
        address: &Address,
        at: Option<At>,
    ) -> Result<Option<AccountView>, Error> {
        let found = AccountClient::get(self.rpc(), self.text(address), at).await;
        self.found(found, Code::UnknownSender)
    }

    /// A module's description, queried once and then cached. An upgrade does not change existing functions:
    /// only [`Client::call`] queries again, for an unknown function.
    pub async fn module(&self, module: &str) -> Result<Arc<ModuleDescription>, Error> {
        let name = name(module, Code::UnknownModule)?;
        let modules = || self.inner.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = modules().get(&name) {
            return Ok(known.clone());
        }
        let described = Arc::new(self.described(name.clone(), None).await?);
        modules().insert(name, described.clone());
        Ok(described)
    }

    /// The description of the version of a module that was installed after a block.
    pub async fn module_at(&self, module: &str, at: At) -> Result<ModuleDescription, Error> {
        self.described(name(module, Code::UnknownModule)?, Some(at)).await
    }

    async fn described(&self, name: Name, at: Option<At>) -> Result<ModuleDescription, Error> {
        let described = self.rpc().describe(name, at).await;
        let described = described.map_err(|error| self.error(error))?;
        described.interface.check().map_err(|error| Error::Protocol(error.to_string()))?;
        Ok(described)
    }

    /// Drops the cached description of a module, because it may have changed.
    pub(crate) fn forget_module(&self, module: &str) {
        self.inner.modules.lock().unwrap_or_else(PoisonError::into_inner).remove(module);
    }

    /// Calls a read-only function at the head. `arguments` is an object by parameter name or an array by
    /// position; 64-bit numbers are decimal strings.
    pub async fn read(
        &self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<ModuleCallResult, Error> {
        self.read_state(module, function, arguments, None).await
    }

    /// Calls a read-only function like [`Client::read`], in an earlier state and with the version of the
    /// module that was installed then. Errors: `NOT_FOUND` for a block that is not decided or a time before
    /// genesis, `PRUNED` for a state that the node no longer keeps.
    pub async fn read_at(
        &self,
        module: &str,
        function: &str,
        arguments: &Value,
        at: At,
    ) -> Result<ModuleCallResult, Error> {
        self.read_state(module, function, arguments, Some(at)).await
    }

    async fn read_state(
        &self,
        module: &str,
        function: &str,
        arguments: &Value,
        at: Option<At>,
    ) -> Result<ModuleCallResult, Error> {
        let module = name(module, Code::UnknownModule)?;
        let function = name(function, Code::UnknownFunction)?;
        let arguments = Strict(arguments.clone());
        let read = ModuleClient::call(self.rpc(), module, function, arguments, None, at);
        read.await.map_err(|error| self.error(error))
    }

    /// Encodes a call with the interface of the installed module. Arguments are as for [`Client::read`].
    pub async fn call(
        &self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Call, Error> {
        let mut described = self.module(module).await?;
        if described.interface.function(function).is_none() {
            // A new version of the module may have it.
            self.forget_module(module);
            described = self.module(module).await?;
        }
        let Some(signature) = described.interface.function(function) else {
            let text = format!("the module {module} has no function {function}");
            return Err(Error::refused(Code::UnknownFunction, text));
        };
        let arguments = signature
            .arguments_from_json(self.chain().network, arguments)
            .map_err(|error| Error::refused(Code::BadArguments, error.to_string()))?;
        let function = name(function, Code::UnknownFunction)?;
        Ok(Call { module: described.name.clone(), function, arguments })
    }

    /// Completes a draft: sets sequence, validity and gas limit if it does not specify them.
    ///
    /// Each transaction is unique: its memo ends with a random tag, unless the draft has an
    /// [idempotency key](Draft::idempotency_key).
    ///
    /// The sequence counts as used. If the transaction is then not submitted, its lane has a gap, which
    /// [`Client::forget_sequence`] closes.
    pub async fn build(&self, sender: &Address, draft: Draft) -> Result<Transaction, Error> {
        let transaction = self.complete(sender, draft, None).await?;
        self.remember(&transaction);
        Ok(transaction)
    }

    /// Completes a draft like [`Client::build`]. With a signer, the gas limit of calls of the kernel is simulated as well,
    /// which nodes do only for signed transactions.
    pub(crate) async fn complete(
        &self,
        sender: &Address,
        draft: Draft,
        signer: Option<&Signer>,
    ) -> Result<Transaction, Error> {
        let memo = draft.tagged_memo()?;
        let valid_until_ms = match draft.validity {
            Validity::UntilMs(block_time_ms) => block_time_ms,
            Validity::For(duration) => {
                self.status().await?.chain_time_ms.saturating_add(whole_ms(duration))
            }
        };
        let mut transaction = Transaction {
            version: Transaction::VERSION,
            chain: self.chain().genesis_hash,
            sender: *sender,
            lane: draft.lane,
            sequence: draft.sequence.unwrap_or(0),
            valid_until_ms,
            gas_limit: draft.gas_limit.unwrap_or(SIMULATED_GAS_MAX),
            calls: draft.calls,
            memo,
        };
        if draft.gas_limit.is_none() {
            let of_kernel = transaction.calls.iter().any(|call| call.module.as_str() == KERNEL);
            let used = match signer.filter(|_| of_kernel) {
                Some(signer) => self.signed_gas(signer, &transaction).await?,
                None => {
                    let used = Self::used_gas(self.simulate(&transaction).await?)?;
                    used.saturating_add(self.signature_gas(draft.signatures).await?)
                }
            };
            transaction.gas_limit = Self::gas_limit_for(used);
        }
        if draft.sequence.is_none() {
            let (lane, text) = (draft.lane, self.text(sender));
            let ask = async {
                let next = AccountClient::next_sequence(self.rpc(), text, lane).await;
                Ok(next.map_err(|error| self.error(error))?.0)
            };
            transaction.sequence = self.inner.sequences.take(*sender, lane, ask).await?;
        }
        Ok(transaction)
    }

    /// Simulates a transaction at the head. Errors: those of submitting it, except those about signatures and
    /// a used sequence, which are not checked.
    pub async fn simulate(&self, transaction: &Transaction) -> Result<ReceiptView, Error> {
        let simulated = self.rpc().simulate(Base64(encode(transaction))).await;
        simulated.map_err(|error| self.error(error))
    }

    /// The gas that a signed transaction uses in a simulation.
    async fn signed_gas(&self, signer: &Signer, transaction: &Transaction) -> Result<u64, Error> {
        let gas_limit = self.parameters().await?.transaction_gas_max;
        let tried = signer.sign(Transaction { gas_limit, ..transaction.clone() });
        Self::used_gas(self.answer(self.rpc().simulate(Base64(encode(&tried)))).await?)
    }

    /// The gas limit of a transaction that used this much gas in a simulation.
    fn gas_limit_for(used: u64) -> u64 {
        used.saturating_add(used / 100 * GAS_MARGIN_PERCENT)
    }

    /// The gas that a simulation used. Errors: it failed.
    fn used_gas(receipt: ReceiptView) -> Result<u64, Error> {
        match receipt.outcome {
            OutcomeView::Success { .. } => Ok(receipt.gas_used.0),
            OutcomeView::Failure { code, message, hint, retryable, error, .. } => {
                let data = ehb_rpc_api::ErrorData { code, message, hint, retryable, error };
                Err(Error::Refused(Box::new(data)))
            }
        }
    }

    /// The gas of signatures beyond the one that the simulation counts.
    async fn signature_gas(&self, signatures: usize) -> Result<u64, Error> {
        let more = signatures.saturating_sub(1) as u64;
        if more == 0 {
            return Ok(0);
        }
        let gas = self.parameters().await?.gas;
        let each = gas.transaction_byte.saturating_mul(SIGNATURE_BYTES);
        Ok(each.saturating_add(gas.signature).saturating_mul(more))
    }

    /// The current status of a transaction according to the node. With the transaction itself, every node can
    /// report for certain that it is superseded or expired.
    pub async fn fate(
        &self,
        id: &Hash,
        signed: Option<&SignedTransaction>,
    ) -> Result<FateView, Error> {
        let content = signed.map(|signed| Base64(encode(signed)));
        self.answer(TransactionClient::get(self.rpc(), *id, content)).await
    }

    pub(crate) fn known(&self) -> &Known {
        &self.inner.known
    }

    pub(crate) fn closing(&self) -> &tokio::sync::Mutex<()> {
        &self.inner.closing
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }

    /// Drops the cached next sequence of a lane, because one was not used.
    pub async fn forget_sequence(&self, sender: &Address, lane: u32) {
        self.inner.sequences.forget(*sender, lane).await;
    }

    /// Follows blocks as they become final, from a height on or from the next one, in the given detail. The
    /// fastest is [`Detail::Canonical`].
    pub fn blocks(&self, from_height: Option<u64>, detail: Detail) -> Blocks {
        Blocks::new(self.inner.endpoints.clone(), from_height, detail)
    }

    /// The block at a height in the given detail, also if it is too long for one answer: then it is read in parts.
    pub async fn whole_block(&self, height: u64, detail: Detail) -> Result<BlockView, Error> {
        let read = whole_block(self.rpc(), height, detail).await;
        read.map_err(|error| self.error(error))?.ok_or_else(|| {
            let text = format!("block {height} has too many parts: read them with chain_getBlock");
            Error::Protocol(text)
        })
    }

    /// Follows receipts as they become final, from a position on or from the next block on.
    pub fn receipts(&self, filter: ReceiptFilter, from: Option<Position>) -> Receipts {
        Receipts::new(self.inner.endpoints.clone(), filter, from)
    }

    /// The header at a height, once it is decided. An idle chain decides one each heartbeat.
    pub async fn header(&self, height: u64, timeout: Duration) -> Result<SignedHeaderView, Error> {
        let deadline = Instant::now() + timeout;
        loop {
            let found = ChainClient::header(self.rpc(), Some(At::Height(height))).await;
            if let Some(header) = self.found(found, Code::NotFound)? {
                return Ok(header);
            }
            if Instant::now() >= deadline {
                let text = format!("no header is decided at height {height} yet");
                return Err(Error::refused(Code::NotReady, text));
            }
            sleep(Duration::from_millis(ASK_AGAIN_MS)).await;
        }
    }

    /// A final transaction's receipt, proven by the trusted validators. Waits for the next header, which
    /// contains the proof's root.
    pub async fn proven_receipt(
        &self,
        trust: &Trust,
        id: &Hash,
        timeout: Duration,
    ) -> Result<Receipt, Error> {
        let proof = TransactionClient::proof(self.rpc(), *id).await;
        let proof = proof.map_err(|error| self.error(error))?;
        let next = self.header(proof.position.height.saturating_add(1), timeout).await?;
        Ok(trust.receipt(id, &proof, next)?)
    }

    /// An entry of the state at the head, or its absence, proven by the trusted validators. Waits for the
    /// next header, which contains the proof's root.
    pub async fn proven_entry(
        &self,
        trust: &Trust,
        key: &StateKey,
        timeout: Duration,
    ) -> Result<Option<Vec<u8>>, Error> {
        let proof = StateClient::proof(self.rpc(), key.clone(), None).await;
        let proof = proof.map_err(|error| self.error(error))?;
        let next = self.header(proof.height.saturating_add(1), timeout).await?;
        Ok(trust.entry(&key.full(), &proof, next)?)
    }

    fn text(&self, address: &Address) -> String {
        address.to_text(self.chain().network)
    }

    /// An answer, or none for the error that says that there is none.
    fn found<T>(&self, answer: Result<T, ClientError>, none: Code) -> Result<Option<T>, Error> {
        match answer.map_err(|error| self.error(error)) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is(none) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn name(text: &str, code: Code) -> Result<Name, Error> {
    Name::new(text).map_err(|error| Error::refused(code, error.to_string()))
}
