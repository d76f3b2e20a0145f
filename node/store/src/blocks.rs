//! Reads blocks, receipts and certificates.

use borsh::BorshDeserialize;
use ehb_types::{
    CommitCertificate, Hash, Header, Receipt, Receipts, SharedBlock, ValidatorSet, decode,
};
use rocksdb::ReadOptions;

use crate::commit::Decided;
use crate::family::Family;
use crate::{Snapshot, Store, StoreError, keys, receipts, varint};

/// All reads of one snapshot are consistent with each other and with its head: it contains all parts of every
/// block up to its head, and nothing above.
impl Snapshot {
    /// The decided block with this hash.
    pub fn block(&self, hash: &Hash) -> Result<Option<SharedBlock>, StoreError> {
        let Some(height) = self.height_of(hash)? else { return Ok(None) };
        self.body(height, hash)?.map(|body| read(&body, "a block")).transpose()
    }

    /// The decided block at a height.
    pub fn block_at(&self, height: u64) -> Result<Option<SharedBlock>, StoreError> {
        self.block_bytes_at(height)?.map(|body| read(&body, "a block")).transpose()
    }

    /// The canonical encoding of the decided block at a height.
    pub fn block_bytes_at(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(decided) = self.decided(height)? else { return Ok(None) };
        match self.body(height, &decided.hash)? {
            Some(body) => Ok(Some(body)),
            None => Err(StoreError::damaged(format!("the body of block {height} is missing"))),
        }
    }

    /// The header of the decided block at a height.
    pub fn header_at(&self, height: u64) -> Result<Option<Header>, StoreError> {
        Ok(self.decided(height)?.map(|decided| decided.header))
    }

    /// The header of the decided block at a height with the certificate that decided it; genesis has
    /// none.
    pub fn certified_header_at(
        &self,
        height: u64,
    ) -> Result<Option<(Header, Option<CommitCertificate>)>, StoreError> {
        Ok(self.decided(height)?.map(|decided| (decided.header, decided.certificate)))
    }

    /// The validators that decide a height up to the one after the next. Genesis has those of height 1.
    pub fn validators_at(&self, height: u64) -> Result<Option<ValidatorSet>, StoreError> {
        let mut sets = self.iterator(Family::Validators, ReadOptions::default())?;
        sets.seek_for_prev(height.max(1).to_be_bytes());
        match sets.value() {
            Some(set) => read(set, "a validator set").map(Some),
            None => {
                sets.status()?;
                Ok(None)
            }
        }
    }

    /// The hash of the decided block at a height.
    pub fn hash_at(&self, height: u64) -> Result<Option<Hash>, StoreError> {
        Ok(self.decided(height)?.map(|decided| decided.hash))
    }

    /// The height of the decided block with this hash.
    pub fn height_of(&self, hash: &Hash) -> Result<Option<u64>, StoreError> {
        let found = self.pinned(Family::Heights, hash.as_bytes())?;
        found.map(|height| keys::parse_height(&height)).transpose()
    }

    /// The certificate that decided a height; genesis has none.
    pub fn certificate(&self, height: u64) -> Result<Option<CommitCertificate>, StoreError> {
        Ok(self.decided(height)?.and_then(|decided| decided.certificate))
    }

    /// The receipts of the decided block at a height, in order.
    pub fn receipts(&self, height: u64) -> Result<Option<Receipts>, StoreError> {
        let found = self.pinned(Family::Receipts, &height.to_be_bytes())?;
        found.map(|value| receipts::decode_all(&value)).transpose()
    }

    /// The canonical encoding of the list of receipts of the decided block at a height.
    pub fn receipts_bytes(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.pinned(Family::Receipts, &height.to_be_bytes())?;
        found.map(|value| receipts::canonical(&value)).transpose()
    }

    /// One receipt of the block at a height, without decoding the others.
    pub fn receipt(&self, height: u64, index: u32) -> Result<Option<Receipt>, StoreError> {
        match self.pinned(Family::Receipts, &height.to_be_bytes())? {
            Some(value) => receipts::decode_one(&value, index),
            None => Ok(None),
        }
    }

