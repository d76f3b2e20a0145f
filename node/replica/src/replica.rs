//! Holds the replica's state, dispatches each event, and turns the outputs of consensus into effects.

use std::sync::Arc;

use ehb_consensus::{Consensus, Fault, Input, LastSigned, LogEntry, Output};
use ehb_executor::Execution;
use ehb_mempool::SharedMempool;
use ehb_state::StoreError;
use ehb_types::{CommitCertificate, Evidence, Hash, Parameters, PublicKey, SecretKey, encode};

use crate::bodies::{Bodies, Bounds};
use crate::budget::LogBudget;
use crate::catch_up::CatchUp;
use crate::clocks::HeldUp;
use crate::gossip::Gossip;
use crate::head::Rules;
use crate::joining::Joining;
use crate::missing_bodies::MissingBodies;
use crate::offences::Offences;
use crate::offers::Offers;
use crate::paced::Paced;
use crate::pacing::Pacing;
use crate::peers::Peers;
use crate::seen::{Elsewhere, Seen};
use crate::turns::Turns;
use crate::verification::Verification;
use crate::watch::Watch;
use crate::{Commit, Effect, Event, HeadState, Immediate, Message, Ordered, Recovery, Timer};

/// The configuration of a replica.
pub struct Config {
    /// The chain's genesis hash, which signatures cover.
    pub chain: Hash,
    /// The key that signs votes; none on a node that follows without validating.
    pub key: Option<SecretKey>,
    /// The mempool, initially empty; others can read it.
    pub mempool: SharedMempool,
    /// The limits of what peers can make it remember.
    pub bounds: Bounds,
    /// Whether the last-signed record is also kept where no restored copy of the data directory replaces it:
    /// then other validators are not asked what the key signed.
    pub record_kept_apart: bool,
}

/// The phase of the height after the head.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Nothing requires a block.
    Resting,
    /// Consensus is in progress.
    Running,
    /// Decided, but the body or the execution result is missing.
    Decided(CommitCertificate),
    /// The block is being written.
    Committing,
    /// Stopped permanently.
    Halted(String),
}

/// A node as a state machine.
pub struct Replica {
    pub(crate) chain: Hash,
    /// Signs the blocks that are built here.
    pub(crate) key: Option<SecretKey>,
    pub(crate) public_key: Option<PublicKey>,
    pub(crate) consensus: Consensus,
    pub(crate) mempool: SharedMempool,
    pub(crate) head: HeadState,
    pub(crate) rules: Rules,
    pub(crate) phase: Phase,
    pub(crate) bodies: Bodies,
    pub(crate) missing: MissingBodies,
    pub(crate) verification: Verification,
    pub(crate) gossip: Gossip,
    pub(crate) offers: Offers,
    pub(crate) peers: Peers,
    pub(crate) offences: Offences,
    pub(crate) rejections_logged: Paced,
    pub(crate) equivocations_logged: Paced,
    /// The sender of the message in the current step.
    pub(crate) speaker: Option<PublicKey>,
    pub(crate) catch_up: CatchUp,
    /// The block that is being written.
    pub(crate) committing: Option<Arc<Commit>>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) round: u32,
    pub(crate) pacing: Pacing,
    pub(crate) budget: LogBudget,
    pub(crate) turns: Turns,
    /// The newest last-signed record that was returned to be stored.
    pub(crate) recorded: Option<LastSigned>,
    /// The first height in which the key can sign; `None` while unknown.
    pub(crate) sign_from: Option<u64>,
    /// Whether it is still unknown if the records of what the key signed are the newest.
    pub(crate) asks: bool,
    /// Whether these records were written in another directory.
    pub(crate) copied: bool,
    /// Whether another node signs with the key.
    pub(crate) elsewhere: Option<Elsewhere>,
    /// The number of further heights in which this node is silent because it is an old copy.
    pub(crate) watch_heights: u64,
    /// Whether it is silent because another node may run with its key.
    pub(crate) watch: Watch,
    /// The log found at the start, until it is replayed.
    pub(crate) recovered: Vec<LogEntry>,
    pub(crate) seen: Seen,
    /// The last transaction with which this node wanted to join the validators.
    pub(crate) joining: Joining,
    /// Whether the start of a height was delayed, because the validator does not know yet from which height
    /// it can sign.
    pub(crate) held_back: bool,
    /// The number of status rounds in which too few validators have signed.
    pub(crate) stalled_rounds: u32,
    /// The monotonic time, milliseconds: it never goes back, and starts at the clock's value.
    pub(crate) now_ms: u64,
    /// The clock, milliseconds since 1970. It may go back.
    pub(crate) clock_ms: u64,
    /// Whether this node was recently kept from taking steps.
    pub(crate) held_up: HeldUp,
    /// The clock at the start.
    pub(crate) run: u64,
    /// The head's height at the start.
    pub(crate) started_at: u64,
    /// The time by `now_ms` from which this node joins a height of others without having anything to propose.
    pub(crate) follow_from_ms: u64,
    /// When the last height began here.
    pub(crate) begun_ms: u64,
    /// Whether the height in progress began only because another validator works on it.
    pub(crate) follows: bool,
    /// The number of such heights in a row whose blocks were empty.
    pub(crate) followed: u32,
    /// The number of blocks rejected because of their time.
    pub(crate) untimely: u64,
    pub(crate) bounds: Bounds,
    /// Whether something was appended since the last sync.
    pub(crate) dirty: bool,
    /// The number of bytes that the store has buffered since then.
    pub(crate) unsynced_bytes: usize,
    pub(crate) effects: Vec<Effect>,
}

