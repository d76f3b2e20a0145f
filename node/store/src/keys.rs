//! Every key's layout, in one place. Numbers are big-endian, so that keys sort by them.

use ehb_types::Hash;

use crate::StoreError;

/// The genesis hash, in the meta family.
pub(crate) const GENESIS: &[u8] = b"genesis";
/// The first height whose state can be read, in the meta family; 0 if it is missing.
pub(crate) const KEPT_FROM: &[u8] = b"kept-from";
/// The head's encoded [`crate::Head`], in the meta family.
pub(crate) const HEAD: &[u8] = b"head";
/// The last-signed record after its sequence, in the meta family.
pub(crate) const SIGNED: &[u8] = b"signed";
/// Present when a signer-state file was in use, in the meta family.
pub(crate) const SIGNER_FILE: &[u8] = b"signer-file";

/// The length of the prefix of a transaction's id that is its key: finding two ids with the same prefix takes
/// 2^64 hashes, and a location is checked against the receipt before it is returned.
pub(crate) const TRANSACTION_KEY_BYTES: usize = 16;

/// The key of a block's body.
pub(crate) fn body(height: u64, hash: &Hash) -> [u8; 40] {
    let mut key = [0; 40];
    key[..8].copy_from_slice(&height.to_be_bytes());
    key[8..].copy_from_slice(hash.as_bytes());
    key
}

/// Reads the key of a block's body.
pub(crate) fn parse_body(key: &[u8]) -> Result<(u64, Hash), StoreError> {
    let damaged = || StoreError::damaged("the key of a block body does not have 40 bytes");
    let (height, hash) = key.split_first_chunk::<8>().ok_or_else(damaged)?;
    Ok((u64::from_be_bytes(*height), Hash(hash.try_into().map_err(|_| damaged())?)))
}

/// The key of a transaction.
pub(crate) fn transaction(id: &Hash) -> &[u8] {
    &id.as_bytes()[..TRANSACTION_KEY_BYTES]
}

/// The key of a log entry: heights take turns on a few lanes, see [`crate::log`].
pub(crate) fn log(lane: u8, index: u32) -> [u8; 5] {
    let mut key = [lane; 5];
    key[1..].copy_from_slice(&index.to_be_bytes());
    key
}

/// Reads a height from a value of eight bytes.
pub(crate) fn parse_height(value: &[u8]) -> Result<u64, StoreError> {
    value
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|_| StoreError::damaged("a stored height does not have 8 bytes"))
}
