//! Reports to validators which votes of their keys were seen, and detects a key that is used elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use ehb_consensus::{ConsensusMessage, LastSigned, LogEntry};
use ehb_types::{PublicKey, SignedVote, VoteKind};

use crate::records::{Answer, Records};
use crate::{Message, Ordered, Replica, Signing, Voting};

/// The number of status rounds after which each signing validator is sent what was seen of its key, so that
/// it learns if its key is used elsewhere.
const REMIND_ROUNDS: u32 = 10;
/// How often an earlier run of a validator must reappear after a later one before two nodes are assumed to
/// use its key: once may be a late message.
const RETURNS: u32 = 2;
/// The number of further heights in which an old copy stays silent, while it watches whether its key signs
/// elsewhere.
const WATCH_HEIGHTS: u64 = 8;
/// The time without a sign of another node with the same key after which it is assumed to be gone, milliseconds. Two
/// running nodes take turns every few seconds, and a validator votes at each heartbeat.
const GONE_MS: u64 = 60_000;

/// Another node signs with this node's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Its newest known message.
    newest: LastSigned,
    /// When that was seen, milliseconds.
    seen_ms: u64,
}

/// The known messages of validators, and what others know about ours.
#[derive(Default)]
pub(crate) struct Seen {
    /// The newest vote or proposal of each validator.
    newest: BTreeMap<PublicKey, ConsensusMessage>,
    /// The heights of validators in their answers after the start: the first answer of each that has its
    /// records.
    pub(crate) answers: BTreeMap<PublicKey, Answer>,
    /// The conclusion from the answers, once there are enough.
    pub(crate) records: Option<Records>,
    /// The status rounds since the start.
    pub(crate) rounds: u32,
    /// The status round in which the chain last made progress; 0 at the start.
    pub(crate) moved: u32,
    /// The runs of nodes with each validator's node key.
    runs: BTreeMap<PublicKey, Runs>,
    /// The validators that report that two nodes use this node's key.
    twins: BTreeSet<PublicKey>,
}

/// The last two runs of nodes with one key, and how often an earlier one reappeared.
#[derive(Default)]
struct Runs {
    last: u64,
    before: u64,
    returns: u32,
    /// When the last one appeared, milliseconds.
    turned_ms: u64,
}

impl Runs {
    /// Whether two nodes use the key now.
    fn are_two(&self, now_ms: u64) -> bool {
        self.returns >= RETURNS && now_ms.saturating_sub(self.turned_ms) < GONE_MS
    }
}

impl Seen {
    /// Records a message with a valid signature, from its log entry.
    pub(crate) fn note(&mut self, entry: &LogEntry) {
        match entry {
            LogEntry::Vote(it) => self.note_message(ConsensusMessage::Vote(it.clone())),
            LogEntry::Proposal(it) => self.note_message(ConsensusMessage::Proposal(it.clone())),
            LogEntry::Polka(it) => {
                it.prevotes().for_each(|it| self.note_message(ConsensusMessage::Vote(it)))
            }
            LogEntry::Value(_) | LogEntry::Timeout(_) => {}
        }
    }

    fn note_message(&mut self, message: ConsensusMessage) {
        let Some((signer, signed)) = message.signed() else { return };
        let known = self.newest.get(&signer).and_then(ConsensusMessage::signed);
        if known.is_none_or(|(_, known)| known.place() < signed.place()) {
            self.newest.insert(signer, message);
        }
    }

    /// Removes former validators.
    pub(crate) fn keep_validators(&mut self, is_validator: impl Fn(&PublicKey) -> bool) {
        self.newest.retain(|validator, _| is_validator(validator));
        self.answers.retain(|validator, _| is_validator(validator));
        self.twins.retain(|validator| is_validator(validator));
        self.runs.retain(|validator, _| is_validator(validator));
    }
}

/// Exchanges what this node saw of the keys of others, and what others saw of its own. The signature of the
/// key authenticates each message.
impl Replica {
    /// Sends a validator what this node saw of its key.
    pub(crate) fn send_seen(&mut self, peer: PublicKey) {
        let Some(validator) = self.validator_of(&peer) else { return };
        let twin = self.seen.runs.get(&validator).is_some_and(|it| it.are_two(self.now_ms));
        let newest = self.newest_of(&validator);
        let (height, reached) = (self.head.header.height, self.reached());
        let message = Message::Seen { newest, twin, height, reached };
        self.push(Ordered::Send { peer, message });
    }

