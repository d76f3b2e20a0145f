//! Every format that peers, disks or clients see has its fingerprint in `formats.txt`, and nowhere else. The first part has
//! values, encoded; the second the layouts as the source has them, of all types that are encoded.
//!
//! A change of one fails this test until it is approved there, by
//! `UPDATE_EXPECT=1 cargo nextest run --release -p ehb-node formats`. Once a network runs, a change needs a
//! new version or a new domain tag as well.

mod layouts;
mod modules;
mod page;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::{Duration, Instant};

use borsh::BorshSerialize;
use ehb_consensus::{
    ConsensusMessage, LastSigned, LogEntry, LoggedValue, PolkaCertificate, PolkaSignature,
    RoundCertificate, RoundCertificateKind, RoundVote, TimerId, TimerKind,
};
use ehb_crypto::{Domain, hash, merkle};
use ehb_executor::{Engine, GenesisState, Installation, Library};
use ehb_kernel::candidates::Candidate;
use ehb_kernel::chain::{Identity, ModuleStatus, Node};
use ehb_kernel::event::{
    AnnouncedRecovery, ChangedAccount, ChangedModule, ChangedOrganisation, ChangedValidators,
    InstalledCode, KernelEvent, Misbehaviour, PermittedNode, Silent, Upgrade, UploadedCode,
};
use ehb_kernel::governance::{self, Action, Ballot, FailedAction, NewQuota, ProposalState, Rule};
use ehb_kernel::organisations::OrganisationStatus;
use ehb_kernel::quota::QuotaKind;
use ehb_kernel::recovery::Recovery;
use ehb_replica::{CertifiedBlock, Message, Voting};
use ehb_rpc_api::{HeaderView, TransactionView};
use ehb_state::{OtherLeaf, StateProof, Tree};
use ehb_store::{GenesisBlock, Opened, Store};
use ehb_types::{
    Account, Address, Block, Call, Card, CardAdministrator, ChainId, Code, CommitCertificate,
    CommitSignature, Event, Evidence, Failure, Genesis, GenesisAccount, GenesisObserver,
    GenesisValidator, Hash, Header, Name, Network, Outcome, Parameters, Policy, Proposal, Receipt,
    Receipts, SecretKey, SharedTransaction, SignedCard, SignedTransaction, Status, Transaction,
    TypedError, VoteKind, WeightedKey, encode,
};
use ehb_wallet::journal::{Entry, Journal, State};
use ehb_wallet::keystore::{KdfCost, KeyFile, Passphrase};
use expect_test::expect_file;

use crate::config::Config;
use crate::interfaces::new_modules;
use crate::peer::Peer;
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

fn card() -> SignedCard {
    let card = Card {
        version: Card::VERSION,
        chain_id: ChainId::new("formats").unwrap(),
        network: Network::Test,
        organisation: name("org"),
        name: name("v1"),
        consensus_key: secret(1).public_key(),
        node_key: secret(101).public_key(),
        address: "node.org.example:7400".parse().unwrap(),
        administrators: vec![CardAdministrator {
            policy: policy(),
            roles: BTreeSet::from([name("manager")]),
        }],
    };
    let mut signed = SignedCard::new(card, &secret(1), &secret(101)).unwrap();
    [50, 51].iter().for_each(|seed| signed.add(&secret(*seed)).unwrap());
    signed.verify().unwrap();
    signed
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
        roles: [name("issuer")].into(),
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
        ConsensusMessage::Proposal(proposal(Some(0))),
        ConsensusMessage::Vote(prevote.clone()),
        ConsensusMessage::Polka(polka.clone()),
        ConsensusMessage::Round(round),
    ];
    for vote in votes {
        lines.message(&Message::Consensus(vote));
    }
    let decided = CertifiedBlock { block: self::block().into(), certificate: certificate() };
    let messages = [
        Message::Body(self::block().into()),
        Message::BodyRequest { height: 5, block },
        Message::Status { height: 5, voting: Voting::Votes(6), clock_ms: 7, run: 8 },
        Message::BlocksRequest { from: 5, count: 6 },
        Message::Blocks(vec![decided]),
        Message::Offer(vec![block]),
        Message::Want(vec![block]),
        Message::Transactions(vec![signed().into()]),
        Message::Seen {
            newest: Some(ConsensusMessage::Vote(prevote.clone())),
            twin: true,
            height: 9,
            reached: Some(10),
        },
    ];
    for message in &messages {
        lines.message(message);
    }
    let numbers = messages.iter().map(|it| wire::kind_of(it).number);
    let known = wire::kinds().into_iter().map(|kind| kind.number);
    assert!((1..=4).chain(numbers).eq(known), "a message of each kind has a line");
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
    let card = card();
    lines.encoded("card", &card.card);
    lines.hashed("card: id", card.card.id());
    lines.json("card: text", &card.to_json().unwrap());
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

