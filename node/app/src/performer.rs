//! Writes to the store and sends to peers, in the order in which the replica requests it.

#![warn(clippy::wildcard_enum_match_arm, reason = "a new effect must not be dropped in silence")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use ehb_kernel::chain::{changed_nodes, nodes, put_validators};
use ehb_network::{GOSSIP_BYTES_MAX, Network};
use ehb_replica::{Commit, Event, Message, Ordered, TRANSACTIONS_MAX};
use ehb_state::Overlay;
use ehb_store::{Store, StoreError};
use ehb_types::{PublicKey, SharedTransaction, TRANSACTION_BYTES_MAX, encode};

use crate::asked::Asked;
use crate::interfaces::changed_modules;
use crate::metrics::Metrics;
use crate::place::Place;
use crate::published::Published;
use crate::wall_clock::now_ms;
use crate::wire;

/// The wait before a retry of a write on a full disk.
const DISK_FULL_RETRY: Duration = Duration::from_secs(1);

// The largest transaction fits into a gossiped message, after the count of transactions.
const _: () = assert!(TRANSACTION_BYTES_MAX as usize + 4 <= GOSSIP_BYTES_MAX);

/// Performs the effects on disk and peers strictly in order: everything before a sync is durable before any
/// later message is sent.
pub(crate) struct Performer {
    pub(crate) store: Store,
    /// The place of the store, which is stored with each last-signed record.
    pub(crate) place: Place,
    pub(crate) network: Network,
    pub(crate) asked: Arc<Asked>,
    pub(crate) answers: Sender<Event>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) published: Arc<Published>,
    /// Closed when the node is to stop.
    pub(crate) stop: Receiver<()>,
}

/// The message with this clock in a status: it may have waited for the disk.
pub(crate) fn at_sending(message: Message, clock_ms: u64) -> Message {
    if let Message::Status { height, voting, run, .. } = message {
        return Message::Status { height, voting, clock_ms, run };
    }
    message
}

impl Performer {
    /// Performs effects until their sender is dropped. After a failed write nothing is performed any more.
    pub(crate) fn run(self, effects: &Receiver<Ordered>) {
        for effect in effects {
            self.published.disk_begins();
            let performed = self.perform(effect);
            self.published.disk_rests();
            if let Err(error) = performed {
                let _ = self.answers.send(Event::Failed(format!("the disk failed: {error}")));
                return;
            }
        }
    }

    fn perform(&self, effect: Ordered) -> Result<(), StoreError> {
        match effect {
            Ordered::Append { height, entry } => self.store.append_log(height, &entry),
            Ordered::StoreBody(block) => {
                self.store.put_body(block.header.height, &block.hash(), block.encoded())
            }
            Ordered::ForgetBody { height, block } => self.store.remove_body(height, &block),
            Ordered::RecordSigned(record) => self.store.record_signed(&self.place.stored(&record)),
            Ordered::Sync => self.metrics.timed_sync(|| self.retrying(|| self.store.sync())),
            Ordered::Commit(commit) => self.commit(&commit),
            Ordered::Send { peer, message } => {
                self.send(&peer, &at_sending(message, now_ms()));
                Ok(())
            }
            Ordered::Broadcast(message) => {
                let message = at_sending(message, now_ms());
                self.network.broadcast(wire::kind_of(&message), wire::content(&message));
                Ok(())
            }
            Ordered::Gossip(transactions) => {
                self.gossip(&transactions);
                Ok(())
            }
            Ordered::Penalise { peer, reason } => {
                self.network.penalise(&peer, reason);
                Ok(())
            }
        }
    }

    /// Sends a message, unless it is a body and the peer has not received the last ones: it asks again.
    fn send(&self, peer: &PublicKey, message: &Message) {
        let kind = wire::kind_of(message);
        if matches!(message, Message::Body(_)) && !self.network.has_room(peer, kind) {
            return;
        }
        if matches!(message, Message::BlocksRequest { .. }) {
            self.asked.ask(*peer);
        }
        // A peer that is disconnected or too slow asks again.
        let _ = self.network.send(peer, kind, wire::content(message));
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        let height = commit.block.header.height;
        let validators = put_validators(&commit.execution.changes)
            .map_err(|error| StoreError::Damaged(error.to_string()))?;
        let written = ehb_store::NewBlock {
            block: &commit.block,
            certificate: &commit.certificate,
            receipts: &commit.execution.receipts,
            changes: &commit.execution.changes,
            validators: validators.as_ref().map(|set| (height + 2, set)),
            modules: &changed_modules(height, &commit.execution),
            durable: commit.durable,
        };
        self.metrics.timed_commit(|| self.retrying(|| self.store.commit(&written)))?;
        if changed_nodes(&commit.execution.changes) {
            // Nodes that are permitted no more are cut, and new ones can connect.
            self.network.set_permitted(permitted_nodes(&self.store)?);
        }
        let state = self.store.state();
        let _ = self.answers.send(Event::Committed { height, state });
        Ok(())
    }

    /// Waits while the disk is full: nothing is acknowledged, and no later effect is performed before.
    fn retrying(
        &self,
        mut write: impl FnMut() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        loop {
            match write() {
                Err(error @ StoreError::DiskFull(_)) => {
                    if !self.published.is_disk_full() {
                        tracing::error!(%error, "the disk is full: waiting for space; the node signs nothing until then, and continues by itself");
                    }
                    self.published.set_disk_full(true);
                    let stopped = self.stop.recv_timeout(DISK_FULL_RETRY);
                    if stopped.is_err_and(|error| error.is_disconnected()) {
                        return Err(error);
                    }
                }
                other => {
                    self.published.set_disk_full(false);
                    return other;
                }
            }
        }
    }

    fn gossip(&self, transactions: &[SharedTransaction]) {
        let mut batch: Vec<&SharedTransaction> = Vec::new();
        let mut bytes = 4;
        for transaction in transactions {
            let size = transaction.encoded().len();
            if bytes + size > GOSSIP_BYTES_MAX || batch.len() == TRANSACTIONS_MAX {
                self.publish(&std::mem::take(&mut batch));
                bytes = 4;
            }
            bytes += size;
            batch.push(transaction);
        }
        self.publish(&batch);
    }

    fn publish(&self, batch: &[&SharedTransaction]) {
        if !batch.is_empty()
            && let Err(error) = self.network.gossip(encode(&batch))
        {
            tracing::debug!(%error, "transactions were not gossiped");
        }
    }
}

/// The keys of the nodes that can connect, by the state of a store.
pub(crate) fn permitted_nodes(store: &Store) -> Result<BTreeSet<PublicKey>, StoreError> {
    let nodes = nodes(&Overlay::new(store.state()))
        .map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(nodes.into_iter().map(|(key, _)| key).collect())
}
