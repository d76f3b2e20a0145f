//! The kernel's tables can be rebuilt from receipts.

use std::collections::BTreeSet;

use ehb_abi::Interface;
use ehb_kernel::candidates::{self, Candidate};
use ehb_kernel::chain::{self as kernel, Identity, InstalledModule, ModuleStatus, Node};
use ehb_kernel::event::{KernelEvent, Silent};
use ehb_kernel::governance::{self, Proposal};
use ehb_kernel::organisations::{self, Organisation, OrganisationStatus};
use ehb_kernel::quota::OwnLimits;
use ehb_kernel::recovery::{self, Recovery};
use ehb_kernel::{evidence, silence};
use ehb_state::Tree;
use ehb_types::{
    ADMINISTRATOR, Account, CommitCertificate, PublicKey, Receipt, Receipts, Validator,
    ValidatorSet, decode,
};

use super::upgrade::{VERSION_1, VERSION_2, compiled, id, store_calls, with_tally};
use super::*;
use crate::apply::{begin_block, end_block};
use crate::receipts::BlockReceipts;
use crate::{KERNEL, UPGRADER};

const VALIDATORS: u8 = 4;
const BLOCKS: u64 = 60;

/// The tables of a reader of all receipts without access to the state.
#[derive(Default)]
pub(super) struct Tables {
    identity: Option<Identity>,
    parameters: Option<Parameters>,
    organisations: BTreeMap<Name, (OrganisationStatus, OwnLimits)>,
    proposals: BTreeMap<u64, Proposal>,
    accounts: BTreeMap<Address, Account>,
    nodes: BTreeMap<PublicKey, Node>,
    modules: BTreeMap<Name, InstalledModule>,
    removed_modules: BTreeSet<Name>,
    upgrades: usize,
    /// Validator sets by the first height that they decide.
    validators: BTreeMap<u64, ValidatorSet>,
    silent: Vec<Silent>,
    misbehaviour: BTreeSet<(u64, PublicKey)>,
    recoveries: BTreeMap<Address, Recovery>,
    candidates: BTreeMap<PublicKey, Candidate>,
}

impl Tables {
    pub(super) fn read(&mut self, kernel: &Interface, receipts: &[Receipt]) {
        let events = receipts.iter().flat_map(|receipt| &receipt.events);
        for event in events.filter(|event| event.module.as_str() == KERNEL) {
            kernel.event_to_json(Network::Test, &event.data).unwrap().unwrap();
            self.apply(decode(&event.data).unwrap());
        }
    }

