//! Decides in which heights this node can sign, and warns the operator when too few validators do.

use ehb_consensus::LastSigned;
use ehb_types::{Validator, encode};

use crate::peers::Witness;
use crate::records::Records;
use crate::{Message, Ordered, Replica, Voting};

/// The number of status rounds with too few signing validators before the operator is warned.
pub(crate) const STALLED_ROUNDS: u32 = 10;

/// Whether a node signs in the next height, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// It is not among the validators.
    Observes,
    /// It is a validator and may sign every message of the height.
    Signs,
    /// It lost its records of what its key signed, or they may be old: it is silent until this height.
    From(u64),
    /// It lost its records, and too few validators have answered to know a height.
    Unknown,
    /// It has just started, and too few validators have answered what they saw of its key; or its directory is new or a
    /// copy, and it watches whether another node signs with its key.
    Asks,
    /// Another node signs with its key: it is silent until that one is gone.
    KeyUsedElsewhere,
}

/// Determines from which height a key can sign.
///
/// A validator whose directory was emptied knows neither its votes nor its locks. It must stay out of every
/// height in which it may have voted; then it cannot equivocate, nor help to decide against an earlier
/// decision. It can have voted in height `h` only if it saw `h - 1` decided, so a quorum precommitted in `h -
/// 1`. Any quorum shares a member with that one, and that member knows that it precommitted. So the highest
/// height in which a member of a quorum precommitted, or which it committed, plus one, is the last in which
/// the emptied validator may have voted. The quorum is of the validators of `h - 1`, which can be others than those of the next
/// height; of more than the height after that, no validator can have decided one of which this node knows nothing.
impl Replica {
    /// Whether this node is a validator that does not know yet from which height it can sign, or whether its
    /// records are the newest, or whether another node runs with its key.
    pub(crate) fn is_unsure(&self) -> bool {
        (self.sign_from.is_none() || self.asks || self.is_watching()) && self.own_power() > 0
    }

    /// Whether the records of what the key signed were lost or distrusted, and it has signed nothing since: a height from which
    /// it can sign is no reason to expect no other node with the key.
    pub(crate) fn has_signed_nothing_yet(&self) -> bool {
        self.sign_from.is_none_or(|from| from > 1)
    }

    pub(crate) fn may_sign(&self, height: u64) -> bool {
        !self.asks
            && !self.is_watching()
            && self.elsewhere.is_none()
            && self.sign_from.is_some_and(|from| height >= from)
    }

    /// The status that is sent to peers.
    pub(crate) fn own_status(&self) -> Message {
        let height = self.head.header.height;
        Message::Status { height, voting: self.voting(), clock_ms: self.clock_ms, run: self.run }
    }

    /// How this node takes part in consensus.
    fn voting(&self) -> Voting {
        match self.reached().filter(|_| self.own_power() > 0 && self.elsewhere.is_none()) {
            None => Voting::Silent,
            Some(_) if self.asks || self.is_watching() => Voting::Asks,
            Some(reached) => Voting::Votes(reached),
        }
    }

    /// The height up to which this node may have helped to decide, committed or not; `None` if it lost its
    /// records and is not past the heights in which its key may have signed.
    pub(crate) fn reached(&self) -> Option<u64> {
        self.sign_from.filter(|from| self.head.next_height() >= *from)?;
        let signed = self.consensus.last_signed().map_or(0, LastSigned::decided_up_to);
        Some(signed.max(self.head.header.height))
    }

    /// Determines from which height the key can sign, once enough validators have answered and this node has
    /// all the blocks that they have.
    pub(crate) fn learn_sign_from(&mut self) {
        let head = self.head.header.height;
        if self.sign_from.is_some() || !self.is_member() || self.catch_up.is_under_way() {
            return;
        }
        let set = &self.rules.validators;
        let (mut power, mut reached) = (0, head);
        for validator in set.validators() {
            let witness = self.peers.witness(&validator.node_key, self.now_ms);
            match witness {
                Some(Witness { height, .. }) if height > head => return,
                // A validator that helped to decide more than it has is itself catching up.
                Some(it) if it.reached <= it.height + 1 => {
                    power += validator.power;
                    reached = reached.max(it.reached);
                }
                _ => {}
            }
        }
        // The remaining validators must be no quorum, even with this node. That counts for the first height that none of
        // those heard may have helped to decide: others may decide it than the next one.
        let deciding = self.rules.deciding(reached == head);
        let is_heard = |it: &&Validator| {
            let witness = self.peers.witness(&it.node_key, self.now_ms);
            witness.is_some_and(|it| it.reached <= it.height + 1)
        };
        let heard: u64 = deciding.validators().iter().filter(is_heard).map(|it| it.power).sum();
        let unheard = deciding.total_power().saturating_sub(heard);
        if set.is_quorum(power + self.own_power()) && !deciding.is_quorum(unheard) {
            self.sign_only_from(reached + 2 + self.watch_heights);
        }
    }

