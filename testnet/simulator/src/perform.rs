//! Performs the effects of a replica in virtual time, as a node's program does on a machine.

#![warn(clippy::wildcard_enum_match_arm, reason = "a new effect must not be dropped in silence")]

use std::sync::Arc;

use ehb_replica::{Commit, Effect, Event, Immediate, Message, Ordered, Ticket};
use ehb_state::Overlay;
use ehb_types::{Hash, Outcome, PublicKey, Rejection, SharedTransaction};

use crate::byzantine::Context;
use crate::checks::{Rule, bounds, time};
use crate::crashes::{BLACKOUTS, CRASHES, Moment, name};
use crate::disk::{Record, SMALL_STORE};
use crate::faults::Kind;
use crate::faults::changes::CHANGES;
use crate::faults::partitions::DECIDER_CUT_OFF;
use crate::faults::versions::UNKNOWN_MESSAGES;
use crate::mutation::Mutation;
use crate::node::{Node, Worker};
use crate::world::{Packet, SimEvent, World};

/// Disks fail to sync: the node stops, and the operator restarts it.
pub(crate) static SYNC_ERRORS: Kind =
    Kind { name: "failed syncs", per_mille: 250, draw: |draw| draw.rate(1, 10) };

/// Syncs take very long.
pub(crate) static STALLS: Kind =
    Kind { name: "stalled syncs", per_mille: 200, draw: |draw| draw.rate(1, 10) };

/// The fsync comes after the messages that it must precede.
pub(crate) static LATE_SYNC: Mutation = Mutation {
    fault: Some(&CRASHES),
    hides_lost_records: true,
    ..Mutation::new("late-sync", Rule::Signing)
};

/// The duration of an effect that neither syncs nor commits, virtual microseconds.
const EFFECT_US: u64 = 10;
/// The duration of a commit in addition to its fsync, virtual microseconds.
const COMMIT_US: u64 = 300;
/// The duration of a stalled fsync, virtual microseconds.
const STALL_US: (u64, u64) = (200_000, 3_000_000);
/// The duration of a signature verification, virtual microseconds.
const VERIFY_US: u64 = 30;
/// The maximum duration of a block execution, virtual microseconds.
const EXECUTE_US: u64 = 5_000;
/// The maximum duration of reading blocks for a peer, virtual microseconds.
const SERVE_US: u64 = 2_000;

