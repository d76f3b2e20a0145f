//! Wakes the calls of `tx_wait` when their transactions become final or leave the mempool.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ehb_types::{Code, Hash};
use tokio::sync::oneshot;

use crate::backend::{Backend, DecidedBlock, Lost, Refusal};
use crate::limits::WAITERS_MAX;
use crate::workers::Workers;

/// The notification of a waiting call.
pub(crate) enum Notice {
    /// The transaction is final: in this block, at this index.
    Final(Arc<DecidedBlock>, usize),
    /// It left the mempool and is not final: the backend knows why.
    Lost,
}

/// The calls that wait for the fate of transactions.
#[derive(Clone, Default)]
pub(crate) struct Waiters(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    /// By transaction: who waits, each under a number of its own.
    by_id: HashMap<Hash, Vec<(u64, oneshot::Sender<Notice>)>>,
    next_number: u64,
    count: usize,
}

/// One waiting call. It stops waiting when dropped.
pub(crate) struct Waiter {
    waiters: Waiters,
    id: Hash,
    number: u64,
    pub(crate) notice: oneshot::Receiver<Notice>,
}

impl Waiters {
    /// Begins to wait for a transaction. The caller must check its status afterwards: earlier notifications
    /// are not repeated.
    pub(crate) fn wait(&self, id: Hash) -> Result<Waiter, Refusal> {
        let mut waiting = self.lock();
        if waiting.count >= WAITERS_MAX {
            let text = format!("{WAITERS_MAX} calls wait for transactions already");
            return Err(Refusal::new(Code::LimitExceeded, text));
        }
        let (sender, notice) = oneshot::channel();
        let number = waiting.next_number;
        waiting.next_number += 1;
        waiting.count += 1;
        waiting.by_id.entry(id).or_default().push((number, sender));
        Ok(Waiter { waiters: self.clone(), id, number, notice })
    }

    /// Notifies those who wait of the transactions in each block that is decided from now on, and of
    /// those that are lost, each at once. Ends with the backend.
    pub(crate) async fn follow(self, backend: Arc<dyn Backend>, readers: Workers) {
        let mut head = backend.head();
        let mut notified = *head.borrow_and_update();
        let mut losses = backend.losses();
        let mut lost = *losses.borrow_and_update();
        loop {
            let changed = tokio::select! {
                changed = head.changed() => changed,
                changed = losses.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
            let height = *head.borrow_and_update();
            while notified < height {
                notified += 1;
                if self.lock().count == 0 {
                    notified = height;
                    break;
                }
                let (asked, at) = (backend.clone(), notified);
                match readers.run(move || asked.block(at)).await {
                    Ok(Some(block)) => self.notify_final(&block),
                    Ok(None) => {}
                    Err(refusal) => {
                        tracing::warn!(height = notified, %refusal, "a decided block is not at hand");
                    }
                }
            }
            let Lost { last, ids } = backend.lost(lost);
            lost = last;
            self.notify_lost(&ids);
        }
    }

    fn notify_final(&self, block: &Arc<DecidedBlock>) {
        let mut waiting = self.lock();
        for (index, receipt) in block.receipts.iter().enumerate() {
            waiting.notify(&receipt.transaction, || Notice::Final(block.clone(), index));
        }
    }

    fn notify_lost(&self, ids: &[Hash]) {
        let mut waiting = self.lock();
        for id in ids {
            waiting.notify(id, || Notice::Lost);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Notifies all who wait for a transaction.
    fn notify(&mut self, id: &Hash, notice: impl Fn() -> Notice) {
        let Some(senders) = self.by_id.remove(id) else { return };
        self.count -= senders.len();
        for (_, sender) in senders {
            // One that stopped waiting in this moment is not interested any more.
            let _ = sender.send(notice());
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiters.lock();
        let Entry::Occupied(mut entry) = waiting.by_id.entry(self.id) else { return };
        let senders = entry.get_mut();
        let before = senders.len();
        senders.retain(|(number, _)| *number != self.number);
        let removed = before - senders.len();
        if senders.is_empty() {
            entry.remove();
        }
        waiting.count -= removed;
    }
}
