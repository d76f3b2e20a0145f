//! A network in virtual time, determined by one seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_types::{CommitCertificate, Evidence, Hash, SecretKey, ValidatorSet};

use super::{block, chain, height_start, validators};
use crate::{
    Config, Consensus, ConsensusMessage, Fault, Input, LastSigned, LogEntry, Output, SignStep,
    TimerId,
};

/// SplitMix64: small, and good enough to choose delays.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// The faults of a test network; [`Faults::default`] has none.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    /// The percentage of lost packets.
    pub(super) loss_percent: u64,
    /// The number of outputs of 1,000 before which a node crashes.
    pub(super) crash_per_mille: u64,
    /// The number of nodes that find no log at a restart.
    pub(super) forget_log: usize,
    /// The number of nodes that lost the record of what they signed last.
    pub(super) forget_last_signed: usize,
    /// Whether the log is made durable only after the messages are sent: wrong, and must be detected.
    pub(super) late_sync: bool,
}

enum Event {
    Message(ConsensusMessage),
    Body { height: u64, round: u32, block: Hash },
    Built { height: u64, round: u32, block: Hash },
    Fetched(CommitCertificate),
    Timer(TimerId, u64),
    Start,
    Restart,
    CatchUp,
}

pub(super) struct Node {
    /// `None` while crashed.
    pub(super) consensus: Option<Consensus>,
    key: Option<SecretKey>,
    life: u64,
    durable: Vec<LogEntry>,
    buffered: Vec<LogEntry>,
    last_signed: Option<LastSigned>,
    /// Index 0 is height 1.
    pub(super) stored: Vec<CommitCertificate>,
    timers: BTreeMap<TimerId, u64>,
    pub(super) silent: bool,
    pub(super) two_faced: bool,
    pub(super) evidence: Vec<Evidence>,
    pub(super) faults: Vec<Fault>,
    pub(super) packets: u64,
}

pub(super) struct Network {
    pub(super) set: Arc<ValidatorSet>,
    keys: Vec<SecretKey>,
    pub(super) nodes: Vec<Node>,
    pub(super) faults: Faults,
    /// Groups that cannot reach each other; empty if all can.
    pub(super) partition: Vec<BTreeSet<usize>>,
    /// Whether heights start by themselves; if not, the chain is idle.
    pub(super) busy: bool,
    pub(super) checks_certificates: bool,
    pub(super) now_ms: u64,
    pub(super) crashes: u32,
    pub(super) packets: u64,
    /// What honest validators signed and sent: two messages with one position are a violation.
    signed: BTreeMap<(usize, u64, u32, SignStep), LastSigned>,
    pub(super) violations: Vec<String>,
    dice: Dice,
    sequence: u64,
    events: BTreeMap<(u64, u64), (usize, u64, Event)>,
}

const CATCH_UP_MS: u64 = 700;

impl Network {
    pub(super) fn new(powers: &[u64], observers: usize, seed: u64, faults: Faults) -> Self {
        let (set, keys) = validators(powers);
        let mut network = Self {
            set,
            nodes: Vec::new(),
            faults,
            partition: Vec::new(),
            busy: true,
            checks_certificates: true,
            now_ms: 0,
            crashes: 0,
            packets: 0,
            signed: BTreeMap::new(),
            violations: Vec::new(),
            dice: Dice(seed),
            sequence: 0,
            events: BTreeMap::new(),
            keys,
        };
        for index in 0..powers.len() + observers {
            network.nodes.push(Node {
                consensus: None,
                key: network.keys.get(index).cloned(),
                life: 0,
                durable: Vec::new(),
                buffered: Vec::new(),
                last_signed: None,
                stored: Vec::new(),
                timers: BTreeMap::new(),
                silent: false,
                two_faced: false,
                evidence: Vec::new(),
                faults: Vec::new(),
                packets: 0,
            });
            network.schedule(index, 0, Event::Restart);
            network.schedule(index, CATCH_UP_MS, Event::CatchUp);
        }
        network
    }

    fn schedule(&mut self, node: usize, after_ms: u64, event: Event) {
        self.sequence += 1;
        let life = self.nodes[node].life;
        self.events.insert((self.now_ms + after_ms, self.sequence), (node, life, event));
    }

    /// Runs until every node that is no observer and not silent stored the height.
    pub(super) fn run_to(&mut self, height: usize, limit_ms: u64) {
        let end = self.now_ms + limit_ms;
        while self.nodes.iter().any(|it| !it.silent && it.stored.len() < height) {
            self.run_one();
            let heights: Vec<usize> = self.nodes.iter().map(|it| it.stored.len()).collect();
            assert!(self.now_ms < end, "stuck at the heights {heights:?}, in {} ms", self.now_ms);
        }
    }

