//! Commits a decided block, then prepares the replica for the next height.

use std::sync::Arc;

use ehb_consensus::Input;
use ehb_state::StateStore;
use ehb_types::{CommitCertificate, Hash, PublicKey};

use crate::bodies::Verdict;
use crate::replica::Phase;
use crate::{Commit, HeadState, Immediate, Ordered, Replica, Timer};

/// Handles the steps from the decision to the durable block.
impl Replica {
    pub(crate) fn on_decide(&mut self, certificate: CommitCertificate) {
        if !matches!(self.phase, Phase::Running) || certificate.height != self.head.next_height() {
            return;
        }
        let hash = certificate.block;
        self.sync();
        self.phase = Phase::Decided(certificate);
        self.catch_up.fetched = false;
        self.accept_decided(&hash);
        self.commit_if_ready();
    }

    /// A decided block is final. If it is invalid under this node's rules, the node must not continue.
    pub(crate) fn accept_decided(&mut self, hash: &Hash) {
        let Some(body) = self.bodies.get_mut(hash) else {
            self.request_decided_body(*hash);
            return;
        };
        match body.verdict {
            Verdict::Valid => {}
            Verdict::Invalid => self.halt(format!("the decided block {hash} is not valid here")),
            // Its signatures were verified by the validators that decided it.
            Verdict::Pending => self.on_judged(hash, Verdict::Valid, ""),
        }
    }

    /// Commits the decided block once its body and execution result are available.
    pub(crate) fn commit_if_ready(&mut self) {
        let Phase::Decided(certificate) = &self.phase else { return };
        let Some(body) = self.bodies.get(&certificate.block) else { return };
        let Some(execution) = &body.execution else { return };
        let commit = Commit {
            hash: certificate.block,
            block: body.block.clone(),
            certificate: certificate.clone(),
            execution: execution.clone(),
            // More blocks follow, and the sync of the last one makes all of them durable.
            durable: !(self.catch_up.fetched && self.catch_up.has_blocks()),
        };
        let commit = Arc::new(commit);
        self.committing = Some(commit.clone());
        self.phase = Phase::Committing;
        self.push(Ordered::Commit(commit));
    }

    pub(crate) fn on_committed(&mut self, height: u64, state: Arc<dyn StateStore>) {
        let Some(commit) = self.committing.take() else { return };
        if commit.block.header.height != height {
            self.halt(format!("height {height} was committed without a request"));
            return;
        }
        self.head = HeadState {
            header: commit.block.header.clone(),
            certificate: Some(commit.certificate.clone()),
            state,
            roots: commit.execution.roots(),
            unsealed: !commit.block.transactions.is_empty(),
        };
        let rules = self.head.rules();
        let Some(rules) = self.or_halt(rules) else { return };
        self.turns.decided(&self.rules, height, commit.certificate.round);
        self.turns.next_height(&rules);
        let sets = [&rules.validators, &rules.last];
        let is_hinted =
            |validator: &PublicKey| sets.iter().any(|set| set.index_of(validator).is_some());
        self.pacing.keep_validators(is_hinted);
        self.seen.keep_validators(|validator| rules.is_member(validator));
        let before = std::mem::replace(&mut self.rules, rules).parameters;
        let timestamp_ms = commit.block.header.timestamp_ms;
        self.mempool.write().committed(height, timestamp_ms, &commit.block.transactions);
        let rechecked = self.recheck_mempool(&commit.execution.changes, &before);
        if self.or_halt(rechecked).is_none() {
            return;
        }
        let undecided = self.bodies.undecided(&commit.hash);
        let forgotten = self.forget_evidence();
        if self.or_halt(forgotten).is_none() {
            return;
        }
        let in_vain = self.follows && commit.block.transactions.is_empty();
        self.followed = if in_vain { self.followed.saturating_add(1) } else { 0 };
        self.follows = false;
        self.push(Immediate::CancelTimer(Timer::Heartbeat));
        self.push(Immediate::CancelTimer(Timer::Seal));
        self.push(Immediate::CancelTimer(Timer::BodyRequest));
        self.push(Immediate::Finalized(commit));
        self.watch_own_key();
        self.chain_moved();
        self.notify_observers();
        let (validators, next_validators) =
            (self.rules.validators.clone(), self.rules.next.clone());
        self.consensus_step(Input::Committed { height, validators, next_validators });
        self.phase = Phase::Resting;
        self.round = 0;
        self.missing.clear();
        let early = self.bodies.next_height();
        self.take_back(undecided);
        if matches!(self.phase, Phase::Halted(_)) || self.continue_catch_up() {
            return;
        }
        self.rest();
        for (peer, blocks) in early.bodies {
            blocks.into_iter().for_each(|block| self.on_body(peer, block));
        }
        for proposal in early.proposals.into_values().flatten() {
            self.on_announced(proposal);
        }
    }

    /// Notifies peers that do not vote of a new block.
    fn notify_observers(&mut self) {
        let message = self.own_status();
        for peer in self.peers.connected() {
            if !self.rules.validators.validators().iter().any(|v| v.node_key == peer) {
                self.push(Ordered::Send { peer, message: message.clone() });
            }
        }
    }
}
