//! The trait that a node implements to answer calls, and the types of its answers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ehb_abi::Interface;
use ehb_rpc_api::{Position, Status};
use ehb_state::StateProof;
use ehb_types::{
    Account, Address, Code, CommitCertificate, Genesis, Hash, Header, Name, Parameters, Receipt,
    Receipts, SharedBlock, SharedTransaction, Transaction, TypedError, ValidatorSet,
};
use futures::future::BoxFuture;
use tokio::sync::watch;

/// A value read from a state, with the height.
#[derive(Clone, Debug)]
pub struct AtHeight<T> {
    /// The height of the block after which the state was read.
    pub height: u64,
    /// The value that was read.
    pub value: T,
}

/// The interface of the node for the server.
///
/// Every answer is about decided blocks only, and the answers of a node never go back in time. A block that
/// [`Backend::head`] announces must be readable from then on, with its receipts and its transactions'
/// positions.
///
/// Methods are called from many tasks at once. Those marked *blocking* run on separate threads, a bounded
/// number at a time; the others must answer within tens of microseconds.
pub trait Backend: Send + Sync + 'static {
    /// The status of the chain and the node.
    fn status(&self) -> Status;

    /// Whether accepted transactions can become final and answers are up to date; `/readyz` returns it.
    fn readiness(&self) -> Readiness;

    /// The genesis of the chain, which never changes.
    fn genesis(&self) -> Arc<Genesis>;

    /// The parameters after a height, or at the head if it is `None`. *Blocking.*
    fn parameters(&self, height: Option<u64>) -> Result<AtHeight<Parameters>, Refusal>;

    /// The last decided height, with notifications of new ones. The sender lives as long as the node.
    fn head(&self) -> watch::Receiver<u64>;

    /// The first height whose block and receipts are kept.
    fn earliest(&self) -> u64;

    /// The block at a height with its receipts; `None` above the head. Every subscription reads recent
    /// blocks, so they should be in memory. *Blocking.*
    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal>;

    /// The block at a height in canonical bytes; `None` above the head. *Blocking.*
    fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal>;

    /// The header at a height with its proof; `None` above the head. *Blocking.*
    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal>;

    /// The height of the block with this hash. *Blocking.*
    fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal>;

    /// The height of the last block whose time is not after a given time; `None` before genesis. *Blocking.*
    fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal>;

    /// The newest decided height that can be read. It is never below what [`Self::head`] announced, and no
    /// answer is about a later state than a later call of this.
    fn height(&self) -> u64;

    /// The status of a transaction, from one consistent view of the chain. If `content` with this id is
    /// given, the status of a transaction that the node does not have is derived from the sequence of its
    /// lane and its validity. *Blocking.*
    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal>;

    /// The ids that were settled or dropped without becoming final, after the number `after`; at most some
    /// thousands, the newest ones. Settled means that [`Self::fate`] returns a certain status from now on.
    fn lost(&self, after: u64) -> Lost;

    /// The number of the last of these, with notifications of new ones. The sender lives as long as the node.
    fn losses(&self) -> watch::Receiver<u64>;

    /// Submits transactions to the mempool. The results are in the order of the transactions. Their encoding
    /// was checked to be canonical, and nothing else.
    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>>;

    /// The account at an address after a height, or at the head if it is `None`. *Blocking* except at the
    /// head.
    fn account(
        &self,
        address: &Address,
        height: Option<u64>,
    ) -> Result<AtHeight<Option<Account>>, Refusal>;

    /// The sequence that the account's next transaction in a lane must have, counting pending ones in the
    /// mempool.
    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal>;

    /// The modules that are installed at the head, by name, including `kernel`.
    fn modules(&self) -> Vec<Arc<ModuleInfo>>;

    /// An installed module, or `kernel`.
    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>>;

    /// The modules with whose interfaces the values in the block at a height are decoded; the height must not
    /// be above the head. *Blocking.*
    fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal>;

    /// All versions of all modules except the kernel, in the order of installation. *Blocking.*
    fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal>;

    /// A module that was installed after a height, or at the head if it is `None`, or `kernel`. *Blocking.*
    fn module_at(
        &self,
        name: &str,
        height: Option<u64>,
    ) -> Result<Option<Arc<ModuleInfo>>, Refusal>;

    /// Calls a read-only function, with a gas limit. *Blocking.*
    fn call(&self, call: ReadCall) -> Result<ReadResult, Refusal>;

    /// Executes a transaction on the head's state and discards its changes. It rejects what the mempool would
    /// reject, except used sequences. Signatures are verified if there are any; if there are none, calls of
    /// the kernel are rejected, gas is counted for one signature, and a gas limit above the maximum counts as
    /// the maximum. *Blocking.*
    fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal>;

    /// An entry of the state, or its absence, with its proof after a height, or at the head if it is `None`.
    /// *Blocking.*
    fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal>;
}

/// Whether a node is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It takes part in the chain and can serve clients.
    Ready,
    /// It is not ready, for these reasons: one line each, for people.
    NotReady(Vec<String>),
}

/// A decided block with its receipts.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedBlock {
    /// The hash of its header.
    pub hash: Hash,
    /// The block with its transactions.
    pub block: SharedBlock,
    /// One receipt for each transaction, in order.
    pub receipts: Receipts,
}

impl DecidedBlock {
    /// The canonical size of block and receipts, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.block.encoded().len() + self.receipts.encoded().len()
    }

    /// A lower bound of their JSON, bytes: nearly all of it is hex, and the names of members are longer than the texts.
    pub(crate) fn json_bytes_min(&self) -> usize {
        self.bytes().saturating_mul(2)
    }
}

