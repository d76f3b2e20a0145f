//! Secret keys in encrypted files, one key for each file.
//!
//! A [`KeyFile`] is JSON similar to EIP-2335 (<https://eips.ethereum.org/EIPS/eip-2335>): Argon2id (RFC 9106)
//! derives a key from the passphrase, which encrypts the Ed25519 seed with XChaCha20-Poly1305. Everything
//! else in the file is authenticated with it, so an edited file does not open. A [`Keystore`] is a folder of
//! such files that only their owner can read; a file, once written, is never overwritten.

mod folder;
mod kdf;
mod key_file;
mod passphrase;

pub use folder::{Keystore, KeystoreError, Listing, read_key_file};
pub use kdf::KdfCost;
pub use key_file::{KeyFile, KeyFileError};
pub use passphrase::{Passphrase, PassphraseError};

#[cfg(test)]
mod tests;
