use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, TryRecvError, select};
use ehb_network::Network;
use ehb_replica::{Effect, Event, Message, Replica, Ticket};
use ehb_types::{Code, Hash, Rejection, SharedTransaction};
use tokio::sync::oneshot;

use crate::asked::Asked;
use crate::gossips::Gossips;
use crate::intake::{Cost, Incoming};
use crate::metrics::Metrics;
use crate::shared::Shared;
use crate::timers::Timers;
use crate::{wire, workers::Work};

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
    pub(crate) performer: Sender<Effect>,
    pub(crate) verifier: Sender<Work>,
    pub(crate) executor: Sender<Work>,
    pub(crate) server: Sender<Work>,
    /// Whom verdicts on gossip are told.
    pub(crate) network: Network,
    pub(crate) gossips: Arc<Gossips>,
    pub(crate) asked: Arc<Asked>,
}

/// Runs the replica: the only place where it takes a step.
pub(crate) struct Driver {
    pub(crate) replica: Replica,
    pub(crate) inputs: Inputs,
    pub(crate) outputs: Outputs,
    pub(crate) shared: Arc<Shared>,
    pub(crate) metrics: Arc<Metrics>,
    timers: Timers,
    /// How many urgent events were taken while others may have waited.
    urgent_in_a_row: u32,
    /// Whether clients come before blocks and gossip next.
    clients_turn: bool,
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
/// How many urgent events are taken in a row before one of the others has its turn.
const URGENT_IN_A_ROW_MAX: u32 = 32;
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
            urgent_in_a_row: 0,
            clients_turn: false,
            waiting: BTreeMap::new(),
            batches: BTreeMap::new(),
            next_ticket: 0,
            next_batch: 0,
        }
    }

    /// Runs until the node is told to stop, or the replica halts: then the reason is the error.
    pub(crate) fn run(mut self, first: Vec<Effect>) -> Result<(), String> {
        self.take_sizes();
        self.perform(first)?;
        loop {
            self.shared.beat();
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

    /// What is there already of peers' blocks and of clients, in turns.
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
        let effects = self.replica.step(now_ms(), event);
        if let Some(Cost { peer, channel, spent }) = cost {
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
        self.shared.set_status(self.replica.status());
        // After the effects: a block that superseded transactions is at hand when their waiters look.
        self.shared.set_lost(self.replica.last_lost());
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
                self.take_sizes();
                self.shared.finalized(&commit);
                self.outputs.executor.send(Work::Committed(commit)).or(Err(gone))?;
            }
            Effect::Send { peer, message: message @ Message::BlocksRequest { .. } } => {
                self.outputs.asked.ask(peer);
                let request = Effect::Send { peer, message };
                self.outputs.performer.send(request).or(Err(gone))?;
            }
            ordered => self.outputs.performer.send(ordered).or(Err(gone))?,
        }
        Ok(())
    }

    /// From peers comes nothing larger than what the chain's parameters allow for.
    fn take_sizes(&self) {
        for (kind, bytes_max) in wire::sizes(self.replica.parameters()) {
            self.outputs.network.take_up_to(kind, bytes_max);
        }
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
    Answer(Event),
    Incoming(Incoming),
    Submission(Submission),
    Nothing,
    Stop,
}
