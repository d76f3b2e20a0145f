//! Leads transactions from clients, gossip, peers and undecided blocks through all checks into the mempool.

use std::cell::Cell;
use std::collections::BTreeSet;

use ehb_kernel::admission::{self, AdmissionError};
use ehb_kernel::{accounts, organisations};
use ehb_mempool::BlockLimits;
use ehb_state::{Changes, Overlay, StoreError};
use ehb_types::{Address, Code, Hash, Parameters, Rejection, SharedTransaction, SignedTransaction};

use crate::replica::Phase;
use crate::verification::{BatchWait, Next, Source, Waiting};
use crate::{GossipVerdict, Immediate, Ordered, Replica, Ticket, Timer, gossip};

/// About as many as fit into a block.
const BACKLOG: usize = 1_024;

/// Admits transactions to the mempool: checks content, account, limits and signatures.
impl Replica {
    pub(crate) fn on_submit(&mut self, submitted: Vec<(Ticket, SharedTransaction)>) {
        for (ticket, transaction) in submitted {
            if let Err(rejection) = self.admit(transaction, Source::Client(ticket)) {
                self.push(Immediate::Reply { ticket, result: Err(rejection) });
            }
        }
        // After all of them, so that they are verified and gossiped together.
        self.verify_next();
    }

    pub(crate) fn on_gossip(&mut self, message: u64, transactions: Vec<SharedTransaction>) {
        let (mut waiting, mut verdict) = (0, GossipVerdict::Ignore);
        for transaction in transactions {
            match self.admit(transaction, Source::Gossip(message)) {
                Ok(()) => waiting += 1,
                Err(rejection) => verdict = verdict.max(gossip::verdict_of(&rejection)),
            }
        }
        if let Some(verdict) = self.gossip.begin(message, waiting, verdict) {
            self.push(Immediate::Judge { message, verdict });
        }
        self.verify_next();
    }

    /// Returns the transactions of proposed blocks that were not decided to the mempool: otherwise nodes that
    /// received them only in the block would lose them.
    pub(crate) fn take_back(&mut self, transactions: Vec<SharedTransaction>) {
        for transaction in transactions {
            // Known, final or invalid: no client waits for an answer.
            let _ = self.admit(transaction, Source::Body);
        }
        self.verify_next();
    }

    pub(crate) fn admit(
        &mut self,
        transaction: SharedTransaction,
        source: Source,
    ) -> Result<(), Rejection> {
        let bytes = transaction.encoded().len();
        let parameters = &self.rules.parameters;
        admission::check_content(&transaction, bytes, &self.chain, parameters)?;
        self.check_validity(&transaction)?;
        let id = transaction.id();
        if self.verification.is_copy_waiting(&transaction) {
            let message = format!("transaction {id} is being verified");
            return Err(Rejection::new(Code::AlreadyKnown, message));
        }
        let is_from_peer = matches!(source, Source::Gossip(_) | Source::Peer(_));
        if is_from_peer && self.bodies.holds(&id) {
            // It returns to the mempool if that block is not decided.
            let message = format!("transaction {id} is in a proposed block");
            return Err(Rejection::new(Code::AlreadyKnown, message));
        }
        if self.verification.is_full(bytes, source) {
            let message = "too many transactions wait for verification";
            return Err(Rejection::new(Code::MempoolFull, message));
        }
        self.mempool.read().check_new(&transaction)?;
        let next = self.check_account(&transaction)?;
        self.mempool.read().check(&transaction, next)?;
        let admitted = (self.head.header.height, next);
        self.verification.push(Waiting { transaction, admitted, source });
        Ok(())
    }

    /// Rejects transactions that the next block cannot contain whatever its time. A transaction that may be
    /// too early for another proposer's clock waits.
    fn check_validity(&self, transaction: &SignedTransaction) -> Result<(), Rejection> {
        let parameters = &self.rules.parameters;
        let times = admission::next_block_times(&self.head.header, self.clock_ms, parameters);
        admission::check_validity(transaction, &times, parameters)
    }

    /// Removes pending transactions that are no longer allowed: their sender's account or organisation, or the parameters,
    /// changed. A proposer puts everything into its block that the pool can run, and one such transaction would make the
    /// block invalid.
    pub(crate) fn recheck_mempool(
        &mut self,
        changes: &Changes,
        before: &Parameters,
    ) -> Result<(), StoreError> {
        let all = self.rules.parameters != *before;
        let changed: BTreeSet<Address> = {
            let mempool = self.mempool.read();
            accounts::changed(changes).filter(|sender| mempool.has_sender(sender)).collect()
        };
        // Rare, so that the organisation of each sender is read only then.
        let stopped = organisations::stopped(changes).next().is_some();
        if changed.is_empty() && !all && !stopped {
            return Ok(());
        }
        let wanted = |transaction: &SharedTransaction| {
            stopped || changed.contains(&transaction.transaction.sender)
        };
        self.recheck(all, wanted)
    }

    /// The transactions for a block. Each was checked when it was admitted, and again when a block changed what its check
    /// rests on. A proposer checks once more what it includes: one that is not allowed would make the block invalid,
    /// at every proposer, and the chain would stop. It leaves the mempool instead.
    pub(crate) fn select(
        &self,
        limits: &BlockLimits,
    ) -> Result<Vec<SharedTransaction>, StoreError> {
        let selected = self.mempool.read().select(limits);
        let (state, parameters) = (self.head.overlay(), &self.rules.parameters);
        let mut refused = None;
        for transaction in &selected {
            match check(&state, &self.chain, parameters, transaction) {
                Ok(()) => {}
                Err(AdmissionError::Store(error)) => return Err(error),
                Err(AdmissionError::Rejected(rejection)) => {
                    refused = Some((transaction.id(), rejection));
                    break;
                }
            }
        }
        let Some((transaction, rejection)) = refused else { return Ok(selected) };
        tracing::error!(%transaction, %rejection, "a pending transaction was not checked again");
        self.recheck(true, |_| true)?;
        Ok(self.mempool.read().select(limits))
    }

