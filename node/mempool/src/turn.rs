//! The order in which blocks take transactions of different senders: self-clocked fair queueing (S. J. Golestani, "A
//! self-clocked fair queueing scheme for broadband applications", INFOCOM 1994).
//!
//! A transaction gets a turn when it can run: the turn of the sender's transaction before it, or the first of all turns if that
//! is later, plus the most that it can use of a block. Blocks take the earliest turns. So a sender with few or small
//! transactions is never behind the whole queue of another one, and the largest transaction has its turn in the end.

use ehb_types::SharedTransaction;

/// The place in the order, in gas.
pub(crate) type Turn = u64;

/// The gas that a byte counts: its share of the default block's bytes is that of this gas.
const BYTE_GAS: u64 = 25;

/// The most that a transaction can use of a block, in gas.
pub(crate) fn cost(transaction: &SharedTransaction) -> Turn {
    let bytes = u64::try_from(transaction.encoded().len()).unwrap_or(u64::MAX);
    transaction.transaction.gas_limit.max(bytes.saturating_mul(BYTE_GAS))
}
