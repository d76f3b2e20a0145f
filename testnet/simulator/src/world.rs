use std::collections::BTreeMap;

use ehb_consensus::LastSigned;
use ehb_mempool::{Limits, SharedMempool};
use ehb_replica::{Bounds, Config, Effect, Event, Head, Message, Recovery, Replica, Timer};
use ehb_types::{SharedTransaction, decode};

use crate::afterwards::Afterwards;
use crate::checks::{Checks, Rule, Violation, bounds, conservation, exits};
use crate::clients::Clients;
use crate::crashes::CrashPoints;
use crate::dice::Dice;
use crate::digest::Digest;
use crate::disk::Disk;
use crate::executions::Executions;
use crate::links::Links;
use crate::node::Node;
use crate::plan::Plan;
use crate::run::{Calls, Options};
use crate::setup::START_MS;
use crate::{Mutation, Outcome, Setup};

/// A whole network in virtual time.
pub(crate) struct World<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) options: &'a Options,
    pub(crate) plan: Plan,
    pub(crate) dice: Dice,
    pub(crate) now_us: u64,
    /// How much time has passed at once, for all clocks together, milliseconds.
    pub(crate) leapt_ms: u64,
    /// How far each clock is ahead beyond that, milliseconds: wrong for good, or until it is set.
    pub(crate) wrong_ms: Vec<i64>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Links,
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
    /// When it was last looked what became of accepted transactions.
    pub(crate) fates_looked_at_us: u64,
    pub(crate) digest: Digest,
    pub(crate) trace: Vec<String>,
    sequence: u64,
    queue: BTreeMap<(u64, u64), Happening>,
}

/// What happens next.
pub(crate) enum Happening {
    /// A message arrives.
    Deliver { from: usize, to: usize, connection: u64, packet: Packet },
    /// A node's performer is done with the effect at the front of its queue.
    Perform { node: usize, life: u64 },
    /// A thread of a node answers.
    Answer { node: usize, life: u64, event: Event },
    /// A thread of a node has a message for a peer.
    Serve { node: usize, life: u64, to: usize, message: Message },
    /// A timer runs out, unless it was set anew since.
    Timer { node: usize, life: u64, timer: Timer, set: u64 },
    /// A node starts.
    Start { node: usize },
    /// Two nodes try to connect.
    Connect { a: usize, b: usize },
    /// Clients submit transactions.
    Clients,
    /// A network fault begins.
    Partition,
    /// A node is paused.
    Pause,
    /// A node loses its disk.
    Wipe { node: usize },
    /// All clocks go ahead.
    Leap,
    /// Clocks that are wrong are set right.
    SetClocks,
    /// A node's disk is copied, to come back later.
    Backup { node: usize },
    /// A node starts from an old copy of its disk.
    Restore { node: usize, copy: Box<Disk> },
    /// The faults end.
    Heal,
}

/// What travels between nodes.
#[derive(Clone)]
pub(crate) enum Packet {
    Message(Message),
    Gossip(Vec<SharedTransaction>),
}

/// No run has more events than this: one that does is stuck in a loop.
const EVENTS_MAX: u64 = 5_000_000;
/// Within what time the nodes start, virtual microseconds.
const START_SPREAD_US: u64 = 200_000;