    fn apply(&mut self, event: KernelEvent) {
        match event {
            KernelEvent::CodeUploaded(_) => {}
            KernelEvent::ModuleUpgraded(it) => {
                self.upgrades += 1;
                let known = self.modules.get_mut(&it.module).unwrap();
                assert_eq!(known.code, it.before);
                known.code = it.after;
            }
            KernelEvent::ChainStarted(it) => self.identity = Some(it),
            KernelEvent::OrganisationAdded(it) => {
                self.organisations.insert(it, Default::default());
            }
            KernelEvent::OrganisationChanged(it) => {
                self.organisations.get_mut(&it.name).unwrap().0 = it.status;
            }
            KernelEvent::QuotaChanged(it) => {
                let known = self.organisations.get_mut(it.organisation.as_str()).unwrap();
                known.1.set(it.kind, it.limit);
            }
            KernelEvent::ProposalChanged(it) => {
                self.proposals.insert(it.id, *it);
            }
            KernelEvent::NodePermitted(it) => {
                self.nodes.insert(it.key, it.node);
            }
            KernelEvent::NodeRemoved(it) => {
                assert!(self.nodes.remove(&it).is_some());
            }
            KernelEvent::CandidateChanged(it) => {
                self.candidates.insert(it.consensus_key, it);
            }
            KernelEvent::CandidateRemoved(it) => {
                assert!(self.candidates.remove(&it).is_some());
            }
            KernelEvent::AccountChanged(it) => {
                // A recovery is over once the account has the announced policy, or is closed.
                let is_over = |recovery: &Recovery| {
                    recovery.policy == it.account.policy || it.account.status == Status::Closed
                };
                if self.recoveries.get(&it.address).is_some_and(is_over) {
                    self.recoveries.remove(&it.address);
                }
                self.accounts.insert(it.address, it.account);
            }
            KernelEvent::RecoveryAnnounced(it) => {
                self.recoveries.insert(it.account, it.recovery);
            }
            KernelEvent::RecoveryCancelled(it) => {
                self.recoveries.remove(&it);
            }
            KernelEvent::ValidatorsChanged(it) => {
                self.validators.insert(it.from_height, it.validators);
            }
            KernelEvent::ParametersChanged(it) => self.parameters = Some(*it),
            KernelEvent::ModuleInstalled(it) => {
                assert!(!self.removed_modules.contains(&it.module));
                let new = InstalledModule::active(it.code);
                assert_eq!(self.modules.insert(it.module, new), None);
            }
            KernelEvent::ModuleChanged(it) if it.status == ModuleStatus::Removed => {
                assert!(self.modules.remove(&it.module).is_some());
                self.removed_modules.insert(it.module);
            }
            KernelEvent::ModuleChanged(it) => {
                let known = self.modules.get_mut(&it.module).unwrap();
                known.is_paused = it.status == ModuleStatus::Paused;
            }
            KernelEvent::ProposerSilent(it) => {
                self.silent.retain(|silent| silent.validator != it.validator);
                self.silent.push(it);
            }
            KernelEvent::ProposerActive(it) => {
                self.silent.retain(|silent| silent.validator != it);
            }
            KernelEvent::MisbehaviourRecorded(it) => {
                self.misbehaviour.insert((it.height, it.validator));
            }
        }
    }

    /// The set that decides a height.
    fn deciding(&self, height: u64) -> &ValidatorSet {
        self.validators.range(..=height).next_back().unwrap().1
    }

    /// Compares with the state after a height.
    pub(super) fn check(&self, state: &Overlay, height: u64, recorded: &[Evidence]) {
        assert_eq!(self.identity, Some(kernel::identity(state).unwrap()));
        assert_eq!(self.parameters, Some(kernel::parameters(state).unwrap()));
        let keys = state.scan(b"k/account/", None, usize::MAX).unwrap();
        let keys: Vec<&[u8]> = keys.iter().map(|(key, _)| &key[b"k/account/".len()..]).collect();
        assert_eq!(keys, self.accounts.keys().map(|it| &it.0[..]).collect::<Vec<_>>());
        for (address, account) in &self.accounts {
            assert_eq!(accounts::account(state, address).unwrap().as_ref(), Some(account));
            assert!(self.organisations.contains_key(&account.organisation));
            let announced = recovery::get(state, address).unwrap();
            assert_eq!(announced.as_ref(), self.recoveries.get(address));
        }
        for (organisation, (status, limits)) in &self.organisations {
            let members = self.accounts.iter().filter(|(_, it)| it.organisation == *organisation);
            let (members, accounts): (Vec<_>, Vec<_>) = members.map(|(key, it)| (*key, it)).unzip();
            let administers = |it: &&&Account| {
                it.status == Status::Active && it.roles.hold(ADMINISTRATOR, u64::MAX)
            };
            let counted = Organisation {
                accounts: accounts.len() as u32,
                administrators: accounts.iter().filter(administers).count() as u32,
                status: *status,
                limits: *limits,
            };
            assert_eq!(organisations::organisation(state, organisation).unwrap(), Some(counted));
            let listed = organisations::members(state, organisation, None, usize::MAX).unwrap();
            assert_eq!(listed, members);
        }
        for (id, known) in &self.proposals {
            assert_eq!(governance::proposal(state, *id).unwrap().as_ref(), Some(known));
        }
        assert_eq!(governance::count(state).unwrap(), self.proposals.len() as u64);
        let nodes: BTreeMap<_, _> = kernel::nodes(state).unwrap().into_iter().collect();
        assert_eq!(nodes, self.nodes);
        let candidates: Vec<Candidate> = self.candidates.values().cloned().collect();
        assert_eq!(candidates::list(state).unwrap(), candidates);
        let modules: BTreeMap<Name, InstalledModule> =
            kernel::modules(state).unwrap().into_iter().collect();
        assert_eq!(modules, self.modules);
        for name in &self.removed_modules {
            assert!(kernel::was_removed(state, name).unwrap());
        }
        assert_eq!(kernel::validators(state).unwrap(), *self.deciding(height + 1));
        assert_eq!(kernel::next_validators(state).unwrap(), *self.deciding(height + 2));
        if height > 0 {
            assert_eq!(kernel::last_validators(state).unwrap(), *self.deciding(height));
        }
        for at in [height + 1, height + 50, height + 5_000] {
            let passed_over = self.silent.iter().filter(|it| it.until >= at);
            let passed_over: BTreeSet<_> = passed_over.map(|it| it.validator).collect();
            assert_eq!(silence::passed_over(state, at).unwrap(), passed_over);
        }
        for it in recorded {
            assert!(self.misbehaviour.contains(&(it.height(), it.validator())));
            assert!(!evidence::is_new(state, it, height + 1).unwrap());
        }
        assert_eq!(self.misbehaviour.len(), recorded.len());
    }
}

