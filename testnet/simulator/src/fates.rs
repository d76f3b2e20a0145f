//! Observes the transactions that nodes have accepted, for the check of their fates.

use ehb_kernel::accounts;
use ehb_mempool::{Mempool, Slot};
use ehb_replica::Ticket;
use ehb_state::Overlay;
use ehb_types::{Hash, SignedTransaction};

use crate::checks::{Rule, fates::View};
use crate::mutation::Mutation;
use crate::node::Node;
use crate::world::World;

/// The interval between checks of accepted transactions, virtual microseconds.
const LOOK_US: u64 = 200_000;

/// When the chain resumes after the faults, a node loses its pending transactions.
pub(crate) static LOST_POOL: Mutation = Mutation::new("lost-pool", Rule::Fates);

/// Checks the status of the transactions that nodes have accepted.
impl World<'_> {
    /// A client submits a transaction.
    pub(crate) fn watch(&mut self, ticket: Ticket, node: usize, signed: &SignedTransaction) {
        if self.nodes[node].is_honest() && !self.offers_in_vain(node) {
            let of = (signed.id(), Slot::from(&signed.transaction));
            self.checks.fates.submitted(ticket, node, self.nodes[node].life, of);
        }
    }

    /// The chain goes on after the faults.
    fn expect_fates(&mut self) {
        let mut fates = std::mem::take(&mut self.checks.fates);
        fates.is_time_wrong = self.nodes.iter().any(|node| node.had_wrong_clock);
        fates.is_slow = self.nodes.iter().any(|node| node.line_bytes_per_second > 0);
        let set = self.checks.validators.deciding(u64::MAX);
        let decides = |node: &&Node| match set {
            Some(set) => set.index_of(&node.consensus_key.public_key()).is_some(),
            None => node.votes(),
        };
        let mut honest = self.nodes.iter().filter(|node| node.is_honest()).filter(decides);
        fates.is_silent = honest.any(|node| !node.signs());
        fates.begin(|node, id, slot| self.view(node, id, slot));
        self.checks.fates = fates;
        self.forget_gaps();
        if self.options.is(&LOST_POOL) {
            let full = self.nodes.iter().filter(|node| node.is_honest());
            let mut full = full.filter_map(|node| node.mempool.as_ref());
            if let Some(mempool) = full.find(|mempool| !mempool.read().is_empty()) {
                *mempool.write() = Mempool::new(self.pool_limits());
            }
        }
    }

    /// The chain resumes after the faults: whether all transactions that were accepted by then have a final
    /// status.
    pub(crate) fn have_fates(&mut self) -> bool {
        if !self.checks.fates.has_begun() {
            self.expect_fates();
        }
        if self.now_us < self.fates_looked_at_us.saturating_add(LOOK_US) {
            return false;
        }
        self.fates_looked_at_us = self.now_us;
        let mut fates = std::mem::take(&mut self.checks.fates);
        let looked = fates.look(|node, id, slot| self.view(node, id, slot));
        self.checks.fates = fates;
        match looked {
            Ok(all) => all,
            Err(what) => {
                self.violate(Rule::Fates, what);
                false
            }
        }
    }

    /// The status of a transaction according to a node; `None` while it is down.
    fn view(&self, node: usize, id: &Hash, slot: &Slot) -> Option<View<'_>> {
        let now_ms = self.true_ms();
        let node = &self.nodes[node];
        let head = node.replica.as_ref()?.head();
        let state = Overlay::new(head.state.clone());
        let next = accounts::next_sequence(&state, &slot.sender, slot.lane).ok()?;
        let mempool = node.mempool.as_ref()?.read();
        Some(View {
            life: node.life,
            head: &head.header,
            now_ms,
            height: self.checks.transactions.seen.get(id).copied(),
            next,
            free: mempool.free_sequence(&slot.sender, slot.lane, next),
            is_pending: mempool.get(id).is_some(),
            loss: mempool.lost(id).map(|lost| lost.loss.clone()),
        })
    }
}
