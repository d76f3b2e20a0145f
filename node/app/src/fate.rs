//! The status of a transaction, read so that none is missed between the mempool and the chain.

use std::sync::Arc;

use ehb_kernel::accounts;
use ehb_mempool::{Loss, Lost, SharedMempool, Slot};
use ehb_rpc_server::{DecidedBlock, Fate, Refusal};
use ehb_state::Overlay;
use ehb_store::{Snapshot, Store};
use ehb_types::{Code, Hash, Transaction};

use crate::published::Published;
use crate::unreadable::{failed, state_failed};

/// The places where a transaction can be: the mempool and the chain.
pub(crate) struct Fates<'a> {
    pub(crate) store: &'a Store,
    pub(crate) mempool: &'a SharedMempool,
    pub(crate) published: &'a Published,
}

impl Fates<'_> {
    /// The status of a transaction, whose content can be given.
    pub(crate) fn of(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal> {
        // The pool first: a transaction leaves it only after its block is written, so the snapshot contains
        // the block of every transaction that has left by now.
        let (pending, lost) = {
            let mempool = self.mempool.read();
            let pending = mempool.get(id).cloned();
            (pending.map(|it| (it, mempool.missing_sequence(id))), mempool.lost(id).cloned())
        };
        let snapshot = self.store.snapshot();
        if let Some((height, index)) = snapshot.transaction(id).map_err(failed)? {
            let block = block_in(&snapshot, self.published, height)?.ok_or_else(|| {
                tracing::error!(height, transaction = %id, "the block of a transaction is missing");
                Refusal::new(Code::Internal, "the node could not read its database")
            })?;
            return Ok(Fate::Final(block, index as usize));
        }
        if let Some((transaction, missing)) = pending {
            let missing_sequence = still_missing(missing, &transaction.transaction, snapshot)?;
            return Ok(Fate::Pending { transaction, missing_sequence });
        }
        let (slot, dropped) = match lost {
            Some(Lost { loss: Loss::Superseded { by, height }, .. }) => {
                return Ok(Fate::Superseded { by: Some(by), height });
            }
            Some(Lost { loss: Loss::Expired { height, timestamp_ms }, .. }) => {
                return Ok(Fate::Expired { height, timestamp_ms });
            }
            Some(Lost { loss: Loss::Dropped(rejection), slot }) => {
                (Some(slot), Some(Refusal::new(rejection.code, rejection.message)))
            }
            None => (content.map(Slot::from), None),
        };
        let settled = slot.map(|slot| settled(slot, snapshot)).transpose()?.flatten();
        Ok(settled.unwrap_or(Fate::Unknown { dropped }))
    }
}

/// The block at a height in one snapshot; `None` above its head.
pub(crate) fn block_in(
    snapshot: &Snapshot,
    published: &Published,
    height: u64,
) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
    if height > snapshot.head().height() {
        return Ok(None);
    }
    if let Some(block) = published.recent(height) {
        return Ok(Some(block));
    }
    let block = snapshot.block_at(height).map_err(failed)?;
    let receipts = snapshot.receipts(height).map_err(failed)?;
    Ok(block
        .zip(receipts)
        .map(|(block, receipts)| Arc::new(DecidedBlock { hash: block.hash(), block, receipts })))
}

/// The sequence that a pending transaction lacks, unless a block that the pool has not seen yet contains it.
fn still_missing(
    missing: Option<u64>,
    transaction: &Transaction,
    snapshot: Arc<Snapshot>,
) -> Result<Option<u64>, Refusal> {
    let Some(missing) = missing else { return Ok(None) };
    let Transaction { sender, lane, .. } = transaction;
    let next = accounts::next_sequence(&Overlay::new(snapshot), sender, *lane);
    Ok((next.map_err(state_failed)? <= missing).then_some(missing))
}

/// The certain status of a transaction that is in no block up to the snapshot's head.
fn settled(slot: Slot, snapshot: Arc<Snapshot>) -> Result<Option<Fate>, Refusal> {
    let (height, timestamp_ms) = (snapshot.head().height(), snapshot.head().header.timestamp_ms);
    let state = Overlay::new(snapshot);
    let next = accounts::next_sequence(&state, &slot.sender, slot.lane).map_err(state_failed)?;
    Ok(if next > slot.sequence {
        Some(Fate::Superseded { by: None, height })
    } else if slot.is_expired(timestamp_ms) {
        Some(Fate::Expired { height, timestamp_ms })
    } else {
        None
    })
}
