//! The event loop of a run: the queue of events in virtual time, and the nodes that they happen to.

use std::collections::BTreeMap;

use ehb_consensus::LastSigned;
use ehb_mempool::SharedMempool;
use ehb_replica::{Bounds, Config, Event, HeadState, Message, Recovery, Replica, Timer};
use ehb_types::{SharedTransaction, decode};

use crate::checks::{Checks, Rule, bounds};
use crate::clients::Clients;
use crate::crashes::CrashPoints;
use crate::dice::Dice;
use crate::digest::Digest;
use crate::executions::Executions;
use crate::faults::changes::Changing;
use crate::faults::slow_lines::Lines;
use crate::faults::{Faults, power, slow_steps};
use crate::links::Links;
use crate::node::Node;
use crate::plan::Plan;
use crate::run::{Calls, Options};
use crate::setup::START_MS;
use crate::{Mutation, Outcome, Setup, mutation};

/// A whole network in virtual time.
pub(crate) struct World<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) options: &'a Options,
    pub(crate) plan: Plan,
    pub(crate) dice: Dice,
    pub(crate) now_us: u64,
    /// The sum of all jumps of time, for all clocks, milliseconds.
    pub(crate) leapt_ms: u64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Links,
    pub(crate) lines: Lines,
    pub(crate) faults: Faults,
    pub(crate) executions: Executions,
    pub(crate) clients: Clients,
    pub(crate) checks: Checks,
    pub(crate) crash_points: CrashPoints,
    pub(crate) calls: Calls,
    pub(crate) evidence: usize,
    pub(crate) late_rounds: usize,
    pub(crate) penalties: u64,
    /// Whether faults still happen.
    pub(crate) faulty: bool,
    /// How governance changes the validators, if it does.
    pub(crate) changing: Option<Changing>,
    /// When accepted transactions were last checked.
    pub(crate) fates_looked_at_us: u64,
    pub(crate) digest: Digest,
    pub(crate) trace: Vec<String>,
    sequence: u64,
    queue: BTreeMap<(u64, u64), SimEvent>,
}

/// An event of the simulation.
pub(crate) enum SimEvent {
    /// A fault strikes; `what` is the fault's own value.
    Strike { kind: usize, what: u64 },
    /// A node's step is done, and inputs are waiting.
    Wake { node: usize, life: u64 },
    /// Requested blocks are arriving at a node.
    Receiving { from: usize, to: usize, connection: u64 },
    /// A message arrives.
    Deliver { from: usize, to: usize, connection: u64, packet: Packet },
    /// A node has performed the effect at the front of its queue.
    Perform { node: usize, life: u64 },
    /// A thread of a node answers.
    Answer { node: usize, life: u64, event: Event },
    /// A thread of a node has a message for a peer.
    Serve { node: usize, life: u64, to: usize, message: Message },
    /// A timer expires, unless it was restarted meanwhile.
    Timer { node: usize, life: u64, timer: Timer, set: u64 },
    /// A node starts.
    Start { node: usize },
    /// Two nodes try to connect.
    Connect { a: usize, b: usize },
    /// Clients submit transactions.
    Clients,
    /// The faults end.
    Heal,
}

/// A packet between nodes.
#[derive(Clone)]
pub(crate) enum Packet {
    Message(Message),
    Gossip(Vec<SharedTransaction>),
    /// A message of a kind that only a later release knows.
    Unknown,
}

/// The maximum number of events in a run: with more, it is stuck in a loop.
const EVENTS_MAX: u64 = 5_000_000;
/// The time within which the nodes start, virtual microseconds.
const START_SPREAD_US: u64 = 200_000;
/// The maximum number of messages that wait at a node.
const INBOX_MAX: usize = 1_024;
/// The wait before another attempt to add one, virtual microseconds.
const INBOX_FULL_US: u64 = 1_000;

