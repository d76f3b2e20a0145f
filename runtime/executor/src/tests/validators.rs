//! A change of the validators, block by block.

use std::sync::Arc;

use ehb_kernel::chain as kernel;
use ehb_state::{MemoryStore, Overlay, Tree};
use ehb_types::{
    Block, CommitCertificate, CommitSignature, Header, Validator, ValidatorSet, Vote, VoteKind,
    encode,
};

use super::{Engine, GenesisState, code, genesis, name, secret};
use crate::{BlockError, Executor, Library, Parent, Roots, check_block};

/// A chain of empty blocks.
struct Walk {
    store: MemoryStore,
    executor: Executor,
    roots: Roots,
    head: Header,
}

impl Walk {
    /// A chain at genesis, in whose state somebody has just changed the validators.
    fn changed(set: &ValidatorSet) -> Self {
        let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &code()).unwrap();
        let mut store = MemoryStore::default();
        store.apply(&first.changes);
        let mut overlay = Overlay::new(Arc::new(store.clone()));
        kernel::put_next_validators(&mut overlay, set);
        let entries = overlay.into_entries();
        let changes = Tree::default().update(&store, first.changes.root, entries).unwrap();
        store.apply(&changes);
        let roots = Roots { state: changes.root, ..first.roots() };
        let executor = Executor::new(Library::new(first.modules).unwrap());
        Self { store, executor, roots, head: first.header }
    }

    /// The next block: who decides it and who the one after it, whose key builds it, and whose key
    /// certified the block before.
    fn next(&self, sets: [&ValidatorSet; 2], builder: u8, certifier: u8) -> Block {
        let parent = self.head.hash();
        let vote = Vote {
            kind: VoteKind::Precommit,
            height: self.head.height,
            round: 0,
            block: Some(parent),
            validator: secret(certifier).public_key(),
        };
        let signature = vote.sign(&self.head.chain, &secret(certifier)).signature;
        let certificate = (self.head.height > 0).then(|| CommitCertificate {
            height: self.head.height,
            round: 0,
            block: parent,
            signatures: vec![CommitSignature { validator: 0, signature }],
        });
        let header = Header {
            height: self.head.height + 1,
            timestamp_ms: self.head.timestamp_ms + 1,
            parent,
            proposer: secret(builder).public_key(),
            state_root: self.roots.state,
            receipts_count: self.roots.receipts_count,
            receipts_root: self.roots.receipts,
            validators: sets[0].hash(),
            next_validators: sets[1].hash(),
            certificate: Block::certificate_hash(certificate.as_ref()),
            ..self.head.clone()
        };
        Block::sign(header, vec![], certificate, vec![], &secret(builder))
    }

    fn check(&self, block: &Block) -> Result<(), BlockError> {
        let state = Overlay::new(Arc::new(self.store.clone()));
        check_block(&self.head, None, &state, self.roots, block, encode(block).len())
    }

    fn refuses(&self, block: &Block, reason: &str) {
        let error = self.check(block).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason:?} is not in: {error}");
    }

    fn accept(&mut self, block: &Block) {
        self.check(block).unwrap();
        let parent = Parent { state: Arc::new(self.store.clone()), root: self.roots.state };
        let execution = self.executor.execute(&parent, block).unwrap();
        self.store.apply(&execution.changes);
        (self.roots, self.head) = (execution.roots(), block.header.clone());
    }
}

/// A set that is changed before height 1 is named by its header, decides from height 2 on, and its first
/// certificate is carried by height 3. Each header names the set that the next one has.
#[test]
fn a_new_set_is_named_by_the_header_before_it_decides() {
    const OLD: u8 = 1;
    const NEW: u8 = 9;
    let old = genesis().validator_set().unwrap();
    let new = ValidatorSet::new(vec![Validator {
        name: name("v9"),
        consensus_key: secret(NEW).public_key(),
        node_key: secret(10).public_key(),
        power: 1,
    }])
    .unwrap();
    let mut chain = Walk::changed(&new);
    chain.refuses(&chain.next([&old, &old], OLD, OLD), "next validators");
    chain.refuses(&chain.next([&new, &new], NEW, OLD), "validators");
    chain.accept(&chain.next([&old, &new], OLD, OLD));

    chain.refuses(&chain.next([&old, &new], OLD, OLD), "validators");
    chain.refuses(&chain.next([&new, &new], OLD, OLD), "proposer");
    chain.refuses(&chain.next([&new, &new], NEW, NEW), "the certificate of the parent");
    chain.accept(&chain.next([&new, &new], NEW, OLD));

    chain.refuses(&chain.next([&new, &new], NEW, OLD), "the certificate of the parent");
    chain.accept(&chain.next([&new, &new], NEW, NEW));
    chain.accept(&chain.next([&new, &new], NEW, NEW));
}
