//! A node in memory: it has accounts, a toy wallet, real signatures, proofs and certificates, and
//! decides blocks on demand.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use ehb_rpc_api::{MempoolView, Position, SigningView, Status, ValidatorView, module_key};
use ehb_rpc_server::{
    AtHeight, Backend, BlockModules, CanonicalBlock, DecidedBlock, DecidedHeader, Fate, Lost,
    ModuleInForce, ModuleInfo, ModuleVersion, ProvenEntry, ReadCall, ReadResult, Readiness,
    Refusal, Simulation,
};
use ehb_state::{MemoryStore, StateStore, Tree};
use ehb_types::{
    Account, Address, Block, Call, Code, CommitCertificate, CommitSignature, Event, Failure,
    Genesis, GenesisAccount, GenesisValidator, Hash, Header, Name, Network, Outcome, Parameters,
    Policy, Receipt, Receipts, SecretKey, SharedTransaction, Transaction, TypedError, ValidatorSet,
    Vote, VoteKind, encode,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use tokio::sync::watch;

const NETWORK: Network = Network::Test;
const ALICE_BEGINS_WITH: u64 = 9_007_199_254_740_993;

pub(crate) struct FakeNode {
    genesis: Arc<Genesis>,
    validators: ValidatorSet,
    validator_keys: Vec<SecretKey>,
    /// The versions of the wallet, ascending.
    versions: Mutex<Vec<(Position, Arc<ModuleInfo>)>>,
    /// The transaction that removes the wallet.
    removed: Mutex<Option<Position>>,
    chain: Mutex<FakeChain>,
    head: watch::Sender<u64>,
    losses: watch::Sender<u64>,
    pub(crate) syncing: AtomicBool,
    /// Reading a block waits while this is locked.
    pub(crate) blocks_held: RwLock<()>,
    /// Submissions are answered only while nobody has this locked for writing.
    pub(crate) submissions_held: Arc<tokio::sync::RwLock<()>>,
    /// How many transactions were submitted.
    pub(crate) submitted: AtomicU64,
    /// How often reading a block began.
    pub(crate) blocks_begun: AtomicU64,
    /// How often the modules of a block were read, which is done for each view of it.
    pub(crate) views_begun: AtomicU64,
    pub(crate) earliest: AtomicU64,
    /// Happens when a read of the state begins, after its height was found.
    pub(crate) before_read: Mutex<Option<Meanwhile>>,
    /// Whether each submission is decided at once, with the empty block that seals it.
    pub(crate) decides_at_once: AtomicBool,
}

/// What happens while a client is answered.
pub(crate) type Meanwhile = Box<dyn FnOnce(&FakeNode) + Send>;

struct FakeChain {
    blocks: Vec<(Arc<DecidedBlock>, Option<CommitCertificate>)>,
    /// The state after each height, with its root.
    states: Vec<(MemoryStore, Hash)>,
    tree: Tree,
    pending: BTreeMap<Hash, SharedTransaction>,
    order: Vec<Hash>,
    sequences: BTreeMap<(Address, u32), u64>,
    positions: BTreeMap<Hash, Position>,
    /// What was taken away, in order.
    lost: Vec<(Hash, Fate)>,
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(crate) fn address(seed: u8) -> Address {
    Address::of_account(&Policy::Key(key(seed).public_key()))
}

pub(crate) fn text(seed: u8) -> String {
    address(seed).to_text(NETWORK)
}

/// Alice's key has the seed 1, Bob's 2; 9 is nobody's.
pub(crate) const ALICE: u8 = 1;
pub(crate) const BOB: u8 = 2;
pub(crate) const NOBODY: u8 = 9;

/// A signed transfer of the toy wallet.
pub(crate) fn transfer(from: u8, to: u8, amount: u64, sequence: u64) -> SharedTransaction {
    transaction(from, to, amount, sequence).sign(&[&key(from)]).into()
}

pub(crate) fn transaction(from: u8, to: u8, amount: u64, sequence: u64) -> Transaction {
    let arguments = [&address(to).0[..], &amount.to_le_bytes()].concat();
    Transaction {
        version: Transaction::VERSION,
        chain: chain(),
        sender: address(from),
        lane: 0,
        sequence,
        valid_until_ms: 1_700_000_300_000,
        gas_limit: 1_000_000,
        calls: vec![Call { module: name("wallet"), function: name("transfer"), arguments }],
        memo: String::new(),
    }
}

pub(crate) fn validator_keys() -> Vec<SecretKey> {
    let mut keys: Vec<SecretKey> = (101..105).map(key).collect();
    keys.sort_by_key(SecretKey::public_key);
    keys
}

/// The genesis hash, which signatures bind.
pub(crate) fn chain() -> Hash {
    genesis(&validator_keys(), 0).hash()
}

pub(crate) fn genesis(validator_keys: &[SecretKey], more_accounts: u32) -> Genesis {
    let validator = |(index, key): (usize, &SecretKey)| GenesisValidator {
        name: name(&format!("validator-{index}")),
        organisation: name("acme"),
        consensus_key: key.public_key(),
        node_key: self::key(200 + index as u8).public_key(),
        power: 10,
    };
    let account = |key: &SecretKey| {
        let policy = Policy::Key(key.public_key());
        GenesisAccount {
            address: Address::of_account(&policy).to_text(NETWORK),
            policy,
            organisation: name("acme"),
            roles: [name("issuer")].into(),
            status: Default::default(),
        }
    };
    let more = (0..more_accounts).map(|number| {
        let mut seed = [255; 32];
        seed[..4].copy_from_slice(&number.to_le_bytes());
        account(&SecretKey::from_seed(&seed))
    });
    Genesis {
        chain_id: "ehb-test".parse().unwrap(),
        network: NETWORK,
        timestamp_ms: 1_700_000_000_000,
        parameters: Parameters::default(),
        validators: validator_keys.iter().enumerate().map(validator).collect(),
        observers: Vec::new(),
        accounts: [account(&key(ALICE)), account(&key(BOB))].into_iter().chain(more).collect(),
        modules: Vec::new(),
        calls: Vec::new(),
    }
}

fn wallet() -> ModuleInfo {
    let amount = json!({"name": "amount", "type": "u64"});
    let to = json!({"name": "to", "type": "address"});
    let from = json!({"name": "from", "type": "address"});
    let insufficient = json!({"record": [
        {"name": "available", "type": "u64"},
        {"name": "needed", "type": "u64"},
    ]});
    let error = json!({"variant": [{"name": "insufficient", "type": insufficient}]});
    let interface = json!({
        "functions": [
            {
                "name": "balance",
                "interface": "ehb:wallet/queries@1.0.0",
                "parameters": [{"name": "account", "type": "address"}],
                "result": "u64",
                "docs": "What an account holds.",
            },
            {
                "name": "transfer",
                "interface": "ehb:wallet/transfers@1.0.0",
                "parameters": [to.clone(), amount.clone()],
                "result": {"result": {"ok": null, "err": error}},
                "docs": "Moves value to another account.",
            },
        ],
        "event": {"variant": [
            {"name": "transferred", "type": {"record": [from, to, amount]}},
            {"name": "closed"},
        ]},
    });
    ModuleInfo {
        name: name("wallet"),
        code_hash: Hash([0xab; 32]),
        wit: "package ehb:wallet@1.0.0;".to_owned(),
        interface: serde_json::from_value(interface).unwrap(),
    }
}

impl FakeNode {
    pub(crate) fn new() -> Arc<Self> {
        Self::with_accounts(0)
    }

    /// A node whose genesis has more accounts than the two.
    pub(crate) fn with_accounts(more_accounts: u32) -> Arc<Self> {
        let validator_keys = validator_keys();
        let genesis = genesis(&validator_keys, more_accounts);
        let validators = genesis.validator_set().unwrap();
        let mut tree = Tree::new(1 << 20);
        let mut state = MemoryStore::default();
        let entry = (balance_key(&address(ALICE)), Some(ALICE_BEGINS_WITH.to_le_bytes().to_vec()));
        let changes = tree.update(&state, Hash::ZERO, vec![entry]).unwrap();
        state.apply(&changes);
        let header = Header {
            timestamp_ms: genesis.timestamp_ms,
            transactions_root: Block::transactions_root(&[]),
            validators: validators.hash(),
            next_validators: validators.hash(),
            ..Header::blank(genesis.hash())
        };
        let hash = header.hash();
        let block = Block::sign(header, Vec::new(), None, Vec::new(), &validator_keys[0]);
        let decided =
            Arc::new(DecidedBlock { hash, block: block.into(), receipts: Receipts::default() });
        Arc::new(Self {
            genesis: Arc::new(genesis),
            validators,
            validator_keys,
            versions: Mutex::new(vec![(Position { height: 0, index: 0 }, Arc::new(wallet()))]),
            removed: Mutex::default(),
            chain: Mutex::new(FakeChain {
                blocks: vec![(decided, None)],
                states: vec![(state, changes.root)],
                tree,
                pending: BTreeMap::new(),
                order: Vec::new(),
                sequences: BTreeMap::new(),
                positions: BTreeMap::new(),
                lost: Vec::new(),
            }),
            head: watch::Sender::new(0),
            losses: watch::Sender::new(0),
            syncing: AtomicBool::new(false),
            blocks_held: RwLock::default(),
            submissions_held: Arc::default(),
            submitted: AtomicU64::new(0),
            blocks_begun: AtomicU64::new(0),
            views_begun: AtomicU64::new(0),
            earliest: AtomicU64::new(0),
            before_read: Mutex::default(),
            decides_at_once: AtomicBool::new(false),
        })
    }

    fn chain(&self) -> MutexGuard<'_, FakeChain> {
        self.chain.lock().unwrap()
    }

    /// The ids of what waits, in their order.
    pub(crate) fn waiting(&self) -> Vec<Hash> {
        self.chain().order.clone()
    }

    /// Takes a pending transaction away, for good or not. Its sequence is free again, unless another
    /// transaction used it.
    pub(crate) fn lose(&self, id: Hash, fate: Fate) {
        let mut chain = self.chain();
        if let Some(signed) = chain.pending.remove(&id)
            && !matches!(fate, Fate::Superseded { .. })
        {
            let lane = (signed.transaction.sender, signed.transaction.lane);
            chain.sequences.insert(lane, signed.transaction.sequence);
        }
        chain.order.retain(|other| *other != id);
        chain.lost.push((id, fate));
        self.losses.send_replace(chain.lost.len() as u64);
    }

    /// The wallet gets another version from a position on.
    pub(crate) fn upgrade(&self, from: Position, change: impl FnOnce(&mut ModuleInfo)) {
        let mut versions = self.versions.lock().unwrap();
        let mut info = ModuleInfo::clone(&versions.last().unwrap().1);
        change(&mut info);
        versions.push((from, Arc::new(info)));
    }

    /// A transaction removes the wallet.
    pub(crate) fn remove_module(&self, at: Position) {
        *self.removed.lock().unwrap() = Some(at);
    }

    /// Decides a block of all that is pending.
    pub(crate) fn decide(&self) -> u64 {
        self.decide_with(Vec::new())
    }

    /// Decides a block of all that is pending; receipts without a transaction follow.
    pub(crate) fn decide_with(&self, own: Vec<Receipt>) -> u64 {
        let mut chain = self.chain();
        let (parent, parent_certificate) = chain.blocks.last().unwrap().clone();
        let (mut state, root) = chain.states.last().unwrap().clone();
        let height = parent.block.header.height + 1;
        let order = std::mem::take(&mut chain.order);
        let transactions: Vec<SharedTransaction> =
            order.iter().map(|id| chain.pending.remove(id).unwrap()).collect();
        let mut balances = BTreeMap::new();
        let receipts: Vec<Receipt> = transactions
            .iter()
            .map(|signed| execute(&state, &mut balances, &signed.transaction))
            .chain(own)
            .collect();
        for (index, receipt) in (0..).zip(&receipts) {
            chain.positions.insert(receipt.transaction, Position { height, index });
        }
        let header = Header {
            version: Header::VERSION,
            chain: self.genesis.hash(),
            height,
            timestamp_ms: parent.block.header.timestamp_ms + 100,
            parent: parent.hash,
            round: 0,
            proposer: self.validator_keys[0].public_key(),
            transactions_count: transactions.len() as u32,
            transactions_root: Block::transactions_root(&transactions),
            state_root: root,
            receipts_count: parent.receipts.count(),
            receipts_root: parent.receipts.root(),
            validators: self.validators.hash(),
            next_validators: self.validators.hash(),
            certificate: Block::certificate_hash(parent_certificate.as_ref()),
            evidence: Hash::ZERO,
        };
        let hash = header.hash();
        let entries = balances
            .iter()
            .map(|(who, amount): (&Address, &u64)| {
                (balance_key(who), Some(amount.to_le_bytes().to_vec()))
            })
            .collect();
        let changes = chain.tree.update(&state, root, entries).unwrap();
        state.apply(&changes);
        chain.states.push((state, changes.root));
        let certificate = self.certificate(height, hash);
        let key = &self.validator_keys[0];
        let block = Block::sign(header, transactions, parent_certificate, Vec::new(), key);
        let decided =
            Arc::new(DecidedBlock { hash, block: block.into(), receipts: receipts.into() });
        chain.blocks.push((decided, Some(certificate)));
        drop(chain);
        self.head.send_replace(height);
        height
    }

    fn certificate(&self, height: u64, block: Hash) -> CommitCertificate {
        let sign = |(index, key): (usize, &SecretKey)| {
            let validator = key.public_key();
            let kind = VoteKind::Precommit;
            let vote = Vote { kind, height, round: 0, block: Some(block), validator };
            let signature = vote.sign(&self.genesis.hash(), key).signature;
            CommitSignature { validator: index as u16, signature }
        };
        let signatures = self.validator_keys.iter().enumerate().take(3).map(sign).collect();
        CommitCertificate { height, round: 0, block, signatures }
    }

    /// Admits one transaction.
    fn admit(&self, signed: SharedTransaction) -> Result<(), Refusal> {
        let id = signed.id();
        let transaction = &signed.transaction;
        let mut chain = self.chain();
        if transaction.chain != self.genesis.hash() {
            return Err(Refusal::new(Code::WrongChain, "the transaction is for another chain"));
        }
        if signed.verify().is_err() {
            return Err(Refusal::new(Code::BadSignature, "a signature does not verify"));
        }
        if account_of(&transaction.sender).is_none() {
            return Err(Refusal::new(Code::UnknownSender, "the sender is not registered"));
        }
        if chain.pending.contains_key(&id) || chain.positions.contains_key(&id) {
            return Err(Refusal::new(Code::AlreadyKnown, "the transaction is known"));
        }
        let next = chain.sequences.entry((transaction.sender, transaction.lane)).or_default();
        if transaction.sequence < *next {
            return Err(Refusal::new(Code::SequenceUsed, format!("the next sequence is {next}")));
        }
        if transaction.sequence > *next {
            return Err(Refusal::new(Code::SequenceGap, format!("the next sequence is {next}")));
        }
        *next += 1;
        chain.order.push(id);
        chain.pending.insert(id, signed);
        Ok(())
    }
}

fn balance_key(account: &Address) -> Vec<u8> {
    module_key(&name("wallet"), &account.0)
}

fn balance(state: &MemoryStore, account: &Address) -> u64 {
    let value = state.get(&balance_key(account)).unwrap();
    value.map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
}

fn account_of(address: &Address) -> Option<Account> {
    let seed = [ALICE, BOB].into_iter().find(|seed| self::address(*seed) == *address)?;
    Some(Account {
        policy: Policy::Key(key(seed).public_key()),
        organisation: name("acme"),
        roles: [name("issuer")].into(),
        status: ehb_types::Status::Active,
    })
}

/// Carries out a transaction whose calls are all transfers.
fn execute(
    state: &MemoryStore,
    balances: &mut BTreeMap<Address, u64>,
    transaction: &Transaction,
) -> Receipt {
    let mut after = balances.clone();
    let mut events = Vec::new();
    let mut receipt = Receipt {
        transaction: transaction.id(),
        outcome: Outcome::Success(vec![Vec::new(); transaction.calls.len()]),
        gas_used: 40_000,
        events: Vec::new(),
    };
    for (index, call) in transaction.calls.iter().enumerate() {
        let arguments = call.arguments.split_at_checked(32);
        let arguments = arguments.and_then(|(to, amount)| Some((to, amount.try_into().ok()?)));
        let Some((to, amount)) = arguments else {
            let failure = Failure::new(Some(index as u16), Code::BadArguments, "no transfer");
            receipt.outcome = Outcome::Failure(failure);
            return receipt;
        };
        let to = Address(to.try_into().unwrap());
        let needed = u64::from_le_bytes(amount);
        let from = transaction.sender;
        let mut of = |who: Address| *after.entry(who).or_insert_with(|| balance(state, &who));
        let (available, received) = (of(from), of(to));
        if available < needed {
            let data = [&[0][..], &available.to_le_bytes(), &needed.to_le_bytes()].concat();
            let mut failure =
                Failure::new(Some(index as u16), Code::ModuleError, "insufficient balance");
            failure.error =
                Some(TypedError { module: name("wallet"), function: name("transfer"), data });
            receipt.outcome = Outcome::Failure(failure);
            return receipt;
        }
        after.insert(from, available - needed);
        after.insert(to, received + needed);
        let data = [&[0][..], &from.0, &to.0, &needed.to_le_bytes()].concat();
        events.push(Event { call: index as u16, module: name("wallet"), data });
    }
    *balances = after;
    receipt.events = events;
    receipt
}

impl FakeNode {
    /// Refuses what is pruned.
    fn kept(&self, height: Option<u64>) -> Result<(), Refusal> {
        let meanwhile = self.before_read.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile(self);
        }
        let earliest = self.earliest();
        match height.filter(|height| *height < earliest) {
            Some(height) => {
                let text =
                    format!("the state of height {height} is not kept; it is from {earliest} on");
                Err(Refusal::new(Code::Pruned, text))
            }
            None => Ok(()),
        }
    }
}

