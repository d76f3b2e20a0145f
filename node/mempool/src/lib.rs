//! Admits, orders and evicts pending transactions; bounded.
//!
//! The pool knows no state and verifies nothing: whoever inserts has checked the transaction and
//! tells the lane's next sequence. Transactions leave in the order of their arrival, but never
//! before the earlier sequences of their lane.
//!
//! A transaction that is in the pool and can run stays until it is final, superseded or expired. One
//! that waits for an earlier sequence gives way where the pool is full. Why a transaction left without
//! being final is remembered for a while.
//!
//! Reading order: `limits.rs`, `pool.rs`, `room.rs` (who gets a place), `lost.rs` (who left).

mod lane;
mod limits;
mod lost;
mod pool;
mod room;
mod shared;

pub use limits::{BlockLimits, Limits};
pub use lost::{LOST_KEPT_MS, LOST_TRANSACTIONS_MAX, Loss, Lost, Slot};
pub use pool::Mempool;
pub use shared::SharedMempool;

#[cfg(test)]
mod tests;
