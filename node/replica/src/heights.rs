//! Starts each height, after a restart from its log, and passes consensus messages of other validators on.

use std::collections::BTreeSet;

use ehb_consensus::{ConsensusMessage, HeightStart, Input, LogEntry};
use ehb_mempool::BlockLimits;
use ehb_types::{Block, PublicKey, ValidatorSet};

use crate::bodies::Verdict;
use crate::replica::Phase;
use crate::{Ordered, Replica, Timer, clocks};

/// An upper bound of the bytes that a transaction takes in a block beyond its encoding.
const BLOCK_SHARE_BYTES: usize = 1 << 10;

/// The wait before a further empty block at the wish of another validator doubles with each, this many times.
const FOLLOWED_MAX: u32 = 5;

/// Decides when a height begins: an idle chain waits until something requires a block.
impl Replica {
    /// Continues from the store: the log of the height is replayed, so that nothing is signed twice.
    pub(crate) fn recover(&mut self, bodies: Vec<Block>, log: Vec<LogEntry>) {
        self.budget.found(self.head.next_height(), &log);
        let (mut named, mut timely) = (BTreeSet::new(), BTreeSet::new());
        for entry in &log {
            match entry {
                LogEntry::Proposal(it) => {
                    named.insert(it.proposal.block);
                    self.bodies.announce(it.clone());
                }
                LogEntry::Value(it) => {
                    named.insert(it.block);
                    if it.valid {
                        timely.insert(it.block);
                    }
                }
                _ => {}
            }
        }
        for block in bodies {
            let hash = block.hash();
            if named.contains(&hash) {
                self.bodies.insert(hash, block.into(), Verdict::Pending, None);
                self.on_judged(&hash, Verdict::Valid, "");
                // The clock may have been changed since the block was accepted as timely.
                if timely.contains(&hash) {
                    self.bodies.found_timely(&hash);
                }
            } else {
                let height = self.head.next_height();
                self.push(Ordered::ForgetBody { height, block: hash });
            }
        }
        log.iter().for_each(|entry| self.seen.note(entry));
        if self.has_signed_nothing_yet() || (self.asks && self.copied) {
            self.begin_watch();
        }
        // One that does not validate yet asks too: its records may be old when it joins.
        if self.asks && self.own_power() > 0 {
            self.recovered = log;
            self.rest();
        } else if log.is_empty() || self.is_unsure() {
            self.rest();
        } else {
            self.start_height(log);
        }
    }

    /// Begins the next height, unless it is already in progress.
    pub(crate) fn begin_height(&mut self) {
        if !matches!(self.phase, Phase::Resting) {
            return;
        }
        if self.is_unsure() {
            self.held_back = true;
            return;
        }
        self.start_height(Vec::new());
    }

    pub(crate) fn start_height(&mut self, log: Vec<LogEntry>) {
        let height = self.head.next_height();
        self.phase = Phase::Running;
        self.round = 0;
        self.begun_ms = self.now_ms;
        let start = HeightStart {
            height,
            validators: self.rules.validators.clone(),
            next_validators: self.rules.next.clone(),
            passed_over: self.rules.passed_over.clone(),
            silent: self.turns.silent(),
            parameters: self.rules.parameters.consensus.clone(),
            sign: self.may_sign(height),
            log,
        };
        self.consensus_step(Input::Start(start));
        self.report_verdicts();
    }

    /// Begins the next height if there is something to decide, or others already work on it.
    pub(crate) fn begin_height_if_due(&mut self) {
        let is_wanted = self.is_wanted();
        if is_wanted || self.has_executable() {
            self.follows = is_wanted && !self.head.unsealed && !self.has_executable();
            self.begin_height();
        }
    }