impl Backend for FakeNode {
    fn status(&self) -> Status {
        let chain = self.chain();
        let (head, _) = chain.blocks.last().unwrap();
        Status {
            chain_id: self.genesis.chain_id.clone(),
            network: NETWORK,
            genesis_hash: self.genesis.hash(),
            height: head.block.header.height,
            head: head.hash,
            earliest_height: self.earliest(),
            history_from: self.earliest(),
            timestamp_ms: head.block.header.timestamp_ms,
            chain_time_ms: head.block.header.timestamp_ms + 1,
            round: 0,
            validators: ValidatorView::all(&self.validators),
            validator: Some(name("validator-0")),
            signing: SigningView::Signs,
            clock_ahead_ms: Some(-12),
            stalled: false,
            ready: !self.syncing.load(Ordering::Relaxed),
            conditions: Vec::new(),
            peers: 3,
            syncing: self.syncing.load(Ordering::Relaxed),
            mempool: MempoolView { transactions: chain.pending.len() as u64, bytes: 0 },
            version: "0.1.0".to_owned(),
        }
    }

    fn readiness(&self) -> Readiness {
        match self.syncing.load(Ordering::Relaxed) {
            true => Readiness::NotReady(vec!["catching up".to_owned()]),
            false => Readiness::Ready,
        }
    }

