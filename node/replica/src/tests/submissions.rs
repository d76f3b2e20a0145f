//! Answers to submitted transactions.

use ehb_types::{
    Address, Code, Hash, Rejection, SharedTransaction, SignedTransaction, Transaction,
};

use crate::{Submissions, Ticket};

fn transaction(sequence: u64) -> SharedTransaction {
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
    SignedTransaction { transaction, signatures: Vec::new() }.into()
}

/// Submits transactions with these sequences under a name, and returns their tickets.
fn submit(
    to: &mut Submissions<&'static str>,
    name: &'static str,
    sequences: std::ops::Range<u64>,
) -> Vec<Ticket> {
    let transactions: Vec<_> = sequences.map(transaction).collect();
    let taken: Vec<_> = to.take(transactions.clone(), name).collect();
    assert!(taken.iter().map(|(_, it)| it.id()).eq(transactions.iter().map(|it| it.id())));
    taken.into_iter().map(|(ticket, _)| ticket).collect()
}

/// Answers come in any order, mixed with those of other submissions; each gets its own, in its order.
#[test]
fn answers_find_their_submission_in_any_order() {
    let mut submissions = Submissions::default();
    let first = submit(&mut submissions, "first", 0..3);
    let second = submit(&mut submissions, "second", 3..4);
    let id = |number: u64| transaction(number).id();
    assert_eq!(submissions.answer(first[2], Ok(id(2))), None);
    assert_eq!(submissions.answer(second[0], Ok(id(3))), Some(("second", vec![Ok(id(3))])));
    let refused = Rejection::new(Code::SequenceUsed, "the next sequence is 1");
    assert_eq!(submissions.answer(first[0], Err(refused.clone())), None);
    let answers = vec![Err(refused), Ok(id(1)), Ok(id(2))];
    assert_eq!(submissions.answer(first[1], Ok(id(1))), Some(("first", answers)));
}

/// An answer that nobody waits for, or the second one under a ticket, changes nothing.
#[test]
fn an_answer_that_is_not_awaited_is_passed_over() {
    let mut submissions = Submissions::default();
    assert_eq!(submissions.answer(0, Ok(Hash::ZERO)), None);
    let tickets = submit(&mut submissions, "one", 0..2);
    for (ticket, byte) in [(tickets[0], 1), (tickets[0], 2), (tickets[1] + 1, 3)] {
        assert_eq!(submissions.answer(ticket, Ok(Hash([byte; 32]))), None);
    }
    let answers = vec![Ok(Hash([1; 32])), Ok(Hash([4; 32]))];
    assert_eq!(submissions.answer(tickets[1], Ok(Hash([4; 32]))), Some(("one", answers)));
    assert_eq!(submissions.answer(tickets[1], Ok(Hash::ZERO)), None);
}
