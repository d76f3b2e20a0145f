use std::collections::{BTreeMap, HashSet, VecDeque};

use ehb_types::{Hash, PublicKey, SharedTransaction};

use crate::Ticket;

/// How many signature sets are verified in one batch for the mempool.
const BATCH_MAX: usize = 512;
/// How many transactions wait for verification at the most, and how many bytes they have.
pub(crate) const WAITING_MAX: usize = 100_000;
const WAITING_BYTES_MAX: usize = 64 << 20;
/// Of both, what comes from other nodes can take all but one part in this many: peers must not shut
/// out this node's own clients.
const KEPT_FOR_CLIENTS_ONE_IN: usize = 4;

/// What waits for its signatures to be verified. At most one batch for the mempool is under way, so
/// that batches grow with the load.
#[derive(Default)]
pub(crate) struct Verification {
    waiting: VecDeque<Waiting>,
    ids: HashSet<Hash>,
    /// The encoded bytes of all that is waiting or under way for the mempool.
    bytes: usize,
    under_way: BTreeMap<u64, Batch>,
    pool_under_way: bool,
    gathering: Gathering,
    next_batch: u64,
}

/// Whether what waits has waited for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gathering {
    #[default]
    NotBegun,
    /// The timer runs.
    Begun,
    Over,
}

/// How long transactions wait for others: together they are verified, and gossiped, for less.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// So many need not wait for more.
    enough: usize,
    /// Nobody waits for longer, milliseconds.
    wait_ms: u64,
}

impl Patience {
    /// The chain rests: whoever comes wakes it.
    pub(crate) const NONE: Self = Self { enough: 1, wait_ms: 0 };
    /// A height is under way: no proposal takes any before it is decided.
    pub(crate) const SOME: Self = Self { enough: 128, wait_ms: 10 };
    /// The next blocks are full without them.
    pub(crate) const MUCH: Self = Self { enough: 384, wait_ms: 40 };
}

/// What is to be done about what waits.
pub(crate) enum Next {
    /// Nothing waits, or a batch is under way.
    Nothing,
    /// Ask again after so many milliseconds.
    Gather(u64),
    /// Verify this batch.
    Verify { batch: u64, transactions: Vec<SharedTransaction> },
}

/// A transaction on its way into the mempool.
pub(crate) struct Waiting {
    pub(crate) transaction: SharedTransaction,
    /// The head's height when it was admitted, and what its lane expected next there.
    pub(crate) admitted: (u64, u64),
    pub(crate) source: Source,
}

/// How a transaction came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A client submitted it.
    Client(Ticket),
    /// It was in this gossiped message.
    Gossip(u64),
    /// This peer offered it, and was asked for it.
    Peer(PublicKey),
    /// It was in a proposed block that was not decided.
    Body,
}

/// What a batch was verified for.
pub(crate) enum Batch {
    /// Transactions for the mempool.
    Pool(Vec<Waiting>),
    /// The unknown transactions of a proposed block.
    Body(Hash),
}

impl Verification {
    pub(crate) fn is_waiting(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    /// Whether there is no room for a transaction of this size from this source.
    pub(crate) fn is_full(&self, bytes: usize, source: Source) -> bool {
        let kept = |all: usize| match source {
            Source::Client(_) => all,
            Source::Gossip(_) | Source::Peer(_) | Source::Body => {
                all - all / KEPT_FOR_CLIENTS_ONE_IN
            }
        };
        self.ids.len() >= kept(WAITING_MAX)
            || self.bytes.saturating_add(bytes) > kept(WAITING_BYTES_MAX)
    }

    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.ids.insert(waiting.transaction.id());
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

    /// The waiting ones have waited for others long enough.
    pub(crate) fn gathered(&mut self) {
        self.gathering = Gathering::Over;
    }

    /// Names a batch for a body.
    pub(crate) fn begin_body(&mut self, block: Hash) -> u64 {
        self.begin(Batch::Body(block))
    }

    /// What the batch was for; `None` when it is not known.
    pub(crate) fn finish(&mut self, batch: u64) -> Option<Batch> {
        let finished = self.under_way.remove(&batch)?;
        if let Batch::Pool(waiting) = &finished {
            self.pool_under_way = false;
            for it in waiting {
                self.ids.remove(&it.transaction.id());
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