    pub(super) fn run_for(&mut self, duration_ms: u64) {
        let end = self.now_ms + duration_ms;
        while self.events.keys().next().is_some_and(|(at, _)| *at <= end) {
            self.run_one();
        }
        self.now_ms = end;
    }

    fn run_one(&mut self) {
        let Some(((at, _), (index, life, event))) = self.events.pop_first() else {
            panic!("no event is pending");
        };
        self.now_ms = at;
        match event {
            Event::CatchUp => {
                self.catch_up(index);
                return self.schedule(index, CATCH_UP_MS, Event::CatchUp);
            }
            Event::Restart => return self.restart(index),
            _ => {}
        }
        let node = &mut self.nodes[index];
        let stale = node.life != life && !matches!(event, Event::Message(_) | Event::Body { .. });
        let Some(consensus) = node.consensus.as_mut().filter(|_| !stale) else { return };
        let outputs = match event {
            Event::Message(message) => consensus.step(Input::Message(message)),
            Event::Body { height, round, block } => {
                consensus.step(Input::Value { height, round, block, valid: true })
            }
            Event::Built { height, round, block } => {
                consensus.step(Input::Propose { height, round, block })
            }
            Event::Fetched(certificate) => consensus.step(Input::Decided { certificate }),
            Event::Timer(id, set_at) if node.timers.get(&id) == Some(&set_at) => {
                node.timers.remove(&id);
                consensus.step(Input::Timeout(id))
            }
            Event::Start => return self.start(index),
            _ => return,
        };
        self.perform(index, outputs);
    }

    /// Starts the next height on a node, as its replica would.
    pub(super) fn start(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        let height = node.stored.len() as u64 + 1;
        let Some(consensus) = node.consensus.as_mut() else { return };
        if consensus.is_resting() {
            let start = height_start(height, &self.set, node.durable.clone());
            let outputs = consensus.step(Input::Start(start));
            self.perform(index, outputs);
        }
    }

    fn restart(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        if index < self.faults.forget_log {
            node.durable.clear();
        }
        if index < self.faults.forget_last_signed {
            node.last_signed = None;
        }
        node.consensus = Some(Consensus::new(Config {
            chain: chain(),
            key: node.key.clone(),
            height: node.stored.len() as u64,
            validators: self.set.clone(),
            next_validators: self.set.clone(),
            last_signed: node.last_signed,
        }));
        if self.busy || !self.nodes[index].durable.is_empty() {
            self.start(index);
        }
    }

    fn crash(&mut self, index: usize) {
        self.crashes += 1;
        let node = &mut self.nodes[index];
        node.consensus = None;
        node.life += 1;
        node.buffered.clear();
        node.timers.clear();
        let down_ms = self.dice.roll(400);
        self.schedule(index, down_ms, Event::Restart);
    }

    fn crashes_now(&mut self) -> bool {
        self.dice.roll(1_000) < self.faults.crash_per_mille
    }

    /// Performs the outputs of a step as [`Output::Log`] documents, with crashes in between.
    fn perform(&mut self, index: usize, outputs: Vec<Output>) {
        let (log, rest): (Vec<_>, Vec<_>) =
            outputs.into_iter().partition(|it| matches!(it, Output::Log(_)));
        let node = &mut self.nodes[index];
        let last_signed = node.consensus.as_ref().and_then(|it| it.last_signed().copied());
        node.buffered.extend(log.into_iter().filter_map(|it| match it {
            Output::Log(entry) => Some(entry),
            _ => None,
        }));
        if self.crashes_now() {
            return self.crash(index);
        }
        let needs_durable_log = rest.iter().any(Output::needs_durable_log);
        if needs_durable_log && !self.faults.late_sync {
            self.sync(index, last_signed);
        }
        for output in rest {
            if self.crashes_now() {
                return self.crash(index);
            }
            self.act(index, output);
        }
        if needs_durable_log {
            self.sync(index, last_signed);
        }
    }

    fn sync(&mut self, index: usize, last_signed: Option<LastSigned>) {
        let node = &mut self.nodes[index];
        node.durable.append(&mut node.buffered);
        node.last_signed = last_signed;
    }