/// Numbers without a pattern that matters here (Knuth's MMIX generator).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

struct Run {
    random: Random,
    chain: Chain,
    store: MemoryStore,
    sequence: u64,
    recorded: Vec<Evidence>,
    /// Whether version 2 of the tally is installed next.
    version: bool,
    /// The remaining calls of an upgrade.
    parts: Vec<(&'static str, &'static str, Value)>,
}

impl Run {
    fn new(seed: u64) -> (Self, Receipts) {
        let (mut genesis, code) = with_tally();
        let validator = |seed: u8| GenesisValidator {
            name: name(&format!("v{seed}")),
            organisation: name("org"),
            consensus_key: secret(seed).public_key(),
            node_key: secret(100 + seed).public_key(),
            power: seed.into(),
        };
        genesis.validators = (1..=VALIDATORS).map(validator).collect();
        genesis.accounts[0].roles.insert(name(UPGRADER));
        let first = GenesisState::build(&Engine::new().unwrap(), &genesis, &code).unwrap();
        let receipts = first.receipts.clone();
        let chain = chain_of(&genesis, &code);
        let mut store = MemoryStore::default();
        store.apply(&first.changes);
        let (random, recorded, parts) = (Random(seed), Vec::new(), Vec::new());
        (Self { random, chain, store, sequence: 0, recorded, version: true, parts }, receipts)
    }

    /// The next calls that upgrade the tally, part after part.
    fn upgrade(&mut self) -> SignedTransaction {
        let wat = if self.version { VERSION_2 } else { VERSION_1 };
        let code = compiled(wat);
        if self.parts.is_empty() {
            self.parts = store_calls("tally", &code);
            let install = json!({ "upgrades": [{ "module": "tally", "code": id(&code) }] });
            self.parts.push(("kernel", "upgrade-modules", install));
            self.version = !self.version;
        }
        let (module, function, arguments) = self.parts.remove(0);
        let kernel = self.chain.executor.library().kernel();
        let declared = kernel.function(function).unwrap();
        let arguments = declared.arguments_from_json(Network::Test, &arguments).unwrap();
        let call = Call { module: name(module), function: name(function), arguments };
        self.sequence += 1;
        Transaction {
            version: Transaction::VERSION,
            chain: self.chain.header.chain,
            sender: address(ALICE),
            lane: 0,
            sequence: self.sequence - 1,
            valid_until_ms: u64::MAX,
            gas_limit: 50_000_000,
            calls: vec![call],
            memo: String::new(),
        }
        .sign(&[&secret(ALICE)])
    }

