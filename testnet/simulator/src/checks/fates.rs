//! A check of accepted transactions: none is forgotten, and none expires although it could run.

use std::collections::BTreeMap;

use ehb_mempool::{Loss, Slot};
use ehb_replica::Ticket;
use ehb_types::{Code, Hash, Header};

/// The remaining validity with which a transaction must become final when the chain resumes, milliseconds.
const REMAINS_MIN_MS: u64 = 10_000;
/// The same while lines stay slow: a block with parts of a module takes up to half a minute on them.
const REMAINS_ON_SLOW_LINES_MIN_MS: u64 = 60_000;
/// The same while a validator is not signing again: the chain may need it twice, each time after half a minute.
const REMAINS_WHILE_SILENT_MIN_MS: u64 = 90_000;
/// How far from a lane's next sequence a transaction must become final then: clients offer more gas than blocks hold,
/// so the end of a long lane can expire first.
const FRONT_MAX: u64 = 8;

/// A transaction that a node has accepted becomes final, is superseded, expires, or its sender is frozen; that node knows which as
/// long as it runs; and transactions that can run when the chain resumes after the faults become final.
#[derive(Default)]
pub(crate) struct Fates {
    submitted: BTreeMap<Ticket, Accepted>,
    /// By node and id.
    accepted: BTreeMap<(usize, Hash), Accepted>,
    has_begun: bool,
    /// Whether the chain's time can stand still or leap because of wrong clocks, also later, where validators are locked on
    /// a block with such a time: then a transaction may expire early or late, and is not waited for.
    pub(crate) is_time_wrong: bool,
    /// Whether lines stay slow when the chain resumes.
    pub(crate) is_slow: bool,
    /// Whether an honest validator is down or does not sign yet when the chain resumes.
    pub(crate) is_silent: bool,
}

/// A transaction that a node has accepted.
#[derive(Clone, Copy, Debug)]
struct Accepted {
    node: usize,
    /// The run of the node that accepted it, counted by restarts.
    life: u64,
    id: Hash,
    slot: Slot,
    /// Whether it could run, with enough validity, when the chain resumed.
    can_run: bool,
}

/// The view of a node that determines the status of a transaction.
pub(crate) struct View<'a> {
    pub(crate) life: u64,
    /// Its last committed block.
    pub(crate) head: &'a Header,
    /// The time on correct clocks: the node's own may be wrong by hours.
    pub(crate) now_ms: u64,
    /// The height of the transaction in the chain.
    pub(crate) height: Option<u64>,
    /// The next sequence of the transaction's lane at the node.
    pub(crate) next: u64,
    /// The first free sequence of the lane in the node's mempool.
    pub(crate) free: u64,
    pub(crate) is_pending: bool,
    pub(crate) loss: Option<Loss>,
}

/// The status of a transaction according to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Pending,
    Final,
    Superseded,
    Expired,
    Dropped,
    /// The sender was frozen or suspended.
    Barred,
    Forgotten,
}

impl View<'_> {
    fn fate(&self, slot: &Slot) -> Fate {
        if self.height.is_some_and(|height| height <= self.head.height) {
            return Fate::Final;
        }
        if self.is_pending || self.height.is_some() {
            return Fate::Pending;
        }
        let is_used = self.next > slot.sequence;
        let is_expired = slot.is_expired(self.head.timestamp_ms);
        // An old loss is forgotten: then the transaction's content shows the same.
        match &self.loss {
            Some(Loss::Superseded { .. }) | None if is_used => Fate::Superseded,
            Some(Loss::Expired { .. }) | None if is_expired => Fate::Expired,
            Some(Loss::Dropped(rejection)) if rejection.code == Code::InactiveSender => {
                Fate::Barred
            }
            Some(Loss::Dropped(_)) => Fate::Dropped,
            _ => Fate::Forgotten,
        }
    }
}

impl Fates {
    /// A client submits a transaction to an honest node.
    pub(crate) fn submitted(&mut self, ticket: Ticket, node: usize, life: u64, of: (Hash, Slot)) {
        let (id, slot) = of;
        if self.has_begun {
            return;
        }
        self.submitted.insert(ticket, Accepted { node, life, id, slot, can_run: false });
    }

    /// The node answers.
    pub(crate) fn answered(&mut self, ticket: Ticket, is_accepted: bool) {
        let Some(submitted) = self.submitted.remove(&ticket) else { return };
        if is_accepted {
            self.accepted.insert((submitted.node, submitted.id), submitted);
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The chain resumes after the faults: every transaction accepted by now must reach a final status.
    pub(crate) fn begin<'a>(&mut self, view: impl Fn(usize, &Hash, &Slot) -> Option<View<'a>>) {
        self.has_begun = true;
        self.submitted.clear();
        let min_ms = match (self.is_silent, self.is_slow) {
            (true, _) => REMAINS_WHILE_SILENT_MIN_MS,
            (false, true) => REMAINS_ON_SLOW_LINES_MIN_MS,
            (false, false) => REMAINS_MIN_MS,
        };
        self.accepted.retain(|(node, id), it| {
            let Some(view) = view(*node, id, &it.slot).filter(|view| view.life == it.life) else {
                return false;
            };
            let now_ms = view.now_ms.max(view.head.timestamp_ms);
            let remains_ms = it.slot.valid_until_ms.saturating_sub(now_ms);
            let reach = view.free.min(view.next.saturating_add(FRONT_MAX));
            let runs = view.is_pending && it.slot.sequence < reach;
            it.can_run = runs && remains_ms >= min_ms && !self.is_time_wrong;
            true
        });
    }

    /// Removes transactions with a final status. Returns whether none is left, or what is wrong.
    pub(crate) fn look<'a>(
        &mut self,
        view: impl Fn(usize, &Hash, &Slot) -> Option<View<'a>>,
    ) -> Result<bool, String> {
        let mut wrong = None;
        self.accepted.retain(|(node, id), it| {
            // A node that has stopped has lost its mempool.
            let Some(view) = view(*node, id, &it.slot).filter(|view| view.life == it.life) else {
                return false;
            };
            let fate = view.fate(&it.slot);
            let is_lost = matches!(fate, Fate::Expired | Fate::Dropped);
            let is_wrong = fate == Fate::Forgotten || (is_lost && it.can_run);
            if is_wrong && wrong.is_none() {
                let View { head, next, loss, .. } = &view;
                wrong = Some(format!(
                    "node {node} accepted {id}: now it is {fate:?}; {it:?}; the block of height {} has \
                     time {} and leaves sequence {next} for the next one; the loss is {loss:?}",
                    head.height, head.timestamp_ms
                ));
            }
            fate == Fate::Pending
        });
        wrong.map_or(Ok(self.is_time_wrong || self.accepted.is_empty()), Err)
    }

    /// A transaction without a final status.
    pub(crate) fn open(&self) -> Option<String> {
        let it = self.accepted.values().next()?;
        Some(format!("{} transactions are still pending, such as {it:?}", self.accepted.len()))
    }
}
