//! The verification of signatures on its threads.

use std::cell::RefCell;

use crossbeam_channel::unbounded;
use ehb_crypto::Domain;
use ehb_replica::Event;
use ehb_types::{
    Address, Hash, PublicKey, SecretKey, SharedTransaction, Signature, SignedTransaction,
    Transaction, TransactionSignature,
};

use crate::workers::{BodyVerification, verify_bodies};

fn transaction(sequence: u64, good: bool) -> SharedTransaction {
    let key = SecretKey::from_seed(&[1; 32]);
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: Hash([7; 32]),
        sender: Address([1; 32]),
        lane: 0,
        sequence,
        valid_until_ms: 1,
        gas_limit: 1,
        calls: Vec::new(),
        memo: String::new(),
    };
    let signature = match good {
        true => key.sign(Domain::Transaction, &transaction.chain, transaction.id().as_bytes()),
        false => Signature([7; 64]),
    };
    let signatures = vec![TransactionSignature { key: key.public_key(), signature }];
    SignedTransaction { transaction, signatures }.into()
}

/// A block is valid if all its signatures are, wherever a wrong one is; only the sender of one is charged.
#[test]
fn one_wrong_signature_makes_a_block_invalid_and_is_charged() {
    let sender = PublicKey([9; 32]);
    let rows = [None, Some(0), Some(255), Some(256), Some(599)];
    let (work, to_verify) = unbounded();
    let (answers, answered) = unbounded();
    for (number, wrong) in (0..).zip(rows) {
        let transactions = (0..600).map(|it| transaction(it, wrong != Some(it))).collect();
        let block = Hash([number; 32]);
        work.send(BodyVerification { block, transactions, source: Some(sender) }).unwrap();
    }
    drop(work);
    let charged = RefCell::new(Vec::new());
    verify_bodies(&to_verify, &answers, |peer, _| charged.borrow_mut().push(*peer));
    for (number, wrong) in (0..).zip(rows) {
        let Ok(Event::BodyVerified { block, valid }) = answered.try_recv() else {
            panic!("no answer")
        };
        assert_eq!((block, valid), (Hash([number; 32]), wrong.is_none()), "{wrong:?}");
    }
    assert_eq!(charged.into_inner(), [sender; 4]);
}
