use std::sync::Arc;

use ehb_consensus::{Consensus, Fault, Input, LastSigned, LogEntry, Output};
use ehb_executor::Execution;
use ehb_mempool::SharedMempool;
use ehb_state::StoreError;
use ehb_types::{CommitCertificate, Evidence, Hash, PublicKey, SecretKey, encode};

use crate::bodies::Bodies;
use crate::catch_up::CatchUp;
use crate::gossip::Gossip;
use crate::head::Rules;
use crate::offers::Offers;
use crate::pacing::Pacing;
use crate::peers::Peers;
use crate::verification::Verification;
use crate::{Commit, Effect, Event, Head, Message, Recovery, Signing, Timer};

/// What a replica is told once.
pub struct Config {
    /// The chain's genesis hash, which signatures bind.
    pub chain: Hash,
    /// The key that signs votes; none on a node that follows without validating.
    pub key: Option<SecretKey>,
    /// The mempool, empty; others may look into it.
    pub mempool: SharedMempool,
}

/// Where a replica stands, for people and metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The last committed height.
    pub height: u64,
    /// The round of the height being decided; 0 while resting.
    pub round: u32,
    /// How many transactions are pending.
    pub pending: usize,
    /// The highest height that a peer told of.
    pub best_peer_height: u64,
    /// Whether the node is catching up with its peers.
    pub catching_up: bool,
    /// Whether the node signs in the next height.
    pub signing: Signing,
    /// Whether too few validators sign for the chain to go on by itself, because some lost their
    /// records of what they signed.
    pub stalled: bool,
    /// Why the node stopped, if it did.
    pub halted: Option<String>,
}

/// What the replica does about the height after its head.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Nothing asks for a block.
    Resting,
    /// Consensus is under way.
    Running,
    /// Decided, but body or execution are not here yet.
    Decided(CommitCertificate),
    /// Being written.
    Committing,
    /// Stopped for good.
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
    pub(crate) head: Head,
    pub(crate) rules: Rules,
    pub(crate) phase: Phase,
    pub(crate) bodies: Bodies,
    pub(crate) verification: Verification,
    pub(crate) gossip: Gossip,
    pub(crate) offers: Offers,
    pub(crate) peers: Peers,
    pub(crate) catch_up: CatchUp,
    /// The block that is being written.
    pub(crate) committing: Option<Arc<Commit>>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) round: u32,
    pub(crate) pacing: Pacing,
    /// The newest last-signed record that was given out to be stored.
    pub(crate) recorded: Option<LastSigned>,
    /// The first height in which the key may sign; `None` while that is not known.
    pub(crate) sign_from: Option<u64>,
    /// Whether a height was to begin, and a validator that does not know that height did not dare.
    pub(crate) held_back: bool,
    /// For how many status rounds too few validators have signed.
    pub(crate) stalled_rounds: u32,
    pub(crate) now_ms: u64,
    /// Whether something was appended since the last sync.
    pub(crate) dirty: bool,
    pub(crate) effects: Vec<Effect>,
}

/// How often peers are told the own height, milliseconds.
pub(crate) const STATUS_MS: u64 = 500;

