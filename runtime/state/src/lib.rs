//! Reads, overlays, commits and proves the state over an abstract store.
//!
//! The state is a map from byte keys to byte values. Reads go to the flat map; a sparse Merkle tree over the
//! same entries yields its root and proofs. This crate accesses no files: it returns what must be written as
//! [`Changes`].

mod gaps;
mod memory;
mod overlay;
mod store;
mod tree;

pub use gaps::{Gap, Gaps, prefix_end, successor};
pub use memory::MemoryStore;
pub use overlay::{Mark, Overlay};
pub use store::{
    Changes, Entry, PAGE_ID_BYTES_MAX, PageId, PagesBefore, StateCursor, StateStore, StoreError,
};
pub use tree::form::{is_difference, page_before, write_form};
pub use tree::proof::{OtherLeaf, PROOF_SIBLINGS_MAX, StateProof, prove};
pub use tree::rebuild::root_of_entries;
pub use tree::{CACHE_BYTES_MAX, Tree};

#[cfg(test)]
mod tests;
