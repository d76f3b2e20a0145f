//! Decides which transactions are admitted to the pool and which are evicted for them.

use std::collections::BTreeSet;

use ehb_types::{Code, Rejection, SharedTransaction};

use crate::Mempool;
use crate::lane::{Arrival, lane_of};
use crate::limits::Amount;
use crate::pool::Usage;

/// A transaction to be admitted.
struct Newcomer {
    size: Amount,
    /// The usage of its sender.
    usage: Usage,
}

/// The transactions to evict for a new one.
#[derive(Default)]
struct GivingWay {
    arrivals: Vec<Arrival>,
    size: Amount,
}

impl GivingWay {
    fn add(&mut self, pool: &Mempool, arrival: Arrival) {
        self.size.add(pool.size_of(arrival));
        self.arrivals.push(arrival);
    }
}

impl Mempool {
    /// Whether a transaction could be inserted, according to the pool's limits and contents. `next_sequence`
    /// is the next sequence of its lane according to the state. Called before the signature is verified, so
    /// that a full pool costs little; nothing is evicted before that.
    pub fn check(
        &self,
        transaction: &SharedTransaction,
        next_sequence: u64,
    ) -> Result<(), Rejection> {
        self.make_room(transaction, next_sequence).map(drop)
    }

    /// The transactions that must be evicted for a new one.
    pub(crate) fn make_room(
        &self,
        transaction: &SharedTransaction,
        next_sequence: u64,
    ) -> Result<Vec<Arrival>, Rejection> {
        self.check_new(transaction)?;
        let content = &transaction.transaction;
        let free = self.free_sequence(&content.sender, content.lane, next_sequence);
        let newcomer = Newcomer {
            size: Amount::one(transaction.encoded().len()),
            usage: self.senders.get(&content.sender).copied().unwrap_or_default(),
        };
        if content.sequence <= free {
            self.room_to_run(transaction, &newcomer)
        } else {
            self.room_to_wait(transaction, &newcomer)
        }
    }

    /// The part of [`Self::check`] that needs no state: whether the transaction is pending, or another
    /// one with its sequence.
    pub fn check_new(&self, transaction: &SharedTransaction) -> Result<(), Rejection> {
        let (id, content) = (transaction.id(), &transaction.transaction);
        if self.ids.contains_key(&id) {
            return Err(Rejection::new(Code::AlreadyKnown, format!("transaction {id} is pending")));
        }
        let lane = self.lanes.get(&lane_of(transaction));
        let same = lane.and_then(|lane| lane.pending.get(&content.sequence));
        if let Some(other) = same.and_then(|arrival| self.transactions.get(arrival)) {
            let (sequence, other) = (content.sequence, other.transaction.id());
            return Err(Rejection::new(
                Code::SequencePending,
                format!("sequence {sequence} of the lane is pending as transaction {other}"),
            ));
        }
        Ok(())
    }

    /// Makes room for a transaction that can run by evicting waiting ones: those of its own sender if that
    /// one is over its limit, otherwise first the lane that has waited longest, from its end.
    fn room_to_run(
        &self,
        transaction: &SharedTransaction,
        newcomer: &Newcomer,
    ) -> Result<Vec<Arrival>, Rejection> {
        let Newcomer { size, usage } = *newcomer;
        let sender = transaction.transaction.sender;
        let mut leaving = GivingWay::default();
        let own = self.waiting.range((sender, Arrival::MIN)..=(sender, Arrival::MAX));
        let mut own = self.by_lanes(own.map(|(_, arrival)| *arrival));
        while !usage.all.fits(size, leaving.size, self.limits.sender()) {
            let Some(arrival) = own.next() else { return Err(self.sender_quota(&usage)) };
            leaving.add(self, arrival);
        }
        let is_new = usage.executable() == 0;
        let bound = if is_new { self.limits.pool() } else { self.limits.shared() };
        let left: BTreeSet<Arrival> = leaving.arrivals.iter().copied().collect();
        let mut others = self
            .by_lanes(self.waiting_by_arrival.iter().copied())
            .filter(|arrival| !left.contains(arrival));
        while !self.used.fits(size, leaving.size, bound) {
            let Some(arrival) = others.next() else { return Err(self.full()) };
            leaving.add(self, arrival);
        }
        Ok(leaving.arrivals)
    }

    /// Makes room for a transaction that cannot run yet by evicting later ones of its own lane only.
    fn room_to_wait(
        &self,
        transaction: &SharedTransaction,
        newcomer: &Newcomer,
    ) -> Result<Vec<Arrival>, Rejection> {
        let Newcomer { size, usage } = *newcomer;
        let sequence = transaction.transaction.sequence;
        let lane = self.lanes.get(&lane_of(transaction));
        let later = lane.into_iter().flat_map(|lane| lane.pending.range(sequence..).rev());
        let mut later = later.map(|(_, arrival)| *arrival);
        let mut leaving = GivingWay::default();
        loop {
            let limits = &self.limits;
            let of_sender = usage.all.fits(size, leaving.size, limits.sender())
                && usage.waiting.fits(size, leaving.size, limits.sender_waiting());
            let of_pool = self.used.fits(size, leaving.size, limits.shared())
                && self.used_waiting.fits(size, leaving.size, limits.waiting());
            if of_sender && of_pool {
                return Ok(leaving.arrivals);
            }
            match later.next() {
                Some(arrival) => leaving.add(self, arrival),
                None if of_sender => return Err(self.full()),
                None => return Err(self.sender_quota(&usage)),
            }
        }
    }

    /// Waiting transactions, lane after lane in the order of the given arrivals, each lane from its end, so
    /// that the one with the largest gap is evicted first.
    fn by_lanes(&self, waiting: impl Iterator<Item = Arrival>) -> impl Iterator<Item = Arrival> {
        let mut begun = BTreeSet::new();
        let lanes = waiting.filter_map(move |arrival| {
            let lane_id = lane_of(&self.transactions.get(&arrival)?.transaction);
            begun.insert(lane_id).then(|| self.lanes.get(&lane_id)).flatten()
        });
        lanes.flat_map(|lane| lane.pending.range(lane.free..).rev().map(|(_, arrival)| *arrival))
    }

    fn size_of(&self, arrival: Arrival) -> Amount {
        let pending = self.transactions.get(&arrival);
        pending.map_or(Amount::default(), |it| Amount::one(it.transaction.encoded().len()))
    }

    fn sender_quota(&self, usage: &Usage) -> Rejection {
        let Usage { all, waiting, .. } = usage;
        Rejection::new(
            Code::SenderQuota,
            format!(
                "{} transactions of the sender, {} bytes, are pending, and {} of them, {} bytes, \
                 wait for an earlier sequence; at most {} and {} bytes are allowed, of which {} and \
                 {} bytes can wait",
                all.transactions,
                all.bytes,
                waiting.transactions,
                waiting.bytes,
                self.limits.sender_transactions_max,
                self.limits.sender_bytes_max,
                self.limits.sender_waiting_transactions_max,
                self.limits.sender_waiting_bytes_max,
            ),
        )
    }

    fn full(&self) -> Rejection {
        let (used, waiting) = (self.used, self.used_waiting);
        Rejection::new(
            Code::MempoolFull,
            format!(
                "the mempool is full: {} transactions, {} bytes, of which {} transactions, {} bytes, \
                 wait for an earlier sequence",
                used.transactions, used.bytes, waiting.transactions, waiting.bytes
            ),
        )
    }
}
