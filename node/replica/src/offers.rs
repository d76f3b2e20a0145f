//! Exchanges pending transactions with peers outside of gossip: offers, requests and answers.

use std::collections::BTreeMap;

use ehb_mempool::Loss;
use ehb_types::{Hash, PublicKey, Rejection, SharedTransaction};

use crate::verification::Source;
use crate::{GossipVerdict, Message, OFFERED_MAX, Ordered, Replica, gossip};

/// The age at which a pending transaction is first offered, milliseconds. Most are final by then, or were
/// received by gossip.
const OFFER_AFTER_MS: u64 = 1_000;
/// The minimum interval between offers of all pending transactions, milliseconds.
const OFFER_ROUND_MS: u64 = 2_000;
/// The maximum size of transactions sent to one peer between two status timers, bytes, unless a single
/// transaction is larger.
const SERVED_BYTES_MAX: usize = 512 << 10;
/// The maximum number of outstanding requested transactions.
const ASKED_MAX: usize = 8_192;
/// How long to wait for a requested transaction before another peer is asked, milliseconds.
const ASKED_MS: u64 = 2_000;

/// Offers pending transactions to peers until they are final, superseded or expired: gossip may lose them,
/// and a peer may have had no room or been offline.
#[derive(Default)]
pub(crate) struct Offers {
    /// The number of the last one that was offered in this round; `None` between two rounds.
    cursor: Option<u64>,
    round_began_ms: u64,
    /// The requested transactions, and until when no other peer is asked for them.
    asked: BTreeMap<Hash, u64>,
    /// The number of bytes sent to each peer since the last status timer.
    served: BTreeMap<PublicKey, usize>,
}

impl Replica {
    /// At each status timer: offers the next pending transactions to all peers.
    pub(crate) fn offer_pending(&mut self) {
        let now_ms = self.now_ms;
        self.offers.served.clear();
        self.offers.asked.retain(|_, until_ms| *until_ms > now_ms);
        if self.offers.cursor.is_none() {
            if now_ms < self.offers.round_began_ms.saturating_add(OFFER_ROUND_MS) {
                return;
            }
            self.offers.round_began_ms = now_ms;
        }
        let before_ms = now_ms.saturating_sub(OFFER_AFTER_MS);
        let (last, ids) = self.pending_ids(self.offers.cursor, before_ms);
        self.offers.cursor = last.filter(|_| ids.len() == OFFERED_MAX);
        if !ids.is_empty() {
            self.push(Ordered::Broadcast(Message::Offer(ids)));
        }
    }

    /// Offers the first pending transactions to a peer that has just connected; the others follow in
    /// the next round.
    pub(crate) fn offer_to(&mut self, peer: PublicKey) {
        let (_, ids) = self.pending_ids(None, self.now_ms);
        if !ids.is_empty() {
            self.push(Ordered::Send { peer, message: Message::Offer(ids) });
        }
    }

    fn pending_ids(&self, after: Option<u64>, before_ms: u64) -> (Option<u64>, Vec<Hash>) {
        let mempool = self.mempool.read();
        let mut last = None;
        let listed = mempool.arrived(after, before_ms, OFFERED_MAX);
        let ids = listed.map(|(number, id)| {
            last = Some(number);
            id
        });
        let ids = ids.collect();
        (last, ids)
    }

    /// A peer offers transactions: requests those that this node lacks and could accept.
    pub(crate) fn on_offer(&mut self, peer: PublicKey, ids: &[Hash]) {
        if ids.len() > OFFERED_MAX {
            self.penalise(peer, format!("offered {} transactions at once", ids.len()));
            return;
        }
        // Before it has caught up, a node cannot check them; they are offered again.
        if self.catch_up.is_under_way() {
            return;
        }
        let room = ASKED_MAX.saturating_sub(self.offers.asked.len());
        let lacking = ids.iter().filter(|id| self.lacks(id)).take(room);
        let wanted: Vec<Hash> = lacking.copied().collect();
        if wanted.is_empty() {
            return;
        }
        let until_ms = self.now_ms.saturating_add(ASKED_MS);
        self.offers.asked.extend(wanted.iter().map(|id| (*id, until_ms)));
        self.push(Ordered::Send { peer, message: Message::Want(wanted) });
    }

    fn lacks(&self, id: &Hash) -> bool {
        let mempool = self.mempool.read();
        let is_settled = mempool.lost(id).is_some_and(|lost| match lost.loss {
            Loss::Superseded { .. } | Loss::Expired { .. } => true,
            Loss::Dropped(_) => false,
        });
        !is_settled
            && mempool.get(id).is_none()
            && !self.offers.asked.contains_key(id)
            && !self.verification.is_waiting(id)
            && !self.bodies.holds(id)
    }

    /// A peer requests offered transactions: sends those that are pending, within the peer's limit.
    pub(crate) fn on_want(&mut self, peer: PublicKey, ids: &[Hash]) {
        if ids.len() > OFFERED_MAX {
            self.penalise(peer, format!("asked for {} transactions at once", ids.len()));
            return;
        }
        let mempool = self.mempool.read();
        let served = self.offers.served.entry(peer).or_default();
        let mut transactions: Vec<SharedTransaction> = Vec::new();
        for transaction in ids.iter().filter_map(|id| mempool.get(id)) {
            let bytes = transaction.encoded().len();
            if *served > 0 && served.saturating_add(bytes) > SERVED_BYTES_MAX {
                break;
            }
            *served = served.saturating_add(bytes);
            transactions.push(transaction.clone());
        }
        drop(mempool);
        if !transactions.is_empty() {
            let message = Message::Transactions(transactions);
            self.push(Ordered::Send { peer, message });
        }
    }

    /// A peer sends transactions; those that were not requested are ignored.
    pub(crate) fn on_transactions(
        &mut self,
        peer: PublicKey,
        transactions: Vec<SharedTransaction>,
    ) {
        for transaction in transactions.into_iter().take(OFFERED_MAX) {
            if self.offers.asked.remove(&transaction.id()).is_none() {
                continue;
            }
            if let Err(rejection) = self.admit(transaction, Source::Peer(peer)) {
                self.blame_if_invalid(peer, &rejection);
            }
        }
        self.verify_next();
    }

    /// A correct peer offers only transactions that it has verified: one that is invalid on every node is its
    /// fault.
    pub(crate) fn blame_if_invalid(&mut self, peer: PublicKey, rejection: &Rejection) {
        if gossip::verdict_of(rejection) == GossipVerdict::Reject {
            self.penalise(peer, format!("offered a transaction that is invalid: {rejection}"));
        }
    }
}