impl<'a> World<'a> {
    pub(crate) fn new(setup: &'a Setup, options: &'a Options) -> Self {
        let plan = Plan::new(setup, options);
        let setup = setup.chosen(plan.unequal && !options.is(&power::COUNTED_HEADS));
        let faults = Faults::new(setup, &plan, options);
        let mut dice = Dice::new(options.seed, 2);
        let keys = setup.validators.iter().enumerate();
        let nodes = keys.map(|(index, keys)| {
            let interceptor = plan.byzantine.get(&index).map(|it| it.interceptor(&mut dice));
            let power = setup.powers[index];
            Node::new(keys.consensus.clone(), keys.node.public_key(), power, interceptor)
        });
        let nodes = nodes.collect();
        let mut world = Self {
            setup,
            options,
            plan,
            dice,
            now_us: 0,
            leapt_ms: 0,
            nodes,
            links: Links::default(),
            lines: Lines::default(),
            faults,
            executions: Executions::new(setup, options),
            clients: Clients::default(),
            checks: Checks::default(),
            crash_points: CrashPoints::default(),
            calls: Calls::new(),
            evidence: 0,
            late_rounds: 0,
            penalties: 0,
            faulty: true,
            changing: None,
            fates_looked_at_us: 0,
            digest: Digest::new(),
            trace: Vec::new(),
            sequence: 0,
            queue: BTreeMap::new(),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        self.trace(|world| format!("{:?} {:?}", world.plan, world.faults));
        for node in 0..self.nodes.len() {
            let at = self.dice.below(START_SPREAD_US);
            self.after(at, SimEvent::Start { node });
        }
        self.after(0, SimEvent::Clients);
        self.after(self.plan.faults_us, SimEvent::Heal);
        self.begin_faults();
    }

    /// Runs until the end or until a rule is broken.
    pub(crate) fn run(mut self) -> Outcome {
        let mut events = 0;
        while self.checks.violations.is_empty() {
            let lowest = self.honest().map(|node| self.nodes[node].disk.height()).min();
            if self.checks.liveness.reached(lowest.unwrap_or_default()) && self.have_fates() {
                self.check_end();
                break;
            }
            events += 1;
            if self.checks.liveness.is_late(self.now_us) || events > EVENTS_MAX {
                self.report_stuck();
                break;
            }
            let Some(((at, _), event)) = self.queue.pop_first() else {
                self.report_stuck();
                break;
            };
            self.now_us = at;
            self.happen(event);
        }
        self.finish(events)
    }

    fn finish(self, events: u64) -> Outcome {
        Outcome {
            seed: self.options.seed,
            digest: self.digest.value(),
            height: self.checks.agreement.height(),
            transactions: self.checks.transactions.seen.len(),
            virtual_ms: self.now_us / 1_000,
            recovery_ms: self.checks.liveness.waited_us(self.now_us) / 1_000,
            calls: self.calls,
            events,
            evidence: self.evidence,
            late_rounds: self.late_rounds,
            penalties: self.penalties,
            fired: self.faults.fired,
            crash_points: self.crash_points,
            violation: self.checks.violations.into_iter().next(),
            trace: self.trace,
        }
    }

    /// Schedules an event, after those already scheduled for the same time.
    pub(crate) fn after(&mut self, delay_us: u64, event: SimEvent) {
        let number = self.next_number();
        self.queue.insert((self.now_us.saturating_add(delay_us), number), event);
    }

    /// A unique number.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn happen(&mut self, event: SimEvent) {
        if let Some(node) = event.at_node() {
            let paused_us = self.nodes[node].paused_until_us.saturating_sub(self.now_us);
            if paused_us > 0 {
                return self.after(paused_us, event);
            }
            if let Some(urgency) = event.urgency()
                && self.is_busy(node)
            {
                return self.queue_up(node, urgency, event);
            }
        }
        self.happen_now(event);
    }

    fn is_busy(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        node.stepping_until_us > self.now_us || !node.inbox.is_empty()
    }

    /// Queues an input until the current step is done.
    fn queue_up(&mut self, node: usize, urgency: usize, event: SimEvent) {
        if self.nodes[node].inbox.received() >= INBOX_MAX {
            // The line is not read until there is room.
            return self.after(INBOX_FULL_US, event);
        }
        if self.nodes[node].inbox.is_empty() {
            self.wake_later(node);
        }
        self.nodes[node].inbox.push(urgency, event);
        if self.options.is(&slow_steps::FORGETFUL_INBOX) && self.nodes[node].is_honest() {
            self.nodes[node].inbox.forget();
        }
    }

