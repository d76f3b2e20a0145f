use ehb_consensus::{HeightStart, Input, LogEntry, Message};
use ehb_types::{Block, PublicKey};

use crate::bodies::Verdict;
use crate::replica::Phase;
use crate::{Effect, Replica, Timer};

/// In how many heights a validator that lost its records does not sign. It may have been the only
/// one to know that a height was decided, and have voted in the next.
const UNSIGNED_HEIGHTS: u64 = 2;

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
        if log.is_empty() {
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
        if self.fresh && !self.knows_the_chain() {
            self.held_back = true;
            return;
        }
        self.start_height(Vec::new());
    }

    /// Begins the height that a node without records did not dare to begin, once it does.
    pub(crate) fn begin_fresh(&mut self) {
        if self.fresh && self.held_back && !self.catch_up.is_under_way() {
            self.held_back = false;
            self.begin_height();
        }
    }

    /// Whether validators that make a quorum together with this one told their height, and none of
    /// them is ahead. A node that lost its records must not vote where it may have voted before; if
    /// it waits for as many, at least one of them took part in the newest decided height.
    fn knows_the_chain(&self) -> bool {
        let Some(own) = self.public_key else { return true };
        let set = &self.rules.validators;
        let told = set.validators().iter().filter(|validator| {
            validator.consensus_key == own || self.peers.has_told(&validator.node_key)
        });
        let power = told.map(|validator| validator.power).sum();
        let ahead = self.peers.best_height() > self.head.header.height;
        set.index_of(&own).is_none() || (set.is_quorum(power) && !ahead)
    }

    fn start_height(&mut self, log: Vec<LogEntry>) {
        let height = self.head.next_height();
        self.phase = Phase::Running;
        self.round = 0;
        if std::mem::take(&mut self.fresh) && self.head.header.height > 0 {
            self.sign_from = self.head.header.height + UNSIGNED_HEIGHTS + 1;
        }
        let start = HeightStart {
            height,
            validators: self.rules.validators.clone(),
            passed_over: self.rules.passed_over.clone(),
            parameters: self.rules.parameters.consensus.clone(),
            sign: height >= self.sign_from,
            log,
        };
        self.consensus_step(Input::Start(start));
    }

    /// Begins the next height if there is something to decide.
    pub(crate) fn begin_height_if_due(&mut self) {
        let due = !self.mempool.read().is_empty() || self.head.unsealed;
        if due && !self.catch_up.is_under_way() {
            self.begin_height();
        }
    }

    /// After a commit: begins the next height at once, or rests until the heartbeat.
    pub(crate) fn rest(&mut self) {
        self.phase = Phase::Resting;
        self.round = 0;
        self.begin_height_if_due();
        if matches!(self.phase, Phase::Resting) {
            self.set_timer(Timer::Heartbeat, self.rules.parameters.consensus.heartbeat_ms);
        }
    }

    /// Tells a validator that still works on a decided height how far the chain is.
    pub(crate) fn tell_straggler(&mut self, validator: &PublicKey, height: u64) {
        let committed = self.head.header.height;
        let index = self.rules.validators.index_of(validator);
        let node = index.and_then(|index| self.rules.validators.get(index)).map(|it| it.node_key);
        if let Some(peer) = node.filter(|_| height <= committed)
            && self.pacing.may_hint(validator, self.now_ms)
        {
            let message = crate::Message::Status { height: committed };
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
                Message::Proposal(proposal) if height == next => Some(proposal.clone()),
                _ => None,
            };
            self.consensus_step(Input::Message(message));
            if let Some(proposal) = proposal {
                self.on_announced(proposal);
            }
        }
    }
}