/// A proposal with an action of each kind.
fn governing(by: Address) -> governance::Proposal {
    let (error, message) = ("wrong-parameter".to_owned(), "why".to_owned());
    governance::Proposal {
        id: 3,
        by,
        organisation: name("org"),
        reason: "why".to_owned(),
        rule: Rule { percent: 51, lock_ms: 4, voting_ms: 5 },
        actions: Action::samples(by, &policy()),
        made_ms: 6,
        until_ms: 7,
        ballots: vec![Ballot { organisation: name("org"), by, accepts: true }],
        state: ProposalState::Failed(FailedAction { action: 1, error, message }),
    }
}

/// What the kernel emits, and the types by which clients decode it.
fn kernel(lines: &mut Lines) {
    let (validator, code) = (secret(1).public_key(), Hash([7; 32]));
    let by = Address::of_account(&policy());
    let module = name("wallet");
    let account = Account {
        policy: policy(),
        organisation: name("org"),
        roles: [name("issuer")].into(),
        status: Status::Active,
    };
    let identity = Identity {
        chain_id: ChainId::new("formats").unwrap(),
        network: Network::Test,
        genesis: genesis().hash(),
    };
    let node = Node { name: name("v1"), organisation: name("org") };
    let validators = genesis().validator_set().unwrap();
    let events = [
        KernelEvent::CodeUploaded(UploadedCode { module: module.clone(), code, size: 5, by }),
        KernelEvent::ModuleUpgraded(Upgrade {
            module: module.clone(),
            before: Hash([6; 32]),
            after: code,
            by,
        }),
        KernelEvent::ChainStarted(identity),
        KernelEvent::OrganisationAdded(name("org")),
        KernelEvent::NodePermitted(PermittedNode { key: validator, node }),
        KernelEvent::AccountChanged(ChangedAccount { address: by, account }),
        KernelEvent::ValidatorsChanged(ChangedValidators { from_height: 3, validators }),
        KernelEvent::ParametersChanged(Box::default()),
        KernelEvent::ModuleInstalled(InstalledCode { module, code }),
        KernelEvent::ProposerSilent(Silent { validator, until: 9, times: 2 }),
        KernelEvent::ProposerActive(validator),
        KernelEvent::MisbehaviourRecorded(Misbehaviour { validator, height: 4 }),
        KernelEvent::RecoveryAnnounced(AnnouncedRecovery {
            account: by,
            recovery: Recovery { policy: policy(), from_ms: 7, by },
        }),
        KernelEvent::RecoveryCancelled(by),
        KernelEvent::OrganisationChanged(ChangedOrganisation {
            name: name("org"),
            status: OrganisationStatus::Suspended,
        }),
        KernelEvent::ProposalChanged(Box::new(governing(by))),
        KernelEvent::ModuleChanged(ChangedModule {
            module: name("wallet"),
            status: ModuleStatus::Paused,
        }),
        KernelEvent::QuotaChanged(NewQuota {
            organisation: "org".to_owned(),
            kind: QuotaKind::Observers,
            limit: Some(7),
        }),
        KernelEvent::NodeRemoved(validator),
        KernelEvent::CandidateChanged(Candidate {
            name: name("joining"),
            organisation: name("org"),
            consensus_key: validator,
            node_key: validator,
            power: 3,
        }),
        KernelEvent::CandidateRemoved(validator),
    ];
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &BTreeMap::new()).unwrap();
    let library = Library::new(first.modules).unwrap().for_reads();
    lines.encoded("kernel: interface", &library.kernel_wit().to_owned());
    let kinds = library.kernel().event_names().len();
    assert_eq!(events.len(), kinds, "an event of each kind has a line");
    for (index, event) in events.iter().enumerate() {
        lines.encoded(&format!("kernel event: {index}"), event);
    }
    let id = Receipt::id_without_transaction(&genesis().hash(), 5, 2);
    lines.hashed("receipt without transaction: id", id);
}

/// The names in the file of a validator's keys.
fn keys(lines: &mut Lines) {
    let dir = tempfile::tempdir().unwrap();
    crate::keys::Keys::create(dir.path()).unwrap();
    let text = std::fs::read_to_string(dir.path().join(crate::keys::KEYS_FILE)).unwrap();
    let file: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    let lengths = file.into_iter().map(|(name, value)| (name, value.len() as u64));
    lines.encoded("keys: names and lengths", &lengths.collect::<BTreeMap<_, _>>());
}

/// The keys of the settings file, with the types of their values.
fn settings(lines: &mut Lines) {
    let mut config = Config::default();
    config.p2p.peers = vec![Peer { key: secret(1).public_key(), address: "host:1".into() }];
    config.rpc.hosts = vec!["host".into()];
    config.rpc.trusted_proxies = vec![[127, 0, 0, 1].into()];
    config.store.signer_state = Some("/signed".into());
    config.modules.compiled_dir = Some("/compiled".into());
    let mut keys = Vec::new();
    list_keys("", &toml::Value::try_from(&config).unwrap(), &mut keys);
    keys.sort();
    lines.encoded("settings: keys and types", &keys);
}