    /// Sends it again to validators that do not sign yet, and from time to time to all.
    pub(crate) fn repeat_seen(&mut self) {
        self.seen.rounds = self.seen.rounds.wrapping_add(1);
        let all = self.seen.rounds.is_multiple_of(REMIND_ROUNDS);
        for peer in self.peers.connected() {
            if all || matches!(self.peers.voting(&peer), Some(Voting::Asks | Voting::Silent)) {
                self.send_seen(peer);
            }
        }
    }

    /// The newest message of a validator: seen in consensus, kept for a future height, or in the head's
    /// certificate.
    fn newest_of(&self, validator: &PublicKey) -> Option<ConsensusMessage> {
        let seen = self.seen.newest.get(validator).cloned();
        let early = self.consensus.newest_early(validator).cloned();
        let certified = self.certified_vote(validator);
        let place = |it: &ConsensusMessage| it.signed().map(|(_, signed)| signed.place());
        seen.into_iter().chain(early).chain(certified).max_by_key(place)
    }

    /// A validator's precommit in the head's certificate.
    fn certified_vote(&self, validator: &PublicKey) -> Option<ConsensusMessage> {
        let certificate = self.parent_certificate()?;
        let index = u16::try_from(self.rules.last.index_of(validator)?).ok()?;
        let signature = certificate.signatures.iter().find(|it| it.validator == index)?.signature;
        let vote = ehb_types::Vote {
            kind: VoteKind::Precommit,
            height: certificate.height,
            round: certificate.round,
            block: Some(certificate.block),
            validator: *validator,
        };
        Some(ConsensusMessage::Vote(SignedVote { vote, signature }))
    }

    /// Records the run of a node with a validator's node key. One that reappears after a later one runs at
    /// the same time. Both are notified as soon as it is known, each in its turn.
    pub(crate) fn note_run(&mut self, peer: PublicKey, run: u64) {
        let Some(validator) = self.validator_of(&peer) else { return };
        let runs = self.seen.runs.entry(validator).or_default();
        if run == runs.last {
            return;
        }
        runs.returns = if run == runs.before { runs.returns.saturating_add(1) } else { 0 };
        runs.before = std::mem::replace(&mut runs.last, run);
        runs.turned_ms = self.now_ms;
        if runs.are_two(self.now_ms) {
            self.send_seen(peer);
        }
    }

    /// Whether another node uses this node's key: validators report it, or this node detected it itself.
    pub(crate) fn is_key_used_elsewhere(&self) -> bool {
        self.elsewhere.is_some() || self.is_twin_reported()
    }

    /// Whether more than a third of the voting power reports that two nodes use this node's key.
    pub(crate) fn is_twin_reported(&self) -> bool {
        let set = &self.rules.validators;
        let says = |it: &&ehb_types::Validator| self.seen.twins.contains(&it.consensus_key);
        let power: u64 = set.validators().iter().filter(says).map(|it| it.power).sum();
        !set.is_quorum(set.total_power().saturating_sub(power))
    }

    fn note_twin(&mut self, validator: PublicKey, twin: bool) {
        let before = self.is_key_used_elsewhere();
        if twin {
            self.seen.twins.insert(validator);
        } else {
            self.seen.twins.remove(&validator);
        }
        if !before && self.is_key_used_elsewhere() {
            self.log_twin();
        } else if before && !self.is_key_used_elsewhere() {
            tracing::info!("no other node connects with this node's key any more");
        }
    }

    fn log_twin(&self) {
        let signing = self.signing();
        match signing {
            Signing::Signs => tracing::error!(
                "another node connects with this node's key: stop one of the two. This one votes; the other one \
                 does not if its directory is a copy"
            ),
            _ => tracing::error!(
                ?signing,
                "another node connects with this node's key: stop one of the two. This one does not vote until \
                 the other one is gone"
            ),
        }
    }

    /// Processes a peer's report on this node's keys.
    pub(crate) fn on_seen(&mut self, peer: PublicKey, seen: Option<ConsensusMessage>, twin: bool) {
        let Some(validator) = self.validator_of(&peer) else { return };
        if let Some(message) = seen {
            let Some(own) = self.public_key else { return };
            let Some((signer, signed)) = message.signed() else { return };
            if signer != own {
                return;
            }
            if self.is_newer(&signed) || self.is_news(&signed) {
                if !self.is_signed(&message) {
                    self.penalise(peer, "sent a message that this node's key did not sign");
                    return;
                }
                self.on_newer_signature(signed);
            }
        }
        self.note_twin(validator, twin);
    }

