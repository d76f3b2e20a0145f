//! A chain made up from heights alone, so that every process and every test can build it again.

use std::path::Path;
use std::sync::Arc;

use ehb_state::{Changes, MemoryStore, PageId, StateStore};
use ehb_store::{GenesisBlock, Head, NewBlock, Opened, Options, Store, StoreError};
use ehb_types::{
    Address, Block, Call, Code, CommitCertificate, CommitSignature, Event, Failure, Hash, Header,
    Name, Outcome, PublicKey, Receipt, Receipts, SharedBlock, SharedTransaction, Signature,
    SignedTransaction, Transaction, TransactionSignature,
};

/// A decided block with all that belongs to it.
pub(crate) struct Decided {
    pub(crate) block: SharedBlock,
    pub(crate) certificate: CommitCertificate,
    pub(crate) receipts: Receipts,
    pub(crate) changes: Changes,
}

impl Decided {
    pub(crate) fn commit(&self) -> NewBlock<'_> {
        let Self { block, certificate, receipts, changes } = self;
        NewBlock {
            block,
            certificate,
            receipts,
            changes,
            validators: None,
            modules: &[],
            durable: true,
        }
    }

    pub(crate) fn height(&self) -> u64 {
        self.block.header.height
    }
}

pub(crate) fn options() -> Options {
    // The disk on which the tests run may be nearly full.
    Options { disk_reserve_bytes: 0, ..Options::default() }
}

pub(crate) const GENESIS: Hash = Hash([7; 32]);

pub(crate) fn genesis_header() -> Header {
    Header {
        timestamp_ms: 1_700_000_000_000,
        validators: Hash([1; 32]),
        next_validators: Hash([1; 32]),
        ..Header::blank(GENESIS)
    }
}

/// Bytes that look random and depend on the numbers only.
pub(crate) fn noise<const N: usize>(a: u64, b: u64) -> [u8; N] {
    let mut state = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xd1b5_4a32_d192_ed03);
    std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (state >> 32) as u8
    })
}

fn transaction(height: u64, index: u64) -> SignedTransaction {
    let key = PublicKey(noise(index % 64, 1));
    SignedTransaction {
        transaction: Transaction {
            version: Transaction::VERSION,
            chain: GENESIS,
            sender: Address(noise(index % 64, 2)),
            lane: 0,
            sequence: height,
            valid_until_ms: height + 100,
            gas_limit: 1_000_000,
            calls: vec![Call {
                module: Name::new("wallet").unwrap(),
                function: Name::new("transfer").unwrap(),
                arguments: noise::<60>(height, index + 1_000).to_vec(),
            }],
            memo: String::new(),
        },
        signatures: vec![TransactionSignature {
            key,
            signature: Signature(noise(height, index + 2_000)),
        }],
    }
}

/// The receipt of a transaction: a transfer, or now and then a failure.
pub(crate) fn receipt(transaction: &SignedTransaction) -> Receipt {
    let id = transaction.id();
    let outcome = if id.0[0] < 16 {
        Outcome::Failure(Failure::new(Some(0), Code::OutOfGas, "no gas"))
    } else {
        Outcome::Success(vec![vec![0]])
    };
    let (module, data) = (Name::new("wallet").unwrap(), noise::<90>(9, 9).to_vec());
    let event = Event { call: 0, module, data };
    Receipt { transaction: id, outcome, gas_used: 20_000, events: vec![event] }
}

/// What a block changes: some entries new, some changed, some gone; likewise pages.
pub(crate) fn changes(height: u64) -> Changes {
    let entry = |slot: u64| format!("balance/{:04}", slot % 200).into_bytes();
    let mut entries: Vec<_> = (0..20)
        .map(|i| {
            let slot = height * 7 + i;
            let gone = (height + i).is_multiple_of(5);
            (entry(slot), (!gone).then(|| noise::<40>(height, i).to_vec()))
        })
        .collect();
    entries.push((b"height".to_vec(), Some(height.to_be_bytes().to_vec())));
    entries.sort();
    let page = |i: u64| {
        let gone = (height + i).is_multiple_of(7);
        let id = PageId::new(&[2, (height + i) as u8]).unwrap();
        (id, (!gone).then(|| Arc::<[u8]>::from(noise::<200>(height, i).as_slice())))
    };
    let mut pages: Vec<_> = (0..6).map(page).collect();
    pages.sort();
    pages.dedup_by(|a, b| a.0 == b.0);
    Changes { entries, pages, root: Hash(noise(height, 3)), ..Changes::default() }
}

/// The block after a head, with this many transactions.
pub(crate) fn next(head: &Head, transactions: u64) -> Decided {
    let height = head.height() + 1;
    let transactions: Vec<_> = (0..transactions).map(|i| transaction(height, i)).collect();
    let header = Header {
        height,
        timestamp_ms: head.header.timestamp_ms + 1,
        parent: head.hash,
        transactions_root: Hash(noise(height, 4)),
        state_root: Hash(noise(height, 5)),
        ..genesis_header()
    };
    let receipts: Vec<_> = transactions.iter().map(receipt).collect();
    let transactions = transactions.into_iter().map(SharedTransaction::from).collect();
    let signature = Signature(noise(height, 6));
    let block = Block { header, transactions, certificate: None, evidence: Vec::new(), signature };
    let signatures = (0..3)
        .map(|validator| CommitSignature {
            validator,
            signature: Signature(noise(height, 10 + u64::from(validator))),
        })
        .collect();
    let certificate = CommitCertificate { height, round: 0, block: block.hash(), signatures };
    let changes = changes(height);
    Decided { block: block.into(), certificate, receipts: receipts.into(), changes }
}

