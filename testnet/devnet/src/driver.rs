//! The thread that feeds the replica with events and performs its effects.

#![warn(clippy::wildcard_enum_match_arm, reason = "a new effect must not be dropped in silence")]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use ehb_consensus::LastSigned;
use ehb_executor::{Executor, GenesisState, Library};
use ehb_replica::{
    Bounds, Commit, Config, Effect, Event, HeadState, Immediate, Ordered, Recovery, Replica,
    Submissions, Verdict,
};
use ehb_types::SharedTransaction;
use tokio::sync::oneshot;

use crate::builder::Builder;
use crate::chain::Chain;
use crate::genesis::{genesis, validator_key};
use crate::time::{NetClock, Time, machine_ms};
use crate::{DevNetError, modules};

/// How many timers may run out before a block must have been decided.
const TIMERS_MAX: usize = 1_000;

/// The answer to a request of a test.
pub(crate) type Done = SyncSender<Result<u64, DevNetError>>;

/// A request to the driver.
pub(crate) enum Command {
    /// Offer transactions to the mempool.
    Submit { transactions: Vec<SharedTransaction>, reply: oneshot::Sender<Vec<Verdict>> },
    /// Let time pass, milliseconds.
    Advance { ms: u64, done: Done },
    /// Whether blocks become final only when asked for.
    Hold { hold: bool, done: Done },
    /// Decide the next block.
    Produce { done: Done },
}

/// Runs the replica and performs its effects, all in one thread.
pub(crate) struct Driver {
    chain: Arc<Chain>,
    replica: Replica,
    executor: Executor,
    time: Time,
    events: VecDeque<Event>,
    /// Effects that wait for a commit which is held.
    ordered: VecDeque<Ordered>,
    submissions: Submissions<oneshot::Sender<Vec<Verdict>>>,
    /// Whether commits are held, and whether one of them may pass all the same.
    hold: bool,
    pass: bool,
    halted: Option<String>,
}

impl Driver {
    /// A chain at its genesis.
    pub(crate) fn new(builder: &Builder) -> Result<Self, DevNetError> {
        let genesis_ms = builder.genesis_ms.unwrap_or_else(machine_ms);
        let (genesis, code) = genesis(builder, genesis_ms)?;
        let engine = modules::engine(builder.compiled_dir.clone())?;
        let first = GenesisState::build(&engine, &genesis, &code)?;
        let library = Library::new(first.modules.clone())?;
        let key = validator_key();
        let clock = Arc::new(NetClock::new(builder.clock, genesis_ms));
        let chain = Chain::new(genesis, &first, library.for_reads(), clock.clone(), &key)?;
        let chain = Arc::new(chain);
        let config = Config {
            chain: chain.genesis_hash,
            key: Some(key),
            mempool: chain.mempool.clone(),
            bounds: Bounds::default(),
            // The key has never signed: each chain has a genesis of its own, which its signatures bind.
            record_kept_apart: true,
        };
        let recovery = Recovery {
            head: HeadState {
                header: first.header.clone(),
                certificate: None,
                state: chain.head_state(),
                roots: first.roots(),
                unsealed: false,
            },
            log: Vec::new(),
            last_signed: Some(LastSigned::below(1)),
            copied: false,
            bodies: Vec::new(),
        };
        let time = Time::new(clock);
        let (replica, effects) = Replica::start(config, recovery, time.now_ms())?;
        let mut driver = Self {
            chain,
            replica,
            executor: Executor::new(library),
            time,
            events: VecDeque::new(),
            ordered: VecDeque::new(),
            submissions: Submissions::default(),
            hold: false,
            pass: false,
            halted: None,
        };
        driver.take(effects);
        driver.settle()?;
        Ok(driver)
    }

    pub(crate) fn chain(&self) -> &Arc<Chain> {
        &self.chain
    }