/// The interval at which the node announces its height to peers, milliseconds.
pub(crate) const STATUS_MS: u64 = 500;

impl Replica {
    /// A replica that continues from its store, and the first effects. `now_ms` is the clock, milliseconds
    /// since 1970.
    pub fn start(
        config: Config,
        recovery: Recovery,
        now_ms: u64,
    ) -> Result<(Self, Vec<Effect>), StoreError> {
        let rules = recovery.head.rules()?;
        let started_at = recovery.head.header.height;
        let key = config.key.as_ref().map(SecretKey::public_key);
        let sign_from = match key.and_then(|key| recovery.lacks(&key)) {
            Some(last) => {
                let from = last.height.saturating_add(1);
                tracing::error!(
                    head = started_at,
                    signed_up_to = last.height,
                    "this data directory is an old copy, or was damaged: it lacks what this node's key signed last. The node \
                     is silent until height {from}; if the others are no quorum without it, see `ehb-node unlock --help`"
                );
                Some(from)
            }
            None => recovery.last_signed.map(|it| it.floor().unwrap_or(0)),
        };
        let consensus = Consensus::new(ehb_consensus::Config {
            chain: config.chain,
            key: config.key.clone(),
            height: recovery.head.header.height,
            validators: rules.validators.clone(),
            next_validators: rules.next.clone(),
            last_signed: recovery.last_signed,
        });
        let mut replica = Self {
            chain: config.chain,
            public_key: key,
            key: config.key,
            consensus,
            mempool: config.mempool,
            head: recovery.head,
            rules,
            phase: Phase::Resting,
            bodies: Bodies::new(config.bounds),
            missing: MissingBodies::default(),
            bounds: config.bounds,
            verification: Verification::default(),
            gossip: Gossip::default(),
            offers: Offers::default(),
            peers: Peers::default(),
            offences: Offences::default(),
            rejections_logged: Paced::default(),
            equivocations_logged: Paced::default(),
            speaker: None,
            catch_up: CatchUp::default(),
            committing: None,
            evidence: Vec::new(),
            round: 0,
            pacing: Pacing::default(),
            budget: LogBudget::default(),
            turns: Turns::default(),
            recorded: recovery.last_signed,
            sign_from,
            asks: !config.record_kept_apart && sign_from.is_some(),
            copied: recovery.copied,
            elsewhere: None,
            watch_heights: 0,
            watch: Watch::default(),
            recovered: Vec::new(),
            seen: Seen::default(),
            joining: Joining::default(),
            held_back: false,
            stalled_rounds: 0,
            now_ms,
            clock_ms: now_ms,
            held_up: HeldUp::default(),
            run: now_ms,
            started_at,
            follow_from_ms: now_ms,
            begun_ms: now_ms,
            follows: false,
            followed: 0,
            untimely: 0,
            dirty: false,
            unsynced_bytes: 0,
            effects: Vec::new(),
        };
        replica.turns.next_height(&replica.rules);
        replica.set_timer(Timer::Status, STATUS_MS);
        replica.recover(recovery.bodies, recovery.log);
        let effects = std::mem::take(&mut replica.effects);
        Ok((replica, effects))
    }

