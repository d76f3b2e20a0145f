//! Checks that the parts of a decided block match and follow the head, and builds their atomic batch.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::Changes;
use ehb_types::{
    CommitCertificate, Failure, Hash, Header, Outcome, Receipt, Receipts, SharedBlock,
    ValidatorSet, encode,
};
use rocksdb::WriteBatch;

use crate::database::Database;
use crate::family::Family;
use crate::{Head, NewModule, StoreError, keys, modules, receipts, varint};

/// A decided block with all its effects.
#[derive(Clone, Copy, Debug)]
pub struct NewBlock<'a> {
    /// The block; its body is written unless [`crate::Store::put_body`] had it before.
    pub block: &'a SharedBlock,
    /// The certificate that decided it.
    pub certificate: &'a CommitCertificate,
    /// The receipts of its transactions, in order, followed by those of the kernel.
    pub receipts: &'a Receipts,
    /// Its changes of state and tree.
    pub changes: &'a Changes,
    /// A new validator set, if the block changed it, and the first height that it decides.
    pub validators: Option<(u64, &'a ValidatorSet)>,
    /// The modules whose code it changed.
    pub modules: &'a [NewModule],
    /// Whether it must be durable when it is committed.
    pub durable: bool,
}

/// The entry of a height in the chain family.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Decided {
    pub(crate) hash: Hash,
    pub(crate) header: Header,
    /// None for genesis.
    pub(crate) certificate: Option<CommitCertificate>,
}

impl NewBlock<'_> {
    /// Checks that the parts match each other and follow the head; returns the new head.
    pub(crate) fn check(&self, head: &Head) -> Result<Head, StoreError> {
        let header = &self.block.header;
        let height = header.height;
        if height != head.height() + 1 {
            return Err(StoreError::Height { height, head: head.height() });
        }
        let hash = header.hash();
        let reason = if header.parent != head.hash {
            "its parent is not the head"
        } else if self.certificate.height != height || self.certificate.block != hash {
            "the certificate is for another block"
        } else if self.receipts.len() < self.block.transactions.len() {
            "there is not one receipt for each transaction"
        } else {
            return Ok(Head { hash, header: header.clone(), state_root: self.changes.root });
        };
        Err(StoreError::Mismatch { height, reason })
    }
}

/// A batch of all effects of a block, except its body.
pub(crate) fn batch(
    database: &Database,
    head: &Head,
    certificate: Option<&CommitCertificate>,
    receipts: &Receipts,
    (changes, installed): (&Changes, &[NewModule]),
) -> Result<WriteBatch, StoreError> {
    let height = head.height().to_be_bytes();
    let mut batch = WriteBatch::default();
    put_changes(&mut batch, database, changes)?;
    modules::put(&mut batch, database, installed)?;
    put_positions(&mut batch, database, head.height(), receipts)?;
    let value = receipts::encode_all(receipts);
    batch.put_cf(database.family(Family::Receipts)?, height, value);
    let decided =
        Decided { hash: head.hash, header: head.header.clone(), certificate: certificate.cloned() };
    batch.put_cf(database.family(Family::Chain)?, height, encode(&decided));
    batch.put_cf(database.family(Family::Heights)?, head.hash.as_bytes(), height);
    batch.put_cf(database.family(Family::Meta)?, keys::HEAD, encode(head));
    Ok(batch)
}

/// Adds a validator set under the first height that it decides.
pub(crate) fn put_validators(
    batch: &mut WriteBatch,
    database: &Database,
    from: u64,
    set: &ValidatorSet,
) -> Result<(), StoreError> {
    batch.put_cf(database.family(Family::Validators)?, from.to_be_bytes(), encode(set));
    Ok(())
}

fn put_changes(
    batch: &mut WriteBatch,
    database: &Database,
    changes: &Changes,
) -> Result<(), StoreError> {
    let state = database.family(Family::State)?;
    for (key, value) in &changes.entries {
        match value {
            Some(value) => batch.put_cf(state, key, value),
            None => batch.delete_cf(state, key),
        }
    }
    let tree = database.family(Family::Tree)?;
    for (id, page) in &changes.pages {
        match page {
            Some(page) => batch.put_cf(tree, id.as_bytes(), page),
            None => batch.delete_cf(tree, id.as_bytes()),
        }
    }
    Ok(())
}

/// Adds where each receipt is, by its id: that of its transaction, or its own.
fn put_positions(
    batch: &mut WriteBatch,
    database: &Database,
    height: u64,
    receipts: &[Receipt],
) -> Result<(), StoreError> {
    let family = database.family(Family::Transactions)?;
    let mut value = Vec::new();
    for (index, receipt) in receipts.iter().enumerate() {
        let key = keys::transaction(&receipt.transaction);
        // A faulty proposer may include a transaction again. The second one executes no call, and its receipt
        // must not replace the first one.
        let reached_no_call =
            matches!(receipt.outcome, Outcome::Failure(Failure { call: None, .. }));
        if reached_no_call && database.get(Family::Transactions, key)?.is_some() {
            continue;
        }
        value.clear();
        varint::push(&mut value, height);
        varint::push(&mut value, index as u64);
        batch.put_cf(family, key, &value);
    }
    Ok(())
}
