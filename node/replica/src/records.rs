//! Decides from the answers of other validators when this node can vote again after a start.

use ehb_types::{PublicKey, ValidatorSet};

use crate::Replica;
use crate::replica::{Phase, STATUS_MS};

/// The number of status rounds after the start to wait for answers of all validators. After them a quorum is
/// enough.
const ALL_ANSWER_ROUNDS: u32 = 2;
/// The number of status rounds, and of heartbeats, without a decision after which a validator with possibly
/// old records votes: its earlier messages have arrived by then, or never will.
const QUIET_ROUNDS: u32 = 60;
const QUIET_HEARTBEATS: u64 = 3;

/// The height of a validator when it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The height up to which it had committed.
    height: u64,
    /// The height up to which it may have helped to decide.
    reached: u64,
}

/// The conclusion from the others' answers about this node's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    /// No validator knows of a newer message of the key.
    Newest,
    /// The key may have signed since then.
    MayBeOld {
        /// The first height in which it cannot have signed.
        safe_from: u64,
    },
}

/// A summary of the answers of validators.
struct Answers {
    /// Their voting power, without this node's.
    power: u64,
    /// The greatest height that one of them had committed.
    height: u64,
    /// The greatest height that one of them may have helped to decide.
    reached: u64,
}

/// Whether this node's records of what its key signed are the newest.
///
/// A data directory may be an old copy: from a backup, from another machine, or a whole disk that was set
/// back. Its records are complete, but do not contain what the key signed since. So before the first vote
/// after a start a validator asks the others what they saw of its key, and which height they reached. Both
/// answers date from after the end of the earlier run.
///
/// 1. A newer message of the key proves that the copy is old. Then the validator signs like one whose
///    directory was emptied.
/// 2. The absence of one proves nothing: the last messages may have reached only nodes that are offline, or
///    got lost. But the key can have signed in height `h` only after it saw `h - 1` decided, and thus after a
///    quorum had durably recorded its precommits there. The validators that answer share a member with that
///    quorum, so the greatest height that one of them reached, plus one, is the last in which the key can
///    have signed; in later heights a signature cannot contradict it.
/// 3. If the others have decided more than these records contain, or the records come from another directory,
///    the validator waits for that height. It fetches blocks meanwhile. In another directory it also waits until no sign of
///    another node with its key came for some time (`watch.rs`).
/// 4. Otherwise the records are as new as the last decision, as after any restart, and it votes at once: all
///    validators may have lost power together, and one has to be first. Not covered is a disk that was set
///    back undetected by less than a height, whose last messages reached only nodes that do not answer; the
///    second record in `store.signer_state` covers that too.
/// 5. If the chain makes no progress, it may be waiting for this validator: the others may be fewer than a
///    quorum. After half a minute without a decision and without a newer message, it votes. So it does when those that
///    answer form a quorum with it but need not share a member with every other quorum, which unequal power
///    allows while one validator is silent.
///
/// A height counts only once its block is here, so that a false claim cannot silence a validator.
impl Replica {
    /// Records a validator's height. Its first answer counts: later ones are no more reliable, and a fast
    /// chain would always be ahead of this node.
    pub(crate) fn on_answer(&mut self, peer: PublicKey, height: u64, reached: Option<u64>) {
        let Some(validator) = self.validator_of(&peer).filter(|_| self.asks) else { return };
        if let Some(reached) = reached {
            self.seen.answers.entry(validator).or_insert(Answer { height, reached });
        }
        self.confirm_records();
    }

    /// After a commit.
    pub(crate) fn chain_moved(&mut self) {
        self.seen.moved = self.seen.rounds;
    }

    /// Signs from now on, if the answers permit it.
    pub(crate) fn confirm_records(&mut self) {
        if !self.asks {
            return;
        }
        if self.seen.records.is_none() {
            self.judge_records();
        }
        let may_vote = match self.seen.records {
            Some(Records::Newest) => true,
            Some(Records::MayBeOld { safe_from }) => {
                self.head.next_height() >= safe_from || self.is_quiet()
            }
            None => self.is_quiet() && self.is_quorum_with_own(self.answers().power),
        };
        if !may_vote || self.is_watching() {
            return;
        }
        self.asks = false;
        self.seen.answers.clear();
        let log = std::mem::take(&mut self.recovered);
        let next = self.head.next_height();
        let held_back = std::mem::take(&mut self.held_back);
        if matches!(self.phase, Phase::Resting) {
            if log.first().is_some_and(|entry| entry.height() == next) {
                self.start_height(log);
            } else if held_back {
                self.begin_height();
            }
            self.begin_height_if_due();
        }
    }

