//! Replicas whose effects are performed immediately, with messages without delay.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ehb_consensus::{ConsensusMessage, LastSigned, LogEntry, SignStep};
use ehb_executor::{Engine, Executor, GenesisState, Library};
use ehb_kernel::chain as kernel;
use ehb_kernel::governance::NewValidator;
use ehb_mempool::{Limits, Loss, SharedMempool};
use ehb_state::{MemoryStore, Overlay};
use ehb_types::{
    ADMINISTRATOR, Address, Block, Call, ChainId, Genesis, GenesisAccount, GenesisValidator, Hash,
    Header, Name, Network, Parameters, Policy, Proposal, PublicKey, Rejection, SecretKey,
    SharedBlock, SharedTransaction, SignedProposal, SignedTransaction, SignedVote,
    Status as AccountStatus, Transaction, ValidatorConsent, Vote, VoteKind, decode,
};

use crate::{
    Bounds, CertifiedBlock, Commit, Config, Effect, Event, GossipVerdict, HeadState, Immediate,
    Message, Ordered, Recovery, Replica, Status, Timer,
};

/// The heartbeat of an idle chain, milliseconds.
pub(super) const HEARTBEAT_MS: u64 = 10_000;
pub(super) const START_MS: u64 = 1_700_000_000_000;
/// How long the payer's transactions are valid from the beginning on.
const VALID_MS: u64 = 24 * 3_600_000;

/// A network. Nodes are all connected with each other while they run.
pub(super) struct Net {
    pub(super) nodes: Vec<Node>,
    /// Whether transactions are gossiped.
    pub(super) gossips: bool,
    first: GenesisState,
    state: Arc<MemoryStore>,
    now_ms: u64,
    wire: VecDeque<(usize, usize, Message)>,
    /// The requests for bodies: by whom, of whom, and when.
    pub(super) body_requests: Vec<(usize, PublicKey, u64)>,
}

pub(super) struct Node {
    key: SecretKey,
    peer: PublicKey,
    replica: Option<Replica>,
    /// How far its clock is ahead, milliseconds.
    clock_ahead_ms: i64,
    timers: BTreeMap<Timer, u64>,
    events: VecDeque<Event>,
    /// Written blocks that the disk has not yet confirmed, while it is slow.
    held: Option<Vec<Event>>,
    executor: Executor,
    /// Whether something was written since the last sync.
    dirty: bool,
    /// Whether all its messages get lost.
    muted: bool,
    /// The execution time of a block, milliseconds; and the executions in progress with their end.
    pub(super) execution_ms: u64,
    executing: Vec<(u64, Event)>,
    disk: Disk,
    /// All messages that its key signed across restarts, by position.
    pub(super) signed: BTreeMap<(u64, u32, SignStep), LastSigned>,
    /// The verdicts on gossiped messages, in order.
    pub(super) judged: Vec<(u64, GossipVerdict)>,
    /// The answers to clients, in order.
    pub(super) replies: Vec<Result<Hash, Rejection>>,
    /// The peers that it blamed, if the test expects some.
    pub(super) blamed: Option<Vec<PublicKey>>,
    /// The peers that it disconnected, until some time passes.
    cut: Vec<PublicKey>,
}

/// The state that outlives a process.
#[derive(Clone, Default)]
pub(super) struct Disk {
    chain: Vec<(Arc<Commit>, Arc<MemoryStore>)>,
    log: BTreeMap<u64, Vec<LogEntry>>,
    bodies: BTreeMap<(u64, Hash), SharedBlock>,
    pub(super) record: Option<LastSigned>,
    /// Whether the record was written in another directory.
    pub(super) copied: bool,
    /// Whether the record is kept apart from the rest.
    pub(super) kept_apart: bool,
}

