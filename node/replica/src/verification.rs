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
/// that batches grow with the load, and at most one proposed block: neither waits for the other, and what is handed to the
/// verifying threads has at most the size of one batch and one block.
#[derive(Default)]
pub(crate) struct Verification {
    /// Those of this node's clients, and those from other nodes and undecided blocks. Each has half of a batch if both wait,
    /// so that no flood of the one delays the other by more than the batch in progress.
    clients: VecDeque<Waiting>,
    others: VecDeque<Waiting>,
    /// All that wait or are in progress for the mempool, and their number by id. The id does not cover the signatures: a
    /// copy with wrong ones must not keep the transaction out.
    copies: HashSet<SignedCopy>,
    ids: BTreeMap<Hash, usize>,
    /// The encoded size of all transactions that are waiting or in progress for the mempool.
    bytes: usize,
    /// The batch for the mempool that is being verified, and its number.
    pool: Option<(u64, Vec<Waiting>)>,
    /// The proposed block that is being verified.
    body: Option<Verifying>,
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
pub(crate) struct BatchWait {
    /// This many transactions are verified without waiting.
    enough: usize,
    /// The maximum wait, milliseconds.
    wait_ms: u64,
}

impl BatchWait {
    /// Idle: verify immediately.
    pub(crate) const NONE: Self = Self { enough: 1, wait_ms: 0 };
    /// A height is in progress: no proposal includes further transactions before it is decided.
    pub(crate) const SHORT: Self = Self { enough: 128, wait_ms: 10 };
    /// The next blocks are already full.
    pub(crate) const LONG: Self = Self { enough: 384, wait_ms: 40 };
}

/// The next step for the waiting transactions.
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
    /// This node made it.
    Own,
}

/// A body whose signatures are being verified.
#[derive(Clone, Copy)]
pub(crate) struct Verifying {
    pub(crate) block: Hash,
    /// The node of the validator that made it: the signed header covers the signatures of the transactions.
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
            Source::Client(_) | Source::Own => all,
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
        match waiting.source {
            Source::Client(_) | Source::Own => self.clients.push_back(waiting),
            Source::Gossip(_) | Source::Peer(_) | Source::Body => self.others.push_back(waiting),
        }
    }

    /// The next batch for the mempool, once enough wait for it.
    pub(crate) fn next_pool_batch(&mut self, batch_wait: BatchWait) -> Next {
        let all = self.clients.len() + self.others.len();
        if self.pool.is_some() || all == 0 {
            return Next::Nothing;
        }
        if all < batch_wait.enough && self.gathering != Gathering::Over {
            let begins = self.gathering == Gathering::NotBegun;
            self.gathering = Gathering::Begun;
            return if begins { Next::Gather(batch_wait.wait_ms) } else { Next::Nothing };
        }
        let of_clients = self.clients.len().min(BATCH_MAX - self.others.len().min(BATCH_MAX / 2));
        let of_others = self.others.len().min(BATCH_MAX - of_clients);
        let clients = self.clients.drain(..of_clients);
        let waiting: Vec<Waiting> = clients.chain(self.others.drain(..of_others)).collect();
        let transactions = waiting.iter().map(|it| it.transaction.clone()).collect();
        self.gathering = Gathering::NotBegun;
        let batch = self.next_batch;
        self.next_batch += 1;
        self.pool = Some((batch, waiting));
        Next::Verify { batch, transactions }
    }

    /// The wait for further transactions is over.
    pub(crate) fn gathered(&mut self) {
        self.gathering = Gathering::Over;
    }

    /// A body is being verified from now on.
    pub(crate) fn begin_body(&mut self, body: Verifying) {
        self.body = Some(body);
    }

    /// The body that is being verified.
    pub(crate) fn body(&self) -> Option<&Verifying> {
        self.body.as_ref()
    }

    /// The body that was being verified; `None` if it is another one.
    pub(crate) fn finish_body(&mut self, block: &Hash) -> Option<Verifying> {
        self.body.take_if(|it| it.block == *block)
    }

    /// The transactions of a verified batch for the mempool; `None` if it is unknown.
    pub(crate) fn finish(&mut self, batch: u64) -> Option<Vec<Waiting>> {
        let (_, waiting) = self.pool.take_if(|(number, _)| *number == batch)?;
        for it in &waiting {
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
        Some(waiting)
    }
}