    /// While this node does not vote yet: processes a message of its key that arrived unrequested.
    pub(crate) fn watch_for_own(&mut self, message: &ConsensusMessage) {
        if let Some((signer, signed)) = message.signed()
            && Some(signer) == self.public_key
            && ((self.asks && self.is_newer(&signed)) || self.is_news(&signed))
            && self.is_signed(message)
        {
            self.on_newer_signature(signed);
        }
    }

    fn is_signed(&self, message: &ConsensusMessage) -> bool {
        match message {
            ConsensusMessage::Vote(it) => it.verify(&self.chain).is_ok(),
            ConsensusMessage::Proposal(it) => it.verify(&self.chain).is_ok(),
            ConsensusMessage::Polka(_) | ConsensusMessage::Round(_) => false,
        }
    }

    /// Whether this node's records lack a message of its key. They may lack one of a height that was
    /// committed before the start: power may have failed after its precommit decided but before it was
    /// recorded.
    fn is_newer(&self, signed: &LastSigned) -> bool {
        signed.height > self.started_at
            && self.recorded.is_none_or(|recorded| recorded.place() < signed.place())
    }

    /// The key signed a message that is not in this node's records.
    pub(crate) fn on_newer_signature(&mut self, signed: LastSigned) {
        self.note_own_message(signed);
        if let Some(elsewhere) = &mut self.elsewhere {
            if elsewhere.newest.place() < signed.place() {
                *elsewhere = Elsewhere { newest: signed, seen_ms: self.now_ms };
            }
            return;
        }
        if !self.is_newer(&signed) || self.sign_from.is_none() {
            return;
        }
        if self.asks {
            tracing::error!(
                ?signed,
                recorded = ?self.recorded,
                "this data directory is an old copy, or another node uses its key: others have newer \
                 votes of it. This node is silent until it is past all that the key can have signed. If \
                 another node runs with this key, stop one of the two"
            );
            self.distrust_records();
        } else {
            self.found_elsewhere(signed);
        }
    }

    /// The key signed more than this node knows: from now on it signs like one whose directory was emptied, some heights
    /// later, and not while a sign of another node was seen lately.
    fn distrust_records(&mut self) {
        self.asks = false;
        self.seen.records = None;
        self.sign_from = None;
        self.watch_heights = WATCH_HEIGHTS;
        self.recovered.clear();
        self.begin_watch();
        self.learn_sign_from();
    }

    fn found_elsewhere(&mut self, signed: LastSigned) {
        tracing::error!(
            ?signed,
            recorded = ?self.recorded,
            "another node signs with this node's key: this one signs nothing until the other one is gone. Stop \
             one of the two"
        );
        self.elsewhere = Some(Elsewhere { newest: signed, seen_ms: self.now_ms });
        self.consensus.fall_silent();
    }

    /// Ends the silence of this node once the other one with its key is gone.
    pub(crate) fn end_elsewhere(&mut self) {
        let is_gone = |it: &Elsewhere| self.now_ms.saturating_sub(it.seen_ms) >= GONE_MS;
        if self.is_twin_reported() || !self.elsewhere.as_ref().is_some_and(is_gone) {
            return;
        }
        tracing::warn!(
            "no other node signs with this node's key any more: this one votes again from a height on in which \
             the key cannot have signed"
        );
        self.elsewhere = None;
        self.distrust_records();
    }

    /// After a commit: whether the key signed in a height where neither this node nor an earlier run of it
    /// can have signed.
    pub(crate) fn watch_own_key(&mut self) {
        let Some(own) = self.public_key else { return };
        let from = self.sign_from.unwrap_or(u64::MAX).saturating_sub(self.watch_heights);
        let certified = self.certified_vote(&own).and_then(|it| it.signed());
        if let Some((_, signed)) = certified {
            self.note_own_message(signed);
        }
        let watches = self.watch_heights > 0 && self.head.header.height >= from;
        if !watches && self.elsewhere.is_none() {
            return;
        }
        let Some((_, signed)) = certified else { return };
        if self.elsewhere.is_some() {
            self.on_newer_signature(signed);
        } else if !self.may_sign(signed.height) {
            self.found_elsewhere(signed);
        }
    }

    /// The node key of a validator of the next height, or of the head.
    pub(crate) fn node_of(&self, validator: &PublicKey) -> Option<PublicKey> {
        let sets = [&self.rules.validators, &self.rules.last];
        sets.into_iter().find_map(|set| Some(set.get(set.index_of(validator)?)?.node_key))
    }

    /// The validator with a node key: of the next two heights, or one that is to join.
    pub(crate) fn validator_of(&self, peer: &PublicKey) -> Option<PublicKey> {
        self.rules.member_with_node(peer)
    }
}
