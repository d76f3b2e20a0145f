//! Blocks over a chain in memory: execution, genesis and misbehaviour.

#![expect(clippy::panic, reason = "a test panics on unexpected results")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_crypto::{Domain, hash};
use ehb_kernel::accounts;
use ehb_state::{MemoryStore, Overlay, StateStore};
use ehb_types::{
    Address, Block, Call, ChainId, Code, Evidence, Genesis, GenesisAccount, GenesisCall,
    GenesisModule, GenesisValidator, Hash, Header, Name, Network, Outcome, Parameters, Policy,
    SecretKey, SharedTransaction, SignedTransaction, Status, Transaction, Vote, VoteKind,
};
use serde_json::{Value, json};

mod genesis;
mod governance;
mod hostile;
mod modules;
mod organisation;
mod rebuild;
mod upgrade;
mod validators;
mod wit;

use crate::{
    BlockError, Engine, Executor, GenesisFailure, GenesisState, Library, Modules, Parent, Roots,
    call, check_block,
};

const ALICE: u8 = 50;
const BOB: u8 = 51;
/// His account is frozen.
const FRED: u8 = 52;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn address(seed: u8) -> Address {
    Address::of_account(&Policy::Key(secret(seed).public_key()))
}

fn text(seed: u8) -> String {
    address(seed).to_text(Network::Test)
}

fn genesis_call(function: &str, arguments: Value) -> GenesisCall {
    GenesisCall {
        sender: text(ALICE),
        module: name("wallet"),
        function: name(function),
        arguments: serde_json::from_value(arguments).unwrap(),
    }
}

fn genesis() -> Genesis {
    let account = |seed: u8, status: Status| GenesisAccount {
        address: text(seed),
        policy: Policy::Key(secret(seed).public_key()),
        organisation: name("org"),
        roles: BTreeSet::from([name("issuer")]),
        status,
    };
    let asset = json!({ "asset": "EUR", "name": "Euro", "decimals": 2, "issuer": text(ALICE) });
    let mint = json!({ "asset": "EUR", "to": text(ALICE), "amount": "1000" });
    let wallet = ehb_catalog::get("wallet").unwrap();
    Genesis {
        chain_id: ChainId::new("test-1").unwrap(),
        network: Network::Test,
        timestamp_ms: 1_790_000_000_000,
        parameters: Parameters::default(),
        validators: vec![GenesisValidator {
            name: name("v1"),
            organisation: name("org"),
            consensus_key: secret(1).public_key(),
            node_key: secret(2).public_key(),
            power: 1,
        }],
        observers: vec![],
        accounts: vec![
            account(ALICE, Status::Active),
            account(BOB, Status::Active),
            account(FRED, Status::Frozen),
        ],
        modules: vec![GenesisModule {
            name: name("wallet"),
            code: hash(Domain::ModuleCode, wallet.code),
        }],
        calls: vec![genesis_call("create-asset", asset), genesis_call("mint", mint)],
    }
}

/// A chain at genesis.
struct Chain {
    header: Header,
    /// The roots for the next header.
    roots: Roots,
    parent: Parent,
    executor: Executor,
}

fn code() -> BTreeMap<Hash, Vec<u8>> {
    let with_hash = |code: &[u8]| (hash(Domain::ModuleCode, code), code.to_vec());
    ehb_catalog::all().iter().map(|it| with_hash(it.code)).collect()
}

fn chain() -> Chain {
    chain_of(&genesis(), &code())
}

fn chain_of(genesis: &Genesis, code: &BTreeMap<Hash, Vec<u8>>) -> Chain {
    let engine = Engine::new().unwrap();
    let first = GenesisState::build(&engine, genesis, code).unwrap();
    let mut store = MemoryStore::default();
    store.apply(&first.changes);
    let parent = Parent { state: Arc::new(store), root: first.changes.root };
    Chain {
        roots: first.roots(),
        header: first.header,
        parent,
        executor: Executor::new(Library::new(first.modules).unwrap()),
    }
}

impl Chain {
    /// The modules that are installed.
    fn modules(&self) -> Modules {
        self.executor.library().modules(&Overlay::new(self.parent.state.clone())).unwrap()
    }

