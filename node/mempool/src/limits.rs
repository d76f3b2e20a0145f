//! Defines the limits of the pool (in total, for each sender, for waiting transactions) and of a block.

use ehb_types::TRANSACTION_BYTES_MAX;

/// The limits of the pool.
///
/// A transaction whose sequence is the next one of its lane, or follows pending ones without a gap, can run;
/// any other waits. Waiting transactions have lower limits, and are evicted in favour of those that can run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Transactions in all.
    pub transactions_max: usize,
    /// Encoded bytes in all.
    pub bytes_max: usize,
    /// Transactions of one sender.
    pub sender_transactions_max: usize,
    /// Encoded bytes of one sender.
    pub sender_bytes_max: usize,
    /// Transactions of one sender that wait for an earlier sequence.
    pub sender_waiting_transactions_max: usize,
    /// Encoded bytes of one sender that wait for an earlier sequence.
    pub sender_waiting_bytes_max: usize,
}

/// One part in this many of the pool is reserved for senders without a pending transaction that can run.
const RESERVED_ONE_IN: usize = 8;
/// One part in this many of the pool can be used by transactions that wait for an earlier sequence.
const WAITING_ONE_IN: usize = 4;

/// One sender can use one part in this many of the pool's bytes, and at least two of the largest
/// transactions.
const SENDER_BYTES_ONE_IN: usize = 16;
/// One part in this many of a sender's transactions can wait for an earlier sequence.
const SENDER_WAITING_TRANSACTIONS_ONE_IN: usize = 5;
/// One part in this many of a sender's bytes can wait for an earlier sequence, and at least one of the
/// largest transactions.
const SENDER_WAITING_BYTES_ONE_IN: usize = 4;

/// A limit in transactions and encoded bytes, or the usage of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) transactions: usize,
    pub(crate) bytes: usize,
}

impl Amount {
    /// One transaction of a size.
    pub(crate) fn one(bytes: usize) -> Self {
        Self { transactions: 1, bytes }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.transactions = self.transactions.saturating_add(other.transactions);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    pub(crate) fn remove(&mut self, other: Self) {
        self.transactions = self.transactions.saturating_sub(other.transactions);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }

    /// Whether this usage, plus additions and minus evictions, stays within a limit.
    pub(crate) fn fits(mut self, more: Self, without: Self, bound: Self) -> bool {
        self.add(more);
        self.remove(without);
        self.transactions <= bound.transactions && self.bytes <= bound.bytes
    }

    fn part(self, one_in: usize) -> Self {
        Self { transactions: self.transactions / one_in, bytes: self.bytes / one_in }
    }
}

impl Limits {
    /// The limits of a pool with the given maximum of transactions, bytes, and transactions of one sender;
    /// the other limits follow from these.
    pub fn new(transactions_max: usize, bytes_max: usize, sender_transactions_max: usize) -> Self {
        let largest = TRANSACTION_BYTES_MAX as usize;
        let sender_bytes_max = (bytes_max / SENDER_BYTES_ONE_IN).max(2 * largest);
        let waiting = sender_transactions_max.div_ceil(SENDER_WAITING_TRANSACTIONS_ONE_IN);
        Self {
            transactions_max,
            bytes_max,
            sender_transactions_max,
            sender_bytes_max,
            sender_waiting_transactions_max: waiting,
            sender_waiting_bytes_max: (sender_bytes_max / SENDER_WAITING_BYTES_ONE_IN).max(largest),
        }
    }

    /// The whole pool.
    pub(crate) fn pool(&self) -> Amount {
        Amount { transactions: self.transactions_max, bytes: self.bytes_max }
    }

    /// The pool without the part that is reserved for senders without a transaction that can run.
    pub(crate) fn shared(&self) -> Amount {
        let mut shared = self.pool();
        shared.remove(self.pool().part(RESERVED_ONE_IN));
        shared
    }

    /// The limit for waiting transactions of all senders together.
    pub(crate) fn waiting(&self) -> Amount {
        self.pool().part(WAITING_ONE_IN)
    }

    pub(crate) fn sender(&self) -> Amount {
        Amount { transactions: self.sender_transactions_max, bytes: self.sender_bytes_max }
    }

    pub(crate) fn sender_waiting(&self) -> Amount {
        let (transactions, bytes) =
            (self.sender_waiting_transactions_max, self.sender_waiting_bytes_max);
        Amount { transactions, bytes }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(200_000, 128 << 20, 20_000)
    }
}

/// The limits of one block.
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
    /// Whether the block can contain a transaction with this end of validity.
    pub(crate) fn allow(&self, valid_until_ms: u64) -> bool {
        let latest = self.timestamp_ms.saturating_add(self.validity_ms_max);
        (self.timestamp_ms..=latest).contains(&valid_until_ms)
    }
}
