//! A chain in memory: blocks that its validators signed, with receipts that no module made.

use std::sync::Arc;

use ehb_abi::{Case, Field, Function, Interface, Type, from_json};
use ehb_indexer::block::FetchedBlock;
use ehb_indexer::check::{CheckedBlock, Checker, Tip};
use ehb_types::{
    Address, Block, Call, CommitCertificate, CommitSignature, Event, Failure, Genesis, Hash,
    Header, Name, Network, Outcome, Policy, PublicKey, Receipt, SecretKey, SharedTransaction,
    Transaction, ValidatorSet, Vote, VoteKind,
};
use serde_json::{Value, json};

use crate::ledger::{Ledger, WALLET_CODE};

pub(crate) const NETWORK: Network = Network::Test;
/// The hash of the code that the module `shop` has at the beginning.
pub(crate) const SHOP_CODE: Hash = Hash([1; 32]);

pub(crate) struct TestChain {
    pub(crate) genesis: Genesis,
    pub(crate) chain: Hash,
    keys: Vec<SecretKey>,
    pub(crate) blocks: Vec<FetchedBlock>,
    sequence: u64,
}

/// What a transaction of the test did.
pub(crate) struct Done {
    pub(crate) calls: Vec<Call>,
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Event>,
    pub(crate) memo: String,
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(crate) fn account(seed: u8) -> Address {
    Address::of_account(&Policy::Key(key(seed).public_key()))
}

pub(crate) fn text(address: Address) -> String {
    address.to_text(NETWORK)
}

fn field(name: &str, kind: Type) -> Field {
    Field { name: name.to_owned(), kind }
}

fn case(name: &str, kind: Option<Type>) -> Case {
    Case { name: name.to_owned(), kind }
}

/// The module `shop`: nobody but these tests knows it.
pub(crate) fn shop() -> Interface {
    let terms =
        vec![field("until-ms", Type::U64), field("note", Type::Option(Box::new(Type::String)))];
    let sale = vec![
        field("buyer", Type::Address),
        field("item", Type::String),
        field("amount", Type::U64),
        field("count", Type::U32),
        field("change", Type::S64),
        field("tags", Type::List(Box::new(Type::String))),
        field("photo", Type::List(Box::new(Type::U8))),
        field("height", Type::Bool),
        field("terms", Type::Record(terms)),
    ];
    let events = vec![
        case("sold", Some(Type::Record(sale))),
        case("closed", None),
        case("counted", Some(Type::U64)),
    ];
    let error = Type::Variant(vec![case("not-enough", Some(Type::U64)), case("shut", None)]);
    Interface {
        functions: vec![Function {
            name: "sell".to_owned(),
            interface: "ehb:shop/sales@1.0.0".to_owned(),
            parameters: vec![field("item", Type::String), field("to", Type::Address)],
            result: Some(Type::Result {
                ok: Some(Box::new(Type::U64)),
                err: Some(Box::new(error)),
            }),
            docs: String::new(),
        }],
        event: Some(Type::Variant(events)),
    }
}

/// The next version of it, whose records have other fields: no view can take them in place.
pub(crate) fn shop_two() -> Interface {
    let mut interface = shop();
    let Some(Type::Variant(cases)) = &mut interface.event else { panic!() };
    cases[2].kind = Some(Type::String);
    cases.push(case("opened", Some(Type::Address)));
    interface
}

/// A version that has no functions any more, and whose sales have a field more.
pub(crate) fn shop_three() -> Interface {
    let mut interface = shop();
    interface.functions.clear();
    let Some(Type::Variant(cases)) = &mut interface.event else { panic!() };
    let Some(Type::Record(sale)) = &mut cases[0].kind else { panic!() };
    sale.push(field("warranty-days", Type::U32));
    interface
}

pub(crate) fn kernel() -> Interface {
    let upgrade = vec![
        field("module", Type::String),
        field("before", Type::Hash),
        field("after", Type::Hash),
        field("by", Type::Address),
    ];
    let events = vec![case("module-upgraded", Some(Type::Record(upgrade)))];
    let function = Function {
        name: "upgrade".to_owned(),
        interface: "ehb:kernel/api@1.0.0".to_owned(),
        parameters: Vec::new(),
        result: None,
        docs: String::new(),
    };
    Interface { functions: vec![function], event: Some(Type::Variant(events)) }
}

pub(crate) fn event(interface: &Interface, module: &str, call: u16, value: &Value) -> Event {
    let kind = interface.event.as_ref().unwrap();
    let data = from_json(NETWORK, kind, value).unwrap();
    Event { call, module: name(module), data }
}

/// A sale as the event's JSON.
pub(crate) fn sale(buyer: Address, item: &str, amount: u64) -> Value {
    json!({"sold": {
        "buyer": text(buyer), "item": item, "amount": amount.to_string(), "count": u32::MAX,
        "change": i64::MIN.to_string(), "tags": ["a", "b"], "photo": "0x0001", "height": true,
        "terms": {"until-ms": u64::MAX.to_string(), "note": null},
    }})
}

/// A transaction that sold one thing.
pub(crate) fn sold(buyer: Address, item: &str, amount: u64) -> Done {
    let arguments = json!({"item": item, "to": text(buyer)});
    let function = shop();
    let arguments =
        function.function("sell").unwrap().arguments_from_json(NETWORK, &arguments).unwrap();
    Done {
        calls: vec![Call { module: name("shop"), function: name("sell"), arguments }],
        outcome: Outcome::Success(vec![amount.to_le_bytes().to_vec()]),
        events: vec![event(&shop(), "shop", 0, &sale(buyer, item, amount))],
        memo: String::new(),
    }
}

/// A transaction that failed.
pub(crate) fn failed(call: Call, failure: Failure) -> Done {
    let outcome = Outcome::Failure(failure);
    Done { calls: vec![call], outcome, events: Vec::new(), memo: String::new() }
}

impl TestChain {
    /// A chain with four validators and the module `shop`. Another `id` is another chain.
    pub(crate) fn new(id: &str) -> Self {
        let keys: Vec<SecretKey> = (1..=4).map(key).collect();
        let validators: Vec<Value> = keys
            .iter()
            .enumerate()
            .map(|(index, key)| {
                let node = self::key(100 + u8::try_from(index).unwrap()).public_key();
                json!({"name": format!("validator-{index}"), "organisation": "acme", "power": 1,
                    "consensus_key": key.public_key(), "node_key": node})
            })
            .collect();
        let genesis = json!({
            "chain_id": id, "network": "test", "timestamp_ms": 1_800_000_000_000_u64,
            "validators": validators, "accounts": [],
            "modules": [{"name": "shop", "code": SHOP_CODE}, {"name": "wallet", "code": WALLET_CODE}],
        });
        let genesis = Genesis::from_json(&genesis.to_string()).unwrap();
        let chain = genesis.hash();
        let mut made = Self { genesis, chain, keys, blocks: Vec::new(), sequence: 0 };
        let header = made.header(0, chain, made.set().hash());
        made.blocks.push(FetchedBlock {
            header,
            transactions: Vec::new(),
            parent_certificate: None,
            evidence: Vec::new(),
            receipts: Vec::new(),
            certificate: None,
        });
        made
    }

