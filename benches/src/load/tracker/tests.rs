//! What is known of each transaction, when nodes lose answers and transactions.

use std::time::Instant;

use ehb_sdk::api::{Decimal, LocatedReceipt, OutcomeView, Position, ReceiptView};
use ehb_types::{Address, Hash, SecretKey, SignedTransaction, Transaction};

use super::{Counts, Tracker};
use crate::load::senders::Function;

const TRANSFER: Function = Function { module: "wallet", name: "transfer" };

fn signed(sequence: u64) -> SignedTransaction {
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: Hash::ZERO,
        sender: Address([1; 32]),
        lane: 0,
        sequence,
        valid_until_ms: 1,
        gas_limit: 1,
        calls: Vec::new(),
        memo: String::new(),
    };
    transaction.sign(&[&SecretKey::from_seed(&[1; 32])])
}

fn receipt(id: Hash) -> LocatedReceipt {
    LocatedReceipt {
        position: Position { height: 1, index: 0 },
        timestamp_ms: 1,
        sender: None,
        receipt: ReceiptView {
            transaction: id,
            genesis_call: None,
            outcome: OutcomeView::Success { results: Vec::new() },
            gas_used: Decimal(5),
            events: Vec::new(),
        },
    }
}

/// A tracker with this many transactions that were sent, and their ids.
fn sent(count: u64) -> (Tracker, Vec<Hash>) {
    let mut tracker = Tracker::new().unwrap();
    let ids = (0..count).map(|sequence| {
        let signed = signed(sequence);
        tracker.sent(&signed, signed.id(), TRANSFER, Instant::now());
        signed.id()
    });
    let ids = ids.collect();
    (tracker, ids)
}

#[test]
fn what_is_final_counts_as_accepted_whatever_was_answered() {
    let (mut tracker, ids) = sent(6);
    tracker.accepted(&ids[0]);
    tracker.unanswered(&ids[1]);
    tracker.refused(&ids[2], "ALREADY_KNOWN");
    tracker.refused(&ids[3], "MEMPOOL_FULL");
    tracker.unanswered(&ids[4]);
    assert_eq!(tracker.waiting(), 3);
    let receipts: Vec<_> = ids[..3].iter().map(|id| receipt(*id)).collect();
    tracker.receipts(&receipts, Instant::now());
    assert_eq!((tracker.waiting(), tracker.twice()), (1, 0));
    let expected = Counts {
        sent: 6,
        accepted: 3,
        committed: 3,
        unknown: 2,
        refused: [("MEMPOOL_FULL".to_owned(), 1)].into(),
    };
    assert_eq!(tracker.counts(), expected);
    // An answer that is late changes nothing.
    for id in &ids[..3] {
        tracker.accepted(id);
        tracker.refused(id, "SEQUENCE_USED");
    }
    assert_eq!((tracker.counts(), tracker.waiting()), (expected, 1));
    tracker.receipts(&receipts[..1], Instant::now());
    assert_eq!(tracker.twice(), 1);
}

#[test]
fn what_can_still_become_final_is_offered_in_order() {
    let (mut tracker, ids) = sent(5);
    tracker.accepted(&ids[3]);
    tracker.unanswered(&ids[1]);
    tracker.refused(&ids[2], "SENDER_QUOTA");
    tracker.accepted(&ids[0]);
    tracker.receipts(&[receipt(ids[0])], Instant::now());
    let open: Vec<Hash> = tracker.open().iter().map(SignedTransaction::id).collect();
    assert_eq!(open, [ids[1], ids[3]]);
    // A node has the one of which no answer came.
    tracker.accepted(&ids[1]);
    assert_eq!((tracker.counts().accepted, tracker.counts().unknown), (3, 1));
    assert_eq!(tracker.waiting(), 2);
}
