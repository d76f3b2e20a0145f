//! Uploads of code into the state, in parts that fit into transactions.
//!
//! An account has at most one upload for each name of a module, and at most [`UPLOADS_MAX`] in all: starting another one
//! for the name discards it. So no account can block the upload of another, and the amount of unused code is bounded by
//! the number of accounts that can upload.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Changes, Overlay, StoreError};
use ehb_types::{Address, Hash, Name};

use crate::{keys, record};

/// The maximum number of parts of an upload. With the smallest transactions that the parameters permit, the
/// largest module needs about 300.
pub const PARTS_MAX: u32 = 512;
/// The maximum number of uploads of an account: as many modules as one call upgrades together.
pub const UPLOADS_MAX: usize = 16;
/// The maximum number of uploads that [`waiting`] looks at.
const SEARCHED_MAX: usize = 1_024;

/// Code that an account is uploading, or has uploaded and not yet used.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Upload {
    /// The module for which it is uploaded; a new one is installed under this name.
    pub module: Name,
    /// The hash of the whole code.
    pub code: Hash,
    /// The size of the whole code, bytes.
    pub size: u32,
    /// The number of uploaded bytes, from its beginning.
    pub uploaded: u32,
    /// The number of uploaded parts.
    pub parts: u32,
}

impl Upload {
    /// The number of missing bytes.
    pub fn missing(&self) -> u32 {
        self.size.saturating_sub(self.uploaded)
    }
}

/// The upload of an account for a module.
pub fn get(
    overlay: &Overlay,
    owner: &Address,
    module: &Name,
) -> Result<Option<Upload>, StoreError> {
    record::read(overlay, &keys::upload(owner, module))
}

/// All uploads of an account, ascending by module.
pub fn list(overlay: &Overlay, owner: &Address) -> Result<Vec<Upload>, StoreError> {
    let entries = overlay.scan(&keys::uploads(owner), None, UPLOADS_MAX)?;
    entries.into_iter().map(|(key, value)| record::parse(&key, &value)).collect()
}

/// Appends a part and returns the resulting upload. The caller has checked that the part is not longer than
/// the missing bytes, and that there are not too many parts.
pub fn append(overlay: &mut Overlay, owner: &Address, upload: Upload, part: Vec<u8>) -> Upload {
    let bytes = u32::try_from(part.len()).unwrap_or(u32::MAX);
    overlay.set(keys::upload_part(owner, &upload.module, upload.parts), part);
    let (uploaded, parts) = (upload.uploaded.saturating_add(bytes), upload.parts.saturating_add(1));
    let upload = Upload { uploaded, parts, ..upload };
    record::write(overlay, keys::upload(owner, &upload.module), &upload);
    upload
}

/// The code uploaded so far.
pub fn bytes(overlay: &Overlay, owner: &Address, upload: &Upload) -> Result<Vec<u8>, StoreError> {
    let mut code = Vec::with_capacity(upload.uploaded as usize);
    for index in 0..upload.parts {
        let part = overlay.get(&keys::upload_part(owner, &upload.module, index))?;
        let part = part.ok_or_else(|| {
            StoreError(format!("the state lacks part {index} of the code {}", upload.code))
        })?;
        code.extend_from_slice(&part);
    }
    Ok(code)
}

/// Deletes an upload of an account.
pub fn remove(overlay: &mut Overlay, owner: &Address, upload: &Upload) {
    for index in 0..upload.parts {
        overlay.remove(keys::upload_part(owner, &upload.module, index));
    }
    overlay.remove(keys::upload(owner, &upload.module));
}

/// The uploads that a block's changes completed: account and module.
pub fn completed(changes: &Changes) -> Vec<(Address, Name)> {
    let from = changes.entries.partition_point(|(key, _)| key.as_slice() < keys::UPLOADS);
    changes.entries[from..]
        .iter()
        .take_while(|(key, _)| key.starts_with(keys::UPLOADS))
        .filter_map(|(key, value)| complete(key, value.as_deref()?))
        .collect()
}

/// Complete uploads that are not installed yet: account and module, at most `limit` of those among the first
/// [`SEARCHED_MAX`].
pub fn waiting(overlay: &Overlay, limit: usize) -> Result<Vec<(Address, Name)>, StoreError> {
    let entries = overlay.scan(keys::UPLOADS, None, SEARCHED_MAX)?;
    let found = entries.iter().filter_map(|(key, value)| complete(key, value));
    Ok(found.take(limit).collect())
}

/// Account and module of an entry of an upload, if it is complete.
fn complete(key: &[u8], value: &[u8]) -> Option<(Address, Name)> {
    let (owner, _) = key.strip_prefix(keys::UPLOADS)?.split_first_chunk::<32>()?;
    let upload: Upload = record::parse(key, value).ok()?;
    (upload.missing() == 0).then_some((Address(*owner), upload.module))
}
