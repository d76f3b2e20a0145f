use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, select};
use ehb_network::Network;
use ehb_replica::{Effect, Event, Replica, Ticket};
use ehb_types::{Code, Hash, Rejection, SharedTransaction};
use tokio::sync::oneshot;

use crate::gossips::Gossips;
use crate::metrics::Metrics;
use crate::shared::Shared;
use crate::timers::Timers;
use crate::workers::Work;

/// What a client submits, and where the answers go, in the same order.
pub(crate) struct Submission {
    pub(crate) transactions: Vec<SharedTransaction>,
    pub(crate) reply: oneshot::Sender<Vec<Result<Hash, Rejection>>>,
}

/// Where the replica's events come from, the most urgent first.
pub(crate) struct Inputs {
    /// Answers to effects; their number is bounded by the effects under way.
    pub(crate) answers: Receiver<Event>,
    /// Connections, votes and proposals.
    pub(crate) urgent: Receiver<Event>,
    /// Blocks, catching up, gossip.
    pub(crate) bulk: Receiver<Event>,
    /// Clients.
    pub(crate) submissions: Receiver<Submission>,
    /// Closed when the node is to stop.
    pub(crate) stop: Receiver<()>,
}

/// Who performs the replica's effects.
pub(crate) struct Outputs {
    /// Disk and peers, in order.
    pub(crate) performer: Sender<Effect>,
    pub(crate) verifier: Sender<Work>,
    pub(crate) executor: Sender<Work>,
    pub(crate) server: Sender<Work>,
    /// Whom verdicts on gossip are told.
    pub(crate) network: Network,
    pub(crate) gossips: Arc<Gossips>,
}

/// Runs the replica: the only place where it takes a step.
pub(crate) struct Driver {
    pub(crate) replica: Replica,
    pub(crate) inputs: Inputs,
    pub(crate) outputs: Outputs,
    pub(crate) shared: Arc<Shared>,
    pub(crate) metrics: Arc<Metrics>,
    timers: Timers,
    waiting: BTreeMap<Ticket, (u64, usize)>,
    batches: BTreeMap<u64, Batch>,
    next_ticket: Ticket,
    next_batch: u64,
}

/// A submission whose answers are not all here.
struct Batch {
    results: Vec<Option<Result<Hash, Rejection>>>,
    missing: usize,
    reply: oneshot::Sender<Vec<Result<Hash, Rejection>>>,
}

