use std::collections::{BTreeMap, BTreeSet, HashMap};

use ehb_types::{Address, Code, Hash, Rejection, SharedTransaction};

use crate::lane::{Arrival, Lane, LaneId};

/// How much the pool holds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Transactions in all.
    pub transactions_max: usize,
    /// Encoded bytes in all.
    pub bytes_max: usize,
    /// Transactions of one sender.
    pub sender_transactions_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { transactions_max: 200_000, bytes_max: 128 << 20, sender_transactions_max: 20_000 }
    }
}

/// What one block can hold.
#[derive(Clone, Copy, Debug)]
pub struct BlockLimits {
    /// Encoded bytes of all transactions.
    pub bytes_max: usize,
    /// The sum of the gas limits.
    pub gas_max: u64,
    /// The block's time, milliseconds since 1970.
    pub timestamp_ms: u64,
    /// How far beyond that time a transaction's validity can reach, milliseconds.
    pub validity_ms_max: u64,
}

impl BlockLimits {
    /// Whether the block can hold a transaction with this end of validity.
    fn allow(&self, valid_until_ms: u64) -> bool {
        let latest = self.timestamp_ms.saturating_add(self.validity_ms_max);
        (self.timestamp_ms..=latest).contains(&valid_until_ms)
    }
}

/// The pending transactions of a node.
#[derive(Debug)]
pub struct Mempool {
    limits: Limits,
    /// In the order of arrival.
    transactions: BTreeMap<Arrival, SharedTransaction>,
    ids: HashMap<Hash, Arrival>,
    lanes: HashMap<LaneId, Lane>,
    /// How many are pending of each sender.
    senders: HashMap<Address, usize>,
    /// By the last block time at which they are valid.
    expiries: BTreeSet<(u64, Arrival)>,
    next_arrival: Arrival,
    bytes: usize,
}

