//! What is known of the transactions with a sequence, and when none of them can act any more.

use super::*;

const SENDER: Address = Address([7; 32]);

fn transaction(sequence: u64, valid_until_ms: u64, memo: &str) -> Transaction {
    Transaction {
        version: Transaction::VERSION,
        chain: Hash::ZERO,
        sender: SENDER,
        lane: 3,
        sequence,
        valid_until_ms,
        gas_limit: 0,
        calls: vec![],
        memo: memo.to_owned(),
    }
}

#[test]
fn a_sequence_is_free_once_all_known_transactions_with_it_are_over() {
    let known = Known::default();
    let until = |sequence| known.valid_until_ms(SENDER, 3, sequence);
    let [first, second] = [transaction(1, 10, "a"), transaction(1, 20, "b")];
    assert_eq!(until(1), None);
    known.add(&first);
    known.add(&first);
    assert_eq!(until(1), Some(10));
    // Nobody else has one that was refused, so it is over at once.
    known.refused(&first, false);
    assert_eq!(until(1), Some(0));
    known.add(&second);
    known.refused(&first, false);
    assert_eq!(until(1), Some(20), "only the second one can act");
    // With two of them, each can be the one that a node has.
    known.add(&first);
    known.refused(&second, false);
    known.refused(&first, true);
    assert_eq!(until(1), Some(20));
    // The transaction of somebody else can act for a time that is not known.
    let other = transaction(2, 10, "c");
    known.add(&other);
    known.refused(&other, true);
    known.add(&transaction(2, 30, "d"));
    assert_eq!(until(2), Some(u64::MAX));
    // Used sequences are forgotten.
    known.add(&transaction(3, 10, "e"));
    known.remove_used(&other);
    assert_eq!([until(1), until(2), until(3)], [None, None, Some(10)]);
    assert_eq!(known.valid_until_ms(SENDER, 4, 3), None);
}

#[test]
fn the_number_of_known_sequences_is_bounded() {
    let known = Known::default();
    for sequence in 0..=SEQUENCES_MAX as u64 {
        known.add(&transaction(sequence, 1, ""));
    }
    assert_eq!(known.lock().len(), SEQUENCES_MAX);
    assert_eq!(known.valid_until_ms(SENDER, 3, 0), None);
}