    fn genesis(&self) -> Arc<Genesis> {
        self.genesis.clone()
    }

    fn parameters(&self, height: Option<u64>) -> Result<AtHeight<Parameters>, Refusal> {
        self.kept(height)?;
        let height = height.unwrap_or_else(|| self.height());
        Ok(AtHeight { height, value: self.genesis.parameters.clone() })
    }

    fn head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    fn earliest(&self) -> u64 {
        self.earliest.load(Ordering::Relaxed)
    }

    fn block(&self, height: u64) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
        self.blocks_begun.fetch_add(1, Ordering::Relaxed);
        drop(self.blocks_held.read());
        if height < self.earliest() {
            return Err(Refusal::new(Code::Pruned, format!("block {height} is not kept")));
        }
        Ok(self.chain().blocks.get(height as usize).map(|(block, _)| block.clone()))
    }

    fn canonical(&self, height: u64) -> Result<Option<CanonicalBlock>, Refusal> {
        if height < self.earliest() {
            return Err(Refusal::new(Code::Pruned, format!("block {height} is not kept")));
        }
        let canonical = |(decided, certificate): &(Arc<DecidedBlock>, Option<_>)| CanonicalBlock {
            hash: decided.hash,
            header: decided.block.header.clone(),
            block: decided.block.encoded().to_vec(),
            receipts: encode(&decided.receipts.to_vec()),
            certificate: certificate.as_ref().map(encode),
        };
        Ok(self.chain().blocks.get(height as usize).map(canonical))
    }

    fn header(&self, height: u64) -> Result<Option<DecidedHeader>, Refusal> {
        let decided = |(block, certificate): &(Arc<DecidedBlock>, _)| DecidedHeader {
            header: block.block.header.clone(),
            certificate: Option::clone(certificate),
            validators: self.validators.clone(),
        };
        Ok(self.chain().blocks.get(height as usize).map(decided))
    }

    fn height_of(&self, block: &Hash) -> Result<Option<u64>, Refusal> {
        let chain = self.chain();
        let found = chain.blocks.iter().position(|(decided, _)| decided.hash == *block);
        Ok(found.map(|height| height as u64))
    }

    fn height_at_time(&self, timestamp_ms: u64) -> Result<Option<u64>, Refusal> {
        let chain = self.chain();
        let is_before =
            |(block, _): &&(Arc<DecidedBlock>, _)| block.block.header.timestamp_ms <= timestamp_ms;
        let count = chain.blocks.iter().take_while(is_before).count() as u64;
        Ok(count.checked_sub(1))
    }

    fn height(&self) -> u64 {
        self.chain().blocks.len() as u64 - 1
    }

    fn fate(&self, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal> {
        let chain = self.chain();
        if let Some(Position { height, index }) = chain.positions.get(id) {
            let (block, _) = &chain.blocks[*height as usize];
            return Ok(Fate::Final(block.clone(), *index as usize));
        }
        if let Some(signed) = chain.pending.get(id) {
            let next = chain.sequences.get(&(signed.transaction.sender, signed.transaction.lane));
            let missing_sequence = next.copied().filter(|next| *next < signed.transaction.sequence);
            return Ok(Fate::Pending { transaction: signed.clone(), missing_sequence });
        }
        if let Some((_, fate)) = chain.lost.iter().find(|(lost, _)| lost == id) {
            return Ok(fate.clone());
        }
        let next = content.and_then(|it| chain.sequences.get(&(it.sender, it.lane)));
        let height = chain.blocks.len() as u64 - 1;
        Ok(match (content, next) {
            (Some(content), Some(next)) if content.sequence < *next => {
                Fate::Superseded { by: None, height }
            }
            _ => Fate::Unknown { dropped: None },
        })
    }

    fn losses(&self) -> watch::Receiver<u64> {
        self.losses.subscribe()
    }

    fn lost(&self, after: u64) -> Lost {
        let chain = self.chain();
        let newer = chain.lost.iter().skip(usize::try_from(after).unwrap_or(usize::MAX));
        let ids = newer.map(|(id, _)| *id).collect();
        Lost { last: chain.lost.len() as u64, ids }
    }

    fn submit(
        &self,
        transactions: Vec<SharedTransaction>,
    ) -> BoxFuture<'static, Vec<Result<(), Refusal>>> {
        self.submitted.fetch_add(transactions.len() as u64, Ordering::Relaxed);
        let results = transactions.into_iter().map(|signed| self.admit(signed)).collect();
        if self.decides_at_once.load(Ordering::Relaxed) {
            self.decide();
            self.decide();
        }
        let held = self.submissions_held.clone();
        async move {
            drop(held.read().await);
            results
        }
        .boxed()
    }

    fn account(
        &self,
        address: &Address,
        height: Option<u64>,
    ) -> Result<AtHeight<Option<Account>>, Refusal> {
        self.kept(height)?;
        let height = height.unwrap_or_else(|| self.height());
        Ok(AtHeight { height, value: account_of(address) })
    }

    fn next_sequence(&self, address: &Address, lane: u32) -> Result<u64, Refusal> {
        Ok(self.chain().sequences.get(&(*address, lane)).copied().unwrap_or(0))
    }

    fn modules(&self) -> Vec<Arc<ModuleInfo>> {
        self.module("wallet").into_iter().collect()
    }

    fn module(&self, name: &str) -> Option<Arc<ModuleInfo>> {
        let versions = self.versions.lock().unwrap();
        let is_there = name == "wallet" && self.removed.lock().unwrap().is_none();
        versions.last().filter(|_| is_there).map(|(_, info)| info.clone())
    }

    fn modules_of_block(&self, height: u64) -> Result<Arc<BlockModules>, Refusal> {
        self.views_begun.fetch_add(1, Ordering::Relaxed);
        let versions = self.versions.lock().unwrap();
        let in_force = |(position, info): &(Position, Arc<ModuleInfo>)| {
            let (index, call) = match position.height == height {
                true => (position.index, 0),
                false => (0, 0),
            };
            ModuleInForce { index, call, info: info.clone() }
        };
        let removed = self.removed.lock().unwrap().map(|removed| removed.height);
        if removed.is_some_and(|removed| removed < height) {
            return Ok(Arc::default());
        }
        let until = versions.iter().take_while(|(position, _)| position.height <= height);
        let modules = BlockModules::new(until.map(in_force).collect());
        let here = if removed == Some(height) { vec![name("wallet")] } else { Vec::new() };
        Ok(Arc::new(modules.without(here)))
    }

    fn module_versions(&self) -> Result<Vec<ModuleVersion>, Refusal> {
        let versions = self.versions.lock().unwrap();
        let version = |(from, info): &(Position, Arc<ModuleInfo>)| ModuleVersion {
            module: info.name.clone(),
            code_hash: info.code_hash,
            from: *from,
            removed: *self.removed.lock().unwrap(),
        };
        Ok(versions.iter().map(version).collect())
    }

    fn module_at(
        &self,
        name: &str,
        height: Option<u64>,
    ) -> Result<Option<Arc<ModuleInfo>>, Refusal> {
        self.kept(height)?;
        Ok(self.module(name))
    }

    fn call(&self, call: ReadCall) -> Result<ReadResult, Refusal> {
        if call.function.as_str() != "balance" {
            return Err(Refusal::new(Code::ReadOnly, "the function changes the state"));
        }
        let chain = self.chain();
        let height = call.height.unwrap_or(chain.blocks.len() as u64 - 1);
        let (state, _) = &chain.states[height as usize];
        let account = Address(call.arguments.try_into().unwrap());
        let output = balance(state, &account).to_le_bytes().to_vec();
        Ok(ReadResult { height, output, gas_used: 7_000 })
    }

    fn simulate(&self, simulation: Simulation) -> Result<Receipt, Refusal> {
        let transaction = simulation.transaction();
        match &simulation {
            Simulation::Signed(signed) if signed.verify().is_err() => {
                return Err(Refusal::new(Code::BadSignature, "a signature does not verify"));
            }
            Simulation::Unsigned(_)
                if transaction.calls.iter().any(|it| it.module == name("kernel")) =>
            {
                return Err(Refusal::new(Code::SimulationUnsigned, "the kernel is called"));
            }
            _ => {}
        }
        if account_of(&transaction.sender).is_none() {
            return Err(Refusal::new(Code::UnknownSender, "the sender is not registered"));
        }
        if transaction.memo == "panic" {
            panic!("a mistake in /secret/path.rs");
        }
        let chain = self.chain();
        let (state, _) = chain.states.last().unwrap();
        Ok(execute(state, &mut BTreeMap::new(), transaction))
    }

    fn prove(&self, key: &[u8], height: Option<u64>) -> Result<ProvenEntry, Refusal> {
        self.kept(height)?;
        let chain = self.chain();
        let height = height.unwrap_or(chain.states.len() as u64 - 1);
        let Some((state, root)) = chain.states.get(height as usize) else {
            return Err(Refusal::new(Code::NotFound, format!("{height} is above the head")));
        };
        let proof = ehb_state::prove(state, *root, key).unwrap();
        Ok(ProvenEntry { height, value: state.get(key).unwrap(), proof })
    }
}