    /// Processes one event at a time of the clock, and returns the effects to perform.
    pub fn step(&mut self, now_ms: u64, event: Event) -> Vec<Effect> {
        if matches!(self.phase, Phase::Halted(_)) {
            return Vec::new();
        }
        let since_last_ms = now_ms.saturating_sub(self.clock_ms);
        self.held_up.step(since_last_ms);
        self.now_ms = self.now_ms.saturating_add(since_last_ms);
        self.clock_ms = now_ms;
        match event {
            Event::Timer(timer) => self.on_timer(timer),
            Event::Connected(peer) => self.on_connected(peer),
            Event::Disconnected(peer) => self.on_disconnected(peer),
            // Remaining messages of a disconnected peer cost nothing more.
            Event::Message { peer, .. } if self.offences.is_cut(&peer) => {}
            Event::Message { peer, message } => {
                self.speaker = Some(peer);
                self.on_message(peer, message);
                self.speaker = None;
            }
            Event::Receiving(peer) => self.on_receiving(peer),
            Event::Gossip { message, transactions } => self.on_gossip(message, transactions),
            Event::Submit(submitted) => self.on_submit(submitted),
            Event::Verified { batch, valid } => self.on_verified(batch, &valid),
            Event::BodyVerified { block, valid } => self.on_body_verified(block, valid),
            Event::Executed { block, execution } => self.on_executed(block, execution),
            Event::Committed { height, state } => self.on_committed(height, state),
            Event::Failed(reason) => self.halt(reason),
        }
        std::mem::take(&mut self.effects)
    }

    /// The chain's parameters after the last committed block.
    pub fn parameters(&self) -> &Parameters {
        &self.rules.parameters
    }

