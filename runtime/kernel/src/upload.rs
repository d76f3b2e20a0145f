//! Code on its way into the state, in parts that fit into transactions.
//!
//! An account has one upload at the most: beginning another one drops what there was. So nobody can
//! keep anybody from bringing code, and what lies there unused is bounded by the accounts that may.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Changes, Overlay, StoreError};
use ehb_types::{Address, Hash, Name};

use crate::{keys, record};

/// How many parts an upload can have. With the smallest transactions that parameters allow, the largest
/// module takes some 300.
pub const PARTS_MAX: u32 = 512;

/// Code that an account brings, or has brought and not yet used.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Upload {
    /// The module that it is for.
    pub module: Name,
    /// The hash of all of the code.
    pub code: Hash,
    /// How large the code is, bytes.
    pub size: u32,
    /// How much of it is here, bytes, from its beginning.
    pub stored: u32,
    /// In how many parts.
    pub parts: u32,
}

impl Upload {
    /// How much of the code is not here yet, bytes.
    pub fn missing(&self) -> u32 {
        self.size.saturating_sub(self.stored)
    }
}

/// What an account brings.
pub fn get(overlay: &Overlay, owner: &Address) -> Result<Option<Upload>, StoreError> {
    record::read(overlay, &keys::upload(owner))
}

/// Adds a part behind those that are here, and gives what is here then. The caller has checked that
/// the part is not longer than what is missing, and that there are not too many.
pub fn append(overlay: &mut Overlay, owner: &Address, upload: Upload, part: Vec<u8>) -> Upload {
    let bytes = u32::try_from(part.len()).unwrap_or(u32::MAX);
    overlay.set(keys::upload_part(owner, upload.parts), part);
    let (stored, parts) = (upload.stored.saturating_add(bytes), upload.parts.saturating_add(1));
    let upload = Upload { stored, parts, ..upload };
    record::write(overlay, keys::upload(owner), &upload);
    upload
}

/// The code as far as it is here.
pub fn bytes(overlay: &Overlay, owner: &Address, upload: &Upload) -> Result<Vec<u8>, StoreError> {
    let mut code = Vec::with_capacity(upload.stored as usize);
    for index in 0..upload.parts {
        let part = overlay.get(&keys::upload_part(owner, index))?;
        let part = part.ok_or_else(|| {
            StoreError(format!("the state lacks part {index} of the code {}", upload.code))
        })?;
        code.extend_from_slice(&part);
    }
    Ok(code)
}

/// Drops what an account brought.
pub fn remove(overlay: &mut Overlay, owner: &Address, upload: &Upload) {
    for index in 0..upload.parts {
        overlay.remove(keys::upload_part(owner, index));
    }
    overlay.remove(keys::upload(owner));
}

/// The accounts whose code a block's changes have made whole.
pub fn completed(changes: &Changes) -> Vec<Address> {
    let owner = |key: &[u8], value: &[u8]| {
        let owner = key.strip_prefix(keys::UPLOADS)?;
        let upload: Upload = record::parse(key, value).ok()?;
        (upload.missing() == 0).then(|| owner.try_into().ok().map(Address))?
    };
    let from = changes.entries.partition_point(|(key, _)| key.as_slice() < keys::UPLOADS);
    changes.entries[from..]
        .iter()
        .take_while(|(key, _)| key.starts_with(keys::UPLOADS))
        .filter_map(|(key, value)| owner(key, value.as_deref()?))
        .collect()
}