    fn transaction(&self, from: u8, sequence: u64, calls: &[(&str, Value)]) -> SignedTransaction {
        let modules = self.modules();
        let wallet = modules.get("wallet").unwrap();
        let calls = calls.iter().map(|(function, arguments)| Call {
            module: name("wallet"),
            function: name(function),
            arguments: match wallet.interface().function(function) {
                Some(known) => known.arguments_from_json(Network::Test, arguments).unwrap(),
                None => Vec::new(),
            },
        });
        Transaction {
            version: Transaction::VERSION,
            chain: self.header.chain,
            sender: address(from),
            lane: 0,
            sequence,
            valid_until_ms: self.header.timestamp_ms + 300_000,
            gas_limit: 1_000_000,
            calls: calls.collect(),
            memo: String::new(),
        }
        .sign(&[&secret(from)])
    }

    fn block(&self, transactions: Vec<SignedTransaction>) -> Block {
        let transactions = shared(transactions);
        let header = Header {
            height: self.header.height + 1,
            timestamp_ms: self.header.timestamp_ms + 1,
            parent: self.header.hash(),
            proposer: secret(1).public_key(),
            transactions_count: transactions.len() as u32,
            transactions_root: Block::transactions_root(&transactions),
            state_root: self.parent.root,
            receipts_count: self.roots.receipts_count,
            receipts_root: self.roots.receipts,
            ..self.header.clone()
        };
        Block::sign(header, transactions, None, vec![], &secret(1))
    }

    fn check(&self, block: &Block) -> Result<(), BlockError> {
        let state = Overlay::new(self.parent.state.clone());
        let roots = Roots { state: self.parent.root, ..self.roots };
        check_block(&self.header, None, &state, roots, block, ehb_types::encode(block).len())
    }
}

fn pay(to: u8, amount: u64) -> (&'static str, Value) {
    ("transfer", json!({ "to": text(to), "asset": "EUR", "amount": amount.to_string() }))
}

#[test]
fn an_event_has_the_position_of_its_call() {
    let mut chain = chain();
    let asset = json!({ "asset": "EUR" });
    let calls = [pay(BOB, 300), ("get-asset", asset), pay(BOB, 200)];
    let block = chain.block(vec![chain.transaction(ALICE, 0, &calls)]);
    let execution = chain.executor.execute(&chain.parent, &block).unwrap();
    let events = &execution.receipts[0].events;
    let positions: Vec<u16> = events.iter().map(|event| event.call).collect();
    assert_eq!(positions, [0, 2], "{:?}", execution.receipts[0].outcome);
}

