//! What travels through a node: clones share it, and what is needed of it again and again is made once.

mod block;
mod receipts;
mod transaction;

pub use block::SharedBlock;
pub use receipts::Receipts;
pub use transaction::SharedTransaction;