    /// The position of a receipt, by the id of its decided transaction, or by its own if it has none: its height and
    /// its index in the block.
    pub fn transaction(&self, id: &Hash) -> Result<Option<(u64, u32)>, StoreError> {
        let Some(value) = self.pinned(Family::Transactions, keys::transaction(id))? else {
            return Ok(None);
        };
        let mut rest = &*value;
        let (height, index) = (varint::take(&mut rest), varint::take(&mut rest));
        let damaged = || StoreError::damaged(format!("the location of transaction {id}"));
        let index = index.and_then(|index| u32::try_from(index).ok());
        let (height, index) = height.zip(index).filter(|_| rest.is_empty()).ok_or_else(damaged)?;
        let receipt = self.receipt(height, index)?.ok_or_else(damaged)?;
        // The key is only a prefix of the id.
        Ok((receipt.transaction == *id).then_some((height, index)))
    }

    fn body(&self, height: u64, hash: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.pinned(Family::Bodies, &keys::body(height, hash))?;
        Ok(found.map(|body| body.to_vec()))
    }

    fn decided(&self, height: u64) -> Result<Option<Decided>, StoreError> {
        let found = self.pinned(Family::Chain, &height.to_be_bytes())?;
        found.map(|value| read(&value, "a chain entry")).transpose()
    }
}

/// Each of these reads the newest snapshot. Read values that must be consistent from one [`Store::snapshot`].
impl Store {
    /// Like [`Snapshot::block`].
    pub fn block(&self, hash: &Hash) -> Result<Option<SharedBlock>, StoreError> {
        self.snapshot().block(hash)
    }

    /// Like [`Snapshot::block_at`].
    pub fn block_at(&self, height: u64) -> Result<Option<SharedBlock>, StoreError> {
        self.snapshot().block_at(height)
    }

    /// Like [`Snapshot::block_bytes_at`].
    pub fn block_bytes_at(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.snapshot().block_bytes_at(height)
    }

    /// The body of a block, decided or not, but not a body that is only buffered.
    pub fn body(&self, height: u64, hash: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.database().get(Family::Bodies, &keys::body(height, hash))?;
        Ok(found.map(|body| body.to_vec()))
    }

    /// Like [`Snapshot::header_at`].
    pub fn header_at(&self, height: u64) -> Result<Option<Header>, StoreError> {
        self.snapshot().header_at(height)
    }

    /// Like [`Snapshot::hash_at`].
    pub fn hash_at(&self, height: u64) -> Result<Option<Hash>, StoreError> {
        self.snapshot().hash_at(height)
    }

    /// Like [`Snapshot::height_of`].
    pub fn height_of(&self, hash: &Hash) -> Result<Option<u64>, StoreError> {
        self.snapshot().height_of(hash)
    }

    /// Like [`Snapshot::certificate`].
    pub fn certificate(&self, height: u64) -> Result<Option<CommitCertificate>, StoreError> {
        self.snapshot().certificate(height)
    }

    /// Like [`Snapshot::receipts`].
    pub fn receipts(&self, height: u64) -> Result<Option<Receipts>, StoreError> {
        self.snapshot().receipts(height)
    }

    /// Like [`Snapshot::receipt`].
    pub fn receipt(&self, height: u64, index: u32) -> Result<Option<Receipt>, StoreError> {
        self.snapshot().receipt(height, index)
    }

    /// Like [`Snapshot::transaction`].
    pub fn transaction(&self, id: &Hash) -> Result<Option<(u64, u32)>, StoreError> {
        self.snapshot().transaction(id)
    }
}

fn read<T: BorshDeserialize>(bytes: &[u8], what: &str) -> Result<T, StoreError> {
    decode(bytes).map_err(|error| StoreError::damaged(format!("{what}: {error}")))
}