    fn wake_later(&mut self, node: usize) {
        let life = self.nodes[node].life;
        let wait = self.nodes[node].stepping_until_us.saturating_sub(self.now_us);
        self.after(wait, SimEvent::Wake { node, life });
    }

    fn wake(&mut self, node: usize) {
        if let Some(event) = self.nodes[node].inbox.pop() {
            self.happen_now(event);
        }
        if !self.nodes[node].inbox.is_empty() {
            self.wake_later(node);
        }
    }

    fn happen_now(&mut self, event: SimEvent) {
        self.note(&event);
        match event {
            SimEvent::Deliver { from, to, connection, packet } => {
                self.deliver(from, to, connection, packet);
            }
            SimEvent::Receiving { from, to, connection } => self.receiving(from, to, connection),
            SimEvent::Wake { node, life } if self.nodes[node].life == life => self.wake(node),
            SimEvent::Perform { node, life } if self.lives(node, life) => self.perform_next(node),
            SimEvent::Answer { node, life, event } if self.lives(node, life) => {
                self.step(node, event);
            }
            SimEvent::Serve { node, life, to, message } if self.lives(node, life) => {
                self.say(node, Some(to), message);
            }
            SimEvent::Timer { node, life, timer, set }
                if self.lives(node, life) && self.nodes[node].timers.get(&timer) == Some(&set) =>
            {
                self.nodes[node].timers.remove(&timer);
                self.step(node, Event::Timer(timer));
            }
            SimEvent::Start { node } => self.start(node),
            SimEvent::Connect { a, b } => self.connect(a, b),
            SimEvent::Clients => self.submit(),
            SimEvent::Strike { kind, what } => self.strike(kind, what),
            SimEvent::Heal => self.heal(),
            _ => {}
        }
    }