impl World<'_> {
    /// Dispatches a step's effects like the node's program: those for disk and peers to one queue, in order,
    /// the others to threads that answer later.
    pub(crate) fn route(&mut self, node: usize, effects: Vec<Effect>) {
        let life = self.nodes[node].life;
        for effect in effects {
            if !self.lives(node, life) {
                return;
            }
            self.route_one(node, effect);
        }
        self.perform_later(node);
    }

    fn route_one(&mut self, node: usize, effect: Effect) {
        match effect {
            Effect::Ordered(effect) => self.nodes[node].queue.push_back(effect),
            Effect::Immediate(effect) => self.carry_out(node, effect),
        }
    }

    fn carry_out(&mut self, node: usize, effect: Immediate) {
        match effect {
            Immediate::SetTimer { timer, after_ms } => {
                if self.is_patient(node, timer) {
                    return;
                }
                let life = self.nodes[node].life;
                let after_ms = self.patience_ms(timer, after_ms);
                let delay = after_ms.saturating_mul(1_000);
                let set = self.next_number();
                self.after(delay, SimEvent::Timer { node, life, timer, set });
                self.nodes[node].timers.insert(timer, set);
            }
            Immediate::CancelTimer(timer) => {
                self.nodes[node].timers.remove(&timer);
            }
            Immediate::Verify { batch, transactions } => self.verify(node, batch, &transactions),
            Immediate::VerifyBody { block, transactions, .. } => {
                self.verify_body(node, block, &transactions);
            }
            Immediate::Execute { hash, block, parent } => {
                match self.executions.execute(&mut self.dice, hash, &block, &parent) {
                    Ok(execution) => {
                        let takes = self.dice.between(100, EXECUTE_US);
                        let event = Event::Executed { block: hash, execution };
                        self.answer(node, Worker::Execute, takes, event);
                    }
                    Err(what) => self.violate(Rule::Agreement, what),
                }
            }
            Immediate::ServeBlocks { peer, from, count } => {
                let blocks = self.nodes[node].disk.blocks(from, count);
                self.serve(node, peer, Message::Blocks(blocks));
            }
            Immediate::ServeBody { peer, height, block } => {
                if let Some(body) = self.nodes[node].disk.body(height, &block) {
                    self.serve(node, peer, Message::Body(body));
                }
            }
            Immediate::Reply { ticket, result } => {
                self.answer_client(node, ticket, &result);
            }
            Immediate::Finalized(commit) => {
                if self.nodes[node].is_honest() {
                    self.checks.durability.finalized(node, &commit);
                }
            }
            // All nodes are neighbours here, so no gossip is forwarded.
            Immediate::Judge { .. } => {}
            Immediate::Halt(reason) => self.halted(node, &reason),
        }
    }

    /// A node answers a client.
    pub(crate) fn answer_client(
        &mut self,
        node: usize,
        ticket: Ticket,
        result: &Result<Hash, Rejection>,
    ) {
        if !self.nodes[node].is_honest() {
            return;
        }
        if self.clients.is_first(ticket) {
            self.check_room(node, result);
        }
        let answered = self.checks.transactions.answered(ticket, result.is_ok());
        self.expect(Rule::Transactions, answered);
        self.checks.fates.answered(ticket, result.is_ok());
    }

    fn verify(&mut self, node: usize, batch: u64, transactions: &[SharedTransaction]) {
        let valid = transactions.iter().map(|signed| self.executions.verify(signed)).collect();
        let takes = VERIFY_US * (1 + transactions.len() as u64);
        self.answer(node, Worker::Verify, takes, Event::Verified { batch, valid });
    }

    /// The first wrong signature ends it.
    fn verify_body(&mut self, node: usize, block: Hash, transactions: &[SharedTransaction]) {
        let good = transactions.iter().take_while(|signed| self.executions.verify(signed)).count();
        let takes = VERIFY_US * (1 + good as u64);
        let valid = good == transactions.len();
        self.answer(node, Worker::VerifyBody, takes, Event::BodyVerified { block, valid });
    }

    fn answer(&mut self, node: usize, worker: Worker, takes_us: u64, event: Event) {
        let done = self.nodes[node].employ(worker, self.now_us, takes_us);
        let life = self.nodes[node].life;
        self.after(done - self.now_us, SimEvent::Answer { node, life, event });
    }

    fn serve(&mut self, node: usize, peer: PublicKey, message: Message) {
        let Some(to) = self.peer_of(node, &peer) else { return };
        let takes = self.dice.between(50, SERVE_US);
        let done = self.nodes[node].employ(Worker::Serve, self.now_us, takes);
        let life = self.nodes[node].life;
        self.after(done - self.now_us, SimEvent::Serve { node, life, to, message });
    }

    /// The node that a node knows by this key: the connected one, if two use it.
    fn peer_of(&self, node: usize, peer: &PublicKey) -> Option<usize> {
        let has_key = |other: &usize| self.nodes[*other].peer == *peer;
        let mut same = (0..self.nodes.len()).filter(has_key);
        let first = same.next()?;
        Some(same.find(|other| self.links.is_connected(node, *other)).unwrap_or(first))
    }

    /// A replica halts. The only valid reason for an honest one is a failed disk, never an action of others.
    fn halted(&mut self, node: usize, reason: &str) {
        self.trace(|_| format!("node {node} halts: {reason}"));
        if self.nodes[node].is_honest() && !reason.starts_with(DISK_FAILED) {
            self.violate(Rule::Halts, format!("node {node} halted: {reason}"));
        }
        self.repair_later(node);
    }

    fn perform_later(&mut self, node: usize) {
        if self.nodes[node].performing {
            return;
        }
        let Some(next) = self.nodes[node].queue.front() else { return };
        let (syncs, mut takes) = match next {
            Ordered::Sync => (true, EFFECT_US),
            Ordered::Commit(commit) => (commit.durable, COMMIT_US),
            Ordered::Append { .. }
            | Ordered::StoreBody(_)
            | Ordered::ForgetBody { .. }
            | Ordered::RecordSigned(_)
            | Ordered::Send { .. }
            | Ordered::Broadcast(_)
            | Ordered::Gossip(_)
            | Ordered::Penalise { .. } => (false, EFFECT_US),
        };
        if syncs {
            let (low, high) = self.plan.sync_us;
            takes += self.dice.between(low, high);
            if self.strikes(&STALLS) {
                takes += self.dice.between(STALL_US.0, STALL_US.1);
            }
            takes += self.waits_for_space_us(node);
        }
        // The effects of a step begin when the step is done.
        takes += self.nodes[node].stepping_until_us.saturating_sub(self.now_us);
        self.nodes[node].performing = true;
        let life = self.nodes[node].life;
        self.after(takes, SimEvent::Perform { node, life });
    }

    pub(crate) fn perform_next(&mut self, node: usize) {
        self.nodes[node].performing = false;
        let Some(effect) = self.nodes[node].queue.pop_front() else { return };
        let life = self.nodes[node].life;
        if self.is_put_off(node, &effect) {
            return self.perform_later(node);
        }
        let name = name(&effect);
        if self.crashes_at(node, name, Moment::Before) {
            return;
        }
        self.perform_one(node, effect);
        if !self.lives(node, life) || self.crashes_at(node, name, Moment::After) {
            return;
        }
        self.perform_later(node);
    }

    /// With [`LATE_SYNC`], moves an fsync after the messages that wait for it.
    fn is_put_off(&mut self, node: usize, effect: &Ordered) -> bool {
        if !self.options.is(&LATE_SYNC) || !matches!(effect, Ordered::Sync) {
            return false;
        }
        let queue = &mut self.nodes[node].queue;
        let is_message = |it: &&Ordered| matches!(it, Ordered::Broadcast(_) | Ordered::Send { .. });
        let messages = queue.iter().take_while(is_message).count();
        if messages > 0 {
            queue.insert(messages, Ordered::Sync);
        }
        messages > 0
    }

    fn perform_one(&mut self, node: usize, effect: Ordered) {
        match effect {
            Ordered::Append { height, entry } => {
                self.write(node, Record::Entry { height, bytes: entry });
            }
            Ordered::StoreBody(block) => self.write(node, Record::Body(block)),
            Ordered::ForgetBody { height, block } => {
                self.write(node, Record::Forget { height, block });
            }
            Ordered::RecordSigned(record) => self.write(node, Record::Signed(record)),
            Ordered::Sync => self.sync(node),
            Ordered::Commit(commit) => self.commit(node, commit),
            Ordered::Send { peer, message } => {
                if let Some(to) = self.peer_of(node, &peer) {
                    self.say(node, Some(to), message);
                }
            }
            Ordered::Broadcast(message) => self.say(node, None, message),
            Ordered::Gossip(transactions) => {
                for to in (0..self.nodes.len()).filter(|to| *to != node) {
                    self.transmit(node, to, Packet::Gossip(transactions.clone()));
                }
            }
            Ordered::Penalise { peer, reason } => {
                if let Some(other) = self.peer_of(node, &peer) {
                    self.blame(node, other, &reason);
                }
            }
        }
    }

    /// A node disconnects another one.
    pub(crate) fn blame(&mut self, node: usize, other: usize, reason: &str) {
        self.trace(|_| format!("node {node} penalises {other}: {reason}"));
        self.penalties += u64::from(self.nodes[node].is_honest());
        if self.nodes[node].is_honest() && self.nodes[other].is_honest() {
            self.violate(Rule::Blame, format!("node {node} blames {other}: {reason}"));
        }
        self.penalise(node, other);
    }

    /// Writes to a node's disk; a rejected write stops the node.
    fn write(&mut self, node: usize, record: Record) {
        let is_small = self.options.is(&SMALL_STORE);
        if let Err(what) = self.nodes[node].disk.write(record, is_small) {
            self.nodes[node].queue.clear();
            self.step(node, Event::Failed(what));
        }
    }

    fn sync(&mut self, node: usize) {
        let fails = self.nodes[node].is_honest() && self.strikes(&SYNC_ERRORS);
        if !fails {
            return self.nodes[node].disk.sync();
        }
        self.nodes[node].disk.lose(&mut self.dice);
        // No effect after a failed fsync must be performed.
        self.nodes[node].queue.clear();
        self.step(node, Event::Failed(format!("{DISK_FAILED}: input/output error")));
    }

    fn commit(&mut self, node: usize, commit: Arc<Commit>) {
        self.write(node, Record::Commit(commit.clone()));
        if commit.durable {
            self.nodes[node].disk.sync();
        }
        let height = commit.block.header.height;
        self.trace(|_| format!("node {node} commits {height} {}", commit.hash));
        self.digest.add(commit.hash.as_bytes());
        self.digest.add(commit.execution.changes.root.as_bytes());
        let state = match self.executions.state_after(&commit) {
            Ok(state) => state,
            Err(what) => return self.violate(Rule::Agreement, what),
        };
        let life = self.nodes[node].life;
        let seen = match self.seen(state.clone()) {
            Ok(seen) => seen,
            Err(what) => return self.violate(Rule::Agreement, what),
        };
        let event = Event::Committed { height, state: seen };
        self.after(EFFECT_US, SimEvent::Answer { node, life, event });
        if !self.nodes[node].is_honest() {
            return;
        }
        match self.checks.agreement.committed(node, &commit) {
            Err(what) => self.violate(Rule::Agreement, what),
            Ok(false) => {}
            Ok(true) => {
                self.note_evidence(&commit);
                self.note_validators(&commit);
                self.note_author(&commit);
                let bounded = bounds::check_bytes(node, &self.nodes[node]);
                self.expect(Rule::Bounds, bounded);
                let timely = time::check(self, &commit.block.header);
                self.expect(Rule::Time, timely);
                self.count_calls(&commit);
                self.late_rounds += usize::from(commit.certificate.round > 0);
                let taken =
                    self.checks.transactions.committed(&commit, &Overlay::new(state.clone()));
                self.expect(Rule::Transactions, taken);
                let (setup, library) = (self.setup, self.executions.library());
                let books = &mut self.checks.conservation;
                let conserved = books.committed(setup, library, state, &commit);
                self.expect(Rule::Conservation, conserved);
                self.strike_decider(node);
            }
        }
    }

    /// A block contains evidence; its subject must not be an honest node.
    fn note_evidence(&mut self, commit: &Commit) {
        for evidence in &commit.block.evidence {
            let validator = evidence.validator();
            let is_it = |node: &Node| node.consensus_key.public_key() == validator;
            let node = self.nodes.iter().position(is_it);
            // A byzantine node can accuse itself with a vote that it withheld.
            self.evidence += usize::from(validator != commit.block.header.proposer);
            self.trace(|_| format!("evidence against node {node:?}: {evidence:?}"));
            let is_twinned = self.is_twinned(&validator);
            if node.is_some_and(|node| self.nodes[node].is_honest()) && !is_twinned {
                self.violate(Rule::Blame, format!("evidence against node {node:?}: {evidence:?}"));
            }
        }
    }

    /// Who decided the block, and whom it makes a validator.
    fn note_validators(&mut self, commit: &Commit) {
        let before = self.checks.validators.changes;
        let decided = self.checks.validators.committed(&self.setup.genesis, commit);
        self.expect(Rule::Validators, decided);
        if self.checks.validators.changes > before {
            self.count(CHANGES.name);
        }
    }

    fn note_author(&mut self, commit: &Commit) {
        let header = &commit.block.header;
        if self.is_twinned(&header.proposer) {
            return;
        }
        let is_it = |node: &Node| node.consensus_key.public_key() == header.proposer;
        match self.nodes.iter().position(is_it) {
            Some(node) if self.nodes[node].is_honest() => {
                let by = self.checks.authors.committed(node, header);
                self.expect(Rule::Authors, by);
            }
            Some(_) => {}
            None => {
                let what = format!("the block of height {} names no validator", header.height);
                self.violate(Rule::Authors, what);
            }
        }
    }

    fn count_calls(&mut self, commit: &Commit) {
        let outcomes = commit.execution.receipts.iter().map(|receipt| &receipt.outcome);
        let successful = commit.block.transactions.iter().zip(outcomes);
        let successful = successful.filter(|(_, outcome)| matches!(outcome, Outcome::Success(_)));
        for call in successful.flat_map(|(signed, _)| &signed.transaction.calls) {
            let name = (call.module.clone(), call.function.clone());
            *self.calls.entry(name).or_default() += 1;
        }
    }

    /// The most critical moment: one node has decided.
    fn strike_decider(&mut self, node: usize) {
        if self.strikes(&BLACKOUTS) {
            self.blackout(node);
        } else if self.strikes(&DECIDER_CUT_OFF) {
            self.cut_off(node);
        }
    }

    /// A node sends a message, to one peer or to all.
    pub(crate) fn say(&mut self, node: usize, to: Option<usize>, message: Message) {
        if !self.nodes[node].is_honest() {
            return self
                .act(node, |interceptor, context| interceptor.on_send(context, to, message));
        }
        let message = self.unnoticed(self.hastily(message));
        if let Message::Body(block) = &message {
            self.checks.authors.sent(node, block.hash());
        }
        if let Message::Consensus(message) = &message {
            let key = self.nodes[node].consensus_key.public_key();
            let signed = self.checks.signing.sent(key, message);
            self.expect(Rule::Signing, signed);
        }
        let all = 0..self.nodes.len();
        let peers: Vec<usize> = match to {
            Some(to) => vec![to],
            None => all.filter(|to| *to != node).collect(),
        };
        for (index, to) in peers.into_iter().enumerate() {
            if index > 0 && self.crashes_at(node, "Broadcast", Moment::Within) {
                return;
            }
            if self.strikes(&UNKNOWN_MESSAGES) {
                self.transmit(node, to, Packet::Unknown);
            }
            self.transmit(node, to, Packet::Message(message.clone()));
        }
    }

    /// A byzantine node receives a message before its replica does.
    pub(crate) fn overhear(&mut self, node: usize, from: usize, message: &Message) {
        if !self.nodes[node].is_honest() {
            self.act(node, |interceptor, context| interceptor.on_receive(context, from, message));
        }
    }

    fn act(
        &mut self,
        node: usize,
        act: impl FnOnce(&mut dyn crate::byzantine::Interceptor, &mut Context<'_>),
    ) {
        let Some(mut interceptor) = self.nodes[node].interceptor.take() else { return };
        let key = self.nodes[node].consensus_key.clone();
        let mut context = Context {
            dice: &mut self.dice,
            own: node,
            nodes: self.nodes.len(),
            key: &key,
            chain: self.setup.chain(),
            posts: Vec::new(),
        };
        act(&mut *interceptor, &mut context);
        let posts = context.posts;
        self.nodes[node].interceptor = Some(interceptor);
        if let Some(behaviour) = self.plan.byzantine.get(&node) {
            self.count(behaviour.name());
        }
        for (to, message) in posts {
            if let Message::Body(block) = &message {
                self.checks.authors.sent(node, block.hash());
            }
            self.transmit(node, to, Packet::Message(message));
        }
    }
}

/// The beginning of the reason with which a replica halts because of its disk.
const DISK_FAILED: &str = "the disk failed";