/// How many transactions are taken from clients at once, with those of the last submission above it.
const SUBMITTED_MAX: usize = 512;
/// How long the driver sleeps at the most when nothing happens.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// Milliseconds since 1970; 0 for a clock that stands before that.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Driver {
    pub(crate) fn new(
        replica: Replica,
        inputs: Inputs,
        outputs: Outputs,
        shared: Arc<Shared>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            replica,
            inputs,
            outputs,
            shared,
            metrics,
            timers: Timers::default(),
            waiting: BTreeMap::new(),
            batches: BTreeMap::new(),
            next_ticket: 0,
            next_batch: 0,
        }
    }

    /// Runs until the node is told to stop, or the replica halts: then the reason is the error.
    pub(crate) fn run(mut self, first: Vec<Effect>) -> Result<(), String> {
        self.perform(first)?;
        loop {
            self.shared.beat();
            while let Some(timer) = self.timers.expired(Instant::now()) {
                self.step(Event::Timer(timer))?;
            }
            match self.next() {
                Next::Event(event) => self.step(event)?,
                Next::Submission(submission) => self.submit(submission)?,
                Next::Nothing => {}
                Next::Stop => return Ok(()),
            }
        }
    }

    fn next(&self) -> Next {
        let inputs = &self.inputs;
        if let Ok(event) = inputs.answers.try_recv().or_else(|_| inputs.urgent.try_recv()) {
            return Next::Event(event);
        }
        let now = Instant::now();
        let until = self.timers.next().map_or(IDLE_MAX, |at| at.saturating_duration_since(now));
        select! {
            recv(inputs.answers) -> event => event.map_or(Next::Stop, Next::Event),
            recv(inputs.urgent) -> event => event.map_or(Next::Stop, Next::Event),
            recv(inputs.bulk) -> event => event.map_or(Next::Stop, Next::Event),
            recv(inputs.submissions) -> it => it.map_or(Next::Stop, Next::Submission),
            recv(inputs.stop) -> _ => Next::Stop,
            default(until.min(IDLE_MAX)) => Next::Nothing,
        }
    }

    /// Hands a submission to the replica, together with others that wait.
    fn submit(&mut self, submission: Submission) -> Result<(), String> {
        let mut submitted = Vec::new();
        let mut next = Some(submission);
        while let Some(submission) = next {
            self.take(submission, &mut submitted);
            let has_room = submitted.len() < SUBMITTED_MAX;
            next = has_room.then(|| self.inputs.submissions.try_recv().ok()).flatten();
        }
        self.step(Event::Submit(submitted))
    }

    fn take(&mut self, submission: Submission, submitted: &mut Vec<(Ticket, SharedTransaction)>) {
        let Submission { transactions, reply } = submission;
        let batch = self.next_batch;
        self.next_batch += 1;
        let missing = transactions.len();
        let results = (0..missing).map(|_| None).collect();
        self.batches.insert(batch, Batch { results, missing, reply });
        for (index, transaction) in transactions.into_iter().enumerate() {
            let ticket = self.next_ticket;
            self.next_ticket += 1;
            self.waiting.insert(ticket, (batch, index));
            submitted.push((ticket, transaction));
        }
        if missing == 0 {
            self.answer_if_whole(batch);
        }
    }

    fn step(&mut self, event: Event) -> Result<(), String> {
        let effects = self.replica.step(now_ms(), event);
        if effects.is_empty() {
            return Ok(());
        }
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), String> {
        for effect in effects {
            self.perform_one(effect)?;
        }
        self.shared.set_status(self.replica.status());
        Ok(())
    }

    fn perform_one(&mut self, effect: Effect) -> Result<(), String> {
        let gone = "a thread of the node ended before the others";
        match effect {
            Effect::SetTimer { timer, after_ms } => {
                self.timers.set(timer, after_ms, Instant::now());
            }
            Effect::CancelTimer(timer) => self.timers.cancel(timer),
            Effect::Reply { ticket, result } => self.reply(ticket, result),
            Effect::Halt(reason) => {
                self.shared.set_status(self.replica.status());
                return Err(reason);
            }
            Effect::Verify { batch, transactions } => {
                self.outputs.verifier.send(Work::Verify { batch, transactions }).or(Err(gone))?;
            }
            Effect::Execute { hash, block, parent } => {
                self.outputs.executor.send(Work::Execute { hash, block, parent }).or(Err(gone))?;
            }
            Effect::ServeBlocks { peer, from, count } => {
                // A full queue means that peers ask for more than this node can read.
                let _ = self.outputs.server.try_send(Work::ServeBlocks { peer, from, count });
            }
            Effect::ServeBody { peer, height, block } => {
                let _ = self.outputs.server.try_send(Work::ServeBody { peer, height, block });
            }
            Effect::Judge { message, verdict } => {
                self.outputs.gossips.judge(&self.outputs.network, message, verdict);
            }
            Effect::Finalized(commit) => {
                self.metrics.finalized(&commit);
                self.shared.finalized(&commit);
                self.outputs.executor.send(Work::Committed(commit)).or(Err(gone))?;
            }
            ordered => self.outputs.performer.send(ordered).or(Err(gone))?,
        }
        Ok(())
    }

    fn reply(&mut self, ticket: Ticket, result: Result<Hash, Rejection>) {
        let Some((batch, index)) = self.waiting.remove(&ticket) else { return };
        self.metrics.submitted(&result);
        if let Some(it) = self.batches.get_mut(&batch) {
            it.results[index] = Some(result);
            it.missing -= 1;
        }
        self.answer_if_whole(batch);
    }

    fn answer_if_whole(&mut self, batch: u64) {
        if self.batches.get(&batch).is_some_and(|it| it.missing == 0)
            && let Some(whole) = self.batches.remove(&batch)
        {
            let lost = || Err(Rejection::new(Code::Internal, "the answer was lost"));
            let results = whole.results.into_iter().map(|it| it.unwrap_or_else(lost)).collect();
            // A client that went away needs no answer.
            let _ = whole.reply.send(results);
        }
    }
}

enum Next {
    Event(Event),
    Submission(Submission),
    Nothing,
    Stop,
}