    fn act(&mut self, index: usize, output: Output) {
        let node = &mut self.nodes[index];
        match output {
            Output::Broadcast(message) => self.broadcast(index, message),
            Output::BuildBlock { height, round, .. } => {
                let block = block(&format!("{height} {round} {index} {}", self.sequence));
                self.send_all(index, |_| Some(Event::Body { height, round, block }));
                let build_ms = 1 + self.dice.roll(3);
                self.schedule(index, build_ms, Event::Built { height, round, block });
            }
            Output::SendBody { height, round, block } => {
                self.send_all(index, |_| Some(Event::Body { height, round, block }));
            }
            Output::SetTimer { id, after_ms } => {
                node.timers.insert(id, self.now_ms);
                self.schedule(index, after_ms, Event::Timer(id, self.now_ms));
            }
            Output::CancelTimer(id) => {
                node.timers.remove(&id);
            }
            Output::Decide { certificate } => self.store(index, certificate),
            Output::FetchDecided { certificate } => {
                self.schedule(index, 30, Event::Fetched(certificate));
            }
            Output::HeightWanted { .. } => self.schedule(index, 1, Event::Start),
            Output::Evidence(evidence) => {
                evidence.verify(&chain()).unwrap();
                node.evidence.push(evidence);
            }
            Output::Log(_) | Output::RoundStarted { .. } | Output::Behind { .. } => {}
            // An equivocating node also signs proposals of others.
            Output::Invalid(what) => {
                assert!(self.nodes.iter().any(|it| it.two_faced), "an honest node sent {what}");
            }
            Output::Fault(fault) => node.faults.push(fault),
        }
    }

    fn store(&mut self, index: usize, certificate: CommitCertificate) {
        if self.checks_certificates {
            certificate.verify(&chain(), &self.set).unwrap();
        }
        let height = certificate.height as usize;
        for other in &self.nodes {
            if let Some(stored) = other.stored.get(height - 1)
                && stored.block != certificate.block
            {
                self.violations.push(format!("two blocks at height {height}"));
            }
        }
        let node = &mut self.nodes[index];
        assert_eq!(node.stored.len() + 1, height);
        node.stored.push(certificate);
        node.durable.clear();
        node.buffered.clear();
        if self.busy {
            self.schedule(index, 1, Event::Start);
        }
    }

    fn broadcast(&mut self, index: usize, message: ConsensusMessage) {
        let place = match &message {
            ConsensusMessage::Vote(it) => LastSigned::of_vote(&it.vote),
            ConsensusMessage::Proposal(it) => LastSigned::of_proposal(&it.proposal),
            _ => return self.send_all(index, |_| Some(Event::Message(message.clone()))),
        };
        if self.nodes[index].two_faced {
            return self.send_two_faced(index, message);
        }
        let slot = (index, place.height, place.round, place.step);
        if *self.signed.entry(slot).or_insert(place) != place {
            self.violations.push(format!("validator {index} signed twice: {place:?}"));
        }
        self.send_all(index, |_| Some(Event::Message(message.clone())));
    }

    /// Sends the message to half of the others, and a contradicting one to the rest.
    fn send_two_faced(&mut self, index: usize, message: ConsensusMessage) {
        let key = self.keys[index].clone();
        let other = match message.clone() {
            ConsensusMessage::Vote(mut it) => {
                it.vote.block = it.vote.block.map(|_| block(&format!("other {}", it.vote.height)));
                ConsensusMessage::Vote(it.vote.sign(&chain(), &key))
            }
            ConsensusMessage::Proposal(mut it) => {
                it.proposal.block = block(&format!("other {}", it.proposal.height));
                ConsensusMessage::Proposal(it.proposal.sign(&chain(), &key))
            }
            other => other,
        };
        if let ConsensusMessage::Proposal(it) = &other {
            let ehb_types::Proposal { height, round, block, .. } = it.proposal;
            self.send_all(index, |_| Some(Event::Body { height, round, block }));
        }
        for message in [message, other.clone()] {
            let flip = usize::from(message == other);
            let pick = |to: usize| (to % 2 == flip || to == 2).then(|| message.clone());
            self.send_all(index, |to| pick(to).map(Event::Message));
        }
    }

    fn send_all(&mut self, from: usize, packet: impl Fn(usize) -> Option<Event>) {
        for to in (0..self.nodes.len()).filter(|to| *to != from) {
            let cut = self.partition.iter().any(|it| it.contains(&from) != it.contains(&to));
            let lost = self.dice.roll(100) < self.faults.loss_percent;
            let Some(event) = packet(to) else { continue };
            if cut || lost || self.nodes[from].silent {
                continue;
            }
            self.packets += 1;
            self.nodes[from].packets += 1;
            let delay_ms = 1 + self.dice.roll(15);
            self.schedule(to, delay_ms, event);
        }
    }

    /// Fetches one certified block from a node that has more, like the replica's catching up.
    fn catch_up(&mut self, index: usize) {
        let height = self.nodes[index].stored.len();
        let source = (0..self.nodes.len()).find(|other| {
            let node = &self.nodes[*other];
            let cut = self.partition.iter().any(|it| it.contains(other) != it.contains(&index));
            !cut && !node.silent && node.stored.len() > height
        });
        let Some(source) = source else { return };
        let certificate = self.nodes[source].stored[height].clone();
        let node = &mut self.nodes[index];
        let Some(consensus) = node.consensus.as_mut() else { return };
        if !consensus.is_resting() {
            let outputs = consensus.step(Input::Decided { certificate });
            return self.perform(index, outputs);
        }
        self.store(index, certificate);
    }
}
