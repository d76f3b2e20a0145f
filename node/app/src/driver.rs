//! Picks the replica's next event by urgency, runs the step, and dispatches its effects.

#![warn(clippy::wildcard_enum_match_arm, reason = "a new effect must not be dropped in silence")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, select};
use ehb_network::Network;
use ehb_replica::{Commit, Effect, Event, Immediate, Ordered, Replica, Submissions, Verdict};
use ehb_types::SharedTransaction;
use tokio::sync::oneshot;

use crate::gossips::Gossips;
use crate::intake::{Cost, Incoming, after_wait};
use crate::metrics::Metrics;
use crate::published::Published;
use crate::timers::Timers;
use crate::wall_clock::now_ms;
use crate::wire;
use crate::workers::{BodyVerification, ExecutorWork, Request, Verification};

/// The transactions that a client submits, and where the answers go, in the same order.
pub(crate) struct Submission {
    pub(crate) transactions: Vec<SharedTransaction>,
    pub(crate) reply: oneshot::Sender<Vec<Verdict>>,
}

/// Where the replica's events come from, the most urgent first.
pub(crate) struct Inputs {
    /// Answers to effects; their number is bounded by the effects under way.
    pub(crate) answers: Receiver<Event>,
    /// Connections, votes and proposals.
    pub(crate) urgent: Receiver<Incoming>,
    /// Blocks, catching up, gossip.
    pub(crate) bulk: Receiver<Incoming>,
    /// Clients.
    pub(crate) submissions: Receiver<Submission>,
    /// Closed when the node is to stop.
    pub(crate) stop: Receiver<()>,
}

/// Who performs the replica's effects.
pub(crate) struct Outputs {
    /// Disk and peers, in order.
    pub(crate) performer: Sender<Ordered>,
    pub(crate) verifier: Sender<Verification>,
    pub(crate) body_verifier: Sender<BodyVerification>,
    pub(crate) executor: Sender<ExecutorWork>,
    pub(crate) server: Sender<Request>,
    /// Gets the verdicts on gossip.
    pub(crate) network: Network,
    pub(crate) gossips: Arc<Gossips>,
}

/// Runs the replica: the only place where it takes a step.
pub(crate) struct Driver {
    pub(crate) replica: Replica,
    pub(crate) inputs: Inputs,
    pub(crate) outputs: Outputs,
    pub(crate) published: Arc<Published>,
    pub(crate) metrics: Arc<Metrics>,
    timers: Timers,
    /// How many urgent events were taken while others may have waited.
    urgent_in_a_row: u32,
    /// Whether clients come before blocks and gossip next.
    clients_turn: bool,
    waiting: Submissions<oneshot::Sender<Vec<Verdict>>>,
}

/// How many transactions are taken from clients at once, with those of the last submission above it.
const SUBMITTED_MAX: usize = 512;
/// How many urgent events are taken in a row before one of the others has its turn.
const URGENT_IN_A_ROW_MAX: u32 = 32;
/// How long the driver sleeps at the most when nothing happens.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// Why the driver ends when it can hand its work to nobody.
const GONE: &str = "a thread of the node ended before the others";

