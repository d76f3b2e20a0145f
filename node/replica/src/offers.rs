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
/// The maximum number of outstanding transactions that were requested from one peer. It is halved each time that a peer
/// delivered nothing of what it had offered, down to one.
const ASKED_MAX: usize = OFFERED_MAX;
/// The maximum number of disconnected peers that are remembered because they delivered nothing.
const SILENT_MAX: usize = 1_024;
/// How long to wait for a requested transaction before another peer is asked, milliseconds.
const ASKED_MS: u64 = 2_000;

/// Offers pending transactions to peers until they are final, superseded or expired: gossip may lose them,
/// and a peer may have had no room or been offline.
#[derive(Default)]
pub(crate) struct Offers {
    /// The number of the last one that was offered in this round; `None` between two rounds.
    cursor: Option<u64>,
    round_began_ms: u64,
    /// The requests to each peer.
    asked: BTreeMap<PublicKey, Asked>,
    /// The number of bytes sent to each peer since the last status timer.
    served: BTreeMap<PublicKey, usize>,
}

/// The transactions that were requested from a peer.
#[derive(Default)]
struct Asked {
    /// Until when they are awaited.
    until_ms: BTreeMap<Hash, u64>,
    /// Whether some arrived since the last status timer at which others did not.
    delivered: bool,
    /// The number of consecutive such status timers without any.
    silent: u32,
}

impl Asked {
    /// The number of further transactions that can be requested.
    fn room(&self) -> usize {
        let share = ASKED_MAX.checked_shr(self.silent).unwrap_or(0).max(1);
        share.saturating_sub(self.until_ms.len())
    }

    fn is_idle(&self) -> bool {
        self.silent == 0 && self.until_ms.is_empty()
    }

    /// Forgets what did not arrive in time.
    fn forget_late(&mut self, now_ms: u64) {
        let before = self.until_ms.len();
        self.until_ms.retain(|_, until_ms| *until_ms > now_ms);
        if self.until_ms.len() < before {
            self.silent = if self.delivered { 0 } else { self.silent.saturating_add(1) };
            self.delivered = false;
        }
    }
}

impl Offers {
    /// Whether a transaction must not be requested from a peer now: it was, or from another one that delivers.
    fn is_asked(&self, id: &Hash, peer: &PublicKey) -> bool {
        self.asked
            .iter()
            .any(|(asked, it)| (asked == peer || it.silent == 0) && it.until_ms.contains_key(id))
    }

    /// Forgets what did not arrive in time, and peers of which there is nothing to remember.
    fn forget_late(&mut self, now_ms: u64, connected: &[PublicKey]) {
        self.asked.values_mut().for_each(|it| it.forget_late(now_ms));
        let mut gone = 0;
        self.asked.retain(|peer, it| {
            let is_gone = !connected.contains(peer);
            gone += usize::from(is_gone);
            if is_gone { it.silent > 0 && gone <= SILENT_MAX } else { !it.is_idle() }
        });
    }
}

impl Replica {
    /// At each status timer: offers the next pending transactions to all peers.
    pub(crate) fn offer_pending(&mut self) {
        let now_ms = self.now_ms;
        self.offers.served.clear();
        let connected = self.peers.connected();
        self.offers.forget_late(now_ms, &connected);
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
        // Before it has caught up, a node cannot check them; they are offered again. A single peer's claim of a greater
        // height does not count: it would keep others' offers out.
        if self.catch_up.has_blocks() || self.announced_height() > self.head.next_height() {
            return;
        }
        let room = self.offers.asked.entry(peer).or_default().room();
        let lacking = ids.iter().filter(|id| !self.offers.is_asked(id, &peer) && self.lacks(id));
        let wanted: Vec<Hash> = lacking.take(room).copied().collect();
        if wanted.is_empty() {
            return;
        }
        let until_ms = self.now_ms.saturating_add(ASKED_MS);
        if let Some(asked) = self.offers.asked.get_mut(&peer) {
            asked.until_ms.extend(wanted.iter().map(|id| (*id, until_ms)));
        }
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
            let id = transaction.id();
            let asked = self.offers.asked.get_mut(&peer);
            let Some(asked) = asked.filter(|it| it.until_ms.contains_key(&id)) else { continue };
            asked.delivered = true;
            for asked in self.offers.asked.values_mut() {
                asked.until_ms.remove(&id);
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
