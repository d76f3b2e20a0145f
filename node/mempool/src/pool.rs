//! Inserts, selects and removes pending transactions, and keeps all indexes and usage counts consistent.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ehb_types::{Address, Code, Hash, Rejection, SharedTransaction};

use crate::lane::{Arrival, Lane, LaneId, lane_of};
use crate::limits::Amount;
use crate::lost::{Loss, Lost, LostLog, Slot};
use crate::turn::{self, Turn};
use crate::{BlockLimits, Limits};

/// The pending transactions of a node.
#[derive(Debug)]
pub struct Mempool {
    pub(crate) limits: Limits,
    /// By arrival.
    pub(crate) transactions: BTreeMap<Arrival, Pending>,
    /// Those that can run, in the order in which blocks take them.
    order: BTreeSet<(Turn, Arrival)>,
    /// The latest turn that a block took: turns begin there while none can run.
    served: Turn,
    pub(crate) ids: HashMap<Hash, Arrival>,
    pub(crate) lanes: HashMap<LaneId, Lane>,
    pub(crate) senders: HashMap<Address, Usage>,
    /// Transactions that cannot run yet, by sender.
    pub(crate) waiting: BTreeSet<(Address, Arrival)>,
    /// The same by arrival.
    pub(crate) waiting_by_arrival: BTreeSet<Arrival>,
    /// By the latest block time at which they are valid.
    expiries: BTreeSet<(u64, Arrival)>,
    next_arrival: Arrival,
    pub(crate) used: Amount,
    pub(crate) used_waiting: Amount,
    lost: LostLog,
    /// The latest known time, of a block or of the node's clock: a node that has just started, or is catching
    /// up, knows no recent block.
    latest_ms: u64,
}

/// A transaction in the pool.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) transaction: SharedTransaction,
    /// When it arrived, milliseconds of the node's clock.
    arrived_ms: u64,
    /// Its turn while it can run.
    turn: Option<Turn>,
}

/// The usage of a sender.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) all: Amount,
    pub(crate) waiting: Amount,
    /// The last turn that one of its transactions got.
    last: Turn,
}

impl Usage {
    /// The number of the sender's transactions that can run.
    pub(crate) fn executable(&self) -> usize {
        self.all.transactions - self.waiting.transactions
    }
}