impl<'a> World<'a> {
    pub(crate) fn new(setup: &'a Setup, options: &'a Options) -> Self {
        let plan = Plan::new(options.seed, setup.nodes(), options.behaviour);
        let mut dice = Dice::new(options.seed, 2);
        let keys = setup.validators.iter().enumerate();
        let nodes = keys.map(|(index, keys)| {
            let conduct = plan.byzantine.get(&index).map(|it| it.conduct(&mut dice));
            Node::new(keys.consensus.clone(), keys.node.public_key(), conduct)
        });
        let nodes = nodes.collect();
        let wrong_ms = plan.wrong_ms.clone();
        let mut world = Self {
            setup,
            options,
            plan,
            dice,
            now_us: 0,
            leapt_ms: 0,
            wrong_ms,
            nodes,
            links: Links::default(),
            executions: Executions::new(setup, options.mutation),
            clients: Clients::default(),
            checks: Checks::default(),
            crash_points: CrashPoints::default(),
            calls: Calls::new(),
            evidence: 0,
            late_rounds: 0,
            penalties: 0,
            faulty: true,
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
        self.trace(|world| format!("{:?}", world.plan));
        for node in 0..self.nodes.len() {
            let at = self.dice.below(START_SPREAD_US);
            self.after(at, Happening::Start { node });
        }
        self.after(0, Happening::Clients);
        self.after(self.plan.faults_us, Happening::Heal);
        self.plan_partition();
        self.plan_pause();
        self.plan_leap();
        if self.plan.clocks_set_us > 0 {
            self.after(self.plan.clocks_set_us, Happening::SetClocks);
        }
        // Where nobody is asked, an old copy breaks rules by itself.
        let asks = self.options.mutation.is_none_or(Mutation::bears_old_copies);
        for node in self.plan.restored.clone().into_iter().filter(|_| asks) {
            let at = self.dice.below(self.plan.faults_us / 2);
            self.after(at, Happening::Backup { node });
        }
        for node in self.plan.wiped.clone() {
            let at = self.dice.below(self.plan.faults_us);
            self.after(at, Happening::Wipe { node });
        }
    }

    /// Runs to the end: all is well, or a rule is broken.
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
            let Some(((at, _), happening)) = self.queue.pop_first() else {
                self.report_stuck();
                break;
            };
            self.now_us = at;
            self.happen(happening);
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
            crash_points: self.crash_points,
            violation: self.checks.violations.into_iter().next(),
            trace: self.trace,
        }
    }

    /// Puts something into the future, behind what is there for the same time.
    pub(crate) fn after(&mut self, delay_us: u64, happening: Happening) {
        let number = self.next_number();
        self.queue.insert((self.now_us.saturating_add(delay_us), number), happening);
    }

    /// A number that nothing else has.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn happen(&mut self, happening: Happening) {
        if let Some(node) = happening.at_node()
            && self.nodes[node].paused_until_us > self.now_us
        {
            let wait = self.nodes[node].paused_until_us - self.now_us;
            return self.after(wait, happening);
        }
        self.note(&happening);
        match happening {
            Happening::Deliver { from, to, connection, packet } => {
                self.deliver(from, to, connection, packet);
            }
            Happening::Perform { node, life } if self.lives(node, life) => self.perform_next(node),
            Happening::Answer { node, life, event } if self.lives(node, life) => {
                self.step(node, event);
            }
            Happening::Serve { node, life, to, message } if self.lives(node, life) => {
                self.say(node, Some(to), message);
            }
            Happening::Timer { node, life, timer, set }
                if self.lives(node, life) && self.nodes[node].timers.get(&timer) == Some(&set) =>
            {
                self.nodes[node].timers.remove(&timer);
                self.step(node, Event::Timer(timer));
            }
            Happening::Start { node } => self.start(node),
            Happening::Connect { a, b } => self.connect(a, b),
            Happening::Clients => self.submit(),
            Happening::Partition => self.partition(),
            Happening::Pause => self.pause(),
            Happening::Wipe { node } => self.wipe(node),
            Happening::Leap => self.leap(),
            Happening::SetClocks => self.set_clocks(),
            Happening::Backup { node } => self.back_up(node),
            Happening::Restore { node, copy } => self.restore(node, copy),
            Happening::Heal => self.heal(),
            _ => {}
        }
    }

    pub(crate) fn lives(&self, node: usize, life: u64) -> bool {
        self.nodes[node].life == life && self.nodes[node].replica.is_some()
    }

    pub(crate) fn honest(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].is_honest())
    }

    /// The clock of a node, milliseconds since 1970.
    pub(crate) fn clock_ms(&self, node: usize) -> u64 {
        let right = START_MS + self.leapt_ms + self.now_us / 1_000 + self.plan.skew_ms[node];
        right.saturating_add_signed(self.wrong_ms[node])
    }

    /// Starts a node from its disk.
    pub(crate) fn start(&mut self, node: usize) {
        if self.nodes[node].replica.is_some() {
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
        let mempool = SharedMempool::new(Limits::default());
        let config = Config {
            chain: *self.setup.chain(),
            key: Some(self.nodes[node].consensus_key.clone()),
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
            None => Head {
                header: self.setup.header.clone(),
                certificate: None,
                state: self.setup.state.clone(),
                roots: self.setup.roots,
                unsealed: false,
            },
            Some(commit) => Head {
                header: commit.block.header.clone(),
                certificate: Some(commit.certificate.clone()),
                state: self.executions.state_after(commit)?,
                roots: commit.execution.roots(),
                unsealed: !commit.block.transactions.is_empty(),
            },
        };
        let signed = found.signed.map(|bytes| decode::<LastSigned>(&bytes)).transpose();
        let last_signed = signed.map_err(|error| error.to_string())?;
        let (log, bodies, copied) = (found.log, found.bodies, found.copied);
        Ok(Recovery { head, log, last_signed, copied, bodies })
    }

    /// Lets a node's replica take a step.
    pub(crate) fn step(&mut self, node: usize, event: Event) {
        let now_ms = self.clock_ms(node);
        let Some(replica) = self.nodes[node].replica.as_mut() else { return };
        let effects: Vec<Effect> = replica.step(now_ms, event);
        let usage = replica.usage();
        if self.nodes[node].is_honest() {
            let bodies = self.nodes[node].disk.bodies();
            let bounded = bounds::check(node, self.nodes.len(), &usage, bodies);
            self.expect(Rule::Bounds, bounded);
        }
        self.route(node, effects);
    }

    fn bounds(&self) -> Bounds {
        if self.options.mutation != Some(Mutation::NoBounds) {
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

    pub(crate) fn expect(&mut self, rule: Rule, result: Result<(), String>) {
        if let Err(what) = result {
            self.violate(rule, what);
        }
    }

    pub(crate) fn violate(&mut self, rule: Rule, what: String) {
        let violation = Violation { rule, at_ms: self.now_us / 1_000, what };
        self.trace(|_| format!("VIOLATION {violation}"));
        self.checks.violations.push(violation);
    }

    fn report_stuck(&mut self) {
        let heights: Vec<String> = (0..self.nodes.len())
            .map(|node| {
                let status = self.nodes[node].replica.as_ref().map(|replica| replica.status());
                let honest = if self.nodes[node].is_honest() { "" } else { " (byzantine)" };
                match status {
                    Some(it) => format!("{}/{}{honest}", it.height, it.round),
                    None => format!("down{honest}"),
                }
            })
            .collect();
        let target = self.checks.liveness.target();
        let lowest = self.honest().map(|node| self.nodes[node].disk.height()).min();
        if self.checks.liveness.reached(lowest.unwrap_or_default())
            && let Some(what) = self.checks.fates.open()
        {
            return self.violate(Rule::Fates, what);
        }
        let heights = heights.join(", ");
        let what =
            format!("not all are at height {target}: height/round of the nodes is {heights}");
        self.violate(Rule::Liveness, what);
    }

    fn check_end(&mut self) {
        for node in self.honest().collect::<Vec<_>>() {
            let disk = &mut self.nodes[node].disk;
            // Who is still writing the last block has told nobody of it.
            disk.sync();
            let kept = self.checks.durability.at_end(node, disk.durable_chain());
            // A node that is some blocks behind the others lacks what they told last.
            let lacks = kept.is_err() && disk.height() < self.checks.agreement.height();
            if !lacks {
                self.expect(Rule::Durability, kept);
            }
        }
        self.check_books();
    }

    /// The books after the last block, and what becomes of them when everybody falls silent.
    fn check_books(&mut self) {
        let chains = self.honest().filter_map(|node| self.nodes[node].disk.durable_chain().last());
        let last = chains.max_by_key(|commit| commit.block.header.height).cloned();
        let Some(last) = last else { return };
        let state = match self.executions.state_after(&last) {
            Ok(state) => state,
            Err(what) => return self.violate(Rule::Agreement, what),
        };
        let (header, root) = (last.block.header.clone(), last.execution.changes.root);
        let (setup, library) = (self.setup, self.executions.library());
        let conserved = conservation::check(setup, library, state.clone(), &header);
        let chain = Afterwards::new(setup, library, header, state, root);
        let ended = conserved.is_ok().then(|| exits::check(setup, library, chain));
        self.expect(Rule::Conservation, conserved.map(drop));
        self.expect(Rule::Exits, ended.unwrap_or(Ok(())));
    }

    /// Adds a line to the trace, if there is one.
    pub(crate) fn trace(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.options.trace {
            let line = format!("{:>9.3} {}", self.now_us as f64 / 1e3, line(self));
            self.trace.push(line);
        }
    }

    fn note(&mut self, happening: &Happening) {
        self.digest.number(self.now_us);
        let (kind, node, detail) = happening.summary();
        self.digest.number(kind << 32 | node as u64);
        self.digest.number(detail);
        if self.options.trace
            && let Some(line) = happening.line()
        {
            self.trace(|_| line);
        }
    }
}