impl Replica {
    /// A replica that goes on where its store left off, and the first effects. `now_ms` is the
    /// clock, milliseconds since 1970.
    pub fn start(
        config: Config,
        recovery: Recovery,
        now_ms: u64,
    ) -> Result<(Self, Vec<Effect>), StoreError> {
        let rules = recovery.head.rules()?;
        let sign_from = recovery.last_signed.map(|it| it.floor().unwrap_or(0));
        let consensus = Consensus::new(ehb_consensus::Config {
            chain: config.chain,
            key: config.key.clone(),
            height: recovery.head.header.height,
            validators: rules.validators.clone(),
            last_signed: recovery.last_signed,
        });
        let mut replica = Self {
            chain: config.chain,
            public_key: config.key.as_ref().map(SecretKey::public_key),
            key: config.key,
            consensus,
            mempool: config.mempool,
            head: recovery.head,
            rules,
            phase: Phase::Resting,
            bodies: Bodies::default(),
            verification: Verification::default(),
            gossip: Gossip::default(),
            offers: Offers::default(),
            peers: Peers::default(),
            catch_up: CatchUp::default(),
            committing: None,
            evidence: Vec::new(),
            round: 0,
            pacing: Pacing::default(),
            recorded: recovery.last_signed,
            sign_from,
            held_back: false,
            stalled_rounds: 0,
            now_ms,
            dirty: false,
            effects: Vec::new(),
        };
        replica.set_timer(Timer::Status, STATUS_MS);
        replica.recover(recovery.bodies, recovery.log);
        let effects = std::mem::take(&mut replica.effects);
        Ok((replica, effects))
    }

    /// Takes one event at a time of the clock, and gives what is to be done about it.
    pub fn step(&mut self, now_ms: u64, event: Event) -> Vec<Effect> {
        if matches!(self.phase, Phase::Halted(_)) {
            return Vec::new();
        }
        self.now_ms = self.now_ms.max(now_ms);
        match event {
            Event::Timer(timer) => self.on_timer(timer),
            Event::Connected(peer) => self.on_connected(peer),
            Event::Disconnected(peer) => self.on_disconnected(peer),
            Event::Message { peer, message } => self.on_message(peer, message),
            Event::Gossip { message, transactions } => self.on_gossip(message, transactions),
            Event::Submit(submitted) => self.on_submit(submitted),
            Event::Verified { batch, valid } => self.on_verified(batch, &valid),
            Event::Executed { block, execution } => self.on_executed(block, execution),
            Event::Committed { height, state } => self.on_committed(height, state),
            Event::Failed(reason) => self.halt(reason),
        }
        std::mem::take(&mut self.effects)
    }

    /// Where the replica stands.
    pub fn status(&self) -> Status {
        let best_peer_height = self.peers.best_height();
        Status {
            height: self.head.header.height,
            round: self.round,
            pending: self.mempool.read().len(),
            best_peer_height,
            catching_up: best_peer_height > self.head.next_height(),
            signing: self.signing(),
            stalled: self.is_stalled(),
            halted: match &self.phase {
                Phase::Halted(reason) => Some(reason.clone()),
                _ => None,
            },
        }
    }