    /// Runs until nobody can ask for anything any more.
    pub(crate) fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let command = match self.time.wait_ms() {
                Some(ms) => commands.recv_timeout(Duration::from_millis(ms)),
                None => commands.recv().or(Err(RecvTimeoutError::Disconnected)),
            };
            match command {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Err(error) = self.settle() {
                tracing::error!(%error, "a development network cannot go on");
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let (result, done) = match command {
            Command::Submit { transactions, reply } => return self.submit(transactions, reply),
            Command::Advance { ms, done } => (self.advance(ms), done),
            Command::Hold { hold, done } => {
                self.hold = hold;
                (self.settle(), done)
            }
            Command::Produce { done } => (self.produce(), done),
        };
        // A test that ended needs no answer.
        let _ = done.send(result.map(|()| self.chain.height()));
    }

    fn submit(
        &mut self,
        transactions: Vec<SharedTransaction>,
        reply: oneshot::Sender<Vec<Verdict>>,
    ) {
        if transactions.is_empty() {
            let _ = reply.send(Vec::new());
        } else if self.halted.is_none() {
            // Dropped, the reply says that the node has stopped.
            let submitted = self.submissions.take(transactions, reply).collect();
            self.step(Event::Submit(submitted));
        }
    }

    /// Lets time pass, and each timer run out at its moment.
    fn advance(&mut self, ms: u64) -> Result<(), DevNetError> {
        let until = self.time.now_ms().saturating_add(ms);
        while let Some(next) = self.time.next_ms().filter(|next| *next <= until) {
            self.time.advance_to(next);
            self.settle()?;
        }
        self.time.advance_to(until);
        self.settle()
    }

    /// Lets one block become final, and as much time pass as it takes until there is one.
    fn produce(&mut self) -> Result<(), DevNetError> {
        let before = self.chain.height();
        self.pass = true;
        let mut decided = self.settle();
        for _ in 0..TIMERS_MAX {
            if decided.is_err() || self.chain.height() > before {
                break;
            }
            let Some(next) = self.time.next_ms() else { break };
            self.time.advance_to(next);
            decided = self.settle();
        }
        self.pass = false;
        decided?;
        match self.chain.height() > before {
            true => Ok(()),
            false => Err(DevNetError::NoBlock(TIMERS_MAX)),
        }
    }

    /// Does all that can be done at this moment.
    fn settle(&mut self) -> Result<(), DevNetError> {
        loop {
            if let Some(reason) = &self.halted {
                return Err(DevNetError::Halted(reason.clone()));
            }
            if let Some(event) = self.events.pop_front() {
                self.step(event);
            } else if let Some(timer) = self.time.expired() {
                self.step(Event::Timer(timer));
            } else if !self.perform_next()? {
                return Ok(());
            }
        }
    }

    fn step(&mut self, event: Event) {
        let effects = self.replica.step(self.time.now_ms(), event);
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ordered(effect) => self.ordered.push_back(effect),
                Effect::Immediate(effect) => self.carry_out(effect),
            }
        }
        self.chain.set_status(self.replica.status(), self.replica.last_lost());
    }

    fn carry_out(&mut self, effect: Immediate) {
        match effect {
            Immediate::SetTimer { timer, after_ms } => self.time.set(timer, after_ms),
            Immediate::CancelTimer(timer) => self.time.cancel(timer),
            Immediate::Verify { batch, transactions } => {
                let valid = transactions.iter().map(|signed| signed.verify().is_ok()).collect();
                self.events.push_back(Event::Verified { batch, valid });
            }
            Immediate::VerifyBody { block, transactions, .. } => {
                let valid = transactions.iter().all(|signed| signed.verify().is_ok());
                self.events.push_back(Event::BodyVerified { block, valid });
            }
            Immediate::Execute { hash, block, parent } => {
                let event = match self.executor.execute(&parent, &block) {
                    Ok(execution) => {
                        Event::Executed { block: hash, execution: Arc::new(execution) }
                    }
                    Err(error) => Event::Failed(error.to_string()),
                };
                self.events.push_back(event);
            }
            Immediate::Reply { ticket, result } => {
                if let Some((reply, verdicts)) = self.submissions.answer(ticket, result) {
                    // A client that went away needs no answer.
                    let _ = reply.send(verdicts);
                }
            }
            Immediate::Finalized(commit) => {
                self.executor.committed(&commit.execution.changes);
                self.chain.head.send_replace(commit.block.header.height);
            }
            Immediate::Halt(reason) => self.halted = Some(reason),
            // The only node of the network has no peers.
            Immediate::ServeBlocks { .. }
            | Immediate::ServeBody { .. }
            | Immediate::Judge { .. } => {}
        }
    }

    /// Performs the next effect of those that keep their order; false where there is none, or it is held.
    fn perform_next(&mut self) -> Result<bool, DevNetError> {
        if matches!(self.ordered.front(), Some(Ordered::Commit(_))) && self.hold && !self.pass {
            return Ok(false);
        }
        let Some(effect) = self.ordered.pop_front() else { return Ok(false) };
        match effect {
            Ordered::Commit(commit) => self.commit(&commit)?,
            // Nothing outlives the process, so there is nothing to read it again for.
            Ordered::Append { .. }
            | Ordered::StoreBody(_)
            | Ordered::ForgetBody { .. }
            | Ordered::RecordSigned(_)
            | Ordered::Sync => {}
            // The only node of the network has no peers.
            Ordered::Send { .. }
            | Ordered::Broadcast(_)
            | Ordered::Gossip(_)
            | Ordered::Penalise { .. } => {}
        }
        Ok(true)
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), DevNetError> {
        let state = self.chain.commit(commit)?;
        self.pass = false;
        self.events.push_back(Event::Committed { height: commit.block.header.height, state });
        Ok(())
    }
}
