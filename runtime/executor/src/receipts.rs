//! Receipts without a transaction.

use ehb_kernel::event::KernelEvent;
use ehb_state::StoreError;
use ehb_types::{Event, Hash, Name, Outcome, Receipt, encode};
use ehb_vm::EVENTS_MAX;

use crate::native::KERNEL;

/// The receipts of a block so far.
pub(crate) struct BlockReceipts {
    chain: Hash,
    height: u64,
    pub(crate) receipts: Vec<Receipt>,
}

impl BlockReceipts {
    /// No receipts yet, for a block of the chain with this genesis hash.
    pub(crate) fn new(chain: Hash, height: u64, capacity: usize) -> Self {
        Self { chain, height, receipts: Vec::with_capacity(capacity) }
    }

    /// The id of the next receipt without a transaction.
    pub(crate) fn next_id(&self) -> Hash {
        let index = u32::try_from(self.receipts.len()).unwrap_or(u32::MAX);
        Receipt::id_without_transaction(&self.chain, self.height, index)
    }

    /// Adds as many receipts of the kernel as these events need: a receipt has at most [`EVENTS_MAX`] of them, and
    /// [`Receipt::KERNEL_EVENT_BYTES_MAX`] bytes unless it has a single one.
    pub(crate) fn push_kernel(&mut self, events: &[KernelEvent]) -> Result<(), StoreError> {
        let module = Name::new(KERNEL).map_err(|error| StoreError(error.to_string()))?;
        let (mut collected, mut bytes) = (Vec::new(), 0);
        for event in events {
            let data = encode(event);
            let is_full = collected.len() >= EVENTS_MAX
                || bytes + data.len() > Receipt::KERNEL_EVENT_BYTES_MAX;
            if is_full && !collected.is_empty() {
                self.push(std::mem::take(&mut collected));
                bytes = 0;
            }
            bytes += data.len();
            // It belongs to no call.
            collected.push(Event { call: 0, module: module.clone(), data });
        }
        if !collected.is_empty() {
            self.push(collected);
        }
        Ok(())
    }

    fn push(&mut self, events: Vec<Event>) {
        let transaction = self.next_id();
        let outcome = Outcome::Success(Vec::new());
        self.receipts.push(Receipt { transaction, outcome, gas_used: 0, events });
    }
}
