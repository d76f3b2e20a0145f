//! The history of each module's code, with the interface of each version: kept forever, so that the values in
//! any block can be decoded.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{Hash, Name, decode, encode};
use rocksdb::WriteBatch;

use crate::database::Database;
use crate::family::Family;
use crate::{Snapshot, StoreError};

/// A module was installed or removed, or its code was replaced.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Installed {
    /// The height of the block that did it; 0 for genesis.
    pub height: u64,
    /// The index of the transaction in the block.
    pub index: u32,
    /// The position of the call in the transaction, from which on the code is in force.
    pub call: u16,
    /// The module.
    pub module: Name,
    /// The hash of its code; none if it was removed.
    pub code: Option<Hash>,
}

/// The stored data of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewModule {
    /// The installation.
    pub installed: Installed,
    /// The description of the code, encoded; equal for equal code. Empty if the module was removed.
    pub description: Vec<u8>,
}

/// The prefix of the keys of installations.
const INSTALLED: u8 = b'i';
/// The prefix of the keys of descriptions.
const DESCRIPTION: u8 = b'd';

/// The key of an installation: keys sort in the order of installation.
fn key(it: &Installed) -> Vec<u8> {
    let position = [&it.height.to_be_bytes()[..], &it.index.to_be_bytes(), &it.call.to_be_bytes()];
    [&[INSTALLED][..], &position.concat(), it.module.as_str().as_bytes()].concat()
}

fn description_key(code: &Hash) -> [u8; 33] {
    let mut key = [DESCRIPTION; 33];
    key[1..].copy_from_slice(code.as_bytes());
    key
}

/// Adds installations and removals to a batch. Of those of one module in one call, the last one counts.
pub(crate) fn put(
    batch: &mut WriteBatch,
    database: &Database,
    modules: &[NewModule],
) -> Result<(), StoreError> {
    let family = database.family(Family::Modules)?;
    for NewModule { installed, description } in modules {
        batch.put_cf(family, key(installed), encode(installed));
        if let Some(code) = &installed.code {
            batch.put_cf(family, description_key(code), description);
        }
    }
    Ok(())
}

impl Snapshot {
    /// The installations from a height up to the head, in the order in which they happened.
    pub fn installed_from(&self, height: u64) -> Result<Vec<Installed>, StoreError> {
        let damaged = |error: String| StoreError::damaged(format!("an installed module: {error}"));
        let from = [&[INSTALLED][..], &height.to_be_bytes()].concat();
        let mut found = Vec::new();
        for value in self.values(Family::Modules, &from, &[INSTALLED])? {
            found.push(decode(&value).map_err(|error| damaged(error.to_string()))?);
        }
        Ok(found)
    }

    /// The description of any code that was ever installed, encoded.
    pub fn description(&self, code: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.pinned(Family::Modules, &description_key(code))?;
        Ok(found.map(|description| description.to_vec()))
    }
}
