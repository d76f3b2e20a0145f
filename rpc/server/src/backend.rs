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

/// What the server asks of the node.
///
/// Every answer is about decided blocks only, and one node's answers never go back in time. A block
/// that [`Backend::head`] tells must be readable, with its receipts and its transactions' positions,
/// from that moment on.
///
/// Methods are called from many tasks at once. Those marked *blocking* run on threads of their own,
/// a bounded number at a time; the others must answer within some tens of microseconds.
pub trait Backend: Send + Sync + 'static {
    /// How the chain and the node stand.
    fn status(&self) -> Status;

    /// Whether what the node accepts can become final and what it answers is fresh; `/readyz` says so.
    fn readiness(&self) -> Readiness;

    /// The genesis.
    fn genesis(&self) -> Arc<Genesis>;

    /// The parameters after a height, the head where it is `None`. *Blocking.*
    fn parameters(&self, height: Option<u64>) -> Result<Parameters, Refusal>;

    /// The last decided height, and word of each new one. The sender lives as long as the node.
    fn head(&self) -> watch::Receiver<u64>;

    /// The first height whose block and receipts are kept.
    fn earliest(&self) -> u64;

    /// The block at a height with its receipts; `None` above the head. Recent blocks are asked for
    /// by every subscription, so they should come from memory. *Blocking.*
    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal>;

    /// The block at a height in canonical bytes; `None` above the head. *Blocking.*
    fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal>;

    /// The header at a height with what proves it; `None` above the head. *Blocking.*
    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal>;

    /// The height of the block with this hash. *Blocking.*
    fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal>;

    /// The height of the last block whose time is not after a moment; `None` before genesis. *Blocking.*
    fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal>;

    /// The newest decided height that can be read. It is never below what [`Self::head`] told, and no
    /// answer is about a later state than a later call of this.
    fn height(&self) -> u64;

    /// The fate of a transaction, from one view of the chain. Where `content` is given, whose id this
    /// must be, a transaction that the node does not have is judged by the sequence of its lane and by
    /// its validity. *Blocking.*
    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal>;

    /// The ids that were settled or dropped without becoming final, after the number `after`; at most
    /// some thousands, the newest ones. Settled means that [`Self::fate`] says so from now on.
    fn lost(&self, after: u64) -> Lost;

    /// The number of the last of these, and word of each new one. The sender lives as long as the node.
    fn losses(&self) -> watch::Receiver<u64>;

    /// Offers transactions to the mempool. The results are in the order of the transactions, whose
    /// encoding has been found canonical and nothing else has been checked.
    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>>;

    /// The account at an address after a height, the head where it is `None`. *Blocking* but at the head.
    fn account(&self, address: &Address, height: Option<u64>) -> Result<Option<Account>, Refusal>;

    /// The sequence that the account's next transaction in a lane must carry, those that wait in
    /// the mempool counted.
    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal>;

    /// The modules that are installed at the head, by name; also `kernel`.
    fn modules(&self) -> Vec<Arc<ModuleInfo>>;

    /// An installed module, or `kernel`.
    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>>;

    /// The modules by whose interfaces the values in the block at a height are read, which must not be above
    /// the head. *Blocking.*
    fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal>;

    /// All versions of all modules but the kernel, in the order in which they were installed. *Blocking.*
    fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal>;

    /// A module that was installed after a height, the head where it is `None`, or `kernel`. *Blocking.*
    fn module_at(
        &self,
        name: &str,
        height: Option<u64>,
    ) -> Result<Option<Arc<ModuleInfo>>, Refusal>;

    /// Calls a function that only reads, under a bound of gas. *Blocking.*
    fn call(&self, call: ReadCall) -> Result<ReadResult, Refusal>;

    /// Carries out a transaction on the head's state and forgets what it did. What the mempool would refuse is
    /// refused, but the sequence may be used. Signatures are verified where there are some; where there are none,
    /// calls of the kernel are refused, gas is counted for one signature, and a gas limit above what a
    /// transaction can have counts as that. *Blocking.*
    fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal>;

    /// An entry of the state, or its absence, with its proof after a height, the head when it is
    /// left out. *Blocking.*
    fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal>;
}

/// Whether a node can do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// It cannot, for these reasons: a line each, for people.
    NotReady(Vec<String>),
}

/// A decided block with what its transactions did.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedBlock {
    /// The block's hash.
    pub hash: Hash,
    /// The block.
    pub block: SharedBlock,
    /// One receipt for each transaction, in order.
    pub receipts: Receipts,
}

impl DecidedBlock {
    /// The canonical size of block and receipts, bytes. No JSON of them is shorter than twice that.
    pub(crate) fn bytes(&self) -> usize {
        self.block.encoded().len() + self.receipts.encoded().len()
    }
}