impl Driver {
    pub(crate) fn new(
        replica: Replica,
        inputs: Inputs,
        outputs: Outputs,
        published: Arc<Published>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            replica,
            inputs,
            outputs,
            published,
            metrics,
            timers: Timers::default(),
            urgent_in_a_row: 0,
            clients_turn: false,
            waiting: Submissions::default(),
        }
    }

    /// Runs until the node is to stop, or the replica halts: then the reason is the error.
    pub(crate) fn run(mut self, first: Vec<Effect>) -> Result<(), String> {
        self.take_sizes();
        self.perform(first)?;
        loop {
            self.published.beat();
            while let Some(timer) = self.timers.expired(Instant::now()) {
                self.step(Event::Timer(timer))?;
            }
            match self.next() {
                Next::Answer(event) => self.step(event)?,
                Next::Incoming(incoming) => self.incoming(incoming)?,
                Next::Submission(submission) => self.submit(submission)?,
                Next::Nothing => {}
                Next::Stop => return Ok(()),
            }
        }
    }

    /// Answers first, whose number is bounded by what was asked for; then what is urgent, but not for
    /// ever: a flood of it leaves the others their share.
    fn next(&mut self) -> Next {
        if let Ok(event) = self.inputs.answers.try_recv() {
            return Next::Answer(event);
        }
        if self.urgent_in_a_row < URGENT_IN_A_ROW_MAX
            && let Ok(incoming) = self.inputs.urgent.try_recv()
        {
            self.urgent_in_a_row += 1;
            return Next::Incoming(incoming);
        }
        self.urgent_in_a_row = 0;
        if self.inputs.stop.try_recv() == Err(TryRecvError::Disconnected) {
            return Next::Stop;
        }
        if let Some(next) = self.next_of_others() {
            return next;
        }
        let now = Instant::now();
        let until = self.timers.next().map_or(IDLE_MAX, |at| at.saturating_duration_since(now));
        let inputs = &self.inputs;
        select! {
            recv(inputs.answers) -> event => event.map_or(Next::Stop, Next::Answer),
            recv(inputs.urgent) -> it => it.map_or(Next::Stop, Next::Incoming),
            recv(inputs.bulk) -> it => it.map_or(Next::Stop, Next::Incoming),
            recv(inputs.submissions) -> it => it.map_or(Next::Stop, Next::Submission),
            recv(inputs.stop) -> _ => Next::Stop,
            default(until.min(IDLE_MAX)) => Next::Nothing,
        }
    }

    /// The next waiting event of peers' blocks or of clients, in turns.
    fn next_of_others(&mut self) -> Option<Next> {
        self.clients_turn = !self.clients_turn;
        let bulk = || self.inputs.bulk.try_recv().ok().map(Next::Incoming);
        let clients = || self.inputs.submissions.try_recv().ok().map(Next::Submission);
        if self.clients_turn { clients().or_else(bulk) } else { bulk().or_else(clients) }
    }

    /// Takes what came from the network, and charges its sender for the time that it took.
    fn incoming(&mut self, incoming: Incoming) -> Result<(), String> {
        let Incoming { event, cost, held } = incoming;
        let begun = Instant::now();
        let waited = cost.as_ref().map(|it| begun.saturating_duration_since(it.received));
        let event = after_wait(event, waited.unwrap_or_default());
        let effects = self.replica.step(now_ms(), event);
        if let Some(Cost { peer, channel, spent, .. }) = cost {
            self.outputs.network.charge(&peer, channel, spent + begun.elapsed());
        }
        drop(held);
        self.perform_all(effects)
    }

    /// Hands a submission to the replica, together with others that wait.
    fn submit(&mut self, submission: Submission) -> Result<(), String> {
        let mut submitted = Vec::new();
        let mut next = Some(submission);
        while let Some(submission) = next {
            let Submission { transactions, reply } = submission;
            if transactions.is_empty() {
                let _ = reply.send(Vec::new());
            } else {
                submitted.extend(self.waiting.take(transactions, reply));
            }
            let has_room = submitted.len() < SUBMITTED_MAX;
            next = has_room.then(|| self.inputs.submissions.try_recv().ok()).flatten();
        }
        self.step(Event::Submit(submitted))
    }

    fn step(&mut self, event: Event) -> Result<(), String> {
        let effects = self.replica.step(now_ms(), event);
        self.perform_all(effects)
    }

    fn perform_all(&mut self, effects: Vec<Effect>) -> Result<(), String> {
        if effects.is_empty() {
            return Ok(());
        }
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), String> {
        for effect in effects {
            self.perform_one(effect)?;
        }
        self.published.set_status(self.replica.status());
        // After the effects: a block that superseded transactions is at hand when their waiters look.
        self.published.set_lost(self.replica.last_lost());
        Ok(())
    }

    fn perform_one(&mut self, effect: Effect) -> Result<(), String> {
        match effect {
            Effect::Ordered(effect) => self.outputs.performer.send(effect).or(Err(GONE))?,
            Effect::Immediate(effect) => self.carry_out(effect)?,
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Immediate) -> Result<(), String> {
        let outputs = &self.outputs;
        match effect {
            Immediate::SetTimer { timer, after_ms } => {
                self.timers.set(timer, after_ms, Instant::now());
            }
            Immediate::CancelTimer(timer) => self.timers.cancel(timer),
            Immediate::Verify { batch, transactions } => {
                outputs.verifier.send(Verification { batch, transactions }).or(Err(GONE))?;
            }
            Immediate::VerifyBody { block, transactions, source } => {
                let work = BodyVerification { block, transactions, source };
                outputs.body_verifier.send(work).or(Err(GONE))?;
            }
            Immediate::Execute { hash, block, parent } => {
                let work = ExecutorWork::Execute { hash, block, parent };
                outputs.executor.send(work).or(Err(GONE))?;
            }
            Immediate::ServeBlocks { peer, from, count } => {
                // A full queue means that peers ask for more than this node can read.
                let _ = outputs.server.try_send(Request::Blocks { peer, from, count });
            }
            Immediate::ServeBody { peer, height, block } => {
                let _ = outputs.server.try_send(Request::Body { peer, height, block });
            }
            Immediate::Judge { message, verdict } => {
                outputs.gossips.judge(&outputs.network, message, verdict);
            }
            Immediate::Reply { ticket, result } => {
                self.metrics.submitted(&result);
                if let Some((reply, verdicts)) = self.waiting.answer(ticket, result) {
                    // A client that went away needs no answer.
                    let _ = reply.send(verdicts);
                }
            }
            Immediate::Finalized(commit) => self.finalized(commit)?,
            Immediate::Halt(reason) => {
                self.published.set_status(self.replica.status());
                return Err(reason);
            }
        }
        Ok(())
    }

    fn finalized(&self, commit: Arc<Commit>) -> Result<(), String> {
        self.metrics.finalized(&commit);
        self.take_sizes();
        self.published.finalized(&commit);
        self.outputs.executor.send(ExecutorWork::Committed(commit)).or(Err(GONE))?;
        Ok(())
    }

    /// From peers comes nothing larger than what the chain's parameters allow for.
    fn take_sizes(&self) {
        for (kind, bytes_max) in wire::sizes(self.replica.parameters()) {
            self.outputs.network.take_up_to(kind, bytes_max);
        }
    }
}

enum Next {
    Answer(Event),
    Incoming(Incoming),
    Submission(Submission),
    Nothing,
    Stop,
}
