use ehb_types::PublicKey;

use crate::Replica;
use crate::replica::{Phase, STATUS_MS};

/// How many status rounds after the start all validators may take to answer. After them a quorum is enough.
const ALL_ANSWER_ROUNDS: u32 = 2;
/// For how many status rounds, and for how many heartbeats, the chain must stand still until a validator votes
/// whose records may be old: what it sent before has arrived by then, or never will.
const QUIET_ROUNDS: u32 = 60;
const QUIET_HEARTBEATS: u64 = 3;

/// How far a validator was when it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The height up to which it had committed.
    height: u64,
    /// The height up to which it may have helped to decide.
    reached: u64,
}

/// What the others' answers say of this node's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    /// Nobody knows of anything that came after them.
    Newest,
    /// The key may have signed since.
    MayBeOld {
        /// The first height in which it cannot have.
        safe_from: u64,
        /// The status round in which the chain moved last.
        moved: u32,
    },
}

/// Whether this node's records of what its key signed are the newest that there are.
///
/// A data directory may be an old copy: of a backup, of another machine, or a whole disk that was set back. Its
/// records are whole, and say less than what the key signed since. So before the first vote after a start a
/// validator hears from the others what they saw of its key, and how far they were. Both are as of a moment after
/// the earlier life ended.
///
/// 1. A newer message of the key proves that the copy is old. It then signs as one whose directory was emptied.
/// 2. That nobody has one proves nothing: the last messages may have reached only nodes that are away, or got
///    lost. But the key can have signed in height `h` only after it saw `h - 1` decided, so after a quorum had
///    recorded durably that it precommitted there. Those who answer share a member with that quorum, so
///    the greatest height that one of them reached, plus one, is the last in which the key can have signed; from
///    the next on nothing contradicts it.
/// 3. Where the others have decided more than these records know of, or the records come from another
///    directory, the key waits for that height. It fetches blocks meanwhile.
/// 4. Otherwise the records are as new as everything decided, as after any restart, and it votes at once: all
///    validators may have lost power together, and somebody has to begin. What is left out is a disk that was set
///    back unnoticed by less than a height, whose last messages reached only nodes that do not answer; the
///    second record in `store.signer_state` sees that too.
/// 5. If the chain stands still, it may be waiting for this validator: the others may be fewer than a quorum.
///    After half a minute in which nothing was decided and nobody has shown a newer message, it votes.
///
/// Heights are believed only once their blocks are here, so that nobody can silence a validator by a false claim.
impl Replica {
    /// A validator says how far it is. Its first answer counts: later ones are no truer, and a chain that goes
    /// on quickly would always be ahead of this node.
    pub(crate) fn on_answer(&mut self, peer: PublicKey, height: u64, reached: Option<u64>) {
        let Some(validator) = self.validator_of(&peer).filter(|_| self.asks) else { return };
        if let Some(reached) = reached {
            self.seen.answers.entry(validator).or_insert(Answer { height, reached });
        }
        self.confirm_records();
    }

    /// After a commit.
    pub(crate) fn chain_moved(&mut self) {
        if let Some(Records::MayBeOld { moved, .. }) = &mut self.seen.records {
            *moved = self.seen.rounds;
        }
    }

    /// Signs from now on, if the answers allow it.
    pub(crate) fn confirm_records(&mut self) {
        if !self.asks {
            return;
        }
        if self.seen.records.is_none() {
            self.judge_records();
        }
        match self.seen.records {
            None => return,
            Some(Records::MayBeOld { safe_from, moved })
                if self.head.next_height() < safe_from && !self.is_quiet_since(moved) =>
            {
                return;
            }
            Some(Records::MayBeOld { .. } | Records::Newest) => {}
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

    fn judge_records(&mut self) {
        let (set, own) = (&self.rules.validators, self.own_power());
        let head = self.head.header.height;
        let (mut power, mut height, mut reached) = (0, 0, 0);
        for validator in set.validators() {
            // A node that helped to decide more than a block above its own is itself catching up.
            let counts = |it: &&Answer| it.height <= head && it.reached <= it.height + 1;
            if let Some(answer) = self.seen.answers.get(&validator.consensus_key).filter(counts) {
                power += validator.power;
                height = height.max(answer.height);
                reached = reached.max(answer.reached);
            }
        }
        let total = set.total_power();
        let all = power.saturating_add(own) >= total;
        // The others could be a quorum with this node's help, and none without those who answered.
        let enough = set.is_quorum(power.saturating_add(own))
            && (set.is_quorum(own) || !set.is_quorum(total.saturating_sub(power)));
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
            Records::MayBeOld { safe_from, moved: self.seen.rounds }
        } else {
            Records::Newest
        });
    }

    /// Whether nothing was decided for so long that the chain may be waiting for this node.
    fn is_quiet_since(&self, moved: u32) -> bool {
        let heartbeats_ms =
            self.rules.parameters.consensus.heartbeat_ms.saturating_mul(QUIET_HEARTBEATS);
        let rounds = u64::from(QUIET_ROUNDS).max(heartbeats_ms / STATUS_MS);
        u64::from(self.seen.rounds.saturating_sub(moved)) >= rounds
    }
}