impl Mempool {
    /// An empty pool.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            transactions: BTreeMap::new(),
            order: BTreeSet::new(),
            served: 0,
            ids: HashMap::new(),
            lanes: HashMap::new(),
            senders: HashMap::new(),
            waiting: BTreeSet::new(),
            waiting_by_arrival: BTreeSet::new(),
            expiries: BTreeSet::new(),
            next_arrival: 0,
            used: Amount::default(),
            used_waiting: Amount::default(),
            lost: LostLog::default(),
            latest_ms: 0,
        }
    }

    /// The number of pending transactions.
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// Whether none is pending.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }

    /// The number of pending transactions whose sequence permits them in the next block: the others wait for
    /// an earlier sequence of their lane.
    pub fn executable(&self) -> usize {
        self.used.transactions - self.used_waiting.transactions
    }

    /// Whether the next block could contain a transaction.
    pub fn has_executable(&self) -> bool {
        self.executable() > 0
    }

    /// The encoded size of all pending transactions.
    pub fn bytes(&self) -> usize {
        self.used.bytes
    }

    /// The pending transaction with an id.
    pub fn get(&self, id: &Hash) -> Option<&SharedTransaction> {
        Some(&self.transactions.get(self.ids.get(id)?)?.transaction)
    }

    /// Why a transaction left the pool without being in a block, if that was recent.
    pub fn lost(&self, id: &Hash) -> Option<&Lost> {
        self.lost.get(id)
    }

    /// The number of the last lost transaction, and the ids of those that were lost after the one with
    /// the number `after`, the newest first.
    pub fn lost_since(&self, after: u64) -> (u64, Vec<Hash>) {
        self.lost.since(after)
    }

    /// The first sequence of a lane, from `next_sequence` on, that no pending transaction uses.
    pub fn free_sequence(&self, sender: &Address, lane: u32, next_sequence: u64) -> u64 {
        let Some(lane) = self.lanes.get(&(*sender, lane)) else { return next_sequence };
        let mut free = next_sequence.max(lane.next);
        if (lane.next..lane.free).contains(&free) {
            free = lane.free;
        }
        for (sequence, _) in lane.pending.range(free..) {
            if *sequence > free {
                break;
            }
            free = sequence.saturating_add(1);
        }
        free
    }

    /// The sequence for which a pending transaction waits: the first one of its lane that is not in a block and that no
    /// pending transaction uses. None for a transaction that can run, and for one that is not pending.
    pub fn missing_sequence(&self, id: &Hash) -> Option<u64> {
        let pending = self.get(id)?;
        let free = self.lanes.get(&lane_of(pending))?.free;
        (pending.transaction.sequence > free).then_some(free)
    }

    /// The ids of transactions that arrived at `before_ms` or earlier, in the order of arrival, after
    /// the one that arrived as number `after`; at most `count`. Each with its number.
    pub fn arrived(
        &self,
        after: Option<u64>,
        before_ms: u64,
        count: usize,
    ) -> impl Iterator<Item = (u64, Hash)> {
        let from = after.map_or(0, |after| after.saturating_add(1));
        let old = self.transactions.range(from..);
        let old = old.take_while(move |(_, pending)| pending.arrived_ms <= before_ms).take(count);
        old.map(|(arrival, pending)| (*arrival, pending.transaction.id()))
    }

    /// Adds a checked transaction, which may evict others. `next_sequence` is the next sequence of its lane
    /// according to the state, `now_ms` the node's clock.
    ///
    /// Of two transactions with the same sequence of a lane the first stays: the other is rejected until the
    /// first has left.
    pub fn insert(
        &mut self,
        transaction: SharedTransaction,
        next_sequence: u64,
        now_ms: u64,
    ) -> Result<(), Rejection> {
        let giving_way = self.make_room(&transaction, next_sequence)?;
        self.latest_ms = self.latest_ms.max(now_ms);
        for arrival in giving_way {
            let reason = "it waited for an earlier sequence of its lane and was evicted for other transactions";
            self.lose(arrival, Loss::Dropped(Rejection::new(Code::MempoolFull, reason)));
        }
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        let (id, lane_id) = (transaction.id(), lane_of(&transaction));
        let size = Amount::one(transaction.encoded().len());
        let content = &transaction.transaction;
        let lane = self.lanes.entry(lane_id).or_default();
        lane.next = lane.next.max(next_sequence);
        lane.free = lane.free.max(lane.next);
        lane.pending.insert(content.sequence, arrival);
        self.expiries.insert((content.valid_until_ms, arrival));
        self.ids.insert(id, arrival);
        self.lost.remove(&id);
        self.used.add(size);
        let usage = self.senders.entry(content.sender).or_default();
        usage.all.add(size);
        self.transactions.insert(arrival, Pending { transaction, arrived_ms: now_ms, turn: None });
        self.begin_to_wait(arrival);
        self.follow_up(&lane_id);
        Ok(())
    }

    /// The transactions for a block, in an order in which they can be executed: senders take turns, by what their
    /// transactions can use at most of a block (see `turn.rs`). They stay pending until [`Self::committed`]. A
    /// transaction that the block's time does not permit blocks the rest of its lane.
    pub fn select(&self, limits: &BlockLimits) -> Vec<SharedTransaction> {
        let mut selected = Vec::new();
        let (mut bytes, mut gas) = (0usize, 0u64);
        let mut next: HashMap<LaneId, u64> = HashMap::new();
        // Turns of a lane are in the order of its sequences.
        for (_, arrival) in &self.order {
            let Some(Pending { transaction, .. }) = self.transactions.get(arrival) else {
                continue;
            };
            let lane_id = lane_of(transaction);
            let Some(lane) = self.lanes.get(&lane_id) else { continue };
            let expected = next.entry(lane_id).or_insert(lane.next);
            let content = &transaction.transaction;
            if content.sequence != *expected || !limits.allow(content.valid_until_ms) {
                continue;
            }
            let size = transaction.encoded().len() + PER_TRANSACTION_BYTES;
            let limit = content.gas_limit;
            if bytes + size > limits.bytes_max || gas.saturating_add(limit) > limits.gas_max {
                return selected;
            }
            bytes += size;
            gas += limit;
            selected.push(transaction.clone());
            *expected += 1;
        }
        selected
    }

    /// Processes a committed block: removes its transactions, those of the same lanes whose sequence is now
    /// used, and all that can no longer be in a later block.
    pub fn committed(
        &mut self,
        height: u64,
        timestamp_ms: u64,
        transactions: &[SharedTransaction],
    ) {
        self.latest_ms = self.latest_ms.max(timestamp_ms);
        for signed in transactions {
            let (lane_id, by, sequence) =
                (lane_of(signed), signed.id(), signed.transaction.sequence);
            let Some(lane) = self.lanes.get_mut(&lane_id) else { continue };
            lane.next = lane.next.max(sequence.saturating_add(1));
            lane.free = lane.free.max(lane.next);
            let used: Vec<Arrival> =
                lane.pending.range(..=sequence).map(|(_, arrival)| *arrival).collect();
            for arrival in used {
                match self.transactions.get(&arrival) {
                    Some(it) if it.transaction.id() == by => {
                        self.served = self.served.max(it.turn.unwrap_or_default());
                        drop(self.remove(arrival));
                    }
                    _ => self.lose(arrival, Loss::Superseded { by, height }),
                }
            }
            self.follow_up(&lane_id);
        }
        // Each later block has a later time.
        while let Some((until, arrival)) = self.expiries.first().copied()
            && until <= timestamp_ms
        {
            self.lose(arrival, Loss::Expired { height, timestamp_ms });
        }
        self.lost.forget(timestamp_ms);
    }

    /// Removes the transactions that `check` rejects, and records why: what blocks changed can make a transaction
    /// invalid that was admitted before.
    pub fn recheck(&mut self, check: impl Fn(&SharedTransaction) -> Option<Rejection>) {
        let rejected = |(arrival, pending): (&Arrival, &Pending)| {
            check(&pending.transaction).map(|rejection| (*arrival, rejection))
        };
        let rejected: Vec<_> = self.transactions.iter().filter_map(rejected).collect();
        for (arrival, rejection) in rejected {
            self.lose(arrival, Loss::Dropped(rejection));
        }
    }

    /// Whether a transaction of the sender is pending.
    pub fn has_sender(&self, sender: &Address) -> bool {
        self.senders.contains_key(sender)
    }

    /// Removes a transaction and records why.
    fn lose(&mut self, arrival: Arrival, loss: Loss) {
        if let Some(transaction) = self.remove(arrival) {
            let lost = Lost { slot: Slot::from(&transaction.transaction), loss };
            self.lost.push(transaction.id(), lost, self.latest_ms);
        }
    }

    fn remove(&mut self, arrival: Arrival) -> Option<SharedTransaction> {
        let lane_id = lane_of(&self.transactions.get(&arrival)?.transaction);
        self.stop_waiting(arrival);
        let Pending { transaction, turn, .. } = self.transactions.remove(&arrival)?;
        if let Some(turn) = turn {
            self.order.remove(&(turn, arrival));
        }
        let content = &transaction.transaction;
        let size = Amount::one(transaction.encoded().len());
        self.ids.remove(&transaction.id());
        self.expiries.remove(&(content.valid_until_ms, arrival));
        self.used.remove(size);
        if let Some(usage) = self.senders.get_mut(&content.sender) {
            usage.all.remove(size);
            if usage.all.transactions == 0 {
                self.senders.remove(&content.sender);
            }
        }
        if let Some(lane) = self.lanes.get_mut(&lane_id) {
            lane.pending.remove(&content.sequence);
            // The transactions that followed it without a gap now wait.
            let (first, end) = (content.sequence, lane.free);
            if (lane.next..end).contains(&first) {
                lane.free = first;
                let later: Vec<Arrival> =
                    lane.pending.range(first..end).map(|(_, arrival)| *arrival).collect();
                later.into_iter().for_each(|arrival| self.begin_to_wait(arrival));
            }
        }
        if self.lanes.get(&lane_id).is_some_and(|lane| lane.pending.is_empty()) {
            self.lanes.remove(&lane_id);
        }
        Some(transaction)
    }

    /// Marks transactions of a lane that follow without a gap as able to run.
    fn follow_up(&mut self, lane_id: &LaneId) {
        while let Some(lane) = self.lanes.get_mut(lane_id)
            && let Some(arrival) = lane.pending.get(&lane.free).copied()
        {
            lane.free = lane.free.saturating_add(1);
            self.stop_waiting(arrival);
            self.take_turn(arrival);
        }
    }

    /// A transaction that can run now gets its turn: after the last one of its sender, and not before the first of all
    /// that can run. One that waited gets none for that time, or it could keep newcomers behind all of its sender's.
    fn take_turn(&mut self, arrival: Arrival) {
        let Some(pending) = self.transactions.get_mut(&arrival) else { return };
        let now = self.order.first().map_or(self.served, |(first, _)| *first);
        let usage = self.senders.entry(pending.transaction.transaction.sender).or_default();
        let turn = usage.last.max(now).saturating_add(turn::cost(&pending.transaction));
        usage.last = turn;
        pending.turn = Some(turn);
        self.order.insert((turn, arrival));
    }

    fn begin_to_wait(&mut self, arrival: Arrival) {
        let Some(pending) = self.transactions.get_mut(&arrival) else { return };
        if let Some(turn) = pending.turn.take() {
            self.order.remove(&(turn, arrival));
        }
        let sender = pending.transaction.transaction.sender;
        let size = Amount::one(pending.transaction.encoded().len());
        if self.waiting.insert((sender, arrival)) {
            self.waiting_by_arrival.insert(arrival);
            self.used_waiting.add(size);
            self.senders.entry(sender).or_default().waiting.add(size);
        }
    }

    fn stop_waiting(&mut self, arrival: Arrival) {
        let Some(pending) = self.transactions.get(&arrival) else { return };
        let sender = pending.transaction.transaction.sender;
        let size = Amount::one(pending.transaction.encoded().len());
        if self.waiting.remove(&(sender, arrival)) {
            self.waiting_by_arrival.remove(&arrival);
            self.used_waiting.remove(size);
            self.senders.entry(sender).or_default().waiting.remove(size);
        }
    }
}

/// An upper bound of the bytes that a transaction adds to a block beyond its own encoding.
const PER_TRANSACTION_BYTES: usize = 8;
