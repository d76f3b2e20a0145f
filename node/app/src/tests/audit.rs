//! Directories that hold what they must not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use ehb_crypto::{Domain, hash, merkle};
use ehb_executor::{Engine, Executor, GenesisState, Library, Parent};
use ehb_state::{Changes, MemoryStore, Tree};
use ehb_store::{GenesisBlock, NewBlock, Opened, Options, Store, StoreError};
use ehb_types::{
    Address, Block, ChainId, CommitCertificate, CommitSignature, Genesis, GenesisAccount,
    GenesisCall, GenesisModule, GenesisValidator, Hash, Header, Name, Network, Parameters, Policy,
    Receipts, SecretKey, SharedBlock, Vote, VoteKind,
};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::audit::{look, read_all};
use crate::error_code;

/// What comes before an account in the key of a balance.
const BALANCES: &[u8] = b"m/wallet/b";

type Entries = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn address(seed: u8) -> Address {
    Address::of_account(&Policy::Key(secret(seed).public_key()))
}

/// Alice (50) has 1,000 of an asset, of which she holds 40; bob (51) has 10.
fn genesis() -> Genesis {
    let text = |seed| address(seed).to_text(Network::Test);
    let account = |seed: u8| GenesisAccount {
        address: text(seed),
        policy: Policy::Key(secret(seed).public_key()),
        organisation: name("org"),
        roles: BTreeSet::from([name("issuer")]),
        status: Default::default(),
    };
    let call = |function: &str, arguments: Value| GenesisCall {
        sender: text(50),
        module: name("wallet"),
        function: name(function),
        arguments: serde_json::from_value(arguments).unwrap(),
    };
    let mint = |to, amount: &str| {
        call("mint", json!({ "asset": "EUR", "to": text(to), "amount": amount }))
    };
    let hold = json!({
        "asset": "EUR", "amount": "40", "payee": text(51), "controller": null,
        "expires-ms": "1790000100000", "reference": "",
    });
    let asset = json!({ "asset": "EUR", "name": "Euro", "decimals": 2, "issuer": text(50) });
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
        accounts: vec![account(50), account(51)],
        modules: vec![GenesisModule {
            name: name("wallet"),
            code: hash(Domain::ModuleCode, ehb_catalog::get("wallet").unwrap().code),
        }],
        calls: vec![
            call("create-asset", asset),
            mint(50, "1000"),
            mint(51, "10"),
            call("place-hold", hold),
        ],
    }
}

fn options() -> Options {
    Options { cache_bytes: 8 << 20, ..Options::default() }
}

fn first() -> GenesisState {
    let code = ehb_catalog::get("wallet").unwrap().code;
    let code = BTreeMap::from([(hash(Domain::ModuleCode, code), code.to_vec())]);
    GenesisState::build(&Engine::new().unwrap(), &genesis(), &code).unwrap()
}

/// A directory with a chain at its beginning, whose state is this.
fn create(dir: &Path, header: &Header, changes: &Changes) -> Store {
    let Opened::Empty(empty) = Store::open(dir, &options()).unwrap() else { panic!("a chain") };
    let genesis = genesis();
    let validators = genesis.validator_set().unwrap();
    let block = GenesisBlock {
        genesis: genesis.hash(),
        header,
        receipts: &Receipts::default(),
        changes,
        validators: Some(&validators),
        modules: &[],
    };
    empty.initialise(&block, None).unwrap()
}