    pub(crate) fn set(&self) -> ValidatorSet {
        self.genesis.validator_set().unwrap()
    }

    /// The set with one validator less.
    pub(crate) fn smaller_set(&self) -> ValidatorSet {
        ValidatorSet::new(self.set().validators()[..3].to_vec()).unwrap()
    }

    fn header(&self, height: u64, parent: Hash, validators: Hash) -> Header {
        Header {
            height,
            timestamp_ms: 1_800_000_000_000 + height * 1_000,
            parent,
            proposer: if height == 0 { PublicKey([0; 32]) } else { self.keys[0].public_key() },
            transactions_root: Block::transactions_root(&[]),
            receipts_root: ehb_crypto::merkle::root::<Vec<u8>>(&[]),
            validators,
            next_validators: validators,
            ..Header::blank(self.chain)
        }
    }

    /// Adds a block with what happened in it.
    pub(crate) fn push(&mut self, done: Vec<Done>) -> &FetchedBlock {
        self.push_with(done, None)
    }

    /// Adds a block after which other validators decide.
    pub(crate) fn push_with(
        &mut self,
        done: Vec<Done>,
        next: Option<&ValidatorSet>,
    ) -> &FetchedBlock {
        let parent = self.blocks.last().unwrap().clone();
        let mut header =
            self.header(parent.height() + 1, parent.header.hash(), parent.header.next_validators);
        let mut transactions = Vec::new();
        let mut receipts = Vec::new();
        for it in done {
            let transaction = Transaction {
                version: Transaction::VERSION,
                chain: self.chain,
                sender: account(50),
                lane: 0,
                sequence: self.sequence,
                valid_until_ms: u64::MAX,
                gas_limit: u64::MAX,
                calls: it.calls,
                memo: it.memo,
            };
            self.sequence += 1;
            let signed = transaction.sign(&[&key(50)]);
            receipts.push(Receipt {
                transaction: signed.id(),
                outcome: it.outcome,
                gas_used: 1_000,
                events: it.events,
            });
            transactions.push(SharedTransaction::from(signed));
        }
        let (count, root) = parent.receipts_commitment();
        header.receipts_count = u32::try_from(count).unwrap();
        header.receipts_root = root;
        header.transactions_count = u32::try_from(transactions.len()).unwrap();
        header.transactions_root = Block::transactions_root(&transactions);
        header.certificate = Block::certificate_hash(parent.certificate.as_ref());
        if let Some(next) = next {
            header.next_validators = next.hash();
        }
        let certificate = Some(self.certificate(&header));
        let parent_certificate = parent.certificate;
        self.blocks.push(FetchedBlock {
            header,
            transactions,
            parent_certificate,
            evidence: Vec::new(),
            receipts,
            certificate,
        });
        self.blocks.last().unwrap()
    }