    /// Removes pending transactions that are not allowed: checks the senders of some, and with `limits` the content of all.
    fn recheck(
        &self,
        limits: bool,
        senders: impl Fn(&SharedTransaction) -> bool,
    ) -> Result<(), StoreError> {
        let (state, chain, parameters) = (self.head.overlay(), &self.chain, &self.rules.parameters);
        let failure = Cell::new(None);
        self.mempool.write().recheck(|transaction| {
            let mut checked = Ok(());
            if limits {
                checked = check_limits(chain, parameters, transaction);
            }
            if senders(transaction) {
                checked = checked.and_then(|()| admission::check_sender(&state, transaction));
            }
            match checked {
                Ok(()) => None,
                Err(AdmissionError::Rejected(rejection)) => Some(rejection),
                Err(AdmissionError::Store(error)) => {
                    failure.set(Some(error));
                    None
                }
            }
        });
        failure.take().map_or(Ok(()), Err)
    }

    /// Checks a transaction against the state after the head, and returns its lane's next sequence.
    fn check_account(&mut self, transaction: &SignedTransaction) -> Result<u64, Rejection> {
        let state = self.head.overlay();
        let content = &transaction.transaction;
        let checked = admission::check_sender(&state, transaction).and_then(|()| {
            let next = accounts::next_sequence(&state, &content.sender, content.lane)?;
            admission::check_sequence(transaction, next)?;
            Ok(next)
        });
        checked.map_err(|error| match error {
            AdmissionError::Rejected(rejection) => rejection,
            AdmissionError::Store(error) => {
                self.halt(error.to_string());
                Rejection::new(Code::Halted, "the node stopped: its store failed")
            }
        })
    }

    /// Starts to verify waiting transactions, or lets them wait for more.
    pub(crate) fn verify_next(&mut self) {
        let batch_wait = match self.phase {
            Phase::Resting => BatchWait::NONE,
            _ if self.mempool.read().len() < BACKLOG => BatchWait::SHORT,
            _ => BatchWait::LONG,
        };
        match self.verification.next_pool_batch(batch_wait) {
            Next::Nothing => {}
            Next::Gather(wait_ms) => self.set_timer(Timer::Gather, wait_ms),
            Next::Verify { batch, transactions } => {
                self.push(Immediate::CancelTimer(Timer::Gather));
                self.push(Immediate::Verify { batch, transactions });
            }
        }
    }

    pub(crate) fn on_gathered(&mut self) {
        self.verification.gathered();
        self.verify_next();
    }

    pub(crate) fn on_verified(&mut self, batch: u64, valid: &[bool]) {
        let Some(waiting) = self.verification.finish(batch) else { return };
        self.fill_mempool(waiting, valid);
        self.verify_next();
        self.begin_height_if_due();
    }

    fn fill_mempool(&mut self, waiting: Vec<Waiting>, valid: &[bool]) {
        let mut spread = Vec::new();
        for (waiting, valid) in waiting.into_iter().zip(valid) {
            let Waiting { transaction, admitted, source } = waiting;
            let copy = transaction.clone();
            let result = self.keep(transaction, admitted, *valid);
            match source {
                Source::Client(ticket) => {
                    spread.extend(result.is_ok().then_some(copy));
                    self.push(Immediate::Reply { ticket, result });
                }
                Source::Gossip(message) => {
                    let of_one =
                        result.as_ref().map_or_else(gossip::verdict_of, |_| GossipVerdict::Accept);
                    if let Some(verdict) = self.gossip.verified(message, of_one) {
                        self.push(Immediate::Judge { message, verdict });
                    }
                }
                Source::Peer(peer) => {
                    if let Err(rejection) = result {
                        self.blame_if_invalid(peer, &rejection);
                    }
                }
                Source::Own => spread.extend(result.is_ok().then_some(copy)),
                Source::Body => {}
            }
        }
        if !spread.is_empty() {
            self.push(Ordered::Gossip(spread));
        }
    }

    fn keep(
        &mut self,
        transaction: SharedTransaction,
        (admitted_at, mut next): (u64, u64),
        valid: bool,
    ) -> Result<Hash, Rejection> {
        if !valid {
            let keys = transaction.signers();
            let message = format!("a signature does not verify; the signing keys are {keys:?}");
            return Err(Rejection::new(Code::BadSignature, message));
        }
        // The head may have changed while the signatures were verified.
        if self.head.header.height != admitted_at {
            self.check_validity(&transaction)?;
            next = self.check_account(&transaction)?;
        }
        let id = transaction.id();
        self.mempool.write().insert(transaction, next, self.now_ms)?;
        Ok(id)
    }
}

/// Checks what blocks can change for a pending transaction: its sender's account, and the limits.
fn check(
    state: &Overlay,
    chain: &Hash,
    parameters: &Parameters,
    transaction: &SharedTransaction,
) -> Result<(), AdmissionError> {
    check_limits(chain, parameters, transaction)?;
    admission::check_sender(state, transaction)
}

fn check_limits(
    chain: &Hash,
    parameters: &Parameters,
    transaction: &SharedTransaction,
) -> Result<(), AdmissionError> {
    let bytes = transaction.encoded().len();
    Ok(admission::check_content(transaction, bytes, chain, parameters)?)
}