    /// The last committed block.
    pub fn head(&self) -> &HeadState {
        &self.head
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Consensus(id) => self.consensus_step(Input::Timeout(id)),
            Timer::Heartbeat => {
                self.follows = false;
                self.begin_height();
            }
            Timer::Seal => self.on_seal_timer(),
            Timer::Status => self.on_status_timer(),
            Timer::CatchUp => self.on_catch_up_timer(),
            Timer::BodyRequest => self.request_missing_bodies(),
            Timer::Gather => self.on_gathered(),
        }
    }

    fn on_message(&mut self, peer: PublicKey, message: Message) {
        match message {
            Message::Consensus(message) => self.on_consensus_message(peer, message),
            Message::Body(block) => self.on_body(peer, block),
            Message::BodyRequest { height, block } => self.on_body_request(peer, height, block),
            Message::Status { height, voting, clock_ms, run } => {
                self.note_run(peer, run);
                self.on_status(peer, height, voting, clock_ms);
            }
            Message::BlocksRequest { from, count } => self.on_blocks_request(peer, from, count),
            Message::Blocks(blocks) => self.on_blocks(peer, blocks),
            Message::Offer(ids) => self.on_offer(peer, &ids),
            Message::Want(ids) => self.on_want(peer, &ids),
            Message::Transactions(transactions) => self.on_transactions(peer, transactions),
            Message::Seen { newest, twin, height, reached } => {
                self.on_seen(peer, newest, twin);
                self.on_answer(peer, height, reached);
            }
        }
    }

    fn on_executed(&mut self, block: Hash, execution: Arc<Execution>) {
        self.bodies.executed(&block, execution);
        self.commit_if_ready();
    }

    /// Runs a step of consensus and handles its outputs.
    pub(crate) fn consensus_step(&mut self, input: Input) {
        let height = self.head.next_height();
        if !self.budget.admits(height, &input) {
            if self.pacing.may_log_budget(self.now_ms) {
                let entries = self.budget.entries();
                tracing::error!(
                    height,
                    entries,
                    "the consensus log of this height is full: this node votes again from the next height on"
                );
            }
            return;
        }
        let outputs = self.consensus.step(input);
        self.perform(outputs);
    }

    /// The log entries of a step come before all its other effects: the last-signed record may refer to any
    /// of them, and a record that is durable without its entry prevents the node from signing.
    pub(crate) fn perform(&mut self, outputs: Vec<Output>) {
        for output in &outputs {
            if let Output::Log(entry) = output {
                self.seen.note(entry);
                self.append(entry);
            }
        }
        let round = self.round;
        for output in outputs {
            if matches!(self.phase, Phase::Halted(_)) {
                return;
            }
            self.perform_one(output);
        }
        if self.round > round {
            self.report_verdicts_after(round);
            self.verify_bodies();
        }
    }

    fn perform_one(&mut self, output: Output) {
        match output {
            // Appended before.
            Output::Log(_) => {}
            Output::Broadcast(message) => {
                self.record_signed();
                self.sync();
                if let ehb_consensus::ConsensusMessage::Proposal(proposal) = &message {
                    self.bodies.announce(proposal.clone());
                }
                self.push(Ordered::Broadcast(Message::Consensus(message)));
            }
            Output::BuildBlock { height, round, .. } => self.build_block(height, round),
            Output::SendBody { block, .. } => self.send_body(&block),
            Output::SetTimer { id, after_ms } => self.set_timer(Timer::Consensus(id), after_ms),
            Output::CancelTimer(id) => self.push(Immediate::CancelTimer(Timer::Consensus(id))),
            Output::RoundStarted { round, .. } => {
                self.round = round;
                self.sync();
                self.forget_old_rounds();
            }
            Output::Evidence(evidence) => self.keep_evidence(evidence),
            Output::Decide { certificate } | Output::FetchDecided { certificate } => {
                self.on_decide(certificate);
            }
            Output::HeightWanted { height } => {
                if height == self.head.next_height() {
                    self.begin_height_if_due();
                }
            }
            Output::Behind { validator, height } => self.notify_straggler(&validator, height),
            Output::Invalid(what) => {
                if let Some(peer) = self.speaker {
                    self.offend(peer, what);
                }
            }
            Output::Fault(fault) => self.on_fault(fault),
        }
    }

    /// Appends a log entry. A decided block that is being written, or is written, needs none: the block is
    /// durable before any later message is sent.
    fn append(&mut self, entry: &LogEntry) {
        let height = entry.height();
        let committing = matches!(self.phase, Phase::Committing);
        if height > self.head.header.height + u64::from(committing) {
            let entry = encode(entry);
            self.budget.add(height, entry.len());
            self.buffered(entry.len());
            self.push(Ordered::Append { height, entry });
        }
    }

    /// A signed message is recorded before it is sent. A record is never replaced by an older one: messages
    /// of an earlier run prove less than the height from which the key can sign.
    fn record_signed(&mut self) {
        let Some(last_signed) = self.consensus.last_signed().copied() else { return };
        if self.sign_from.is_some() && self.recorded.is_none_or(|it| it < last_signed) {
            self.push(Ordered::RecordSigned(encode(&last_signed)));
            self.recorded = Some(last_signed);
            self.dirty = true;
        }
    }

    fn on_fault(&mut self, fault: Fault) {
        if let Fault::KeyUsedElsewhere { signed } = &fault {
            self.on_newer_signature(*signed);
        }
        if fault.is_fatal() {
            self.halt(fault.to_string());
        } else if let Some(left_out) = self.pacing.may_log(&fault, self.now_ms) {
            tracing::error!(height = self.head.next_height(), left_out, %fault, "consensus");
        }
    }

    /// Makes appended writes durable before the next effect.
    pub(crate) fn sync(&mut self) {
        self.unsynced_bytes = 0;
        if std::mem::take(&mut self.dirty) {
            self.push(Ordered::Sync);
        }
    }

    /// Returns an effect from the step in hand, after those that it has.
    pub(crate) fn push(&mut self, effect: impl Into<Effect>) {
        self.effects.push(effect.into());
    }

    pub(crate) fn set_timer(&mut self, timer: Timer, after_ms: u64) {
        self.push(Immediate::SetTimer { timer, after_ms });
    }

    pub(crate) fn halt(&mut self, reason: String) {
        tracing::error!(height = self.head.next_height(), %reason, "halting");
        self.push(Immediate::Halt(reason.clone()));
        self.phase = Phase::Halted(reason);
    }

    /// Returns the answer, or halts because the store failed.
    pub(crate) fn or_halt<T>(&mut self, result: Result<T, StoreError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.halt(error.to_string());
                None
            }
        }
    }

    /// Records an offence of a peer; after too many it is disconnected.
    pub(crate) fn offend(&mut self, peer: PublicKey, what: &str) {
        if self.offences.add(peer, self.now_ms) {
            self.penalise(peer, format!("sent {what} repeatedly"));
        }
    }

    pub(crate) fn penalise(&mut self, peer: PublicKey, reason: impl Into<String>) {
        self.offences.cut(peer, self.now_ms);
        self.push(Ordered::Penalise { peer, reason: reason.into() });
    }
}