fn list_keys(key: &str, value: &toml::Value, keys: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(name, value)| list_keys(&format!("{key}.{name}"), value, keys));
        }
        toml::Value::Array(values) => {
            values.iter().for_each(|value| list_keys(&format!("{key}[]"), value, keys));
        }
        value => keys.push(format!("{key}: {}", value.type_str())),
    }
}

/// The files of the command line wallet.
fn wallet(lines: &mut Lines) {
    let passphrase = Passphrase::new("formats").unwrap();
    let (network, cost) = (Network::Test, KdfCost::THROW_AWAY);
    let file = KeyFile::seal(name("alice"), &secret(7), network, 5, &passphrase, cost).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&file.to_json().unwrap()).unwrap();
    let random =
        ["/id", "/crypto/kdf/params/salt", "/crypto/cipher/nonce", "/crypto/cipher/ciphertext"];
    for field in random {
        let value = file.pointer_mut(field).unwrap();
        *value = value.as_str().unwrap().len().into();
    }
    lines.json("wallet: key file", &file);
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::beside(dir.path(), &genesis().hash(), network);
    let taken = State::Final { height: 5, seen_ms: 6, reported: true };
    for (state, shown) in [(State::Open, "open"), (State::Accepted, "accepted"), (taken, "final")] {
        let (summary, created_ms) = ("pays".to_owned(), 7);
        let entry = Entry { signed: signed(), summary, created_ms, state, resumed: false };
        journal.put(&entry).unwrap();
        let chain = dir.path().join("journal").join(genesis().hash().to_string());
        let account = chain.join(signed().transaction.sender.to_text(network));
        let text = std::fs::read_to_string(account.join(format!("{}.json", entry.id()))).unwrap();
        lines.encoded(&format!("wallet: journal, {shown}"), &text);
    }
}

/// What a data directory holds after two heights.
fn store(lines: &mut Lines) {
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &BTreeMap::new()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let signer_state = dir.path().join("signed");
    let options = ehb_store::Options {
        disk_reserve_bytes: 0,
        history_buffer_bytes: 1,
        signer_state: Some(signer_state.clone()),
        ..Default::default()
    };
    let Opened::Empty(empty) = Store::open(&dir.path().join("data"), &options).unwrap() else {
        panic!("a new folder is empty")
    };
    let set = genesis().validator_set().unwrap();
    let begun = GenesisBlock {
        genesis: genesis().hash(),
        header: &first.header,
        receipts: &first.receipts,
        changes: &first.changes,
        validators: Some(&set),
        modules: &[],
    };
    let store = empty.initialise(&begun, Some(&[1, 2, 3])).unwrap();
    let entries = vec![
        (b"k/parameters".to_vec(), Some(vec![1; 9])),
        (b"m/wallet/new".to_vec(), Some(vec![2; 9])),
    ];
    let changes = Tree::default().update(&*store.state(), first.changes.root, entries).unwrap();
    let mut block = block();
    block.header.height = 1;
    block.header.parent = first.header.hash();
    let hash = block.hash();
    let certificate = CommitCertificate { height: 1, block: hash, ..certificate() };
    let installed = Installation {
        index: 0,
        call: 1,
        module: name("wallet"),
        code: Hash([7; 32]),
        wit: "interface wallet {}".to_owned(),
        interface: Default::default(),
    };
    let modules = new_modules(1, &[installed]);
    let written = ehb_store::NewBlock {
        block: &block.into(),
        certificate: &certificate,
        receipts: &Receipts::from(receipts()),
        changes: &changes,
        validators: Some((3, &set)),
        modules: &modules,
        durable: true,
    };
    store.commit(&written).unwrap();
    store.append_log(2, b"entry").unwrap();
    store.sync().unwrap();
    // The history of the block is sorted on another thread.
    let deadline = Instant::now() + Duration::from_secs(120);
    let is_sorted = |(family, bytes): &(&str, u64)| *family == "history-runs" && *bytes > 0;
    while !store.family_bytes().unwrap().iter().any(is_sorted) {
        assert!(Instant::now() < deadline, "the history was not sorted");
        std::thread::sleep(Duration::from_millis(5));
    }
    let files = [("format", "data/format"), ("acknowledged", "data/acknowledged")];
    for (file, path) in files {
        let bytes = std::fs::read(dir.path().join(path)).unwrap();
        lines.encoded(&format!("store: {file}"), &bytes);
    }
    lines.encoded("store: signer state", &std::fs::read(signer_state).unwrap());
    for (family, hash) in store.fingerprints().unwrap() {
        lines.hashed(&format!("store: {family}"), hash);
    }
}

#[test]
fn formats_change_only_on_purpose() {
    let mut lines = Lines::default();
    types(&mut lines);
    nodes(&mut lines);
    state(&mut lines);
    kernel(&mut lines);
    keys(&mut lines);
    settings(&mut lines);
    wallet(&mut lines);
    store(&mut lines);
    for (layout, hash) in layouts::all() {
        lines.hashed(&layout, hash);
    }
    expect_file!["formats.txt"].assert_eq(&lines.0);
}