    fn sign_only_from(&mut self, height: u64) {
        tracing::warn!(
            height,
            head = self.head.header.height,
            silent_ms = self.watch_ms(),
            "this node does not know what its key signed: it votes from that height on, and not before no other node \
             with its key was noticed for `silent_ms`"
        );
        let record = LastSigned::below(height);
        let record = self.recorded.map_or(record, |recorded| recorded.max(record));
        self.sign_from = Some(height);
        self.recorded = Some(record);
        self.push(Ordered::RecordSigned(encode(&record)));
        self.dirty = true;
        self.sync();
        if std::mem::take(&mut self.held_back) {
            self.begin_height();
        }
        self.begin_height_if_due();
    }

    /// How this node takes part.
    pub(crate) fn signing(&self) -> Signing {
        match self.sign_from {
            _ if self.own_power() == 0 => Signing::Observes,
            _ if self.elsewhere.is_some() => Signing::KeyUsedElsewhere,
            None => Signing::Unknown,
            Some(from) if from > self.head.next_height() => Signing::From(from),
            Some(_) if self.asks => match self.seen.records {
                Some(Records::MayBeOld { safe_from }) => Signing::From(safe_from),
                Some(Records::Newest) | None => Signing::Asks,
            },
            Some(_) if self.is_watching() => Signing::Asks,
            Some(_) => Signing::Signs,
        }
    }

    /// Whether validators that lost their records keep the chain from making progress by itself: the connected
    /// validators that vote, or will vote after asking, are no quorum, and with those that are silent they
    /// would be one. If others use this node's key, it is silent for that reason; and as long as they have decided more, the chain
    /// goes on without it, or it may yet learn all that it needs.
    pub(crate) fn is_stalled(&self) -> bool {
        if self.announced_height() > self.head.header.height {
            return false;
        }
        let set = &self.rules.validators;
        let (mut power, mut silent) = (0, 0);
        for validator in set.validators() {
            match self.voting_of(validator) {
                Some(Voting::Votes(_) | Voting::Asks) => power += validator.power,
                Some(Voting::Silent) => silent += validator.power,
                None => {}
            }
        }
        !self.is_key_used_elsewhere() && !set.is_quorum(power) && set.is_quorum(power + silent)
    }

    /// Whether [`Self::is_stalled`] cannot pass by itself: the validators that are silent with all known
    /// blocks leave no quorum, whatever is not known of the others.
    pub(crate) fn is_stalled_for_good(&self) -> bool {
        let head = self.head.header.height;
        // A validator that lacks blocks may vote once it has them.
        if self.catch_up.is_under_way() || self.peers.best_height() > head || !self.is_stalled() {
            return false;
        }
        let set = &self.rules.validators;
        let has_all =
            |it: &Validator| self.is_own(it) || self.peers.height_of(&it.node_key) == head;
        let silent = |it: &&Validator| self.voting_of(it) == Some(Voting::Silent) && has_all(it);
        let silent: u64 = set.validators().iter().filter(silent).map(|it| it.power).sum();
        !set.is_quorum(set.total_power().saturating_sub(silent))
    }

    fn is_own(&self, validator: &Validator) -> bool {
        Some(validator.consensus_key) == self.public_key
    }

    /// How a validator takes part in consensus, if known.
    fn voting_of(&self, validator: &Validator) -> Option<Voting> {
        if self.is_own(validator) {
            return Some(self.voting());
        }
        self.peers.voting(&validator.node_key)
    }

    /// Warns the operator when the chain cannot make progress by itself.
    pub(crate) fn warn_if_stalled(&mut self) {
        self.stalled_rounds =
            if self.is_stalled() { self.stalled_rounds.saturating_add(1) } else { 0 };
        if self.stalled_rounds != STALLED_ROUNDS {
            return;
        }
        let height = self.head.header.height;
        tracing::error!(
            height,
            signing = ?self.signing(),
            "too few validators sign, because some lost their records of what they signed: the chain \
             cannot go on by itself. Start those that are down. If all run, and none has a block above \
             this height, stop one of those that lost their records, run `ehb-node unlock --data-dir \
             DIR --sign-from {}` there, and start it again",
            height + 1
        );
    }

    /// Whether this node is a validator of the next two heights, or is to join.
    pub(crate) fn is_member(&self) -> bool {
        self.public_key.is_some_and(|own| self.rules.is_member(&own))
    }

    /// The voting power of this node; 0 for an observer.
    pub(crate) fn own_power(&self) -> u64 {
        let set = &self.rules.validators;
        let index = self.public_key.and_then(|own| set.index_of(&own));
        index.and_then(|index| set.get(index)).map_or(0, |validator| validator.power)
    }
}