/// A decided block in canonical bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct CanonicalBlock {
    /// The block's hash.
    pub hash: Hash,
    /// The block's header.
    pub header: Header,
    /// The block.
    pub block: Vec<u8>,
    /// Its receipts, as a list.
    pub receipts: Vec<u8>,
    /// The certificate that decided it; none for genesis.
    pub certificate: Option<Vec<u8>>,
}

/// The fate of a transaction, as the node knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It waits in the mempool.
    Pending(SharedTransaction),
    /// It is in a decided block, at an index.
    Final(Arc<DecidedBlock>, usize),
    /// A decided block used its sequence for another transaction.
    Superseded {
        /// That transaction, where the node remembers it.
        by: Option<Hash>,
        /// The height of that block, or of the one after which this is certain.
        height: u64,
    },
    /// A decided block is later than its validity, and no block up to there holds it.
    Expired {
        /// That block's height.
        height: u64,
        /// That block's time, milliseconds since 1970.
        timestamp_ms: u64,
    },
    /// The node does not have it.
    Unknown {
        /// Why the node dropped it, if it did lately.
        dropped: Option<Refusal>,
    },
}

/// Transactions that left the mempool without becoming final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// The number of the last one: where to go on.
    pub last: u64,
    /// Their ids.
    pub ids: Vec<Hash>,
}

/// A decided header with what proves it.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedHeader {
    /// The header.
    pub header: Header,
    /// The certificate that decided it; none for genesis.
    pub certificate: Option<CommitCertificate>,
    /// The validators of its height.
    pub validators: ValidatorSet,
}

/// An installed module.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleInfo {
    /// The name it is called by.
    pub name: Name,
    /// The hash of its code; zeros for `kernel`.
    pub code_hash: Hash,
    /// Its WIT as text.
    pub wit: String,
    /// Its functions and event type.
    pub interface: Interface,
}

/// The modules by whose interfaces the values in a block are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockModules(Vec<ModuleInForce>);

/// A module with the code that it has from a call of a block on.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleInForce {
    /// The index of the call's transaction; 0 where it had the code before the block.
    pub index: u32,
    /// The position of the call in the transaction; 0 where it had the code before the block.
    pub call: u16,
    /// The module.
    pub info: Arc<ModuleInfo>,
}

impl BlockModules {
    /// The modules in the order in which they were installed.
    pub fn new(modules: Vec<ModuleInForce>) -> Self {
        Self(modules)
    }

    /// The module by this name as a call of a transaction finds it.
    pub fn get(&self, name: &str, index: u32, call: u16) -> Option<&Arc<ModuleInfo>> {
        let is_it = |it: &&ModuleInForce| {
            it.info.name.as_str() == name && (it.index, it.call) <= (index, call)
        };
        self.0.iter().rev().find(is_it).map(|it| &it.info)
    }

    /// The module by this name as the block leaves it.
    pub fn last(&self, name: &str) -> Option<&Arc<ModuleInfo>> {
        self.get(name, u32::MAX, u16::MAX)
    }
}

/// A version of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleVersion {
    /// The module.
    pub module: Name,
    /// The hash of its code.
    pub code_hash: Hash,
    /// The transaction that installed it; index 0 of height 0 for genesis.
    pub from: Position,
}

/// A call that only reads.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadCall {
    /// Whom the function sees as caller, if it matters.
    pub sender: Option<Address>,
    /// The module.
    pub module: Name,
    /// The function.
    pub function: Name,
    /// The arguments in canonical form.
    pub arguments: Vec<u8>,
    /// The height after whose block it reads; the head where it is `None`.
    pub height: Option<u64>,
}

/// A transaction to simulate.
#[derive(Clone, Debug, PartialEq)]
pub enum Simulation {
    /// Nobody signed it: it can name any sender.
    Unsigned(Transaction),
    /// It is signed, which is not checked yet.
    Signed(SharedTransaction),
}

impl Simulation {
    /// The transaction.
    pub fn transaction(&self) -> &Transaction {
        match self {
            Self::Unsigned(transaction) => transaction,
            Self::Signed(signed) => &signed.transaction,
        }
    }
}

/// What a call that only reads gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadResult {
    /// The height after whose block this was so.
    pub height: u64,
    /// The result in canonical form: the payload of `ok` where the function returns a `result`.
    pub output: Vec<u8>,
    /// The gas it used.
    pub gas_used: u64,
}

/// An entry of the state with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// The height after whose block this was so.
    pub height: u64,
    /// The value; none when there is no entry.
    pub value: Option<Vec<u8>>,
    /// The proof against the state root after that height.
    pub proof: StateProof,
}

/// Why the node does not do what was asked. The message reaches the client: it must name no file,
/// key or inner working of the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// What was wrong, for people.
    pub message: String,
    /// The error value of a module's function, when the code is [`Code::ModuleError`].
    pub error: Option<TypedError>,
}

impl Refusal {
    /// A refusal without an error value.
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