/// The violations that an audit reports, as code and subject, and their texts.
fn audited(dir: &Path) -> (Vec<(&'static str, String)>, Vec<String>) {
    let store = Store::open_read_only(dir, &options()).unwrap();
    let (_, findings) = look(&store, &mut |_| {}).unwrap();
    let reported = findings.reported().iter();
    reported.map(|it| ((it.code, it.subject.clone()), it.message.clone())).unzip()
}

/// The state in which somebody has written into the entries, with the tree as it was, or with the tree
/// that belongs to them.
fn forged(first: &GenesisState, change: fn(&mut Entries), with_tree: bool) -> Changes {
    let mut entries = first.changes.entries.clone();
    change(&mut entries);
    if with_tree {
        return Tree::default().update(&MemoryStore::default(), Hash::ZERO, entries).unwrap();
    }
    Changes { entries, ..first.changes.clone() }
}

fn balance(entries: &mut Entries, seed: u8) -> &mut Option<Vec<u8>> {
    let key = [BALANCES, &address(seed).0, b"EUR"].concat();
    &mut entries.iter_mut().find(|(known, _)| *known == key).unwrap().1
}

/// Bob gets what alice has.
fn enrich(entries: &mut Entries) {
    let alices = balance(entries, 50).clone();
    *balance(entries, 51) = alices;
}

/// Alice and bob have what the other had.
fn exchange(entries: &mut Entries) {
    let (alices, bobs) = (balance(entries, 50).clone(), balance(entries, 51).clone());
    *balance(entries, 51) = alices;
    *balance(entries, 50) = bobs;
}

/// The only hold is gone; what it held is still held.
fn lose_hold(entries: &mut Entries) {
    entries.retain(|(key, _)| !key.starts_with(b"m/wallet/h"));
}

/// By its own count, the wallet had more holds than could ever be looked at.
fn miscount(entries: &mut Entries) {
    let latest = entries.iter_mut().find(|(key, _)| key == b"m/wallet/n").unwrap();
    // The layout's version, and the number.
    latest.1 = Some([&[1], &[0x7f; 8][..]].concat());
}

#[test]
fn a_count_without_end_is_found() {
    let (dir, first) = (tempdir().unwrap(), first());
    drop(create(dir.path(), &first.header, &forged(&first, miscount, true)));
    let (found, texts) = audited(dir.path());
    assert_eq!(found, [("UNREADABLE", "books".to_owned())]);
    assert!(texts[0].contains("a number from which a module counts is damaged"), "{texts:?}");
}

#[test]
fn a_directory_as_it_was_written_is_in_order() {
    let (dir, first) = (tempdir().unwrap(), first());
    drop(create(dir.path(), &first.header, &first.changes));
    let store = Store::open_read_only(dir.path(), &options()).unwrap();
    let (audited, findings) = look(&store, &mut |_| {}).unwrap();
    assert_eq!(findings.reported(), []);
    assert_eq!(audited.entries, first.changes.entries.len() as u64);
    let counted = audited.counted;
    assert_eq!((counted.assets, counted.balances, counted.holds), (1, 2, 1));
    // And nothing can be written.
    let refused = store.record_signed(&[1]);
    assert!(matches!(refused, Err(StoreError::Stopped(_))), "{refused:?}");
}

#[test]
fn a_balance_that_somebody_wrote_is_found() {
    let first = first();
    let supply = ("SUPPLY", "asset EUR".to_owned());
    let held = |seed| ("HELD", format!("account {}", address(seed).to_text(Network::Test)));
    let root = ("STATE_ROOT", "state".to_owned());
    let enriched =
        "balances are 1920 and holds 80, together 2000, but 1010 were minted and 0 burned";
    let held_text = "40 is held of EUR, but open holds and pending payments have set aside 0";
    for with_tree in [true, false] {
        let dir = tempdir().unwrap();
        drop(create(dir.path(), &first.header, &forged(&first, enrich, with_tree)));
        let (mut found, mut texts) = audited(dir.path());
        if !with_tree {
            assert_eq!(found.remove(0), root);
            assert!(texts.remove(0).contains("entries have the root"));
        }
        assert_eq!(found, [supply.clone(), held(51)]);
        assert_eq!(texts, [enriched, held_text]);
    }
    let dir = tempdir().unwrap();
    drop(create(dir.path(), &first.header, &forged(&first, lose_hold, true)));
    let (found, texts) = audited(dir.path());
    assert_eq!(found, [held(50)]);
    assert_eq!(texts, [held_text]);

    // What the asset's holders have together is right.
    let dir = tempdir().unwrap();
    drop(create(dir.path(), &first.header, &forged(&first, exchange, true)));
    let (mut found, _) = audited(dir.path());
    let mut both = [held(50), held(51)];
    found.sort();
    both.sort();
    assert_eq!(found, both);
}

/// How a block's header is changed, and whose key certifies it.
type Forged = (fn(&mut Header), u8);

/// A chain of empty blocks. Each is changed before it is certified, by somebody who has this key.
fn grow(store: &Store, first: GenesisState, blocks: &[Forged]) {
    let mut memory = MemoryStore::default();
    memory.apply(&first.changes);
    let mut executor = Executor::new(Library::new(first.modules).unwrap());
    let (mut head, mut root) = (first.header, first.changes.root);
    let mut certificate = None;
    for (change, signer) in blocks {
        let mut header = Header {
            height: head.height + 1,
            timestamp_ms: head.timestamp_ms + 1,
            parent: head.hash(),
            round: 0,
            proposer: secret(1).public_key(),
            transactions_count: 0,
            transactions_root: Block::transactions_root(&[]),
            state_root: root,
            receipts_count: 0,
            receipts_root: merkle::root::<&[u8]>(&[]),
            certificate: Block::certificate_hash(certificate.as_ref()),
            ..head
        };
        change(&mut header);
        let block = Block::sign(header, vec![], certificate.take(), vec![], &secret(1));
        let block = SharedBlock::from(block);
        let parent = Parent { state: Arc::new(memory.clone()), root };
        let execution = executor.execute(&parent, &block).unwrap();
        let own = certify(&block.header, *signer);
        let commit = NewBlock {
            block: &block,
            certificate: &own,
            receipts: &execution.receipts,
            changes: &execution.changes,
            validators: None,
            modules: &[],
            durable: true,
        };
        store.commit(&commit).unwrap();
        memory.apply(&execution.changes);
        (head, root, certificate) = (block.header.clone(), execution.changes.root, Some(own));
    }
}

fn certify(header: &Header, signer: u8) -> CommitCertificate {
    let (height, block) = (header.height, header.hash());
    let key = secret(signer);
    let vote = Vote {
        kind: VoteKind::Precommit,
        height,
        round: 0,
        block: Some(block),
        validator: key.public_key(),
    };
    let signature = key.sign(Domain::Vote, &header.chain, &vote.payload());
    let signatures = vec![CommitSignature { validator: 0, signature }];
    CommitCertificate { height, round: 0, block, signatures }
}

/// One row: how the second of four blocks is changed, who signs it, and what is found.
#[test]
fn blocks_that_do_not_fit_are_found() {
    type Row = (fn(&mut Header), u8, Vec<(&'static str, &'static str)>);
    let same: fn(&mut Header) = |_| {};
    let rows: Vec<Row> = vec![
        (same, 1, vec![]),
        (|header| header.receipts_root = Hash([7; 32]), 1, vec![("RECEIPTS", "block 1")]),
        (|header| header.receipts_count = 7, 1, vec![("RECEIPTS", "block 1")]),
        (|header| header.transactions_root = Hash([7; 32]), 1, vec![("CHAIN", "block 2")]),
        (|header| header.transactions_count = 7, 1, vec![("CHAIN", "block 2")]),
        (|header| header.round = 7, 1, vec![("CHAIN", "block 2")]),
        (|header| header.proposer = secret(9).public_key(), 1, vec![("CHAIN", "block 2")]),
        (|header| header.timestamp_ms -= 9, 1, vec![("CHAIN", "block 2")]),
        (|header| header.validators = Hash([7; 32]), 1, vec![("CHAIN", "block 2")]),
        // Its own certificate, and the one that the next block carries.
        (same, 9, vec![("CHAIN", "block 2"), ("CHAIN", "block 2")]),
    ];
    for (index, (change, signer, expected)) in rows.into_iter().enumerate() {
        let (dir, first) = (tempdir().unwrap(), first());
        let store = create(dir.path(), &first.header, &first.changes);
        grow(&store, first, &[(same, 1), (change, signer), (same, 1), (same, 1)]);
        drop(store);
        let (mut found, texts) = audited(dir.path());
        if index == 8 {
            // The later blocks name the same validators.
            found.truncate(1);
        }
        let found: Vec<(&str, &str)> =
            found.iter().map(|(code, it)| (*code, it.as_str())).collect();
        assert_eq!(found, expected, "row {index}: {texts:?}");
    }
}

/// The genesis block is in one of the tables, which a restart writes.
#[test]
fn a_wrong_checksum_is_damage_in_the_words_of_the_database() {
    let (dir, first) = (tempdir().unwrap(), first());
    drop(create(dir.path(), &first.header, &first.changes));
    drop(Store::open(dir.path(), &options()).unwrap());
    let tables = std::fs::read_dir(dir.path().join("db")).unwrap().map(|it| it.unwrap().path());
    let tables: Vec<_> = tables.filter(|it| it.extension().is_some_and(|it| it == "sst")).collect();
    assert!(tables.len() > 3, "{tables:?}");
    let look = || {
        let store = Store::open_read_only(dir.path(), &options())?;
        read_all(&store, dir.path(), &mut |_| {})
    };
    look().unwrap();
    for table in tables {
        let whole = std::fs::read(&table).unwrap();
        let mut bytes = whole.clone();
        bytes[4] ^= 1;
        std::fs::write(&table, bytes).unwrap();
        let error = look().unwrap_err();
        assert_eq!(error_code::of(&error), error_code::DAMAGED, "{table:?}: {error:#}");
        assert!(error.to_string().contains("checksum mismatch"), "{error:#}");
        std::fs::write(&table, whole).unwrap();
    }
}