    /// Adds a node that is not a validator.
    pub(crate) fn add_node(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Stops a node permanently.
    pub(crate) fn remove_node(&mut self, node: usize) {
        self.nodes[node].stop();
        self.disconnect_all(node);
        self.nodes[node].is_gone = true;
    }

    /// The faults end: all links work, no node is paused, and every node that is down will start.
    fn heal(&mut self) {
        self.faulty = false;
        self.links.heal();
        for node in &mut self.nodes {
            node.paused_until_us = 0;
            node.disk_full_until_us = 0;
        }
        self.end_faults();
        if !self.is_held_up() {
            self.begin_recovery();
        }
    }

    /// From here the chain must make progress.
    pub(crate) fn begin_recovery(&mut self) {
        let height = self.checks.agreement.height();
        self.checks.liveness.begin(self.now_us, height);
    }

    pub(crate) fn lives(&self, node: usize, life: u64) -> bool {
        self.nodes[node].life == life && self.nodes[node].replica.is_some()
    }

    pub(crate) fn honest(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].is_honest())
    }

    /// The clock of a node, milliseconds since 1970.
    pub(crate) fn clock_ms(&self, node: usize) -> u64 {
        let skew_ms = self.plan.skew_ms.get(node).copied().unwrap_or_default();
        (self.true_ms() + skew_ms).saturating_add_signed(self.nodes[node].wrong_ms)
    }

    /// The time of a block, if it was committed.
    pub(crate) fn block_time_ms(&self, height: u64) -> Option<u64> {
        let blocks = self.honest().filter_map(|node| self.nodes[node].disk.block(height));
        blocks.map(|commit| commit.block.header.timestamp_ms).next()
    }

    /// The true time, milliseconds since 1970.
    pub(crate) fn true_ms(&self) -> u64 {
        START_MS + self.leapt_ms + self.now_us / 1_000
    }

    /// Starts a node from its disk.
    pub(crate) fn start(&mut self, node: usize) {
        if self.nodes[node].replica.is_some() || self.nodes[node].is_gone {
            return;
        }
        let honest = self.nodes[node].is_honest();
        if honest {
            let chain = self.nodes[node].disk.durable_chain();
            let kept = self.checks.durability.restarted(node, chain);
            self.expect(Rule::Durability, kept);
        }
        let recovery = match self.recovery(node) {
            Ok(recovery) => recovery,
            Err(what) => return self.violate(Rule::Durability, what),
        };
        let mempool = SharedMempool::new(self.pool_limits());
        let config = Config {
            chain: *self.setup.chain(),
            key: self.nodes[node].has_key.then(|| self.nodes[node].consensus_key.clone()),
            mempool: mempool.clone(),
            bounds: self.bounds(),
            record_kept_apart: self.options.mutation.is_some_and(Mutation::asks_nobody),
        };
        match Replica::start(config, recovery, self.clock_ms(node)) {
            Ok((replica, effects)) => {
                self.nodes[node].replica = Some(replica);
                self.nodes[node].mempool = Some(mempool);
                self.trace(|world| {
                    format!("node {node} is up at {}", world.nodes[node].disk.height())
                });
                self.route(node, effects);
            }
            Err(error) => self.violate(Rule::Durability, error.to_string()),
        }
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.plan_connect(node, other);
        }
    }

    fn recovery(&mut self, node: usize) -> Result<Recovery, String> {
        let own = self.nodes[node].consensus_key.public_key();
        let found = self.nodes[node].disk.found(&own, self.options.mutation)?;
        let head = match &found.head {
            None => HeadState {
                header: self.setup.header.clone(),
                certificate: None,
                state: self.setup.state.clone(),
                roots: self.setup.roots,
                unsealed: false,
            },
            Some(commit) => HeadState {
                header: commit.block.header.clone(),
                certificate: Some(commit.certificate.clone()),
                state: {
                    let state = self.executions.state_after(commit)?;
                    self.seen(state)?
                },
                roots: commit.execution.roots(),
                unsealed: !commit.block.transactions.is_empty(),
            },
        };
        let signed = found.signed.map(|bytes| decode::<LastSigned>(&bytes)).transpose();
        let last_signed = signed.map_err(|error| error.to_string())?;
        let (log, bodies, copied) = (found.log, found.bodies, found.copied);
        Ok(Recovery { head, log, last_signed, copied, bodies })
    }

    /// Runs a step of a node's replica.
    pub(crate) fn step(&mut self, node: usize, event: Event) {
        self.believe_clock(node, &event);
        let now_ms = self.clock_ms(node);
        let takes_us = slow_steps::step_us(&event) * self.nodes[node].slowness;
        let Some(replica) = self.nodes[node].replica.as_mut() else { return };
        let effects = replica.step(now_ms, event);
        let usage = replica.usage();
        let done_us = self.nodes[node].stepping_until_us.max(self.now_us) + takes_us;
        self.nodes[node].stepping_until_us = done_us;
        if self.nodes[node].is_honest() {
            let bounded = bounds::check(
                node,
                self.nodes.len(),
                &usage,
                &self.nodes[node],
                &self.pool_limits(),
            );
            self.expect(Rule::Bounds, bounded);
        }
        self.route(node, effects);
    }

    fn bounds(&self) -> Bounds {
        if !self.options.is(&mutation::NO_BOUNDS) {
            return Bounds::default();
        }
        Bounds {
            rounds_ahead: u32::MAX,
            rounds_behind: u32::MAX,
            bodies_per_peer: usize::MAX,
            body_sizes_per_peer: usize::MAX,
            early_bodies_per_peer: usize::MAX,
            early_proposals_per_peer: usize::MAX,
        }
    }

    /// Adds a line to the trace, if there is one.
    pub(crate) fn trace(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.options.trace {
            let line = format!("{:>9.3} {}", self.now_us as f64 / 1e3, line(self));
            self.trace.push(line);
        }
    }

    fn note(&mut self, event: &SimEvent) {
        self.digest.number(self.now_us);
        let (kind, node, detail) = event.summary();
        self.digest.number(kind << 32 | node as u64);
        self.digest.number(detail);
        if self.options.trace
            && let Some(line) = event.line()
        {
            self.trace(|_| line);
        }
    }
}
