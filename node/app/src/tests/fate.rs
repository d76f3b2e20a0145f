//! The fate of transactions while blocks are committed to a real store.

use std::thread;

use ehb_mempool::{Limits, SharedMempool};
use ehb_replica::{Signing, Status};
use ehb_rpc_server::Fate;
use ehb_state::Changes;
use ehb_store::{GenesisBlock, NewBlock, NewModule, Opened, Options, Store};
use ehb_types::{
    Address, Block, CommitCertificate, Hash, Header, Outcome, Receipt, Receipts, SharedBlock,
    SharedTransaction, Signature, Transaction,
};
use tempfile::tempdir;

use crate::fate::Fates;
use crate::published::Published;

const BLOCKS: u64 = 80;
const TRANSACTIONS: u8 = 100;
const GENESIS: Hash = Hash([7; 32]);

pub(super) fn header() -> Header {
    Header { timestamp_ms: 1_700_000_000_000, ..Header::blank(GENESIS) }
}

fn transaction(sender: u8, sequence: u64, memo: &str) -> SharedTransaction {
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: GENESIS,
        sender: Address([sender; 32]),
        lane: 0,
        sequence,
        valid_until_ms: u64::MAX,
        gas_limit: 0,
        calls: vec![],
        memo: memo.to_owned(),
    };
    transaction.sign(&[]).into()
}

pub(super) fn store(dir: &std::path::Path) -> Store {
    let options = Options { disk_reserve_bytes: 0, ..Options::default() };
    let Ok(Opened::Empty(empty)) = Store::open(dir, &options) else { panic!("it is not empty") };
    let (receipts, changes) = (Receipts::default(), Changes::default());
    let (genesis, header) = (GENESIS, &header());
    let genesis = GenesisBlock {
        genesis,
        header,
        receipts: &receipts,
        changes: &changes,
        validators: None,
        modules: &[],
    };
    empty.initialise(&genesis, None).unwrap()
}

/// The block after another, with the next transaction of each sender.
pub(super) fn next(parent: &Header) -> (SharedBlock, Receipts) {
    let height = parent.height + 1;
    let transactions: Vec<SharedTransaction> =
        (0..TRANSACTIONS).map(|sender| transaction(sender, parent.height, "")).collect();
    let receipt = |it: &SharedTransaction| Receipt {
        transaction: it.id(),
        outcome: Outcome::Success(vec![]),
        gas_used: 0,
        events: vec![],
    };
    let receipts: Vec<Receipt> = transactions.iter().map(receipt).collect();
    let header =
        Header { height, timestamp_ms: parent.timestamp_ms + 1, parent: parent.hash(), ..header() };
    let block = Block {
        header,
        transactions,
        certificate: None,
        evidence: vec![],
        signature: Signature([0; 64]),
    };
    (block.into(), receipts.into())
}

fn published() -> Published {
    Published::new(Status {
        height: 0,
        round: 0,
        pending: 0,
        best_peer_height: 0,
        catching_up: false,
        signing: Signing::Observes,
        votes_within_ms: None,
        said: Default::default(),
        stalled: false,
        clocks: Default::default(),
        key_used_elsewhere: false,
        untimely_blocks: 0,
        usage: Default::default(),
        halted: None,
    })
}

/// How far a transaction has come.
fn stage(fate: &Fate) -> u8 {
    match fate {
        Fate::Unknown { dropped: None } => 0,
        Fate::Pending { .. } => 1,
        Fate::Final(block, index) => {
            assert_eq!(block.receipts.len(), block.block.transactions.len());
            assert!(block.receipts.get(*index).is_some());
            2
        }
        other => panic!("{other:?}"),
    }
}

