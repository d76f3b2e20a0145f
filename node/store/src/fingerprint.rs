//! Hashes and measures the stored content of each column family, for example to compare two stores.

use ehb_crypto::{Domain, Hasher};
use ehb_types::Hash;
use rocksdb::IteratorMode;

use crate::family::Family;
use crate::{Store, StoreError};

impl Store {
    /// A hash over each family's keys and values as they are stored, by the family's name. Two stores of one format
    /// that were written in the same way have the same hashes. It reads everything.
    pub fn fingerprints(&self) -> Result<Vec<(&'static str, Hash)>, StoreError> {
        Family::ALL.iter().map(|family| Ok((family.name(), self.fingerprint(*family)?))).collect()
    }

    /// How many bytes the keys and values of each family have, by the family's name: independent of files and
    /// compaction. It reads everything.
    pub fn family_bytes(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let bytes = |family: &Family| {
            let mut bytes = 0;
            self.visit(*family, |key, value| bytes += (key.len() + value.len()) as u64)?;
            Ok((family.name(), bytes))
        };
        Family::ALL.iter().map(bytes).collect()
    }

    fn fingerprint(&self, family: Family) -> Result<Hash, StoreError> {
        let mut hasher = Hasher::new(Domain::ModuleData);
        self.visit(family, |key, value| {
            for bytes in [key, value] {
                hasher = hasher.clone().with(&(bytes.len() as u64).to_le_bytes()).with(bytes);
            }
        })?;
        Ok(hasher.finish())
    }

    fn visit(&self, family: Family, mut entry: impl FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let database = self.database();
        for found in database.raw().iterator_cf(database.family(family)?, IteratorMode::Start) {
            let (key, value) = found?;
            entry(&key, &value);
        }
        Ok(())
    }
}
