//! Reads and writes the kernel's entries in their canonical encoding.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{decode, encode};

/// Reads a kernel entry. If it cannot be decoded, the store is damaged.
pub(crate) fn read<T: BorshDeserialize>(
    overlay: &Overlay,
    key: &[u8],
) -> Result<Option<T>, StoreError> {
    match overlay.get(key)? {
        None => Ok(None),
        Some(bytes) => parse(key, &bytes).map(Some),
    }
}

/// Like [`read`], for an entry that genesis writes.
pub(crate) fn require<T: BorshDeserialize>(overlay: &Overlay, key: &[u8]) -> Result<T, StoreError> {
    read(overlay, key)?.ok_or_else(|| {
        StoreError(format!("the state lacks its entry {:?}", String::from_utf8_lossy(key)))
    })
}

pub(crate) fn parse<T: BorshDeserialize>(key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
    decode(bytes).map_err(|error| {
        StoreError(format!("the entry {:?} is damaged: {error}", String::from_utf8_lossy(key)))
    })
}

pub(crate) fn write<T: BorshSerialize>(overlay: &mut Overlay, key: Vec<u8>, value: &T) {
    overlay.set(key, encode(value));
}