    /// Signed by three of the validators, or by all of a set of three.
    pub(crate) fn certificate(&self, header: &Header) -> CommitCertificate {
        let set =
            if header.validators == self.set().hash() { self.set() } else { self.smaller_set() };
        let block = header.hash();
        let signatures = set.validators().iter().take(3).enumerate().map(|(index, validator)| {
            let key = self.keys.iter().find(|it| it.public_key() == validator.consensus_key);
            let vote = Vote {
                kind: VoteKind::Precommit,
                height: header.height,
                round: 0,
                block: Some(block),
                validator: validator.consensus_key,
            };
            let signature = vote.sign(&self.chain, key.unwrap()).signature;
            CommitSignature { validator: u16::try_from(index).unwrap(), signature }
        });
        CommitCertificate {
            height: header.height,
            round: 0,
            block,
            signatures: signatures.collect(),
        }
    }

    /// A checker that has seen nothing.
    pub(crate) fn checker(&self) -> Checker {
        Checker::new(self.chain, self.set(), Tip::none())
    }

    /// All blocks but the last, checked.
    pub(crate) fn checked(&self) -> Vec<CheckedBlock> {
        let mut checker = self.checker();
        let blocks = self.blocks.iter().cloned();
        blocks.filter_map(|block| checker.accept(block, None).unwrap()).collect()
    }

    /// With a block of every kind, and sales so that it has this many blocks.
    pub(crate) fn busy(id: &str, heights: u64) -> Self {
        let (mut chain, mut ledger) = (Self::new(id), Ledger::default());
        for height in 1..heights {
            let mut done: Vec<Done> = (0..height % 4)
                .map(|number| {
                    sold(
                        account(u8::try_from(number + 60).unwrap()),
                        &format!("item {height}"),
                        height,
                    )
                })
                .collect();
            done.push(ledger.step());
            chain.push(done);
        }
        chain
    }
}

pub(crate) fn version(
    code: Hash,
    interface: Interface,
) -> Arc<ehb_indexer::project::ModuleVersion> {
    Arc::new(ehb_indexer::project::ModuleVersion {
        code,
        interface,
        wit: "package ehb:shop;".to_owned(),
    })
}
