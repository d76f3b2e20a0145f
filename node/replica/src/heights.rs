use ehb_consensus::{HeightStart, Input, LogEntry, Message};
use ehb_types::{Block, PublicKey};

use crate::bodies::Verdict;
use crate::replica::Phase;
use crate::{Effect, Replica, Timer};

/// When a height begins: an idle chain rests, and whatever asks for a block wakes it.
impl Replica {
    /// Goes on where the store left off: what was logged for the height is replayed, so that nothing
    /// is signed twice.
    pub(crate) fn recover(&mut self, bodies: Vec<Block>, log: Vec<LogEntry>) {
        for block in bodies {
            let hash = block.hash();
            self.bodies.insert(hash, block.into(), Verdict::Pending);
            self.on_judged(&hash, Verdict::Valid, "");
        }
        if log.is_empty() || self.is_unsure() {
            self.rest();
        } else {
            self.start_height(log);
        }
    }

    /// Begins the next height, unless it runs already.
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

    fn start_height(&mut self, log: Vec<LogEntry>) {
        let height = self.head.next_height();
        self.phase = Phase::Running;
        self.round = 0;
        let start = HeightStart {
            height,
            validators: self.rules.validators.clone(),
            passed_over: self.rules.passed_over.clone(),
            parameters: self.rules.parameters.consensus.clone(),
            sign: self.may_sign(height),
            log,
        };
        self.consensus_step(Input::Start(start));
    }

    /// Begins the next height if there is something to decide, or others already work on it.
    pub(crate) fn begin_height_if_due(&mut self) {
        let pending = !self.mempool.read().is_empty();
        let due = pending || self.head.unsealed || self.consensus.is_wanted();
        if due && !self.catch_up.is_under_way() {
            self.begin_height();
        }
    }

    /// After a commit: begins the next height at once, or rests until the heartbeat.
    pub(crate) fn rest(&mut self) {
        self.phase = Phase::Resting;
        self.round = 0;
        self.learn_sign_from();
        self.begin_height_if_due();
        if matches!(self.phase, Phase::Resting) {
            self.set_timer(Timer::Heartbeat, self.rules.parameters.consensus.heartbeat_ms);
            self.verify_next();
        }
    }

    /// Tells a validator that still works on a decided height how far the chain is.
    pub(crate) fn tell_straggler(&mut self, validator: &PublicKey, height: u64) {
        let committed = self.head.header.height;
        let message = self.own_status();
        let index = self.rules.validators.index_of(validator);
        let node = index.and_then(|index| self.rules.validators.get(index)).map(|it| it.node_key);
        if let Some(peer) = node.filter(|_| height <= committed)
            && self.pacing.may_hint(validator, self.now_ms)
        {
            self.effects.push(Effect::Send { peer, message });
        }
    }

    pub(crate) fn on_consensus_message(&mut self, peer: PublicKey, message: Message) {
        let height = message.height();
        let next = self.head.next_height();
        if height > next {
            self.on_peer_height(peer, height - 1);
        }
        if height >= next {
            let proposal = match &message {
                Message::Proposal(proposal) => Some(proposal.clone()),
                _ => None,
            };
            self.consensus_step(Input::Message(message));
            match proposal {
                Some(proposal) if height == next => self.on_announced(proposal),
                Some(proposal) if height == next + 1 => self.bodies.keep_early_proposal(proposal),
                _ => {}
            }
        }
    }
}
