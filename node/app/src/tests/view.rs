//! What clients read is of one state, or refused because that state is no longer kept.

use ehb_state::{MemoryStore, Tree, prove};
use ehb_store::{GenesisBlock, NewBlock, Opened, Options, Store};
use ehb_types::{Block, Code, CommitCertificate, Hash, Header, Receipts, Signature};

use crate::view::View;

const KEY: &[u8] = b"m/wallet/key";

/// A chain whose entry [`KEY`] is the height.
struct Chain {
    store: Store,
    tree: Tree,
    _dir: tempfile::TempDir,
}

impl Chain {
    fn new(history_heights: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { disk_reserve_bytes: 0, history_heights, ..Options::default() };
        let Opened::Empty(empty) = Store::open(dir.path(), &options).unwrap() else {
            panic!("a new folder is empty")
        };
        let mut tree = Tree::default();
        let changes = tree.update(&MemoryStore::default(), Hash::ZERO, entry(0)).unwrap();
        tree.accept(&changes);
        let genesis = GenesisBlock {
            genesis: Hash::ZERO,
            header: &Header::blank(Hash::ZERO),
            receipts: &Receipts::default(),
            changes: &changes,
            validators: None,
            modules: &[],
        };
        Self { store: empty.initialise(&genesis, None).unwrap(), tree, _dir: dir }
    }

    fn commit(&mut self) {
        let head = self.store.head();
        let height = head.height() + 1;
        let state = self.store.state();
        let changes = self.tree.update(&*state, head.state_root, entry(height)).unwrap();
        let header = Header {
            height,
            timestamp_ms: head.header.timestamp_ms + 1,
            parent: head.hash,
            state_root: head.state_root,
            ..head.header
        };
        let block = header.hash();
        let certificate = CommitCertificate { height, round: 0, block, signatures: Vec::new() };
        let block = Block {
            header,
            transactions: Vec::new(),
            certificate: None,
            evidence: Vec::new(),
            signature: Signature([0; 64]),
        };
        let commit = NewBlock {
            block: &block.into(),
            certificate: &certificate,
            receipts: &Receipts::default(),
            changes: &changes,
            validators: None,
            modules: &[],
            durable: true,
        };
        self.store.commit(&commit).unwrap();
        self.tree.accept(&changes);
    }
}

fn entry(height: u64) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    vec![(KEY.to_vec(), Some(height.to_le_bytes().to_vec()))]
}

fn value(view: &View) -> u64 {
    let value = view.state.get(KEY).unwrap().unwrap();
    assert!(prove(&*view.state, view.state_root, KEY).is_ok());
    u64::from_le_bytes(value.try_into().unwrap())
}

#[test]
fn a_state_that_is_pruned_under_the_read_is_refused_with_the_first_kept_height() {
    let mut chain = Chain::new(2);
    (0..5).for_each(|_| chain.commit());
    let view = View::open(&chain.store, Some(3)).unwrap();
    assert_eq!(value(&view), 3);
    chain.commit();
    let error = view.state.get(KEY).unwrap_err();
    let refused = view.failed(error);
    assert_eq!(refused.code, Code::Pruned);
    assert!(refused.message.contains("keeps it from height 4 on"), "{refused}");
    let error = prove(&*view.state, view.state_root, KEY).unwrap_err();
    assert_eq!(view.failed(error).code, Code::Pruned);
    assert_eq!(View::open(&chain.store, Some(3)).err().unwrap().code, Code::Pruned);
    assert_eq!(View::open(&chain.store, Some(7)).err().unwrap().code, Code::NotFound);
}

#[test]
fn the_heads_state_stays_while_blocks_are_committed() {
    let mut chain = Chain::new(0);
    chain.commit();
    let views = [None, Some(1)].map(|height| View::open(&chain.store, height).unwrap());
    (0..3).for_each(|_| chain.commit());
    assert_eq!(views.map(|view| (view.header.height, value(&view))), [(1, 1); 2]);
}