    fn answers(&self) -> Answers {
        let head = self.head.header.height;
        let mut answers = Answers { power: 0, height: 0, reached: 0 };
        for validator in self.rules.validators.validators() {
            // A node that helped to decide more than one block above its own is itself catching up.
            let counts = |it: &&Answer| it.height <= head && it.reached <= it.height + 1;
            if let Some(answer) = self.seen.answers.get(&validator.consensus_key).filter(counts) {
                answers.power += validator.power;
                answers.height = answers.height.max(answer.height);
                answers.reached = answers.reached.max(answer.reached);
            }
        }
        answers
    }

    /// The power of the validators of a height that did not answer, this node included.
    fn unheard(&self, set: &ValidatorSet) -> u64 {
        let head = self.head.header.height;
        let counts = |it: &Answer| it.height <= head && it.reached <= it.height + 1;
        let unheard = set
            .validators()
            .iter()
            .filter(|it| !self.seen.answers.get(&it.consensus_key).is_some_and(counts));
        unheard.map(|it| it.power).sum()
    }

    fn is_quorum_with_own(&self, power: u64) -> bool {
        self.rules.validators.is_quorum(power.saturating_add(self.own_power()))
    }

    fn judge_records(&mut self) {
        let (set, own) = (&self.rules.validators, self.own_power());
        let head = self.head.header.height;
        let Answers { power, height, reached } = self.answers();
        let total = set.total_power();
        let all = power.saturating_add(own) >= total;
        // The remaining validators must be no quorum, even with this node. That counts for the first height that none of
        // those that answered may have helped to decide: others may decide it than the next one.
        let deciding = self.rules.deciding(reached <= head);
        let enough = self.is_quorum_with_own(power)
            && (set.is_quorum(own) || !deciding.is_quorum(self.unheard(deciding)));
        if !enough || (!all && self.seen.rounds < ALL_ANSWER_ROUNDS) {
            return;
        }
        let known = self.recorded.map_or(0, |it| it.height).max(self.started_at);
        let may_be_old = power > 0 && (self.copied || height > known);
        let safe_from = reached.saturating_add(2);
        self.seen.records = Some(if may_be_old && safe_from > self.head.next_height() {
            tracing::warn!(
                safe_from,
                head,
                copied = self.copied,
                "this directory may be an old copy, or the chain went on while the node was away: it votes from \
                 that height on, where it can contradict nothing, or once nothing is decided for half a minute"
            );
            Records::MayBeOld { safe_from }
        } else {
            Records::Newest
        });
    }

    /// Whether nothing was decided for so long that the chain may be waiting for this node.
    fn is_quiet(&self) -> bool {
        self.quiet_rounds_left() == 0
    }

    /// The number of status rounds without a decision after which the chain may be waiting for this node.
    fn quiet_rounds_left(&self) -> u64 {
        let heartbeats_ms =
            self.rules.parameters.consensus.heartbeat_ms.saturating_mul(QUIET_HEARTBEATS);
        let rounds = u64::from(QUIET_ROUNDS).max(heartbeats_ms / STATUS_MS);
        rounds.saturating_sub(self.seen.rounds.saturating_sub(self.seen.moved).into())
    }

    /// The time until this validator votes although its records may be old, if nothing is decided meanwhile,
    /// milliseconds.
    pub(crate) fn votes_within_ms(&self) -> Option<u64> {
        let is_timed = match self.seen.records {
            Some(Records::MayBeOld { .. }) => true,
            Some(Records::Newest) => false,
            None => self.is_quorum_with_own(self.answers().power),
        };
        (self.asks && is_timed && self.own_power() > 0 && !self.is_twin_reported())
            .then(|| self.quiet_rounds_left().saturating_mul(STATUS_MS))
    }
}
