//! Admits, orders and evicts pending transactions; bounded.
//!
//! The pool knows no state and verifies nothing: the caller of an insertion has checked the transaction and
//! passes the lane's next sequence. Senders take turns in blocks, by what their transactions can use of a block; a
//! transaction is never selected before the earlier sequences of its lane.
//!
//! A transaction that is in the pool and can run stays until it is final, superseded or expired. One that
//! waits for an earlier sequence is evicted if the pool is full. The pool remembers for a while why a
//! transaction left without being final.
//!
//! Reading order: `limits.rs`, `pool.rs`, `turn.rs` (who is next), `room.rs` (admission and eviction), `lost.rs` (dropped
//! transactions).

mod lane;
mod limits;
mod lost;
mod pool;
mod room;
mod shared;
mod turn;

pub use limits::{BlockLimits, Limits};
pub use lost::{LOST_KEPT_MS, LOST_TRANSACTIONS_MAX, Loss, Lost, Slot};
pub use pool::Mempool;
pub use shared::SharedMempool;

#[cfg(test)]
mod tests;
