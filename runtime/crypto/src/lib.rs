//! Hashes, signs and verifies under named domains.
//!
//! Every hash and signature of the chain has a [`Domain`], so that it is valid for one purpose only.
//! Signatures are verified under the same rules everywhere, ZIP-215 (<https://zips.z.cash/zip-0215>), so that
//! single and batch verification always agree.

mod batch;
mod domain;
mod hash;
mod key;
pub mod merkle;
mod text;

pub use batch::Batch;
pub use domain::Domain;
pub use hash::{Hash, Hasher, PairHasher, hash};
pub use key::{KeyError, PublicKey, SecretKey, Signature, SignatureError};

#[cfg(test)]
mod tests;