    fn block(&mut self, transactions: Vec<SignedTransaction>) -> Block {
        let height = self.chain.header.height + 1;
        let proposer = secret(1 + self.random.below(VALIDATORS.into()) as u8);
        let round = if self.random.below(3) == 0 { self.random.below(4) as u32 } else { 0 };
        let certificate =
            CommitCertificate { height: height - 1, round, block: Hash::ZERO, signatures: vec![] };
        let mut evidence = Vec::new();
        let culprit = 1 + self.random.below(VALIDATORS.into()) as u8;
        if height > 1 && self.random.below(4) == 0 {
            let [a, b] = [1, 2].map(|block| {
                let validator = secret(culprit).public_key();
                let block = Some(Hash([block; 32]));
                let kind = VoteKind::Prevote;
                let vote = Vote { kind, height: height - 1, round: 0, block, validator };
                vote.sign(&self.chain.header.chain, &secret(culprit))
            });
            evidence.push(Evidence::Votes(a, b));
        }
        self.recorded.extend(evidence.iter().cloned());
        let header = Header {
            height,
            timestamp_ms: self.chain.header.timestamp_ms + 1,
            proposer: proposer.public_key(),
            transactions_count: transactions.len() as u32,
            ..self.chain.header.clone()
        };
        Block::sign(header, shared(transactions), Some(certificate), evidence, &proposer)
    }

    /// A block in which something other than transactions changes validators and parameters.
    fn governed(&mut self) -> Vec<Receipt> {
        let block = self.block(vec![]);
        let height = block.header.height;
        let mut overlay = Overlay::new(self.chain.parent.state.clone());
        let before = kernel::parameters(&overlay).unwrap();
        let mut changed = begin_block(&mut overlay, &block).unwrap();
        if self.random.below(2) == 0 {
            let powers: Vec<u64> = (1..=VALIDATORS).map(|_| 1 + self.random.below(9)).collect();
            let validator = |(seed, power): (u8, u64)| Validator {
                name: name(&format!("v{seed}")),
                consensus_key: secret(seed).public_key(),
                node_key: secret(100 + seed).public_key(),
                power,
            };
            let set = (1..=VALIDATORS).zip(powers).map(validator).collect();
            kernel::put_next_validators(&mut overlay, &ValidatorSet::new(set).unwrap());
        }
        if self.random.below(2) == 0 {
            let mut parameters = before.clone();
            parameters.consensus.silent_heights = 10 + self.random.below(90);
            kernel::put_parameters(&mut overlay, &parameters);
        }
        changed.extend(end_block(&overlay, height, &before).unwrap());
        let mut receipts = BlockReceipts::new(block.header.chain, height, 1);
        receipts.push_kernel(&changed).unwrap();
        let root = self.chain.parent.root;
        let changes = Tree::default().update(&self.store, root, overlay.into_entries()).unwrap();
        self.commit(&changes, &block);
        receipts.receipts
    }

    fn executed(&mut self) -> Vec<Receipt> {
        let transactions = vec![self.upgrade()];
        let block = self.block(transactions);
        let execution = self.chain.executor.execute(&self.chain.parent, &block).unwrap();
        assert!(matches!(execution.receipts[0].outcome, Outcome::Success(_)));
        self.commit(&execution.changes, &block);
        execution.receipts.to_vec()
    }

    fn commit(&mut self, changes: &ehb_state::Changes, block: &Block) {
        self.store.apply(changes);
        let state = Arc::new(self.store.clone());
        self.chain.parent = Parent { state, root: changes.root };
        self.chain.header = block.header.clone();
    }
}

#[test]
fn the_kernels_tables_can_be_rebuilt_from_receipts_alone() {
    for seed in 1..=3 {
        let (mut run, genesis) = Run::new(seed);
        let mut tables = Tables::default();
        let kernel = run.chain.executor.library().kernel().clone();
        tables.read(&kernel, &genesis);
        tables.check(&Overlay::new(run.chain.parent.state.clone()), 0, &[]);
        for height in 1..=BLOCKS {
            let receipts = if run.random.below(3) == 0 { run.governed() } else { run.executed() };
            tables.read(&kernel, &receipts);
            tables.check(&Overlay::new(run.chain.parent.state.clone()), height, &run.recorded);
        }
        assert!(tables.validators.len() > 2 && !tables.misbehaviour.is_empty());
        assert!(tables.upgrades > 1);
    }
}