/// How many transactions the block at a height has in tests that do not choose.
pub(crate) fn transactions_at(height: u64) -> u64 {
    height * 3 % 11
}

pub(crate) fn head_of(block: &Block) -> Head {
    let state_root = changes(block.header.height).root;
    Head { hash: block.hash(), header: block.header.clone(), state_root }
}

/// A store at genesis.
pub(crate) fn create(dir: &Path) -> Store {
    create_with(dir, &options())
}

pub(crate) fn create_with(dir: &Path, options: &Options) -> Store {
    let Ok(Opened::Empty(empty)) = Store::open(dir, options) else {
        panic!("a new directory is empty")
    };
    let changes = changes(0);
    let header = genesis_header();
    let block = GenesisBlock {
        genesis: GENESIS,
        header: &header,
        receipts: &Receipts::default(),
        changes: &changes,
        validators: None,
        modules: &[],
    };
    empty.initialise(&block, None).unwrap()
}

/// The chain in a directory.
pub(crate) fn open(dir: &Path) -> Store {
    match Store::open(dir, &options()) {
        Ok(Opened::Chain(store)) => store,
        Ok(Opened::Empty(_)) => panic!("no chain in {}", dir.display()),
        Err(error) => panic!("{error}"),
    }
}

/// Commits blocks up to a height.
pub(crate) fn grow(store: &Store, height: u64) {
    while store.head().height() < height {
        let head = store.head();
        store.commit(&next(&head, transactions_at(head.height() + 1)).commit()).unwrap();
    }
}

/// Compares everything in a store with the chain that leads to its head. Differences panic; what the
/// store itself reports is returned.
pub(crate) fn audit(store: &Store) -> Result<(), StoreError> {
    assert_eq!(store.genesis(), GENESIS);
    let mut model = MemoryStore::default();
    model.apply(&changes(0));
    let mut earlier = vec![model.clone()];
    let header = genesis_header();
    let mut head = Head { hash: header.hash(), header, state_root: changes(0).root };
    assert_eq!(store.header_at(0)?, Some(genesis_header()));
    assert_eq!(store.certificate(0)?, None);
    while head.height() < store.head().height() {
        let expected = next(&head, transactions_at(head.height() + 1));
        audit_block(store, &expected)?;
        model.apply(&expected.changes);
        earlier.push(model.clone());
        head = head_of(&expected.block);
    }
    assert_eq!(store.head(), head);
    assert_eq!(store.block_at(head.height() + 1)?, None);
    let snapshot = store.snapshot();
    let disk = |error: ehb_state::StoreError| StoreError::Disk(error.0);
    let entries = snapshot.scan(b"", None, usize::MAX).map_err(disk)?;
    assert_eq!(entries, model.scan(b"", None, usize::MAX).unwrap());
    for (key, value) in entries {
        assert_eq!(snapshot.get(&key).map_err(disk)?, Some(value));
    }
    for first in 0..=255 {
        let id = PageId::new(&[2, first]).unwrap();
        assert_eq!(snapshot.page(&id).map_err(disk)?, model.page(&id).unwrap());
    }
    for (height, model) in earlier.iter().enumerate().rev().step_by(AUDITED_ONE_IN) {
        let past =
            snapshot.at(height as u64).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let entries = past.scan(b"", None, usize::MAX).map_err(disk)?;
        assert_eq!(entries, model.scan(b"", None, usize::MAX).unwrap(), "the state of {height}");
        for slot in 0..=u8::MAX {
            let id = PageId::new(&[2, slot]).unwrap();
            assert_eq!(past.page(&id).map_err(disk)?, model.page(&id).unwrap());
        }
    }
    Ok(())
}

/// The state of one in this many heights is compared.
const AUDITED_ONE_IN: usize = 37;

fn audit_block(store: &Store, expected: &Decided) -> Result<(), StoreError> {
    let height = expected.height();
    let hash = expected.block.hash();
    assert_eq!(store.block_at(height)?.as_ref(), Some(&expected.block));
    assert_eq!(store.block(&hash)?.as_ref(), Some(&expected.block));
    assert_eq!(store.header_at(height)?.as_ref(), Some(&expected.block.header));
    assert_eq!(store.hash_at(height)?, Some(hash));
    assert_eq!(store.height_of(&hash)?, Some(height));
    assert_eq!(store.certificate(height)?.as_ref(), Some(&expected.certificate));
    assert_eq!(store.receipts(height)?.as_ref(), Some(&expected.receipts));
    let listed = ehb_types::encode(&expected.receipts.to_vec());
    assert_eq!(store.snapshot().receipts_bytes(height)?, Some(listed));
    for (index, receipt) in (0..).zip(&expected.receipts) {
        assert_eq!(store.receipt(height, index)?.as_ref(), Some(receipt));
        assert_eq!(store.transaction(&receipt.transaction)?, Some((height, index)));
    }
    Ok(())
}

/// Copies a data directory, as an operator would.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
