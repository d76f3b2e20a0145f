//! Every format that peers, disks or clients see has its fingerprint in `formats.txt`, and nowhere else.
//!
//! A change of one fails this test until it is approved there, by
//! `UPDATE_EXPECT=1 cargo nextest run --release -p ehb-node formats`. Once a network runs, a change needs a
//! new version or a new domain tag as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use borsh::BorshSerialize;
use ehb_consensus::{
    LastSigned, LogEntry, LoggedValue, Message as Vote, PolkaCertificate, PolkaSignature,
    RoundCertificate, RoundCertificateKind, RoundVote, TimerId, TimerKind,
};
use ehb_crypto::{Domain, hash, merkle};
use ehb_executor::{Engine, GenesisState};
use ehb_replica::{DecidedBlock, Message, Voting};
use ehb_rpc_api::{HeaderView, TransactionView};
use ehb_state::{OtherLeaf, StateProof};
use ehb_types::{
    Account, Address, Block, Call, ChainId, Code, CommitCertificate, CommitSignature, Event,
    Evidence, Failure, Genesis, GenesisAccount, GenesisObserver, GenesisValidator, Hash, Header,
    Name, Network, Outcome, Parameters, Policy, Proposal, Receipt, Receipts, SecretKey,
    SharedTransaction, SignedTransaction, Status, Transaction, TypedError, VoteKind, WeightedKey,
    encode,
};
use expect_test::expect_file;

use crate::wire;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn policy() -> Policy {
    let key = |seed: u8| WeightedKey { key: secret(seed).public_key(), weight: seed.into() };
    Policy::Weighted { keys: vec![key(50), key(51)], threshold: 60 }
}

fn genesis() -> Genesis {
    let account = |policy: Policy, status: Status| GenesisAccount {
        address: Address::of_account(&policy).to_text(Network::Test),
        policy,
        organisation: name("org"),
        roles: BTreeSet::from([name("issuer"), name("upgrader")]),
        status,
    };
    let validator = |seed: u8| GenesisValidator {
        name: name(&format!("v{seed}")),
        organisation: name("org"),
        consensus_key: secret(seed).public_key(),
        node_key: secret(100 + seed).public_key(),
        power: seed.into(),
    };
    Genesis {
        chain_id: ChainId::new("formats").unwrap(),
        network: Network::Test,
        timestamp_ms: 1_790_000_000_000,
        parameters: Parameters::default(),
        validators: (1..=3).map(validator).collect(),
        observers: vec![GenesisObserver {
            name: name("o1"),
            organisation: name("org"),
            node_key: secret(120).public_key(),
        }],
        accounts: vec![
            account(Policy::Key(secret(50).public_key()), Status::Active),
            account(policy(), Status::Frozen),
        ],
        modules: vec![],
        calls: vec![],
    }
}

fn signed() -> SignedTransaction {
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: genesis().hash(),
        sender: Address::of_account(&policy()),
        lane: 3,
        sequence: 7,
        valid_until_ms: 1_790_000_300_000,
        gas_limit: 1_000_000,
        calls: vec![Call {
            module: name("wallet"),
            function: name("transfer"),
            arguments: vec![1, 2, 3],
        }],
        memo: "invoice 42".into(),
    };
    transaction.sign(&[&secret(50), &secret(51)])
}

fn receipts() -> Vec<Receipt> {
    let mut failure = Failure::new(Some(1), Code::ModuleError, "insufficient balance");
    failure.error =
        Some(TypedError { module: name("wallet"), function: name("transfer"), data: vec![9] });
    let event = Event { call: 0, module: name("wallet"), data: vec![4, 5] };
    let receipt = |outcome: Outcome, events: Vec<Event>| Receipt {
        transaction: signed().id(),
        outcome,
        gas_used: 5,
        events,
    };
    vec![
        receipt(Outcome::Success(vec![vec![], vec![1]]), vec![event]),
        receipt(Outcome::Failure(failure), vec![]),
    ]
}

fn vote(kind: VoteKind, block: Option<Hash>) -> ehb_types::SignedVote {
    let validator = secret(1).public_key();
    let vote = ehb_types::Vote { kind, height: 5, round: 1, block, validator };
    vote.sign(&genesis().hash(), &secret(1))
}

fn proposal(valid_round: Option<u32>) -> ehb_types::SignedProposal {
    let (block, proposer) = (Hash([9; 32]), secret(1).public_key());
    let proposal = Proposal { height: 5, round: 1, block, valid_round, proposer };
    proposal.sign(&genesis().hash(), &secret(1))
}

fn certificate() -> CommitCertificate {
    let block = Hash([9; 32]);
    let signature = vote(VoteKind::Precommit, Some(block)).signature;
    let signatures = vec![CommitSignature { validator: 2, signature }];
    CommitCertificate { height: 5, round: 1, block, signatures }
}

fn block() -> Block {
    let transactions: Vec<SharedTransaction> = vec![signed().into()];
    let (certificate, receipts) = (certificate(), Receipts::from(receipts()));
    let evidence = vec![
        Evidence::Votes(
            vote(VoteKind::Prevote, None),
            vote(VoteKind::Prevote, Some(Hash([8; 32]))),
        ),
        Evidence::Proposals(proposal(None), proposal(Some(0))),
    ];
    let set = genesis().validator_set().unwrap().hash();
    let header = Header {
        version: Header::VERSION,
        chain: genesis().hash(),
        height: 6,
        timestamp_ms: 1_790_000_000_006,
        parent: certificate.block,
        round: 2,
        proposer: secret(1).public_key(),
        transactions_count: 1,
        transactions_root: Block::transactions_root(&transactions),
        state_root: Hash([4; 32]),
        receipts_count: receipts.count(),
        receipts_root: receipts.root(),
        validators: set,
        next_validators: set,
        certificate: Block::certificate_hash(Some(&certificate)),
        evidence: Block::evidence_hash(&evidence),
    };
    Block::sign(header, transactions, Some(certificate), evidence, &secret(1))
}