    /// Whether a block could contain something now: transactions that wait for an earlier sequence do not
    /// count.
    fn has_executable(&self) -> bool {
        let parameters = &self.rules.parameters;
        let limits = BlockLimits {
            bytes_max: parameters.transaction_bytes_max as usize + BLOCK_SHARE_BYTES,
            gas_max: parameters.transaction_gas_max,
            timestamp_ms: clocks::block_time(self.clock_ms, self.head.header.timestamp_ms),
            validity_ms_max: parameters.validity_ms_max,
        };
        let mempool = self.mempool.read();
        mempool.has_executable() && !mempool.select(&limits).is_empty()
    }

    /// Whether another validator works on the next height, and this node can join at once.
    ///
    /// The other validator may have a transaction that is not here. If the previous block was also empty,
    /// this node joins only some time after that block, and later after each empty block for which it joined, so that no
    /// validator can make the chain build empty blocks all the time.
    fn is_wanted(&self) -> bool {
        self.consensus.is_wanted() && (self.head.unsealed || self.now_ms >= self.follow_from_ms)
    }

    /// The wait for further transactions after a block is over, or the wait before joining another validator
    /// for an empty block.
    pub(crate) fn on_seal_timer(&mut self) {
        if self.head.unsealed || self.is_wanted() {
            self.follows = !self.head.unsealed;
            self.begin_height();
        }
    }

    /// After a commit: begins the next height at once, or waits until there is something to propose, an empty
    /// block is needed for the previous block's roots, or the heartbeat.
    pub(crate) fn rest(&mut self) {
        self.phase = Phase::Resting;
        self.round = 0;
        self.learn_sign_from();
        self.confirm_records();
        let consensus = &self.rules.parameters.consensus;
        let (heartbeat_ms, seal_ms) = (consensus.heartbeat_ms, consensus.seal_ms);
        let wait_ms = match self.head.unsealed {
            true => seal_ms,
            false => seal_ms << self.followed.min(FOLLOWED_MAX),
        };
        // Votes for the next height may be here already. One that took long to decide or to write has waited enough.
        self.follow_from_ms = self.begun_ms.saturating_add(wait_ms);
        self.begin_height_if_due();
        if matches!(self.phase, Phase::Resting) {
            self.set_timer(Timer::Heartbeat, heartbeat_ms);
            self.set_timer(Timer::Seal, wait_ms);
            self.verify_next();
        }
    }

    /// Notifies a validator that still works on a decided height of the chain's height.
    pub(crate) fn notify_straggler(&mut self, validator: &PublicKey, height: u64) {
        let committed = self.head.header.height;
        let message = self.own_status();
        if let Some(peer) = self.node_of(validator).filter(|_| height <= committed)
            && self.pacing.may_hint(validator, self.now_ms)
        {
            self.push(Ordered::Send { peer, message });
        }
    }

    /// Whether the node key belongs to a validator of a height after the head, as far as its validators are known.
    fn may_agree(&self, peer: &PublicKey, height: u64) -> bool {
        let is_next = height == self.head.next_height();
        let of = |set: &ValidatorSet| set.validators().iter().any(|it| it.node_key == *peer);
        of(&self.rules.validators) || (!is_next && of(&self.rules.next))
    }

    pub(crate) fn on_consensus_message(&mut self, peer: PublicKey, message: ConsensusMessage) {
        let height = message.height();
        let next = self.head.next_height();
        self.watch_for_own(&message);
        if height >= next && !self.may_agree(&peer, height) {
            // This height's set is known here; a peer may know more about later sets.
            if height == next {
                self.offend(peer, "a message of consensus without being a validator");
            }
            return;
        }
        if height > next {
            self.on_peer_height(peer, height - 1);
        }
        if height >= next {
            let proposal = match &message {
                // Already known, verified and in consensus.
                ConsensusMessage::Proposal(it) if self.bodies.announced().contains(it) => return,
                ConsensusMessage::Proposal(proposal) => Some(proposal.clone()),
                _ => None,
            };
            self.consensus_step(Input::Message(message));
            match proposal {
                Some(proposal) if height == next => self.on_announced(proposal),
                Some(proposal) if height == next + 1 => {
                    self.bodies.keep_early_proposal(peer, proposal);
                }
                _ => {}
            }
        }
    }
}