/// As the replica does it: a block is written, and only then leave its transactions the pool. A client that
/// asks meanwhile sees them go from pending to final, and never out of sight.
#[test]
fn a_transaction_is_never_out_of_sight_while_its_block_is_committed() {
    let dir = tempdir().unwrap();
    let store = store(dir.path());
    let mempool = SharedMempool::new(Limits::default());
    let published = published();
    let mut blocks = vec![next(&header())];
    while (blocks.len() as u64) < BLOCKS {
        let (parent, _) = &blocks[blocks.len() - 1];
        blocks.push(next(&parent.header));
    }
    thread::scope(|scope| {
        for reader in 0..2 {
            let (store, mempool, published, blocks) = (&store, &mempool, &published, &blocks);
            scope.spawn(move || {
                let fates = Fates { store, mempool, published };
                for (block, _) in blocks {
                    let index = if reader == 0 { 0 } else { block.transactions.len() - 1 };
                    let id = block.transactions[index].id();
                    let mut reached = 0;
                    while reached < 2 {
                        let now = stage(&fates.of(&id, None).unwrap());
                        assert!(now >= reached, "{id} went from {reached} to {now}");
                        reached = now;
                    }
                }
            });
        }
        for (block, receipts) in &blocks {
            for it in &block.transactions {
                mempool.write().insert(it.clone(), it.transaction.sequence, 0).unwrap();
            }
            commit(&store, block, receipts);
            leave(&mempool, block);
        }
    });
}

/// The transactions of a committed block leave the pool.
fn leave(mempool: &SharedMempool, block: &SharedBlock) {
    let Header { height, timestamp_ms, .. } = block.header;
    mempool.write().committed(height, timestamp_ms, &block.transactions);
}

fn commit(store: &Store, block: &SharedBlock, receipts: &Receipts) {
    commit_with(store, block, receipts, &[]);
}

pub(super) fn commit_with(
    store: &Store,
    block: &SharedBlock,
    receipts: &Receipts,
    modules: &[NewModule],
) {
    let height = block.header.height;
    let hash = block.hash();
    let certificate = CommitCertificate { height, round: 0, block: hash, signatures: vec![] };
    let changes = Changes::default();
    let commit = NewBlock {
        block,
        certificate: &certificate,
        receipts,
        changes: &changes,
        validators: None,
        modules,
        durable: false,
    };
    store.commit(&commit).unwrap();
}

/// What the pool remembers, and what follows from the content alone.
#[test]
fn a_lost_transaction_is_reported_with_its_reason() {
    let dir = tempdir().unwrap();
    let store = store(dir.path());
    let mempool = SharedMempool::new(Limits::default());
    let published = published();
    let fates = Fates { store: &store, mempool: &mempool, published: &published };
    let of = |it: &SharedTransaction| fates.of(&it.id(), None).unwrap();

    let loser = transaction(0, 0, "the other node took another one");
    mempool.write().insert(loser.clone(), 0, 0).unwrap();
    let (block, receipts) = next(&header());
    commit(&store, &block, &receipts);
    leave(&mempool, &block);
    let by = Some(block.transactions[0].id());
    assert_eq!(of(&loser), Fate::Superseded { by, height: 1 });
    assert!(matches!(of(&block.transactions[0]), Fate::Final(_, 0)));

    let expired = {
        let mut content = loser.transaction.clone();
        (content.sequence, content.valid_until_ms) = (1, 1);
        SharedTransaction::from(content.sign(&[]))
    };
    let timestamp_ms = block.header.timestamp_ms;
    assert_eq!(of(&expired), Fate::Unknown { dropped: None });
    let with_content = fates.of(&expired.id(), Some(&expired.transaction)).unwrap();
    assert_eq!(with_content, Fate::Expired { height: 1, timestamp_ms });
    let open = transaction(0, 1, "");
    let with_content = fates.of(&open.id(), Some(&open.transaction)).unwrap();
    assert_eq!(with_content, Fate::Unknown { dropped: None });

    let pending = |missing_sequence| Fate::Pending { transaction: open.clone(), missing_sequence };
    mempool.write().insert(open.clone(), 0, 0).unwrap();
    assert_eq!(of(&open), pending(Some(0)));
    mempool.write().insert(transaction(0, 0, "instead"), 0, 0).unwrap();
    assert_eq!(of(&open), pending(None));
}
