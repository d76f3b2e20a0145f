//! Values that pass through a node: clones share them, and hashes and encodings are computed once.

mod block;
mod receipts;
mod transaction;

pub use block::SharedBlock;
pub use receipts::Receipts;
pub use transaction::SharedTransaction;