/// A row: the calls of Alice's transaction, the code of its failure, and Bob's balance after it.
#[test]
fn transactions_are_atomic() {
    type Row = (Vec<(&'static str, Value)>, Option<Code>, u64);
    let rows: Vec<Row> = vec![
        (vec![pay(BOB, 300)], None, 300),
        (vec![pay(BOB, 300), pay(BOB, 200)], None, 500),
        (vec![pay(BOB, 1_001)], Some(Code::ModuleError), 0),
        (vec![pay(BOB, 300), pay(BOB, 701)], Some(Code::ModuleError), 0),
        (vec![pay(BOB, 300), ("no-such-function", json!({}))], Some(Code::UnknownFunction), 0),
    ];
    for (index, (calls, expected, bobs)) in rows.into_iter().enumerate() {
        let mut chain = chain();
        let block = chain.block(vec![chain.transaction(ALICE, 0, &calls)]);
        chain.check(&block).unwrap();
        let execution = chain.executor.execute(&chain.parent, &block).unwrap();
        let failed = match &execution.receipts[0].outcome {
            Outcome::Success(_) => None,
            Outcome::Failure(failure) => Some(failure.code),
        };
        assert_eq!(failed, expected, "row {index}: {:?}", execution.receipts[0].outcome);
        let mut store = MemoryStore::default();
        let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &code());
        store.apply(&first.unwrap().changes);
        store.apply(&execution.changes);
        let store: Arc<dyn StateStore> = Arc::new(store);
        let next = accounts::next_sequence(&Overlay::new(store.clone()), &address(ALICE), 0);
        assert_eq!(next.unwrap(), 1, "row {index}: the sequence is used in any case");
        assert_eq!(balance(&chain, store, &block.header, BOB), bobs, "row {index}");
    }
}

fn balance(chain: &Chain, state: Arc<dyn StateStore>, head: &Header, of: u8) -> u64 {
    let modules = chain.modules();
    let wallet = modules.get("wallet").unwrap();
    let function = wallet.interface().function("get-balance").unwrap();
    let arguments = json!({ "account": text(of), "asset": "EUR" });
    let arguments = function.arguments_from_json(Network::Test, &arguments).unwrap();
    let names = ("wallet", "get-balance");
    let reads = chain.executor.library().for_reads();
    let answer = call(&reads, state, head, address(of), names, &arguments);
    let value = function.output_to_json(Network::Test, &answer.unwrap().output).unwrap();
    value["available"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_same_block_has_the_same_roots() {
    let (mut first, mut second) = (chain(), chain());
    let block = first.block(vec![first.transaction(ALICE, 0, &[pay(BOB, 7)])]);
    let one = first.executor.execute(&first.parent, &block).unwrap();
    // Earlier discarded executions leave no trace.
    let other = second.block(vec![second.transaction(ALICE, 0, &[pay(BOB, 9)])]);
    second.executor.execute(&second.parent, &other).unwrap();
    assert_eq!(second.executor.execute(&second.parent, &block).unwrap(), one);
}

/// A row: the change in a valid block, and a part of the error.
#[test]
fn invalid_blocks_are_rejected() {
    type Change = fn(&Chain, &mut Block);
    let rows: Vec<(Change, &str)> = vec![
        (|_, b| b.header.height = 2, "height"),
        (|_, b| b.header.parent = Hash([1; 32]), "parent"),
        (|_, b| b.header.state_root = Hash([1; 32]), "state root"),
        (|_, b| b.header.receipts_root = Hash([1; 32]), "receipts root"),
        (|_, b| b.header.validators = Hash([1; 32]), "validators"),
        (|_, b| b.header.timestamp_ms -= 1, "time"),
        (|_, b| b.header.receipts_count = 1, "receipts count"),
        (|_, b| b.header.next_validators = Hash([1; 32]), "next validators"),
        (|_, b| b.header.proposer = secret(9).public_key(), "proposer"),
        (|_, b| b.signature.0[0] ^= 1, "body"),
        (|_, b| b.header.round = 1, "body"),
        (|_, b| *b = signed_by(b, 9), "body"),
        (
            |_, b| {
                b.header.transactions_count = 2;
                *b = signed_by(b, 1);
            },
            "body",
        ),
        (|_, b| b.header.version = 9, "version"),
        (|_, b| b.header.chain = Hash([1; 32]), "chain"),
        (|_, b| b.transactions.clear(), "body"),
        (|c, b| replace(b, vec![c.transaction(ALICE, 1, &[pay(BOB, 1)])]), "sequence 1"),
        (|c, b| replace(b, vec![c.transaction(60, 0, &[pay(BOB, 1)])]), "no account"),
        (
            |c, b| {
                let twice = c.transaction(ALICE, 0, &[pay(BOB, 1)]);
                replace(b, vec![twice.clone(), twice]);
            },
            "is used",
        ),
        (
            |c, b| {
                let mut foreign = c.transaction(ALICE, 0, &[pay(BOB, 1)]);
                foreign = foreign.transaction.sign(&[&secret(BOB)]);
                replace(b, vec![foreign]);
            },
            "is not a key of the account",
        ),
        (|c, b| replace(b, vec![c.transaction(FRED, 0, &[pay(BOB, 1)])]), "is frozen"),
        (|c, b| change(c, b, |t| t.chain = Hash([7; 32])), "for the chain with genesis 0707"),
        (|c, b| change(c, b, |t| t.version = 2), "format version 2"),
        (
            |c, b| change(c, b, |t| t.valid_until_ms = 0),
            "was valid until 1970-01-01T00:00:00.000Z,",
        ),
        (|c, b| change(c, b, |t| t.valid_until_ms = u64::MAX), "valid until 584556019"),
        (|c, b| change(c, b, |t| t.gas_limit = u64::MAX), "the gas limit is 18446"),
        (|c, b| change(c, b, |t| t.gas_limit = 1), "size and signatures alone cost"),
        (
            |c, b| change(c, b, |t| t.calls[0].arguments = vec![0; 300_000]),
            "at most 262144 are allowed",
        ),
        (|c, b| change(c, b, |t| t.calls.clear()), "no or too many calls"),
        (|c, b| change(c, b, |t| t.memo = "x".repeat(257)), "a memo that is too long"),
    ];
    let chain = chain();
    let good = chain.block(vec![chain.transaction(ALICE, 0, &[pay(BOB, 1)])]);
    chain.check(&good).unwrap();
    for (index, (break_it, reason)) in rows.into_iter().enumerate() {
        let mut block = good.clone();
        break_it(&chain, &mut block);
        let error = chain.check(&block).unwrap_err().to_string();
        assert!(error.contains(reason), "row {index}: {error}");
    }
}

fn shared(transactions: Vec<SignedTransaction>) -> Vec<SharedTransaction> {
    transactions.into_iter().map(SharedTransaction::from).collect()
}

/// Puts one transaction of Alice into a block, signed after a change.
fn change(chain: &Chain, block: &mut Block, change: impl FnOnce(&mut Transaction)) {
    let mut transaction = chain.transaction(ALICE, 0, &[pay(BOB, 1)]).transaction;
    change(&mut transaction);
    replace(block, vec![transaction.sign(&[&secret(ALICE)])]);
}

fn replace(block: &mut Block, transactions: Vec<SignedTransaction>) {
    block.transactions = shared(transactions);
    block.header.transactions_count = block.transactions.len() as u32;
    block.header.transactions_root = Block::transactions_root(&block.transactions);
    *block = signed_by(block, 1);
}

/// The block as it is, signed by any key.
fn signed_by(block: &Block, key: u8) -> Block {
    let Block { header, transactions, certificate, evidence, .. } = block.clone();
    Block::sign(header, transactions, certificate, evidence, &secret(key))
}

#[test]
fn a_genesis_with_a_failing_call_is_rejected_with_the_call() {
    let engine = Engine::new().unwrap();
    let build = |calls: GenesisCall| {
        let mut genesis = genesis();
        genesis.calls.push(calls);
        GenesisState::build(&engine, &genesis, &code()).map(|_| ()).unwrap_err()
    };
    let unknown = build(genesis_call("no-such-function", json!({})));
    assert!(matches!(unknown, GenesisFailure::UnknownFunction { index: 2, .. }), "{unknown}");
    let arguments = build(genesis_call("mint", json!({ "asset": "EUR" })));
    assert!(matches!(arguments, GenesisFailure::Arguments { index: 2, .. }), "{arguments}");
    let mint = json!({ "asset": "USD", "to": text(ALICE), "amount": "1" });
    let refused = build(genesis_call("mint", mint));
    assert!(matches!(refused, GenesisFailure::Call { index: 2, .. }), "{refused}");
}

/// Two prevotes of one round of height 0.
fn evidence(key: u8, blocks: [u8; 2]) -> Evidence {
    let [a, b] = blocks.map(|block| {
        let validator = secret(key).public_key();
        let block = Some(Hash([block; 32]));
        let vote = Vote { kind: VoteKind::Prevote, height: 0, round: 0, block, validator };
        vote.sign(&genesis().hash(), &secret(key))
    });
    Evidence::Votes(a, b)
}

#[test]
fn misbehaviour_is_recorded_once() {
    let mut chain = chain();
    let with = |chain: &Chain, evidence: Vec<Evidence>| {
        let mut block = chain.block(vec![]);
        block.header.evidence = Block::evidence_hash(&evidence);
        block.evidence = evidence;
        signed_by(&block, 1)
    };
    let refused = |chain: &Chain, evidence: Vec<Evidence>| {
        let error = chain.check(&with(chain, evidence)).unwrap_err().to_string();
        assert!(
            error.contains("is already recorded, too old, or not about a validator"),
            "{error}"
        );
    };
    let (first, again) = (evidence(1, [1, 2]), evidence(1, [1, 3]));
    refused(&chain, vec![first.clone(), again.clone()]);
    refused(&chain, vec![evidence(9, [1, 2])]);
    let block = with(&chain, vec![first.clone()]);
    chain.check(&block).unwrap();
    let changes = chain.executor.execute(&chain.parent, &block).unwrap().changes;

    let genesis = GenesisState::build(&Engine::new().unwrap(), &genesis(), &code()).unwrap();
    let mut store = MemoryStore::default();
    store.apply(&genesis.changes);
    store.apply(&changes);
    chain.parent = Parent { state: Arc::new(store), root: changes.root };
    refused(&chain, vec![first]);
    refused(&chain, vec![again]);
    chain.check(&with(&chain, vec![])).unwrap();
}