fn key(purpose: u8, index: usize) -> SecretKey {
    SecretKey::from_seed(&[purpose + u8::try_from(index).unwrap(); 32])
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn genesis(nodes: usize) -> Genesis {
    let validator = |index: usize| GenesisValidator {
        name: name(&format!("v{index}")),
        organisation: name("org"),
        consensus_key: key(1, index).public_key(),
        node_key: key(101, index).public_key(),
        power: 1,
    };
    let mut parameters = Parameters::default();
    parameters.consensus.heartbeat_ms = HEARTBEAT_MS;
    // What is voted on takes effect with the vote.
    parameters.governance.lock_ms = 0;
    Genesis {
        chain_id: ChainId::new("test-1").unwrap(),
        network: Network::Test,
        timestamp_ms: START_MS,
        parameters,
        validators: (0..nodes).map(validator).collect(),
        observers: vec![],
        accounts: vec![
            account(&payer_key(), "org", [name(ADMINISTRATOR)].into()),
            account(&member_key(), "org", [].into()),
            account(&guest_key(), "club", [].into()),
        ],
        modules: vec![],
        calls: vec![],
    }
}

fn account(key: &SecretKey, organisation: &str, roles: BTreeSet<Name>) -> GenesisAccount {
    let policy = Policy::Key(key.public_key());
    GenesisAccount {
        address: Address::of_account(&policy).to_text(Network::Test),
        policy,
        organisation: name(organisation),
        roles,
        status: AccountStatus::Active,
    }
}

/// The key of an account that the payer administers.
pub(super) fn member_key() -> SecretKey {
    key(202, 0)
}

pub(super) fn member() -> Address {
    Address::of_account(&Policy::Key(member_key().public_key()))
}

/// The key of an account of another organisation, which runs no validator.
pub(super) fn guest_key() -> SecretKey {
    key(203, 0)
}

pub(super) fn guest() -> Address {
    Address::of_account(&Policy::Key(guest_key().public_key()))
}

fn payer_key() -> SecretKey {
    key(201, 0)
}

fn payer() -> Address {
    Address::of_account(&Policy::Key(payer_key().public_key()))
}

/// A transaction of the payer that is valid in a block but fails there, because there is no module.
pub(super) fn transaction(sequence: u64) -> SignedTransaction {
    changed(|it| it.sequence = sequence)
}

/// Like [`transaction`], with a change.
pub(super) fn changed(change: impl FnOnce(&mut Transaction)) -> SignedTransaction {
    let call = Call { module: name("none"), function: name("pay"), arguments: vec![] };
    let mut transaction = Transaction {
        version: Transaction::VERSION,
        chain: chain(),
        sender: payer(),
        lane: 0,
        sequence: 0,
        valid_until_ms: START_MS + VALID_MS,
        gas_limit: 1_000_000,
        calls: vec![call],
        memo: String::new(),
    };
    change(&mut transaction);
    transaction.sign(&[&payer_key()])
}

/// The genesis hash of a network of four.
pub(super) fn chain() -> Hash {
    genesis(4).hash()
}

impl Net {
    /// Validators with new keys; none is running yet.
    pub(super) fn new(nodes: usize) -> Self {
        let first = GenesisState::build(&Engine::new().unwrap(), &genesis(nodes), &BTreeMap::new());
        let first = first.unwrap();
        let mut state = MemoryStore::default();
        state.apply(&first.changes);
        let node = |index: usize| Node {
            key: key(1, index),
            peer: key(101, index).public_key(),
            replica: None,
            clock_ahead_ms: 0,
            timers: BTreeMap::new(),
            events: VecDeque::new(),
            held: None,
            executor: Executor::new(Library::new(first.modules.clone()).unwrap()),
            dirty: false,
            muted: false,
            execution_ms: 0,
            executing: Vec::new(),
            disk: Disk { record: Some(LastSigned::below(1)), ..Disk::default() },
            signed: BTreeMap::new(),
            judged: Vec::new(),
            replies: Vec::new(),
            blamed: None,
            cut: Vec::new(),
        };
        let nodes = (0..nodes).map(node).collect();
        let (state, wire) = (Arc::new(state), VecDeque::new());
        let gossips = false;
        let body_requests = Vec::new();
        Self { nodes, gossips, first, state, now_ms: START_MS, wire, body_requests }
    }

    /// Validators that run.
    pub(super) fn up(nodes: usize) -> Self {
        let mut net = Self::new(nodes);
        (0..nodes).for_each(|node| net.start(node));
        net
    }

    /// Starts a node from its disk, and connects it to the running ones.
    pub(super) fn start(&mut self, at: usize) {
        let recovery = self.recovery(at);
        let node = &mut self.nodes[at];
        let config = Config {
            chain: self.first.header.chain,
            key: Some(node.key.clone()),
            mempool: SharedMempool::new(Limits::default()),
            bounds: Bounds::default(),
            record_kept_apart: node.disk.kept_apart,
        };
        let clock_ms = self.now_ms.saturating_add_signed(node.clock_ahead_ms);
        let (replica, effects) = Replica::start(config, recovery, clock_ms).unwrap();
        node.replica = Some(replica);
        self.perform(at, effects);
        for other in (0..self.nodes.len()).filter(|other| *other != at) {
            if self.nodes[other].replica.is_some() {
                let (own, theirs) = (self.nodes[at].peer, self.nodes[other].peer);
                self.step(at, Event::Connected(theirs));
                self.step(other, Event::Connected(own));
            }
        }
        self.settle();
    }

    /// Sets a node's clock this far ahead of the true time, whether it is running or not.
    pub(super) fn set_clock(&mut self, at: usize, ahead_ms: i64) {
        self.nodes[at].clock_ahead_ms = ahead_ms;
    }

    /// A client submits a transaction of the payer at a node.
    pub(super) fn submit(&mut self, at: usize, sequence: u64) {
        self.happen(at, Event::Submit(vec![(sequence, transaction(sequence).into())]));
    }

    /// The blocks of a node: the number of transactions and the time of each.
    pub(super) fn blocks(&self, at: usize) -> Vec<(usize, u64)> {
        let chain = self.nodes[at].disk.chain.iter();
        chain.map(|(it, _)| (it.block.transactions.len(), it.block.header.timestamp_ms)).collect()
    }

    /// The number of undecided bodies on a node's disk.
    pub(super) fn stored_bodies(&self, at: usize) -> usize {
        self.nodes[at].disk.bodies.len()
    }

    /// The number of log entries on a node's disk for the height that is being decided.
    pub(super) fn logged(&self, at: usize) -> usize {
        self.nodes[at].disk.log.values().map(Vec::len).sum()
    }

    /// The true time, milliseconds since 1970.
    pub(super) fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Ends a node's process.
    pub(super) fn stop(&mut self, at: usize) {
        let peer = self.nodes[at].peer;
        self.nodes[at].replica = None;
        self.nodes[at].muted = false;
        self.nodes[at].executing.clear();
        self.nodes[at].timers.clear();
        self.nodes[at].events.clear();
        self.wire.retain(|(from, to, _)| *from != at && *to != at);
        for other in 0..self.nodes.len() {
            self.step(other, Event::Disconnected(peer));
        }
    }

    /// From now on all messages of a node get lost, until it is stopped.
    pub(super) fn mute(&mut self, at: usize) {
        self.nodes[at].muted = true;
    }

    /// Ends a node's process and deletes its disk.
    pub(super) fn empty(&mut self, at: usize) {
        self.stop(at);
        self.nodes[at].disk = Disk::default();
    }

    pub(super) fn disk(&mut self, at: usize) -> &mut Disk {
        &mut self.nodes[at].disk
    }

    pub(super) fn is_up(&self, at: usize) -> bool {
        self.nodes[at].replica.is_some()
    }

    /// A vote for nil of a node's for the first round of a height.
    pub(super) fn vote(&self, at: usize, height: u64) -> SignedVote {
        let key = &self.nodes[at].key;
        let (kind, validator) = (VoteKind::Prevote, key.public_key());
        Vote { kind, height, round: 0, block: None, validator }.sign(&chain(), key)
    }

    pub(super) fn status(&self, at: usize) -> Status {
        self.nodes[at].replica.as_ref().unwrap().status()
    }

    /// The maximum size of a block.
    pub(super) fn block_bytes_max(&self, at: usize) -> usize {
        self.nodes[at].replica.as_ref().unwrap().parameters().block_bytes_max as usize
    }

    pub(super) fn height(&self, at: usize) -> u64 {
        self.nodes[at].disk.chain.len() as u64
    }

    /// Advances the time.
    pub(super) fn run(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        for node in &mut self.nodes {
            for peer in std::mem::take(&mut node.cut) {
                node.events.extend([Event::Disconnected(peer), Event::Connected(peer)]);
            }
        }
        loop {
            self.settle();
            let timers = self.nodes.iter().enumerate().flat_map(|(at, node)| {
                node.timers.iter().map(move |(timer, due)| (*due, at, *timer))
            });
            let timer = timers.min().filter(|(due, _, _)| *due <= end);
            let executed = self.nodes.iter().flat_map(|node| &node.executing).map(|it| it.0).min();
            if let Some(due) =
                executed.filter(|due| timer.is_none_or(|it| *due <= it.0) && *due <= end)
            {
                self.now_ms = self.now_ms.max(due);
                for node in &mut self.nodes {
                    let done = node.executing.extract_if(.., |(at, _)| *at <= due);
                    node.events.extend(done.map(|(_, event)| event));
                }
                continue;
            }
            let Some((due, at, timer)) = timer else {
                self.now_ms = end;
                return;
            };
            self.now_ms = self.now_ms.max(due);
            self.nodes[at].timers.remove(&timer);
            self.step(at, Event::Timer(timer));
        }
    }

    /// Advances until a height is committed at a node.
    pub(super) fn run_to(&mut self, at: usize, height: u64) {
        for _ in 0..10_000 {
            if self.height(at) >= height {
                return;
            }
            self.run(500);
        }
        panic!("node {at} stays at {} and does not reach {height}", self.height(at));
    }

    /// Delivers a message as if a peer had sent it.
    pub(super) fn deliver(&mut self, from: usize, to: usize, message: Message) {
        self.wire.push_back((from, to, message));
        self.settle();
    }

    /// From now on the disk confirms no commit.
    pub(super) fn hold_commits(&mut self, at: usize) {
        self.nodes[at].held = Some(Vec::new());
    }

    /// The disk confirms all requested commits, and is fast again. No time passes.
    pub(super) fn release_commits(&mut self, at: usize) {
        let held = self.nodes[at].held.take().unwrap_or_default();
        self.nodes[at].events.extend(held);
        self.settle();
    }

    /// The proposer of a node's block at a height.
    pub(super) fn proposer(&self, at: usize, height: u64) -> usize {
        let (commit, _) = &self.nodes[at].disk.chain[usize::try_from(height).unwrap() - 1];
        let proposer = commit.block.header.proposer;
        self.nodes.iter().position(|node| node.key.public_key() == proposer).unwrap()
    }

    /// Passes an event to a node, and processes everything that follows from it.
    pub(super) fn happen(&mut self, at: usize, event: Event) {
        self.step(at, event);
        self.settle();
    }

    /// The effects of an event, without performing them.
    pub(super) fn effects(&mut self, at: usize, event: Event) -> Vec<Effect> {
        let replica = self.nodes[at].replica.as_mut().unwrap();
        replica.step(self.now_ms, event)
    }

    /// The key by which peers know a node.
    pub(super) fn peer(&self, at: usize) -> PublicKey {
        self.nodes[at].peer
    }

    /// The transactions of all blocks that a node committed, in order.
    pub(super) fn transactions(&self, at: usize) -> Vec<SharedTransaction> {
        let blocks = self.nodes[at].disk.chain.iter().map(|(commit, _)| &commit.block);
        blocks.flat_map(|block| block.transactions.clone()).collect()
    }

    /// The rounds in which a node's blocks were decided.
    pub(super) fn rounds(&self, at: usize) -> Vec<u32> {
        self.nodes[at].disk.chain.iter().map(|(it, _)| it.certificate.round).collect()
    }

    /// The block of a height as a node committed it.
    pub(super) fn decided(&self, at: usize, height: u64) -> Hash {
        let index = usize::try_from(height).unwrap() - 1;
        self.nodes[at].disk.chain[index].0.hash
    }

    /// A block for height 1 by the proposer of its first round, and that node.
    pub(super) fn block_of_first_round(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> (usize, Block) {
        let at = self.turn(1, 0);
        let proposer = self.nodes[at].key.public_key();
        let parent = &self.first.header;
        let header = Header {
            height: 1,
            timestamp_ms: parent.timestamp_ms + 1,
            parent: parent.hash(),
            proposer,
            transactions_count: u32::try_from(transactions.len()).unwrap(),
            transactions_root: Block::transactions_root(&transactions),
            state_root: self.first.changes.root,
            receipts_count: self.first.roots().receipts_count,
            receipts_root: self.first.roots().receipts,
            ..parent.clone()
        };
        (at, Block::sign(header, transactions, None, vec![], &self.nodes[at].key))
    }

    /// Puts a transaction into a node's mempool without any check.
    pub(super) fn smuggle(&mut self, at: usize, transaction: SharedTransaction) {
        let replica = self.nodes[at].replica.as_mut().unwrap();
        replica.mempool.write().insert(transaction, 0, self.now_ms).unwrap();
    }

    /// Why a transaction left a node's mempool, if it was dropped.
    pub(super) fn dropped(&self, at: usize, id: &Hash) -> Option<Rejection> {
        let mempool = self.nodes[at].replica.as_ref().unwrap().mempool.read();
        assert_eq!(mempool.get(id), None);
        match &mempool.lost(id)?.loss {
            Loss::Dropped(rejection) => Some(rejection.clone()),
            _ => None,
        }
    }

    /// The number of pending transactions of a node.
    pub(super) fn pending(&self, at: usize) -> usize {
        self.nodes[at].replica.as_ref().unwrap().mempool.read().len()
    }

    /// A block of a height as a node committed it.
    pub(super) fn certified_block(&self, at: usize, height: u64) -> CertifiedBlock {
        let (commit, _) = &self.nodes[at].disk.chain[usize::try_from(height).unwrap() - 1];
        CertifiedBlock { block: commit.block.clone(), certificate: commit.certificate.clone() }
    }

    /// A node learns that the node `from` connects, whether or not that one runs.
    pub(super) fn connect(&mut self, from: usize, to: usize) {
        let peer = self.peer(from);
        self.happen(to, Event::Connected(peer));
    }

    /// The transactions that a node has committed.
    pub(super) fn committed(&self, at: usize) -> Vec<Hash> {
        let blocks = self.nodes[at].disk.chain.iter().map(|(commit, _)| &commit.block);
        blocks.flat_map(|block| block.transactions.iter().map(|signed| signed.id())).collect()
    }

    /// The proposer of a round if none is skipped.
    pub(super) fn turn(&self, height: u64, round: u32) -> usize {
        let set = genesis(self.nodes.len()).validator_set().unwrap();
        let proposer = set.proposer(&[].into(), height, round).consensus_key;
        self.nodes.iter().position(|node| node.key.public_key() == proposer).unwrap()
    }

    /// The names of the validators of the next height, in a node's state.
    pub(super) fn validators(&self, at: usize) -> Vec<String> {
        let set = kernel::validators(&Overlay::new(self.state(at))).unwrap();
        let mut names: Vec<String> =
            set.validators().iter().map(|it| it.name.to_string()).collect();
        names.sort();
        names
    }

    /// The validator of a node, with a power of 1, as a proposal adds it.
    pub(super) fn addition(&self, at: usize) -> NewValidator {
        let (consensus, node) = (key(1, at), key(101, at));
        let consent = ValidatorConsent {
            organisation: name("org"),
            name: name(&format!("v{at}")),
            consensus_key: consensus.public_key(),
            node_key: node.public_key(),
        };
        NewValidator {
            organisation: consent.organisation.to_string(),
            name: consent.name.to_string(),
            consensus_key: consent.consensus_key,
            node_key: consent.node_key,
            power: 1,
            signatures: consent.sign(&self.first.header.chain, &consensus, &node),
        }
    }

    /// A node's consensus key.
    pub(super) fn key(&self, at: usize) -> PublicKey {
        self.nodes[at].key.public_key()
    }

    /// The block, signed by a node.
    pub(super) fn signed(&self, at: usize, block: Block) -> Block {
        let Block { header, transactions, certificate, evidence, .. } = block;
        Block::sign(header, transactions, certificate, evidence, &self.nodes[at].key)
    }

    /// A node's proposal of a block in the first round of its height.
    pub(super) fn proposal(&self, at: usize, block: &Block) -> SignedProposal {
        self.proposal_in(0, at, block)
    }

    /// A node's proposal of a block in a round.
    pub(super) fn proposal_in(&self, round: u32, at: usize, block: &Block) -> SignedProposal {
        let key = &self.nodes[at].key;
        let (height, block) = (block.header.height, block.hash());
        let proposer = key.public_key();
        Proposal { height, round, block, valid_round: None, proposer }.sign(&chain(), key)
    }

    /// Processes everything that needs no timer.
    fn settle(&mut self) {
        loop {
            let waiting = (0..self.nodes.len()).find(|at| !self.nodes[*at].events.is_empty());
            if let Some(at) = waiting {
                let event = self.nodes[at].events.pop_front().unwrap();
                self.step(at, event);
            } else if let Some((from, to, message)) = self.wire.pop_front() {
                let peer = self.nodes[from].peer;
                self.step(to, Event::Message { peer, message });
            } else {
                return;
            }
        }
    }

    fn step(&mut self, at: usize, event: Event) {
        let clock_ms = self.now_ms.saturating_add_signed(self.nodes[at].clock_ahead_ms);
        let Some(replica) = self.nodes[at].replica.as_mut() else { return };
        let effects = replica.step(clock_ms, event);
        self.perform(at, effects);
    }

    fn perform(&mut self, at: usize, effects: Vec<Effect>) {
        for effect in effects {
            self.perform_one(at, effect);
        }
    }

    fn perform_one(&mut self, at: usize, effect: Effect) {
        match effect {
            Effect::Ordered(effect) => self.perform_ordered(at, effect),
            Effect::Immediate(effect) => self.perform_immediate(at, effect),
        }
    }

    fn perform_ordered(&mut self, at: usize, effect: Ordered) {
        let node = &mut self.nodes[at];
        let disk = &mut node.disk;
        match effect {
            Ordered::Append { height, entry } => {
                disk.log.entry(height).or_default().push(decode(&entry).unwrap());
                node.dirty = true;
            }
            Ordered::StoreBody(block) => {
                disk.bodies.insert((block.header.height, block.hash()), block);
                node.dirty = true;
            }
            Ordered::ForgetBody { height, block } => {
                disk.bodies.remove(&(height, block));
                node.dirty = true;
            }
            Ordered::RecordSigned(record) => {
                let record = decode(&record).unwrap();
                assert!(disk.record < Some(record), "the record went back to {record:?}");
                disk.record = Some(record);
                disk.copied = false;
                node.dirty = true;
            }
            Ordered::Sync => node.dirty = false,
            Ordered::Commit(commit) => self.commit(at, commit),
            Ordered::Send { peer, message } => self.say(at, Some(peer), &message),
            Ordered::Broadcast(message) => self.say(at, None, &message),
            Ordered::Gossip(transactions) if self.gossips => {
                let count = self.nodes.len();
                for other in (0..count).filter(|other| *other != at) {
                    let transactions = transactions.clone();
                    let event = Event::Gossip { message: 0, transactions };
                    if self.nodes[other].replica.is_some() {
                        self.nodes[other].events.push_back(event);
                    }
                }
            }
            Ordered::Gossip(_) => {}
            Ordered::Penalise { peer, reason } => match &mut node.blamed {
                Some(blamed) => {
                    blamed.push(peer);
                    node.cut.push(peer);
                }
                None => panic!("node {at} blames a peer: {reason}"),
            },
        }
    }

    fn perform_immediate(&mut self, at: usize, effect: Immediate) {
        let node = &mut self.nodes[at];
        let disk = &mut node.disk;
        match effect {
            Immediate::SetTimer { timer, after_ms } => {
                node.timers.insert(timer, self.now_ms + after_ms);
            }
            Immediate::CancelTimer(timer) => {
                node.timers.remove(&timer);
            }
            Immediate::Verify { batch, transactions } => {
                let valid = transactions.iter().map(|signed| signed.verify().is_ok()).collect();
                node.events.push_back(Event::Verified { batch, valid });
            }
            Immediate::VerifyBody { block, transactions, .. } => {
                let valid = transactions.iter().all(|signed| signed.verify().is_ok());
                node.events.push_back(Event::BodyVerified { block, valid });
            }
            Immediate::Execute { hash, block, parent } => {
                let execution = Arc::new(node.executor.execute(&parent, &block).unwrap());
                let executed = Event::Executed { block: hash, execution };
                match node.execution_ms {
                    0 => node.events.push_back(executed),
                    takes_ms => node.executing.push((self.now_ms + takes_ms, executed)),
                }
            }
            Immediate::ServeBlocks { peer, from, count } => {
                let kept = disk.chain.iter().map(|(commit, _)| commit);
                let asked = kept.skip_while(|it| it.block.header.height < from);
                let blocks = asked.take(count.into()).map(|it| CertifiedBlock {
                    block: it.block.clone(),
                    certificate: it.certificate.clone(),
                });
                let message = Message::Blocks(blocks.collect());
                self.say(at, Some(peer), &message);
            }
            Immediate::ServeBody { peer, height, block } => {
                if let Some(body) = disk.bodies.get(&(height, block)).cloned() {
                    self.say(at, Some(peer), &Message::Body(body));
                }
            }
            Immediate::Judge { message, verdict } => node.judged.push((message, verdict)),
            Immediate::Reply { result, .. } => node.replies.push(result),
            Immediate::Finalized(_) => {}
            Immediate::Halt(reason) => panic!("node {at} halts: {reason}"),
        }
    }

    fn commit(&mut self, at: usize, commit: Arc<Commit>) {
        let height = commit.block.header.height;
        let before = self.state(at);
        let disk = &mut self.nodes[at].disk;
        assert_eq!(disk.chain.len() as u64 + 1, height);
        let mut state = MemoryStore::clone(&before);
        state.apply(&commit.execution.changes);
        let state = Arc::new(state);
        disk.chain.push((commit, state.clone()));
        disk.log.retain(|of, _| *of > height);
        disk.bodies.retain(|(of, _), _| *of > height);
        let node = &mut self.nodes[at];
        let committed = Event::Committed { height, state };
        match &mut node.held {
            Some(held) => held.push(committed),
            None => node.events.push_back(committed),
        }
    }

    /// Checks a sent message: nothing that it depends on must still wait for a sync, and the key must not
    /// contradict its earlier signatures.
    fn say(&mut self, at: usize, to: Option<PublicKey>, message: &Message) {
        let node = &mut self.nodes[at];
        let own = node.key.public_key();
        let signed = match message {
            Message::Consensus(ConsensusMessage::Vote(it)) if it.vote.validator == own => {
                Some(LastSigned::of_vote(&it.vote))
            }
            Message::Consensus(ConsensusMessage::Proposal(it)) if it.proposal.proposer == own => {
                Some(LastSigned::of_proposal(&it.proposal))
            }
            _ => None,
        };
        if let Some(signed) = signed {
            assert!(!node.dirty, "node {at} sends before it syncs: {signed:?}");
            let place = (signed.height, signed.round, signed.step);
            let first = *node.signed.entry(place).or_insert(signed);
            assert_eq!(first, signed, "node {at} signs twice");
        }
        if let (Some(peer), Message::BodyRequest { .. }) = (to, message) {
            self.body_requests.push((at, peer, self.now_ms));
        }
        for other in (0..self.nodes.len()).filter(|other| *other != at) {
            if to.is_none_or(|to| to == self.nodes[other].peer) && !self.nodes[at].muted {
                self.wire.push_back((at, other, message.clone()));
            }
        }
    }

    fn state(&self, at: usize) -> Arc<MemoryStore> {
        self.nodes[at].disk.chain.last().map_or(&self.state, |(_, state)| state).clone()
    }

    fn recovery(&self, at: usize) -> Recovery {
        let disk = &self.nodes[at].disk;
        let next = disk.chain.len() as u64 + 1;
        let state = self.state(at);
        let head = match disk.chain.last() {
            None => HeadState {
                header: self.first.header.clone(),
                certificate: None,
                state,
                roots: self.first.roots(),
                unsealed: false,
            },
            Some((commit, _)) => HeadState {
                header: commit.block.header.clone(),
                certificate: Some(commit.certificate.clone()),
                state,
                roots: commit.execution.roots(),
                unsealed: false,
            },
        };
        let bodies = disk.bodies.iter().filter(|((of, _), _)| *of == next);
        Recovery {
            head,
            log: disk.log.get(&next).cloned().unwrap_or_default(),
            last_signed: disk.record,
            copied: disk.copied,
            bodies: bodies.map(|(_, block)| Block::clone(block)).collect(),
        }
    }
}
