//! Collects transactions into batches for signature verification, within limits.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{Hash as Hashed, Hasher};

use ehb_types::{Hash, PublicKey, SharedTransaction};

use crate::Ticket;

/// The maximum number of signature sets in one batch for the mempool.
const BATCH_MAX: usize = 512;
/// The maximum number and size of transactions that wait for verification.
pub(crate) const WAITING_MAX: usize = 100_000;
const WAITING_BYTES_MAX: usize = 64 << 20;
/// Transactions from other nodes can use all of it except one part in this many, so that peers cannot lock
/// out this node's own clients.
const KEPT_FOR_CLIENTS_ONE_IN: usize = 4;

/// Transactions that wait for signature verification. At most one batch for the mempool is in progress, so
/// that batches grow with the load.
#[derive(Default)]
pub(crate) struct Verification {
    waiting: VecDeque<Waiting>,
    /// All that wait or are in progress for the mempool, and their number by id. The id does not cover the signatures: a
    /// copy with wrong ones must not keep the transaction out.
    copies: HashSet<SignedCopy>,
    ids: BTreeMap<Hash, usize>,
    /// The encoded size of all transactions that are waiting or in progress for the mempool.
    bytes: usize,
    under_way: BTreeMap<u64, Batch>,
    pool_under_way: bool,
    gathering: Gathering,
    next_batch: u64,
}

/// A transaction with its signatures.
struct SignedCopy(SharedTransaction);

impl Hashed for SignedCopy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.encoded().hash(state);
    }
}

impl PartialEq for SignedCopy {
    fn eq(&self, other: &Self) -> bool {
        self.0.encoded() == other.0.encoded()
    }
}

impl Eq for SignedCopy {}

/// The state of the wait for further transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gathering {
    #[default]
    NotBegun,
    /// The timer is running.
    Begun,
    Over,
}

/// How long transactions wait for others: verifying and gossiping them together costs less.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// This many transactions are verified without waiting.
    enough: usize,
    /// The maximum wait, milliseconds.
    wait_ms: u64,
}

impl Patience {
    /// Idle: verify immediately.
    pub(crate) const NONE: Self = Self { enough: 1, wait_ms: 0 };
    /// A height is in progress: no proposal includes further transactions before it is decided.
    pub(crate) const SOME: Self = Self { enough: 128, wait_ms: 10 };
    /// The next blocks are already full.
    pub(crate) const MUCH: Self = Self { enough: 384, wait_ms: 40 };
}

/// What to do with the waiting transactions.
pub(crate) enum Next {
    /// Nothing waits, or a batch is in progress.
    Nothing,
    /// Check again after this many milliseconds.
    Gather(u64),
    /// Verify this batch.
    Verify { batch: u64, transactions: Vec<SharedTransaction> },
}

/// A transaction on its way into the mempool.
pub(crate) struct Waiting {
    pub(crate) transaction: SharedTransaction,
    /// The head's height when it was admitted, and the next sequence of its lane there.
    pub(crate) admitted: (u64, u64),
    pub(crate) source: Source,
}

/// The source of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A client submitted it.
    Client(Ticket),
    /// It was in this gossiped message.
    Gossip(u64),
    /// This peer offered it, and it was requested.
    Peer(PublicKey),
    /// It was in a proposed block that was not decided.
    Body,
}

/// The purpose of a verified batch.
pub(crate) enum Batch {
    /// Transactions for the mempool.
    Pool(Vec<Waiting>),
    /// The unknown transactions of a proposed block.
    Body(Verifying),
}

/// A body whose signatures are being verified.
pub(crate) struct Verifying {
    pub(crate) block: Hash,
    /// The ids of the transactions, in their order in the batch.
    pub(crate) ids: Vec<Hash>,
    /// The peer that sent it, if it is the node of the validator that made it.
    pub(crate) author: Option<PublicKey>,
}

impl Verification {
    /// Whether a transaction waits, with whatever signatures.
    pub(crate) fn is_waiting(&self, id: &Hash) -> bool {
        self.ids.contains_key(id)
    }

    /// Whether a transaction waits with the same signatures.
    pub(crate) fn is_copy_waiting(&self, transaction: &SharedTransaction) -> bool {
        self.copies.contains(&SignedCopy(transaction.clone()))
    }

    /// Whether there is no room for a transaction of this size from this source.
    pub(crate) fn is_full(&self, bytes: usize, source: Source) -> bool {
        let kept = |all: usize| match source {
            Source::Client(_) => all,
            Source::Gossip(_) | Source::Peer(_) | Source::Body => {
                all - all / KEPT_FOR_CLIENTS_ONE_IN
            }
        };
        self.copies.len() >= kept(WAITING_MAX)
            || self.bytes.saturating_add(bytes) > kept(WAITING_BYTES_MAX)
    }

    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.copies.insert(SignedCopy(waiting.transaction.clone()));
        *self.ids.entry(waiting.transaction.id()).or_default() += 1;
        self.bytes += waiting.transaction.encoded().len();
        self.waiting.push_back(waiting);
    }

    /// The next batch for the mempool, once enough wait for it.
    pub(crate) fn next_pool_batch(&mut self, patience: Patience) -> Next {
        if self.pool_under_way || self.waiting.is_empty() {
            return Next::Nothing;
        }
        if self.waiting.len() < patience.enough && self.gathering != Gathering::Over {
            let begins = self.gathering == Gathering::NotBegun;
            self.gathering = Gathering::Begun;
            return if begins { Next::Gather(patience.wait_ms) } else { Next::Nothing };
        }
        let count = self.waiting.len().min(BATCH_MAX);
        let waiting: Vec<Waiting> = self.waiting.drain(..count).collect();
        let transactions = waiting.iter().map(|it| it.transaction.clone()).collect();
        self.pool_under_way = true;
        self.gathering = Gathering::NotBegun;
        Next::Verify { batch: self.begin(Batch::Pool(waiting)), transactions }
    }

    /// The wait for further transactions is over.
    pub(crate) fn gathered(&mut self) {
        self.gathering = Gathering::Over;
    }

    /// Registers a batch for a body and returns its number.
    pub(crate) fn begin_body(&mut self, body: Verifying) -> u64 {
        self.begin(Batch::Body(body))
    }

    /// The purpose of a batch; `None` if it is unknown.
    pub(crate) fn finish(&mut self, batch: u64) -> Option<Batch> {
        let finished = self.under_way.remove(&batch)?;
        if let Batch::Pool(waiting) = &finished {
            self.pool_under_way = false;
            for it in waiting {
                self.copies.remove(&SignedCopy(it.transaction.clone()));
                let id = it.transaction.id();
                let left = self.ids.get_mut(&id).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if left == 0 {
                    self.ids.remove(&id);
                }
                self.bytes -= it.transaction.encoded().len();
            }
        }
        Some(finished)
    }

    fn begin(&mut self, batch: Batch) -> u64 {
        let name = self.next_batch;
        self.next_batch += 1;
        self.under_way.insert(name, batch);
        name
    }
}