impl Mempool {
    /// An empty pool.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            transactions: BTreeMap::new(),
            ids: HashMap::new(),
            lanes: HashMap::new(),
            senders: HashMap::new(),
            expiries: BTreeSet::new(),
            next_arrival: 0,
            bytes: 0,
        }
    }

    /// How many transactions are pending.
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// Whether none is pending.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// The encoded size of all pending transactions.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The pending transaction with an id.
    pub fn get(&self, id: &Hash) -> Option<&SharedTransaction> {
        self.transactions.get(self.ids.get(id)?)
    }

    /// The first sequence of a lane, from `next_sequence` on, that no pending transaction uses.
    pub fn free_sequence(&self, sender: &Address, lane: u32, next_sequence: u64) -> u64 {
        let Some(lane) = self.lanes.get(&(*sender, lane)) else { return next_sequence };
        let mut free = next_sequence;
        for (sequence, _) in lane.pending.range(next_sequence..) {
            if *sequence > free {
                break;
            }
            free = sequence.saturating_add(1);
        }
        free
    }

    /// Whether a transaction could be inserted, as far as the pool's bounds and contents go. Asked
    /// before the signature is verified, so that a full pool costs little.
    pub fn check(&self, pending: &SharedTransaction) -> Result<(), Rejection> {
        let (id, transaction) = (pending.id(), &pending.transaction);
        if self.ids.contains_key(&id) {
            return Err(Rejection::new(Code::AlreadyKnown, format!("transaction {id} is pending")));
        }
        let lane = self.lanes.get(&(transaction.sender, transaction.lane));
        let same = lane.and_then(|lane| lane.pending.get(&transaction.sequence));
        if let Some(other) = same.and_then(|arrival| self.transactions.get(arrival)) {
            let (sequence, other) = (transaction.sequence, other.id());
            return Err(Rejection::new(
                Code::SequencePending,
                format!("sequence {sequence} of the lane is pending as transaction {other}"),
            ));
        }
        let of_sender = self.senders.get(&transaction.sender).copied().unwrap_or(0);
        if of_sender >= self.limits.sender_transactions_max {
            return Err(Rejection::new(
                Code::SenderQuota,
                format!("{of_sender} transactions of the sender are pending, the most allowed"),
            ));
        }
        if self.len() >= self.limits.transactions_max
            || self.bytes + pending.encoded().len() > self.limits.bytes_max
        {
            return Err(Rejection::new(
                Code::MempoolFull,
                format!("the mempool is full: {} transactions, {} bytes", self.len(), self.bytes),
            ));
        }
        Ok(())
    }

    /// Adds a checked transaction. `next_sequence` is what the state expects next in its lane.
    pub fn insert(
        &mut self,
        pending: SharedTransaction,
        next_sequence: u64,
    ) -> Result<(), Rejection> {
        self.check(&pending)?;
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        let transaction = &pending.transaction;
        let lane = self.lanes.entry(lane_of(&pending)).or_default();
        lane.next = lane.next.max(next_sequence);
        lane.pending.insert(transaction.sequence, arrival);
        *self.senders.entry(transaction.sender).or_default() += 1;
        self.expiries.insert((transaction.valid_until_ms, arrival));
        self.bytes += pending.encoded().len();
        self.ids.insert(pending.id(), arrival);
        self.transactions.insert(arrival, pending);
        Ok(())
    }

    /// The transactions for a block, in an order in which they can be executed. They stay pending until
    /// [`Self::committed`]. One that the block's time does not allow holds up the rest of its lane.
    pub fn select(&self, limits: &BlockLimits) -> Vec<SharedTransaction> {
        let mut selected = Vec::new();
        let (mut bytes, mut gas) = (0usize, 0u64);
        let mut next: HashMap<LaneId, u64> = HashMap::new();
        for (arrival, arrived) in &self.transactions {
            let lane_id = lane_of(arrived);
            let Some(lane) = self.lanes.get(&lane_id) else { continue };
            let expected = next.entry(lane_id).or_insert(lane.next);
            // Later sequences of the lane that arrived earlier follow as soon as their turn comes.
            while let Some(ready) = lane
                .pending
                .get(expected)
                .filter(|ready_at| *ready_at <= arrival)
                .and_then(|ready_at| self.transactions.get(ready_at))
                .filter(|ready| limits.allow(ready.transaction.valid_until_ms))
            {
                let size = ready.encoded().len() + PER_TRANSACTION_BYTES;
                let limit = ready.transaction.gas_limit;
                if bytes + size > limits.bytes_max || gas.saturating_add(limit) > limits.gas_max {
                    return selected;
                }
                bytes += size;
                gas += limit;
                selected.push(ready.clone());
                *expected += 1;
            }
        }
        selected
    }

    /// Takes note of a committed block: its transactions leave, and so do those of the same lanes
    /// whose sequence is used now, and all that no later block can hold: each has a later time than
    /// the committed one, whose time is `timestamp_ms`.
    pub fn committed(&mut self, timestamp_ms: u64, transactions: &[SharedTransaction]) {
        for signed in transactions {
            let lane_id = lane_of(signed);
            let Some(lane) = self.lanes.get_mut(&lane_id) else { continue };
            lane.next = lane.next.max(signed.transaction.sequence + 1);
            let later = lane.pending.split_off(&lane.next);
            let used = std::mem::replace(&mut lane.pending, later);
            for arrival in used.into_values() {
                self.remove(arrival);
            }
            self.forget_if_empty(&lane_id);
        }
        while let Some((until, arrival)) = self.expiries.first().copied() {
            if until > timestamp_ms {
                break;
            }
            self.remove(arrival);
        }
    }

    fn remove(&mut self, arrival: Arrival) {
        let Some(pending) = self.transactions.remove(&arrival) else { return };
        let transaction = &pending.transaction;
        self.ids.remove(&pending.id());
        self.expiries.remove(&(transaction.valid_until_ms, arrival));
        self.bytes -= pending.encoded().len();
        if let Some(count) = self.senders.get_mut(&transaction.sender) {
            *count -= 1;
            if *count == 0 {
                self.senders.remove(&transaction.sender);
            }
        }
        let lane_id = lane_of(&pending);
        if let Some(lane) = self.lanes.get_mut(&lane_id) {
            lane.pending.remove(&transaction.sequence);
        }
        self.forget_if_empty(&lane_id);
    }

    fn forget_if_empty(&mut self, lane_id: &LaneId) {
        if self.lanes.get(lane_id).is_some_and(|lane| lane.pending.is_empty()) {
            self.lanes.remove(lane_id);
        }
    }
}

/// What a transaction adds to a block beyond its own encoding, generously.
const PER_TRANSACTION_BYTES: usize = 8;

fn lane_of(signed: &SharedTransaction) -> LaneId {
    (signed.transaction.sender, signed.transaction.lane)
}