    /// The last committed block.
    pub fn head(&self) -> &Head {
        &self.head
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Consensus(id) => self.consensus_step(Input::Timeout(id)),
            Timer::Heartbeat => self.begin_height(),
            Timer::Status => self.on_status_timer(),
            Timer::CatchUp => self.on_catch_up_timer(),
            Timer::BodyRequest => self.request_missing_body(),
            Timer::Gather => self.on_gathered(),
        }
    }

    fn on_message(&mut self, peer: PublicKey, message: Message) {
        match message {
            Message::Consensus(message) => self.on_consensus_message(peer, message),
            Message::Body(block) => self.on_body(peer, block),
            Message::BodyRequest { height, block } => self.on_body_request(peer, height, block),
            Message::Status { height, reached } => self.on_status(peer, height, reached),
            Message::BlocksRequest { from, count } => self.on_blocks_request(peer, from, count),
            Message::Blocks(blocks) => self.on_blocks(peer, blocks),
            Message::Offer(ids) => self.on_offer(peer, &ids),
            Message::Want(ids) => self.on_want(peer, &ids),
            Message::Transactions(transactions) => self.on_transactions(peer, transactions),
        }
    }

    fn on_executed(&mut self, block: Hash, execution: Arc<Execution>) {
        self.bodies.executed(&block, execution);
        self.commit_if_ready();
    }

    /// Lets consensus take a step and performs what it asks for.
    pub(crate) fn consensus_step(&mut self, input: Input) {
        let outputs = self.consensus.step(input);
        self.perform(outputs);
    }

    /// What a step logs comes before all else that it does: the last-signed record may speak of any
    /// of it, and a record that is durable without its entry keeps the node from signing.
    pub(crate) fn perform(&mut self, outputs: Vec<Output>) {
        for output in &outputs {
            if let Output::Log(entry) = output {
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
            self.tell_values_after(round);
        }
    }

    fn perform_one(&mut self, output: Output) {
        match output {
            // Appended before.
            Output::Log(_) => {}
            Output::Broadcast(message) => {
                self.record_signed();
                self.sync();
                self.effects.push(Effect::Broadcast(Message::Consensus(message)));
            }
            Output::BuildBlock { height, round, .. } => self.build_block(height, round),
            Output::SendBody { block, .. } => self.send_body(&block),
            Output::SetTimer { id, after_ms } => self.set_timer(Timer::Consensus(id), after_ms),
            Output::CancelTimer(id) => self.effects.push(Effect::CancelTimer(Timer::Consensus(id))),
            Output::RoundStarted { round, .. } => {
                self.round = round;
                self.sync();
            }
            Output::Evidence(evidence) => self.keep_evidence(evidence),
            Output::Decide { certificate } | Output::FetchDecided { certificate } => {
                self.on_decide(certificate);
            }
            Output::HeightWanted { height } => {
                if height == self.head.next_height() && !self.catch_up.is_under_way() {
                    self.begin_height();
                }
            }
            Output::Behind { validator, height } => self.tell_straggler(&validator, height),
            Output::Fault(fault) => self.on_fault(fault),
        }
    }

    /// Keeps a log entry. What is decided and on its way to the disk, or there, needs none: the
    /// block is durable before whatever leaves after it.
    fn append(&mut self, entry: &LogEntry) {
        let height = entry.height();
        let committing = matches!(self.phase, Phase::Committing);
        if height > self.head.header.height + u64::from(committing) {
            self.dirty = true;
            self.effects.push(Effect::Append { height, entry: encode(entry) });
        }
    }

    /// What was signed is recorded before it leaves. A record never gives way to an older one: what
    /// comes back of an earlier life tells less than the height from which the key may sign.
    fn record_signed(&mut self) {
        let Some(last_signed) = self.consensus.last_signed().copied() else { return };
        if self.sign_from.is_some() && self.recorded.is_none_or(|it| it < last_signed) {
            self.effects.push(Effect::RecordSigned(encode(&last_signed)));
            self.recorded = Some(last_signed);
            self.dirty = true;
        }
    }

    fn on_fault(&mut self, fault: Fault) {
        if fault.is_fatal() {
            self.halt(fault.to_string());
        } else if let Some(left_out) = self.pacing.may_log(&fault, self.now_ms) {
            tracing::error!(height = self.head.next_height(), left_out, %fault, "consensus");
        }
    }

    /// Makes what was appended durable before whatever is pushed next.
    pub(crate) fn sync(&mut self) {
        if std::mem::take(&mut self.dirty) {
            self.effects.push(Effect::Sync);
        }
    }

    pub(crate) fn set_timer(&mut self, timer: Timer, after_ms: u64) {
        self.effects.push(Effect::SetTimer { timer, after_ms });
    }

    pub(crate) fn halt(&mut self, reason: String) {
        tracing::error!(height = self.head.next_height(), %reason, "halting");
        self.effects.push(Effect::Halt(reason.clone()));
        self.phase = Phase::Halted(reason);
    }

    /// Gives the answer, or halts because the store failed.
    pub(crate) fn or_halt<T>(&mut self, result: Result<T, StoreError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.halt(error.to_string());
                None
            }
        }
    }

    pub(crate) fn penalise(&mut self, peer: PublicKey, reason: impl Into<String>) {
        self.effects.push(Effect::Penalise { peer, reason: reason.into() });
    }
}