/// The lines of `formats.txt`.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn encoded(&mut self, format: &str, value: &impl BorshSerialize) {
        self.hashed(format, hash(Domain::ModuleData, &encode(value)));
    }

    /// A message as it travels: its kind's number and content.
    fn message(&mut self, message: &Message) {
        let kind = wire::kind_of(message);
        let format = format!("message {}: {}", kind.number, kind.name);
        self.encoded(&format, &(kind.number, wire::content(message)));
    }

    fn hashed(&mut self, format: &str, hash: Hash) {
        writeln!(self.0, "{format:40} {hash}").unwrap();
    }

    fn json(&mut self, format: &str, value: &impl serde::Serialize) {
        self.encoded(format, &serde_json::to_string(value).unwrap());
    }
}

fn types(lines: &mut Lines) {
    let (signed, block) = (signed(), block());
    lines.encoded("transaction", &signed.transaction);
    lines.hashed("transaction: id", signed.id());
    lines.encoded("signed transaction", &signed);
    lines.encoded("header", &block.header);
    lines.hashed("header: hash", block.hash());
    lines.encoded("block", &block);
    lines.encoded("certificate", &certificate());
    lines.encoded("receipts", &receipts());
    lines.hashed("receipts: root", Receipts::from(receipts()).root());
    let set = genesis().validator_set().unwrap();
    lines.encoded("validator set", &set);
    lines.hashed("validator set: hash", set.hash());
    lines.encoded("parameters", &Parameters::default());
    lines.encoded("codes", &Code::ALL.to_vec());
    let account = Account {
        policy: policy(),
        organisation: name("org"),
        roles: BTreeSet::from([name("issuer")]),
        status: Status::Frozen,
    };
    lines.encoded("account", &account);
    let of_module = Address::of_module(&name("wallet"));
    for network in [Network::Main, Network::Test] {
        lines.json("address: text", &of_module.to_text(network));
    }
}

fn nodes(lines: &mut Lines) {
    let (validator, block) = (secret(1).public_key(), Hash([9; 32]));
    let prevote = vote(VoteKind::Prevote, Some(block));
    let polka = PolkaCertificate {
        height: 5,
        round: 1,
        block,
        signatures: vec![PolkaSignature { validator, signature: prevote.signature }],
    };
    let kind = RoundCertificateKind::Skip;
    let signature = prevote.signature;
    let vote = RoundVote { kind: VoteKind::Prevote, block: None, validator, signature };
    let round = RoundCertificate { height: 5, round: 1, kind, votes: vec![vote] };
    let votes = [
        Vote::Proposal(proposal(Some(0))),
        Vote::Vote(prevote.clone()),
        Vote::Polka(polka.clone()),
        Vote::Round(round),
    ];
    for vote in votes {
        lines.message(&Message::Consensus(vote));
    }
    let decided = DecidedBlock { block: self::block().into(), certificate: certificate() };
    let messages = [
        Message::Body(self::block().into()),
        Message::BodyRequest { height: 5, block },
        Message::Status { height: 5, voting: Voting::Votes(6), clock_ms: 7, run: 8 },
        Message::BlocksRequest { from: 5, count: 6 },
        Message::Blocks(vec![decided]),
        Message::Seen {
            newest: Some(Vote::Vote(prevote.clone())),
            twin: true,
            height: 9,
            reached: Some(10),
        },
    ];
    for message in &messages {
        lines.message(message);
    }
    lines.encoded("gossip", &vec![SharedTransaction::from(signed())]);
    lines.encoded("last signed", &LastSigned::of_vote(&prevote.vote));
    let value = LoggedValue { height: 5, round: 1, block, proposer: validator, valid: true };
    let timeout = TimerId { height: 5, round: 1, kind: TimerKind::Rebroadcast };
    let log = [
        LogEntry::Proposal(proposal(None)),
        LogEntry::Vote(prevote),
        LogEntry::Value(value),
        LogEntry::Timeout(timeout),
        LogEntry::Polka(polka),
    ];
    for (index, entry) in log.iter().enumerate() {
        lines.encoded(&format!("consensus log: {index}"), entry);
    }
}

fn state(lines: &mut Lines) {
    lines.hashed("genesis: hash", genesis().hash());
    lines.json("genesis: text", &genesis().to_json().unwrap());
    // The kernel's entries under their keys, and how the tree hashes them.
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &BTreeMap::new()).unwrap();
    lines.hashed("genesis: state root", first.changes.root);
    lines.hashed("genesis: header", first.header.hash());
    lines.encoded("genesis: entries", &first.changes.entries);
    lines.encoded("genesis: receipts", &first.receipts.to_vec());
    let other = OtherLeaf { key: Hash([1; 32]), value: Hash([2; 32]) };
    let proof = StateProof { siblings: vec![Hash([3; 32])], other: Some(other) };
    lines.encoded("state proof", &proof);
    lines.json("state proof: view", &proof);
    let leaves = [[1], [2], [3]];
    let proof = merkle::prove(&leaves, 2).unwrap();
    lines.encoded("inclusion proof", &proof);
    lines.json("inclusion proof: view", &proof);
    lines.json("header: view", &HeaderView::from(&block().header));
    lines.json("transaction: view", &TransactionView::new(&signed(), Network::Test));
}

#[test]
fn formats_change_only_on_purpose() {
    let mut lines = Lines::default();
    types(&mut lines);
    nodes(&mut lines);
    state(&mut lines);
    expect_file!["formats.txt"].assert_eq(&lines.0);
}