/// A decided block in canonical bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct CanonicalBlock {
    /// The hash of its header.
    pub hash: Hash,
    /// The decoded header, which the bytes contain as well.
    pub header: Header,
    /// The block in its canonical bytes.
    pub block: Vec<u8>,
    /// Its receipts, as a list.
    pub receipts: Vec<u8>,
    /// The certificate that decided it; none for genesis.
    pub certificate: Option<Vec<u8>>,
}

/// The status of a transaction, as the node knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It is in the mempool.
    Pending {
        /// The transaction as it waits.
        transaction: SharedTransaction,
        /// The sequence of its lane for which it waits, if it is in no block and no pending transaction has it.
        missing_sequence: Option<u64>,
    },
    /// It is in a decided block, at an index.
    Final(Arc<DecidedBlock>, usize),
    /// Another transaction with its sequence is in a decided block.
    Superseded {
        /// That transaction, if the node remembers it.
        by: Option<Hash>,
        /// The height of that block, or of the one after which this is certain.
        height: u64,
    },
    /// A decided block is later than its validity, and no block up to there contains it.
    Expired {
        /// That block's height.
        height: u64,
        /// That block's time, milliseconds since 1970.
        timestamp_ms: u64,
    },
    /// The node does not have it.
    Unknown {
        /// Why the node dropped it, if it did so recently.
        dropped: Option<Refusal>,
    },
}

/// Transactions that left the mempool without becoming final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// The number of the last one, to continue at.
    pub last: u64,
    /// The ids of those after the number that was asked for.
    pub ids: Vec<Hash>,
}

/// A decided header with its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedHeader {
    /// The header, which light clients verify by its certificate.
    pub header: Header,
    /// The certificate that decided it; none for genesis.
    pub certificate: Option<CommitCertificate>,
    /// The validators of its height.
    pub validators: ValidatorSet,
}

/// An installed module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleInfo {
    /// The name by which it is called.
    pub name: Name,
    /// The hash of its code; zeros for `kernel`.
    pub code_hash: Hash,
    /// Its WIT as text.
    pub wit: String,
    /// Its functions and event type.
    pub interface: Interface,
}

/// The modules with whose interfaces the values in a block are decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockModules(Vec<ModuleInForce>);

/// A module with the code that is in force from a call of a block on.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleInForce {
    /// The index of the call's transaction; 0 if it had the code before the block.
    pub index: u32,
    /// The position of the call in the transaction; 0 if it had the code before the block.
    pub call: u16,
    /// The description of the module at that height.
    pub info: Arc<ModuleInfo>,
}

impl BlockModules {
    /// The modules in the order in which they were installed.
    pub fn new(modules: Vec<ModuleInForce>) -> Self {
        Self(modules)
    }

    /// The module with this name that a call of a transaction runs.
    pub fn get(&self, name: &str, index: u32, call: u16) -> Option<&Arc<ModuleInfo>> {
        let is_it = |it: &&ModuleInForce| {
            it.info.name.as_str() == name && (it.index, it.call) <= (index, call)
        };
        self.0.iter().rev().find(is_it).map(|it| &it.info)
    }

    /// The module with this name after the block.
    pub fn last(&self, name: &str) -> Option<&Arc<ModuleInfo>> {
        self.get(name, u32::MAX, u16::MAX)
    }

    /// All modules after the block, by name.
    pub fn all_last(&self) -> Vec<Arc<ModuleInfo>> {
        let by_name: BTreeMap<&str, _> =
            self.0.iter().map(|it| (it.info.name.as_str(), &it.info)).collect();
        by_name.into_values().cloned().collect()
    }
}

/// Code that a module had from some height on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleVersion {
    /// The name under which it is called.
    pub module: Name,
    /// The hash of that code under the domain of module code.
    pub code_hash: Hash,
    /// The transaction that installed it; index 0 of height 0 for genesis.
    pub from: Position,
}

/// A read-only call.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadCall {
    /// The caller that the function sees, if it depends on one.
    pub sender: Option<Address>,
    /// The module.
    pub module: Name,
    /// The name of the function in the module.
    pub function: Name,
    /// The arguments in canonical bytes.
    pub arguments: Vec<u8>,
    /// The height of the block after which it reads; the head if it is `None`.
    pub height: Option<u64>,
}

/// A transaction to simulate.
#[derive(Clone, Debug, PartialEq)]
pub enum Simulation {
    /// It is unsigned: the sender can be any account.
    Unsigned(Transaction),
    /// It is signed; the signatures are not checked yet.
    Signed(SharedTransaction),
}

impl Simulation {
    /// The transaction that was simulated, which need not be signed.
    pub fn transaction(&self) -> &Transaction {
        match self {
            Self::Unsigned(transaction) => transaction,
            Self::Signed(signed) => &signed.transaction,
        }
    }
}

/// The result of a read-only call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadResult {
    /// The height of the block after which the state was read.
    pub height: u64,
    /// The result in canonical bytes: the payload of `ok` if the function returns a `result`.
    pub output: Vec<u8>,
    /// The gas that the call used, as a transaction would pay.
    pub gas_used: u64,
}

/// An entry of the state with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// The height of the block after which the state was read.
    pub height: u64,
    /// The value; none if there is no entry.
    pub value: Option<Vec<u8>>,
    /// The proof against the state root after that height.
    pub proof: StateProof,
}

/// Why the node rejects a request. The message is sent to the client: it must not contain files, keys or
/// internals of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// A description of the error for people.
    pub message: String,
    /// The error value of a module's function, if the code is [`Code::ModuleError`].
    pub error: Option<TypedError>,
}

impl Refusal {
    /// A rejection without an error value.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), error: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}
