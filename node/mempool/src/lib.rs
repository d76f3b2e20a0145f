//! Admits, orders and evicts pending transactions; bounded.
//!
//! The pool knows no state and verifies nothing: whoever inserts has checked the transaction and
//! tells the lane's next sequence. Transactions leave in the order of their arrival, but never
//! before the earlier sequences of their lane.

mod lane;
mod pool;
mod shared;

pub use pool::{BlockLimits, Limits, Mempool};
pub use shared::SharedMempool;

#[cfg(test)]
mod tests;
